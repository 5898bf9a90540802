"""The error budget of a comparison, source by source, in dE00."""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from skinscan.color import delta_e_2000
from skinscan.skin_indices import od_to_lab
from skinscan.types import DiffuseColor, FloatArray

__all__ = ["error_budget"]


def error_budget(matte: DiffuseColor, expected: FloatArray, sigma: FloatArray) -> Mapping[str, float]:
    """What one sigma of each source moves a colour by, dE00, and all together ("total").

    `matte`: the measured colour, its errors by source; `expected` (3,) L*a*b* and `sigma` (3,): the colour it
    is compared with, which the catalogue vouches for. Moves of one source in different directions and of
    different sources are added in quadrature. What is known of skin (color_samples.py) is not taken off.
    """
    od = np.array(matte.od)
    middle = od_to_lab(od)
    budget = {
        name: _root_sum(delta_e_2000(middle, od_to_lab(od + np.diag(spread))))
        for name, spread in matte.sigma.items()
    }
    budget["catalogue"] = _root_sum(delta_e_2000(expected, expected + np.diag(sigma)))
    budget["total"] = math.hypot(*budget.values())
    return MappingProxyType({name: round(value, 2) for name, value in budget.items()})


def _root_sum(moves: FloatArray) -> float:
    return math.sqrt(float((moves**2).sum()))
