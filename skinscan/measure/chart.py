"""The 24-patch colour chart: its colours, and the correction that a photo of it gives.

A camera bends brightness (tone curve), balances white and mixes channels. The correction undoes it in that
order: one curve for the three channels with a gain each, from the grey patches; then a root-polynomial of
degree 2, from all patches, which unlike a polynomial scales with the light and so holds where skin is darker
or brighter than the patches. Finlayson, Mackiewicz and Hurlbert 2015, IEEE TIP 24:1460.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from skinscan.color import delta_e_2000, lab_to_linear, linear_to_lab
from skinscan.types import BoolMap, ChartFit, FloatArray

__all__ = ["CHART_LAB", "GREYS", "chart_errors", "correct", "fit_chart"]

CHART_LAB: FloatArray = np.array([
    (37.09, 12.79, 14.19), (64.14, 16.14, 17.13), (49.77, -0.79, -21.96),
    (43.45, -14.28, 22.99), (55.16, 11.97, -24.66), (71.11, -31.64, 1.46),
    (61.45, 32.61, 54.57), (40.09, 16.98, -44.35), (49.31, 46.28, 14.32),
    (29.94, 24.43, -21.91), (71.68, -27.98, 59.49), (70.48, 14.50, 66.10),
    (29.19, 22.62, -48.58), (54.75, -42.11, 34.17), (40.87, 47.70, 25.90),
    (81.05, -2.39, 80.63), (49.69, 51.06, -16.48), (50.63, -25.82, -25.93),
    (95.17, -1.46, 3.11), (81.30, -0.61, 0.54), (66.90, -0.71, 0.00),
    (50.77, -0.06, 0.19), (35.65, -0.36, -0.45), (20.64, 0.12, -0.48),
])  # fmt: skip
"""(24, 3) L*a*b*, D65, 2 degrees, row by row from dark skin to black. X-Rite's values for charts made since
November 2014 are for D50; the step to D65 is that of the mean of 30 measured charts (BabelColor), spectrum by
spectrum: `python -m models.renderer.chart`."""
CHART_LAB.setflags(write=False)

GREYS = slice(18, 24)
"""The neutral patches, white to black."""

_LINEAR: FloatArray = lab_to_linear(CHART_LAB)
_MIDDLE = -0.7  # log10 of mid grey, about which the curve is expanded
_FLOOR = 1e-4  # linear, below 8-bit code 1
_SHAPE_SIGMA = 0.3  # slope - 1, bend and twist of the curve, per decade [design]
_GREY_NOISE = 0.01  # decades (2 %): noise and grime of a patch [design]
_RIDGE = 0.1  # towards no mixing of channels; 1e-4 to 1 tried on portraits of training people
_SKIN, _SKIN_WEIGHT, _SKIN_WIDTH = (60.0, 16.0, 17.0), 5.0, 20.0  # patches near this Lab count up to 6 times


def fit_chart(measured: FloatArray, usable: NDArray[np.bool_]) -> ChartFit:
    """Fit the correction to the patches.

    `measured` (24, 3) linear sRGB as the photo shows them; `usable` (24,), at least three greys among them.
    """
    greys = np.flatnonzero(usable[GREYS]) + GREYS.start
    own = np.eye(3)[np.tile(np.arange(3), len(greys))]
    design = np.concatenate([own, _bend(measured[greys]).reshape(-1, 3)], axis=1)
    density = np.log10(_LINEAR[greys]).ravel()
    prior = np.diag([0.0] * 3 + [(_GREY_NOISE / _SHAPE_SIGMA) ** 2] * 3)
    straight = np.array([0.0, 0.0, 0.0, 1.0, 0.0, 0.0])
    curve = np.linalg.solve(design.T @ design + prior, design.T @ density + prior @ straight)
    wanted = _LINEAR[usable]
    terms = _roots(_straighten(measured[usable], curve))
    near = np.exp(-((delta_e_2000(CHART_LAB[usable], np.array(_SKIN)) / _SKIN_WIDTH) ** 2))
    weight = (1 + _SKIN_WEIGHT * near) * 0.05 / (wanted.mean(axis=1) + 0.03) ** 2  # relative error counts
    unmixed = np.eye(6, 3)
    weighted = terms.T * weight
    matrix = np.linalg.solve(weighted @ terms + _RIDGE * np.eye(6), weighted @ wanted + _RIDGE * unmixed)
    return ChartFit(curve=curve, matrix=matrix)


def correct(linear: ArrayLike, fit: ChartFit) -> FloatArray:
    """Camera's linear sRGB (..., 3) to reflectance under D65; 1 is white that faces as the chart did."""
    return np.maximum(_roots(_straighten(np.asarray(linear, np.float64), fit.curve)) @ fit.matrix, 0.0)


def chart_errors(measured: FloatArray, usable: BoolMap) -> FloatArray:
    """dE00 (24,) of every patch by a fit that has not seen it; NaN where unusable or with too few greys."""
    errors = np.full(len(CHART_LAB), np.nan)
    for number in np.flatnonzero(usable):
        rest = usable.copy()
        rest[number] = False
        if rest[GREYS].sum() >= 2:
            found = correct(measured[number], fit_chart(measured, rest))
            errors[number] = delta_e_2000(linear_to_lab(found), CHART_LAB[number])
    return errors


def _bend(linear: FloatArray) -> FloatArray:
    """log10 about mid grey, its square and its cube, on a new last axis."""
    log = np.log10(np.maximum(linear, _FLOOR)) - _MIDDLE
    return np.stack([log, log**2, log**3], axis=-1)


def _straighten(linear: FloatArray, curve: FloatArray) -> FloatArray:
    """Tone curve and white balance undone."""
    exponent: FloatArray = np.clip(curve[:3] + _bend(linear) @ curve[3:], -4.0, 0.5)
    return 10.0**exponent


def _roots(linear: FloatArray) -> FloatArray:
    """Terms (..., 6) of the root-polynomial of degree 2."""
    red, green, blue = np.moveaxis(linear, -1, 0)
    mixed = np.sqrt([red * green, green * blue, red * blue])
    return np.stack([red, green, blue, *mixed], axis=-1)
