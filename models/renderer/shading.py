"""How light falls on a head and comes back: cast shadows, hollows, diffuse and specular reflection.

All radiances are relative to a white card that faces the light: a diffuse factor multiplies reflectance, a
specular one is an absolute fraction of the light.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.renderer.camera import Gobo, Light
from models.renderer.head import Head, build_head
from models.renderer.mesh import barycentric, dot, draw_ids, load_mesh, unit
from models.renderer.shape import HeadShape
from skinscan.color import F0

__all__ = ["Points", "Shadows", "ambient_visibility", "lit_by", "past_gobo", "shade", "shadow_map"]

Array = NDArray[np.floating[Any]]

SHADOW_SIDE = 420  # pixels of the shadow map
SHADOW_BIAS = 0.45  # cm
WRAP = np.array([0.22, 0.10, 0.06], np.float32)
"""How far light creeps round the terminator per raw channel: red goes furthest under the skin."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Points:
    """N surface points seen by the camera."""

    normal: Array  # (N, 3) unit, camera axes
    view: Array  # (N, 3) unit, to the camera
    lit: Array  # (N,) 0..1 of the key that is not in cast shadow
    open: Array  # (N,) 0..1 of the sky that is not hidden by the head
    rough: Array  # (N,) GGX roughness: 0.22 oily .. 0.5 dry, 0.06 an eye
    soft: Array  # (N,) 0..1 how much light spreads under the surface


@dataclass(frozen=True, slots=True, kw_only=True)
class Shaded:
    """Factors on reflectance (diffuse) and fractions of the light (specular)."""

    key: Array  # (N, 3) raw channels
    fill: Array  # (N,)
    key_specular: Array  # (N,)
    fill_specular: Array  # (N,)


def shade(points: Points, light: Light) -> Shaded:
    """Wrapped Lambert and GGX for the key, a vertical gradient for the fill, Fresnel by Schlick."""
    n, v = points.normal, points.view
    to_key = np.array(light.direction, np.float32)
    nl, nv = n @ to_key, np.clip(dot(n, v), 0.05, 1.0)
    wrap = points.soft[:, None] * WRAP * np.float32(light.creep)
    cosine = np.clip((nl[:, None] + wrap) / (1.0 + wrap), 0.0, 1.0)
    if light.falloff != 1.0:
        cosine = cosine ** np.float32(light.falloff)
    key = cosine * (light.share * points.lit)[:, None]
    hidden = 1.0 - light.occlusion * (1.0 - points.open)
    fill = (1.0 - light.share) * hidden * (1.0 - 0.5 * light.gradient * (1.0 - n[:, 1]))
    bounce_y = 2.0 * nv * n[:, 1] - v[:, 1]  # where the mirror direction points
    sky = (1.0 - light.share) * hidden * (1.0 - 0.5 * light.gradient * (1.0 - bounce_y))
    grazing = 0.2 * (1.0 - nv) ** 5 * (1.0 - points.rough)  # rough skin and a room that is not white
    return Shaded(
        key=key,
        fill=fill,
        key_specular=light.share * points.lit * _ggx(points, to_key, np.clip(nl, 0.0, 1.0), nv),
        fill_specular=(F0 + grazing) * sky,
    )


def _ggx(points: Points, to_key: Array, nl: Array, nv: Array) -> Array:
    """Specular radiance over that of a white card facing the key."""
    half = unit(points.view + to_key)
    nh = np.clip(dot(points.normal, half), 0.0, 1.0)
    a = points.rough
    spread = nh * nh * (a * a - 1.0) + 1.0
    facets = a * a / (spread * spread)  # pi D
    seen = 0.5 / np.maximum(nl * (nv * (1 - a) + a) + nv * (nl * (1 - a) + a), 1e-3)  # Hammon 2017
    fresnel = F0 + (1.0 - F0) * (1.0 - half @ to_key) ** 5
    return np.asarray(facets * seen * fresnel * nl, np.float32)


