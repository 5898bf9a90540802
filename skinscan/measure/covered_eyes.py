"""Photo and face in, whether bars, boxes, mosaic or blur hide the eyes out, and what they hide of the skin.

Eyes are the most detailed part of a face: lids, lashes, irises. What is laid over them for privacy is flat,
or flat in squares, however sharp its own edges are. Nothing but flatness is looked at, so closed eyes, shade
and glasses are eyes.
"""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np

from skinscan.facemesh.canonical_face import load_canonical
from skinscan.facemesh.landmarks import EYES
from skinscan.facemesh.view import nearer_eyes
from skinscan.types import TEXTURE_SIZE, BoolMap, Face, FloatMap, Photo

__all__ = ["are_eyes_covered", "hidden_by_cover"]

_INTEROCULAR = 90.0  # px: larger faces are reduced, so that flat means the same
_AROUND = np.array([0.15, 0.6], np.float32)  # margin of an eye's box, in its width and height
_FEWEST = 6  # px, sides of a box that can be judged
_STEP = 2  # 8-bit codes between neighbours that still count as flat
# Share of flat steps: real eyes 0.1 to 0.7, rendered ones to 0.78; bars and boxes 0.92 to 1, blurred eyes
# 0.9 to 1.
_FLAT = 0.88
# Median over mean of the steps, column by column and row by row: steps of mosaic stand in few columns and
# rows. Real eyes 0.75 to 1, in both directions; mosaic 0 to 0.8, three in four below the limit in both.
_IN_SQUARES = 0.6
_BAND = (82, 124)  # texel rows of eyes and under-eye zones, which any cover spoils
_BAR = (55, 142)  # texel rows that a bar of one colour may reach
_ONE_COLOR = 0.05  # of the gamma-coded range, about the bar's own


def are_eyes_covered(photo: Photo, face: Face) -> bool:
    """Whether both eyes, or the nearer one of a turned head, are hidden by something flat or by mosaic."""
    factor = max(1, int(face.interocular_px / _INTEROCULAR))
    eyes = [face.landmarks[list(EYES[eye]), :2] for eye in nearer_eyes(face.pose)]
    judged = [found for outline in eyes if (found := _steps(photo, outline, factor))]
    if not judged:
        return False
    flat, across, down = np.mean(judged, axis=0)
    return bool(flat > _FLAT or max(across, down) < _IN_SQUARES)


def _steps(photo: Photo, outline: FloatMap, factor: int) -> tuple[float, float, float] | None:
    """Share of flat steps, and median over mean of the steps by column and by row, about one eye."""
    margin = np.ptp(outline, axis=0) * _AROUND
    low = np.maximum(outline.min(axis=0) - margin, 0).astype(int)
    high = (outline.max(axis=0) + margin + 1).astype(int)
    crop = photo.pixels[low[1] : high[1], low[0] : high[0]]
    size = crop.shape[1] // factor, crop.shape[0] // factor
    if min(size) < _FEWEST:
        return None
    grey = cv2.cvtColor(cv2.resize(crop, size, interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2GRAY)
    steps = [np.abs(np.diff(grey.astype(np.int16), axis=axis)) for axis in (1, 0)]
    profiles = [step.mean(axis=axis) for axis, step in enumerate(steps)]
    across, down = (float(np.median(p) / max(p.mean(), 0.5)) for p in profiles)
    return float(np.mean([np.mean(step <= _STEP) for step in steps])), across, down


def hidden_by_cover(rgb: FloatMap) -> BoolMap:
    """Texels, (S, S), that a cover over the eyes hides or blends: the band of the eyes and the bar's own
    colour.

    `rgb`: (S, S, 3) linear sRGB of a face whose eyes are covered.
    """
    rows = np.arange(TEXTURE_SIZE)[:, None]
    hidden = np.broadcast_to((rows >= _BAND[0]) & (rows < _BAND[1]), (TEXTURE_SIZE, TEXTURE_SIZE))
    tone = np.sqrt(np.maximum(rgb, 0))
    bar = np.median(tone[_eyes()], axis=0)
    alike = (np.abs(tone - bar).max(axis=2) < _ONE_COLOR) & (rows >= _BAR[0]) & (rows < _BAR[1])
    if np.mean(alike[_eyes()]) > _FLAT:
        _, label = cv2.connectedComponents((alike | _eyes()).astype(np.uint8))
        bars = np.isin(label, np.unique(label[_eyes()]))
        hidden = hidden | (cv2.dilate(bars.astype(np.uint8), np.ones((7, 7))) > 0)
    return hidden & load_canonical().on_mesh


@cache
def _eyes() -> BoolMap:
    """Between the lids, (S, S)."""
    mask = np.zeros((TEXTURE_SIZE, TEXTURE_SIZE), np.uint8)
    for outline in EYES:
        cv2.fillPoly(mask, [np.round(load_canonical().uv[list(outline)]).astype(np.int32)], 1)
    return mask > 0
