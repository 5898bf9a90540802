"""Make-up and plasters: paint on the UV square, and how much of the skin it hides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from models.renderer import optics
from models.renderer.coverings import Makeup, Plaster
from models.renderer.face_layers import CM, FINE, Layer, fill, rounded
from models.renderer.issa import WAVELENGTHS
from models.renderer.mesh import LEFT_EYE, RIGHT_EYE, load_mesh
from models.renderer.people import Person
from models.renderer.uv_fields import mottling
from skinscan.color import F0

__all__ = ["Film", "eye_film", "foundation_film", "lip_film", "plaster_film", "rouge_film"]

Map = NDArray[np.floating[Any]]

_SMOOTH_NM = 35.0  # iron oxides have no bands as narrow as those of blood


@dataclass(frozen=True, slots=True, kw_only=True)
class Film:
    """Paint, and what it does to the shine."""

    layer: Layer
    rough: float | None = None  # GGX roughness where it is opaque
    gloss: float = 1.0  # factor on the specular reflection where it is opaque


def pigment(hue: float, depth: float) -> Map:
    """(31,) red pigment: `hue` 0 plum .. 0.5 rose .. 1 coral, `depth` 0 pale .. 1 deep."""
    edge = 600.0 - 25.0 * hue
    red = 1.0 / (1.0 + np.exp(-(WAVELENGTHS - edge) / 12.0))
    blue = 0.35 * (1.0 - hue) * np.exp(-0.5 * ((WAVELENGTHS - 440.0) / 40.0) ** 2)
    low = 0.30 * (1.0 - depth) ** 2 + 0.025
    high = 0.35 + 0.45 * (1.0 - depth)
    return np.asarray(low + (high - low) * np.clip(red + blue, 0, 1), np.float32)


def foundation_film(makeup: Makeup, person: Person, rng: np.random.Generator) -> Film:
    """A shade near the cheek's colour without its bands, thinner beside the nose and towards the jaw."""
    skin = optics.add_melanin(person.sites["cheek"], np.array(makeup.off[0]))
    skin = optics.add_erythema(skin, np.array(makeup.off[1])) - np.float32(F0)
    kernel = np.exp(-0.5 * ((WAVELENGTHS[:, None] - WAVELENGTHS) / _SMOOTH_NM) ** 2)
    smooth = np.exp((kernel / kernel.sum(axis=1, keepdims=True)) @ np.log(np.maximum(skin, 1e-3)))
    v, u = _vu()
    edge = np.clip((1.0 - np.hypot((u - 0.5) / 0.5, (v - 0.52) / 0.47)) / 0.12, 0.0, 1.0)
    thin = 1.0 + 0.06 * cv2.resize(mottling(rng, (0.12, 0.02, 0.008)), (FINE, FINE))
    crease = np.exp(-0.5 * (((np.abs(u - 0.5) - 0.07) / 0.015) ** 2 + ((v - 0.57) / 0.04) ** 2))
    amount = makeup.foundation * thin * (1.0 - 0.25 * crease) * (0.1 + 0.9 * edge)
    layer = Layer(alpha=np.clip(amount, 0, 0.98).astype(np.float32), reflectance=smooth.astype(np.float32))
    return Film(layer=layer, rough=makeup.finish)


def rouge_film(makeup: Makeup, person: Person, rng: np.random.Generator) -> Film:
    """Blusher: on the apples of the cheeks, or drawn out to the temples along the cheekbones."""
    v, u = _vu()
    high, total = makeup.blusher_high, np.zeros((FINE, FINE), np.float32)
    turn, wide, tall = np.radians(8 + 24 * high), 0.075 + 0.05 * high, 0.065 - 0.02 * high
    for side in (-1.0, 1.0):
        x = side * (u - 0.5) - (0.215 + 0.04 * high + float(rng.normal(0, 0.008)))
        y = v - (0.54 - 0.03 * high)
        a, b = x * np.cos(turn) - y * np.sin(turn), x * np.sin(turn) + y * np.cos(turn)
        total = np.maximum(total, np.exp(-0.5 * ((a / wide) ** 2 + (b / tall) ** 2) ** 1.3))
    powder = 1.0 + 0.05 * cv2.resize(mottling(rng, (0.02, 0.006)), (FINE, FINE))
    alpha = np.clip(makeup.blusher * total * powder, 0, 0.95).astype(np.float32)
    skin = np.maximum(person.sites["cheek"] - F0, 0.01)
    body = skin**0.65 * pigment(makeup.blusher_hue, 0.45) ** 0.35  # powder that lets some of the skin through
    return Film(layer=Layer(alpha=alpha, reflectance=body.astype(np.float32)), rough=0.5)


