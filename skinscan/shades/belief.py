"""A measured colour as points: where the true one may lie, each point as likely as the next.

Points are a fixed low-discrepancy set, so that the same photo gives the same answer to the last digit.
"""

from __future__ import annotations

from functools import cache
from statistics import NormalDist

import numpy as np

from skinscan.matte import od_to_lab
from skinscan.types import FloatArray, Matte

__all__ = ["centre", "lab_points", "normal_points", "total_sigma"]

_RANGE_OD = (
    15.0,
    140.0,
)  # of density: darker and lighter than any measured skin or lip colour (ISSA 23..103)


@cache
def normal_points(count: int, dimensions: int = 6) -> FloatArray:
    """(count, dimensions) standard normal points, evenly spread: Kronecker sequence (Roberts 2018)."""
    phi = 2.0
    for _ in range(40):
        phi = (1 + phi) ** (1 / (dimensions + 1))
    steps = phi ** -np.arange(1.0, dimensions + 1)
    shares = (0.5 + np.arange(1, count + 1)[:, None] * steps) % 1
    inverse = np.vectorize(NormalDist().inv_cdf, otypes=[float])
    points: FloatArray = inverse(np.clip(shares, 1e-6, 1 - 1e-6))
    points.setflags(write=False)
    return points


def total_sigma(matte: Matte) -> FloatArray:
    """(3,) sigma of density, log R/G and log G/B with all sources together, OD."""
    sigma: FloatArray = np.sqrt(np.square(list(matte.sigma.values())).sum(axis=0))
    return sigma


def lab_points(matte: Matte, count: int) -> FloatArray:
    """(count, 3) L*a*b* that the site may have; uses the first three of six dimensions."""
    od = np.array(matte.od) + normal_points(count)[:, :3] * total_sigma(matte)
    od[:, 0] = np.clip(od[:, 0], *_RANGE_OD)
    return od_to_lab(od)


def centre(matte: Matte) -> FloatArray:
    """(3,) L*a*b* in the middle of the points."""
    return od_to_lab(np.array(matte.od))
