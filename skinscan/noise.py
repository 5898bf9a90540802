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

__all__ = ["LIGHT", "PHOTO", "Quantity", "Sigma", "chance", "features", "quantile", "sigma_of"]

Quantity = Literal["erythema", "melanin", "shine", "spot"]

PHOTO = ("one", "lights", "leverage", "scatter", "coarseness", "misfit", "texels", "depth")
LIGHT = ("shading", "cast", "pose", "crossed", "deep_shading", "deep_cast", "doubt")
"""What the variance is made of; each adds (coefficient x feature) squared."""

_COEFFICIENTS: dict[Quantity, tuple[float, ...]] = {
    "erythema": (0, 0, 2.96, 0, 0, 0.005, 0, 0, 0, 0, 0, 0.002, 0.059, 0.052, 0.205),
    "melanin": (0, 0, 1.023, 0, 0, 0.28, 0, 0, 0.212, 0, 0.247, 0.441, 0, 0.151, 0.003),
    "shine": (0, 0, 0.527, 0, 0, 0.102, 0, 0, 0.17, 0, 0.291, 0.447, 0, 0, 0),
    "spot": (0, 0.19, 2.112, 1.12, 0, 0.237, 0, 0.109, 0, 0.08, 0.003, 0, 0.146, 0.047, 0.925),
}
"""Index units per unit of the feature: 285 pairs, 3,121 zones of 48 training people. What the fit left at 0
(face size, texels, each photo's own shading) is told better by the leverage of the pair's fit."""
_ZONE_FACTOR: dict[Quantity, dict[str, float]] = {
    "erythema": {
        "cheek": 0.78, "chin": 1.02, "forehead": 0.67, "glabella": 1.58, "jaw": 0.9, "nose": 0.95,
        "perioral": 1.18, "under_eye": 1.17,
    },
    "melanin": {
        "cheek": 0.82, "chin": 1.06, "forehead": 0.48, "glabella": 0.88, "jaw": 1.07, "nose": 1.28,
        "perioral": 1.39, "under_eye": 1.45,
    },
    "shine": {
        "cheek": 0.73, "chin": 1.55, "forehead": 0.3, "glabella": 0.67, "jaw": 0.63, "nose": 2.51,
        "perioral": 1.51, "under_eye": 1.83,
    },
}  # fmt: skip
# What renders do not have, index units: pulse and hair, and per texel of misfit a face that moves. [design]
_UNRENDERED, _UNRENDERED_MISFIT = 0.25, 0.15


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
        noise.depth,
        shading,
        cast,
        noise.pose / 10,
        math.sqrt(shading * cast),
        noise.depth * shading,
        noise.depth * cast,
        noise.doubt * (shading + cast),
    )


def sigma_of(quantity: Quantity, row: tuple[float, ...], zone: str = "") -> Sigma:
    """Sigma of a zone's change, or of a 7 mm spot's, from its features."""
    parts = [c * f for c, f in zip(_COEFFICIENTS[quantity], row, strict=True)]
    factors = _ZONE_FACTOR.get(quantity, {})
    factor = factors.get(zone.removeprefix("left_").removeprefix("right_"), 1.0)
    unrendered = math.hypot(_UNRENDERED, _UNRENDERED_MISFIT * row[PHOTO.index("misfit")])
    photo, light = parts[: len(PHOTO)], parts[len(PHOTO) :]
    return Sigma(math.hypot(factor * math.hypot(*photo), unrendered), factor * math.hypot(*light))


def chance(t: float) -> float:
    """Two-sided probability that Student's t with four degrees of freedom is at least |t|."""
    square = t * t / 4
    inside = 0.75 * abs(t) / math.sqrt(1 + square) * (1 - square / (3 * (1 + square)))
    return max(1.0 - inside, 0.0)


def quantile(level: float) -> float:
    """Half width in sigmas of the interval that holds `level` of Student's t with four degrees of freedom."""
    root = math.sqrt(1 - level * level)  # W. T. Shaw 2006, J. Comput. Finance 9(4): closed form for four
    return 2 * math.sqrt(math.cos(math.acos(root) / 3) / root - 1)
