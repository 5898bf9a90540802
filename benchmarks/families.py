"""`physics`, leave-one-family-out: makes of photos that nothing was fitted on, one after another.

The network has learned on usual and hard light of usual cameras, and the width of the intervals is set on all
families of training people together. `coverage_by_others` is what the intervals of one family would hold,
were their width set by the other families alone: the 90 % quantile of error over half-width (conformal).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.scanned import scanned
from models.renderer.families import FAMILIES, draw_of_family
from models.renderer.people import people
from models.renderer.render import render
from skinscan.bench.agreement import agreement
from skinscan.color import ITA_CLASSES
from skinscan.facemesh.canonical_face import load_canonical
from skinscan.facemesh.zones import SKIN_ZONES
from skinscan.scanner import Scanner
from skinscan.types import Device, FloatArray

__all__ = ["left_out"]

_ROUNDS = 2  # photos of each tone class and family
_MIN_TRUE_TEXELS = 60
_RANGE_EI = 42.5 - 16.7  # 1..99 % of ISSA faces
Row = dict[str, Any]


def left_out(device: Device) -> list[Row]:
    """Rows per family, worst coverage first, and of all: EI of zones, and the same minus the own face."""
    scanner = Scanner(device)
    found = {family: _zones(scanner, family, number) for number, family in enumerate(FAMILIES)}
    rows = []
    for what, columns in (("EI", (0, 1, 2)), ("EI minus own face", (3, 4, 5))):
        each = {family: values[:, columns] for family, values in found.items() if len(values)}
        everything = np.concatenate(list(each.values()))
        by_family = [
            _row(what, family, own, np.concatenate([v for other, v in each.items() if other != family]))
            for family, own in each.items()
        ]
        rows += [
            _row(what, "all", everything, everything),
            *sorted(by_family, key=lambda row: abs(row["coverage_90"] - 0.9), reverse=True),
        ]
    return rows


def _zones(scanner: Scanner, family: str, number: int) -> FloatArray:
    """(n, 6): EI found, true and half its interval; then the same minus the own face."""
    by_tone = {name: [p for p in people(test=True) if p.tone == name] for name, _ in ITA_CLASSES}
    rows: list[FloatArray] = []
    for turn, (_, group) in enumerate(by_tone.items()):
        for again in range(_ROUNDS):
            rng = np.random.default_rng([number, turn, again])
            subject, shot = draw_of_family(family, group[int(rng.integers(len(group)))], rng)
            picture = render(subject, shot, rng)
            scan = scanned(scanner, picture.jpeg)
            if scan is not None:
                rows.append(_of_photo(scan, picture))
    return np.concatenate([np.zeros((0, 6)), *rows])


def _of_photo(scan: Any, picture: Any) -> FloatArray:
    masks = {z: load_canonical().zones[z] & picture.valid for z in SKIN_ZONES if z in scan.zones}
    masks = {z: mask for z, mask in masks.items() if mask.sum() >= _MIN_TRUE_TEXELS}
    measures = [scan.zones[z] for z in masks]
    truth = np.array([np.median(picture.erythema[mask]) for mask in masks.values()])
    value = np.array([m.erythema_index.value for m in measures])
    half = [(m.erythema_index.high - m.erythema_index.low) / 2 for m in measures]
    half_contrast = [(m.erythema_contrast.high - m.erythema_contrast.low) / 2 for m in measures]
    if not masks:
        return np.zeros((0, 6))
    own = [value - value.mean(), truth - truth.mean(), half_contrast]
    return np.column_stack([value, truth, half, *own]).astype(np.float64)


def _row(what: str, family: str, own: FloatArray, others: FloatArray) -> Row:
    value, truth, half = own.T
    width = float(np.quantile(np.abs(others[:, 0] - others[:, 1]) / others[:, 2], 0.9))
    error = np.abs(value - truth)
    return {
        "what": f"leave-one-family-out, {what}",
        "family": family,
        **agreement(value, truth, _RANGE_EI, error <= half),
        "coverage_by_others": round(float(np.mean(error <= width * half)), 3),
    }
