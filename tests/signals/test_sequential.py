"""Evidence that may be looked at every day: what it promises is checked by adding all outcomes up."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from skinscan.signals.sequential import claims_evidence, discoveries, orders_evidence
from skinscan.types import FloatArray


def one_thing(own: list[tuple[int, int]], rest: list[tuple[int, int]]) -> FloatArray:
    mine, other = np.array(own, np.int32).T, np.array(rest, np.int32).T
    path: FloatArray = claims_evidence(mine[:1], mine[1:], *(mine + other))[0]
    return path


@settings(max_examples=40, deadline=None)
@given(
    claims=st.integers(1, 5), others=st.integers(20, 30), past=st.integers(0, 40), rate=st.floats(0.02, 0.9)
)
def test_no_evidence_is_to_be_expected_from_a_block_where_nothing_is_wrong(
    claims: int, others: int, past: int, rate: float
) -> None:
    before = [(1, 1), (past // 2, past)] if past else []
    expected = 0.0
    for events in range(claims + 1):
        for other in range(others + 1):
            chance = binom.pmf(events, claims, rate) * binom.pmf(other, others, rate)
            days = [(1, 1)] * len(before) + [(events, claims)]
            path = one_thing(days, [(7, 40)] * len(before) + [(other, others)])
            expected += chance * path[-1] / (path[-2] if before else 1.0)
    assert expected <= 1 + 1e-9


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(0.01, 0.99), min_size=1, max_size=6))
def test_a_reaction_by_chance_leaves_the_evidence_of_orders_as_it_was_on_average(shares: list[float]) -> None:
    """Every outcome of so many reactions, each from here by its share: the mean is exactly 1."""
    expected = 0.0
    for outcome in range(1 << len(shares)):
        here = [bool(outcome >> n & 1) for n in range(len(shares))]
        chance = np.prod([share if own else 1 - share for own, share in zip(here, shares, strict=True)])
        days = np.eye(len(shares), dtype=np.int32)  # a reaction a day, each from a week of its own
        path = orders_evidence(np.array([here], np.int32), days, np.array([shares]))
        expected += chance * path[0, -1]
    assert expected == pytest.approx(1)


def test_looking_every_day_for_a_year_costs_nothing() -> None:
    """Of 400 quiet products at most 5 % ever reach 20 (Ville); without the theory, daily tests at 5 %
    would."""
    draw = np.random.default_rng(3)
    claims = draw.poisson(0.7, (400, 365)).astype(np.int32)
    reactions = draw.binomial(claims, 0.15).astype(np.int32)
    path = claims_evidence(reactions, claims, reactions.sum(axis=0), claims.sum(axis=0))
    assert (path.max(axis=1) >= 20).mean() <= 0.05


def test_evidence_grows_where_reactions_are_more_frequent_and_falls_where_they_are_not() -> None:
    rest = [(10, 100)] * 20
    assert one_thing([(4, 10)] * 20, rest)[-1] > 1e6
    assert one_thing([(1, 10)] * 20, rest)[-1] < 0.2
    assert one_thing([(0, 10)] * 20, rest)[-1] < 0.01


def test_a_thin_stream_is_compared_in_longer_blocks() -> None:
    """One claim a day, every fifth about the bad product: a day alone would never tell."""
    own = [(1, 1), (0, 0), (0, 0), (0, 0), (0, 0)] * 20
    rest = [(0, 0), (0, 1), (1, 1), (0, 1), (0, 1)] * 20
    path = one_thing(own, rest)
    assert path[-1] > 100
    assert path[3] == 1  # the first block closes on the day of the fourth other claim
    assert path[4] != 1


def test_more_reactions_than_the_share_of_orders_is_evidence() -> None:
    weeks = np.ones((30, 1), np.int32)
    own = np.ones((1, 30), np.int32)
    assert orders_evidence(own, weeks, np.array([[0.1]]))[0, -1] > 1e6
    assert orders_evidence(own, weeks, np.array([[1.0]]))[0, -1] == pytest.approx(1)  # who sells all has all
    assert orders_evidence(own * 0, weeks, np.array([[0.1]]))[0, -1] < 0.2


def test_e_bh_by_hand() -> None:
    """Wang and Ramdas: the k largest e-values are discoveries if the k-th is at least K / (k a)."""
    assert discoveries(np.array([39.0, 0, 0, 0]), 0.1).tolist() == [False] * 4
    assert discoveries(np.array([0, 40.0, 0, 0]), 0.1).tolist() == [False, True, False, False]
    assert discoveries(np.array([0, 20.0, 0, 20.0]), 0.1).tolist() == [False, True, False, True]
    assert discoveries(np.array([10.0, 10.0, 10.0, 10.0]), 0.1).all()
    assert discoveries(np.array([]), 0.1).shape == (0,)
