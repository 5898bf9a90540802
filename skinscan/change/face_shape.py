"""Landmarks of two photos in, how far the bones differ and how far the expression does."""

from __future__ import annotations

import numpy as np

from skinscan.facemesh.landmarks import IRIS_CENTRES, RIGID
from skinscan.types import FloatArray, FloatMap, Scan

__all__ = ["expression_change", "rigid_distance", "size_in_frame"]

_MESH = 468


def rigid_distance(first: FloatMap, second: FloatMap) -> float:
    """RMS distance of the rigid landmarks, aligned in 3-D, in inter-ocular distances.

    `first`, `second`: (478, 3) landmarks as in Face, px.
    """
    return _rms(_laid(first, second)[list(RIGID)])


def expression_change(first: FloatMap, second: FloatMap) -> float:
    """RMS distance of all landmarks with the rigid ones laid on each other, what those leave taken off.

    In inter-ocular distances: 0.01 for two shots of one expression, 0.04 from neutral to a smile.
    """
    apart = _laid(first, second)
    return float(np.sqrt(max(_rms(apart[:_MESH]) ** 2 - _rms(apart[list(RIGID)]) ** 2, 0.0)))


def size_in_frame(scan: Scan) -> float:
    """Inter-ocular distance over the longer side of the photo: what the camera's distance or zoom changes."""
    return scan.face.interocular_px * scan.photo.reduction / max(scan.photo.width, scan.photo.height)


def _laid(first: FloatMap, second: FloatMap) -> FloatArray:
    """(478, 3) `first` less `second`, aligned by the rigid landmarks, in inter-ocular distances."""
    shapes = []
    for landmarks in (first, second):
        points = landmarks.astype(np.float64)
        apart = float(np.linalg.norm(points[IRIS_CENTRES[0]] - points[IRIS_CENTRES[1]]))
        shapes.append((points - points[list(RIGID)].mean(axis=0)) / apart)
    a, b = shapes
    rigid_a, rigid_b = a[list(RIGID)], b[list(RIGID)]
    u, _, v = np.linalg.svd(rigid_a.T @ rigid_b)
    turn = u @ np.diag([1, 1, np.sign(np.linalg.det(u @ v))]) @ v
    scale = float(np.sum((rigid_a @ turn) * rigid_b) / np.sum(rigid_a * rigid_a))
    laid: FloatArray = scale * (a @ turn) - b
    return laid


def _rms(apart: FloatArray) -> float:
    return float(np.sqrt(np.mean(np.sum(apart**2, axis=1))))
