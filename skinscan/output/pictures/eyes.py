"""What no picture shows: eyes with lids and lashes, and the inside of an open mouth."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from skinscan.facemesh.face_crop import FaceCrop
from skinscan.facemesh.landmarks import EYES, LIPS_INNER
from skinscan.types import BoolMap

__all__ = ["COVER", "cover_eyes", "hidden_parts"]

_LIDS = 0.09  # of the distance between the eyes: covers lids and lashes about the eye's contour
_OPEN = 0.05  # of the distance between the eyes: a mouth that is open, height of the gap between the lips
COVER = (205, 210, 215)
"""sRGB of what lies over them."""


def cover_eyes(view: FaceCrop) -> FaceCrop:
    """The crop with flat colour over both eyes and an open mouth: no pixel is left below."""
    pixels = view.photo.copy()
    pixels[hidden_parts(view)] = COVER
    return replace(view, photo=pixels)


def hidden_parts(view: FaceCrop) -> BoolMap:
    """Both eyes with lids and lashes, and the opening of an open mouth, (H, W)."""
    points = view.points.astype(np.float32)
    first, second = (cv2.convexHull(points[list(contour)]) for contour in EYES)
    apart = float(np.linalg.norm(first.mean(axis=0) - second.mean(axis=0)))
    mask = np.zeros(view.column.shape, np.uint8)
    for hull in (first, second):
        cv2.fillConvexPoly(mask, np.round(hull).astype(np.int32), 1)
    reach = 2 * round(_LIDS * apart) + 1
    mask = cv2.dilate(mask, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach)))
    mouth = points[list(LIPS_INNER)]
    if min(cv2.minAreaRect(mouth)[1]) > _OPEN * apart:
        cv2.fillPoly(mask, [np.round(mouth).astype(np.int32)], 1)
    hidden: BoolMap = mask.astype(bool)
    return hidden
