"""A head around a face: skull, ears, neck, shoulders and hair as one set of triangles.

Frame: cm, x to the person's left, y up, z to the front, as the canonical mesh has it. The first 468 vertices
are the face; everything else only makes the picture read as a portrait.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.renderer.mesh import boundary, grid_triangles, load_mesh, vertex_normals
from models.renderer.shape import HeadShape

__all__ = ["FACE", "SKIN", "Head", "build_head", "rotation"]

Array = NDArray[np.floating[Any]]

FACE, SKIN, _HAIR = 0, 1, 2
"""Materials of triangles; SKIN is everything else that is not hair throughout."""

RINGS = 14  # of the skull, from the edge of the face to the back of the head
POLE = np.array([0.0, 1.5, -12.0], np.float32)  # back of the head

CHIN = 152


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """Vertices V and triangles T."""

    xyz: Array  # (V, 3) cm, posed
    normal: Array  # (V, 3) unit
    uv: Array  # (V, 2) 0..1: where the face texture is read; off the face the nearest point of its edge
    st: Array  # (V, 2) 0..1: around and along the hair
    edge: Array  # (V,) 1 on the face, falling to 0 where skin has the neck's colour
    wool: Array  # (V,) 0 skin .. 1 hair
    cloth: Array  # (V,) cm below the neckline, negative above
    triangles: NDArray[np.int32]  # (T, 3)
    material: NDArray[np.int32]  # (T,)


def rotation(yaw: float, pitch: float, roll: float) -> Array:
    """(3, 3) head to camera axes; degrees, signs as in `skinscan.types.Pose`."""
    a, b, c = np.radians([yaw, pitch, -roll])
    about_y = np.array([[np.cos(a), 0, np.sin(a)], [0, 1, 0], [-np.sin(a), 0, np.cos(a)]])
    about_x = np.array([[1, 0, 0], [0, np.cos(b), -np.sin(b)], [0, np.sin(b), np.cos(b)]])
    about_z = np.array([[np.cos(c), -np.sin(c), 0], [np.sin(c), np.cos(c), 0], [0, 0, 1]])
    return np.asarray(about_y @ about_x @ about_z, np.float32)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """A grid of vertices with its attributes."""

    xyz: Array
    triangles: NDArray[np.int32]
    material: int
    uv: Array | None = None
    st: Array | None = None
    edge: Array | None = None
    wool: Array | None = None
    cloth: Array | None = None


def build_head(shape: HeadShape, pose: tuple[float, float, float]) -> Head:
    """Put the parts together; `pose` is (yaw, pitch, roll) of the head, the shoulders follow a little."""
    turn = rotation(*pose)
    body_turn = rotation(0.35 * pose[0], 0.0, 0.25 * pose[2])
    mesh = load_mesh()
    face = _Part(
        xyz=shape.face, triangles=mesh.triangles, material=FACE, uv=mesh.uv, edge=np.ones(468, np.float32)
    )
    skull = _skull(shape)
    # One normal field over the seam, so that shading does not show the edge of the face.
    loop = _loop()
    face_normal, skull_normal = _joint_normals(face, skull, loop)
    moving = [
        (face, face_normal),
        (skull, skull_normal),
        *((ear, vertex_normals(ear.xyz, ear.triangles)) for ear in _ears(shape)),
    ]
    body = _body(shape)
    if shape.long_hair:
        curtain = _curtain(shape)
        moving.append((curtain, vertex_normals(curtain.xyz, curtain.triangles)))
    placed = [(part, part.xyz @ turn.T, normal @ turn.T) for part, normal in moving]
    placed.append((body, body.xyz @ body_turn.T, vertex_normals(body.xyz, body.triangles) @ body_turn.T))
    return _join(placed)


def _join(placed: Sequence[tuple[_Part, Array, Array]]) -> Head:
    def column(name: str, width: int, absent: float = 0.0) -> Array:
        shape = (width,) if width else ()
        values = [getattr(part, name) for part, _, _ in placed]
        filled = [
            np.full((len(part.xyz), *shape), absent, np.float32) if value is None else value
            for value, (part, _, _) in zip(values, placed, strict=True)
        ]
        return np.concatenate(filled).astype(np.float32)

    start = np.cumsum([0, *(len(part.xyz) for part, _, _ in placed)]).astype(np.int32)
    return Head(
        xyz=np.concatenate([xyz for _, xyz, _ in placed]),
        normal=np.concatenate([normal for _, _, normal in placed]),
        uv=column("uv", 2),
        st=column("st", 2),
        edge=column("edge", 0),
        wool=column("wool", 0),
        cloth=column("cloth", 0, -100.0),
        triangles=np.concatenate([p.triangles + s for (p, _, _), s in zip(placed, start[:-1], strict=True)]),
        material=np.concatenate([np.full(len(p.triangles), p.material, np.int32) for p, _, _ in placed]),
    )  # fmt: skip


def _smoothstep(x: Array) -> Array:
    t = np.clip(x, 0.0, 1.0)
    return np.asarray(t * t * (3.0 - 2.0 * t), np.float32)


def _loop() -> NDArray[np.int32]:
    """The edge of the face from the chin round, so that hair has its seam where there is none."""
    loop = boundary(load_mesh().triangles)
    return np.roll(loop, -int(np.flatnonzero(loop == CHIN)[0]))


def _skull(shape: HeadShape) -> _Part:
    """From the edge of the face to the back of the head: Bezier curves that leave it smoothly."""
    mesh = load_mesh()
    loop = _loop()
    edge = shape.face[loop]
    normal = vertex_normals(shape.face, mesh.triangles)[loop]
    along = np.roll(edge, -1, axis=0) - np.roll(edge, 1, axis=0)
    leave = np.cross(along, normal)
    leave /= np.linalg.norm(leave, axis=1, keepdims=True)
    up = np.clip(edge[:, 1] / 8.0, -1.0, 1.0)  # 1 at the forehead, -1 at the chin
    leave = leave * (0.4 + 0.6 * np.clip(up + 1.0, 0, 1))[:, None] + (0, 0, -0.5)
    leave /= np.linalg.norm(leave, axis=1, keepdims=True)
    radial = edge * (1, 1, 0) / np.linalg.norm(edge[:, :2], axis=1, keepdims=True)
    p0, p3 = edge, np.broadcast_to(POLE, edge.shape)
    p1 = p0 + leave * (5.0 + 1.5 * up)[:, None]
    p2 = p3 + radial * np.stack([np.full_like(up, 8.2), np.where(up > 0, 14.0, 6.5), np.zeros_like(up)], -1)
    t = (np.arange(RINGS + 1, dtype=np.float32) / RINGS)[:, None, None]
    xyz = (1 - t) ** 3 * p0 + 3 * t * (1 - t) ** 2 * p1 + 3 * t**2 * (1 - t) * p2 + t**3 * p3
    # Hair starts further back from forehead to temple to ear, and not at all below the ear.
    begin = np.interp(edge[:, 1], [-3.0, -1.0, 3.0, 5.5, 8.0], [1.2, 0.55, 0.10, 0.02, 0.0])
    begin = begin + shape.hairline * 0.25 * np.clip(up, 0, 1)
    wool = _smoothstep((t[..., 0] - begin) / 0.06)
    out = xyz - (0.0, 1.0, -4.0)
    out /= np.linalg.norm(out, axis=2, keepdims=True)
    xyz = xyz + out * (wool * shape.hair_volume * _smoothstep((t[..., 0] - begin) / 0.25))[..., None]
    count = len(loop)
    around = np.broadcast_to(np.arange(count) / count, (RINGS + 1, count))
    return _Part(
        xyz=xyz.reshape(-1, 3).astype(np.float32),
        triangles=grid_triangles(RINGS + 1, count, closed=True)[:, ::-1],
        material=SKIN,
        uv=np.tile(mesh.uv[loop], (RINGS + 1, 1)),
        st=np.stack([around, np.broadcast_to(t[..., 0], around.shape)], -1).reshape(-1, 2),
        edge=_smoothstep(np.broadcast_to(1.0 - t[..., 0] / 0.25, around.shape)).reshape(-1),
        wool=wool.reshape(-1),
    )


def _joint_normals(face: _Part, skull: _Part, loop: NDArray[np.int32]) -> tuple[Array, Array]:
    """Vertex normals of face and skull, equal on the seam (the skull's first ring)."""
    a = vertex_normals(face.xyz, face.triangles)
    b = vertex_normals(skull.xyz, skull.triangles)
    both = a[loop] + b[: len(loop)]
    both /= np.linalg.norm(both, axis=1, keepdims=True)
    a[loop] = both
    b[: len(loop)] = both
    return a, b


def _ears(shape: HeadShape) -> list[_Part]:
    """A flattened ellipsoid on either side."""
    rows, columns = 8, 12
    theta, phi = np.linspace(0, np.pi, rows), np.arange(columns) / columns * 2 * np.pi
    ball = np.stack([
        np.outer(np.sin(theta), np.cos(phi)), np.outer(np.cos(theta), np.ones(columns)),
        np.outer(np.sin(theta), np.sin(phi)),
    ], -1).reshape(-1, 3)  # fmt: skip
    wide = float(np.abs(shape.face[[234, 454], 0]).mean())
    parts = []
    for side in (-1.0, 1.0):
        xyz = ball * (0.7, 2.9, 1.5) + (side * (wide + 0.35), 0.3, -4.6)
        parts.append(
            _Part(
                xyz=xyz.astype(np.float32),
                triangles=grid_triangles(rows, columns, closed=True),
                material=SKIN,
            )
        )
    return parts


def _lathe(y: Array, rx: Array, rz: Array, z: Array, angles: Array) -> Array:
    """Rows of ellipses; the angle is measured from the front to the person's left."""
    x = rx[:, None] * np.sin(angles)
    return np.stack([x, np.broadcast_to(y[:, None], x.shape), z[:, None] + rz[:, None] * np.cos(angles)], -1)


def _body(shape: HeadShape) -> _Part:
    """Neck and shoulders; cloth from the neckline down, lower in front."""
    y = np.array([-3.0, -8.0, -11.0, -13.0, -15.0, -16.5, -18.0, -20.0, -23.0, -28.0, -36.0, -46.0])
    rx = np.array([5.2, 5.3, 5.5, 5.8, 6.6, 8.2, 11.5, 15.5, 18.5, 20.0, 20.5, 20.5])
    rx = np.where(y > -16, rx * shape.neck_width, rx)
    rz = np.array([5.2, 5.3, 5.5, 5.8, 6.2, 6.8, 7.4, 8.0, 9.0, 10.0, 11.0, 11.5])
    z = np.array([-4.5, -4.5, -4.8, -5.0, -5.2, -5.4, -5.6, -5.8, -5.8, -5.5, -5.0, -5.0])
    angles = np.arange(40) / 40 * 2 * np.pi
    fine = np.linspace(y[0], y[-1], 44)
    columns = [np.interp(-fine, -y, column) for column in (rx, rz, z)]
    xyz = _lathe(fine, columns[0], columns[1], columns[2], angles).reshape(-1, 3).astype(np.float32)
    behind = np.where(xyz[:, 2] < -5.0, 2.0, 0.0)
    return _Part(
        xyz=xyz,
        triangles=grid_triangles(len(fine), len(angles), closed=True)[:, ::-1],
        material=SKIN,
        cloth=(shape.neckline + 0.35 * np.abs(xyz[:, 0]) + behind - xyz[:, 1]).astype(np.float32),
    )


def _curtain(shape: HeadShape) -> _Part:
    """Long hair behind the face, open to the front."""
    y = np.linspace(9.0, -17.0, 14)
    s, t = np.meshgrid(np.linspace(0, 1, 40), np.linspace(0, 1, len(y)))
    front = np.radians(np.interp(-y, [-9, 0, 17], [120, 84, 66]))[:, None]
    swell = np.interp(-y, [-9, -4, 4, 12, 17], [6.0, 8.2, 9.2, 9.8, 9.4]) + 0.5 * shape.hair_volume
    xyz = _lathe(y, swell, 0.9 * swell, np.full(len(y), -4.2), front + s * (2 * np.pi - 2 * front))
    return _Part(
        xyz=xyz.reshape(-1, 3).astype(np.float32),
        triangles=grid_triangles(*s.shape, closed=False)[:, ::-1],
        material=_HAIR,
        st=np.stack([s, t], -1).reshape(-1, 2),
        wool=np.ones(xyz.size // 3, np.float32),
    )
