"""The canonical face: mesh, UV square, zones. One table for every stage that works on texels.

The mesh (468 vertices, 898 triangles, canonical lengths in cm) and its UV come out of the FaceLandmarker
bundle itself (MediaPipe, Apache-2.0), so landmark and UV numbering cannot drift apart.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from skinscan import runtime
from skinscan.errors import ModelError
from skinscan.types import TEXTURE_SIZE, BoolMap, FloatArray, FloatMap, Indices, IntMap

__all__ = [
    "LIP_INNER",
    "MIRRORED_ZONE",
    "SKIN_ZONES",
    "T_ZONE",
    "U_ZONE",
    "ZONES",
    "Canonical",
    "load_canonical",
]

_VERTICES, _TRIANGLES = 468, 898
F = TypeVar("F", bound=np.floating)

_RIGHT_HALF: dict[str, tuple[tuple[float, float], ...]] = {
    # The person's right, that is the left of the UV square; (u, v) corners, 0..1.
    # Drawn on unwrapped faces so that brows, lashes, nostrils and lips stay outside by a margin.
    "under_eye": (
        (0.26, 0.42), (0.30, 0.432), (0.36, 0.432), (0.41, 0.425),
        (0.42, 0.445), (0.37, 0.475), (0.31, 0.475), (0.26, 0.455),
    ),
    "cheek": (
        (0.20, 0.48), (0.27, 0.48), (0.33, 0.50), (0.38, 0.52), (0.385, 0.56),
        (0.35, 0.62), (0.31, 0.66), (0.24, 0.66), (0.20, 0.60),
    ),
    "jaw": (
        (0.15, 0.66), (0.23, 0.68), (0.32, 0.70), (0.37, 0.78),
        (0.38, 0.85), (0.36, 0.90), (0.27, 0.86), (0.18, 0.78),
    ),
}  # fmt: skip
_MIDDLE: dict[str, tuple[tuple[float, float], ...]] = {
    "forehead": (
        (0.26, 0.16), (0.33, 0.13), (0.42, 0.118), (0.5, 0.115), (0.58, 0.118), (0.67, 0.13),
        (0.74, 0.16), (0.72, 0.215), (0.60, 0.225), (0.5, 0.215), (0.40, 0.225), (0.28, 0.215),
    ),
    "glabella": ((0.465, 0.225), (0.535, 0.225), (0.53, 0.32), (0.47, 0.32)),
    "nose": (
        (0.47, 0.33), (0.53, 0.33), (0.54, 0.44), (0.57, 0.50), (0.575, 0.545),
        (0.5, 0.56), (0.425, 0.545), (0.43, 0.50), (0.46, 0.44),
    ),
    "perioral": (
        (0.42, 0.61), (0.58, 0.61), (0.62, 0.66), (0.65, 0.70), (0.62, 0.75),
        (0.56, 0.77), (0.44, 0.77), (0.38, 0.75), (0.35, 0.70), (0.38, 0.66),
    ),
    "chin": (
        (0.42, 0.79), (0.58, 0.79), (0.61, 0.84), (0.58, 0.90), (0.5, 0.92), (0.42, 0.90), (0.39, 0.84),
    ),
}  # fmt: skip
_LIP_OUTER = (61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291, 375, 321, 405, 314, 17, 84, 181, 91, 146)
LIP_INNER = (78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308, 324, 318, 402, 317, 14, 87, 178, 88, 95)
"""Mesh vertices around the opening of the mouth."""
_LIP_MARGIN = 3  # texels of vermilion border kept out of the perioral zone

ZONES = (
    "forehead", "glabella", "nose", "left_under_eye", "right_under_eye", "left_cheek", "right_cheek",
    "perioral", "chin", "left_jaw", "right_jaw", "upper_lip", "lower_lip",
)  # fmt: skip
"""All zone names. Left and right are the person's own."""

SKIN_ZONES = tuple(zone for zone in ZONES if not zone.endswith("lip"))
"""The zones that are skin: all but the lips, in the order of ZONES."""

