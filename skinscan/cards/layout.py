"""Where markers, steps and patches lie on the sheet to print and on the parcel card.

Both carry an ArUco marker in each corner, whose numbers say which card it is, and two ladders of the same
eight steps: bare paper, six line screens, solid black. The ladders run against each other on opposite sides,
so that light that falls off across the card is told from the steps. The lines are so fine that cameras see
grey, and printers draw them as whole dots of 600 a inch; on every size of sheet they are equally fine.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from skinscan.types import FloatArray

__all__ = [
    "COVERAGES",
    "DICTIONARY_SIZE",
    "FIRST_RUN",
    "LAST_RUN",
    "LINES_MM",
    "MARKER_MODULES",
    "PATCHES",
    "Box",
    "Layout",
    "Paper",
    "parcel_layout",
    "sheet_layout",
    "sheet_of",
]

Paper = Literal["A4", "A5", "A6"]
Box = tuple[float, float, float, float]
"""Left, top, width, height in mm, from the top left corner of the card."""

DOT_MM = 25.4 / 600
LINES_MM = 8 * DOT_MM
"""Distance of the lines of a screen: 0.34 mm, below what a portrait resolves [design]."""
COVERAGES = (0.0, 1 / 8, 2 / 8, 3 / 8, 4 / 8, 5 / 8, 6 / 8, 1.0)
"""Share of each step that is inked, light to dark."""
PATCHES = 12
"""Colour patches of the parcel card."""
MARKER_MODULES = 7
"""Squares along the side of a marker: five of code and the black border."""
DICTIONARY_SIZE = 1000  # of cv2.aruco.DICT_5X5_1000: four numbers a card
FIRST_RUN, LAST_RUN = 10, DICTIONARY_SIZE // 4 - 1
"""Numbers of print runs of the parcel card; those below are sheets."""
_SHEETS: Mapping[Paper, tuple[int, float]] = {"A6": (2, 1.0), "A5": (1, 148 / 105), "A4": (0, 2.0)}
_MARGIN, _MARKER = 7.0, 17.0  # mm on A6: printers leave up to 6 mm blank
_LADDER, _LADDER_TOP = 22.0, 28.5  # mm on A6: width of a ladder, and where it begins
_GAP = 0.6  # mm of bare paper between neighbours on A6


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """One card, seen upright; lengths in mm from its top left corner."""

    kind: Literal["sheet", "parcel_card"]
    number: int  # of the card: its markers are 4 number .. 4 number + 3
    width: float
    height: float
    markers: tuple[Box, Box, Box, Box]  # top left, top right, bottom right, bottom left
    steps: tuple[tuple[int, Box], ...]  # position in COVERAGES, and where
    patches: tuple[Box, ...]  # of colour; none on a sheet

    @property
    def marker_ids(self) -> tuple[int, int, int, int]:
        """In the order of `markers`."""
        first = 4 * self.number
        return first, first + 1, first + 2, first + 3


def corners(box: Box) -> FloatArray:
    """(4, 2) x, y in mm: top left, top right, bottom right, bottom left."""
    left, top, width, height = box
    return np.array(
        [(left, top), (left + width, top), (left + width, top + height), (left, top + height)], np.float64
    )


def sheet_layout(paper: Paper) -> Layout:
    """The sheet to print, on A4, A5 or A6, upright."""
    number, scale = _SHEETS[paper]
    width, height = 105.0 * scale, 148.0 * scale
    far = (105.0 - _MARGIN - _MARKER, 148.0 - _MARGIN - _MARKER)
    places = ((_MARGIN, _MARGIN), (far[0], _MARGIN), far, (_MARGIN, far[1]))
    tall = (148.0 - 2 * _LADDER_TOP) / len(COVERAGES)
    steps = []
    for level in range(len(COVERAGES)):
        down = (_LADDER_TOP + level * tall, 148.0 - _LADDER_TOP - (level + 1) * tall)
        for left, top in zip((_MARGIN, 105.0 - _MARGIN - _LADDER), down, strict=True):
            steps.append((level, (left, top + 0.5 * _GAP, _LADDER, tall - _GAP)))
    return Layout(
        kind="sheet", number=number, width=width, height=height,
        markers=tuple(_scaled((x, y, _MARKER, _MARKER), scale) for x, y in places),  # type: ignore[arg-type]
        steps=tuple((level, _scaled(box, scale)) for level, box in steps), patches=(),
    )  # fmt: skip


def parcel_layout(run: int) -> Layout:
    """The card for the parcel, of credit-card size, of a print run FIRST_RUN .. LAST_RUN.

    Raises ValueError for another number.
    """
    if not FIRST_RUN <= run <= LAST_RUN:
        raise ValueError(f"print runs have numbers {FIRST_RUN} to {LAST_RUN}")
    width, height, marker, margin = 85.6, 54.0, 11.0, 2.2
    far = (width - margin - marker, height - margin - marker)
    places = ((margin, margin), (far[0], margin), far, (margin, far[1]))
    start = margin + marker + 1.6
    wide = (width - 2 * start) / len(COVERAGES)
    steps = []
    for level in range(len(COVERAGES)):
        across = (start + level * wide, width - start - (level + 1) * wide)
        for left, top in zip(across, (margin, far[1]), strict=True):
            steps.append((level, (left + 0.15, top, wide - 0.3, marker)))
    side, tall, top = (width - 2 * margin) / 6, 10.3, 16.7
    patches = tuple(
        (margin + column * side + 0.15, top + row * tall, side - 0.3, tall - 0.3)
        for row in range(2)
        for column in range(6)
    )
    return Layout(
        kind="parcel_card", number=run, width=width, height=height,
        markers=tuple((x, y, marker, marker) for x, y in places),  # type: ignore[arg-type]
        steps=tuple(steps), patches=patches,
    )  # fmt: skip


def sheet_of(number: int) -> Layout | None:
    """The layout that markers 4 number .. 4 number + 3 stand for; None if skinscan prints none such."""
    for paper, (own, _) in _SHEETS.items():
        if own == number:
            return sheet_layout(paper)
    return parcel_layout(number) if FIRST_RUN <= number <= LAST_RUN else None


def _scaled(box: Box, scale: float) -> Box:
    left, top, width, height = (scale * length for length in box)
    return left, top, width, height
