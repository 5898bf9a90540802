"""How a shade misses, in words: lighter or deeper, pinker or yellower, more or less saturated."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from skinscan.types import FloatArray

__all__ = ["WORDS", "Direction", "components", "name_direction"]

Direction = Literal["lighter", "deeper", "pinker", "yellower", "more_saturated", "less_saturated"]

WORDS: tuple[tuple[Direction, Direction], ...] = (
    ("lighter", "deeper"),
    ("yellower", "pinker"),
    ("more_saturated", "less_saturated"),
)
"""Words for more and for less of lightness, hue angle and chroma."""

# dE00 along one component from which it is named [design]. Half of the people see 0.59 on light and 1.75 on
# dark skin (Vision Res 2024, 223:108474).
_SEEN = 1.0
_SURE = 0.95  # probability that the sign is right


def components(reference: FloatArray, color: FloatArray) -> FloatArray:
    """(..., 3) difference in lightness, hue and chroma, colour minus reference, each in units of dE00.

    The terms of CIEDE2000 (Sharma, Wu and Dalal 2005) with its hue weight held at 1 and without its rotation,
    which acts on blues; hue is positive towards yellow.
    """
    mean = (np.hypot(reference[..., 1], reference[..., 2]) + np.hypot(color[..., 1], color[..., 2])) / 2
    stretch = 1.5 - 0.5 * np.sqrt(mean**7 / (mean**7 + 25.0**7))
    (l1, c1, h1), (l2, c2, h2) = _lch(reference, stretch), _lch(color, stretch)
    middle, chroma = ((l1 + l2) / 2 - 50) ** 2, (c1 + c2) / 2
    turn = (h2 - h1 + np.pi) % (2 * np.pi) - np.pi
    lightness = (l2 - l1) / (1 + 0.015 * middle / np.sqrt(20 + middle))
    hue = 2 * np.sqrt(c1 * c2) * np.sin(turn / 2) / (1 + 0.015 * chroma)
    return np.stack([lightness, hue, (c2 - c1) / (1 + 0.045 * chroma)], axis=-1)


def name_direction(moves: FloatArray) -> tuple[Direction, ...]:
    """Words for differences (N, 3) of `components` over N equally likely points; the largest first.

    A component is named if it can be seen and its sign is sure; none may be.
    """
    centre = np.median(moves, axis=0)
    sure = np.maximum((moves > 0).mean(axis=0), (moves < 0).mean(axis=0)) >= _SURE
    named = [k for k in np.argsort(-np.abs(centre)) if abs(centre[k]) >= _SEEN and sure[k]]
    return tuple(WORDS[k][0 if centre[k] > 0 else 1] for k in named)


def _lch(lab: FloatArray, stretch: FloatArray) -> Sequence[FloatArray]:
    a, b = stretch * lab[..., 1], lab[..., 2]
    return lab[..., 0], np.hypot(a, b), np.arctan2(b, a)
