"""The canonical face mesh of MediaPipe, and drawing triangles."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from skinscan.facemesh.canonical_face import load_canonical
from skinscan.facemesh.landmarks import EYES
from skinscan.types import TEXTURE_SIZE

__all__ = [
    "LEFT_EYE", "RIGHT_EYE",
    "barycentric", "boundary", "dot", "draw_ids", "grid_triangles", "load_mesh", "unit",
    "vertex_normals",
]  # fmt: skip

FloatArray = NDArray[np.floating[Any]]
IntArray = NDArray[np.int32]

# Along the upper lid from the outer corner to the inner, and back.
RIGHT_EYE, LEFT_EYE = ((eye[0], *eye[:0:-1]) for eye in EYES)
_SUBPIXEL_BITS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Mesh:
    """The canonical face."""

    xyz: FloatArray  # (468, 3) cm; x to the person's left, y up, z to the front
    uv: FloatArray  # (468, 2) 0..1; u to the person's left, v down from the forehead
    triangles: IntArray  # (898, 3) counter-clockwise seen from the front


@cache
def load_mesh() -> Mesh:
    """Read the canonical face out of the landmarker bundle, as the product does."""
    face = load_canonical()
    return Mesh(xyz=face.xyz, uv=(face.uv + 0.5) / TEXTURE_SIZE, triangles=face.triangles)


def boundary(triangles: IntArray) -> IntArray:
    """The loop of vertices around an open mesh, counter-clockwise as its triangles are."""
    edges = {(int(t[k]), int(t[(k + 1) % 3])) for t in triangles for k in range(3)}
    follow = {a: b for a, b in edges if (b, a) not in edges}
    loop = [min(follow)]
    while (after := follow[loop[-1]]) != loop[0]:
        loop.append(after)
    return np.array(loop, np.int32)


def grid_triangles(rows: int, columns: int, *, closed: bool) -> IntArray:
    """Two triangles per cell of a row-major grid; `closed` joins the last column to the first."""
    wide = columns if closed else columns - 1
    r, c = np.meshgrid(np.arange(rows - 1), np.arange(wide), indexing="ij")
    a, b = r * columns + c, r * columns + (c + 1) % columns
    d, e = a + columns, b + columns
    return np.concatenate([np.stack([a, b, d], -1), np.stack([b, e, d], -1)]).reshape(-1, 3).astype(np.int32)


def vertex_normals(xyz: FloatArray, triangles: IntArray) -> FloatArray:
    """(V, 3) unit normals, area-weighted over the triangles of a vertex."""
    a, b, c = (xyz[triangles[:, k]] for k in range(3))
    face = np.cross(b - a, c - a)
    total = np.zeros_like(xyz)
    for k in range(3):
        np.add.at(total, triangles[:, k], face)
    return unit(total)


def dot(a: FloatArray, b: FloatArray) -> FloatArray:
    """(N,) scalar products of (N, 3) and (N, 3)."""
    return np.asarray(np.einsum("ij,ij->i", a, b), np.float32)


def unit(a: FloatArray) -> FloatArray:
    """(N, 3) scaled to length 1."""
    return np.asarray(a / np.sqrt(np.maximum(dot(a, a), 1e-18))[:, None], np.float32)


def draw_ids(xy: FloatArray, depth: FloatArray, triangles: IntArray, shape: tuple[int, int]) -> IntArray:
    """(H, W) index of the triangle seen at each pixel, -1 for none; larger depth is further away.

    Painter's algorithm by the depth of the middle: exact enough for small triangles, and fast.
    """
    order = np.argsort(-depth[triangles].mean(axis=1), kind="stable")
    fixed = np.round(xy * (1 << _SUBPIXEL_BITS)).astype(np.int32)[triangles]
    ids = np.full(shape, -1, np.int32)
    for i in order.tolist():
        cv2.fillConvexPoly(ids, fixed[i], i, lineType=cv2.LINE_8, shift=_SUBPIXEL_BITS)
    return ids


def barycentric(
    xy: FloatArray, depth: FloatArray, triangles: IntArray, ids: IntArray, points: FloatArray
) -> FloatArray:
    """Weights (N, 3) of the corners of triangles `ids` (N,) at `points` (N, 2): perspective-correct, 0..1.

    Give depth = 1 for everything in an affine picture such as the UV square.
    """
    corners = xy[triangles].astype(np.float64)
    a, b, c = corners[:, 0], corners[:, 1], corners[:, 2]
    area = (b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (c[:, 0] - a[:, 0]) * (b[:, 1] - a[:, 1])
    area = np.where(np.abs(area) < 1e-9, 1e-9, area)
    # Rows of the linear maps (x, y, 1) -> weight of b and of c.
    to_b = np.stack([c[:, 1] - a[:, 1], a[:, 0] - c[:, 0], a[:, 1] * c[:, 0] - a[:, 0] * c[:, 1]]) / area
    to_c = np.stack([a[:, 1] - b[:, 1], b[:, 0] - a[:, 0], a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]]) / area
    x, y = points[:, 0], points[:, 1]
    lin_b, lin_c = to_b.astype(np.float32), to_c.astype(np.float32)
    wb = lin_b[0][ids] * x + lin_b[1][ids] * y + lin_b[2][ids]
    wc = lin_c[0][ids] * x + lin_c[1][ids] * y + lin_c[2][ids]
    weights = np.clip(np.stack([1.0 - wb - wc, wb, wc], axis=1), 0.0, 1.0)
    weights /= depth[triangles].astype(np.float32)[ids]
    weights /= weights.sum(axis=1, keepdims=True)
    return np.asarray(weights, np.float32)
