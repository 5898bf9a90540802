"""What people draw on photos, antialiased, on pixels with known landmarks."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from skinscan.facemesh.landmarks import IRIS_CENTRES
from skinscan.types import FloatArray, FloatMap
from tests.faces import Pixels

__all__ = ["COLORS", "KINDS", "covered_eyes", "draw", "mosaic"]

COLORS = {
    "red": (255, 0, 0), "crimson": (230, 20, 40), "green": (0, 200, 60), "blue": (30, 60, 255),
    "yellow": (255, 235, 0), "cyan": (0, 220, 230), "magenta": (255, 0, 200), "purple": (130, 0, 200),
}  # fmt: skip
_OVER = 4  # drawn so much larger, then reduced
_LEFT_CHEEK, _RIGHT_CHEEK = 425, 205


def draw(
    pixels: Pixels, landmarks: FloatMap, kind: str, color: str | tuple[int, int, int], *,
    thick: float = 0.03, opacity: float = 1.0, left: bool = True,
) -> Pixels:  # fmt: skip
    """One mark on a cheek; `thick`: of the inter-ocular distance."""
    middle = landmarks[_LEFT_CHEEK if left else _RIGHT_CHEEK, :2].astype(np.float64)
    first, second = landmarks[list(IRIS_CENTRES), :2]
    size = float(np.hypot(*(second - first)))
    layer = Image.new("L", (pixels.shape[1] * _OVER, pixels.shape[0] * _OVER), 0)
    width = max(1, round(max(thick * size, 1.0) * _OVER))
    KINDS[kind](ImageDraw.Draw(layer), middle * _OVER, size * _OVER, width)
    ink = Image.new(
        "RGB", (pixels.shape[1], pixels.shape[0]), COLORS[color] if isinstance(color, str) else color
    )
    mask = layer.resize(ink.size, Image.Resampling.BOX).point(lambda code: round(code * opacity))
    return np.asarray(Image.composite(ink, Image.fromarray(pixels), mask))


def _ring(pen: ImageDraw.ImageDraw, at: FloatArray, size: float, width: int) -> None:
    pen.ellipse([*(at - 0.2 * size), *(at + 0.2 * size)], outline=255, width=width)


def _rings(pen: ImageDraw.ImageDraw, at: FloatArray, size: float, width: int) -> None:
    for shift in ((-0.2, -0.2), (0.1, -0.25), (0.0, 0.05), (0.25, 0.1), (-0.25, 0.2)):
        around = at + np.array(shift) * size
        pen.ellipse([*(around - 0.08 * size), *(around + 0.08 * size)], outline=255, width=width)


def _arrow(pen: ImageDraw.ImageDraw, at: FloatArray, size: float, width: int) -> None:
    end = at + np.array([0.7, 0.5]) * size
    pen.line([*at, *end], fill=255, width=width)
    pen.polygon([tuple(at + 4 * width * np.array(corner)) for corner in ((0, 0), (1, 0), (0, 1))], fill=255)


def _scribble(pen: ImageDraw.ImageDraw, at: FloatArray, size: float, width: int) -> None:
    turn = np.linspace(0, 12, 60)
    wave = at + np.stack([np.linspace(-0.25, 0.25, 60), 0.1 * np.sin(turn)], axis=1) * size
    pen.line([tuple(point) for point in wave], fill=255, width=width, joint="curve")


def _text(pen: ImageDraw.ImageDraw, at: FloatArray, size: float, width: int) -> None:
    pen.text(tuple(at - 0.2 * size), "红 2", fill=255, font=ImageFont.load_default(0.35 * size))


def _dot(pen: ImageDraw.ImageDraw, at: FloatArray, size: float, width: int) -> None:
    pen.ellipse([*(at - 0.12 * size), *(at + 0.12 * size)], fill=255)


def _box(pen: ImageDraw.ImageDraw, at: FloatArray, size: float, width: int) -> None:
    pen.rectangle([*(at - 0.2 * size), *(at + 0.2 * size)], outline=255, width=width)


KINDS: dict[str, Callable[[ImageDraw.ImageDraw, FloatArray, float, int], None]] = {
    "ring": _ring, "rings": _rings, "arrow": _arrow, "scribble": _scribble, "text": _text, "dot": _dot,
    "box": _box,
}  # fmt: skip


def _eye_region(landmarks: FloatMap, reach: tuple[float, float]) -> tuple[slice, slice]:
    eyes = landmarks[list(IRIS_CENTRES), :2].astype(np.float64)
    size = float(np.hypot(*(eyes[1] - eyes[0])))
    low = np.maximum(eyes.min(axis=0) - np.array(reach) * size, 0).astype(int)
    high = (eyes.max(axis=0) + np.array(reach) * size).astype(int)
    return slice(low[1], high[1]), slice(low[0], high[0])


def covered_eyes(
    pixels: Pixels, landmarks: FloatMap, color: tuple[int, int, int], *, two: bool = False
) -> Pixels:
    """A bar over both eyes, or a box over each."""
    out = pixels.copy()
    if two:
        for iris in IRIS_CENTRES:
            out[_eye_region(landmarks[[iris] * 474], (0.0, 0.0))] = color
            x, y = landmarks[iris, :2].astype(int)
            reach = int(np.hypot(*(landmarks[473, :2] - landmarks[468, :2])) * 0.35)
            out[y - reach // 2 : y + reach // 2, x - reach : x + reach] = color
        return out
    out[_eye_region(landmarks, (0.4, 0.25))] = color
    return out


def mosaic(pixels: Pixels, landmarks: FloatMap, cell: float) -> Pixels:
    """Squares of `cell` inter-ocular distances over both eyes."""
    out = pixels.copy()
    where = _eye_region(landmarks, (0.4, 0.3))
    piece = out[where]
    side = max(3, int(cell * np.hypot(*(landmarks[473, :2] - landmarks[468, :2]))))
    size = max(1, piece.shape[1] // side), max(1, piece.shape[0] // side)
    coarse = cv2.resize(piece, size, interpolation=cv2.INTER_AREA)
    out[where] = cv2.resize(coarse, piece.shape[1::-1], interpolation=cv2.INTER_NEAREST)
    return out
