"""Things in the photo: which pixels they take, how they are lit, what they leave to be seen of the head."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from models.renderer.camera import Light
from models.renderer.mesh import barycentric, dot, draw_ids, unit
from models.renderer.scene_objects import SceneObject
from models.renderer.shading import Points, shade
from models.renderer.surface_pixels import sample

__all__ = ["Overlay", "Seen", "darken", "lay_over", "see"]

Array = NDArray[np.floating[Any]]

_EDGE_PX = 0.6  # sigma: outlines of things are smooth
_SKIN_DEEP = 0.25  # cm by which the head may lie before a thing that touches it
_CONTACT = 0.5  # of the sky is gone under the edge of a thing


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """The N pixels of one thing."""

    thing: SceneObject
    row: NDArray[np.int64]  # (N,)
    column: NDArray[np.int64]  # (N,)
    depth: Array  # (N,) cm from the camera
    xyz: Array  # (N, 3) camera axes
    normal: Array  # (N, 3) unit, to the camera
    st: Array  # (N, 2)
    open: Array  # (N,)
    alpha: Array  # (N,) 0..1


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlay:
    """What all things do to the photo: seen = raw * `shows` + `adds`. All are (H, W, ...)."""

    shows: Array  # (H, W, 3) per raw channel
    adds: Array  # (H, W, 3) raw
    specular: Array  # (H, W) fraction of the light that the things mirror
    cover: Array  # (H, W) 0..1 what they take of the light from behind


def see(things: Sequence[SceneObject], turn: Array, project: Any, depth: Array) -> list[Seen]:
    """Pixels of each thing that nothing of the head hides, farthest thing first.

    `project` gives px (N, 2) and depth (N,) of points (N, 3) in camera axes; `depth` (H, W) is the head's.
    """
    found = [_see(thing, turn, project, depth) for thing in things]
    nearest, left = depth.copy(), []
    for one in sorted((s for s in found if len(s.row)), key=lambda seen: -float(seen.depth.mean())):
        # Nearer on the whole is not nearer everywhere: an open mouth lies behind the mask that covers it.
        at = (one.row, one.column)
        front = one.depth < nearest[at] + _SKIN_DEEP
        solid = front & (one.alpha > 0.5) & (one.thing.stuff.keeps is None)
        nearest[one.row[solid], one.column[solid]] = one.depth[solid]
        if front.any():
            left.append(one if front.all() else _only(one, front))
    return left


def _only(one: Seen, kept: NDArray[np.bool_]) -> Seen:
    return Seen(
        thing=one.thing, row=one.row[kept], column=one.column[kept], depth=one.depth[kept], xyz=one.xyz[kept],
        normal=one.normal[kept], st=one.st[kept], open=one.open[kept], alpha=one.alpha[kept],
    )  # fmt: skip


def _see(thing: SceneObject, turn: Array, project: Any, depth: Array) -> Seen:
    xyz, normal = thing.xyz @ turn.T, thing.normal @ turn.T
    xy, far = project(xyz)
    height, width = depth.shape
    low = np.floor(xy.min(axis=0)).astype(int).clip(0, (width - 1, height - 1))
    high = np.ceil(xy.max(axis=0)).astype(int).clip(0, (width - 1, height - 1)) + 1
    local = (xy - low).astype(np.float32)
    ids = draw_ids(local, far, thing.triangles, (int(high[1] - low[1]), int(high[0] - low[0])))
    row, column = np.nonzero(ids >= 0)
    hit = ids[row, column]
    points = np.stack([column, row], axis=-1).astype(np.float32)
    weights = barycentric(local, far, thing.triangles, hit, points)
    table = np.column_stack([far, xyz, normal, thing.st, thing.open]).astype(np.float32)
    corners = thing.triangles[hit]
    mixed = np.zeros((len(hit), table.shape[1]), np.float32)
    for k in range(3):
        mixed += table[corners[:, k]] * weights[:, k : k + 1]
    row, column = row + low[1], column + low[0]
    st = mixed[:, 7:9]
    alpha = np.ones(len(row), np.float32) if thing.stuff.alpha is None else _look_up(thing.stuff.alpha, st)
    front = (mixed[:, 0] < depth[row, column] + _SKIN_DEEP) & (alpha > 0.01)
    mixed, n = mixed[front], unit(mixed[front, 4:7])
    view = unit(np.array([0, 0, 1], np.float32) * (mixed[:, :1] + mixed[:, 3:4]) - mixed[:, 1:4])
    n[dot(n, view) < 0] *= -1
    return Seen(
        thing=thing, row=row[front], column=column[front], depth=mixed[:, 0], xyz=mixed[:, 1:4], normal=n,
        st=st[front], open=mixed[:, 9], alpha=alpha[front],
    )  # fmt: skip


def _look_up(picture: Array, st: Array) -> Array:
    height, width = picture.shape[:2]
    return sample(np.asarray(picture, np.float32), st * np.array([width, height], np.float32) - 0.5)[:, 0]


def darken(seen: Sequence[Seen], size: tuple[int, int], per_cm: float) -> Array:
    """(H, W) 0..1 what of the sky is left beside and below things."""
    part = 4
    mask = np.zeros((-(-size[0] // part), -(-size[1] // part)), np.float32)
    for one in seen:
        if one.thing.stuff.keeps is None:
            mask[one.row // part, one.column // part] = one.alpha
    near = cv2.GaussianBlur(mask, (0, 0), max(0.45 * per_cm / part, 0.5))
    return np.asarray(
        1.0 - _CONTACT * cv2.resize(near, size[::-1], interpolation=cv2.INTER_LINEAR), np.float32
    )


def lay_over(
    seen: Sequence[Seen], lit: Sequence[Array], light: Light, distance: float, to_raw: tuple[Array, Array],
    size: tuple[int, int],
) -> Overlay:  # fmt: skip
    """Light the things and put one over the other; `lit` is (N,) per thing, the share of the key."""
    shows, adds = np.ones((*size, 3), np.float32), np.zeros((*size, 3), np.float32)
    specular, cover = np.zeros(size, np.float32), np.zeros(size, np.float32)
    for one, share in zip(seen, lit, strict=True):
        takes, color, mirrors = _shaded(one, share, light, distance, to_raw)
        top, left = int(one.row.min()), int(one.column.min())
        box = np.s_[max(top - 2, 0) : int(one.row.max()) + 3, max(left - 2, 0) : int(one.column.max()) + 3]
        patch = np.zeros((*shows[box].shape[:2], 8), np.float32)
        at = (one.row - box[0].start, one.column - box[1].start)
        patch[at] = np.column_stack([takes, color, mirrors, takes.mean(axis=1)])
        patch = cv2.GaussianBlur(patch, (0, 0), _EDGE_PX)
        left_over = 1.0 - patch[..., :3]
        shows[box] *= left_over
        adds[box] = adds[box] * left_over + patch[..., 3:6]
        rest = 1.0 - patch[..., 7]
        specular[box] = specular[box] * rest + patch[..., 6]
        cover[box] = 1.0 - (1.0 - cover[box]) * rest
    return Overlay(shows=shows, adds=adds, specular=specular, cover=cover)


def _shaded(
    one: Seen, lit: Array, light: Light, distance: float, to_raw: tuple[Array, Array]
) -> tuple[Array, Array, Array]:
    """(N, 3) what it takes of the light behind it, (N, 3) raw it sends, (N,) what it mirrors."""
    stuff, count = one.thing.stuff, len(one.row)
    points = Points(
        normal=one.normal, view=unit(np.array([0, 0, distance], np.float32) - one.xyz), lit=lit,
        open=one.open, rough=np.full(count, stuff.rough, np.float32),
        soft=np.full(count, stuff.soft, np.float32),
    )  # fmt: skip
    shaded = shade(points, light)
    factor = np.ones(count, np.float32) if stuff.shade is None else _look_up(stuff.shade, one.st)
    key, fill = to_raw
    color = factor[:, None] * (stuff.body @ key) * shaded.key
    color += factor[:, None] * (stuff.body @ fill) * shaded.fill[:, None]
    if stuff.other is not None and stuff.mix is not None:
        second = (stuff.other @ key) * shaded.key + (stuff.other @ fill) * shaded.fill[:, None]
        color += _look_up(stuff.mix, one.st)[:, None] * (second - color)
    glints = stuff.gloss * shaded.key_specular, stuff.gloss * shaded.fill_specular
    mirrors = glints[0] + glints[1]
    if stuff.gleam is not None:
        gleam = _look_up(stuff.gleam, one.st)
        mirrors, glints = mirrors + gleam, (glints[0], glints[1] + gleam)
    color += glints[0][:, None] * key.sum(axis=0) + glints[1][:, None] * fill.sum(axis=0)
    takes = np.repeat(one.alpha[:, None], 3, axis=1)
    if stuff.keeps is not None:
        takes = takes * (stuff.keeps @ fill / fill.sum(axis=0))
    return takes, one.alpha[:, None] * color, one.alpha * mirrors
