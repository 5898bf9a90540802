"""Fitting scores: designs learn what is there and keep their signs, intervals hold, guesses are withheld."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from models.renderer.graded_faces import is_calibration
from models.training.fit.score_curves import fit_curves, predict
from models.training.fit.score_errors import NEVER, expected_error, fit_error, limit_of, reach_of
from skinscan.measure.score_features import CONDITIONS, FEATURES

INPUTS = {"erythema_central": 1, "erythema_peak": 1, "highlights": -1}
USED = [FEATURES.index(name) for name in INPUTS]


def faces(count: int, seed: int = 0) -> tuple[Any, Any]:
    """Features, and points that rise with two of them, bend, and fall with the third."""
    rng = np.random.default_rng(seed)
    features = rng.normal(0, 1, (count, len(FEATURES)))
    central, peak, grain = features[:, USED].T
    return features, np.clip(30 + 20 * np.tanh(central) + 12 * np.maximum(peak, 0) - 8 * grain, 0, 100)


def test_curves_learn_what_is_there_and_keep_their_signs() -> None:
    fitted = fit_curves(INPUTS, *faces(300))
    unseen, truth = faces(300, seed=1)
    assert np.corrcoef(predict(fitted, unseen), truth)[0, 1] > 0.95
    for column, sign in zip(USED, INPUTS.values(), strict=True):
        more = unseen.copy()
        more[:, column] += np.linspace(0, 3, len(more))
        assert (sign * (predict(fitted, more) - predict(fitted, unseen)) >= -1e-6).all()


def test_a_sign_that_the_data_contradict_is_not_followed() -> None:
    features, goal = faces(300)
    assert np.ptp(predict(fit_curves({"highlights": 1}, features, goal), features)) < 4


def test_wild_features_stay_within_what_was_seen() -> None:
    features, goal = faces(300)
    fitted = fit_curves(INPUTS, features, goal)
    assert (predict(fitted, 1e9 * features) == predict(fitted, 1e12 * features)).all()
    assert predict(fitted, 1e9 * features).max() <= 100


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


def test_an_answer_that_is_far_off_where_the_usual_one_is_farther_is_given() -> None:
    """High scores err by more than scores usually lie apart, and still say more than the middle does."""
    rng = np.random.default_rng(1)
    truth = np.concatenate([rng.uniform(0, 10, 700), rng.uniform(70, 100, 300)])
    expected = 1 + truth / 4
    assert limit_of(expected, truth + rng.laplace(0, 1, 1000) * expected, truth) == NEVER


def test_calibration_people_are_a_fixed_share() -> None:
    share = np.mean([is_calibration(f"{k}-{k * 7}") for k in range(2000)])
    assert 0.36 < share < 0.44
