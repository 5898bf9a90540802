"""Brightness and colour of a face's skin in, the camera's tone curve out: what brightness does to colour.

On one face under one light, log R/G and log G/B do not depend on how bright the skin is. In photos they do:
the tone curve bends them, shine washes them out. The dependence is fitted as one smooth function of log R
together with one offset per zone and per spot in it, robustly, and taken out. Zones and patches keep their
true differences because they have offsets of their own.
"""

from __future__ import annotations

import numpy as np

from skinscan.facemesh.zones import SKIN_ZONES
from skinscan.skin_indices import EI_PER_RG
from skinscan.stats import SD_PER_MAD, median, quantile
from skinscan.types import (
    CORRELATED_TEXELS,
    TEXTURE_SIZE,
    FloatArray,
    Indices,
    IntMap,
    Light,
    ToneCurve,
)

__all__ = ["KNOTS", "STRIDE", "fit_tone_curve", "log_ratios", "over_spots"]

KNOTS = (0.0, 0.1, 0.25, 0.4, 0.55, 0.7, 0.82, 0.9, 0.96)
"""Where the trend may bend: quantiles of the face's own log10 R, so that exposure moves knots and skin alike;
denser towards the bright end, where camera shoulders are."""


_ZONE_SIGMA = 3.0  # EI, SD of a zone about its own face: ISSA training people, 1,662 faces with >= 3 sites
_SPOT_SIGMA = (
    3.0  # EI, SD of a spot about its zone: as free as the zones, so that a patch is no curve [design]
)
_SPOT = 16  # texels, side of a spot, 15 mm; smaller ones leave too little light and shade in each [design]
_SLOPE_SIGMA = 10.0  # OD per unit log10 R: slope of the trend in the shadows [design]
_BEND_SIGMA = 7.0  # OD per unit log10 R: change of slope at a knot; a hard shoulder needs several [design]
STRIDE = 4  # every fourth texel in both directions is plenty for twenty unknowns
_DARKEST = 1e-4  # linear


def fit_tone_curve(
    zone: IntMap, texel: Indices, level: FloatArray, chroma: FloatArray, middle: float
) -> tuple[FloatArray, ToneCurve, FloatArray, float]:
    """Offsets of zones and of spots in them plus trend, robust and with priors.

    Redness that is brighter than its surroundings by chance must not be taken for the curve: each spot of
    some 15 mm has an offset of its own, so that only what goes with brightness within spots, or from spot to
    spot all over the face, counts.

    Args:
        zone: (n,) numbers of SKIN_ZONES.
        texel: (n,) flat indices on the UV square.
        level: (n,) log10 R.
        chroma: (n, 2) log R/G and log G/B, OD.
        middle: log10 R at which the trend is zero.

    Returns offsets (Z, 2) there, the curve of K knots, covariance (Z + K, Z + K) of log R/G in OD^2, robust
    scatter in OD.
    """
    knots = np.array([quantile(level, share) for share in KNOTS])
    zones = len(SKIN_ZONES)
    spots, order = _spots(zone, texel)
    zone, level, chroma = zone[order], level[order], chroma[order]
    basis = np.maximum(level[:, None] - knots, 0) - np.maximum(middle - knots, 0)
    member = np.eye(zones)[zone]
    design = np.concatenate([member, basis], axis=1)
    prior = _prior(np.bincount(zone, minlength=zones) / len(zone), len(knots))
    effective = len(level) * STRIDE**2 / CORRELATED_TEXELS
    weight, scatter = np.ones(len(level)), 1.0
    for _ in range(6):
        scaled = weight * (effective / weight.sum() / scatter**2)
        precision, target = spots.left_of(design, chroma, scaled)
        precision += prior
        solution = np.linalg.solve(precision, target)
        residual = chroma - design @ solution
        residual -= spots.fitted(residual, scaled)
        absolute = np.abs(residual[:, 0])
        scatter = max(SD_PER_MAD * median(absolute), 0.1)
        weight = 1 / np.maximum(1, absolute / (1.5 * scatter))
    covariance = np.asarray(np.linalg.inv(precision), np.float64)
    curve = ToneCurve(knots=knots, slopes=np.asarray(solution[zones:], np.float64), level=middle)
    texels = np.maximum(np.bincount(zone, minlength=zones), 1)[:, None]
    offsets = solution[:zones] + member.T @ spots.fitted(chroma - design @ solution, scaled) / texels
    return offsets, curve, covariance, scatter


