"""Beards: where hair grows on the lower face, stubble as paint, and longer hair as a sheet of strands."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from models.renderer.coverings import Whiskers
from models.renderer.face_layers import FINE, Layer, fill, rounded, strokes
from models.renderer.head_surface import HeadSurface
from models.renderer.mesh import load_mesh
from models.renderer.scene_objects import Material, SceneObject, sheet
from models.renderer.uv_fields import mottling
from skinscan.facemesh.landmarks import LIPS_OUTER

__all__ = ["SHEET_CM", "beard_sheet", "growth", "stubble_layers"]

Map = NDArray[np.floating[Any]]

SHEET_CM = 0.4  # cm: longer hair stands off the face
_SHADE_MM = 0.25  # share of light the roots below closely shaved skin take

# Outlines in uv of the person's right half, mirrored for the left; the middle is u = 0.5.
_BEARD = ((0.5, 1.05), (0.5, 0.775), (0.44, 0.775), (0.365, 0.725), (0.345, 0.66), (0.27, 0.67), (0.17, 0.64),
          (0.09, 0.57), (0.055, 0.44), (-0.02, 0.42), (-0.05, 1.05))  # fmt: skip
_GOATEE = ((0.5, 1.05), (0.5, 0.76), (0.44, 0.77), (0.375, 0.735), (0.345, 0.69), (0.325, 0.72), (0.34, 0.86),
           (0.40, 1.05))  # fmt: skip
_CHINSTRAP = ((0.5, 1.05), (0.5, 0.87), (0.38, 0.86), (0.24, 0.80), (0.13, 0.68), (0.07, 0.44), (-0.02, 0.42),
              (-0.05, 1.05))  # fmt: skip
_MOUSTACHE = ((0.5, 0.640), (0.5, 0.610), (0.455, 0.612), (0.40, 0.640), (0.352, 0.685), (0.345, 0.73),
              (0.372, 0.725), (0.42, 0.665))  # fmt: skip
_OUTLINES = {
    "full": (_BEARD, _MOUSTACHE), "goatee": (_GOATEE, _MOUSTACHE), "chinstrap": (_CHINSTRAP,),
    "moustache": (_MOUSTACHE,),
}  # fmt: skip


def growth(whiskers: Whiskers, rng: np.random.Generator) -> Map:
    """(FINE, FINE) 0..1 how thick the hair stands."""
    total = np.zeros((FINE, FINE), np.float32)
    jitter = rng.normal(0, 0.008, (12, 2)) * (0.3 if whiskers.style == "moustache" else 1.0)
    for outline in _OUTLINES[whiskers.style]:
        right = np.array(outline) + jitter[: len(outline)] * (np.array(outline)[:, :1] != 0.5)
        left = (right * (-1, 1) + (1, 0))[::-1]
        loop = rounded(np.concatenate([right, left]).astype(np.float32))
        soft = 0.006 if outline is _MOUSTACHE else 0.012
        total = np.maximum(total, fill(loop, soft))
    lips = cv2.GaussianBlur(
        cv2.dilate(fill(rounded(load_mesh().uv[list(LIPS_OUTER)])), np.ones((7, 7))), (0, 0), 3.0
    )
    patchy = cv2.resize(mottling(rng, (0.05, 0.015)), (FINE, FINE))
    uneven = np.clip(1.0 + (0.5 - 0.4 * whiskers.density) * patchy, 0.0, 1.6)
    return np.asarray(np.clip(total * (1.0 - lips) * uneven, 0.0, 1.0), np.float32)


def stubble_layers(whiskers: Whiskers, where: Map, hair: Map, rng: np.random.Generator) -> list[Layer]:
    """Roots that show through the skin as a grey shade, and the hairs, growing down and outwards."""
    count = int(26_000 * whiskers.density)
    at = rng.random((count, 2))
    thick = where[(at[:, 1] * FINE).astype(int), (at[:, 0] * FINE).astype(int)]
    at = at[rng.random(count) < thick]
    down = np.stack([np.sign(at[:, 0] - 0.5) * 0.25, np.ones(len(at))], -1) + rng.normal(
        0, 0.35, (len(at), 2)
    )
    long = 0.054 * min(whiskers.length, 0.55) * rng.uniform(0.5, 1.0, len(at))
    hairs = strokes(at, at + down * long[:, None], np.ones(len(at)), 0.35 + 0.5 * rng.random(len(at)))
    soft = 0.35 * cv2.GaussianBlur(hairs, (0, 0), 2.0)
    roots = _SHADE_MM * whiskers.density * cv2.GaussianBlur(where, (0, 0), 3.0)
    return [
        Layer(alpha=roots.astype(np.float32), reflectance=(0.6 * hair + 0.02).astype(np.float32)),
        Layer(alpha=np.clip(hairs + soft, 0, 0.97).astype(np.float32), reflectance=hair),
    ]


def beard_sheet(
    whiskers: Whiskers, where: Map, hair: Map, relief: HeadSurface, rng: np.random.Generator
) -> SceneObject:
    """Strands on a sheet that stands off the skin by what they are long."""
    rows, columns, low, high, side = 480, 900, -12.0, 3.0, 95.0
    below = 0.45 * whiskers.length  # how far it hangs past the chin
    angle, y = np.meshgrid(np.linspace(-side, side, columns), np.linspace(high, low, rows))
    uv = relief.read(angle, y + below * _below_chin(y))[..., 3:]
    thick = cv2.remap(where, *_split(uv * FINE - 0.5), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    ends = np.clip((y - (-9.8 - below)) / 1.0, 0.0, 1.0)  # on the throat it ends
    thick = thick * ends
    count = int(9000 * whiskers.density)
    at = np.stack([rng.integers(0, columns, count), rng.integers(0, rows, count)], -1).astype(np.float32)
    here = thick[at[:, 1].astype(int), at[:, 0].astype(int)]
    at = at[rng.random(count) < here * 1.2]
    long = whiskers.length * 20.0 * rng.uniform(0.5, 1.1, len(at))
    curl = rng.normal(0, 0.25, len(at)) + 0.35 * np.sign(at[:, 0] - columns / 2)
    alpha, shade = np.zeros((rows, columns), np.uint8), np.full((rows, columns), 60, np.uint8)
    order = np.argsort(-at[:, 1])  # upper hairs lie on lower ones
    steps = np.linspace(0, 1, 4)
    for k in order:
        x = at[k, 0] + long[k] * (curl[k] * steps + 0.25 * curl[k] * steps**2)
        line = np.round(np.stack([x, at[k, 1] + long[k] * steps], -1) * 8).astype(np.int32)
        cv2.polylines(alpha, [line], False, 235, 2, cv2.LINE_AA, 3)
        cv2.polylines(shade, [line], False, int(rng.integers(45, 165)), 1, cv2.LINE_AA, 3)
    base = 0.9 * whiskers.density * cv2.GaussianBlur(thick.astype(np.float32), (0, 0), 4.0) ** 1.5
    cover = np.maximum(alpha.astype(np.float32) / 255.0, base)
    stuff = Material(
        body=hair, rough=0.45, gloss=0.25, alpha=cover.astype(np.float32),
        shade=(shade.astype(np.float32) / 100.0),
    )  # fmt: skip
    a, h = np.meshgrid(np.linspace(-side, side, 64), np.linspace(high, low, 44))
    grown = cv2.resize(cv2.GaussianBlur(thick.astype(np.float32), (0, 0), 14.0), (64, 44))
    lift = 0.05 + 0.45 * whiskers.length * grown * (0.6 + 0.6 * _below_chin(h))
    lift = lift * np.clip((side - np.abs(a)) / 40.0, 0.1, 1.0)  # sideburns are short
    return sheet(relief.draped(0.6).over(a, h, lift), stuff, bright=0.8)


def _below_chin(y: Map) -> Map:
    return np.asarray(np.clip((-7.0 - y) / 3.0, 0.0, 1.0), np.float32)


def _split(at: Map) -> tuple[Map, Map]:
    return np.ascontiguousarray(at[..., 0], np.float32), np.ascontiguousarray(at[..., 1], np.float32)
