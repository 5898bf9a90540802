"""Designs of a fitted score: features in, points out, monotone in each feature.

A design is a fit, features (N, F) and points (N,) to plain numbers, and a prediction from those numbers.
`inputs` maps features to the way the score goes with them: 1 rises, -1 falls.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
from scipy.optimize import lsq_linear, minimize

from models.train.scores_graph import MOST
from skinscan.features import FEATURES
from skinscan.types import FloatArray

__all__ = ["DESIGNS", "predict"]

Fit = Callable[[dict[str, int], FloatArray, FloatArray], dict[str, Any]]
Predict = Callable[[dict[str, Any], FloatArray], FloatArray]

_QUANTILES = (0.02, 0.15, 0.35, 0.6, 0.8, 0.92, 0.99)  # of a feature, where its curve may bend
_HIDDEN = 6
_RIDGE = 3.0


def _curves(design: dict[str, Any], features: FloatArray) -> FloatArray:
    """Sum of monotone piecewise-linear curves, level outside the range that was seen."""
    total = np.full(len(features), float(design["offset"]))
    for name, curve in design["curves"].items():
        x = features[:, FEATURES.index(name)]
        total += np.interp(x, curve["at"], curve["points"])
    return total


def _net(design: dict[str, Any], features: FloatArray) -> FloatArray:
    """Monotone network: positive weights throughout after each input has its sign."""
    given = [FEATURES.index(name) for name in design["inputs"]]
    centre, scale = np.array(design["centre"]), np.array(design["scale"])
    x = np.clip((features[:, given] - centre) / scale, -MOST, MOST)
    hidden = np.tanh(x @ np.array(design["first"]) + np.array(design["bias"]))
    return np.asarray(hidden @ np.array(design["second"]) + design["offset"])


def _fit_curves(inputs: dict[str, int], features: FloatArray, goal: FloatArray) -> dict[str, Any]:
    """Least absolute error by reweighting, slopes held to their signs, a little ridge."""
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


def _fit_net(inputs: dict[str, int], features: FloatArray, goal: FloatArray) -> dict[str, Any]:
    """Smooth absolute error by L-BFGS from a fixed seed."""
    given = features[:, [FEATURES.index(n) for n in inputs]]
    signs = np.array(list(inputs.values()), float)
    centre, scale = given.mean(axis=0), np.maximum(given.std(axis=0), 1e-6)
    x = np.clip((given - centre) / scale, -MOST, MOST)
    rng = np.random.default_rng(0)
    count = x.shape[1]
    start = np.concatenate(
        [
            rng.normal(-2.0, 0.5, count * _HIDDEN),
            rng.normal(0, 1, _HIDDEN),
            rng.normal(2.0, 0.3, _HIDDEN),
            [30.0],
        ]
    )

    def unpack(p: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray, float]:
        first = p[: count * _HIDDEN].reshape(count, _HIDDEN)
        rest = p[count * _HIDDEN :]
        return first, rest[:_HIDDEN], rest[_HIDDEN : 2 * _HIDDEN], float(rest[-1])

    def loss(p: FloatArray) -> tuple[float, FloatArray]:
        first, bias, second, offset = unpack(p)
        into, out = signs[:, None] * np.exp(first), np.exp(second)
        hidden = np.tanh(x @ into + bias)
        residual = hidden @ out + offset - goal
        root = np.sqrt(residual**2 + 25.0)
        down = residual / root / len(goal)
        back = (down[:, None] * out) * (1 - hidden**2)
        gradient = [
            (x.T @ back * into).ravel() + 2e-4 * into.ravel() * into.ravel(),
            back.sum(axis=0),
            hidden.T @ down * out,
            [down.sum()],
        ]
        return float(root.mean() + 1e-4 * (into**2).sum()), np.concatenate(gradient)

    first, bias, second, offset = unpack(
        minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 400}).x
    )
    return {
        "inputs": list(inputs),
        "centre": [float(f"{v:.5g}") for v in centre],
        "scale": [float(f"{v:.5g}") for v in scale],
        "first": [[float(f"{v:.5g}") for v in row] for row in signs[:, None] * np.exp(first)],
        "bias": [float(f"{v:.5g}") for v in bias],
        "second": [float(f"{v:.5g}") for v in np.exp(second)],
        "offset": round(offset, 3),
    }


DESIGNS: dict[str, tuple[Fit, Predict]] = {
    "curves": (_fit_curves, _curves),
    "net": (_fit_net, _net),
}


def predict(design: str, fitted: dict[str, Any], features: FloatArray) -> FloatArray:
    """Points 0..100 of a learned design."""
    return np.clip(DESIGNS[design][1](fitted, features), 0, 100)
