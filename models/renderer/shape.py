"""Geometry that differs from person to person: the face's own bones and the haircut."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.renderer.mesh import load_mesh

__all__ = ["HeadShape", "draw_shape"]

Array = NDArray[np.floating[Any]]

# Vertices whose surroundings are pulled about to vary a face: (right, left) pairs, or one in the middle.
HANDLES = (
    (1,), (168,), (98, 327), (50, 280), (172, 397), (152,), (105, 334), (151,), (61, 291), (33, 263),
    (205, 425),
)  # fmt: skip
HANDLE_REACH = 2.6  # cm
# The canonical mouth stands open by half a centimetre; (upper, lower) vertices that meet when it is closed.
LIP_PAIRS = np.array([
    (13, 14), (82, 87), (81, 178), (80, 88), (191, 95), (312, 317), (311, 402), (310, 318), (415, 324),
])  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadShape:
    """One person's geometry."""

    face: Array  # (468, 3) cm
    long_hair: bool
    hair_volume: float  # cm
    hairline: float  # 0 at the edge of the face mesh .. 1 receding
    neck_width: float  # 1 is average
    neckline: float  # cm, y where cloth begins


def draw_shape(rng: np.random.Generator) -> HeadShape:
    """Draw a face and a haircut."""
    return HeadShape(
        face=_vary_face(load_mesh().xyz, rng),
        long_hair=bool(rng.random() < 0.5),
        hair_volume=float(rng.uniform(0.6, 1.8)),
        hairline=float(rng.beta(1.0, 6.0)),
        neck_width=float(rng.uniform(0.9, 1.1)),
        neckline=float(rng.uniform(-19.0, -15.0)),
    )


def _vary_face(xyz: Array, rng: np.random.Generator) -> Array:
    """Close the mouth, scale by a few per cent and pull smooth bumps about, mostly symmetrically."""
    scale = rng.normal(1.0, (0.035, 0.035, 0.05)).clip(0.9, 1.1)
    moved = xyz.copy()
    upper, lower = LIP_PAIRS.T
    middle = 0.5 * (xyz[upper] + xyz[lower])
    gap = float(rng.uniform(0.02, 0.12))
    moved[upper] = middle + gap * (xyz[upper] - middle)
    moved[lower] = middle + gap * (xyz[lower] - middle)
    moved = moved * scale
    for handle in HANDLES:
        pull = rng.normal(0.0, (0.2, 0.2, 0.25))
        for vertex in handle:
            own = pull * (np.sign(xyz[vertex, 0]) if len(handle) == 2 else 0.0, 1.0, 1.0)
            own = own + rng.normal(0.0, 0.05, 3)
            near = np.exp(-0.5 * ((xyz - xyz[vertex]) ** 2).sum(axis=1) / HANDLE_REACH**2)
            moved = moved + near[:, None] * own
    return np.asarray(moved, np.float32)
