"""Cells of a pair in, the change of any part of the skin out.

The change of a part is what its skin did beyond what control skin predicts for it. A part is never its own
control, nor is its mirror image on the other half of the face, nor what lies within 1.5 cm of either: a
reaction is often on both sides and seldom ends at the edge of a zone. In one session control skin predicts
a constant and a line in the change of brightness (skin that a smile puts in shadow reads redder), with a
prior slope from real pairs; photos of two lights bring the kernels of light_difference.py as well. Cells that
do not follow (hair, a fold, a mole) and cells whose light changed most weigh less.

Skin that changed elsewhere is found zone by zone, the most significant first, and is control no more.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from skinscan.change.light_difference import TURN, Cells, light_covariance, texels_in
from skinscan.change.types import PairConditions
from skinscan.change.uncertainty import UNCHANGED_SKIN, real_sigma
from skinscan.facemesh.canonical_face import load_canonical
from skinscan.facemesh.zones import AREAS, BOTH_SIDES, SKIN_ZONES
from skinscan.stats import robust_sd
from skinscan.types import BoolMap, FloatArray

__all__ = ["ChangePosterior", "estimate_change"]

_REACH_CM = 1.5  # from changed skin to what may be control
_OFFSET = 20.0  # EI: the whole face, free
_STILL_SLOPE = 0.1  # EI per OD of brightness, of the ratio that a change does not move
_LARGEST_STEP = 15.0  # OD of brightness beyond which a line says no more
_HUBER = 2.0  # sigmas
_SIGMA_RANGE = (0.5, 3.0)  # EI, of one cell
_ROUNDS = 2
_LEAST_CONTROL = 20  # cells
_CERTAIN = 2.5  # sigmas of a zone that is control no more
_MOST_CHANGED = 0.6  # of the skin
_DARKENING = 0.23  # OD of R per EI: a change is itself a change of brightness
_RIDGE = 1e-6  # 1/EI^2


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePosterior:
    """What a pair says about the change of its skin."""

    cells: Cells
    precision: FloatArray  # (N, N) 1/EI^2: information about the change
    score: FloatArray  # (N,) 1/EI: precision times the difference of the cells
    changed: NDArray[np.bool_]  # (N,) claimed, or found to have changed: control of nothing
    lights: FloatArray  # (N,) EI, what the lights did, by the control
    share: float  # 0..1 of the skin outside the claimed area that is control
    light_share: float  # 0..1, part of the variance that only another light or pose brings

    def sees(self, mask: BoolMap) -> bool:
        """Whether any cell lies in `mask` (S, S)."""
        return bool((self.cells.at[mask] >= 0).any())

    def change(self, mask: BoolMap) -> tuple[float, float]:
        """Mean change of the skin in `mask` (S, S) and its sigma, EI; the mask must hold a cell (`sees`)."""
        weight = texels_in(self.cells.at, mask)
        weight = weight / weight.sum()
        free = self._free(mask, weight > 0)
        weight = weight[free]
        part = self.solve(free, weight)
        known = UNCHANGED_SKIN["given_back"] * (1 + _DARKENING * UNCHANGED_SKIN["brightness_slope"])
        return float(part @ self.score[free]) / known, math.sqrt(weight @ part) / known

    def cell_sigma(self) -> float:
        """Sigma of the change of one cell, EI: median over the skin.

        Neighbours are alike, so that the precision takes a cell for less than one; a cell alone is one.
        """
        alike = len(self.cells.texels) / UNCHANGED_SKIN["independent_cells"]
        return float(np.median(1 / np.sqrt(np.diag(self.precision) * alike)))

    def _free(self, mask: BoolMap, inside: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """(N,) cells that are no control for `mask`."""
        near = inside | (texels_in(self.cells.at, mask[:, ::-1]) > 0)
        far = self.cells.apart[:, near].min(axis=1)
        for free in (self.changed | (far < _REACH_CM**2), self.changed | near, self.changed | inside):
            if np.count_nonzero(~free) >= _LEAST_CONTROL:
                return free
        return inside

    def solve(self, free: NDArray[np.bool_], values: FloatArray) -> FloatArray:
        """(F,) covariance of the change of free cells times `values` (F,), nothing changed elsewhere."""
        own = self.precision[np.ix_(free, free)] + _RIDGE * np.eye(int(np.count_nonzero(free)))
        return np.asarray(np.linalg.solve(own, values), np.float64)


def estimate_change(cells: Cells, claimed: BoolMap, noise: PairConditions) -> ChangePosterior:
    """Take the lights off a pair.

    `claimed` (S, S) is control of nothing; other skin that changed is found. `noise`: the same pair's.
    """
    precision, signal, own, same = _weigh(cells)
    free = texels_in(cells.at, claimed) > 0.5 * cells.texels
    nothing = np.zeros_like(signal)
    found = ChangePosterior(
        cells=cells, precision=precision, score=precision @ signal, changed=free, lights=nothing, share=1.0,
        light_share=float(np.clip(1 - np.median(np.diag(precision) / same), 0.0, 1.0)),
    )  # fmt: skip
    found = _without_changed(found, noise)
    changed = found.changed
    change = np.zeros_like(signal)
    if changed.any():
        change[changed] = found.solve(changed, found.score[changed])
    seen = cells.difference @ TURN[0]
    lights = seen - change - own * (precision @ (signal - change))
    share = float(cells.texels[~changed].sum() / max(cells.texels[~free].sum(), 1))
    return replace(found, lights=lights, share=share)


def _weigh(cells: Cells) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Precision (N, N), signal, variance of each cell's own noise, and its precision without other lights.

    What the ratio that a change does not move says about the lights is taken off the other one.
    """
    step = _step(cells)
    moved, still = (cells.difference @ row for row in TURN)
    moved = moved - np.median(moved) - UNCHANGED_SKIN["brightness_slope"] * step
    still = still - np.median(still)
    weight = cells.texels / (1 + (step / UNCHANGED_SKIN["brightness_step"]) ** 2)
    scarce = len(step) / UNCHANGED_SKIN["independent_cells"] * weight.mean() / weight
    lights, apart = light_covariance(cells)
    line = np.outer(step, step)
    alone = UNCHANGED_SKIN["brightness_slope_sigma"] ** 2 * line + _OFFSET**2 + _wandering(cells)
    first = lights[0, 0] + alone
    signal = moved
    if apart > 0:
        second = lights[1, 1] + _STILL_SLOPE**2 * line + _OFFSET**2
        second = second + np.diag(_sigma(still) ** 2 * scarce)
        learned = np.linalg.solve(second, np.column_stack([lights[1, 0], still]))
        first = first - lights[0, 1] @ learned[:, :-1]
        signal = moved - lights[0, 1] @ learned[:, -1]
    own = _sigma(moved) ** 2 * scarce
    for _ in range(_ROUNDS):
        left = own * np.linalg.solve(first + np.diag(own), signal)
        sigma = _sigma(left)
        own = sigma**2 * scarce / np.minimum(1.0, _HUBER * sigma / np.maximum(np.abs(left), 1e-6))
    precision = np.linalg.inv(first + np.diag(own))
    same = np.diag(np.linalg.inv(alone + np.diag(own)) if apart > 0 else precision)
    return precision, signal, own, same