def eye_film(makeup: Makeup) -> Film:
    """Eye shadow: from the lashes up, fading below the brow and outwards."""
    v, u = _vu()
    uv, total = load_mesh().uv, np.zeros((FINE, FINE), np.float32)
    for eye in (RIGHT_EYE, LEFT_EYE):
        upper = uv[list(eye[:9])]
        upper = upper[np.argsort(upper[:, 0])]
        lid = np.interp(u[0], upper[:, 0], upper[:, 1])[None]
        middle = float(upper[:, 0].mean())
        up = (lid - v) / 0.042
        across = (u - middle) / 0.095
        total = np.maximum(
            total, np.exp(-(np.maximum(up, 0) ** 2)) * np.exp(-(across**4)) * np.clip(1 + up / 0.25, 0, 1)
        )
    alpha = (makeup.eye_shadow * total).astype(np.float32)
    alpha[alpha < 0.02] = 0.0
    return Film(layer=Layer(alpha=alpha, reflectance=optics.cloth(*makeup.eye_hue).astype(np.float32)))


def lip_film(makeup: Makeup, lips: Layer) -> Film:
    """Lipstick, where the lips are; their wrinkles show through."""
    alpha = np.asarray(makeup.lipstick * lips.alpha, np.float32)
    return Film(
        layer=Layer(alpha=alpha, reflectance=pigment(makeup.lip_hue, makeup.lip_depth), shade=lips.shade)
    )


def plaster_film(plaster: Plaster, rng: np.random.Generator) -> list[Film]:
    """The shade around its rim, and the strip with its pad and holes."""
    turn = np.radians(plaster.turn)
    ends = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * (plaster.length, plaster.width) * (0.5 * CM)
    round_ends = min(plaster.length, plaster.width) * 0.35 * CM
    spin = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    outline = rounded(_cut(ends, round_ends)) @ spin + (plaster.u, plaster.v)
    alpha = fill(outline.astype(np.float32), 0.001)
    rim = np.clip(cv2.GaussianBlur(np.roll(alpha, 3, axis=0), (0, 0), 3.0) - alpha, 0, 1) * 0.5
    v, u = _vu()
    x = ((u - plaster.u) * np.cos(turn) - (v - plaster.v) * np.sin(turn)) / CM
    y = ((u - plaster.u) * np.sin(turn) + (v - plaster.v) * np.cos(turn)) / CM
    pad = _soft_box(x, y, 0.22 * plaster.length if plaster.length > 3 else 0.5, 0.36 * plaster.width, 0.06)
    grid = 0.22
    hole = np.hypot(x / grid - np.round(x / grid), y / grid - np.round(y / grid)) < 0.22
    shade = 1.0 + 0.07 * pad - 0.10 * hole * (1 - pad) * float(rng.random() < 0.7)
    edge = cv2.Laplacian(cv2.GaussianBlur(pad.astype(np.float32), (0, 0), 1.5), cv2.CV_32F)
    shade = (shade + 4.0 * edge) * (1.0 + 0.02 * rng.standard_normal((FINE, FINE), dtype=np.float32))
    if plaster.skin_tone:
        red = 1.0 / (1.0 + np.exp(-(WAVELENGTHS - 560.0) / 45.0))
        body = plaster.lightness * (0.35 + 0.65 * red)
    else:
        body = np.full(31, 0.65 + 0.25 * plaster.lightness)
    strip = Layer(alpha=alpha, reflectance=body.astype(np.float32), shade=shade.astype(np.float32))
    shadow = Layer(alpha=rim.astype(np.float32), reflectance=np.full(31, 0.02, np.float32))
    return [Film(layer=shadow), Film(layer=strip, rough=0.45, gloss=0.6)]


def _vu() -> tuple[Map, Map]:
    at = (np.arange(FINE, dtype=np.float32) + 0.5) / FINE
    return np.tile(at[:, None], (1, FINE)), np.tile(at, (FINE, 1))


def _cut(corners: Map, by: float) -> Map:
    """A rectangle with its corners cut."""
    out = []
    for k, corner in enumerate(corners):
        for other in (corners[k - 1], corners[(k + 1) % 4]):
            way = other - corner
            out.append(corner + way / np.linalg.norm(way) * by)
    return np.array(out)


def _soft_box(x: Map, y: Map, half: float, tall: float, soft: float) -> Map:
    inside = np.minimum(half - np.abs(x), tall - np.abs(y))
    return np.asarray(np.clip(inside / soft + 0.5, 0, 1), np.float32)
