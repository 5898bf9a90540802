"""Inflamed spots that came and that went between two photos laid on each other.

A spot is new where the after-photo shows it and the before-photo, at that place of the skin, shows nothing
that rises half as high. What lies between, or on skin that one photo does not show, is neither.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from skinscan.change.alignment import AlignedPair
from skinscan.change.types import BlemishChange
from skinscan.types import Blemish, BoolMap, ChangeVerdict, FloatMap, Scan

__all__ = ["compare_blemishes"]

_NEAR = 3  # texels that a spot may seem to have moved: what registration and expression leave
_SURE = 0.7  # probability from which a spot may be new or gone [design]
_NOTHING, _HALF = 1.8, 0.5  # EI, and share of the spot's height, that the other photo may show there [design]
_BY_CHANCE = 0.6  # new spots of two photos of one session: 40 London pairs have 0.5, and 0.55 gone
_RARE = 0.05  # probability of so many by chance below which more spots came than went


@dataclass(frozen=True, slots=True)
class _Side:
    """One photo on the texels of the pair."""

    spots: list[tuple[int, int, Blemish]]  # row and column there
    relief: FloatMap  # (S, S) EI, highest within _NEAR texels
    seen: BoolMap  # (S, S)


def compare_blemishes(pair: AlignedPair, *, turned: bool) -> BlemishChange | None:
    """Tell spots that are new, gone and still there; None where a photo does not show spots.

    `pair`: two scans; `turned`: its second scan is the before-photo.
    """
    if any(scan.scores["blemishes"].status != "ok" for scan in (pair.first, pair.second)):
        return None
    flow = pair.shift.flow
    first, second = _side(pair.first, None), _side(pair.second, flow)
    before, after = (second, first) if turned else (first, second)
    new, gone = _alone(after, before), _alone(before, after)
    kept = sum(_matched(spot, before) for spot in after.spots)
    return BlemishChange(
        new=tuple(new), gone=tuple(gone), kept=int(kept), by_chance=_BY_CHANCE,
        verdict=_verdict(len(new), len(gone)),
    )  # fmt: skip


def _side(scan: Scan, flow: FloatMap | None) -> _Side:
    seen = np.isfinite(scan.blemish_relief)
    relief = np.where(seen, scan.blemish_relief, np.float32(0))
    places = [(spot.row, spot.column, spot) for spot in scan.blemishes]
    if flow is not None:
        row, column = np.indices(flow.shape[1:], dtype=np.float32)
        at = column + flow[0], row + flow[1]
        relief = cv2.remap(relief, *at, cv2.INTER_LINEAR)
        seen = cv2.remap(seen.astype(np.float32), *at, cv2.INTER_LINEAR) > 0.5
        side = flow.shape[1] - 1
        places = [
            (min(max(round(r - flow[1, r, c]), 0), side), min(max(round(c - flow[0, r, c]), 0), side), spot)
            for r, c, spot in places
        ]
    around = np.ones((2 * _NEAR + 1,) * 2, np.uint8)
    whole = cv2.erode(seen.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    return _Side(places, cv2.dilate(relief, around), whole)


def _alone(own: _Side, other: _Side) -> list[Blemish]:
    """Sure spots of one side whose place the other shows without anything like them."""
    return [
        spot
        for row, column, spot in own.spots
        if spot.probability >= _SURE
        and other.seen[row, column]
        and other.relief[row, column] < max(_NOTHING, _HALF * spot.height)
    ]


def _matched(spot: tuple[int, int, Blemish], other: _Side) -> bool:
    row, column, _ = spot
    return any(math.hypot(row - r, column - c) <= _NEAR + 1 for r, c, _ in other.spots)


def _verdict(new: int, gone: int) -> ChangeVerdict:
    """ "increase" or "decrease" where that many more came, or went, than chance gives; else inconclusive."""
    sides: tuple[tuple[int, int, ChangeVerdict], ...] = ((new, gone, "increase"), (gone, new, "decrease"))
    for more, fewer, name in sides:
        usual = _BY_CHANCE + fewer
        rare = 1 - sum(math.exp(-usual) * usual**k / math.factorial(k) for k in range(more))
        if more > fewer and rare < _RARE:
            return name
    return "inconclusive"
