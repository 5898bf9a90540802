"""What a catalogue's colour is worth, by its grade; and web swatches brought to the range of skin."""

from __future__ import annotations

from types import MappingProxyType

import numpy as np

from skinscan.types import FloatArray

__all__ = ["GRADE_SIGMA", "correct_web_swatch"]

GRADE_SIGMA = MappingProxyType(
    {
        "lab": (0.5, 0.4, 0.5),  # instruments agree to about dE 0.5, batches of a product to less [design]
        "spectrum": (0.5, 0.4, 0.5),
        "hex": (4.0, 2.3, 2.6),  # after `correct_web_swatch`; see there
        "hex lipstick": (4.0, 5.0, 4.0),  # a picture of a picture; nothing to correct it by [design]
    }
)
"""Sigma of L*, a*, b* of a shade, by what its colour rests on."""

# Web swatches of foundations against the skin they are made for, 5 % and 95 % quantiles of a*, b* and 1 % and
# 99 % of L* of each: 625 swatches of 37 brands (The Pudding, makeup-shades, 2018, MIT) and 6,112 face records
# of training people (ISSA). Swatches spread twice as wide in L* and a*, nearly three times in b*; on these
# straight lines the quantiles in between agree to 2 in L*, 0.7 in a* and 0.6 in b*, but for the 5 and 25 % of
# L* (3.5): catalogues have more deep shades than the archive has deep faces.
_WEB = np.array([[21.0, 91.8], [5.5, 24.7], [13.6, 40.4]])
_SKIN = np.array([[32.7, 68.3], [7.8, 16.5], [11.5, 20.9]])


def correct_web_swatch(lab: FloatArray) -> FloatArray:
    """Bring L*a*b* (..., 3) of foundation swatches from the web to the range that skin has.

    A match of populations, not of single shades: how far one shop's picture is off stays in GRADE_SIGMA. All
    the spread of a* and b* among swatches of one lightness (5 and 7, shrunk as here) is taken for error, and
    4 for L* [design].
    """
    slope = (_SKIN[:, 1] - _SKIN[:, 0]) / (_WEB[:, 1] - _WEB[:, 0])
    corrected: FloatArray = _SKIN[:, 0] + (lab - _WEB[:, 0]) * slope
    return corrected
