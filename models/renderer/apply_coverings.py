"""Putting on what is worn: make-up, stubble and plasters become paint, the rest becomes things.

When skin counts as hidden: paint and plasters hide what they take more than half of the light of; hair and
anything in front of the face hides a texel when it takes more than a quarter, since a quarter of dark hair
already moves MI by more than 10. Weak blusher therefore stays "bare": in RGB it is a flush, and to call a
flush make-up would hide a reaction.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from models.renderer import makeup as colors
from models.renderer.coverings import Coverings
from models.renderer.eyewear import glasses_things
from models.renderer.face_layers import FINE, Layer, Look, Surface
from models.renderer.facemask import mask_things
from models.renderer.facial_hair import SHEET_CM, beard_sheet, growth, stubble_layers
from models.renderer.fringe_hair import fringe_sheet
from models.renderer.hands import hand_things
from models.renderer.head_surface import measure_relief
from models.renderer.makeup import Film
from models.renderer.people import Person
from models.renderer.scene_objects import SceneObject
from models.renderer.shape import HeadShape
from models.renderer.skin import SIZE

__all__ = ["FILM_HIDES", "HAIR_HIDES", "Outfit", "put_on"]

Map = NDArray[np.floating[Any]]

FILM_HIDES = 0.5  # of the skin's light: more paint than that, and the colour seen is the paint's
HAIR_HIDES = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Outfit:
    """What is worn, realised. Maps are on the UV square."""

    surface: Surface  # with the paint
    rough: Map  # (SIZE, SIZE) GGX roughness
    things: tuple[SceneObject, ...]  # what stands off the face
    cover: Map  # (SIZE, SIZE) 0..1 share of the skin's light that paint and stubble take
    hidden: NDArray[np.bool_]  # (SIZE, SIZE) more than they may


def put_on(
    worn: Coverings, person: Person, look: Look, shape: HeadShape, surface: Surface, rough: Map
) -> Outfit:
    """Realise `worn` on a face; the same values give the same outfit."""
    rng = np.random.default_rng(worn.seed)
    under, lips = _makeup(worn, person, surface, rng)
    hair, things = _hair(worn, look, shape, rng)
    if worn.mask or worn.hand or worn.glasses:
        things += _objects(worn, person, shape, rng)
    strips = colors.plaster_film(worn.plaster, rng) if worn.plaster else []
    films = [*under, *strips]
    first, *rest = surface.layers  # the lips are the lowest
    layers = [film.layer for film in under] + [first] + [film.layer for film in lips] + rest
    layers += hair + [film.layer for film in strips]
    film, whiskers = _hides([f.layer for f in films]), _hides(hair)
    tamed = np.ones((FINE, FINE), np.float32)
    for one in films:
        tamed *= 1.0 - one.layer.alpha * (1.0 - one.gloss)
        if one.rough is not None:
            share = cv2.resize(one.layer.alpha, (SIZE, SIZE), interpolation=cv2.INTER_AREA)
            rough = rough + share * (one.rough - rough)
    for layer in hair:
        tamed *= 1.0 - layer.alpha
    return Outfit(
        surface=replace(surface, layers=tuple(layers), gloss=surface.gloss * tamed),
        rough=np.asarray(rough, np.float32),
        things=tuple(things),
        cover=1.0 - (1.0 - film) * (1.0 - whiskers),
        hidden=(film > FILM_HIDES) | (whiskers > HAIR_HIDES),
    )


def _makeup(
    worn: Coverings, person: Person, surface: Surface, rng: np.random.Generator
) -> tuple[list[Film], list[Film]]:
    """What lies under the painted features, and what lies on the lips."""
    made = worn.makeup
    under = []
    if made.foundation:
        under.append(colors.foundation_film(made, person, rng))
    if made.blusher:
        under.append(colors.rouge_film(made, person, rng))
    if made.eye_shadow:
        under.append(colors.eye_film(made))
    return under, [colors.lip_film(made, surface.layers[0])] if made.lipstick else []


def _hair(
    worn: Coverings, look: Look, shape: HeadShape, rng: np.random.Generator
) -> tuple[list[Layer], list[SceneObject]]:
    """Stubble as layers; beard and fringe as sheets."""
    layers: list[Layer] = []
    things: list[SceneObject] = []
    relief = measure_relief(shape) if worn.whiskers or worn.fringe else None
    if worn.whiskers:
        assert relief is not None
        where = growth(worn.whiskers, rng)
        layers += stubble_layers(worn.whiskers, where, look.hair, rng)
        if worn.whiskers.length > SHEET_CM:
            things.append(beard_sheet(worn.whiskers, where, look.hair, relief, rng))
    if worn.fringe:
        assert relief is not None
        things.append(fringe_sheet(worn.fringe, look.hair, relief, rng))
    return layers, things


def _objects(
    worn: Coverings, person: Person, shape: HeadShape, rng: np.random.Generator
) -> list[SceneObject]:
    relief = measure_relief(shape)
    things: list[SceneObject] = []
    if worn.mask:
        things += mask_things(worn.mask, shape.face, relief, rng)
    if worn.glasses:
        things += glasses_things(worn.glasses, shape.face, rng)
    if worn.hand:
        things += hand_things(worn.hand, person, relief, rng)
    return things


def _hides(layers: list[Layer]) -> Map:
    """(SIZE, SIZE) 0..1 what layers take together."""
    shows = np.ones((FINE, FINE), np.float32)
    for layer in layers:
        shows *= 1.0 - layer.alpha
    small = cv2.resize(shows, (SIZE, SIZE), interpolation=cv2.INTER_AREA)
    return np.asarray(1.0 - cv2.GaussianBlur(small, (0, 0), 0.8), np.float32)
