"""Where a shade goes: skin or lips in the photo, 0..1 per pixel, with soft outer and crisp inner edges.

The outline comes from the landmarks, which know where a face ends but not where hair, brows, teeth, glasses
and fingers are; those are told from skin pixel by pixel, by how dark they are against the skin around and by
how far their colour is from the face's own.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from skinscan.facemesh.landmarks import BROWS, EYES, FACE_OVAL, LIPS_INNER, LIPS_OUTER
from skinscan.types import FloatArray, FloatMap, RgbPixels, Scan

__all__ = ["PaintArea", "lips_cover", "skin_cover"]


# Lengths in inter-ocular distances; all [design], set by looking at pictures.
_EDGE, _FEATHER = 0.02, 0.025  # the outline is drawn in by the one and softened by the other
_LID, _LIP_GAP = 0.014, 0.004  # kept free around eyes and lips
_BROW_EDGE = 0.012  # around brows
_FINE = 0.007  # softness around eyes and of the lips' edge
_AROUND = 0.16  # over which skin's own brightness is averaged
_HAIRLINE = 0.32  # share of the face's height that the forehead may go beyond the mesh
_DARK = (20.0, 45.0)  # OD below the skin around: skin; hair, brow, nostril or frame
_OTHER = (16.0, 28.0)  # OD of colour away from the face's own: skin; something else
_DOUBTFUL = 0.75  # of both, beyond the mesh, where hair is to be expected
_SHADOW = (5.0, 1.5, 30.0)  # folds in shadow are red where hair is grey: from -OD of R/G on, so much, at most
_TEETH = (-16.0, -8.0)  # OD of R/G about the face's own skin: teeth and gum line; lip
_SOME = 0.06  # cover that counts as painted where patches are told apart
_BROW = 0.4  # most that goes on skin between the hairs of a brow


@dataclass(frozen=True, slots=True, kw_only=True)
class PaintArea:
    """The photo about a face, (H, W) pixels, with colour as the scan's light explains it."""

    left: int
    top: int
    level: FloatMap  # (H, W) log10 R, balanced
    ratios: FloatMap  # (H, W, 2) log R/G and log G/B about the face's own skin, OD
    skin: FloatMap  # (H, W) 0..1: valid skin by the scan's maps


def skin_cover(scan: Scan, crop: PaintArea) -> FloatMap:
    """(H, W) 0..1: skin of the face, without eyes, brows, lips, hair and whatever lies on it."""
    points, unit = _points(scan, crop), scan.face.interocular_px
    oval = points[list(FACE_OVAL)]
    shape = crop.level.shape
    face, whole = (
        _softened(cv2.erode(_drawn(shape, [line]), _disc(_EDGE * unit)), _FEATHER * unit)
        for line in (oval, _raised(points))
    )
    kept = cv2.dilate(_drawn(shape, [points[list(eye)] for eye in EYES]), _disc(_LID * unit))
    kept = np.maximum(kept, cv2.dilate(_drawn(shape, [points[list(LIPS_OUTER)]]), _disc(_LIP_GAP * unit)))
    bare = 1 - _softened(kept, _FINE * unit)
    brows = cv2.dilate(_drawn(shape, [points[list(brow)] for brow in BROWS]), _disc(_BROW_EDGE * unit))
    bare *= 1 - (1 - _BROW) * _softened(brows, _BROW_EDGE * unit)
    surely, doubtful = (_like_skin(crop, unit, face * bare, share) for share in (1.0, _DOUBTFUL))
    cover = face * surely + np.maximum(whole - face, 0) * doubtful
    return _joined(np.asarray(cover * bare, np.float32), face)


def _joined(cover: FloatMap, face: FloatMap) -> FloatMap:
    """`cover` without what hair parts from the face, such as a wall above it."""
    _, label = cv2.connectedComponents((cover > _SOME).astype(np.uint8), connectivity=4)
    own = np.unique(label[(face > 0.5) & (cover > 0.5)])
    apart = (label > 0) & ~np.isin(label, own)
    stray: FloatMap = cv2.dilate(apart.astype(np.float32), np.ones((5, 5), np.uint8))
    return np.asarray(cover * (1 - stray), np.float32)


def lips_cover(scan: Scan, crop: PaintArea) -> FloatMap:
    """(H, W) 0..1: the red of the lips, without teeth and the gap of an open mouth."""
    points, unit = _points(scan, crop), scan.face.interocular_px
    lips = _drawn(crop.level.shape, [points[list(LIPS_OUTER)], points[list(LIPS_INNER)]])
    cover = _softened(lips, _FINE * unit)
    rg = cv2.GaussianBlur(crop.ratios[..., 0], (0, 0), max(0.6, 0.008 * unit))
    return np.asarray(cover * _step(rg, *_TEETH), np.float32)


def _points(scan: Scan, crop: PaintArea) -> FloatMap:
    """Landmarks (478, 2) in the crop, px."""
    return (scan.face.landmarks[:, :2] - (crop.left, crop.top)).astype(np.float32)


def _raised(points: FloatMap) -> FloatMap:
    """The oval with its upper part moved up: the mesh ends short of the hairline."""
    oval = points[list(FACE_OVAL)].copy()
    up = points[10] - points[152]
    middle = points[168]
    reach = np.clip(((oval - middle) @ up) / float(up @ up) / 0.30, 0, 1)
    return np.asarray(oval + reach[:, None] ** 2 * _HAIRLINE * up, np.float32)


def _like_skin(crop: PaintArea, unit: float, cover: FloatMap, share: float) -> FloatMap:
    """(H, W) 0..1: neither darker than the skin around nor of another colour; `share` of the usual limits."""
    fine = max(0.7, 0.006 * unit)
    weight = (crop.skin * cover).astype(np.float32) + 1e-4
    sigma = _AROUND * unit
    around = cv2.GaussianBlur(crop.level * weight, (0, 0), sigma) / cv2.GaussianBlur(weight, (0, 0), sigma)
    darker = 100 * (around - cv2.GaussianBlur(crop.level, (0, 0), fine))
    chroma = cv2.GaussianBlur(crop.ratios, (0, 0), 1.5 * fine)
    rg, gb = chroma[..., 0], chroma[..., 1]
    start, slope, most = _SHADOW
    darker -= np.clip(slope * (rg + start), 0, most)
    away = np.hypot(rg * np.where(rg > 0, 0.6, 1.0), gb)
    dark, other = (tuple(-share * limit for limit in limits) for limits in (_DARK, _OTHER))
    return _step(-darker, dark[1], dark[0]) * _step(-away, other[1], other[0])


def _drawn(shape: tuple[int, ...], outlines: list[FloatMap]) -> FloatMap:
    """Polygons filled, even-odd, with smooth edges."""
    canvas = np.zeros(shape, np.uint8)
    fixed = [np.round(outline * 16).astype(np.int32) for outline in outlines]
    cv2.fillPoly(canvas, fixed, 255, cv2.LINE_AA, shift=4)
    return np.asarray(canvas / 255, np.float32)


def _softened(mask: FloatMap, sigma: float) -> FloatMap:
    soft: FloatMap = cv2.GaussianBlur(mask, (0, 0), max(0.5, sigma))
    return soft


def _disc(radius: float) -> RgbPixels:
    size = 2 * max(1, round(radius)) + 1
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size)), np.uint8)


def _step(value: FloatMap | FloatArray, low: float, high: float) -> FloatMap:
    """0 below `low`, 1 above `high`, smooth between."""
    t = np.clip((value - low) / (high - low), 0, 1)
    return np.asarray(t * t * (3 - 2 * t), np.float32)
