"""The front of a head as a radius over (angle, height), so that things can be laid round it.

The axis stands upright through the head; the angle is measured from the front to the person's own left.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from models.renderer.head import build_head
from models.renderer.mesh import barycentric, draw_ids
from models.renderer.shape import HeadShape

__all__ = ["HeadSurface", "measure_relief"]

Array = NDArray[np.floating[Any]]

AXIS = -3.0  # cm, z of the axis
SIDE = 110.0  # degrees to either side
TOP, BOTTOM = 11.0, -13.0  # cm
PER_DEGREE, PER_CM = 1, 8  # grid points
LEAST = 4.2  # cm: about the neck, where the head has ended
_SKULL_END = 468 + 36 * 15  # vertices of face and skull, which come first


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadSurface:
    """A map of the head; rows go down, columns to the person's left."""

    radius: Array  # (rows, columns) cm
    uv: Array  # (rows, columns, 2) where the face texture is read; beyond the face the nearest of its edge

    def draped(self, reach: float) -> HeadSurface:
        """What cloth or hair lies on that bridges hollows of `reach` cm."""
        cells = max(int(reach * PER_CM), 1)
        kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * cells + 1, 2 * cells + 1))
        closed = cv2.morphologyEx(self.radius, cv2.MORPH_CLOSE, kernel)
        smooth = cv2.GaussianBlur(closed, (0, 0), 0.5 * cells)
        return HeadSurface(radius=np.maximum(smooth, self.radius), uv=self.uv)

    def read(self, angle: Array, y: Array) -> Array:
        """(..., 3) cm of the surface and its (..., 2) uv as one array (..., 5): x, y, z, u, v."""
        grid = np.dstack([self.radius, self.uv]).astype(np.float32)
        column, row = _cells(angle, y)
        shape = column.shape
        column, row = (np.atleast_2d(at) for at in (column, row))
        flat = cv2.remap(grid, column, row, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE).reshape(
            *shape, 3
        )
        turned = np.radians(angle)
        xyz = [flat[..., 0] * np.sin(turned), y, AXIS + flat[..., 0] * np.cos(turned)]
        return np.stack([*xyz, flat[..., 1], flat[..., 2]], axis=-1).astype(np.float32)

    def over(self, angle: Array, y: Array, lift: Array | float) -> Array:
        """(..., 3) cm: points `lift` cm outside the surface."""
        turned = np.radians(angle)
        out = np.stack([np.sin(turned), np.zeros_like(turned), np.cos(turned)], axis=-1)
        return np.asarray(self.read(angle, y)[..., :3] + np.asarray(lift)[..., None] * out, np.float32)


def _cells(angle: Array, y: Array) -> tuple[Array, Array]:
    column, row = (np.asarray(angle) + SIDE) * PER_DEGREE, (TOP - np.asarray(y)) * PER_CM
    return column.astype(np.float32), row.astype(np.float32)


def measure_relief(shape: HeadShape) -> HeadSurface:
    """Draw face, skull and the hair on it, as seen from the axis; where nothing is, the neck."""
    head = build_head(shape, (0.0, 0.0, 0.0))
    triangles = head.triangles[(head.triangles < _SKULL_END).all(axis=1)]
    xyz = head.xyz[:_SKULL_END]
    from_axis = xyz - np.array([0.0, 0.0, AXIS], np.float32)
    radius = np.hypot(from_axis[:, 0], from_axis[:, 2])
    angle = np.degrees(np.arctan2(from_axis[:, 0], from_axis[:, 2]))
    behind = np.abs(angle[triangles]).max(axis=1) > 150.0  # they would wrap round the picture
    triangles = triangles[~behind]
    at = np.stack(_cells(angle, xyz[:, 1]), axis=-1)
    size = (int((TOP - BOTTOM) * PER_CM) + 1, int(2 * SIDE * PER_DEGREE) + 1)
    ids = draw_ids(at, -radius, triangles, size)
    row, column = np.nonzero(ids >= 0)
    hit = ids[row, column]
    flat, points = np.ones(len(xyz), np.float32), np.stack([column, row], -1).astype(np.float32)
    weights = barycentric(at, flat, triangles, hit, points)
    table = np.column_stack([radius, head.uv[:_SKULL_END]])
    grid = np.zeros((*size, 3), np.float32)
    grid[..., 0] = LEAST
    grid[..., 1:] = (0.5, 0.98)
    grid[row, column] = (table[triangles[hit]] * weights[..., None]).sum(axis=1)
    return HeadSurface(radius=np.maximum(grid[..., 0], LEAST), uv=grid[..., 1:])
