"""Fit unchanged_skin.json on real pairs of one face, two expressions in one session, nothing changed.

`python -m models.training.fit.fit_unchanged_skin FOLDER` scans the pairs of the set `london` in FOLDER's
pairs.csv (the openly licensed half of the London set), one order of each, and writes the zones' sigmas: what
a zone's error has beyond the sigma of estimate_change.py, so that 19 of 20 lie within 1.96 of both together;
for melanin and shine beyond `renders` times the sigma of renders, in proportion to the skin's density.
It prints the slope of brightness with the least error, and, by five-fold cross-validation with people never
on both sides, how many zones go beyond 1.96 sigmas. The rest is design: `still`, pulse; `framing`, the four
distances of the set `zoom`; `independent_cells`, a fifth of a face's cells; `brightness_step`, the step of
brightness at which a cell counts half; `wandering` and its reach (EI, cm), the least of four at which the
95 % quantile of the cheeks' errors over their sigma is 1.96; `given_back`, the part of a painted patch that
the control beside it leaves; and `renders`, chosen in view of the sets `zoom` and `lisa`.

The sigmas depend on the maps: where scanning marks other skin as bare, one or two of 48 people come into a
zone or leave it, and its 95 % quantile moves by up to 0.4 EI. So run it again when scanning changed, and
`skinscan bench real` with it.
"""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skinscan.bench.requirements import CHECKOUT
from skinscan.change.alignment import Alignments
from skinscan.change.reconcile import Reconciled, reconcile
from skinscan.change.types import PairConditions
from skinscan.change.uncertainty import UNCHANGED_SKIN, Quantity, sigma_of, variance_terms
from skinscan.errors import DataError, SkinScanError
from skinscan.facemesh.canonical_face import load_canonical
from skinscan.facemesh.zones import SKIN_ZONES
from skinscan.scanner import Scanner
from skinscan.stats import trimmed_mean
from skinscan.types import LEAST_ZONE_SHARE, Scan

__all__ = []

SET, FOLDS = "london", 5
SLOPES = (-0.3, -0.2, -0.1, 0.0)
GRID = np.arange(0.0, 3.0, 0.05)
FILE = CHECKOUT / "skinscan" / "change" / "data" / "unchanged_skin.json"
SIDES = sorted({zone.removeprefix("left_").removeprefix("right_") for zone in SKIN_ZONES})
Array = NDArray[np.float64]


def pairs(folder: Path) -> list[tuple[Scan, Scan]]:
    """Both scans of each person, neutral and smiling."""
    scanner = Scanner("cpu")
    found = []
    with (folder / "pairs.csv").open(encoding="utf-8") as file:
        rows = [(r["before"], r["after"]) for r in csv.DictReader(file) if r["set"] == SET]
    for before, after in rows:
        if before < after:
            try:
                found.append((scanner.scan(folder / before), scanner.scan(folder / after)))
            except SkinScanError:
                continue
    return found


def align(scans: list[tuple[Scan, Scan]]) -> list[Reconciled]:
    """Both photos of each person under one light."""
    found = [reconcile(Alignments().of(*pair), load_canonical().skin) for pair in scans]
    if any(pair is None for pair in found):
        raise SystemExit("no skin is seen in both photos of a pair")
    return [pair for pair in found if pair is not None]


def measure(aligned: list[Reconciled]) -> tuple[Array, Array, list[PairConditions]]:
    """Error and sigma (P, Z) of every zone, EI, NaN where it is not seen; how unlike the photos are."""
    zones = load_canonical().zones
    values, sigmas = (np.full((len(aligned), len(SKIN_ZONES)), np.nan) for _ in range(2))
    for row, pair in enumerate(aligned):
        for column, zone in enumerate(SKIN_ZONES):
            if _seen(pair, zone):
                values[row, column], sigmas[row, column] = pair.posterior.change(zones[zone])
    return values, sigmas, [pair.noise for pair in aligned]


def _seen(pair: Reconciled, zone: str) -> bool:
    mask = load_canonical().zones[zone]
    return pair.posterior.sees(mask) and np.count_nonzero(mask & pair.valid) >= LEAST_ZONE_SHARE * mask.sum()


def tone_sigmas(aligned: list[Reconciled], quantity: Quantity) -> dict[str, float]:
    """`zone_sigma` of melanin or shine: the least, in steps of 0.05, with which 19 of 20 lie within 1.96."""
    zones, found = load_canonical().zones, {}
    for side in SIDES:
        error, held = [], []
        for pair in aligned:
            for zone in SKIN_ZONES:
                if zone.endswith(side) and _seen(pair, zone):
                    texels = zones[zone] & pair.valid
                    error.append(abs(trimmed_mean(getattr(pair, quantity)[texels])))
                    row = variance_terms(pair.noise, int(np.count_nonzero(texels)))
                    held.append([_tone_sigma(quantity, row, zone, extra) for extra in GRID])
        found[side] = _least(np.array(error)[:, None] <= 1.96 * np.array(held), f"{quantity} of the {side}")
    return found


