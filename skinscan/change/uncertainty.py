"""How far a zone seems to change when nothing does.

Erythema: the sigma that estimate_change.py gives, and what real skin does in one session (`UNCHANGED_SKIN`:
London pairs, `python -m models.training.fit.fit_unchanged_skin`). Melanin and shine: functions of the two
photos, fitted on rendered pairs of training people (`python -m models.training.fit.fit_pairs`), and what
zones of real skin do beyond them, the more the darker the skin. Variance is a sum of what single photos add,
which averages out over several photos of a side, and of what the difference of two lights adds, which does
not.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from skinscan.change.fitted import read_fit
from skinscan.change.types import PairConditions

__all__ = [
    "LIGHT",
    "PHOTO",
    "UNCHANGED_SKIN",
    "Quantity",
    "Sigma",
    "erythema_sigma",
    "real_sigma",
    "sigma_of",
    "variance_terms",
]

Quantity = Literal["erythema", "melanin", "shine"]

PHOTO = ("one", "coarseness", "misfit", "texels", "depth")
LIGHT = ("shading", "cast", "pose", "crossed", "deep_shading", "deep_cast")
"""What the variance is made of; each adds (coefficient of `pair_fit` x feature) squared."""

UNCHANGED_SKIN = read_fit("unchanged_skin")
"""EI, EI per OD of brightness, or what the name says; fitted on real pairs (models/README.md)."""
_LEAST = 0.25  # MI and % of the light: what renders do not have [design]


@dataclass(frozen=True, slots=True)
class Sigma:
    """Standard deviation of a difference that should be zero, in the unit of the quantity."""

    photo: float  # part of single photos
    light: float  # part of the two lights

    def of_mean(self, before: int, after: int) -> float:
        """Sigma of the mean over all pairs of so many photos."""
        return math.hypot(self.photo * math.sqrt((1 / before + 1 / after) / 2), self.light)


def real_sigma(zone: str, noise: PairConditions) -> float:
    """EI: what a zone of real skin does though nothing happened: pulse, expression, camera distance."""
    stirred = min(1.0, noise.expression / UNCHANGED_SKIN["expression"])
    of_zone = UNCHANGED_SKIN["zone_sigma"][zone.removeprefix("left_").removeprefix("right_")]
    return math.hypot(UNCHANGED_SKIN["still"], stirred * of_zone, UNCHANGED_SKIN["framing"] * noise.framing)


def erythema_sigma(sigma: float, light_share: float, real: float) -> Sigma:
    """Sigma of a change of erythema, EI; `sigma` and `light_share` as ChangePosterior gives them."""
    return Sigma(math.hypot(sigma * math.sqrt(1 - light_share), real), sigma * math.sqrt(light_share))


def variance_terms(noise: PairConditions, n_pixels: int) -> tuple[float, ...]:
    """PHOTO and LIGHT features of one zone of `n_pixels` texels."""
    shading, cast = noise.shading / 10, noise.cast / 10
    return (
        1.0,
        noise.coarseness,
        noise.misfit,
        10 / math.sqrt(max(n_pixels, 1)),
        noise.depth,
        shading,
        cast,
        noise.pose / 10,
        math.sqrt(shading * cast),
        noise.depth * shading,
        noise.depth * cast,
    )


def sigma_of(quantity: Quantity, row: tuple[float, ...], zone: str) -> Sigma:
    """Sigma of a zone's change from its features (`variance_terms`): of renders, and of real skin."""
    fit = read_fit("pair_fit")[quantity]
    parts = [fit["coefficients"][name] * f for name, f in zip((*PHOTO, *LIGHT), row, strict=True)]
    side, known = zone.removeprefix("left_").removeprefix("right_"), UNCHANGED_SKIN[quantity]
    factor = known["renders"] * fit["zone_factor"][side]
    photo, light = parts[: len(PHOTO)], parts[len(PHOTO) :]
    real = known["zone_sigma"][side] * row[PHOTO.index("depth")]
    return Sigma(math.hypot(factor * math.hypot(*photo), _LEAST, real), factor * math.hypot(*light))
