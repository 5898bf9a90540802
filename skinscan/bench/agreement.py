"""How well found values agree with true ones: formulas only, values in, numbers out.

All take equally long sequences; what is undefined (no spread, one class) is None, never a guess.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from skinscan.types import BoolMap, FloatArray

__all__ = ["agreement", "auc", "correlation", "graded_alike", "rank_correlation", "weighted_kappa"]


def agreement(
    found: FloatArray, truth: FloatArray, span: float | None = None, inside: BoolMap | None = None
) -> dict[str, Any]:
    """n, r, MAE, bias (found minus true) and SD of the errors.

    `found` and `truth` (n,): values in one unit, pair by pair. With `span`, the width of the usual range, MAE
    is also given in percent of it; with `inside`, whether each interval holds the truth, the share that does.
    """
    error = found - truth
    mae = float(np.abs(error).mean())
    row: dict[str, Any] = {
        "n": len(found),
        "r": _rounded(correlation(found, truth)),
        "mae": round(mae, 2),
        "bias": round(float(error.mean()), 2),
        "sd": round(float(error.std()), 2),
    }
    if span is not None:
        row["mae_percent_of_range"] = round(100 * mae / span, 1)
    if inside is not None:
        row["coverage_90"] = round(float(inside.mean()), 3)
    return row


def correlation(a: ArrayLike, b: ArrayLike) -> float | None:
    """Pearson's r; None for fewer than three pairs or without spread."""
    x, y = np.asarray(a, np.float64), np.asarray(b, np.float64)
    if len(x) < 3 or np.ptp(x) == 0 or np.ptp(y) == 0:
        return None
    return float(np.corrcoef(x, y)[0, 1])


def rank_correlation(a: ArrayLike, b: ArrayLike) -> float | None:
    """Spearman's rho: Pearson's r of the ranks, ties at their mean rank."""
    return correlation(_ranks(a), _ranks(b))


def weighted_kappa(a: Sequence[int], b: Sequence[int]) -> float | None:
    """Quadratically weighted kappa of two ratings in whole grades; 1 agrees, 0 is chance (Cohen 1968).

    With weights (a - b)^2 the expected disagreement needs only means and variances: Fleiss and Cohen 1973.
    """
    x, y = np.asarray(a, np.float64), np.asarray(b, np.float64)
    if len(x) == 0:
        return None
    expected = float(x.var() + y.var() + (x.mean() - y.mean()) ** 2)
    return None if expected == 0 else 1 - float(((x - y) ** 2).mean()) / expected


def auc(values: ArrayLike, positive: ArrayLike) -> float | None:
    """Chance that a positive has the larger value, ties half: area under the ROC curve (Hanley, McNeil 1982).

    None without both classes.
    """
    is_positive = np.asarray(positive, bool)
    ranks = _ranks(values)
    n, m = int(is_positive.sum()), int((~is_positive).sum())
    if n == 0 or m == 0:
        return None
    return float((ranks[is_positive].sum() - n * (n + 1) / 2) / (n * m))


def graded_alike(values: ArrayLike, grades: Sequence[int]) -> list[int]:
    """Cut `values` into grades so that each grade is given as often as the raters gave it, ties by position.

    The only honest grade of a score that was never tied to a rater's scale: nothing but their shares is used.
    """
    order = np.argsort(np.asarray(values, np.float64), kind="stable")
    given = np.empty(len(order), int)
    given[order] = sorted(grades)
    return [int(grade) for grade in given]


def _ranks(values: ArrayLike) -> FloatArray:
    """Ranks from 1, ties at their mean."""
    _, place, count = np.unique(np.asarray(values, np.float64), return_inverse=True, return_counts=True)
    last = np.cumsum(count)
    mean: FloatArray = last - (count - 1) / 2
    return mean[place]


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)
