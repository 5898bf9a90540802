"""Hair of the head that falls over the face: strands drawn on a sheet round forehead and temples."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from models.renderer.coverings import Fringe
from models.renderer.head_surface import HeadSurface
from models.renderer.scene_objects import Material, SceneObject, sheet

__all__ = ["fringe_sheet"]

Array = NDArray[np.floating[Any]]

_ROWS, _COLUMNS = 720, 1000  # texels of the sheet
_TOP, _LOW, _SIDE = 11.0, -8.0, 95.0  # cm, cm, degrees
_ROOT = 9.6  # cm, y of the hairline's roots
_STEPS = np.linspace(0.0, 1.0, 9)
_LOCKS = {"blunt": 46, "wispy": 15, "swept": 34, "curtain": 30, "loose": 9}
_HAIRS = {"blunt": 46, "wispy": 11, "swept": 42, "curtain": 36, "loose": 5}  # a lock


def fringe_sheet(fringe: Fringe, hair: Array, relief: HeadSurface, rng: np.random.Generator) -> SceneObject:
    """Locks of hairs that start together at the hairline and part or meet on their way down."""
    alpha, shade = np.zeros((_ROWS, _COLUMNS), np.uint8), np.full((_ROWS, _COLUMNS), 90, np.uint8)
    for _ in range(max(int(_LOCKS[fringe.style] * (0.4 + 0.6 * fringe.density)), 3)):
        angle, y = _lock(fringe, rng)
        width = float(rng.uniform(2.0, 5.0)) * (0.25 if fringe.style == "loose" else 1.0)
        tone = float(rng.uniform(75, 125))
        for _ in range(_HAIRS[fringe.style]):
            aside = rng.normal(0, width) * (1.0 - 0.55 * _STEPS)  # a lock tapers
            stray = rng.normal(0, 1.2) * _STEPS**2
            cut, higher = float(rng.uniform(0.82, 1.02)), float(rng.uniform(-0.4, 1.3)) * (1.0 - _STEPS)
            x = (angle + aside + stray + _SIDE) / (2 * _SIDE) * _COLUMNS
            down = (_TOP - (_ROOT + (y - _ROOT) * cut + higher)) / (_TOP - _LOW) * _ROWS
            line = [np.round(np.stack([x, down], -1) * 8).astype(np.int32)]
            value = int(np.clip(tone + rng.normal(0, 25), 35, 200))
            cv2.polylines(alpha, line, False, int(rng.integers(120, 255)), 1, cv2.LINE_AA, 3)
            cv2.polylines(shade, line, False, value, 1, cv2.LINE_AA, 3)
    seen = alpha.astype(np.float32) / 255.0
    seen = np.clip(seen + 0.55 * cv2.GaussianBlur(seen, (0, 0), 1.5), 0.0, 1.0)
    stuff = Material(body=hair, rough=0.4, gloss=0.3, alpha=seen, shade=shade.astype(np.float32) / 100.0)
    a, h = np.meshgrid(np.linspace(-_SIDE, _SIDE, 72), np.linspace(_TOP, _LOW, 60))
    lift = 0.12 + 0.45 * np.exp(-0.5 * ((h - 7.0) / 2.2) ** 2) * fringe.density
    return sheet(relief.draped(0.8).over(a, h, lift), stuff, bright=0.9)


def _lock(fringe: Fringe, rng: np.random.Generator) -> tuple[Array, Array]:
    """Angles and heights of one lock from root to tip."""
    part, t = 30.0 * fringe.part, _STEPS
    reach = fringe.reach + float(rng.normal(0, 0.45))
    if fringe.style in ("blunt", "wispy"):
        root = float(rng.uniform(-52, 52))
        lean = float(rng.normal(0, 5)) * t + 0.1 * root * t
        return root + lean, _ROOT + (reach + 0.02 * abs(root) - _ROOT) * t
    if fringe.style == "swept":
        way = -1.0 if fringe.part > 0 else 1.0
        root = part + way * float(rng.uniform(-6, 70))
        return root + way * float(rng.uniform(25, 45)) * t**1.4, _ROOT + (reach - _ROOT) * t
    if fringe.style == "curtain":
        way = float(rng.choice([-1.0, 1.0]))
        start = abs(float(rng.normal(4, 8)))
        end = max(float(rng.uniform(44, 64)), start)
        return part * 0.5 + way * (start + (end - start) * t**0.7), _ROOT + (reach - _ROOT) * t
    root = float(rng.uniform(-62, 62))
    bow = float(rng.normal(0, 14)) * np.sin(np.pi * t) + float(rng.normal(0, 12)) * t
    # In the middle of the face single hairs end above the eyes.
    low = max(reach, 3.0) if abs(root) < 28 else reach
    return root + bow + np.sign(root) * 12 * t, _ROOT + (low + float(rng.uniform(0, 4)) - _ROOT) * t
