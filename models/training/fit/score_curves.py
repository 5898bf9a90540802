"""Curves of a fitted score: features in, points out, monotone in each feature.

A sum of piecewise-linear curves, one a feature. `inputs` maps features to the way the score goes with them: 1
rises, -1 falls.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from scipy.optimize import lsq_linear

from skinscan.measure.score_features import FEATURES
from skinscan.types import FloatArray

__all__ = ["fit_curves", "predict"]

_QUANTILES = (0.02, 0.15, 0.35, 0.6, 0.8, 0.92, 0.99)  # of a feature, where its curve may bend
_RIDGE = 3.0


def predict(fitted: dict[str, Any], features: FloatArray) -> FloatArray:
    """Points (N,), 0..100, of features (N, FEATURES): level outside the range that was seen."""
    total = np.full(len(features), float(fitted["offset"]))
    for name, curve in fitted["curves"].items():
        x = features[:, FEATURES.index(name)]
        total += np.interp(x, curve["at"], curve["points"])
    return np.asarray(np.clip(total, 0, 100))


def fit_curves(inputs: dict[str, int], features: FloatArray, goal: FloatArray) -> dict[str, Any]:
    """Plain numbers for `predict`: least absolute error by reweighting, slopes held to their signs.

    `features` (N, FEATURES), `goal` (N,) points.
    """
    knots = {n: _knots(features[:, FEATURES.index(n)]) for n in inputs}
    ramps, owner = [np.ones(len(goal))], [""]
    for name, at in knots.items():
        x = features[:, FEATURES.index(name)]
        for low, high in pairwise(at):
            ramps.append(np.clip((x - low) / (high - low), 0, 1))
            owner.append(name)
    design = np.stack(ramps, axis=1)
    least = np.array([-np.inf, *(0.0 if inputs[n] > 0 else -np.inf for n in owner[1:])])
    most = np.array([np.inf, *(0.0 if inputs[n] < 0 else np.inf for n in owner[1:])])
    ridge = np.sqrt(_RIDGE) * np.eye(len(owner))
    ridge[0] = 0
    weight = np.ones(len(goal))
    for _ in range(12):
        root = np.sqrt(weight)[:, None]
        system = np.concatenate([design * root, ridge])
        solution = lsq_linear(
            system, np.concatenate([goal * root[:, 0], np.zeros(len(owner))]), (least, most)
        ).x
        weight = 1 / np.maximum(np.abs(goal - design @ solution) / 5.0, 1.0)
    found: dict[str, Any] = {"offset": round(float(solution[0]), 3), "curves": {}}
    for name, at in knots.items():
        steps = [solution[k] for k in range(1, len(owner)) if owner[k] == name]
        if np.abs(steps).sum() < 0.05:
            continue  # no use
        points = np.concatenate([[0.0], np.cumsum(steps)])
        found["curves"][name] = {
            "at": [float(f"{v:.5g}") for v in at],
            "points": [round(float(v), 3) for v in points],
        }
    return found


def _knots(x: FloatArray) -> FloatArray:
    at = np.quantile(x, _QUANTILES)
    keep = np.concatenate([[True], np.diff(at) > 1e-6 * max(float(np.ptp(x)), 1e-9)])
    return np.asarray(at[keep] if keep.sum() > 1 else [at[0], at[0] + 1.0])
