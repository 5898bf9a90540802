"""How far a zone seems to change when nothing does: a function of the two photos, fitted on rendered pairs.

Variance is a sum of what single photos add, which averages out over several photos of a side, and of what
the difference of two lights adds, which does not. Constants: `python -m models.train.fit_pairs`, rendered
training people, no real photo. Errors have heavier tails than a normal law: Student's t with four degrees
of freedom.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from skinscan.change_types import PairNoise

__all__ = ["LIGHT", "PHOTO", "Sigma", "chance", "features", "quantile", "zone_sigma"]

Quantity = Literal["erythema", "melanin", "shine"]

PHOTO = ("one", "lights", "leverage", "scatter", "coarseness", "misfit", "texels")
LIGHT = ("shading", "cast", "pose", "crossed")
"""What the variance is made of; each adds (coefficient x feature) squared."""

_COEFFICIENTS: dict[Quantity, tuple[float, ...]] = {
    "erythema": (0.3, 0.1, 1.0, 0.5, 0.1, 0.1, 0.5, 0.3, 0.3, 0.2, 0.1),
    "melanin": (0.8, 0.1, 1.0, 0.5, 0.1, 0.1, 0.5, 0.3, 0.3, 0.2, 0.1),
    "shine": (1.0, 0.1, 1.0, 0.5, 0.1, 0.1, 0.5, 0.3, 0.3, 0.2, 0.1),
}
_ZONE_FACTOR: dict[str, float] = {}


@dataclass(frozen=True, slots=True)
class Sigma:
    """Standard deviation of a difference that should be zero, in the unit of the quantity."""

    photo: float  # part of single photos
    light: float  # part of the two lights

    def of_mean(self, before: int, after: int) -> float:
        """Sigma of the mean over all pairs of so many photos."""
        return math.hypot(self.photo * math.sqrt((1 / before + 1 / after) / 2), self.light)


def features(noise: PairNoise, lights: float, leverage: float, n_pixels: int) -> tuple[float, ...]:
    """PHOTO and LIGHT features of one zone.

    `lights`: EI, both photos' own zone sigma. `leverage`: OD, sigma of the fit there. `n_pixels`: texels.
    """
    shading, cast = noise.shading / 10, noise.cast / 10
    return (
        1.0,
        lights,
        leverage,
        noise.scatter,
        noise.coarseness,
        noise.misfit,
        10 / math.sqrt(max(n_pixels, 1)),
        shading,
        cast,
        noise.pose / 10,
        math.sqrt(shading * cast),
    )


def zone_sigma(quantity: Quantity, zone: str, row: tuple[float, ...]) -> Sigma:
    """Sigma of one zone's change from its features."""
    parts = [c * f for c, f in zip(_COEFFICIENTS[quantity], row, strict=True)]
    factor = _ZONE_FACTOR.get(zone.removeprefix("left_").removeprefix("right_"), 1.0)
    photo, light = parts[: len(PHOTO)], parts[len(PHOTO) :]
    return Sigma(factor * math.hypot(*photo), factor * math.hypot(*light))


def chance(t: float) -> float:
    """Two-sided probability that Student's t with four degrees of freedom is at least |t|."""
    square = t * t / 4
    inside = 0.75 * abs(t) / math.sqrt(1 + square) * (1 - square / (3 * (1 + square)))
    return max(1.0 - inside, 0.0)


def quantile(level: float) -> float:
    """Half width in sigmas of the interval that holds `level` of Student's t with four degrees of freedom."""
    root = math.sqrt(1 - level * level)  # W. T. Shaw 2006, J. Comput. Finance 9(4): closed form for four
    return 2 * math.sqrt(math.cos(math.acos(root) / 3) / root - 1)
