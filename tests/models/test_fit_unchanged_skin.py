"""Fitting unchanged skin: a known sigma comes back, and one that cannot be had is an error, not 0."""

import numpy as np
import pytest

from models.training.fit.fit_unchanged_skin import GRID, SIDES, zone_sigmas
from skinscan.change.types import PairConditions
from skinscan.change.uncertainty import UNCHANGED_SKIN
from skinscan.errors import DataError
from skinscan.facemesh.zones import SKIN_ZONES

PAIRS = 4000
SMILE = PairConditions(
    shading=3.0, cast=1.0, pose=2.0, coarseness=0.5, misfit=0.1, depth=0.6,
    expression=UNCHANGED_SKIN["expression"], framing=0.0,
)  # fmt: skip


def errors(sigma: float) -> tuple[np.ndarray, np.ndarray]:
    """Errors of a zone sigma known beside a pulse and a sigma of the prediction of 0.8 EI; those sigmas."""
    predicted = np.full((PAIRS, len(SKIN_ZONES)), 0.8)
    total = np.hypot(np.hypot(predicted, UNCHANGED_SKIN["still"]), sigma)
    return np.random.default_rng(5).normal(0, total), predicted


@pytest.mark.parametrize("sigma", [0.0, 0.6, 1.5])
def test_a_known_sigma_comes_back(sigma: float) -> None:
    found = zone_sigmas(*errors(sigma), [SMILE] * PAIRS)
    assert found.keys() == set(SIDES)
    # At 0 the sampling of a quantile alone moves a square root furthest.
    assert all(value == pytest.approx(sigma, abs=0.1 if sigma else 0.3) for value in found.values())


def test_what_the_grid_does_not_reach_is_an_error_and_not_zero() -> None:
    values, predicted = errors(0.5)
    values[:, SKIN_ZONES.index("chin")] *= 4 * GRID[-1]
    with pytest.raises(DataError, match=r"erythema of the chin: with a sigma of 2\.95"):
        zone_sigmas(values, predicted, [SMILE] * PAIRS)


def test_a_zone_that_no_pair_shows_is_an_error() -> None:
    values, predicted = errors(0.5)
    values[:, SKIN_ZONES.index("nose")] = np.nan
    with pytest.raises(DataError, match="no pair shows the erythema of the nose"):
        zone_sigmas(values, predicted, [SMILE] * PAIRS)
