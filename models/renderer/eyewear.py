"""Glasses: a frame of bars in front of the eyes, arms to the ears, lenses that mirror and tint."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from models.renderer import optics
from models.renderer.coverings import Glasses
from models.renderer.mesh import unit
from models.renderer.scene_objects import Material, SceneObject, join, tube

__all__ = ["glasses_things"]

Array = NDArray[np.floating[Any]]

_ROUND = 40  # points of an outline
_FRONT = np.array([0.0, 0.0, 1.0], np.float32)
_ROUNDNESS = {"round": 2.0, "square": 5.0, "oval": 2.4, "cat": 3.2, "pilot": 2.6}


def glasses_things(glasses: Glasses, face: Array, rng: np.random.Generator) -> list[SceneObject]:
    """Lenses, then the frame; `face` is (468, 3) cm."""
    eyes = 0.25 * (face[33] + face[133] + face[263] + face[362])
    apart = 0.5 * (face[[263, 362], 0].mean() - face[[33, 133], 0].mean())
    centre = max(float(apart), 0.5 * glasses.width + 0.75)
    middle = np.array([0.0, eyes[1] - 0.2, face[6, 2] + 0.45], np.float32)
    turn = np.linspace(0, 2 * np.pi, _ROUND + 1)
    outline = _outline(glasses, turn)
    lenses, bars = [], []
    frame = _frame_stuff(glasses, rng)
    for side in (-1.0, 1.0):
        flat = outline * (side, 1.0) + (side * centre, 0.0)
        rim = _bend(flat, middle)
        lenses.append(_lens(glasses, rim, flat, rng))
        bars.append(tube(rim, np.full(len(rim), glasses.bar), frame, flat=0.8, sides=6, out=_FRONT))
        bars.append(_arm(glasses, flat, middle, face, side, frame))
    bridge = np.stack([np.linspace(-1, 1, 9) * (centre - 0.44 * glasses.width), np.full(9, 0.35)], -1)
    bridge[:, 1] += 0.25 * (1.0 - np.linspace(-1, 1, 9) ** 2)
    bars.append(tube(_bend(bridge, middle), np.full(9, glasses.bar), frame, sides=6, out=_FRONT))
    return [*lenses, join(bars)]


def _outline(glasses: Glasses, turn: Array) -> Array:
    """(N, 2) cm round one lens, the wearer's left one; x outwards."""
    power = 2.0 / _ROUNDNESS[glasses.outline]
    x, y = np.cos(turn), np.sin(turn)
    x, y = np.sign(x) * np.abs(x) ** power, np.sign(y) * np.abs(y) ** power
    if glasses.outline == "cat":
        y = y + 0.3 * np.clip(x, 0, 1) ** 2 * (y > -0.2)
    if glasses.outline == "pilot":
        x = x * (1.0 - 0.12 * (y < 0) * -y) - 0.1 * np.clip(-y, 0, 1) * (x < 0) * x
    return np.stack([0.5 * glasses.width * x, 0.5 * glasses.height * y], -1)


def _bend(flat: Array, middle: Array) -> Array:
    """(N, 3): the front of the glasses, a little round."""
    return np.asarray(
        np.column_stack([flat[:, 0], middle[1] + flat[:, 1], middle[2] - 0.022 * flat[:, 0] ** 2]), np.float32
    )


def _frame_stuff(glasses: Glasses, rng: np.random.Generator) -> Material:
    if glasses.metal:
        gold = 0.25 + 0.4 * float(rng.random()) * np.linspace(0.4, 1.2, 31)
        return Material(body=(0.4 * gold).astype(np.float32), rough=0.2, gloss=6.0)
    body = optics.cloth(*glasses.color).astype(np.float32)
    spots = cv2.GaussianBlur(rng.standard_normal((64, 64)).astype(np.float32), (0, 0), 4.0)
    shade = np.exp(0.5 * spots / spots.std()).astype(np.float32) if glasses.color[1] > 0.1 else None
    return Material(body=body, rough=0.2, gloss=1.4, shade=shade)


def _arm(
    glasses: Glasses, flat: Array, middle: Array, face: Array, side: float, stuff: Material
) -> SceneObject:
    """From the outer upper corner to the ear."""
    hinge = _bend(np.array([[side * (np.abs(flat[:, 0]).max() + 0.1), 0.25 * glasses.height]]), middle)[0]
    ear = np.array([side * (float(np.abs(face[[234, 454], 0]).mean()) + 0.45), middle[1] - 0.1, -4.5])
    t = np.linspace(0, 1, 12)[:, None]
    path = hinge + (ear - hinge) * t
    path[:, 0] += side * 0.2 * np.sin(np.pi * t[:, 0])
    radius = np.full(12, max(glasses.bar, 0.1))
    return tube(path.astype(np.float32), radius, stuff, flat=0.5, sides=6, out=np.array([side, 0, 0.2]))


def _lens(glasses: Glasses, rim: Array, flat: Array, rng: np.random.Generator) -> SceneObject:
    """A fan about its middle; it swallows a little, mirrors the room and a window."""
    centre = flat.mean(axis=0)
    xyz = np.concatenate([rim.mean(axis=0, keepdims=True), rim])
    away = np.concatenate([[[0.0, 0.0]], flat - centre])
    normal = unit(np.column_stack([0.07 * away, np.ones(len(away))]).astype(np.float32))
    st = 0.5 + 0.5 * away / (glasses.width, -glasses.height) * 1.8
    fan = np.arange(1, len(rim), dtype=np.int32)
    gleam = _gleam(glasses, rng)
    dark = np.full(31, glasses.tint, np.float32)
    stuff = Material(body=np.full(31, 0.0, np.float32), rough=0.12, gloss=1.2, keeps=dark, gleam=gleam)
    return SceneObject(
        stuff=stuff, xyz=xyz.astype(np.float32), normal=normal, st=st.clip(0, 1).astype(np.float32),
        open=np.ones(len(xyz), np.float32),
        triangles=np.stack([np.zeros_like(fan), fan, fan + 1], -1).astype(np.int32),
        casts=np.full(len(fan), glasses.tint > 0.4),
    )  # fmt: skip


def _gleam(glasses: Glasses, rng: np.random.Generator) -> Array:
    """(64, 64) what is mirrored: a window with bars or a lamp, and a dim room."""
    x, y = np.meshgrid(np.linspace(-1, 1, 64), np.linspace(-1, 1, 64))
    at, half = rng.uniform(-0.5, 0.5, 2), rng.uniform(0.12, 0.45, 2)
    x, y = x - at[0] + 0.25 * (y - at[1]), y - at[1]
    window = (np.abs(x) < half[0]) & (np.abs(y) < half[1]) & (np.abs(x) > 0.03)
    bright = cv2.GaussianBlur(window.astype(np.float32), (0, 0), 0.8)
    return np.asarray(0.01 + 0.28 * glasses.gleam**2 * bright, np.float32)
