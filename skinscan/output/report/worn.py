"""Shades on the face of the photo: the one bought and the one recommended, for both sides to see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from skinscan.casework import CaseFile
from skinscan.errors import QualityError
from skinscan.output.report.pictures import Picture, draw_worn
from skinscan.shades import Shade
from skinscan.texts.bilingual import Texts
from skinscan.tryon import TryOn, try_on
from skinscan.types import Scan

__all__ = ["Wanted", "WornShade", "draw_worn_shades", "name_shade", "name_worn", "paint_shades", "picture_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A shade that is to be painted on the face."""

    role: str  # key of the text: "try-on bought" or "try-on recommended"
    shade: Shade
    probability: float | None = None  # 0..1 that it fits; none of the one bought


@dataclass(frozen=True, slots=True, kw_only=True)
class WornShade:
    """A shade painted on the face."""

    picture: Picture
    shade: Shade
    role: str  # as wanted
    probability: float | None  # as wanted

    @property
    def name(self) -> str:
        """Brand, product and shade."""
        return name_shade(self.shade)

    def chance(self, t: Texts) -> str:
        """How probably it fits, in words; empty for the one bought."""
        return "" if self.probability is None else t("try-on chance", self.probability)


def draw_worn_shades(case: CaseFile) -> tuple[WornShade, ...]:
    """Bought and best on the bare face; none where the question is another, or the face cannot be painted."""
    found = case.shade_match
    if found is None or found.claim is None or found.claim.question != "suits":
        return ()
    wanted = [Wanted(role="try-on bought", shade=found.claim.shade)]
    if case.better_shades and case.better_shades.shades:  # none is shown where none is likely enough
        best = case.better_shades.shades[0]
        share = best.difference.probability_acceptable
        wanted.append(Wanted(role="try-on recommended", shade=best.shade, probability=share))
    return paint_shades(found.scan, wanted)


def paint_shades(scan: Scan, wanted: Sequence[Wanted]) -> tuple[WornShade, ...]:
    """Each shade on the bare face; none where the face cannot be painted."""
    try:
        return tuple(
            WornShade(
                picture=picture_of(scan, try_on(scan, one.shade)),
                shade=one.shade, role=one.role, probability=one.probability,
            )
            for one in wanted
        )  # fmt: skip
    except QualityError:
        return ()


def picture_of(scan: Scan, worn: TryOn) -> Picture:
    """The painted face, cut out, eyes covered."""
    return draw_worn(replace(scan, photo=replace(scan.photo, pixels=worn.pixels)))


def name_shade(shade: Shade) -> str:
    """Brand, product and shade as the catalogue has them."""
    return f"{shade.brand} {shade.product} {shade.shade}".strip()


def name_worn(worn: WornShade, t: Texts) -> str:
    """The caption of a try-on picture."""
    return f"{worn.name}{worn.chance(t)}"