def _looking_along(direction: Array) -> Array:
    """(3, 3) rows: right, up, towards `direction`."""
    d = direction / np.linalg.norm(direction)
    helper = np.array([0.0, 1.0, 0.0]) if abs(d[1]) < 0.9 else np.array([1.0, 0.0, 0.0])
    right = np.cross(helper, d)
    right /= np.linalg.norm(right)
    return np.asarray(np.stack([right, np.cross(d, right), d]), np.float32)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shadows:
    """What the light sees."""

    near: Array  # (side, side) how near the light the nearest thing is, cm
    axes: Array  # (3, 3) the light's
    frame: Array  # (3,) corner and px per cm


def shadow_map(head: Head, direction: tuple[float, float, float], side: int = SHADOW_SIDE) -> Shadows:
    """Look from the light, whose direction is given, at the head."""
    axes = _looking_along(np.array(direction, np.float32))
    seen = head.xyz @ axes.T
    low, high = seen[:, :2].min(axis=0), seen[:, :2].max(axis=0)
    scale = (side - 3) / float((high - low).max())
    xy = (seen[:, :2] - low) * scale + 1.0
    ids = draw_ids(xy, -seen[:, 2], head.triangles, (side, side))
    near = np.full((side, side), -1e3, np.float32)
    y, x = np.nonzero(ids >= 0)
    hit = ids[y, x]
    flat = np.ones(len(xy), np.float32)
    weights = barycentric(xy, flat, head.triangles, hit, np.stack([x, y], -1).astype(np.float32))
    near[y, x] = (seen[:, 2][head.triangles[hit]] * weights).sum(axis=1)
    return Shadows(near=near, axes=axes, frame=np.array([*low, scale], np.float32))


def lit_by(shadows: Shadows, points: Array) -> Array:
    """(N,) 1 where `points` (N, 3) cm see the light, 0 in the shadow of the head."""
    seen = points @ shadows.axes.T
    at = np.round((seen[:, :2] - shadows.frame[:2]) * shadows.frame[2] + 1.0).astype(np.int32)
    at = at.clip(0, len(shadows.near) - 1)
    return np.asarray(shadows.near[at[:, 1], at[:, 0]] < seen[:, 2] + SHADOW_BIAS, np.float32)


def past_gobo(gobo: Gobo, direction: tuple[float, float, float], points: Array) -> Array:
    """(N,) share of the key that something out of the picture lets pass to `points` (N, 3) cm."""
    seen = points @ _looking_along(np.array(direction, np.float32)).T
    if gobo.kind == "brim":  # hangs lower at the sides, as a round brim does
        into = seen[:, 1] - gobo.offset + 0.02 * seen[:, 0] ** 2
    else:
        turn = np.radians(gobo.turn)
        into = seen[:, 0] * np.cos(turn) + seen[:, 1] * np.sin(turn) - gobo.offset
    if gobo.kind == "bars":
        into = 0.5 * gobo.width * gobo.period - np.abs(
            (into + 0.5 * gobo.period) % gobo.period - 0.5 * gobo.period
        )
    t = np.clip(into / gobo.soft + 0.5, 0.0, 1.0)
    return np.asarray(1.0 - gobo.dark * t * t * (3.0 - 2.0 * t), np.float32)


@cache
def ambient_visibility() -> Array:
    """(V,) share of the sky each vertex of a neutral, short-haired head sees, cosine-weighted.

    Parts come in a fixed order and grid, so the values serve every head; vertices beyond them are open.
    """
    shape = HeadShape(
        face=load_mesh().xyz, long_hair=False, hair_volume=1.0, hairline=0.2, neck_width=1.0, neckline=-17.0
    )
    head = build_head(shape, (0.0, 0.0, 0.0))
    total, weight = np.zeros(len(head.xyz), np.float32), np.zeros(len(head.xyz), np.float32)
    golden = np.pi * (3.0 - np.sqrt(5.0))
    for i in range(48):  # directions spread evenly over the sphere
        z = 1.0 - (2 * i + 1) / 48
        r = np.sqrt(1.0 - z * z)
        direction = (float(r * np.cos(golden * i)), float(r * np.sin(golden * i)), z)
        cosine = np.clip(head.normal @ np.array(direction, np.float32), 0.0, 1.0)
        total += cosine * lit_by(shadow_map(head, direction, side=160), head.xyz + 0.1 * head.normal)
        weight += cosine
    return total / np.maximum(weight, 1e-6)
