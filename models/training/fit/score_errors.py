"""How far off a score is to be expected, how far its interval reaches, and when to give none."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.optimize import minimize

from models.training.graphs.scores_graph import MOST
from skinscan.types import Z90, FloatArray

__all__ = ["NEVER", "expected_error", "fit_error", "limit_of", "reach_of", "risk_curve"]

NEVER = 1e6
"""Expected error, points, that no photo has: the limit of a score that is always given."""

_LEVEL = 0.9
_FEW = 30  # photos below which a class, or a part of the curve, is no evidence by itself


def _covariates(conditions: FloatArray, value: FloatArray, scale: dict[str, Any]) -> FloatArray:
    """(N, 1 + C + 2): one, standardised conditions, the score and how far it is from both ends."""
    standard = (conditions - np.array(scale["centre"])) / np.array(scale["scale"])
    v = value[:, None] / 100
    return np.concatenate([np.ones_like(v), np.clip(standard, -MOST, MOST), v, v * (1 - v)], axis=1)


def expected_error(error: dict[str, Any], conditions: FloatArray, value: FloatArray) -> FloatArray:
    """Mean absolute error to expect, points."""
    return np.asarray(np.exp(_covariates(conditions, value, error) @ np.array(error["weights"])))


def _scale(conditions: FloatArray) -> dict[str, Any]:
    centre, spread = np.median(conditions, axis=0), np.maximum(conditions.std(axis=0), 1e-6)
    return {"centre": [float(f"{v:.5g}") for v in centre], "scale": [float(f"{v:.5g}") for v in spread]}


def fit_error(conditions: FloatArray, value: FloatArray, truth: FloatArray) -> dict[str, Any]:
    """Laplace likelihood of the left-out errors, log-linear in conditions and score, shrunk towards none."""
    scale = _scale(conditions)
    design = _covariates(conditions, value, scale)
    size = np.abs(value - truth)
    start = np.zeros(design.shape[1])
    start[0] = np.log(size.mean())

    def loss(weights: FloatArray) -> tuple[float, FloatArray]:
        log = design @ weights
        relative = size * np.exp(-log)
        shrink = 0.02 * weights
        shrink[0] = 0.0
        likelihood = float((log + relative).mean() + 0.5 * (shrink @ weights))
        return likelihood, design.T @ (1 - relative) / len(size) + shrink

    weights = minimize(loss, start, jac=True, method="L-BFGS-B").x
    return {**scale, "weights": [float(f"{v:.4g}") for v in weights]}


def reach_of(ratio: FloatArray, melanin: FloatArray, edges: FloatArray) -> list[float]:
    """Split conformal: per melanin class, what the expected error is multiplied by so that 90 % are held.

    A class of few photos takes no less than all classes together need.
    """
    borders = (edges[1:] + edges[:-1]) / 2
    number = np.digitize(melanin, borders)
    groups = [ratio[number == k] for k in range(len(edges))]
    everybody = _conformal(ratio)
    return [round(max(_conformal(own), everybody if len(own) < _FEW else 0.0), 3) for own in groups]


def _conformal(ratio: FloatArray) -> float:
    """The quantile that holds 90 % of what comes next; the largest of all where there are too few."""
    rank = min(int(np.ceil((len(ratio) + 1) * _LEVEL)), len(ratio))
    return float(np.sort(ratio)[rank - 1]) if len(ratio) else 0.0


def risk_curve(expected: FloatArray, value: FloatArray, truth: FloatArray) -> dict[str, float]:
    """Mean absolute error of the surest so many per cent: what is gained by withholding the others."""
    off = np.abs(value - truth)[np.argsort(expected, kind="stable")]
    shares = range(20, 101, 20)
    return {str(s): float(f"{off[: max(round(len(off) * s / 100), 1)].mean():.3g}") for s in shares}


def limit_of(expected: FloatArray, value: FloatArray, truth: FloatArray) -> float:
    """Expected error from which a score is withheld: where an answer is clearly worse than the usual one.

    The usual answer is the median of all truths, judged on the same photos: a score that is high is less
    exact, and still says more than it. Of all limits, the one is taken beyond which most is lost against
    it; it stands if at least thirty photos lie beyond and lose by answering with 95 % confidence.
    Otherwise NEVER.
    """
    order = np.argsort(expected, kind="stable")
    loss = (np.abs(value - truth) - np.abs(truth - np.median(truth)))[order]
    lost = np.cumsum(loss[::-1])[::-1]  # by answering all photos from here on
    first = int(np.argmax(lost))
    beyond = loss[first:]
    if first == 0 or len(beyond) < _FEW:
        return NEVER
    sure = beyond.mean() > Z90 * beyond.std(ddof=1) / np.sqrt(len(beyond))
    return float(f"{expected[order][first - 1]:.5g}") if sure else NEVER
