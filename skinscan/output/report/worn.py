"""The shade bought and the one recommended, each on the face of the photo, for both sides to see."""

from __future__ import annotations

from dataclasses import dataclass, replace

from skinscan.casework import CaseFile
from skinscan.errors import QualityError
from skinscan.output.report.pictures import Picture, draw_worn
from skinscan.shades import Shade
from skinscan.texts.bilingual import Texts
from skinscan.tryon import try_on
from skinscan.types import Scan

__all__ = ["WornShade", "draw_worn_shades", "name_worn"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WornShade:
    """A shade painted on the face."""

    picture: Picture
    shade: Shade
    role: str  # key of the text: "try-on bought" or "try-on recommended"
    probability: float | None  # 0..1 that it fits; none of the one bought


def draw_worn_shades(case: CaseFile) -> tuple[WornShade, ...]:
    """Bought and best on the bare face; none where the question is another, or the face cannot be painted."""
    found = case.shade_match
    if found is None or found.claim is None or found.claim.question != "suits":
        return ()
    wanted: list[tuple[str, Shade, float | None]] = [("try-on bought", found.claim.shade, None)]
    if case.better_shades and case.better_shades.shades:  # none is shown where none is likely enough
        best = case.better_shades.shades[0]
        wanted.append(("try-on recommended", best.shade, best.difference.probability_acceptable))
    try:
        return tuple(
            WornShade(picture=_painted(found.scan, shade), shade=shade, role=role, probability=share)
            for role, shade, share in wanted
        )
    except QualityError:
        return ()


def name_worn(worn: WornShade, t: Texts) -> str:
    """The caption of a try-on picture."""
    name = f"{worn.shade.brand} {worn.shade.product} {worn.shade.shade}".strip()
    chance = "" if worn.probability is None else t("try-on chance", worn.probability)
    return f"{name}{chance}"


def _painted(scan: Scan, shade: Shade) -> Picture:
    pixels = try_on(scan, shade).pixels
    return draw_worn(replace(scan, photo=replace(scan.photo, pixels=pixels)))
