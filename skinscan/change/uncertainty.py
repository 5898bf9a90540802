"""How far a zone seems to change when nothing does.

Erythema: the sigma by light_difference.py, a factor of the zone, and what renders do not have. Melanin and
shine: functions of the two photos. All fitted on rendered pairs of training people (`python -m
models.training.fit.fit_pairs`). Variance is a sum of what single photos add, which averages out over several
photos of a side, and of what the difference of two lights adds, which does not.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from skinscan.change.light_difference import unrendered
from skinscan.change.types import PairConditions

__all__ = [
    "LIGHT",
    "PHOTO",
    "Quantity",
    "Sigma",
    "erythema_sigma",
    "sigma_of",
    "variance_terms",
    "zone_factor",
]

Quantity = Literal["erythema", "melanin", "shine"]

PHOTO = ("one", "coarseness", "misfit", "texels", "depth")
LIGHT = ("shading", "cast", "pose", "crossed", "deep_shading", "deep_cast")
"""What the variance is made of; each adds (coefficient x feature) squared."""

_COEFFICIENTS: dict[str, tuple[float, ...]] = {
    "melanin": (0, 0, 0.383, 0.045, 0.083, 0.25, 0, 0.338, 0.601, 0, 0.206),
    "shine": (0, 0.111, 0.197, 0, 0, 0.26, 0, 0.457, 0.783, 0, 0),
}
"""Index units per unit of the feature: 285 pairs of 48 training people."""
_ZONE_FACTOR: dict[Quantity, dict[str, float]] = {
    "erythema": {
        "cheek": 0.87, "chin": 0.95, "forehead": 1.0, "glabella": 1.42, "jaw": 1.04, "nose": 1.08,
        "perioral": 0.98, "under_eye": 1.15,
    },
    "melanin": {
        "cheek": 0.8, "chin": 1.08, "forehead": 0.44, "glabella": 0.93, "jaw": 1.07, "nose": 1.23,
        "perioral": 1.37, "under_eye": 1.56,
    },
    "shine": {
        "cheek": 0.75, "chin": 1.44, "forehead": 0.27, "glabella": 0.69, "jaw": 0.65, "nose": 2.53,
        "perioral": 1.66, "under_eye": 1.81,
    },
}  # fmt: skip
_LEAST = 0.25  # MI and % of the light: what renders do not have [design]


@dataclass(frozen=True, slots=True)
class Sigma:
    """Standard deviation of a difference that should be zero, in the unit of the quantity."""

    photo: float  # part of single photos
    light: float  # part of the two lights

    def of_mean(self, before: int, after: int) -> float:
        """Sigma of the mean over all pairs of so many photos."""
        return math.hypot(self.photo * math.sqrt((1 / before + 1 / after) / 2), self.light)


def zone_factor(quantity: Quantity, zone: str) -> float:
    """RMS error of an unchanged zone over the model's sigma: some are read worse than others."""
    return _ZONE_FACTOR[quantity][zone.removeprefix("left_").removeprefix("right_")]


def erythema_sigma(sigma: float, light_share: float, misfit: float) -> Sigma:
    """Sigma of a change of erythema, EI; `sigma` and `light_share` by ChangePosterior, `misfit` in texels."""
    return Sigma(
        math.hypot(sigma * math.sqrt(1 - light_share), unrendered(misfit)), sigma * math.sqrt(light_share)
    )


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
    """Sigma of a zone's change from its features."""
    parts = [c * f for c, f in zip(_COEFFICIENTS[quantity], row, strict=True)]
    factor = zone_factor(quantity, zone)
    photo, light = parts[: len(PHOTO)], parts[len(PHOTO) :]
    return Sigma(math.hypot(factor * math.hypot(*photo), _LEAST), factor * math.hypot(*light))
