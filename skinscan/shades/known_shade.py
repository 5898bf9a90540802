"""A shade that the customer is known to wear in, what it says about the skin out."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from skinscan.color import delta_e_2000
from skinscan.shades.catalog import Catalog
from skinscan.shades.color_samples import normal_points
from skinscan.shades.kubelka_munk import body_of, mix
from skinscan.shades.ranking import acceptable_delta_e00
from skinscan.types import FloatArray

__all__ = ["goes_with"]

_ERRORS = 16  # of catalogue and mixing model, points
_WIDTH = 0.4  # dE00 over which content turns into discontent [design]


def goes_with(catalog: Catalog, row: int) -> Callable[[FloatArray], FloatArray]:
    """Probability (N,) that somebody with skin (N, 3) L*a*b* is content with a shade.

    Content means within the acceptable difference: no more is asked of a shade that was bought again. The
    errors of the catalogue and of the mixing model count.
    """
    errors = normal_points(_ERRORS)[:, 3:] * catalog.sigma[row]
    body, scatter, surface = catalog.body[row], catalog.scatter[row : row + 1], catalog.surface[row : row + 1]

    def probability(skin: FloatArray) -> FloatArray:
        worn = mix(body_of(skin), body, scatter, surface)
        apart = delta_e_2000(skin[:, None], worn[:, None] + errors)
        limit = np.interp(skin[:, :1], *_LIMITS)
        share: FloatArray = (1 / (1 + np.exp(np.clip((apart - limit) / _WIDTH, -50, 50)))).mean(axis=1)
        return share

    return probability


_AT = np.array([20.0, 40.0, 55.0, 80.0])
_LIMITS = (_AT, np.array([acceptable_delta_e00(lightness) for lightness in _AT]))
