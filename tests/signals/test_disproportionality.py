"""Ratios of drug safety against scipy's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2
from scipy.stats.contingency import odds_ratio, relative_risk

from skinscan.signals.disproportionality import disproportionality, rate_ratio

CELL = st.integers(1, 500)


@given(a=CELL, b=CELL, c=CELL, d=CELL)
def test_ratios_and_intervals_are_those_of_scipy(a: int, b: int, c: int, d: int) -> None:
    found = disproportionality(a, a + b, c, c + d)
    assert found.prr
    assert found.ror
    risk = relative_risk(a, a + b, c, c + d)
    odds = odds_ratio([[a, b], [c, d]], kind="sample")
    assert found.prr.value == pytest.approx(risk.relative_risk)
    assert (found.prr.low, found.prr.high) == pytest.approx(tuple(risk.confidence_interval()), rel=1e-5)
    assert found.ror.value == pytest.approx(odds.statistic)
    assert (found.ror.low, found.ror.high) == pytest.approx(tuple(odds.confidence_interval()), rel=1e-5)


def test_an_empty_cell_gets_a_half_as_all_do() -> None:
    found = disproportionality(0, 10, 5, 50)
    assert found.ror
    assert found.ror.value == pytest.approx(0.5 * 45.5 / (10.5 * 5.5))
    assert found.ror.low < 1 < found.ror.high


def test_without_a_rest_there_is_nothing_to_compare() -> None:
    assert disproportionality(3, 10, 0, 0).prr is None
    assert disproportionality(0, 0, 3, 10).ror is None
    assert rate_ratio(3, 0.0) is None


@given(seen=st.integers(3, 400))
def test_byars_interval_is_near_the_exact_one(seen: int) -> None:
    found = rate_ratio(seen, 1.0)
    assert found
    assert found.low == pytest.approx(chi2.ppf(0.025, 2 * seen) / 2, rel=0.03)
    assert found.high == pytest.approx(chi2.ppf(0.975, 2 * seen + 2) / 2, rel=0.01)
