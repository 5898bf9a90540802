"""Pixels of a posed head: what material each shows and how the light finds it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from models.renderer.face_layers import FINE
from models.renderer.head import FACE, Head
from models.renderer.mesh import barycentric, draw_ids, unit
from models.renderer.shading import ambient_visibility
from models.renderer.subject import STRANDS, Subject
from skinscan.color import F0

__all__ = ["Hair", "Pixels", "albedo", "body_color", "gather", "hair_of", "sample", "specular_finish"]

Array = NDArray[np.floating[Any]]

NECK_ROUGH, HAIR_ROUGH, EYE_ROUGH, LIP_ROUGH = 0.45, 0.42, 0.07, 0.30
HAIR_GLOSS, CLOTH_GLOSS = 0.3, 0.15


@dataclass(frozen=True, slots=True, kw_only=True)
class Pixels:
    """N covered pixels, row by row."""

    row: NDArray[np.int64]  # (N,)
    column: NDArray[np.int64]  # (N,)
    depth: Array  # (N,) cm from the camera
    xyz: Array  # (N, 3) cm, camera axes, origin at the head
    normal: Array  # (N, 3) unit
    uv: Array  # (N, 2)
    st: Array  # (N, 2)
    edge: Array  # (N,) 1 on the face
    wool: Array  # (N,) 0..1 hair
    cloth: Array  # (N,) 0..1
    open: Array  # (N,) share of the sky seen
    on_face: NDArray[np.bool_]  # (N,)


def gather(head: Head, xy: Array, depth: Array, shape: tuple[int, int]) -> Pixels:
    """Draw the head and interpolate its attributes at every covered pixel."""
    ids = draw_ids(xy, depth, head.triangles, shape)
    row, column = np.nonzero(ids >= 0)
    hit = ids[row, column]
    points = np.stack([column, row], axis=-1).astype(np.float32)
    weights = barycentric(xy, depth, head.triangles, hit, points)
    sky = ambient_visibility()
    hollow = np.ones(len(head.xyz), np.float32)
    hollow[: len(sky)] = sky
    table = np.concatenate(
        [head.xyz, head.normal, head.uv, head.st,
         np.stack([depth, head.edge, head.wool, head.cloth, hollow], axis=1)], axis=1,
    ).astype(np.float32)  # fmt: skip
    corners = head.triangles[hit]
    mixed = np.zeros((len(hit), table.shape[1]), np.float32)
    for k in range(3):
        mixed += table[corners[:, k]] * weights[:, k : k + 1]
    return Pixels(
        row=row, column=column, depth=mixed[:, 10], xyz=mixed[:, :3], normal=unit(mixed[:, 3:6]),
        uv=mixed[:, 6:8], st=mixed[:, 8:10], edge=mixed[:, 11], wool=mixed[:, 12],
        cloth=np.clip(mixed[:, 13] / 0.12 + 0.5, 0.0, 1.0),
        open=mixed[:, 14], on_face=head.material[hit] == FACE,
    )  # fmt: skip


def sample(picture: Array, at: Array) -> Array:
    """(N, C) bilinear values of (H, W, C) at pixel coordinates `at` (N, 2) x, y; the edge repeats."""
    wide = 1024  # cv2.remap wants a picture, not a list
    padded = np.zeros((-(-len(at) // wide) * wide, 2), np.float32)
    padded[: len(at)] = at
    grid = padded.reshape(-1, wide, 2)
    channels = picture.shape[2] if picture.ndim == 3 else 1
    bands = [
        cv2.remap(
            np.ascontiguousarray(picture.reshape(*picture.shape[:2], channels)[..., k : k + 4]),
            grid, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE,
        ).reshape(len(padded), -1)
        for k in range(0, channels, 4)
    ]  # fmt: skip
    return np.concatenate(bands, axis=1)[: len(at)]


def albedo(subject: Subject, to_raw: Array) -> Array:
    """(FINE, FINE, 3) raw of light that came out of the skin and of what is painted on it."""
    raw = (subject.skin.reflectance - np.float32(F0)) @ to_raw
    raw = cv2.resize(raw, (FINE, FINE), interpolation=cv2.INTER_CUBIC)
    for layer in subject.surface.layers:
        (top, bottom), (left, right) = (_span(layer.alpha.max(axis=k)) for k in (1, 0))
        box = np.s_[top:bottom, left:right]
        alpha = layer.alpha[box][..., None]
        paint = np.broadcast_to(layer.reflectance @ to_raw, (*alpha.shape[:2], 3))
        if layer.shade is not None:
            paint = paint * layer.shade[box][..., None]
        raw[box] += alpha * (paint - raw[box])
    return np.asarray(raw, np.float32)


def _span(profile: Array) -> tuple[int, int]:
    at = np.flatnonzero(profile)
    return (int(at[0]), int(at[-1]) + 1) if len(at) else (0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hair:
    """Hair per pixel."""

    share: Array  # (N,) 0..1 over skin, ragged along the hairline
    strand: Array  # (N,) factor on its colour, mean 1


def hair_of(subject: Subject, pixels: Pixels) -> Hair:
    """Where there is hair, and how bright its strands are."""
    along, around = STRANDS
    strand = sample(subject.strands, pixels.st * np.array([around - 1, along - 1], np.float32))[:, 0]
    t = np.clip(1.6 * pixels.wool - 0.55 + 0.5 * (strand - 0.75) * (pixels.wool < 0.98), 0.0, 1.0)
    share = t * t * (3.0 - 2.0 * t) * (pixels.wool > 0.01)
    return Hair(share=share.astype(np.float32), strand=strand)


def body_color(subject: Subject, pixels: Pixels, texture: Array, to_raw: Array, hair: Hair) -> Array:
    """(N, 3) raw body reflectance of every pixel: face, neck, hair or cloth."""
    color = sample(texture, pixels.uv * FINE - 0.5)
    neck = (subject.skin.neck - np.float32(F0)) @ to_raw
    color = neck + pixels.edge[:, None] * (color - neck)
    color += hair.share[:, None] * (hair.strand[:, None] * (subject.look.hair @ to_raw) - color)
    return np.asarray(color + pixels.cloth[:, None] * (subject.cloth @ to_raw - color), np.float32)


def specular_finish(subject: Subject, pixels: Pixels, hair: Hair) -> tuple[Array, Array, Array, Array]:
    """Per pixel: roughness, share of the specular left, softness 0..1, and tilt of the normal (N, 2)."""
    surface = subject.surface
    fine = cv2.resize(subject.rough, (FINE, FINE), interpolation=cv2.INTER_LINEAR)
    fine += surface.moist * (LIP_ROUGH - fine)
    fine += surface.wet * (EYE_ROUGH - fine)
    stack = np.dstack([fine, surface.gloss, surface.wet, surface.tilt]).astype(np.float32)
    values = sample(stack, pixels.uv * FINE - 0.5)
    rough, gloss, wet, tilt = values[:, 0], values[:, 1], values[:, 2], values[:, 3:5]
    rough = NECK_ROUGH + pixels.edge * (rough - NECK_ROUGH)
    gloss = 1.0 + pixels.edge * (gloss - 1.0)
    rough = rough + hair.share * (HAIR_ROUGH - rough)
    gloss = gloss + hair.share * (HAIR_GLOSS * hair.strand - gloss)
    gloss = gloss + pixels.cloth * (CLOTH_GLOSS - gloss)
    soft = (1.0 - hair.share) * (1.0 - pixels.cloth) * (1.0 - 0.7 * wet)
    return rough, gloss, soft, tilt * (pixels.edge * pixels.on_face)[:, None]
