"""The colour received against the colour that was shown."""

from __future__ import annotations

import numpy as np

from skinscan.shades.catalog import Catalog
from skinscan.shades.catalog_grades import GRADE_SIGMA
from skinscan.shades.color_samples import normal_points
from skinscan.shades.error_budget import error_budget
from skinscan.shades.kubelka_munk import body_of, mix
from skinscan.shades.ranking import MANY, acceptable_delta_e00, compare_clouds
from skinscan.shades.shade import Grade, hex_to_lab
from skinscan.shades.types import ShadeAnswer
from skinscan.shades.verdict import decide, least_difference
from skinscan.types import DiffuseColor, FloatArray

__all__ = ["as_lab", "judge_received"]

# The budget is that of skin. Colours of products lie further from what white and card are fitted on: with the
# budget as it is, 5.6 % of right swatches and 10 % of right lipsticks were judged wrong (`bench shade`).
_PRODUCT_SPREAD = 2.0


def judge_received(
    matte: DiffuseColor,
    points: FloatArray,
    catalog: Catalog,
    row: int,
    *,
    swatched: bool = False,
    shown: str | None = None,
    acceptable: float | None = None,
) -> ShadeAnswer:
    """Compare the colour of the product received, measured where it is worn or swatched, with the one shown.

    `matte`: that colour, for the budget; `points` (MANY, 3): L*a*b* that it may have. `catalog` and `row`:
    where the product that was bought stands. `swatched`: spread so thick that nothing shows through. Where it
    is worn, what shows through a layer that does not hide is taken to be as measured: that favours agreement,
    so a sheer product can be a mismatch but never a match. `shown`: hex of the colour shown, where the
    catalogue has none. `acceptable`: dE00; by default that of skin as light as the product.
    """
    shade = catalog.shades[row]
    picture: tuple[FloatArray, Grade] | None = (hex_to_lab(shown), "hex") if shown else None
    lab, grade = shade.advertised or picture or (shade.color, shade.grade)
    sigma = np.array(GRADE_SIGMA["hex lipstick" if grade == "hex" else grade])
    layer = np.array([np.inf]) if swatched else catalog.scatter[row : row + 1]
    surface = np.ones(1) if swatched else catalog.surface[row : row + 1]
    errors = normal_points(MANY)[:, 3:] * sigma

    def on_ground(points: FloatArray) -> FloatArray:
        return mix(body_of(points), body_of(lab)[None], layer, surface)

    middle = points.mean(axis=0)
    points = middle + _PRODUCT_SPREAD * (points - middle)
    acceptable = acceptable_delta_e00(middle[0]) if acceptable is None else acceptable
    meant = on_ground(points) + errors
    [difference] = compare_clouds(meant, points[None], acceptable)
    [least] = least_difference(meant, points[None])
    verdict = decide(difference, least, acceptable)
    if verdict == "match" and np.isfinite(layer[0]):
        verdict = "inconclusive"  # much of what is seen may be the skin below
    expected = on_ground(middle[None])[0]
    return ShadeAnswer(
        question="as_advertised",
        shade=shade,
        verdict=verdict,
        difference=difference,
        at_least=round(float(least), 2),
        expected=as_lab(expected),
        measured=as_lab(middle),
        measured_on="swatch" if swatched else "worn",
        grade=grade,
        budget=error_budget(matte, expected, sigma),
    )


def as_lab(lab: FloatArray) -> tuple[float, float, float]:
    """L*a*b* (3,) as told: one digit."""
    lightness, a, b = lab.round(1).tolist()
    return lightness, a, b
