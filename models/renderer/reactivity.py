"""Visible reactivity with a known severity: diffuse redness of the centre, patches, fine vessels, flakes.

A ladder, not a disease: every sign grows with the severity, in shares that differ from face to face. What
reactive skin shows when it shows anything is from Legeas 2021; the sizes are [design].
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from models.renderer.uv_fields import SIZE, Map, blob, mottling, spots

__all__ = ["CALM", "SCALE_ROUGH", "Reactivity", "centre", "flakes", "reactive", "reactive_blood", "scatter"]

SCALE_ROUGH = 0.6
"""GGX roughness of loose scales: duller than the driest skin."""

_FULL = (14.0, 4.4, 60.0, 140.0)  # EI, EI, vessels, flakes at severity 1 [design]
_FINE = 4  # vessels are drawn at a quarter of a texel: the widest are 0.5 mm
_SCALE_COLOR = 0.62  # reflectance of a dry scale, nearly white at all wavelengths [design]
_SCALE_COVER = 0.12  # how much of the light a scale sends back itself


@dataclass(frozen=True, slots=True, kw_only=True)
class Reactivity:
    """Signs on top of a person's own complexion."""

    diffuse: float = 0.0  # EI added in the middle of the cheeks, soft
    patchy: float = 0.0  # EI, SD of patches within the centre of the face
    vessels: int = 0  # fine branching vessels on cheeks and nose
    flakes: int = 0  # small pale rough scales


CALM = Reactivity()
"""Nothing to see; draws no random numbers."""


def reactive(severity: float, rng: np.random.Generator) -> Reactivity:
    """Signs of a severity 0..1: the same generator state gives the same mixture, growing with severity."""
    share = rng.uniform(0.6, 1.4, 4)
    diffuse, patchy, vessels, scales = (
        float(full * s * severity) for full, s in zip(_FULL, share, strict=True)
    )
    return Reactivity(diffuse=diffuse, patchy=patchy, vessels=round(vessels), flakes=round(scales))


def centre() -> Map:
    """Where reactive skin reddens: cheeks and nose, less chin and glabella; 1 at most."""
    cheeks = np.maximum(blob(0.27, 0.54, 0.1, 0.09), blob(0.73, 0.54, 0.1, 0.09))
    middle = np.maximum(blob(0.5, 0.5, 0.06, 0.08), 0.5 * blob(0.5, 0.86, 0.07, 0.05))
    return np.asarray(np.maximum.reduce([cheeks, middle, 0.4 * blob(0.5, 0.27, 0.06, 0.06)]))


def reactive_blood(rng: np.random.Generator, signs: Reactivity) -> Map:
    """EI that diffuse redness, patches and vessels add."""
    where = centre()
    patches = signs.patchy * mottling(rng, (0.035, 0.015)) * np.sqrt(where)
    return np.asarray(signs.diffuse * where + patches + vessels(rng, signs.vessels), np.float32)


def vessels(rng: np.random.Generator, count: int) -> Map:
    """EI of telangiectasia: thin wandering lines that fork, 3 to 15 mm long, on cheeks and nose."""
    side = SIZE * _FINE
    total = np.zeros((SIZE, SIZE), np.float32)
    places = (
        (0.28, 0.55, 0.06, 0.05),
        (0.72, 0.55, 0.06, 0.05),
        (0.44, 0.5, 0.012, 0.03),
        (0.56, 0.5, 0.012, 0.03),
    )
    for _ in range(count):
        u, v, su, sv = places[int(rng.choice(4, p=(0.35, 0.35, 0.15, 0.15)))]
        drawn = np.zeros((side, side), np.uint8)
        start = np.array([rng.normal(u, su), rng.normal(v, sv)]) * side
        width = int(rng.integers(1, 4))  # quarters of a texel: 0.2 to 0.7 mm
        _branch(drawn, start, float(rng.uniform(0, 2 * np.pi)), float(rng.uniform(4, 14)) * _FINE, width, rng)
        line = cv2.resize(drawn.astype(np.float32) / 255, (SIZE, SIZE), interpolation=cv2.INTER_AREA)
        total = np.maximum(total, float(rng.uniform(6, 14)) * line)
    return total


def _branch(
    drawn: np.ndarray, start: Map, angle: float, length: float, width: int, rng: np.random.Generator
) -> None:
    """Draw one vessel and, half the time, a thinner one that leaves it."""
    turns = angle + np.cumsum(rng.normal(0.0, 0.35, 8))
    steps = np.stack([np.cos(turns), np.sin(turns)], axis=-1) * (length / 8)
    path = np.concatenate([start[None], start + np.cumsum(steps, axis=0)])
    fixed = np.round(path * 16).astype(np.int32)
    cv2.polylines(drawn, [fixed], False, 255, width, cv2.LINE_AA, 4)
    if width > 1 and rng.random() < 0.7:
        fork = int(rng.integers(2, 6))
        aside = float(turns[fork] + rng.choice((-0.7, 0.7)))
        _branch(drawn, path[fork], aside, 0.6 * length, width - 1, rng)


def flakes(rng: np.random.Generator, count: int) -> Map:
    """(SIZE, SIZE) 0..1 share of loose scales: 1 to 3 mm, in groups around the middle of the face."""
    if not count:
        return np.zeros((SIZE, SIZE), np.float32)
    places = np.array([(0.3, 0.55), (0.7, 0.55), (0.42, 0.6), (0.58, 0.6), (0.5, 0.84), (0.5, 0.3)])
    at = rng.normal(places[rng.integers(0, len(places), count)], 0.05)
    return np.clip(spots(at, rng.uniform(0.4, 1.2, count), rng.uniform(0.3, 1.0, count)), 0.0, 1.0)


def scatter(reflectance: Map, scales: Map) -> Map:
    """Reflectance (S, S, 31) under scales: air between loose layers sends back white light."""
    share = (_SCALE_COVER * scales)[..., None].astype(np.float32)
    return reflectance + share * (np.float32(_SCALE_COLOR) - reflectance)
