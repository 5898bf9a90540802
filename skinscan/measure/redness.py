"""Colour of skin in, how red it is out: the part of the colour that blood adds, blind to melanin.

A colour here is log R/G and log G/B in OD. Blood and melanin move it along two directions; redness is the
coordinate along the first, so that deep skin is no redder than light skin for being deep.
"""

from __future__ import annotations

import numpy as np

from skinscan.types import FloatArray

__all__ = ["BLOOD", "RISE", "reddened", "redness"]

# Least squares of log R/G and log G/B on EI and MI: face records of ISSA training people, as ideal D65 sRGB.
BLOOD = np.array([0.691, -0.126])
"""OD of log R/G and log G/B that one EI of blood adds."""
RISE = 1.1
"""Height of a rise over what the formula reads of it: a fit shrinks. Of blood added along the mean densities
of training people (0.230, 0.918, 0.782 OD of R, G, B an EI) it reads 0.90 at the median depth of skin and
0.84 on the deepest. Cameras stretch colour, and this much more would be too much behind most of them."""
_MELANIN = np.array([0.044, 0.090])  # OD that one MI adds
_USUAL = np.array([24.9, 16.1])  # OD, mean of the same records
_EI_OF = np.linalg.inv(np.column_stack([BLOOD, _MELANIN]))[0]


def redness(color: FloatArray, about: FloatArray = _USUAL) -> FloatArray:
    """EI (...,) of blood that `color` (..., 2) has above `about` (2,), else above usual skin."""
    more: FloatArray = (color - about) @ _EI_OF
    return more


def reddened(color: FloatArray, ei: float) -> FloatArray:
    """The colour (2,) with so many EI of blood more."""
    return np.asarray(color + ei * BLOOD)
