"""Skin and product in, the colour that is worn out: a scattering layer on a coloured ground.

Kubelka-Munk in linear red, green and blue (Kubelka 1948, J Opt Soc Am 38:448, eq. 22). A layer with masstone
M (reflectance when it hides everything) and scattering power S on a ground G reflects

    R = ((G - M) / M p - M (G - 1/M)) / ((G - M) p - (G - 1/M)),    p = exp(-S (1/M - M))

S = 0 leaves the ground, S -> inf leaves M. Mixing works on the light that entered: the surface reflection F0
is taken off both before and put back after, as much of it as the finish sends into all directions.
"""

from __future__ import annotations

import math
from types import MappingProxyType

import numpy as np

from skinscan.color import F0, lab_to_linear, linear_to_lab
from skinscan.types import FloatArray

__all__ = ["MODEL_SIGMA", "SCATTER", "SURFACE", "body_of", "mix", "transmission"]

_LEAST, _MOST = 0.002, 0.995  # body reflectance that the layer's formula can take

SCATTER = MappingProxyType(
    {
        # S such that a light foundation (M 0.50) on medium skin (G 0.35) goes 35, 55, 75 and 92 % of the way
        # from skin to masstone [design]; unknown is taken as medium.
        "foundation sheer": 0.26,
        "foundation light": 0.50,
        "foundation medium": 0.87,
        "foundation full": 1.60,
        "foundation unknown": 0.87,
        "concealer sheer": 0.50,
        "concealer light": 0.87,
        "concealer medium": 1.60,
        "concealer full": 2.50,
        "concealer unknown": 1.60,
        # Lipstick is thicker and darker; lacquer-like full shades hide the lip [design].
        "lipstick sheer": 0.10,
        "lipstick light": 0.25,
        "lipstick medium": 0.60,
        "lipstick full": math.inf,
        "lipstick unknown": math.inf,
        "worn": math.inf,
    }
)
"""Scattering power of a layer as usually applied, by category and coverage."""

SURFACE = MappingProxyType({"matte": 1.0, "natural": 1.0, "satin": 0.6, "dewy": 0.4, "gloss": 0.1})
"""Share of F0 that a finish sends away from the highlight, where colour is seen [design]."""

MODEL_SIGMA = (1.1, 1.1, 1.1)
"""Sigma of L*, a*, b* of a predicted worn colour: MAE 0.87-0.91 of skin with foundation predicted from skin
and swatch, leave one out (Mao 2024, arXiv 2407.05553), times 1.25."""


def body_of(lab: FloatArray, surface: FloatArray | float = 1.0) -> FloatArray:
    """Linear RGB (..., 3) of the light that comes back from inside, of L*a*b* (..., 3) with its surface.

    `surface` (...): share of F0 that is in the colour.
    """
    seen = F0 * np.asarray(surface)[..., None]
    return np.clip((lab_to_linear(lab) - seen) / (1 - F0), _LEAST, _MOST)


def transmission(mass: FloatArray, scatter: FloatArray) -> FloatArray:
    """Share (..., 3) of a small difference of the ground that shows through a layer: p above."""
    share: FloatArray = np.exp(-scatter[..., None] * (1 / mass - mass))
    return share


def mix(ground: FloatArray, mass: FloatArray, scatter: FloatArray, surface: FloatArray) -> FloatArray:
    """L*a*b* (..., 3) worn, of the bodies (..., 3) of bare skin and of product (see `body_of`).

    `ground`: body of bare skin. `mass`: body of the product, so thick that it hides everything. Both linear
    RGB, 0..1. `scatter` (...): S, inf where the product hides what is below. `surface` (...): share of F0
    that stays. Shapes broadcast.
    """
    power = transmission(mass, scatter)
    gap, rest = ground - mass, ground - 1 / mass
    body = (gap / mass * power - mass * rest) / (gap * power - rest)
    return linear_to_lab(F0 * surface[..., None] + (1 - F0) * body)
