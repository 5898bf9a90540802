"""How far the interval of a score reaches."""

from __future__ import annotations

import numpy as np

from skinscan.types import FloatArray

__all__ = ["reach_of"]

_LEVEL = 0.9
_FEW = 30  # photos below which a class is no evidence by itself


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
