"""A pair is registered once, whatever asks for it."""

from collections import Counter
from typing import Any

import numpy as np
import pytest

from skinscan.change import alignment
from skinscan.change.alignment import Alignments
from skinscan.change.compare import compare
from skinscan.change.registration import find_shift
from skinscan.change.trend import follow
from skinscan.evidence.pictures import skin_pictures
from skinscan.scanner import Scanner
from skinscan.types import Scan
from tests.paths import SAMPLES


@pytest.fixture(scope="module")
def scans() -> list[Scan]:
    scanner = Scanner("cpu")
    return [scanner.scan(SAMPLES / "pairs" / f"a_{name}.jpg") for name in ("before", "slight", "strong")]


@pytest.fixture
def registered(monkeypatch: pytest.MonkeyPatch) -> Counter[tuple[int, int]]:
    """How often each ordered pair of reliefs was registered; mirrored copies have reliefs of their own."""
    times: Counter[tuple[int, int]] = Counter()

    def counted(first: Any, second: Any) -> Any:
        times[id(first), id(second)] += 1
        return find_shift(first, second)

    monkeypatch.setattr(alignment, "find_shift", counted)
    return times


def test_a_comparison_registers_each_pair_in_one_direction_whichever_side_comes_first(
    scans: list[Scan], registered: Counter[tuple[int, int]]
) -> None:
    for sides in ((scans[:1], scans[1:]), (scans[1:], scans[:1])):
        registered.clear()
        compare(*sides)
        assert set(registered.values()) == {1}
        assert len(registered) == 2


def test_the_pictures_of_a_comparison_register_no_pair_again(
    scans: list[Scan], registered: Counter[tuple[int, int]]
) -> None:
    change = compare(scans[:1], scans[1:])
    skin_pictures(change)
    skin_pictures(change)
    assert set(registered.values()) == {1}


def test_a_series_registers_no_pair_twice(scans: list[Scan], registered: Counter[tuple[int, int]]) -> None:
    follow([[scan] for scan in scans])
    assert set(registered.values()) == {1}


def test_the_second_is_laid_on_the_first(scans: list[Scan]) -> None:
    pair = Alignments().of(scans[0], scans[1])
    assert pair.registration.correlation > 0.5
    np.testing.assert_array_equal(pair.both, scans[0].maps.valid & scans[1].maps.valid)
    still = Alignments().of(scans[0], scans[0])
    plane = scans[0].maps.erythema
    np.testing.assert_allclose(still.onto_first(plane), plane, atol=1e-3)
