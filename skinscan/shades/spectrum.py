"""Reflectance spectrum in, L*a*b* under D65 out."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from skinscan.color import D65_WHITE, xyz_to_lab
from skinscan.types import FloatArray

__all__ = ["spectrum_to_lab"]

_NM = np.arange(400.0, 701.0, 10.0)
# D65 times the CIE 1931 2-degree observer at 400..700 nm @10, in 1e-5 of the sum of Y (CIE 15:2004).
_WEIGHTS: FloatArray = 1e-5 * np.array([
    [112, 3, 531], [377, 10, 1796], [1188, 35, 5709], [2329, 95, 11368],
    [3457, 228, 17341], [3723, 421, 19626], [3243, 669, 18613], [2124, 989, 13999],
    [1049, 1525, 8920], [330, 2142, 4791], [51, 3343, 2815], [95, 5132, 1614],
    [628, 7042, 776], [1687, 8786, 430], [2870, 9428, 201], [4269, 9798, 86],
    [5627, 9418, 37], [6949, 8680, 19], [8308, 7888, 15], [8615, 6354, 9],
    [9049, 5376, 7], [8503, 4266, 3], [7093, 3163, 2], [5064, 2089, 0],
    [3548, 1386, 0], [2147, 810, 0], [1252, 463, 0], [681, 249, 0],
    [347, 126, 0], [150, 54, 0], [77, 28, 0],
])  # fmt: skip


def spectrum_to_lab(spectrum: Mapping[int, float]) -> FloatArray:
    """L*a*b* (3,), D65, 2 degrees, of reflectance 0..1 by wavelength in nm, linear between them.

    White is that of the same sum, so that a perfect diffuser is L* 100, a* 0, b* 0.
    """
    at = sorted(spectrum)
    reflectance = np.interp(_NM, at, [spectrum[nm] for nm in at])
    return xyz_to_lab(reflectance @ _WEIGHTS / _WEIGHTS.sum(axis=0) * D65_WHITE)
