"""Photo in, the colour reference in it out: a printed sheet, a parcel card or a 24-patch card."""

from __future__ import annotations

import numpy as np

from skinscan.color import SRGB_DECODE_LUT
from skinscan.errors import UsageError
from skinscan.measure.card import find_card
from skinscan.measure.sheet import find_sheet
from skinscan.types import Card, Face, FloatArray, Photo

__all__ = ["Rectangle", "find_reference", "white_paper"]

Rectangle = tuple[int, int, int, int]
"""Left, top, width and height in px of the upright photo at full scale."""
_MOST_CLIPPED, _HIGH, _LOW = 0.2, 250, 40  # share of the pixels; 8-bit codes
_LEAST_PX = 6  # of a side, at the scale the photo is decoded at
_EVEN = 0.25  # relative spread of green between the 10 and the 90 % quantile


def find_reference(photo: Photo, face: Face) -> Card | None:
    """Find the reference near the face, usable or not; None if there is none.

    Raises DataError where the file of a registered print run is damaged.
    """
    sheet = find_sheet(photo, face)
    if sheet is not None and sheet.fit is not None:
        return sheet
    return find_card(photo, face) or sheet


def white_paper(photo: Photo, where: Rectangle) -> FloatArray:
    """(3,) linear sRGB of white paper in a rectangle of the photo.

    Raises UsageError for a rectangle that leaves the photo or is small, and for pixels that are clipped,
    dark or not of one surface.
    """
    left, top, width, height = where
    if min(left, top) < 0 or left + width > photo.width or top + height > photo.height:
        raise UsageError(
            f"white= leaves the {photo.width} x {photo.height} px of {photo.name}",
            "give x,y,w,h of white paper in px of the upright photo",
        )
    x0, y0 = left // photo.reduction, top // photo.reduction
    x1, y1 = (left + width) // photo.reduction, (top + height) // photo.reduction
    if min(x1 - x0, y1 - y0) < _LEAST_PX:
        raise UsageError("the piece of white paper is too small", "give x,y,w,h of a larger piece")
    codes = photo.pixels[y0:y1, x0:x1].reshape(-1, 3)
    clipped = (codes >= _HIGH).any(axis=1)
    if clipped.mean() > _MOST_CLIPPED or float(np.median(codes[:, 1])) < _LOW:
        raise UsageError(f"the white paper in {photo.name} is burnt or dark", "choose another piece of it")
    linear = SRGB_DECODE_LUT[codes[~clipped]].astype(np.float64)
    low, middle, high = np.quantile(linear[:, 1], (0.1, 0.5, 0.9))
    if high - low > _EVEN * middle:
        raise UsageError(
            f"white= names more than one surface in {photo.name}", "choose a piece of paper alone"
        )
    white: FloatArray = np.median(linear, axis=0)
    return white
