"""Medians, quantiles, robust spread, and the normal law.

`median` and `quantile` are to the bit those of NumPy, at a third of its cost for the values of one zone:
NumPy looks for NaN, weights, axes and methods first, which adds up over the sixty that a scan takes.
"""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np

from skinscan.types import (
    FloatArray,
    FloatMap,
)

__all__ = [
    "SD_PER_MAD",
    "median",
    "normal_half_width",
    "quantile",
    "robust_sd",
    "trimmed_mean",
    "two_sided_p",
    "upper_median",
]

SD_PER_MAD = 1.4826
"""Standard deviation of a normal law over its median absolute deviation."""


def median(values: FloatArray | FloatMap) -> float:
    """Median of all values, at least one and none of them NaN: `np.median`."""
    half, odd = divmod(values.size, 2)
    if odd:
        return float(np.partition(values, half, axis=None)[half])
    ordered = np.partition(values, (half - 1, half), axis=None)
    return float((ordered[half - 1] + ordered[half]) / 2)


def quantile(values: FloatArray | FloatMap, share: float) -> float:
    """Value below which a `share`, 0..1, of all values lies: `np.quantile`, linear, in float64.

    At least one value, and none of them NaN.
    """
    at = share * (values.size - 1)
    below = int(at)
    above = min(below + 1, values.size - 1)
    ordered = np.partition(values, (below, above), axis=None)
    low, high, way = ordered[below], ordered[above], at - below
    step = float(high - low)
    return float(high) - step * (1 - way) if way >= 0.5 else float(low) + step * way


def two_sided_p(z: float) -> float:
    """Two-sided probability of a normal deviate at least so far from 0."""
    return math.erfc(abs(z) / math.sqrt(2))


def normal_half_width(level: float) -> float:
    """Half width in sigmas of the interval that holds `level` of a normal law."""
    return NormalDist().inv_cdf((1 + level) / 2)


_TRIM = 0.1  # of the texels at either end: hairs, edges, a mole off by a texel


def trimmed_mean(values: FloatMap) -> float:
    """Mean without the extreme tenth at either end."""
    cut = int(_TRIM * len(values))
    inner = np.partition(values.astype(np.float64), (cut, len(values) - cut - 1))[cut : len(values) - cut]
    return float(inner.mean())


def robust_sd(values: FloatArray | FloatMap) -> float:
    """SD of a normal law with the median absolute deviation of these values."""
    return SD_PER_MAD * float(np.median(np.abs(values - np.median(values))))


def upper_median(values: FloatMap) -> float:
    """The upper of two middle values; np.median checks and averages at three times the cost, which adds up.

    Partitions `values` in place: give it a copy, such as `at` makes.
    """
    middle = len(values) // 2
    values.partition(middle)
    return float(values[middle])