def _wandering(cells: Cells) -> FloatArray:
    """(N, N) EI^2: blood of neighbouring skin rises and falls together from shot to shot."""
    reach, sigma = UNCHANGED_SKIN["wandering_reach"], UNCHANGED_SKIN["wandering"]
    alike: FloatArray = sigma**2 * np.exp(-cells.apart / (2 * reach**2))
    return alike


def _without_changed(found: ChangePosterior, noise: PairConditions) -> ChangePosterior:
    """The same with every zone, or part of both sides, set free that surely changed."""
    zones = load_canonical().zones
    parts = {zone: (zone,) for zone in SKIN_ZONES} | {area: AREAS[area] for area in BOTH_SIDES}
    masks = {part: np.logical_or.reduce([zones[zone] for zone in of]) for part, of in parts.items()}
    left = {part: mask for part, mask in masks.items() if found.sees(mask)}
    while left:
        sure = {part: abs(_sigmas(found, parts[part][0], mask, noise)) for part, mask in left.items()}
        part = max(sure, key=lambda name: sure[name])
        changed = found.changed | (texels_in(found.cells.at, left.pop(part)) > 0)
        too_much = found.cells.texels[changed].sum() > _MOST_CHANGED * found.cells.texels.sum()
        if sure[part] < _CERTAIN or too_much:
            break
        found = replace(found, changed=changed)
    return found


def _sigmas(found: ChangePosterior, zone: str, mask: BoolMap, noise: PairConditions) -> float:
    value, sigma = found.change(mask)
    return value / math.hypot(sigma, real_sigma(zone, noise))


def _step(cells: Cells) -> FloatArray:
    """(N,) OD: change of brightness against the face's."""
    step = 100 * (cells.levels[:, 1] - cells.levels[:, 0])
    clipped: FloatArray = np.clip(step - np.median(step), -_LARGEST_STEP, _LARGEST_STEP)
    return clipped


def _sigma(values: FloatArray) -> float:
    """EI: robust SD of the cells, within reason."""
    return min(max(robust_sd(values), _SIGMA_RANGE[0]), _SIGMA_RANGE[1])
