"""Brightness and colour of a face's skin in, the camera's tone curve out: what brightness does to colour.

On one face under one light, log R/G and log G/B do not depend on how bright the skin is. In photos they do:
the tone curve bends them, shine washes them out. The dependence is fitted as one smooth function of log R
together with one offset per zone, robustly, and taken out. Zones keep their true differences because they
have offsets of their own.
"""

from __future__ import annotations

import numpy as np

from skinscan.facemesh.zones import SKIN_ZONES
from skinscan.skin_indices import EI_PER_RG
from skinscan.stats import SD_PER_MAD, median, quantile
from skinscan.types import CORRELATED_TEXELS, FloatArray, IntMap, Light, ToneCurve

__all__ = ["KNOTS", "STRIDE", "fit_tone_curve", "log_ratios"]

KNOTS = (0.0, 0.1, 0.25, 0.4, 0.55, 0.7, 0.82, 0.9, 0.96)
"""Where the trend may bend: quantiles of the face's own log10 R, so that exposure moves knots and skin alike;
denser towards the bright end, where camera shoulders are."""


_ZONE_SIGMA = 3.0  # EI, SD of a zone about its own face: ISSA training people, 1,662 faces with >= 3 sites
_SLOPE_SIGMA = 30.0  # OD per unit log10 R: slope of the trend in the shadows [design]
_BEND_SIGMA = 20.0  # OD per unit log10 R: change of slope at a knot; a hard shoulder needs several [design]
STRIDE = 4  # every fourth texel in both directions is plenty for twenty unknowns
_DARKEST = 1e-4  # linear


def fit_tone_curve(
    zone: IntMap, level: FloatArray, chroma: FloatArray, middle: float
) -> tuple[FloatArray, ToneCurve, FloatArray, float]:
    """Zone offsets plus trend, robust and with priors.

    `zone` (n,) numbers of SKIN_ZONES, `level` (n,) log10 R, `chroma` (n, 2) log R/G and log G/B in OD; the
    trend is zero where log10 R = `middle`. Returns offsets (Z, 2) there, the curve of K knots, covariance
    (Z + K, Z + K) of log R/G in OD^2, robust scatter in OD.
    """
    knots = np.array([quantile(level, share) for share in KNOTS])
    zones, size = len(SKIN_ZONES), len(SKIN_ZONES) + len(knots)
    basis = np.maximum(level[:, None] - knots, 0) - np.maximum(middle - knots, 0)
    design = np.concatenate([np.eye(zones)[zone], basis], axis=1)
    share = np.bincount(zone, minlength=zones) / len(zone)
    prior = np.zeros((size, size))
    deviation = (np.eye(zones) - share) / (_ZONE_SIGMA / EI_PER_RG)
    prior[:zones, :zones] = deviation.T @ deviation
    bends = np.array([_SLOPE_SIGMA] + [_BEND_SIGMA] * (len(knots) - 1))
    prior[zones:, zones:] = np.diag(bends**-2.0)
    effective = len(level) * STRIDE**2 / CORRELATED_TEXELS
    weight, scatter = np.ones(len(level)), 1.0
    for _ in range(6):
        scaled = weight * (effective / weight.sum() / scatter**2)
        precision = design.T @ (design * scaled[:, None]) + prior
        solution = np.linalg.solve(precision, design.T @ (chroma * scaled[:, None]))
        residual = np.abs(chroma[:, 0] - design @ solution[:, 0])
        scatter = max(SD_PER_MAD * median(residual), 0.1)
        weight = 1 / np.maximum(1, residual / (1.5 * scatter))
    covariance = np.linalg.inv(precision)
    curve = ToneCurve(knots=knots, slopes=solution[zones:], level=middle)
    return solution[:zones], curve, covariance, scatter


def log_ratios(rgb: FloatArray, light: Light) -> tuple[FloatArray, FloatArray]:
    """log10 R (n,), and log R/G and log G/B (n, 2) in OD, of pixels (n, 3): balanced, trend taken off."""
    balanced = np.maximum(rgb * light.white_balance.gain, _DARKEST)
    level = np.log10(balanced[:, 0])
    rg = 100 * np.log10(balanced[:, 0] / balanced[:, 1])
    gb = 100 * np.log10(balanced[:, 1] / balanced[:, 2])
    return level, np.stack([rg, gb], axis=1) - light.tone_curve.trend(level)
