"""Pure colour maths: array in, array out.

Any leading dimensions; where a value has channels they are the last axis. Everything is computed and
returned in float64 (float32 and lists are accepted); NaN propagates and nothing is clipped unless its
docstring says so. The rows in each docstring read `| value | range | unit |`.

Everything is D65 and the 2-degree observer; *linear* is scene-linear sRGB, white = 1.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from skinscan.types import FloatArray, FloatMap

__all__ = [
    "D65_WHITE",
    "F0",
    "ITA_CLASSES",
    "SRGB_DECODE_LUT",
    "chroma",
    "delta_e_2000",
    "hue_angle",
    "ita",
    "ita_class",
    "lab_to_linear",
    "lab_to_xyz",
    "linear_to_lab",
    "linear_to_xyz",
    "srgb_decode",
    "srgb_encode",
    "xyz_to_lab",
    "xyz_to_linear",
]


F0 = 0.028
"""Surface reflection of skin at normal incidence, part of SCI: ((n - 1) / (n + 1))^2 with n 1.38 to 1.40."""


ITA_CLASSES: tuple[tuple[str, float], ...] = (
    ("very_light", 55.0),
    ("light", 41.0),
    ("intermediate", 28.0),
    ("tan", 10.0),
    ("brown", -30.0),
    ("dark", float("-inf")),
)
"""Class and the ITA in degrees it lies *above*, lightest first: an ITA on a limit is the darker class.
Chardon 1991; Del Bino and Bernerd 2013."""

D65_WHITE = (0.3127 / 0.3290, 1.0, (1 - 0.3127 - 0.3290) / 0.3290)
"""XYZ of D65 for the 2-degree observer, from its chromaticity x, y = 0.3127, 0.3290."""

# IEC 61966-2-1 to the standard's four decimals. Its printed inverse is rounded too and returns 1.00005
# for 1, so the way back inverts this matrix instead. Its rows sum to 0.9505, 1, 1.089, not quite D65_WHITE:
# sRGB white is L*, a*, b* = 100, 0.008, 0.004.
_RGB_TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
_XYZ_TO_RGB = np.linalg.inv(_RGB_TO_XYZ)

_SRGB_KNEE = 0.0031308  # linear value where the straight part of the sRGB curve ends
_LAB_KNEE = 6 / 29  # f value where the straight part of the L*a*b* curve ends
_LAB_SLOPE = 841 / 108


def _channels(values: ArrayLike) -> tuple[FloatArray, FloatArray, FloatArray]:
    first, second, third = np.moveaxis(np.asarray(values, np.float64), -1, 0)
    return first, second, third


def srgb_decode(v: ArrayLike) -> FloatArray:
    """Gamma-coded sRGB to linear light. For uint8 pixels index `SRGB_DECODE_LUT` instead.

    | v       | 0..1 | gamma-coded; 8-bit codes are divided by 255 |
    | returns | 0..1 | linear                                      |

    Outside 0..1 the straight part goes on below and the power above. The knee is at 12.92 * 0.0031308, the
    image of the encoder's. IEC 61966-2-1:1999.

    >>> round(float(srgb_decode(0.5)), 6)
    0.214041
    """
    coded = np.asarray(v, np.float64)
    knee = 12.92 * _SRGB_KNEE
    return np.where(coded <= knee, coded / 12.92, ((np.maximum(coded, knee) + 0.055) / 1.055) ** 2.4)


def srgb_encode(linear: ArrayLike) -> FloatArray:
    """Linear light to gamma-coded sRGB; the inverse of `srgb_decode` to 3e-8.

    | linear  | 0..1 | linear      |
    | returns | 0..1 | gamma-coded |

    Outside 0..1 as in `srgb_decode`. The standard's rounded constants leave a step of -2.9e-8 at the knee.
    IEC 61966-2-1:1999.

    >>> round(float(srgb_encode(0.18)), 6)
    0.461356
    """
    lin = np.asarray(linear, np.float64)
    return np.where(lin <= _SRGB_KNEE, lin * 12.92, 1.055 * np.maximum(lin, _SRGB_KNEE) ** (1 / 2.4) - 0.055)


SRGB_DECODE_LUT: FloatMap = srgb_decode(np.arange(256) / 255).astype(np.float32)
"""Linear value of each 8-bit sRGB code, (256,) float32, read-only: `SRGB_DECODE_LUT[pixels]`."""
SRGB_DECODE_LUT.setflags(write=False)


def linear_to_xyz(linear: ArrayLike) -> FloatArray:
    """Linear sRGB to CIE XYZ by the four-decimal matrix of IEC 61966-2-1 (what colour-science uses).

    | linear  | (..., 3), 0..1             | linear R, G, B           |
    | returns | (..., 3), 0..0.95, 1, 1.09 | X, Y, Z; Y = 1 for white |

    >>> linear_to_xyz([0.4, 0.2, 0.15]).round(4).tolist()
    [0.2636, 0.2389, 0.1741]
    """
    xyz: FloatArray = np.asarray(linear, np.float64) @ _RGB_TO_XYZ.T
    return xyz


def xyz_to_linear(xyz: ArrayLike) -> FloatArray:
    """CIE XYZ to linear sRGB: the exact inverse of `linear_to_xyz`, not the standard's rounded one.

    | xyz     | (..., 3), 0..0.95, 1, 1.09 | X, Y, Z                                        |
    | returns | (..., 3), 0..1             | linear R, G, B; outside 0..1 when out of gamut |

    >>> xyz_to_linear([0.2636, 0.2389, 0.1741]).round(3).tolist()
    [0.4, 0.2, 0.15]
    """
    linear: FloatArray = np.asarray(xyz, np.float64) @ _XYZ_TO_RGB.T
    return linear


def xyz_to_lab(xyz: ArrayLike, white: ArrayLike = D65_WHITE) -> FloatArray:
    """CIE XYZ to CIE 1976 L*a*b*.

    | xyz, white | (..., 3), Y in 0..1               | X, Y, Z on one scale; white is the light's |
    | returns    | (..., 3), 0..100, about -128..128 | L*, a*, b*                                 |

    Valid for related colours seen against mid grey. CIE 15:2004, 8.2.1.

    >>> xyz_to_lab([0.20654008, 0.12197225, 0.05136952]).round(4).tolist()
    [41.5279, 52.6386, 26.9232]
    """
    ratio = np.asarray(xyz, np.float64) / np.asarray(white, np.float64)
    fx, fy, fz = _channels(np.where(ratio > _LAB_KNEE**3, np.cbrt(ratio), _LAB_SLOPE * ratio + 4 / 29))
    return np.stack([116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)], axis=-1)


def lab_to_xyz(lab: ArrayLike, white: ArrayLike = D65_WHITE) -> FloatArray:
    """CIE 1976 L*a*b* to CIE XYZ, the inverse of `xyz_to_lab`.

    | lab     | (..., 3), 0..100, about -128..128 | L*, a*, b*                 |
    | returns | (..., 3), Y in 0..1               | X, Y, Z on `white`'s scale |

    CIE 15:2004, 8.2.1.

    >>> lab_to_xyz([58.1, 11.6, 16.6]).round(4).tolist()
    [0.2757, 0.2607, 0.187]
    """
    lightness, a, b = _channels(lab)
    fy = (lightness + 16) / 116
    f = np.stack([fy + a / 500, fy, fy - b / 200], axis=-1)
    return np.where(f > _LAB_KNEE, f**3, (f - 4 / 29) / _LAB_SLOPE) * np.asarray(white, np.float64)


def linear_to_lab(linear: ArrayLike) -> FloatArray:
    """Linear sRGB to L*a*b* (D65, 2 degrees).

    | linear  | (..., 3), 0..1                    | linear R, G, B |
    | returns | (..., 3), 0..100, about -128..128 | L*, a*, b*     |

    >>> linear_to_lab([0.4, 0.2, 0.15]).round(2).tolist()
    [55.98, 15.8, 15.55]
    """
    return xyz_to_lab(linear_to_xyz(linear))


def lab_to_linear(lab: ArrayLike) -> FloatArray:
    """L*a*b* (D65, 2 degrees) to linear sRGB.

    | lab     | (..., 3), 0..100, about -128..128 | L*, a*, b*                                     |
    | returns | (..., 3), 0..1                    | linear R, G, B; outside 0..1 when out of gamut |

    >>> lab_to_linear([58.1, 11.6, 16.6]).round(3).tolist()
    [0.4, 0.23, 0.16]
    """
    return xyz_to_linear(lab_to_xyz(lab))


def delta_e_2000(lab1: ArrayLike, lab2: ArrayLike) -> FloatArray:
    """CIEDE2000 colour difference with kL = kC = kH = 1; the two inputs broadcast.

    | lab1, lab2 | (..., 3), 0..100, about -128..128 | L*, a*, b*            |
    | returns    | (...), 0..                        | dE00; 0 for identical |

    Symmetric. Valid below 5 for D65 at 1000 lx, a mid-grey surround and samples above 4 degrees side by side;
    beyond that it orders differences but is not proportional to what is seen. Hues exactly opposite (where
    the formula jumps) take the branch of the published pairs. Sharma, Wu and Dalal 2005, CRA 30:21.

    >>> round(float(delta_e_2000([50, 2.6772, -79.7751], [50, 0, -82.7485])), 4)
    2.0425
    """
    (l1, a1, b1), (l2, a2, b2) = _channels(lab1), _channels(lab2)
    g = 1.5 - 0.5 * _chroma_weight((np.hypot(a1, b1) + np.hypot(a2, b2)) / 2)
    c1, c2 = np.hypot(g * a1, b1), np.hypot(g * a2, b2)
    h1, h2 = _degrees(b1, g * a1) % 360, _degrees(b2, g * a2) % 360
    grey = c1 * c2 == 0  # then one hue is undefined, held as 0, and the other one counts alone
    apart = np.abs(h2 - h1) > 180 + 1e-10  # 1e-10: rounding must not decide a tie
    turn = np.where(apart, np.where(h2 > h1, -360.0, 360.0), 0.0)
    d_hue = np.where(grey, 0.0, h2 - h1 + turn)
    mean = (h1 + h2 + np.where(apart, np.where(h1 + h2 < 360, 360.0, -360.0), 0.0)) / 2
    hue = np.where(grey, h1 + h2, mean)
    t = (
        1
        - 0.17 * np.cos(np.radians(hue - 30))
        + 0.24 * np.cos(np.radians(2 * hue))
        + 0.32 * np.cos(np.radians(3 * hue + 6))
        - 0.20 * np.cos(np.radians(4 * hue - 63))
    )
    c = (c1 + c2) / 2
    off_mid = ((l1 + l2) / 2 - 50) ** 2
    d_l = (l2 - l1) / (1 + 0.015 * off_mid / np.sqrt(20 + off_mid))
    d_c = (c2 - c1) / (1 + 0.045 * c)
    d_h = 2 * np.sqrt(c1 * c2) * np.sin(np.radians(d_hue / 2)) / (1 + 0.015 * c * t)
    rotation = -2 * _chroma_weight(c) * np.sin(np.radians(60 * np.exp(-(((hue - 275) / 25) ** 2))))
    result: FloatArray = np.sqrt(d_l**2 + d_c**2 + d_h**2 + rotation * d_c * d_h)
    return result


def _chroma_weight(c: FloatArray) -> FloatArray:
    weight: FloatArray = np.sqrt(c**7 / (c**7 + 25.0**7))
    return weight


def _degrees(y: FloatArray, x: FloatArray) -> FloatArray:
    return np.degrees(np.arctan2(y + 0.0, x + 0.0))  # + 0.0 turns -0.0, which arctan2 sees, into 0.0


def ita(lab: ArrayLike) -> FloatArray:
    """Individual typology angle, atan2(L* - 50, b*): higher is lighter.

    | lab     | (..., 3)         | L*, a*, b*; a* is not used |
    | returns | (...), -180..180 | degrees                    |

    atan2 keeps the order for b* <= 0 (skin under a bluish light): above 90 when lighter than L* 50, below -90
    when darker. For b* <= 0 it jumps at L* = 50; there it says nothing. Chardon et al. 1991.

    >>> round(float(ita([58.1, 11.6, 16.6])), 2)
    26.01
    """
    lightness, _, b = _channels(lab)
    return _degrees(lightness - 50, b)


def ita_class(ita_deg: float) -> str:
    """Name of the `ITA_CLASSES` class of one angle; an interval spans the classes of its two ends.

    | ita_deg | any number, also beyond -180..180 or infinite | degrees |

    A limit belongs to the darker class. NaN has no class: ValueError.

    >>> ita_class(41.0), ita_class(41.01)
    ('intermediate', 'light')
    """
    if np.isnan(ita_deg):
        raise ValueError("ita_class: the angle is NaN; an unmeasured skin has no class")
    return next((name for name, above in ITA_CLASSES if ita_deg > above), ITA_CLASSES[-1][0])


def hue_angle(lab: ArrayLike) -> FloatArray:
    """CIE hue angle h_ab = atan2(b*, a*): 0 is pink, 90 yellow, -90 blue.

    | lab     | (..., 3)         | L*, a*, b*; L* is not used |
    | returns | (...), -180..180 | degrees                    |

    Not 0..360, so that intervals of skin (34..69) and lips pass through 0 unbroken; the cut lies at cyan.
    Meaningless near neutral; 0 for exact grey. CIE 15:2004, 8.2.1.

    >>> round(float(hue_angle([58.1, 11.6, 16.6])), 2)
    55.05
    """
    _, a, b = _channels(lab)
    return _degrees(b, a)


def chroma(lab: ArrayLike) -> FloatArray:
    """CIE chroma C*_ab, the distance from neutral.

    | lab     | (..., 3)           | L*, a*, b*; L* is not used |
    | returns | (...), 0..about 180 | L*a*b* units               |

    CIE 15:2004, 8.2.1.

    >>> round(float(chroma([58.1, 11.6, 16.6])), 3)
    20.251
    """
    _, a, b = _channels(lab)
    return np.hypot(a, b)
