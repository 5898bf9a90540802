"""Pixels in, faces in profile out that the usual search does not find.

The detector sees profiles; the landmark model lays its mesh on them, and doubts that it lies on a face. So
its doubt is not asked, and what two views of the picture agree on counts instead: as it is and mirrored, with
a margin around it. The nearer side of the mesh then lies on the face, the far side is guesswork behind it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache

import cv2
import numpy as np

from skinscan import runtime
from skinscan.facemesh.canonical_face import load_canonical
from skinscan.types import FloatMap, Indices, RgbPixels

__all__ = ["Found", "find_profiles"]

Found = tuple[FloatMap, FloatMap]  # landmarks (478, 3) in px, pose matrix (4, 4)

_MARGINS = (0.0, 0.25, 0.6)  # of the longer side: a head that fills the frame is found with room around it
_DETECTED = 0.7  # score of the detector: profiles reach it
_PRESENCE = 0.02  # of a face under the mesh, by the landmark model; 0.5 is what the usual search asks
_LEAST_YAW = 30.0  # degrees: nearer to frontal the usual search finds whoever is there
_AGREE, _AGREE_SIZE, _AGREE_YAW = 0.15, 1.2, 15.0  # shift over height, ratio of heights, degrees
_MOST_FACES = 4
_SIDE = 640  # px to which a larger picture is reduced: the models see 128 and 256
_NARROWEST = 64  # px that a strip must be wide, so reduced
_GREY = (128, 128, 128)


def find_profiles(pixels: RgbPixels, work: Callable[[float], None]) -> list[Found]:
    """Profiles in a photo on which two views agree, what most agree on first; landmarks in px of `pixels`.

    `pixels`: (H, W, 3) sRGB. `work` is told of each view before it is looked at, in looks of the detector,
    and may raise to end the search.
    """
    step = max(1.0, max(pixels.shape[:2]) / _SIDE)
    if min(pixels.shape[:2]) < _NARROWEST * step:
        return []
    small = cv2.resize(pixels, None, fx=1 / step, fy=1 / step, interpolation=cv2.INTER_AREA)
    views: list[list[Found]] = []
    for margin in _MARGINS:
        pad = int(margin * max(small.shape[:2]))
        framed = cv2.copyMakeBorder(small, pad, pad, pad, pad, cv2.BORDER_CONSTANT, value=_GREY)
        for mirrored in (False, True):
            work(4)
            seen = _look(framed, mirrored=mirrored)
            views.append([(_moved(landmarks, pad, step), matrix) for landmarks, matrix in seen])
    every = [
        (sum(any(_agree(one, other) for other in view) for view in views), one) for v in views for one in v
    ]
    found: list[Found] = []
    for agreed, one in sorted(every, key=lambda pair: -pair[0]):
        if agreed > 1 and not any(_overlap(one, better) for better in found):
            found.append(one)
    return found


def _look(pixels: RgbPixels, *, mirrored: bool) -> list[Found]:
    """Turned heads in one picture, in its px, mirrored back if it is looked at in the mirror."""
    picture = np.ascontiguousarray(pixels[:, ::-1]) if mirrored else pixels
    boxes = runtime.open_landmarker(_MOST_FACES).detect_boxes(picture)
    boxes = boxes[boxes[:, 4] >= _DETECTED]
    if not len(boxes):
        return []
    height, width = pixels.shape[:2]
    scale = np.array([width, height, width], np.float32)
    models = runtime.open_landmarker(_MOST_FACES, confidence=_PRESENCE)
    found = [(landmarks * scale, matrix) for landmarks, matrix in models.detect(picture)]
    found = [one for one in found if abs(_yaw(one)) >= _LEAST_YAW and _in_a_box(one, boxes)]
    return [_mirrored(one, width) for one in found] if mirrored else found


def _in_a_box(found: Found, boxes: FloatMap) -> bool:
    """Whether its middle lies in one of the detector's boxes, (N, 5)."""
    (x, y), _ = _place(found)
    return bool(((boxes[:, 0] < x) & (x < boxes[:, 2]) & (boxes[:, 1] < y) & (y < boxes[:, 3])).any())


def _moved(landmarks: FloatMap, pad: int, step: float) -> FloatMap:
    moved: FloatMap = ((landmarks - np.array([pad, pad, 0], np.float32)) * step).astype(np.float32)
    return moved


def _mirrored(found: Found, width: int) -> Found:
    """A find in a mirrored picture as it lies in the picture itself."""
    landmarks, matrix = found[0][_opposite()], found[1].copy()
    landmarks[:, 0] = width - landmarks[:, 0]
    matrix[0] *= -1
    matrix[:, 0] *= -1
    return landmarks, matrix


@cache
def _opposite() -> Indices:
    """(478,) the landmark that lies on the other side of the face."""
    xyz = load_canonical().xyz
    other = ((xyz[:, None] * (-1, 1, 1) - xyz[None]) ** 2).sum(axis=2).argmin(axis=1)
    irises = [473, 476, 475, 474, 477, 468, 471, 470, 469, 472]  # centre, side, top, side, bottom of each
    return np.concatenate([other, irises]).astype(np.intp)


def _agree(one: Found, other: Found) -> bool:
    """Whether two finds are one face: same place, same size, same turn."""
    (first, size), (second, other_size) = _place(one), _place(other)
    near = float(np.hypot(*(first - second))) < _AGREE * size
    alike = 1 / _AGREE_SIZE < size / other_size < _AGREE_SIZE
    return near and alike and abs(_yaw(one) - _yaw(other)) < _AGREE_YAW


def _overlap(one: Found, other: Found) -> bool:
    (first, size), (second, other_size) = _place(one), _place(other)
    return float(np.hypot(*(first - second))) < max(size, other_size) / 2


def _place(found: Found) -> tuple[FloatMap, float]:
    """Middle and height of a face, px."""
    points = found[0][:468, :2]
    middle: FloatMap = points.mean(axis=0)
    return middle, max(float(np.ptp(points[:, 1])), 1.0)


def _yaw(found: Found) -> float:
    matrix = found[1]
    return math.degrees(math.atan2(matrix[0, 2], matrix[2, 2]))
