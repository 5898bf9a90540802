"""Fit `skinscan/change/data/pair_fit.json` on rendered pairs of training people whose skin did not change.

`python -m models.training.fit.fit_pairs CACHE` renders 48 sittings (20 minutes on two cores, kept in the
folder CACHE), scans every pair of plain photos of one person, and writes the file that
light_difference.py and uncertainty.py read.

The covariance of erythema: maximum likelihood of a multivariate Student's t with six degrees of freedom, one
draw a pair, by its exact gradient, on half of the pairs and half of the cells (four minutes of one core).
Melanin and shine: that of Student's t with four, scaled so that nine zones in ten lie within 1.645 sigma.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.renderer.sittings import PLAIN, sittings
from skinscan.bench.requirements import CHECKOUT
from skinscan.change.alignment import Alignments
from skinscan.change.light_difference import (
    KERNELS,
    NOISES,
    Cells,
    _blocks,
    fitted_sizes,
    kernels,
    noises,
    scales,
)
from skinscan.change.reconcile import Reconciled, reconcile
from skinscan.change.uncertainty import LIGHT, PHOTO, variance_terms
from skinscan.errors import SkinScanError
from skinscan.facemesh.canonical_face import load_canonical
from skinscan.facemesh.zones import SKIN_ZONES
from skinscan.scanner import Scanner
from skinscan.stats import trimmed_mean
from skinscan.types import Scan

__all__ = []

ROUNDS = 8  # of one person of each tone class
MIN_TEXELS = 200
FREEDOM = 6.0  # of Student's t, one draw a pair
FILE = CHECKOUT / "skinscan" / "change" / "data" / "pair_fit.json"
QUANTITIES = ("melanin", "shine")
STEPS = 75
EVERY_OTHER = 2  # pairs that the covariance is fitted on; the rest judge it
EVERY_CELL = 2  # one cell in so many is fitted on, an eighth of the time
OFFSET = 9.0  # OD^2, of the difference less its median
Array = NDArray[np.float64]


def pairs_of(scans: dict[str, Scan]) -> Iterator[Reconciled]:
    """Every pair of photos of one sitting under one light."""
    skin = load_canonical().skin
    for a, b in combinations(scans, 2):
        first, second = scans[a], scans[b]
        pair = reconcile(Alignments().of(first, second), skin)
        if pair is not None:
            yield pair


def measure(pair: Reconciled) -> Iterator[tuple[str, tuple[float, ...], list[float]]]:
    """Zone, features and the errors of QUANTITIES of every zone of a pair."""
    mesh = load_canonical()
    for zone in SKIN_ZONES:
        texels = mesh.zones[zone] & pair.valid
        count = int(np.count_nonzero(texels))
        if count >= MIN_TEXELS:
            yield (
                zone,
                variance_terms(pair.noise, count),
                [trimmed_mean(getattr(pair, q)[texels]) for q in QUANTITIES],
            )


@dataclass(frozen=True, slots=True)
class Sample:
    """A pair as the likelihood wants it."""

    kernels: Array  # (K, N * N)
    scale: Array  # (K, P): which size each kernel takes, and how much of it
    noises: Array  # (N, Q)
    difference: Array  # (2N,)


def sample(cells: Cells, every: int = 1) -> Sample:
    """Kernels, scales, noises and data of one pair: of every so many cells, whose law is that of all."""
    of = scales(cells)
    some = slice(every // 2, None, every)
    scale = np.zeros((len(KERNELS), sum(len(names) for names in KERNELS.values())))
    start = 0
    for row, names in enumerate(KERNELS.values()):
        for name in names:
            scale[row, start] = of[name]
            start += 1
    difference = cells.difference - np.median(cells.difference, axis=0)
    shapes = kernels(cells)[:, some, some].reshape(len(KERNELS), -1)
    return Sample(shapes, scale, noises(cells)[some], difference[some].T.reshape(-1))


def factors(free: Array) -> Array:
    """(P, 2, 2) lower triangular roots of the sizes from their free parameters (P, 3)."""
    root = np.zeros((len(free), 2, 2))
    root[:, 0, 0], root[:, 1, 1] = np.exp(free[:, 0]), np.exp(free[:, 2])
    root[:, 1, 0] = free[:, 1] * root[:, 1, 1]
    return root


def loss(flat: Array, samples: list[Sample]) -> tuple[float, Array]:
    """Minus log likelihood with a weak prior, and its gradient."""
    free = flat.reshape(-1, 3)
    root = factors(free)
    size = root @ root.transpose(0, 2, 1)
    total, slope = 0.0, np.zeros_like(size)
    for one in samples:
        value, gradient = _pair_loss(one, size)
        total, slope = total + value, slope + gradient
    slope = (slope + slope.transpose(0, 2, 1)) @ root
    back = np.stack(
        [
            slope[:, 0, 0] * root[:, 0, 0],
            slope[:, 1, 0] * root[:, 1, 1],
            slope[:, 1, 1] * root[:, 1, 1] + slope[:, 1, 0] * root[:, 1, 0],
        ],
        axis=1,
    )
    away = free - np.array([-3.0, 0.0, -3.0])
    return total + 0.02 * float((away**2).sum()), (back + 0.04 * away).ravel()


def _pair_loss(one: Sample, size: Array) -> tuple[float, Array]:
    """Minus log likelihood of one pair and its gradient by the sizes (P, 2, 2)."""
    count, shape = len(one.noises), one.scale.shape[1]
    total = ((one.scale @ size[:shape].reshape(-1, 4)).T @ one.kernels).reshape(2, 2, count, count)
    every = np.arange(count)
    total[:, :, every, every] += np.moveaxis(np.tensordot(one.noises, size[shape:], 1), 0, -1)
    total[0, 0] += OFFSET
    total[1, 1] += OFFSET
    flat = total.transpose(0, 2, 1, 3).reshape(2 * count, 2 * count)
    inverse = np.linalg.inv(flat)
    weighed = inverse @ one.difference
    distance = float(one.difference @ weighed)
    value = 0.5 * np.linalg.slogdet(flat)[1] + 0.5 * (FREEDOM + 2 * count) * np.log1p(distance / FREEDOM)
    share = (FREEDOM + 2 * count) / (FREEDOM + distance)
    slope = 0.5 * (inverse - np.outer(weighed, weighed) * share)
    parts = slope.reshape(2, count, 2, count).transpose(0, 2, 1, 3)
    shaped = one.scale.T @ (one.kernels @ parts.reshape(4, -1).T)
    own = np.einsum("abn,np->pab", parts[:, :, every, every], one.noises)
    return float(value), np.concatenate([shaped.reshape(-1, 2, 2), own])


def fit_covariance(samples: list[Sample]) -> Array:
    """(P, 3) sigma of log R/G, of log G/B, and their correlation."""
    from scipy.optimize import minimize

    count = samples[0].scale.shape[1] + len(NOISES)
    bounds = [(-5, 4), (-3, 3), (-5, 4)] * count
    start = np.tile([-1.5, 0.0, -1.5], count)
    found = minimize(
        loss, start, args=(samples,), jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": STEPS}
    )
    root = factors(found.x.reshape(-1, 3))
    size = root @ root.transpose(0, 2, 1)
    one, two = np.sqrt(size[:, 0, 0]), np.sqrt(size[:, 1, 1])
    return np.stack([one, two, size[:, 0, 1] / (one * two)], axis=1)


def held_out(sizes: Array, samples: list[Sample]) -> float:
    """Mean minus log likelihood of pairs that took no part."""
    blocks = _blocks(sizes)
    return round(float(np.mean([_pair_loss(one, blocks)[0] for one in samples])), 2)


def fit(rows: Array, errors: Array, zone: NDArray[np.str_]) -> tuple[Array, dict[str, float]]:
    """Coefficients of the features, and a factor per zone (geometric mean 1)."""
    from scipy.optimize import minimize

    names = sorted({side(z) for z in zone})
    which = np.array([names.index(side(z)) for z in zone])
    squares = rows**2

    def minus_log_likelihood(free: Array) -> float:
        variance = squares @ np.exp(2 * free[: rows.shape[1]]) * np.exp(2 * free[rows.shape[1] :])[which]
        likelihood = 0.5 * np.log(variance) + 2.5 * np.log1p(errors**2 / variance / 4)
        return float(likelihood.sum() + 10 * (free[rows.shape[1] :] ** 2).sum())

    start = np.concatenate([np.full(rows.shape[1], -2.0), np.zeros(len(names))])
    found = minimize(minus_log_likelihood, start, method="L-BFGS-B", bounds=[(-7, 3)] * len(start)).x
    factor = np.exp(found[rows.shape[1] :])
    sigma = np.sqrt(squares @ np.exp(2 * found[: rows.shape[1]])) * factor[which]
    stretch = float(np.quantile(np.abs(errors / sigma), 0.9)) / 1.645
    return stretch * np.exp(found[: rows.shape[1]]), dict(zip(names, factor.tolist(), strict=True))


def side(zone: str) -> str:
    """Zone without its side."""
    return zone.removeprefix("left_").removeprefix("right_")


def main() -> None:
    """Render, measure, fit, write."""
    cache = Path(sys.argv[1])
    scanner = Scanner("cpu")
    found, samples = [], []
    for sitting in sittings(ROUNDS, test=False, cache=cache):
        scans = {}
        for name in PLAIN:
            try:
                scans[name] = scanner.scan(sitting.jpeg[name])
            except SkinScanError:
                continue
        for pair in pairs_of(scans):
            found += list(measure(pair))
            samples.append(sample(pair.posterior.cells, EVERY_CELL))
    sizes = fit_covariance(samples[::EVERY_OTHER]).round(3)
    for what, table in (("in the file", fitted_sizes()), ("fitted now", sizes)):
        print("minus log likelihood of a pair held out,", what, held_out(table, samples[1::EVERY_OTHER]))
    zone = np.array([z for z, _, _ in found])
    rows = np.array([row for _, row, _ in found])
    written: dict[str, object] = named_sizes(sizes)
    for k, quantity in enumerate(QUANTITIES):
        coefficients, of_zone = fit(rows, np.array([e[k] for _, _, e in found]), zone)
        written[quantity] = {
            "coefficients": dict(zip((*PHOTO, *LIGHT), coefficients.round(3).tolist(), strict=True)),
            "zone_factor": {name: round(factor, 2) for name, factor in of_zone.items()},
        }
    FILE.write_text(json.dumps(written, indent=1) + "\n", encoding="utf-8")


def named_sizes(sizes: Array) -> dict[str, object]:
    """Rows (K, 3) of `fitted_sizes` by their names."""
    named = [f"{kernel} {of}" for kernel, dependences in KERNELS.items() for of in dependences]
    rows = sizes.tolist()
    return {
        "kernels": dict(zip(named, rows[: len(named)], strict=True)),
        "noises": dict(zip(NOISES, rows[len(named) :], strict=True)),
    }


if __name__ == "__main__":
    main()
