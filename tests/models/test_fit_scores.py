"""Fitting scores: intervals hold."""

from __future__ import annotations

import numpy as np
import pytest

from models.renderer.graded_faces import is_calibration
from models.training.fit.score_errors import reach_of


def test_intervals_hold_nine_in_ten_of_each_class_on_faces_not_calibrated_on() -> None:
    rng = np.random.default_rng(3)
    edges = np.array([30.0, 40.0, 60.0])
    melanin = rng.choice(edges, 3000)
    ratio = np.abs(rng.normal(0, 1, 3000)) * (1 + (melanin > 50))
    reach = np.array(reach_of(ratio[:1500], melanin[:1500], edges))
    for k, middle in enumerate(edges):
        own = melanin[1500:] == middle
        assert 0.86 < (ratio[1500:][own] <= reach[k]).mean() < 0.94


def test_few_faces_of_a_class_give_the_widest_interval_seen_and_no_less_than_everybodys() -> None:
    assert reach_of(np.array([1.0, 5.0, 2.0]), np.array([30.0] * 3), np.array([30.0])) == [5.0]
    ratio, melanin = np.append(np.linspace(0, 10, 99), 0.1), np.append(np.full(99, 30.0), 60.0)
    many, one = reach_of(ratio, melanin, np.array([30.0, 60.0]))
    assert many == pytest.approx(9.1, abs=0.1)
    assert one == pytest.approx(9.1, abs=0.1)


def test_calibration_people_are_a_fixed_share() -> None:
    share = np.mean([is_calibration(f"{k}-{k * 7}") for k in range(2000)])
    assert 0.36 < share < 0.44
