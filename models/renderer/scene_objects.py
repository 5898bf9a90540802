"""Things that stand off the face, as textured triangles in the head's frame, and how to build them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.renderer.mesh import grid_triangles, unit, vertex_normals

__all__ = ["Material", "SceneObject", "join", "sheet", "tube"]

Array = NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """What a thing is made of; maps are on its own square, `st`."""

    body: Array  # (31,) reflectance without the surface's
    rough: float = 0.5  # GGX
    gloss: float = 0.4  # factor on the specular reflection of skin
    soft: float = 0.0  # 0..1 how much light spreads below the surface
    alpha: Array | None = None  # (h, w) 0..1 how much of what is behind it hides
    shade: Array | None = None  # (h, w) factor on `body`
    other: Array | None = None  # (31,) second reflectance
    mix: Array | None = None  # (h, w) 0..1 share of the second
    keeps: Array | None = None  # (31,) for glass: share of the light from behind that it swallows
    gleam: Array | None = None  # (h, w) for glass: what it mirrors, as a share of a white card's radiance


@dataclass(frozen=True, slots=True, kw_only=True)
class SceneObject:
    """Vertices V and triangles T in the head's frame, cm."""

    stuff: Material
    xyz: Array  # (V, 3)
    normal: Array  # (V, 3) unit
    st: Array  # (V, 2) 0..1
    open: Array  # (V,) 0..1 share of the sky seen
    triangles: NDArray[np.int32]  # (T, 3)
    casts: NDArray[np.bool_]  # (T,) throws a shadow


def sheet(xyz: Array, stuff: Material, *, bright: float = 1.0) -> SceneObject:
    """A grid (rows, columns, 3) as a sheet; s runs along the columns, t down the rows."""
    rows, columns = xyz.shape[:2]
    s, t = np.meshgrid(np.linspace(0, 1, columns), np.linspace(0, 1, rows))
    triangles = grid_triangles(rows, columns, closed=False)
    flat = xyz.reshape(-1, 3).astype(np.float32)
    st = np.stack([s, t], -1).reshape(-1, 2).astype(np.float32)
    casts = np.ones(len(triangles), bool)
    if stuff.alpha is not None:  # thin hair lets light through: leave triangles out where there is little
        h, w = stuff.alpha.shape
        middle = st[triangles].mean(axis=1)
        at = (middle * (w - 1, h - 1)).astype(int)
        casts = stuff.alpha[at[:, 1], at[:, 0]] > 0.5
    return SceneObject(
        stuff=stuff, xyz=flat, normal=vertex_normals(flat, triangles), st=st,
        open=np.full(len(flat), bright, np.float32), triangles=triangles, casts=casts,
    )  # fmt: skip


def tube(
    path: Array, radius: Array, stuff: Material, *, flat: float = 1.0, sides: int = 10, out: Array
) -> SceneObject:
    """A tube along `path` (N, 3) with `radius` (N,) cm, `flat` times as thick towards `out` (3,) or (N, 3).

    s runs round the tube and is 0.5 on the side that looks along `out`; t runs along it. What looks away from
    `out` lies on the face and sees little of the sky.
    """
    along = unit(np.gradient(path, axis=0).astype(np.float32))
    up = np.broadcast_to(np.asarray(out, np.float32), path.shape)
    up = unit(up - along * np.einsum("ij,ij->i", up, along)[:, None])
    side = np.cross(along, up)
    turn = np.linspace(-np.pi, np.pi, sides + 1)
    ring = np.cos(turn)[None, :, None] * flat * up[:, None] + np.sin(turn)[None, :, None] * side[:, None]
    xyz = (path[:, None] + np.asarray(radius)[:, None, None] * ring).reshape(-1, 3).astype(np.float32)
    steep = np.cos(turn)[None, :, None] / flat * up[:, None] + np.sin(turn)[None, :, None] * side[:, None]
    normal = unit(steep.reshape(-1, 3).astype(np.float32))
    s, t = np.meshgrid(np.linspace(0, 1, sides + 1), np.linspace(0, 1, len(path)))
    facing = np.tile(0.5 + 0.5 * np.cos(turn), len(path))
    triangles = grid_triangles(len(path), sides + 1, closed=False)
    return SceneObject(
        stuff=stuff, xyz=xyz, normal=normal, st=np.stack([s, t], -1).reshape(-1, 2).astype(np.float32),
        open=(0.25 + 0.75 * facing).astype(np.float32), triangles=triangles,
        casts=np.ones(len(triangles), bool),
    )  # fmt: skip


def join(things: list[SceneObject]) -> SceneObject:
    """Things of one stuff as one."""
    start = np.cumsum([0, *(len(thing.xyz) for thing in things)])
    return SceneObject(
        stuff=things[0].stuff,
        xyz=np.concatenate([thing.xyz for thing in things]),
        normal=np.concatenate([thing.normal for thing in things]),
        st=np.concatenate([thing.st for thing in things]),
        open=np.concatenate([thing.open for thing in things]),
        triangles=np.concatenate([t.triangles + s for t, s in zip(things, start[:-1], strict=True)]).astype(
            np.int32
        ),
        casts=np.concatenate([thing.casts for thing in things]),
    )