T_ZONE = ("forehead", "glabella", "nose", "chin")
U_ZONE = ("left_cheek", "right_cheek", "left_jaw", "right_jaw")

MIRRORED_ZONE = MappingProxyType(
    {z: z.replace("left", "right") if "left" in z else z.replace("right", "left") for z in ZONES}
)
"""Zone name to the zone it becomes in a mirrored photo."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Canonical:
    """The canonical face; S is TEXTURE_SIZE."""

    uv: FloatMap  # (468, 2) float32, texel coordinates: column, row
    xyz: FloatMap  # (468, 3) float32, cm; x to the person's left, y up, z to the front
    triangles: IntMap  # (898, 3) int32 vertex numbers
    around: Indices  # (8, 468) the triangles that meet in a vertex, filled up with 898, one past the last
    uv_area: FloatMap  # (898,) float32: area of each triangle on the UV square, texels
    on_mesh: BoolMap  # (S, S)
    texel: Indices  # (M,) flat index of each texel on the mesh
    owner: Indices  # (S, S) the triangle a texel lies in; off the mesh 898, one past the last
    reach: slice  # flat indices of the rows that the mesh reaches, R texels
    corner: Indices  # (3, R) the triangle's vertices; 0 off the mesh
    weight: FloatMap  # (3, R, 4) float32: their barycentric weights, four times each; 0 off the mesh
    area_cm2: FloatMap  # (S, S) float32: canonical skin area of one texel; 0 off the mesh
    zones: MappingProxyType[str, BoolMap]  # zone name -> (S, S); zones do not overlap
    zone_texels: MappingProxyType[str, Indices]  # zone name -> flat indices of its texels
    zone_cm2: MappingProxyType[str, FloatMap]  # zone name -> skin area of each of them
    skin: BoolMap  # (S, S): all zones but the lips
    label: IntMap  # (S, S) int32: position of the texel's zone in ZONES; -1 outside all zones

    def at_texels(self, values: FloatMap) -> FloatMap:
        """Carry up to four values of each vertex, (468, C), to the texels.

        Planes (C, S, S) float32, 0 off the mesh.
        """
        # Four floats are fetched as quickly as one, and arrays are written in place.
        rows = np.zeros((len(values), self.weight.shape[2]), np.float32)
        rows[:, : values.shape[1]] = values
        texels, part = (np.empty(self.weight.shape[1:], np.float32) for _ in range(2))
        np.multiply(rows.take(self.corner[0], axis=0, out=texels, mode="clip"), self.weight[0], out=texels)
        for corner, weight in zip(self.corner[1:], self.weight[1:], strict=True):
            rows.take(corner, axis=0, out=part, mode="clip")
            texels += np.multiply(part, weight, out=part)
        planes = np.zeros((values.shape[1], TEXTURE_SIZE * TEXTURE_SIZE), np.float32)
        planes[:, self.reach] = texels.T[: len(planes)]
        return planes.reshape(-1, TEXTURE_SIZE, TEXTURE_SIZE)

    def at(self, planes: FloatArray, texel: Indices) -> FloatArray:
        """Carry values of each vertex, (C, 468), to texels on the mesh by flat index (n,): (C, n) float64."""
        there = texel - self.reach.start
        values = np.zeros((len(planes), len(texel)))
        for corner, weight in zip(self.corner, self.weight, strict=True):
            values += planes.take(corner[there], axis=1) * weight[there, 0]
        return values

    def triangle_normals(self, points: NDArray[F]) -> NDArray[F]:
        """Which way each triangle of a mesh at `points` (468, 3) looks, (3, 898); as long as twice its area.

        Out of the face where x runs right, y up and z to the viewer.
        """
        a, b, c = points.T.take(self.triangles.T, axis=1).swapaxes(0, 1)
        first, second = b - a, c - a
        one, other = [1, 2, 0], [2, 0, 1]
        normals: NDArray[F] = first[one] * second[other] - first[other] * second[one]
        return normals

    def vertex_normals(self, triangle_normals: NDArray[F]) -> NDArray[F]:
        """Unit normals (3, 468) of the smooth skin: means of the triangles that meet there, by their area."""
        last = np.zeros((3, 1), triangle_normals.dtype)
        total = np.hstack([triangle_normals, last]).take(self.around, axis=1).sum(axis=1)
        normals: NDArray[F] = total / np.maximum(np.sqrt((total * total).sum(axis=0)), 1e-9)
        return normals


@lru_cache(maxsize=1)
def load_canonical() -> Canonical:
    """Read the mesh from the landmarker bundle and rasterise the UV square, once per process.

    Raises ModelError when the bundle is missing, altered or does not hold the mesh.
    """
    xyzuv, triangles = _parse_mesh(runtime.canonical_mesh_bytes())
    uv = xyzuv[:, 3:] * TEXTURE_SIZE - 0.5
    xyz = np.ascontiguousarray(xyzuv[:, :3])
    owner, weight = _rasterise(uv, triangles)
    on_mesh = owner >= 0
    a, b, c = (xyz[triangles[:, k]] for k in range(3))
    cm2 = np.linalg.norm(np.cross(b - a, c - a), axis=1)
    area = np.zeros(owner.shape, np.float32)
    uv_area = _triangle_areas(uv, triangles)
    area[on_mesh] = (cm2 / np.maximum(2 * uv_area, 1e-9))[owner[on_mesh]]
    zones = _zone_masks(uv, on_mesh)
    reached = np.flatnonzero(on_mesh.any(axis=1))
    reach = slice(int(reached[0]) * TEXTURE_SIZE, int(reached[-1] + 1) * TEXTURE_SIZE)
    label = np.full(owner.shape, -1, np.int32)
    for number, mask in enumerate(zones.values()):
        label[mask] = number
    zone_texels = {name: np.flatnonzero(mask) for name, mask in zones.items()}
    return Canonical(
        uv=uv, xyz=xyz, triangles=triangles, around=_around(triangles), uv_area=uv_area, on_mesh=on_mesh,
        texel=np.flatnonzero(on_mesh), reach=reach,
        owner=np.where(on_mesh, owner, len(triangles)).astype(np.intp),
        corner=np.where(on_mesh.ravel(), triangles[owner.ravel()].T, 0).astype(np.intp)[:, reach].copy(),
        weight=np.repeat(weight.reshape(-1, 3)[reach].T[..., None], 4, axis=2),
        area_cm2=area, zones=zones, label=label,
        zone_texels=MappingProxyType(zone_texels),
        zone_cm2=MappingProxyType({name: area.take(texels) for name, texels in zone_texels.items()}),
        skin=(label >= 0) & (label < len(SKIN_ZONES)),
    )  # fmt: skip


def _triangle_areas(points: FloatMap, triangles: IntMap) -> FloatMap:
    """Area of each triangle (T,) of plane points (V, 2), in the square of their unit."""
    a, b, c = (points[triangles[:, k]] for k in range(3))
    areas: FloatMap = np.abs((b - a)[:, 0] * (c - a)[:, 1] - (b - a)[:, 1] * (c - a)[:, 0]) / 2
    return areas


def _around(triangles: IntMap) -> Indices:
    """Triangles that meet in each vertex, (8, 468): those whose first corner it is before the others."""
    meeting: list[list[int]] = [[] for _ in range(_VERTICES)]
    for corner in triangles.T.tolist():
        for number, vertex in enumerate(corner):
            meeting[vertex].append(number)
    most = max(map(len, meeting))
    rows = [[*numbers, *[len(triangles)] * (most - len(numbers))] for numbers in meeting]
    return np.ascontiguousarray(np.array(rows, np.intp).T)


def _parse_mesh(data: bytes) -> tuple[FloatMap, IntMap]:
    """Vertices (468, 5) x, y, z, u, v and triangles (898, 3) of the first Mesh3d in the metadata."""
    try:
        mesh = next(value for number, value in _protobuf(data) if number == 1 and isinstance(value, bytes))
        floats = [v for n, v in _protobuf(mesh) if n == 3 and isinstance(v, bytes)]
        indices = [v for n, v in _protobuf(mesh) if n == 4 and isinstance(v, int)]
        vertices = np.frombuffer(b"".join(floats), "<f4").reshape(_VERTICES, 5).astype(np.float32)
        triangles = np.array(indices, np.int32).reshape(_TRIANGLES, 3)
    except (StopIteration, ValueError, IndexError, struct.error) as error:
        raise ModelError(
            "the face landmarker bundle does not hold the canonical face mesh",
            "run `skinscan models verify` and replace face_landmarker.task",
        ) from error
    return vertices, triangles


def _protobuf(data: bytes) -> Iterator[tuple[int, bytes | int]]:
    """Field number and value of each field: enough of the wire format for one small message."""

    def varint(at: int) -> tuple[int, int]:
        value = shift = 0
        while True:
            byte = data[at]
            at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value, at

    at = 0
    while at < len(data):
        key, at = varint(at)
        kind = key & 7
        if kind == 0:
            number, at = varint(at)
            yield key >> 3, number
            continue
        if kind == 2:
            size, at = varint(at)
        elif kind in (1, 5):
            size = 8 if kind == 1 else 4
        else:
            raise ValueError(f"wire type {kind}")
        yield key >> 3, data[at : at + size]
        at += size


def _rasterise(uv: FloatMap, triangles: IntMap) -> tuple[IntMap, FloatMap]:
    """Which triangle covers each texel centre (-1: none), and its barycentric weights."""
    side = TEXTURE_SIZE
    owner = np.full((side, side), -1, np.int32)
    weight = np.zeros((side, side, 3), np.float32)
    for number, corners in enumerate(triangles):
        a, b, c = uv[corners].astype(np.float64)
        double_area = (b[0] - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (b[1] - a[1])
        if abs(double_area) < 1e-9:
            continue
        low = np.maximum(np.floor(np.minimum(np.minimum(a, b), c)).astype(int), 0)
        high = np.minimum(np.ceil(np.maximum(np.maximum(a, b), c)).astype(int), side - 1)
        x, y = np.meshgrid(np.arange(low[0], high[0] + 1), np.arange(low[1], high[1] + 1))
        wb = ((x - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (y - a[1])) / double_area
        wc = ((b[0] - a[0]) * (y - a[1]) - (x - a[0]) * (b[1] - a[1])) / double_area
        w = np.stack([1 - wb - wc, wb, wc], axis=-1)
        hit = (w >= -1e-6).all(axis=-1)
        owner[y[hit], x[hit]] = number
        weight[y[hit], x[hit]] = w[hit]
    return owner, weight


def _zone_masks(uv: FloatMap, on_mesh: BoolMap) -> MappingProxyType[str, BoolMap]:
    polygons = dict(_MIDDLE)
    for name, corners in _RIGHT_HALF.items():
        polygons[f"right_{name}"] = corners
        polygons[f"left_{name}"] = tuple((1 - u, v) for u, v in corners)
    masks = {name: _fill(np.array(p) * TEXTURE_SIZE - 0.5) & on_mesh for name, p in polygons.items()}
    lips = _fill(uv[list(_LIP_OUTER)])
    around = np.ones((2 * _LIP_MARGIN + 1,) * 2, np.uint8)
    masks["perioral"] &= cv2.dilate(lips.astype(np.uint8), around) == 0
    vermilion = lips & ~_fill(uv[list(LIP_INNER)])
    middle = uv[[13, 14], 1].mean()  # where the inner lips meet
    below = np.arange(TEXTURE_SIZE)[:, None] > middle
    masks["upper_lip"], masks["lower_lip"] = vermilion & ~below, vermilion & below
    for mask in masks.values():
        mask.setflags(write=False)
    return MappingProxyType({name: masks[name] for name in ZONES})


def _fill(corners: NDArray[np.floating]) -> BoolMap:
    mask = np.zeros((TEXTURE_SIZE, TEXTURE_SIZE), np.uint8)
    cv2.fillPoly(mask, [np.round(corners).astype(np.int32)], 1)
    return mask.astype(bool)
