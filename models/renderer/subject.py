"""A person before the camera: skin, features, bones, oil; all that stays when another photo is taken."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from models.renderer.apply_coverings import Outfit, put_on
from models.renderer.coverings import Coverings
from models.renderer.expression import Expression, express, mouth_thing
from models.renderer.face_layers import Look, Surface, draw_look, paint
from models.renderer.issa import melanin_index
from models.renderer.optics import cloth
from models.renderer.people import Person
from models.renderer.reactivity import SCALE_ROUGH
from models.renderer.scene_objects import SceneObject
from models.renderer.shape import HeadShape, draw_shape
from models.renderer.skin import Skin, SkinRecipe, draw_recipe, make_skin
from models.renderer.uv_fields import SIZE, mottling

__all__ = [
    "Oil", "Subject", "draw_oil", "draw_subject", "dressed", "expressing", "make_subject", "roughness_map",
    "scaly",
]  # fmt: skip

Map = NDArray[np.floating[Any]]

DRY, OILY = 0.52, 0.22  # GGX roughness of matt and of greasy skin
STRANDS = (96, 1024)  # along, around

_OIL_AT = {"forehead": ((0.5, 0.17), 0.15), "nose": ((0.5, 0.48), 0.07), "chin": ((0.5, 0.86), 0.09)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Oil:
    """Oil by zone, 0 matt .. 1 greasy."""

    forehead: float
    nose: float
    cheeks: float
    chin: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """One person on one day."""

    person: Person
    skin: Skin
    surface: Surface
    look: Look
    shape: HeadShape
    rough: Map  # (SIZE, SIZE) GGX roughness of the skin
    strands: Map  # (96, 1024) brightness of hair, along and around, mean 1
    cloth: Map  # (31,) spectrum
    mouth: SceneObject | None = None  # what an open mouth shows
    outfit: Outfit | None = None  # what is worn; `surface` and `rough` have its paint

    @property
    def things(self) -> tuple[SceneObject, ...]:
        """Everything that is drawn over the head."""
        own = () if self.mouth is None else (self.mouth,)
        return own if self.outfit is None else (*own, *self.outfit.things)


def draw_oil(rng: np.random.Generator) -> Oil:
    """T-zone oilier than the cheeks, as in people."""
    t_zone, u_zone = rng.beta(1.5, 1.8), rng.beta(1.2, 3.0)
    near = np.clip(t_zone + rng.normal(0, 0.1, 3), 0, 1)
    return Oil(forehead=float(near[0]), nose=float(near[1]), chin=float(near[2]), cheeks=float(u_zone))


def roughness_map(oil: Oil, rng: np.random.Generator) -> Map:
    """(SIZE, SIZE) roughness: oil by zone, blended, a little uneven."""
    at = (np.arange(SIZE, dtype=np.float32) + 0.5) / SIZE
    u, v = np.meshgrid(at, at)
    amount = np.full((SIZE, SIZE), oil.cheeks, np.float32)
    for zone, ((u0, v0), reach) in _OIL_AT.items():
        wide = 1.7 * reach if zone == "forehead" else reach
        near = np.exp(-0.5 * (((u - u0) / wide) ** 2 + ((v - v0) / reach) ** 2))
        amount = amount + near * (getattr(oil, zone) - amount)
    amount = np.clip(amount + 0.08 * mottling(rng, (0.05, 0.015)), 0.0, 1.0)
    return (DRY * (OILY / DRY) ** amount).astype(np.float32)


def scaly(rough: Map, flakes: Map) -> Map:
    """Roughness where loose scales lie on it."""
    return (rough + flakes * (SCALE_ROUGH - rough)).astype(np.float32)


def draw_subject(
    person: Person,
    rng: np.random.Generator,
    *,
    worn: Coverings | None = None,
    expression: Expression | None = None,
) -> Subject:
    """Draw everything about a person, who wears what is given, or nothing, and looks as given, or at rest."""
    recipe = draw_recipe(person, rng)
    look = draw_look(float(melanin_index(person.sites["cheek"])), rng)
    return make_subject(recipe, look, draw_shape(rng), draw_oil(rng), rng, worn=worn, expression=expression)


def make_subject(
    recipe: SkinRecipe, look: Look, shape: HeadShape, oil: Oil, rng: np.random.Generator, *,
    worn: Coverings | None = None, expression: Expression | None = None,
) -> Subject:  # fmt: skip
    """Realise a person from what is chosen. What is worn leaves `rng`, and so the rest, as it is."""
    skin = make_skin(recipe, rng)
    color = rng.uniform((430, 0.1, 0.05), (650, 0.7, 0.5)).tolist()
    bare = Subject(
        person=recipe.person,
        skin=skin,
        surface=paint(skin, look, rng),
        look=look,
        shape=shape,
        rough=scaly(roughness_map(oil, rng), skin.flakes),
        strands=_draw_strands(rng),
        cloth=cloth(*color).astype(np.float32),
    )
    if expression is not None:
        bare = expressing(bare, expression)
    return bare if worn is None else dressed(bare, worn)


def expressing(subject: Subject, expression: Expression) -> Subject:
    """The same person, still bare, with an expression."""
    shape = replace(subject.shape, face=express(subject.shape.face, expression))
    return replace(subject, shape=shape, mouth=mouth_thing(shape.face, expression))


def dressed(bare: Subject, worn: Coverings) -> Subject:
    """The same person with something on. Raises `ValueError` for one who already wears something."""
    if bare.outfit is not None:
        raise ValueError("this person already wears something: dress the bare one")
    outfit = put_on(worn, bare.person, bare.look, bare.shape, bare.surface, bare.rough)
    return replace(bare, surface=outfit.surface, rough=outfit.rough, outfit=outfit)


def _draw_strands(rng: np.random.Generator) -> Map:
    along, around = STRANDS
    white = rng.standard_normal((along, around)).astype(np.float32)
    fine = cv2.GaussianBlur(white, (0, 0), sigmaX=0.9, sigmaY=14.0)
    locks = cv2.GaussianBlur(white, (0, 0), sigmaX=9.0, sigmaY=25.0)
    mixed = 0.6 * fine / fine.std() + 0.8 * locks / locks.std()
    return np.asarray(np.exp(0.35 * mixed - 0.06), np.float32)
