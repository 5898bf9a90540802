"""Makes of rendered photos, each unlike the usual one in one way: what a network has not seen, by name.

The network of skinmaps.onnx has learned on usual and hard light of usual cameras. How far its numbers and
intervals hold elsewhere is measured family by family, each left out of what its intervals are set by.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType

import numpy as np

from models.renderer.camera import LAMPS, draw_camera, draw_light, illuminant
from models.renderer.face_layers import draw_look
from models.renderer.issa import melanin_index
from models.renderer.people import Person
from models.renderer.phone_processing import draw_finish
from models.renderer.shape import draw_shape
from models.renderer.shot import Shot, draw_shot
from models.renderer.skin import SkinRecipe, draw_recipe
from models.renderer.subject import Subject, draw_oil, make_subject

__all__ = ["FAMILIES", "draw_of_family"]

_SCALE = 0.6  # of the renderer's own size: what people send, and quick to render


def draw_of_family(family: str, person: Person, rng: np.random.Generator) -> tuple[Subject, Shot]:
    """Draw a person on one day and how the photo is taken.

    Raises KeyError for a family that is not in FAMILIES.
    """
    change_skin, change_shot = FAMILIES[family]
    recipe = change_skin(draw_recipe(person, rng), rng)
    look = draw_look(float(melanin_index(person.sites["cheek"])), rng)
    subject = make_subject(recipe, look, draw_shape(rng), draw_oil(rng), rng)
    shot = change_shot(draw_shot(rng), rng)
    return subject, replace(
        shot,
        width=round(shot.width * _SCALE),
        height=round(shot.height * _SCALE),
        interocular=shot.interocular * _SCALE,
    )


def _same_skin(recipe: SkinRecipe, rng: np.random.Generator) -> SkinRecipe:
    return recipe


def _same_shot(shot: Shot, rng: np.random.Generator) -> Shot:
    return shot


def _uneven_skin(recipe: SkinRecipe, rng: np.random.Generator) -> SkinRecipe:
    """Cheeks redder than forehead and jaws as on real faces (median 3 EI, up to 8), and more detail of 3 to
    10 mm: 38 real photos."""
    complexion = replace(
        recipe.complexion,
        flush=float(rng.gamma(3.0, 1.4)),
        blotch=float(rng.uniform(1.2, 2.6)),
        mottle=float(rng.uniform(1.0, 2.5)),
        grain=float(rng.uniform(0.6, 1.4)),
    )
    return replace(recipe, complexion=complexion)


def _shading(shot: Shot, rng: np.random.Generator) -> Shot:
    """Skin that scatters otherwise, light from low to high, from soft to hard."""
    yaw, up = np.radians(rng.uniform(-85, 85)), np.radians(rng.uniform(-25, 65))
    light = replace(
        shot.light,
        creep=float(rng.choice([0.0, 2.0])),
        falloff=float(rng.uniform(0.6, 1.4)),
        share=float(rng.uniform(0.1, 0.9)),
        direction=(float(np.sin(yaw) * np.cos(up)), float(np.sin(up)), float(np.cos(yaw) * np.cos(up))),
    )
    return replace(shot, light=light)


def _sensors(shot: Shot, rng: np.random.Generator) -> Shot:
    return replace(shot, camera=draw_camera(shot.light, rng, odd=3.0))


def _white(shot: Shot, rng: np.random.Generator) -> Shot:
    """Lamps, and a white balance that errs twice as much."""
    name = str(rng.choice(LAMPS))
    light = replace(draw_light(rng), name=name, key=illuminant(name))
    camera = draw_camera(light, rng)
    balance = np.exp(rng.normal(0.0, 0.05, 3) * (1.0, 0.0, 1.4))
    return replace(shot, light=light, camera=replace(camera, balance=balance))


def _tone(shot: Shot, rng: np.random.Generator) -> Shot:
    """Steep tone curves, strong colour, much sharpening, and a phone's finish without a beauty filter."""
    finish = replace(draw_finish(rng), smooth=0.0, whiten=0.0, tint="none")
    camera = replace(
        shot.camera,
        contrast=float(rng.uniform(0.5, 0.9)),
        saturation=float(rng.uniform(1.1, 1.3)),
        sharpen=float(rng.uniform(0.7, 1.4)),
    )
    return replace(shot, camera=camera, finish=finish)


def _sent(shot: Shot, rng: np.random.Generator) -> Shot:
    """Soft, noisy, and coded hard on the way."""
    camera = replace(
        shot.camera,
        blur=float(rng.uniform(0.9, 1.5)),
        noise=(float(10 ** rng.uniform(-3.5, -2.8)), float(10 ** rng.uniform(-2.7, -2.2))),
        quality=int(rng.integers(45, 75)),
    )
    return replace(shot, camera=camera)


_Change = tuple[
    Callable[[SkinRecipe, np.random.Generator], SkinRecipe], Callable[[Shot, np.random.Generator], Shot]
]
FAMILIES: Mapping[str, _Change] = MappingProxyType(
    {
        "usual": (_same_skin, _same_shot),
        "shading": (_same_skin, _shading),
        "sensors": (_same_skin, _sensors),
        "white": (_same_skin, _white),
        "tone": (_same_skin, _tone),
        "uneven skin": (_uneven_skin, _same_shot),
        "sent": (_same_skin, _sent),
    }
)
"""Name to what it changes of the skin and of the shot."""
