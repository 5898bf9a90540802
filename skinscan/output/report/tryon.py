"""The report of a try-on: the bare face beside each shade on it, and the colour that each has there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from skinscan.output.report.page import Page, make_page
from skinscan.output.report.parts import lab_in_words, origin, photo_gaps, retake, shell, swatch, used
from skinscan.output.report.pictures import draw_worn
from skinscan.output.report.worn import name_shade, picture_of
from skinscan.runtime.interpreter_exit import computing
from skinscan.texts.bilingual import Language, Texts
from skinscan.tryon import TryOn
from skinscan.types import Scan

__all__ = ["report_tryon"]


@computing()
def report_tryon(
    scan: Scan, worn: Sequence[TryOn], catalog: str, first: Language = "zh", *, replay: Sequence[str] = ()
) -> Page:
    """The bare face and each shade on it, side by side. "tryon.html".

    Args:
        scan: of the bare face.
        worn: the shades painted on it, at least one.
        catalog: name of the file that they come from.
        first: the language that the page opens in.
        replay: words of the command that made it, if it is not the plain one.
    """
    bare = draw_worn(scan)
    painted = [(one, picture_of(scan, one)) for one in worn]
    skus = [word for one in worn for word in ("--sku", one.shade.sku)]
    command = shell(
        *(replay or ["tryon", scan.photo.name, "--catalog", catalog, *skus, "--report", "report"])
    )

    def values(t: Texts) -> Mapping[str, Any]:
        return {
            "scan": scan,
            "bare": bare,
            "painted": [(one, name_shade(one.shade), picture) for one, picture in painted],
            "colours": _colors(worn, t),
            "gaps": photo_gaps(scan, t),
            "retake": retake([scan], t),
            "origin": origin(scan.run, [used("photo", scan)], command),
        }

    return make_page("tryon", values, first)


def _colors(worn: Sequence[TryOn], t: Texts) -> list[dict[str, str]]:
    """Swatches: bare skin or lips at each site, then each shade as predicted there."""
    bare = {one.site: one.bare for one in worn}
    found: list[tuple[str, tuple[float, ...]]] = [
        (t("bare at", t(site)), tuple(map(float, lab))) for site, lab in bare.items()
    ]
    found += [(name_shade(one.shade), tuple(map(float, one.worn.lab))) for one in worn]
    return [swatch(name, lab, lab_in_words(lab, t), t) for name, lab in found]
