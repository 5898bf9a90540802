"""Fit the noise model of skinscan/noise.py on rendered pairs of training people whose skin did not change.

`python -m models.train.fit_pairs CACHE` renders 48 sittings (20 minutes on two cores, kept in the folder
CACHE), scans and compares every pair of plain photos of one person, and prints the constants to be pasted.
Maximum likelihood of Student's t with four degrees of freedom; every coefficient is at least zero.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.train.pairs import PLAIN, Sitting, sit
from models.train.people import Person, people
from skinscan.canonical import SKIN_ZONES, load_canonical
from skinscan.color import ITA_CLASSES
from skinscan.errors import SkinScanError
from skinscan.noise import LIGHT, PHOTO, features
from skinscan.pipeline import Scanner
from skinscan.reconcile import reconcile
from skinscan.regions import smooth_change, supported
from skinscan.register import register
from skinscan.types import Scan
from skinscan.zonechange import pair_features, trimmed, zone_lights

__all__ = ["sittings"]

ROUNDS = 8  # of one person of each tone class
MIN_TEXELS = 200
CELL = 8  # texels: a spot is sampled at the middle of each cell
QUANTITIES = ("erythema", "melanin", "shine")
Array = NDArray[np.float64]


def sittings(rounds: int, *, test: bool, cache: Path | None) -> Iterator[Sitting]:
    """One person of each tone class a round, from the training or from the test people."""
    groups: dict[str, list[Person]] = {name: [] for name, _ in ITA_CLASSES}
    for person in people(test=test):
        groups[person.tone].append(person)
    for number in range(rounds):
        for tone, group in groups.items():
            rng = np.random.default_rng([number, len(tone), int(test)])
            yield sit(group[int(rng.integers(len(group)))], number * 10 + len(tone), cache)


def measure(scans: dict[str, Scan]) -> Iterator[tuple[str, tuple[float, ...], list[float]]]:
    """Zone, features and the three errors of every zone of every pair."""
    mesh = load_canonical()
    for a, b in combinations(scans, 2):
        first, second = scans[a], scans[b]
        pair = reconcile(first, second, register(first.texture, second.texture), mesh.skin)
        if pair is None:
            continue
        for number, zone in enumerate(SKIN_ZONES):
            texels = mesh.zones[zone] & pair.valid
            count = int(np.count_nonzero(texels))
            if count >= MIN_TEXELS:
                row = features(
                    pair.noise, zone_lights(first, second, zone), float(pair.leverage[number]), count
                )
                yield zone, row, [trimmed(getattr(pair, q)[texels]) for q in QUANTITIES]


def measure_spots(scans: dict[str, Scan]) -> Iterator[tuple[tuple[float, ...], Array]]:
    """Features and the map of 7 mm means at the cells (32, 32), NaN where not skin, of every pair."""
    mesh = load_canonical()
    for a, b in combinations(scans, 2):
        first, second = scans[a], scans[b]
        pair = reconcile(first, second, register(first.texture, second.texture), mesh.skin)
        if pair is not None:
            seen = pair.valid & mesh.skin
            change = np.where(supported(seen), smooth_change(pair.erythema, seen), np.nan)
            yield pair_features(first, second, pair), change[CELL // 2 :: CELL, CELL // 2 :: CELL]


def fit_spots(rows: Array, cells: Array) -> tuple[Array, Array]:
    """Coefficients, and quantiles 0.5, 0.8, 0.9, 0.97 over the pairs of a face's largest spot, in sigmas."""
    pair, row, column = np.nonzero(np.isfinite(cells))
    errors = cells[pair, row, column].astype(np.float64)
    coefficients, _ = fit(rows[pair], errors, np.full(len(errors), "all"))
    sigma = np.sqrt(rows**2 @ coefficients**2)[:, None, None]
    largest = np.nanmax(np.abs(cells / sigma), axis=(1, 2))
    return coefficients, np.asarray(np.quantile(largest, (0.5, 0.8, 0.9, 0.97)), np.float64)


def fit(rows: Array, errors: Array, zone: NDArray[np.str_]) -> tuple[Array, dict[str, float]]:
    """Coefficients of the features, and a factor per zone (geometric mean 1)."""
    from scipy.optimize import minimize

    names = sorted({side(z) for z in zone})
    which = np.array([names.index(side(z)) for z in zone])
    squares = rows**2

    def loss(free: Array) -> float:
        variance = squares @ np.exp(2 * free[: rows.shape[1]]) * np.exp(2 * free[rows.shape[1] :])[which]
        likelihood = 0.5 * np.log(variance) + 2.5 * np.log1p(errors**2 / variance / 4)
        return float(likelihood.sum() + 10 * (free[rows.shape[1] :] ** 2).sum())

    start = np.concatenate([np.full(rows.shape[1], -2.0), np.zeros(len(names))])
    found = minimize(loss, start, method="L-BFGS-B", bounds=[(-7, 3)] * len(start)).x
    factors = np.exp(found[rows.shape[1] :])
    return np.exp(found[: rows.shape[1]]), dict(zip(names, factors.tolist(), strict=True))


def side(zone: str) -> str:
    """Zone without its side."""
    return zone.removeprefix("left_").removeprefix("right_")


def main() -> None:
    """Render, measure, fit, print."""
    cache = Path(sys.argv[1])
    scanner = Scanner("cpu")
    found, spots = [], []
    for sitting in sittings(ROUNDS, test=False, cache=cache):
        scans = {}
        for name in PLAIN:
            try:
                scans[name] = scanner.scan(sitting.jpeg[name])
            except SkinScanError:
                continue
        found += list(measure(scans))
        spots += list(measure_spots(scans))
    zone = np.array([z for z, _, _ in found])
    rows = np.array([row for _, row, _ in found])
    for k, quantity in enumerate(QUANTITIES):
        coefficients, factors = fit(rows, np.array([e[k] for _, _, e in found]), zone)
        print(quantity, dict(zip((*PHOTO, *LIGHT), coefficients.round(3).tolist(), strict=True)))
        print({name: round(factor, 2) for name, factor in factors.items()})
    coefficients, largest = fit_spots(np.array([r for r, _ in spots]), np.array([c for _, c in spots]))
    print("spot", coefficients.round(3).tolist(), "largest", largest.round(1).tolist())


if __name__ == "__main__":
    main()
