"""Fields on the UV square that skin is painted with: places, smooth noise, round spots."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from skinscan.types import TEXTURE_SIZE

__all__ = ["SIZE", "Map", "blob", "grid", "mottling", "spots"]

Map = NDArray[np.floating[Any]]

SIZE = TEXTURE_SIZE
"""Texels a side."""


def grid() -> tuple[Map, Map]:
    """(u, v) of the texel centres."""
    at = (np.arange(SIZE, dtype=np.float32) + 0.5) / SIZE
    return np.tile(at, (SIZE, 1)), np.tile(at[:, None], (1, SIZE))


def blob(u0: float, v0: float, su: float, sv: float) -> Map:
    """Gaussian bell at (u0, v0); 1 at most."""
    u, v = grid()
    return np.asarray(np.exp(-0.5 * (((u - u0) / su) ** 2 + ((v - v0) / sv) ** 2)))


def mottling(rng: np.random.Generator, scales: tuple[float, ...]) -> Map:
    """Smooth noise of unit SD, equal shares of Gaussian correlation lengths (in u)."""
    total = np.zeros((SIZE, SIZE), np.float32)
    for scale in scales:
        # Draw coarse where the blur is wide: the same field for less work.
        side = int(np.clip(4.0 / scale, 12, SIZE))
        white = rng.standard_normal((side, side), dtype=np.float32)
        field = cv2.resize(
            cv2.GaussianBlur(white, (0, 0), scale * side), (SIZE, SIZE), interpolation=cv2.INTER_CUBIC
        )
        total += (field - field.mean()) / field.std()
    return np.asarray(total / np.sqrt(len(scales)), np.float32)


def spots(uv: NDArray[np.float64], radius: NDArray[np.float64], height: NDArray[np.float64]) -> Map:
    """Sum of round spots; uv (N, 2) 0..1, radius (N,) texels, height (N,)."""
    total = np.zeros((SIZE, SIZE), np.float32)
    for (x, y), r, h in zip(uv * SIZE - 0.5, radius, height, strict=True):
        reach = int(np.ceil(3 * r))
        x0, x1 = max(int(x) - reach, 0), min(int(x) + reach + 1, SIZE)
        y0, y1 = max(int(y) - reach, 0), min(int(y) + reach + 1, SIZE)
        if x0 >= x1 or y0 >= y1 or ((x / SIZE - 0.5) / 0.42) ** 2 + ((y / SIZE - 0.53) / 0.38) ** 2 > 1.0:
            continue  # off the face, or so near its edge that the skull would repeat it
        d2 = (np.arange(x0, x1) - x) ** 2 + (np.arange(y0, y1)[:, None] - y) ** 2
        total[y0:y1, x0:x1] += (h * np.exp(-0.5 * (d2 / r**2) ** 1.5)).astype(np.float32)
    return total
