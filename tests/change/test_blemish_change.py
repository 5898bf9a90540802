"""Spots that came and went: those alone, wherever the second photo lies, never on skin that was not seen."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from skinscan.change.blemish_change import compare_blemishes
from skinscan.types import Blemish
from tests.faces import S

Place = tuple[int, int]
A, B, C, D = (140, 70), (150, 80), (160, 180), (60, 128)


def photo(*places: Place, faint: tuple[Place, ...] = (), hidden: tuple[Place, ...] = ()) -> Any:
    """A scan with spots of +8 EI; `faint`: of +3, not counted; `hidden`: places under hair."""
    relief = np.zeros((S, S), np.float32)
    row, column = np.mgrid[:S, :S]
    for height, where in ((8.0, places), (3.0, faint)):
        for y, x in where:
            relief += height * np.exp(-0.5 * ((row - y) ** 2 + (column - x) ** 2) / 2.0).astype(np.float32)
    for y, x in hidden:
        relief[np.hypot(row - y, column - x) < 8] = np.nan
    spots = tuple(
        Blemish(row=y, column=x, zone="left_cheek", height=8.0, area_cm2=0.1, probability=0.9)
        for y, x in places
    )
    return SimpleNamespace(
        blemishes=spots, blemish_relief=relief, scores={"blemishes": SimpleNamespace(status="ok")}
    )


def pair(first: Any, second: Any, down: float = 0.0, right: float = 0.0) -> Any:
    flow = np.zeros((2, S, S), np.float32)
    flow[0], flow[1] = right, down
    return SimpleNamespace(first=first, second=second, shift=SimpleNamespace(flow=flow))


def told(pair_of: Any, *, turned: bool = False) -> tuple[int, int, int]:
    found = compare_blemishes(pair_of, turned=turned)
    assert found is not None
    return len(found.new), len(found.gone), found.kept


def test_what_came_went_and_stayed() -> None:
    assert told(pair(photo(A, B), photo(A, C, D))) == (2, 1, 1)
    assert told(pair(photo(A, B), photo(A, C, D)), turned=True) == (1, 2, 1)
    assert told(pair(photo(A, B), photo(A, B))) == (0, 0, 2)


def test_the_second_photo_may_lie_elsewhere() -> None:
    moved = [(y + 5, x - 4) for y, x in (A, B, C)]
    assert told(pair(photo(A, B, C), photo(*moved), down=5, right=-4)) == (0, 0, 3)
    assert told(pair(photo(A, B), photo(*moved), down=5, right=-4)) == (1, 0, 2)


def test_a_spot_that_was_fainter_before_is_not_new() -> None:
    assert told(pair(photo(faint=(A,)), photo(A))) == (1, 0, 0)
    risen = photo(A)
    before = photo(A)
    before.blemishes = ()  # seen, and not counted
    assert told(pair(before, risen)) == (0, 0, 0)


def test_skin_that_one_photo_hides_says_nothing() -> None:
    assert told(pair(photo(hidden=(A,)), photo(A, C))) == (1, 0, 0)


def test_a_photo_that_does_not_show_spots_gives_no_comparison() -> None:
    blurred = photo(A)
    blurred.scores["blemishes"].status = "abstained"
    assert compare_blemishes(pair(blurred, photo(A)), turned=False) is None


@pytest.mark.parametrize(("count", "verdict"), [(1, "inconclusive"), (9, "increase")])
def test_more_than_chance_is_an_increase(count: int, verdict: str) -> None:
    many = [(100 + 12 * k, 60 + 14 * (k % 3)) for k in range(count)]
    found, back = (compare_blemishes(pair(photo(), photo(*many)), turned=turned) for turned in (False, True))
    assert found is not None
    assert back is not None
    assert found.verdict == verdict
    assert back.verdict == ("decrease" if verdict == "increase" else "inconclusive")
