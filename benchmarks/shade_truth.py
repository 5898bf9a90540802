"""Colours at known differences from a true one."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from skinscan.color import delta_e_2000
from skinscan.types import FloatArray

__all__ = ["at_distance", "random_misses"]


def at_distance(
    truth: FloatArray, at: Callable[[FloatArray], FloatArray], distance: FloatArray
) -> FloatArray:
    """The points of paths (N, 3) that are `distance` (N,) dE00 away, by bisection."""
    low, high = np.zeros(len(distance)), np.full(len(distance), 40.0)
    for _ in range(40):
        middle = (low + high) / 2
        near = delta_e_2000(truth, at(middle)) < distance
        low, high = np.where(near, middle, low), np.where(near, high, middle)
    return at(high)


def random_misses(truth: FloatArray, distance: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Colours (N, 3) at these distances (N,) from the truth, in any direction."""
    ways = rng.standard_normal((len(distance), 3)) * (1.5, 1.0, 1.0)
    ways /= np.linalg.norm(ways, axis=1, keepdims=True)
    return at_distance(truth, lambda step: truth + step[:, None] * ways, distance)
