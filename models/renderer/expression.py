"""Expressions: an open mouth, a smile, narrowed eyes, raised brows, as moves of the canonical vertices."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.renderer.mesh import LEFT_EYE, RIGHT_EYE, load_mesh
from models.renderer.scene_objects import Material, SceneObject, sheet
from skinscan.facemesh.landmarks import LIPS_INNER

__all__ = ["Expression", "draw_expression", "express", "mouth_thing"]

Array = NDArray[np.floating[Any]]

_HINGE = np.array([0.0, 0.3, -2.5], np.float32)  # cm: the jaw turns about this
_JAW = 16.0  # degrees at `jaw` 1
_LIP_LINE = -4.4  # cm, y of the closed mouth
_CORNERS, _CHEEKS = (61, 291), (50, 280)
_BROW_TOPS = ((63, 105, 66), (293, 334, 296))
_LIP_END = -6.3  # cm, canonical y of the fold below the lower lip
_SHOWS_TEETH = 0.08  # `jaw` below which lips hide them


@dataclass(frozen=True, slots=True, kw_only=True)
class Expression:
    """How far each move goes, 0 at rest .. 1 as far as people do in a photo."""

    jaw: float = 0.0
    smile: float = 0.0
    squint: float = 0.0
    brows: float = 0.0


def draw_expression(rng: np.random.Generator) -> Expression:
    """Draw one: half of all people smile a little, one in five opens the mouth."""
    smile = float(rng.beta(1.5, 2.0)) if rng.random() < 0.5 else 0.0
    return Expression(
        jaw=float(rng.beta(1.2, 2.5)) if rng.random() < 0.2 + 0.3 * smile else 0.0,
        smile=smile,
        squint=min(float(rng.beta(1.2, 3.0)) + 0.4 * smile, 1.0) if rng.random() < 0.5 else 0.0,
        brows=float(rng.beta(1.2, 2.5)) if rng.random() < 0.2 else 0.0,
    )


def express(face: Array, expression: Expression) -> Array:
    """(468, 3) cm: a face at rest, moved."""
    moved = _smiled(_squinted(face.copy(), expression.squint), expression.smile)
    for brow in _BROW_TOPS:
        near = _near(face, face[list(brow)].mean(axis=0), 1.5)
        moved[:, 1] += 0.55 * expression.brows * near
    return _jaw_dropped(moved, expression.jaw) if expression.jaw else moved


def mouth_thing(face: Array, expression: Expression) -> SceneObject | None:
    """What is between the lips of an open mouth: teeth above, dark, a tongue; None where lips hide it.

    The UV square has no room for it: there the mouth is a line.
    """
    if expression.jaw < _SHOWS_TEETH:
        return None
    upper, lower = face[list(LIPS_INNER[:11])], face[[LIPS_INNER[0], *LIPS_INNER[:10:-1], LIPS_INNER[10]]]
    down = np.linspace(0, 1, 6)[:, None, None]
    t, s = np.mgrid[0:1:64j, 0:1:128j]
    arch = 4.0 * s * (1.0 - s)  # the corners of the mouth hide teeth and tongue
    teeth = np.clip((min(0.28 / expression.jaw, 0.8) * arch**0.5 - t) / 0.05, 0, 1) * np.clip(
        arch * 3.0, 0, 1
    )
    gaps = 1.0 - 0.25 * np.exp(-((((s - 0.5) * 9.0) % 1.0 - 0.5) ** 2) / 0.004)
    tongue = np.exp(-(((t - 1.0) / 0.25) ** 2)) * arch**2
    stuff = Material(
        body=np.linspace(0.06, 0.22, 31).astype(np.float32), rough=0.25, gloss=0.5,
        shade=(0.15 + 0.9 * tongue).astype(np.float32), other=np.linspace(0.24, 0.42, 31).astype(np.float32),
        mix=(teeth * gaps).astype(np.float32),
    )  # fmt: skip
    mouth = sheet(upper + down * (lower - upper) + (0.0, 0.0, 0.02), stuff, bright=0.6)
    return replace(mouth, casts=np.zeros(len(mouth.triangles), bool))


def _near(face: Array, centre: Array, reach: float) -> Array:
    return np.asarray(np.exp(-0.5 * ((face - centre) ** 2).sum(axis=1) / reach**2), np.float32)


def _smiled(face: Array, amount: float) -> Array:
    moved = face.copy()
    for corner, cheek in zip(_CORNERS, _CHEEKS, strict=True):
        side = float(np.sign(face[corner, 0]))
        moved += amount * _near(face, face[corner], 1.5)[:, None] * (0.75 * side, 0.65, -0.45)
        moved += amount * _near(face, face[cheek], 1.5)[:, None] * (0.1 * side, 0.3, 0.3)
    return np.asarray(moved, np.float32)


def _squinted(face: Array, amount: float) -> Array:
    """Lids nearer each other, the lower one by more."""
    for ring in (RIGHT_EYE, LEFT_EYE):
        upper, lower = list(ring[1:8]), list(ring[9:])
        gap = face[upper, 1].max() - face[lower, 1].min()
        face[upper, 1] -= 0.22 * amount * gap
        face[lower, 1] += 0.28 * amount * gap
    return face


def _jaw_dropped(face: Array, amount: float) -> Array:
    """The lower lip, the chin and what hangs on them turn about the hinge of the jaw."""
    share = np.clip((_LIP_LINE - 0.1 - face[:, 1]) / 1.3, 0.0, 1.0)
    share = share * share * (3.0 - 2.0 * share)
    canonical = load_mesh().xyz  # its mouth stands open, so that the lips can be told apart
    below = (canonical[:, 1] < 0.5 * (canonical[13, 1] + canonical[14, 1])) & (canonical[:, 1] > _LIP_END)
    across = face[:, 0] / (0.5 * abs(face[78, 0] - face[308, 0]))
    lip = np.sqrt(np.clip(1.0 - across**2, 0.0, 1.0))
    share = np.where(below & (np.abs(across) < 1.0), np.maximum(share, lip), share)
    angle = np.radians(_JAW * amount) * share
    y, z = face[:, 1] - _HINGE[1], face[:, 2] - _HINGE[2]
    moved = face.copy()
    moved[:, 1] = _HINGE[1] + y * np.cos(angle) - z * np.sin(angle)
    moved[:, 2] = _HINGE[2] + y * np.sin(angle) + z * np.cos(angle)
    return np.asarray(moved, np.float32)
