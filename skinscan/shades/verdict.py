"""Clouds in, verdicts out: only where the difference is beyond the whole error budget.

A mismatch puts blame on somebody, so it is no question of odds: a photo that tells nothing makes every shade
improbable. It is a test. All differences that the measurement could stand for lie in an ellipsoid; the
smallest of them must be more than acceptable.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from skinscan.color import delta_e_2000
from skinscan.shades.types import Difference, ShadeVerdict
from skinscan.types import FloatArray

__all__ = ["decide", "least_difference"]

_SURE = 0.95  # probability of an acceptable difference from which it is a match
_REACH = 4.2
"""Half axes of the ellipsoid in sigma: 3.37 would hold 99 % of normal errors; a quarter more, since those of
photos have longer tails (the largest of 240 rendered portraits lay at 4.75)."""
_DIRECTIONS = 1024


def least_difference(reference: FloatArray, colors: FloatArray) -> FloatArray:
    """(K,) the smallest dE00 that paired clouds (N, 3) and (K, N, 3) L*a*b* could stand for; 0 is equal."""
    middle = reference.mean(axis=0)
    least = [_nearest(middle, colour - reference) for colour in colors]
    return np.array(least)


def decide(difference: Difference, least: float, acceptable: float) -> ShadeVerdict:
    """Match or mismatch only where the whole error budget agrees."""
    if least > acceptable:
        return "mismatch"
    return "match" if difference.probability_acceptable >= _SURE else "inconclusive"


def _nearest(middle: FloatArray, gaps: FloatArray) -> float:
    """Smallest dE00 over the ellipsoid around differences (N, 3) from a colour (3,)."""
    gap = gaps.mean(axis=0)
    axes = np.linalg.cholesky(np.cov(gaps.T) + 1e-6 * np.eye(3))
    if np.linalg.norm(np.linalg.solve(axes, gap)) <= _REACH:
        return 0.0
    surface = gap + _REACH * _sphere() @ axes.T
    return float(delta_e_2000(middle, middle + surface).min())


@cache
def _sphere() -> FloatArray:
    """(_DIRECTIONS, 3) unit vectors, evenly spread (Fibonacci)."""
    k = np.arange(_DIRECTIONS) + 0.5
    z, turn = 1 - 2 * k / _DIRECTIONS, np.pi * (3 - np.sqrt(5)) * k
    wide = np.sqrt(1 - z * z)
    return np.stack([wide * np.cos(turn), wide * np.sin(turn), z], axis=1)
