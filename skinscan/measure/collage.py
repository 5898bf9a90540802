"""One picture that shows a face before and after, in; the two photos it was put together from, out.

Two people side by side are no collage. What tells is the seam: a straight line between the faces, from edge
to edge, where neighbouring pixels have nothing to do with each other, or a strip of one colour. Which part
is the earlier one no picture says; people write from left to right and from top to bottom.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from skinscan.errors import NotCollage
from skinscan.facemesh.landmarks import IRIS_CENTRES
from skinscan.measure.face import find_faces
from skinscan.types import FloatArray, IntMap, Photo, RgbPixels

__all__ = ["Collage", "Side", "split_collage"]

Side = Literal["left", "right", "upper", "lower"]

_SIZES = 1.8  # ratio of the eye distances up to which two faces may be one person's photos
_ASIDE = 0.6  # offset across the direction in which the faces lie apart, over that along it
_TILTED = 0.6  # of the eye line: beyond 35 degrees left and top are not the viewer's
_ROOM = 0.8  # inter-ocular distances about the middle of the eyes that a seam never crosses
_PIECES = 12  # of a line: each must break, so that hair or a sleeve along the line is no seam
_BREAK, _STANDS_OUT = (
    3.0,
    2.5,
)  # 8-bit codes of the break, and times the strongest other one between the faces
_MIDDLE = 0.01  # of the side: at half, where a program joins photos of one size, a fainter break is enough
_FAINT, _NEAR = 0.8, 10  # 8-bit codes; lines to both sides that it must stand out from
_ONE_COLOR = 12.0  # range of codes along a line of a frame between the photos
_FEWEST = 8  # columns between the faces
_LINE = 16  # px, the widest line between photos whose colour need not be plain
_TRIM = 2  # px left out at the seam, which scaling and compression blend


@dataclass(frozen=True, slots=True, kw_only=True)
class Collage:
    """The two photos of a collage, pixels as they were."""

    layout: Literal["left_right", "top_bottom"]
    first: RgbPixels  # (H, W, 3) uint8 sRGB, contiguous: the left or the upper part
    second: RgbPixels  # the right or the lower part
    seam: int  # px from the left or the top where the second part begins

    @property
    def parts(self) -> tuple[tuple[Side, RgbPixels], tuple[Side, RgbPixels]]:
        """Both parts with the names of their sides."""
        sides: tuple[Side, Side] = ("left", "right") if self.layout == "left_right" else ("upper", "lower")
        return (sides[0], self.first), (sides[1], self.second)


def split_collage(photo: Photo) -> Collage:
    """Split a picture at the seam between its two faces.

    Raises NotCollage unless there are exactly two upright faces of similar size side by side or one above the
    other, and a seam from edge to edge between them.
    """
    faces = find_faces(photo)
    if len(faces) != 2:
        raise _unsure(photo, f"{len(faces)} faces are in it, not two")
    eyes = [face[list(IRIS_CENTRES), :2].astype(np.float64) for face in faces]
    apart = [float(np.hypot(*(pair[1] - pair[0]))) for pair in eyes]
    middles = [pair.mean(axis=0) for pair in eyes]
    across, along = np.abs(middles[1] - middles[0])
    if max(apart) > _SIZES * min(apart) or min(across, along) > _ASIDE * max(across, along):
        raise _unsure(photo, "the two faces differ in size or lie askew")
    if any(pair[1, 0] - pair[0, 0] < abs(pair[1, 1] - pair[0, 1]) / _TILTED for pair in eyes):
        raise _unsure(photo, "a face is not upright")
    layout: Literal["left_right", "top_bottom"] = "left_right" if across > along else "top_bottom"
    pixels = photo.pixels if layout == "left_right" else np.swapaxes(photo.pixels, 0, 1)
    axis = 0 if layout == "left_right" else 1
    ends = sorted((float(m[axis]), size) for m, size in zip(middles, apart, strict=True))
    low, high = int(ends[0][0] + _ROOM * ends[0][1]), int(ends[1][0] - _ROOM * ends[1][1])
    found = _seam(pixels, low, high)
    if found is None:
        raise _unsure(photo, "no seam runs between the two faces: they may be two people")
    parts = [pixels[:, : found[0] - _TRIM], pixels[:, found[1] + _TRIM :]]
    if axis:
        parts = [np.swapaxes(part, 0, 1) for part in parts]
    first, second = (np.ascontiguousarray(part) for part in parts)
    return Collage(layout=layout, first=first, second=second, seam=found[1])


def _seam(pixels: RgbPixels, low: int, high: int) -> tuple[int, int] | None:
    """Columns where the left part ends and the right one begins, within `low` .. `high`; None: no seam."""
    between = pixels[:, max(low, 0) : high + 1].astype(np.int32)
    if between.shape[1] < _FEWEST:
        return None
    steps = np.diff(between, axis=1).mean(axis=2)
    breaks = np.median([np.abs(piece.mean(axis=0)) for piece in np.array_split(steps, _PIECES)], axis=0)
    start = max(low, 0) + 1
    left, right = _frame(between, breaks)
    others = np.delete(breaks, np.arange(max(left - _TRIM, 0), min(right + _TRIM, len(breaks) - 1) + 1))
    if breaks[left : right + 1].max() >= max(_BREAK, _STANDS_OUT * float(others.max(initial=0))):
        return start + left, start + right
    middle = _middle(breaks, pixels.shape[1] / 2 - start, max(2.0, _MIDDLE * pixels.shape[1]))
    return None if middle is None else (start + middle, start + middle)


def _middle(breaks: FloatArray, half: float, tolerance: float) -> int | None:
    """The break about `half`, if it stands out from the lines next to it."""
    near = np.flatnonzero(np.abs(np.arange(len(breaks)) - half) <= tolerance)
    if not len(near):
        return None
    found = int(near[np.argmax(breaks[near])])
    sides = (
        breaks[max(found - _NEAR, 0) : max(found - _TRIM, 0)],
        breaks[found + _TRIM + 1 : found + _NEAR + 1],
    )
    usual = max((float(side.max(initial=0)) for side in sides), default=0.0)
    return found if breaks[found] >= max(_FAINT, _STANDS_OUT * usual) else None


def _frame(columns: IntMap, breaks: FloatArray) -> tuple[int, int]:
    """First and last break of the frame or line of the strongest break; that twice without one."""
    plain = np.ptp(columns, axis=0).max(axis=1) <= _ONE_COLOR
    strongest = left = right = int(np.argmax(breaks))
    while left > 0 and plain[left]:
        left -= 1
    while right + 1 < len(breaks) and plain[right + 1]:
        right += 1
    if min(breaks[left], breaks[right]) > breaks[strongest] / _STANDS_OUT:
        return left, right
    near = np.arange(max(strongest - _LINE, 0), min(strongest + _LINE + 1, len(breaks)))
    edges = near[breaks[near] > breaks[strongest] / _STANDS_OUT]  # a line, blurred by scaling
    return int(edges[0]), int(edges[-1])


def _unsure(photo: Photo, why: str) -> NotCollage:
    return NotCollage(
        f"{photo.name} cannot be split into before and after: {why}",
        "give the two photos one by one, the earlier one first",
    )
