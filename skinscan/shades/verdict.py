"""Clouds in, verdicts out: only where the difference is beyond the whole error budget, and then some.

Errors of photos have longer tails than normal ones: in 1 of 240 rendered portraits the light was misjudged by
4 sigma. A mismatch puts blame on somebody, so it is judged with every error of the photo half as large again.
"""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

import numpy as np

from skinscan.color import delta_e_2000
from skinscan.shades.types import Difference, Verdict
from skinscan.types import FloatArray, Matte

__all__ = ["decide", "guarded", "least_difference"]

_SURE = 0.95  # probability of an acceptable difference from which it is a match
_EXCLUDED = 0.01  # quantile of the guarded difference that must be beyond what is acceptable for a mismatch
_GUARD = 1.5  # times every sigma of the photo


def guarded(matte: Matte) -> Matte:
    """The measurement with its errors half as large again."""
    wider = {name: (_GUARD * a, _GUARD * b, _GUARD * c) for name, (a, b, c) in matte.sigma.items()}
    return replace(matte, sigma=MappingProxyType(wider))


def least_difference(reference: FloatArray, colours: FloatArray) -> FloatArray:
    """(K,) dE00 that guarded clouds (N, 3) and (K, N, 3) differ by at least."""
    least: FloatArray = np.quantile(delta_e_2000(reference, colours), _EXCLUDED, axis=1)
    return least


def decide(difference: Difference, least: float, acceptable: float) -> Verdict:
    """Match or mismatch only where the whole error budget agrees."""
    if least > acceptable:
        return "mismatch"
    return "match" if difference.probability_acceptable >= _SURE else "inconclusive"
