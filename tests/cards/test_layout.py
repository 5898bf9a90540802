"""Where things are on the cards: nothing overlaps or leaves the paper, ladders run against each other."""

from __future__ import annotations

from itertools import combinations

import pytest

from skinscan.cards.layout import (
    COVERAGES,
    FIRST_RUN,
    LAST_RUN,
    Box,
    Layout,
    parcel_layout,
    sheet_layout,
    sheet_of,
)

LAYOUTS = [sheet_layout("A4"), sheet_layout("A5"), sheet_layout("A6"), parcel_layout(FIRST_RUN)]


def _apart(one: Box, other: Box) -> bool:
    return (
        one[0] + one[2] <= other[0]
        or other[0] + other[2] <= one[0]
        or one[1] + one[3] <= other[1]
        or other[1] + other[3] <= one[1]
    )


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: f"{layout.kind}-{layout.number}")
def test_nothing_overlaps_or_leaves_the_paper(layout: Layout) -> None:
    boxes = [*layout.markers, *(box for _, box in layout.steps), *layout.patches]
    assert all(_apart(one, other) for one, other in combinations(boxes, 2))
    for left, top, width, height in boxes:
        assert min(left, top) >= 2.0
        assert left + width <= layout.width - 2.0
        assert top + height <= layout.height - 2.0


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: f"{layout.kind}-{layout.number}")
def test_each_step_is_there_twice_symmetric_about_the_middle(layout: Layout) -> None:
    for level in range(len(COVERAGES)):
        one, other = [box for own, box in layout.steps if own == level]
        assert one[0] + other[0] + one[2] == pytest.approx(layout.width)
        assert one[1] + other[1] + one[3] == pytest.approx(layout.height)


def test_the_numbers_of_markers_tell_the_card() -> None:
    for layout in LAYOUTS:
        assert {number // 4 for number in layout.marker_ids} == {layout.number}
        assert sheet_of(layout.number) == layout
    assert sheet_of(FIRST_RUN - 1) is None
    assert sheet_of(LAST_RUN + 1) is None
    with pytest.raises(ValueError, match="print runs"):
        parcel_layout(LAST_RUN + 1)
