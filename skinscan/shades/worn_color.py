"""Bare colour and shade in, the colour that is worn out, with its interval: what a try-on paints."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from skinscan.shades.catalog import make_catalog
from skinscan.shades.ranking import worn_cloud
from skinscan.shades.shade import Shade
from skinscan.types import Z90, FloatArray
from skinscan.value import Value

__all__ = ["WornColor", "worn_color"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class WornColor(Value):
    """A predicted colour."""

    lab: FloatArray  # (3,) L*a*b*, D65, 2 degrees
    low: (
        FloatArray  # (3,) 90 % interval of each, errors of catalogue and mixing model; not of the bare colour
    )
    high: FloatArray  # (3,)
    hiding: float  # 0..1: about how much of the way from the bare colour to the product's the layer goes


def worn_color(bare: FloatArray, shade: Shade) -> WornColor:
    """Predict the colour of a shade on bare skin, or of a lipstick on bare lips.

    `bare`: (3,) L*a*b*, D65, 2 degrees, surface reflection included. Mixed as in kubelka_munk.py.
    """
    one = make_catalog([shade])
    lab: FloatArray = worn_cloud(np.asarray(bare, np.float64)[None], one, np.array([0]), errors=False)[0, 0]
    reach = Z90 * one.sigma[0]
    return WornColor(lab=lab, low=lab - reach, high=lab + reach, hiding=float(one.hiding[0, 0]))
