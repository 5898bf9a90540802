"""Agreement measures against published examples and against their definitions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skinscan.bench.agreement import (
    agreement,
    auc,
    correlation,
    graded_alike,
    rank_correlation,
    weighted_kappa,
)

Table = list[list[int]]
MARRIAGE: Table = [[7, 7, 2, 3], [2, 8, 3, 7], [1, 5, 4, 9], [2, 8, 9, 14]]
"""91 couples, husband by wife: Hout, Duncan and Sobel 1987, in Agresti, Categorical Data Analysis."""


def rated(table: Table) -> tuple[list[int], list[int]]:
    """The two ratings that a table counts."""
    cells = [(i, j) for i, row in enumerate(table) for j, count in enumerate(row) for _ in range(count)]
    return [i for i, _ in cells], [j for _, j in cells]


def kappa_by_definition(table: Table) -> float:
    observed = np.array(table) / np.sum(table)
    expected = np.outer(observed.sum(axis=1), observed.sum(axis=0))
    apart = np.subtract.outer(np.arange(len(table)), np.arange(len(table))) ** 2
    return 1 - float((apart * observed).sum() / (apart * expected).sum())


def test_kappa_of_two_grades_is_cohens() -> None:
    """50 grant proposals, 20 and 15 agreed on: the example of Cohen's kappa in textbooks, 0.40."""
    assert weighted_kappa(*rated([[20, 5], [10, 15]])) == pytest.approx(0.40)


def test_kappa_of_four_grades_has_the_published_value() -> None:
    """0.332 with Fleiss-Cohen weights, as `Kappa(SexualFun, "Fleiss-Cohen")` of the R package vcd."""
    assert weighted_kappa(*rated(MARRIAGE)) == pytest.approx(0.332, abs=5e-4)
    assert weighted_kappa(*rated(MARRIAGE)) == pytest.approx(kappa_by_definition(MARRIAGE))


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=40))
def test_kappa_is_its_definition(pairs: list[tuple[int, int]]) -> None:
    a, b = [i for i, _ in pairs], [j for _, j in pairs]
    found = weighted_kappa(a, b)
    if len(set(a)) == len(set(b)) == 1 and a[0] == b[0]:
        assert found is None
        return
    table = [[pairs.count((i, j)) for j in range(5)] for i in range(5)]
    assert found == pytest.approx(kappa_by_definition(table))


def test_auc_of_hanley_and_mcneil() -> None:
    """109 CT scans rated 1..5 by one reader, 0.893: Radiology 143:29, 1982, table II."""
    normal, abnormal = (33, 6, 6, 11, 2), (3, 2, 2, 11, 33)
    values = [rating for counts in (normal, abnormal) for rating, n in enumerate(counts) for _ in range(n)]
    assert auc(values, [0] * 58 + [1] * 51) == pytest.approx(0.893, abs=5e-4)


def test_auc_knows_order_and_ties() -> None:
    assert auc([1, 2, 3, 4], [0, 0, 1, 1]) == 1
    assert auc([4, 3, 2, 1], [0, 0, 1, 1]) == 0
    assert auc([5, 5, 5, 5], [0, 0, 1, 1]) == 0.5
    assert auc([1, 2], [1, 1]) is None


def test_rank_correlation_of_the_textbook() -> None:
    """IQ against hours of television of ten people: rho = -29/165."""
    iq = [106, 100, 86, 101, 99, 103, 97, 113, 112, 110]
    hours = [7, 27, 2, 50, 28, 29, 20, 12, 6, 17]
    assert rank_correlation(iq, hours) == pytest.approx(-29 / 165)


def test_correlation_of_anscombes_first() -> None:
    """Anscombe 1973: r = 0.816."""
    x = [10.0, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5]
    y = [8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68]
    assert correlation(x, y) == pytest.approx(0.816, abs=5e-4)
    assert correlation([1, 1, 1], [1, 2, 3]) is None
    assert correlation([1, 2], [1, 2]) is None


def test_agreement_counts_what_the_intervals_hold() -> None:
    row = agreement(np.array([1.0, 3, 5]), np.array([2.0, 3, 4]), 10.0, np.array([True, True, False]))
    assert row == {
        "n": 3, "r": 1.0, "mae": 0.67, "bias": 0.0, "sd": 0.82, "mae_percent_of_range": 6.7,
        "coverage_90": 0.667,
    }  # fmt: skip


def test_grades_are_given_as_often_as_by_the_rater() -> None:
    assert graded_alike([0.1, 9.0, 3.0, 4.0], [2, 0, 0, 1]) == [0, 2, 0, 1]
    assert weighted_kappa(graded_alike([10.0, 20.0, 30.0], [0, 1, 2]), [0, 1, 2]) == 1
