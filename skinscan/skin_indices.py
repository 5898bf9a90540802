"""Erythema and melanin index, of spectra and of three channels, and the densities they are made of."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from skinscan.color import linear_to_lab
from skinscan.types import FloatArray

__all__ = [
    "EI_FROM_OD",
    "EI_PER_GB",
    "EI_PER_RG",
    "MI_FROM_OD",
    "OD_FLOOR",
    "OdFit",
    "erythema_index",
    "erythema_index_spectral",
    "melanin_index",
    "melanin_index_spectral",
    "od_to_lab",
    "optical_density",
]


class OdFit(NamedTuple):
    """A linear function of the three optical densities: offset + red*R_od + green*G_od + blue*B_od."""

    offset: float
    red: float
    green: float
    blue: float


# Least squares on the ISSA face records of training people (Lu et al. 2025, Sci Data 12:487), ideal D65 sRGB.
# Target: the spectral indices below. On the test people EI r 0.948, MAE 1.14; MI r 0.997, MAE 0.65.
# The plain formula, for reference; skinmaps.onnx carries its own fit (models/training/issa_constants.py).
EI_FROM_OD = OdFit(offset=2.862, red=-1.266, green=1.570, blue=-0.322)
MI_FROM_OD = OdFit(offset=1.794, red=1.188, green=-0.327, blue=0.093)

EI_PER_RG, EI_PER_GB = 1.26, -0.33
"""EI per OD of log R/G and of log G/B at the median face (models/training/issa_constants.py); to 5 %."""

OD_FLOOR = 1e-4
"""Smallest linear value a density is taken of (OD 400); a third of 8-bit code 1, which is 3.04e-4."""


def optical_density(linear: ArrayLike) -> FloatArray:
    """Absorbance in hundredths, -100*log10(linear).

    | linear  | 0..1, any shape         | linear light or reflectance, never gamma-coded |
    | returns | 0..400, negative past 1 | OD; values below `OD_FLOOR` count as it        |

    >>> optical_density([0.5, 0.1, 0.0]).round(3).tolist()
    [30.103, 100.0, 400.0]
    """
    density: FloatArray = -100 * np.log10(np.maximum(np.asarray(linear, np.float64), OD_FLOOR))
    return density


def _fitted(linear: ArrayLike, fit: OdFit) -> FloatArray:
    red, green, blue = np.moveaxis(optical_density(linear), -1, 0)
    value: FloatArray = fit.offset + fit.red * red + fit.green * green + fit.blue * blue
    return value


def erythema_index(linear: ArrayLike) -> FloatArray:
    """Erythema index by `EI_FROM_OD`: what `erythema_index_spectral` would read, guessed from three channels.

    | linear  | (..., 3), 0..1              | linear R, G, B under D65                       |
    | returns | (...), healthy faces 17..43 | EI; more is redder, about +1.8 is just visible |

    Valid for diffuse skin seen by an ideal sRGB camera: 1 % wrong R/G gain moves it by 0.5, and tone curves,
    shine and shading bend it. Yamamoto et al. 2008, Skin Res Technol 14:26 (the principle).

    >>> round(float(erythema_index([0.4, 0.23, 0.16])), 1)
    27.1
    """
    return _fitted(linear, EI_FROM_OD)


def melanin_index(linear: ArrayLike) -> FloatArray:
    """Melanin index by `MI_FROM_OD`: what `melanin_index_spectral` would read, guessed from three channels.

    | linear  | (..., 3), 0..1              | linear R, G, B under D65 |
    | returns | (...), healthy faces 23..88 | MI; more is darker       |

    Valid as `erythema_index`, and moved by exposure as well: halving the light adds about 29.

    >>> round(float(melanin_index([0.4, 0.23, 0.16])), 1)
    35.6
    """
    return _fitted(linear, MI_FROM_OD)


def erythema_index_spectral(r568: ArrayLike, r655: ArrayLike) -> FloatArray:
    """Two-band erythema index 100*(log10 R655 - log10 R568), the truth `EI_FROM_OD` is fitted to.

    | r568, r655 | 0..1, shapes broadcast | reflectance at 568 nm and 655 nm; `OD_FLOOR` holds |
    | returns    | healthy faces 17..43   | EI; more is redder                                 |

    Takiwaki et al. 1994; Fullerton et al. 1996 (ESCD guideline).

    >>> round(float(erythema_index_spectral(0.25, 0.5)), 3)
    30.103
    """
    return optical_density(r568) - optical_density(r655)


def melanin_index_spectral(r655: ArrayLike) -> FloatArray:
    """One-band melanin index -100*log10 R655, the truth `MI_FROM_OD` is fitted to.

    | r655    | 0..1, any shape      | reflectance at 655 nm; `OD_FLOOR` holds |
    | returns | healthy faces 23..88 | MI; more is darker                      |

    Takiwaki et al. 1994; Fullerton et al. 1996 (ESCD guideline).

    >>> round(float(melanin_index_spectral(0.5)), 3)
    30.103
    """
    return optical_density(r655)


def od_to_lab(od: FloatArray) -> FloatArray:
    """L*a*b* (..., 3), D65, 2 degrees, of (..., 3) density of R, log R/G and log G/B in OD."""
    red = -od[..., 0]
    green = red - od[..., 1]
    return linear_to_lab(10 ** (np.stack([red, green, green - od[..., 2]], axis=-1) / 100))