def _tone_sigma(quantity: Quantity, row: tuple[float, ...], zone: str, extra: float) -> float:
    UNCHANGED_SKIN[quantity]["zone_sigma"][zone.removeprefix("left_").removeprefix("right_")] = extra
    return sigma_of(quantity, row, zone).of_mean(1, 1)


def zone_sigmas(values: Array, sigmas: Array, noises: list[PairConditions]) -> dict[str, float]:
    """The least sigma of each zone, in steps of 0.05 EI, with which 19 of 20 lie within 1.96."""
    found = {}
    for side in SIDES:
        of = [k for k, zone in enumerate(SKIN_ZONES) if zone.endswith(side)]
        error, sigma, seen = np.abs(values[:, of]), sigmas[:, of], np.isfinite(values[:, of])
        held = [(error <= 1.96 * np.hypot(sigma, real(extra, noises)[:, None]))[seen] for extra in GRID]
        found[side] = _least(np.array(held).T, f"erythema of the {side}")
    return found


def _least(within: NDArray[np.bool_], name: str) -> float:
    """First sigma of GRID with which 19 of 20 rows of `within` (n, len(GRID)) hold. Raises DataError."""
    if not within.size:
        raise DataError(f"no pair shows the {name}", "give a folder whose pairs show every zone")
    enough = within.mean(axis=0) >= 0.95
    if not enough.any():
        raise DataError(
            f"{name}: with a sigma of {GRID[-1]:g} less than 19 of 20 lie within 1.96 sigmas",
            "look at the pairs furthest out, or widen GRID",
        )
    return round(float(GRID[int(np.argmax(enough))]), 2)


def real(extra: float, noises: list[PairConditions]) -> Array:
    """(P,) EI: as real_sigma has it, with `extra` for the zone."""
    known: dict[str, Any] = UNCHANGED_SKIN
    stirred = np.minimum(1.0, np.array([n.expression for n in noises]) / known["expression"])
    framing = known["framing"] * np.array([n.framing for n in noises])
    return np.asarray(np.sqrt(known["still"] ** 2 + (stirred * extra) ** 2 + framing**2))


def held_out(values: Array, sigmas: Array, noises: list[PairConditions]) -> dict[str, float]:
    """Share of zones, fitted on the other people, beyond 1.96 and 2.58 sigmas, %."""
    z = np.full_like(values, np.nan)
    for fold in range(FOLDS):
        test = np.arange(len(values)) % FOLDS == fold
        others, own = ([n for n, t in zip(noises, test, strict=True) if t == of] for of in (False, True))
        extra = zone_sigmas(values[~test], sigmas[~test], others)
        for column, zone in enumerate(SKIN_ZONES):
            side = zone.removeprefix("left_").removeprefix("right_")
            z[test, column] = values[test, column] / np.hypot(sigmas[test, column], real(extra[side], own))
    seen = np.abs(z[np.isfinite(z)])
    return {f"beyond {at} sigmas, %": round(100 * float((seen > at).mean()), 1) for at in (1.645, 1.96, 2.58)}


def main() -> None:
    """Scan, fit, print, write."""
    scans = pairs(Path(sys.argv[1]))
    for slope in SLOPES:
        UNCHANGED_SKIN["brightness_slope"] = slope
        values, _, _ = measure(align(scans))
        rms = np.sqrt(np.nanmean(values**2, axis=0)).round(2).tolist()
        print("slope", slope, "RMS", dict(zip(SKIN_ZONES, rms, strict=True)))
    UNCHANGED_SKIN["brightness_slope"] = json.loads(FILE.read_text("utf-8"))["brightness_slope"]
    aligned = align(scans)
    measured = measure(aligned)
    print("held out", held_out(*measured))
    UNCHANGED_SKIN["zone_sigma"] = zone_sigmas(*measured)
    quantities: tuple[Quantity, ...] = ("melanin", "shine")
    for quantity in quantities:
        UNCHANGED_SKIN[quantity]["zone_sigma"] = tone_sigmas(aligned, quantity)
    FILE.write_text(json.dumps(UNCHANGED_SKIN, indent=1) + "\n", encoding="utf-8")
    print(UNCHANGED_SKIN)


if __name__ == "__main__":
    main()
