"""The colour received against the colour that was shown."""

from __future__ import annotations

import numpy as np

from skinscan.shades.belief import lab_points, normal_points
from skinscan.shades.budget import error_budget
from skinscan.shades.catalog import Catalog
from skinscan.shades.matching import MANY, acceptable_delta_e00, compare_clouds
from skinscan.shades.swatch import GRADE_SIGMA
from skinscan.shades.types import Claim
from skinscan.shades.verdict import decide, least_difference
from skinscan.shades.worn import body_of, mix
from skinscan.types import FloatArray, Matte

__all__ = ["judge_received"]


def judge_received(matte: Matte, catalog: Catalog, row: int) -> Claim:
    """Compare the colour of the product received, measured where it is worn or swatched, with the one shown.

    What shows through a layer that does not hide is taken to be as measured: that favours agreement, so a
    sheer product can be a mismatch but never a match.
    """
    shade = catalog.shades[row]
    lab, grade = shade.advertised or (shade.colour, shade.grade)
    sigma = np.array(GRADE_SIGMA["hex lipstick" if grade == "hex" else grade])
    layer, surface = catalog.scatter[row : row + 1], catalog.surface[row : row + 1]
    errors = normal_points(MANY)[:, 3:] * sigma

    def shown_on(points: FloatArray) -> FloatArray:
        return mix(body_of(points), body_of(lab)[None], layer, surface)

    points = lab_points(matte, MANY)
    middle = points.mean(axis=0)
    acceptable = acceptable_delta_e00(middle[0])
    shown = shown_on(points) + errors
    [difference] = compare_clouds(shown, points[None], acceptable)
    [least] = least_difference(shown, points[None])
    verdict = decide(difference, least, acceptable)
    if verdict == "match" and np.isfinite(layer[0]):
        verdict = "inconclusive"  # much of what is seen may be the skin below
    expected = shown_on(middle[None])[0]
    return Claim(
        question="as_advertised",
        shade=shade,
        verdict=verdict,
        difference=difference,
        at_least=round(float(least), 2),
        expected=(round(float(expected[0]), 1), round(float(expected[1]), 1), round(float(expected[2]), 1)),
        grade=grade,
        budget=error_budget(matte, expected, sigma),
    )
