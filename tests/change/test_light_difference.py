"""The covariance of two lights: its likelihood, its estimate of a change, the law of the intervals."""

import dataclasses

import numpy as np
import pytest

from models.training.fit.fit_pairs import factors, loss, sample
from skinscan.change import light_difference
from skinscan.change.light_difference import KERNELS, NOISES, Cells, cells_of, estimate_change, kernels
from skinscan.change.uncertainty import erythema_sigma
from skinscan.facemesh.canonical_face import load_canonical
from skinscan.stats import normal_half_width, two_sided_p
from skinscan.types import FloatArray

MESH = load_canonical()
NOWHERE = np.zeros_like(MESH.skin)
CHEEK = MESH.zones["left_cheek"]


def covariance(cells: Cells) -> FloatArray:
    """(2N, 2N) of log R/G, then of log G/B."""
    total = light_difference._covariance(cells, light_difference._blocks(light_difference._SIZES))
    return np.block([[total[0, 0], total[0, 1]], [total[1, 0], total[1, 1]]])


def draw_cells(seed: int, cast: float = 6.0) -> Cells:
    """A face whose light is smooth and whose difference is drawn from the model itself."""
    rng = np.random.default_rng(seed)
    row, column = np.indices(MESH.skin.shape, dtype=np.float32) / 256
    levels = [-0.4 + 0.3 * np.cos(3 * (column - c)) * np.cos(2 * (row - 0.5)) for c in (0.3, 0.6)]
    chroma = [20 + 3 * np.sin(7 * row), 12 + 2 * np.cos(9 * column)]
    nothing = np.zeros_like(row)
    planes = np.stack([nothing, nothing, *chroma, *levels, nothing, nothing]).astype(np.float32)
    pair = {"cast": cast, "shading": 6.0, "pose": 5.0, "misfit": 0.3, "coarseness": 0.4}
    cells = cells_of(MESH.skin, NOWHERE, planes, pair)
    root = np.linalg.cholesky(covariance(cells))
    drawn = (root @ rng.normal(size=len(root))).reshape(2, -1).T
    return dataclasses.replace(cells, difference=drawn)


def changed(cells: Cells, rise: float) -> Cells:
    """The left cheek redder by `rise` EI."""
    inside = (cells.zone == MESH.label[CHEEK][0]).astype(float)
    return dataclasses.replace(
        cells, difference=cells.difference + rise * inside[:, None] * light_difference._RESPONSE
    )


def test_normal_law() -> None:
    assert two_sided_p(1.959963985) == pytest.approx(0.05, abs=1e-9)
    assert normal_half_width(0.90) == pytest.approx(1.644853627, abs=1e-9)
    assert two_sided_p(normal_half_width(0.37)) == pytest.approx(0.63, abs=1e-12)


def test_covariance_is_one() -> None:
    cells = draw_cells(0)
    total = covariance(cells)
    np.testing.assert_allclose(total, total.T)
    assert np.linalg.eigvalsh(total).min() > 0
    assert kernels(cells).shape == (len(KERNELS), len(cells.texels), len(cells.texels))


def test_the_gradient_of_the_likelihood_is_its_slope() -> None:
    cells = draw_cells(1)
    few = np.arange(0, len(cells.texels), 8)
    names = [f.name for f in dataclasses.fields(Cells) if isinstance(getattr(cells, f.name), np.ndarray)]
    cells = dataclasses.replace(cells, **{n: getattr(cells, n)[few] for n in names if n != "at"})
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


def estimates(rise: float, count: int = 8) -> FloatArray:
    """Error in sigmas of the change of the cheek, its place known."""
    found = [estimate_change(changed(draw_cells(seed), rise), CHEEK).change(CHEEK) for seed in range(count)]
    return np.array([(value - rise) / sigma for value, sigma in found])


def test_a_change_of_a_known_place_is_unbiased_and_its_sigma_is_right() -> None:
    for rise in (0.0, 6.0):
        errors = estimates(rise)
        assert abs(errors.mean()) < 0.8
        assert 0.5 < errors.std() < 1.6


def test_the_change_is_the_generalised_least_squares_estimate() -> None:
    """Turned channels, rank updates and all: the same as the textbook formula on both ratios at once."""
    cells = changed(draw_cells(2), 5.0)
    found = estimate_change(cells, CHEEK)
    weight = light_difference._count(cells.at, CHEEK) / np.count_nonzero(CHEEK & (cells.at >= 0))
    response = np.concatenate([np.eye(len(weight)) * r for r in light_difference._RESPONSE])
    weighed = np.linalg.solve(covariance(cells), np.column_stack([response, cells.difference.T.ravel()]))
    prior = np.where(weight > 0, light_difference._FREE, found.prior)
    posterior = np.linalg.inv(response.T @ weighed[:, :-1] + np.diag(1 / prior))
    value, sigma = found.change(CHEEK)
    assert value == pytest.approx(weight @ posterior @ response.T @ weighed[:, -1], abs=1e-3)
    assert sigma == pytest.approx(np.sqrt(found.scale * (weight @ posterior @ weight)), abs=1e-4)
    rest = cells.difference.T.ravel() - response @ found.mean
    own = np.tensordot(
        light_difference.noises(cells), light_difference._blocks(light_difference._SIZES)[-len(NOISES) :], 1
    )
    left = np.linalg.solve(covariance(cells), rest).reshape(2, -1).T
    lights = rest.reshape(2, -1).T - np.einsum("nab,nb->na", own, left)
    np.testing.assert_allclose(found.lights, lights, atol=2e-3)


def test_what_is_read_is_odd_in_the_difference() -> None:
    cells = changed(draw_cells(3), 4.0)
    turned = dataclasses.replace(cells, difference=-cells.difference, shine=-cells.shine)
    one, other = estimate_change(cells, NOWHERE), estimate_change(turned, NOWHERE)
    for zone in ("left_cheek", "forehead", "nose"):
        there, back = one.change(MESH.zones[zone]), other.change(MESH.zones[zone])
        assert there[0] == pytest.approx(-back[0], abs=1e-9)
        assert there[1] == pytest.approx(back[1], abs=1e-9)


def test_a_cheek_that_changed_much_is_no_control() -> None:
    found = estimate_change(changed(draw_cells(4, cast=1.0), 8.0), NOWHERE)
    inside = found.cells.zone == MESH.label[CHEEK][0]
    assert (found.prior[inside] > 1).mean() > 0.9
    assert (found.prior[~inside] > 1).mean() < 0.6
    assert found.share < 1


def test_a_lamp_of_another_color_leaves_more_unsure() -> None:
    sigmas = [
        estimate_change(draw_cells(5, cast=cast), NOWHERE).change(CHEEK)[1] for cast in (1.0, 5.0, 12.0)
    ]
    assert sigmas == sorted(sigmas)


def test_more_photos_average_what_is_of_single_photos_only() -> None:
    sigma = erythema_sigma(1.0, 0.5, 0.0)
    assert sigma.of_mean(4, 4) < sigma.of_mean(1, 1)
    assert sigma.of_mean(10**6, 10**6) == pytest.approx(np.sqrt(0.5), rel=1e-3)
