"""MediaPipe's canonical face on the UV square: one table for every stage that works on texels.

The mesh (468 vertices, 898 triangles, canonical lengths in cm) and its UV are those of the FaceLandmarker
bundle (MediaPipe, Apache-2.0), kept as `canonical_mesh.npz`, which
`python -m models.training.fit.canonical_mesh` writes; a test holds it against the bundle.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from types import MappingProxyType
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from skinscan.facemesh.zones import SKIN_ZONES, zone_masks
from skinscan.types import TEXTURE_SIZE, BoolMap, FloatArray, FloatMap, Indices, IntMap

__all__ = ["CanonicalFace", "load_canonical"]

F = TypeVar("F", bound=np.floating)


@dataclass(frozen=True, slots=True, kw_only=True)
class CanonicalFace:
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
def load_canonical() -> CanonicalFace:
    """Read the mesh and rasterise the UV square, once per process."""
    with (files("skinscan.facemesh") / "canonical_mesh.npz").open("rb") as file, np.load(file) as mesh:
        xyzuv, triangles = mesh["xyzuv"], mesh["triangles"]
    uv = xyzuv[:, 3:] * TEXTURE_SIZE - 0.5
    xyz = np.ascontiguousarray(xyzuv[:, :3])
    owner, weight = _rasterise(uv, triangles)
    on_mesh = owner >= 0
    a, b, c = (xyz[triangles[:, k]] for k in range(3))
    cm2 = np.linalg.norm(np.cross(b - a, c - a), axis=1)
    area = np.zeros(owner.shape, np.float32)
    uv_area = _triangle_areas(uv, triangles)
    area[on_mesh] = (cm2 / np.maximum(2 * uv_area, 1e-9))[owner[on_mesh]]
    zones = zone_masks(uv, on_mesh)
    reached = np.flatnonzero(on_mesh.any(axis=1))
    reach = slice(int(reached[0]) * TEXTURE_SIZE, int(reached[-1] + 1) * TEXTURE_SIZE)
    label = np.full(owner.shape, -1, np.int32)
    for number, mask in enumerate(zones.values()):
        label[mask] = number
    zone_texels = {name: np.flatnonzero(mask) for name, mask in zones.items()}
    return CanonicalFace(
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
    meeting: list[list[int]] = [[] for _ in range(int(triangles.max()) + 1)]
    for corner in triangles.T.tolist():
        for number, vertex in enumerate(corner):
            meeting[vertex].append(number)
    most = max(map(len, meeting))
    rows = [[*numbers, *[len(triangles)] * (most - len(numbers))] for numbers in meeting]
    return np.ascontiguousarray(np.array(rows, np.intp).T)


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