def _prior(share: FloatArray, knots: int) -> FloatArray:
    """Precision of zone offsets about the face's, and of the curve; `share` (Z,) of the texels by zone."""
    zones = len(share)
    prior = np.zeros((zones + knots, zones + knots))
    deviation = (np.eye(zones) - share) / (_ZONE_SIGMA / EI_PER_RG)
    prior[:zones, :zones] = deviation.T @ deviation
    prior[zones:, zones:] = np.diag(np.array([_SLOPE_SIGMA] + [_BEND_SIGMA] * (knots - 1)) ** -2.0)
    return prior


def _spots(zone: IntMap, texel: Indices) -> tuple[_Spots, Indices]:
    """The spots of texels, and the order in which those of one spot follow each other."""
    row, column = np.divmod(texel, TEXTURE_SIZE)
    across = TEXTURE_SIZE // _SPOT
    key = (zone.astype(np.int64) * across + row // _SPOT) * across + column // _SPOT
    order = np.argsort(key, kind="stable")
    _, first, spot = np.unique(key[order], return_index=True, return_inverse=True)
    return _Spots(first, spot), order


class _Spots:
    """Offsets of spots, each with a prior about zero, taken out of a weighted fit exactly.

    The texels of a spot follow each other in whatever it is given.
    """

    def __init__(self, first: Indices, spot: Indices) -> None:
        """`first` (P,): where each spot begins; `spot` (n,): that each texel lies in."""
        self._first, self._spot = first, spot

    def left_of(
        self, design: FloatArray, values: FloatArray, weight: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Normal matrix and right-hand side of the fit of `values` by `design`, spots eliminated."""
        weighted = design * weight[:, None]
        of_design, of_values = self._sums(weighted), self._sums(values * weight[:, None])
        share = 1 / (self._sums(weight[:, None]) + (_SPOT_SIGMA / EI_PER_RG) ** -2.0)
        matrix = weighted.T @ design - of_design.T @ (of_design * share)
        return matrix, weighted.T @ values - of_design.T @ (of_values * share)

    def fitted(self, residual: FloatArray, weight: FloatArray) -> FloatArray:
        """The spot's offset at each texel (n, 2), given what the rest of the fit leaves."""
        sums = self._sums(residual * weight[:, None])
        offset = sums / (self._sums(weight[:, None]) + (_SPOT_SIGMA / EI_PER_RG) ** -2.0)
        return np.asarray(offset[self._spot])

    def _sums(self, values: FloatArray) -> FloatArray:
        return np.asarray(np.add.reduceat(values, self._first, axis=0))


def over_spots(values: FloatArray, texel: Indices) -> FloatArray:
    """(n,) means over the spot that each texel, flat index on the UV square, lies in."""
    row, column = np.divmod(texel, TEXTURE_SIZE)
    spot = row // _SPOT * (TEXTURE_SIZE // _SPOT) + column // _SPOT
    means = np.bincount(spot, values) / np.maximum(np.bincount(spot), 1)
    return np.asarray(means[spot], np.float64)


def log_ratios(rgb: FloatArray, light: Light) -> tuple[FloatArray, FloatArray]:
    """log10 R (n,), and log R/G and log G/B (n, 2) in OD, of pixels (n, 3): balanced, trend taken off."""
    balanced = np.maximum(rgb * light.white_balance.gain, _DARKEST)
    level = np.log10(balanced[:, 0])
    rg = 100 * np.log10(balanced[:, 0] / balanced[:, 1])
    gb = 100 * np.log10(balanced[:, 1] / balanced[:, 2])
    return level, np.stack([rg, gb], axis=1) - light.tone_curve.trend(level)
