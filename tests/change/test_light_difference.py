"""The covariance of two lights: its likelihood, and what it brings beyond one session."""

import dataclasses

import numpy as np
import pytest

from models.training.fit.fit_pairs import factors, loss, sample
from skinscan.change.light_difference import KERNELS, NOISES, Cells, kernels, light_covariance
from skinscan.stats import normal_half_width, two_sided_p
from tests.change.cells import draw_cells


def test_normal_law() -> None:
    assert two_sided_p(1.959963985) == pytest.approx(0.05, abs=1e-9)
    assert normal_half_width(0.90) == pytest.approx(1.644853627, abs=1e-9)
    assert two_sided_p(normal_half_width(0.37)) == pytest.approx(0.63, abs=1e-12)


def test_another_light_brings_a_covariance_and_one_session_brings_none() -> None:
    total, apart = light_covariance(draw_cells(0, cast=8.0))
    flat = np.block([[total[0, 0], total[0, 1]], [total[1, 0], total[1, 1]]])
    np.testing.assert_allclose(flat, flat.T, atol=1e-9)
    assert np.linalg.eigvalsh(flat).min() > -1e-6 * np.trace(flat)
    assert apart > 0
    nothing, near = light_covariance(draw_cells(0, cast=1.5, shading=3.0))
    assert near == 0
    assert not nothing.any()
    assert kernels(draw_cells(0)).shape == (len(KERNELS), *total.shape[2:])


def test_with_a_reference_in_both_photos_less_is_unexplained() -> None:
    cells = draw_cells(0, cast=8.0)
    without, apart = light_covariance(cells)
    held, as_far = light_covariance(dataclasses.replace(cells, referenced=True))
    assert as_far == apart
    for ratio in (0, 1):
        less = without[ratio, ratio] - held[ratio, ratio]
        assert np.linalg.eigvalsh(less).min() > -1e-6 * np.trace(less)
        assert np.diag(less).min() > 0
        assert np.linalg.eigvalsh(held[ratio, ratio]).min() > -1e-6 * np.trace(held[ratio, ratio])
    beside, _ = light_covariance(draw_cells(0, cast=1.5))
    assert not beside.any()


def test_the_gradient_of_the_likelihood_is_its_slope() -> None:
    cells = draw_cells(1)
    few = np.arange(0, len(cells.texels), 8)
    names = [f.name for f in dataclasses.fields(Cells) if isinstance(getattr(cells, f.name), np.ndarray)]
    apart = cells.apart[np.ix_(few, few)]
    cells = dataclasses.replace(cells, **{n: getattr(cells, n)[few] for n in names if n != "at"})
    cells = dataclasses.replace(cells, apart=apart)
    samples = [sample(cells)]
    rng = np.random.default_rng(0)
    at = rng.normal(-1, 0.3, 3 * (samples[0].scale.shape[1] + len(NOISES)))
    value, gradient = loss(at, samples)
    assert np.isfinite(value)
    for k in rng.choice(len(at), 12, replace=False):
        step = np.zeros_like(at)
        step[k] = 1e-5
        slope = (loss(at + step, samples)[0] - loss(at - step, samples)[0]) / 2e-5
        assert gradient[k] == pytest.approx(slope, rel=1e-3, abs=1e-3)
    assert factors(at.reshape(-1, 3)).shape[1:] == (2, 2)
