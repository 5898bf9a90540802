"""Fitting scores: designs learn what is there and keep their signs, intervals hold, guesses are withheld."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from models.train.score_designs import DESIGNS, predict
from models.train.score_errors import NEVER, expected_error, fit_error, limit_of, reach_of
from models.train.score_faces import is_calibration
from skinscan.features import CONDITIONS, FEATURES

INPUTS = {"erythema_cheeks": 1, "erythema_patches": 1, "grain": -1}
USED = [FEATURES.index(name) for name in INPUTS]


def faces(count: int, seed: int = 0) -> tuple[Any, Any]:
    """Features, and points that rise with two of them, bend, and fall with the third."""
    rng = np.random.default_rng(seed)
    features = rng.normal(0, 1, (count, len(FEATURES)))
    cheeks, patches, grain = features[:, USED].T
    return features, np.clip(30 + 20 * np.tanh(cheeks) + 12 * np.maximum(patches, 0) - 8 * grain, 0, 100)


@pytest.mark.parametrize("design", ["curves", "net"])
def test_a_design_learns_what_is_there_and_keeps_its_signs(design: str) -> None:
    features, goal = faces(300)
    fitted = DESIGNS[design][0](INPUTS, features, goal)
    unseen, truth = faces(300, seed=1)
    assert np.corrcoef(predict(design, fitted, unseen), truth)[0, 1] > 0.95
    for column, sign in zip(USED, INPUTS.values(), strict=True):
        more = unseen.copy()
        more[:, column] += np.linspace(0, 3, len(more))
        step = predict(design, fitted, more) - predict(design, fitted, unseen)
        assert (sign * step >= -1e-6).all()


def test_a_sign_that_the_data_contradict_is_not_followed() -> None:
    features, goal = faces(300)
    against = {"grain": 1}
    for design in ("curves", "net"):
        fitted = DESIGNS[design][0](against, features, goal)
        assert np.ptp(predict(design, fitted, features)) < 4


def test_wild_features_stay_within_what_was_seen() -> None:
    features, goal = faces(300)
    for design in ("curves", "net"):
        fitted = DESIGNS[design][0](INPUTS, features, goal)
        assert np.isfinite(predict(design, fitted, 1e9 * np.sign(features))).all()


def test_the_expected_error_follows_the_conditions_it_comes_from() -> None:
    rng = np.random.default_rng(0)
    conditions = rng.normal(0, 1, (800, len(CONDITIONS)))
    blur = CONDITIONS.index("sharpness")
    spread = np.exp(1.5 - 0.6 * conditions[:, blur])
    truth = np.full(800, 50.0)
    found = truth + rng.laplace(0, 1, 800) * spread
    error = fit_error(conditions, found, truth)
    assert np.corrcoef(np.log(expected_error(error, conditions, found)), np.log(spread))[0, 1] > 0.9


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


def test_what_is_worse_than_the_usual_answer_is_withheld() -> None:
    rng = np.random.default_rng(0)
    truth = rng.uniform(0, 100, 1000)
    expected = rng.uniform(1, 60, 1000)
    limit = limit_of(expected, truth + rng.laplace(0, 1, 1000) * expected, truth)
    assert 18 < limit < 40  # the usual answer is 25 points off
    assert limit_of(expected, truth, truth) == NEVER


def test_calibration_people_are_a_fixed_share() -> None:
    share = np.mean([is_calibration(f"{k}-{k * 7}") for k in range(2000)])
    assert 0.36 < share < 0.44
