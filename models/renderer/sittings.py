"""Before/after pairs of rendered people whose change is known texel by texel.

A sitting is one person in two lights, two photos in each; and the same person after a reaction, once in each
light. Noise of `compare` is what differs between the plain photos; its response is what the reaction adds.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from models.renderer.array_cache import read_arrays, write_arrays
from models.renderer.face_layers import draw_look
from models.renderer.issa import melanin_index
from models.renderer.people import Person, people
from models.renderer.render import Rendered, render
from models.renderer.shape import draw_shape
from models.renderer.shot import Shot, draw_shot, hold_sheet
from models.renderer.skin import Patch, SkinRecipe, draw_recipe
from models.renderer.subject import Subject, draw_oil, make_subject
from skinscan.color import ITA_CLASSES

__all__ = ["PLAIN", "Held", "Sitting", "again", "sit", "sittings"]

Map = NDArray[np.floating[Any]]

PLAIN = ("home", "home_again", "away", "away_again")
"""Photos without a reaction. "again" is the same light and camera, the head moved."""
Held = Literal["sheet", "parcel_card"] | None
"""What is held beside the cheek in every photo of a sitting; another one in each light."""
_HAND = (1.0, 4.0)  # cm and degrees that a hand moves a card from photo to photo [design]
_VERSION = "2"  # of the cache: raise it when photos would come out different
_BALANCE_JITTER = 0.006  # of R and B gains from photo to photo of one camera in one light [design]
_EXPOSURE_JITTER = 0.06


@dataclass(frozen=True, slots=True, kw_only=True)
class Sitting:
    """One person's photos. Maps are (SIZE, SIZE) on the UV square."""

    tone: str  # class of the cheek
    jpeg: Mapping[str, bytes]  # PLAIN, and "home_reaction" and "away_reaction"
    valid: Mapping[str, NDArray[np.bool_]]  # bare skin seen in that photo
    shine: Mapping[str, Map]  # specular reflectance seen there, 0..1
    erythema: Map  # EI before
    rise: Map  # EI that the reaction adds
    darkening: Map  # MI that it adds


def _draw_reaction(rng: np.random.Generator) -> tuple[Patch, ...]:
    """One to three patches on cheeks, forehead or chin, sharp or soft, +1.5 to +9 EI."""
    places = ((0.28, 0.57), (0.72, 0.57), (0.5, 0.17), (0.5, 0.86), (0.26, 0.76), (0.74, 0.76))
    chosen = rng.choice(len(places), int(rng.integers(1, 4)), replace=False)
    rise, softness = float(rng.uniform(1.5, 9.0)), float(rng.uniform(0.1, 1.0))
    return tuple(
        Patch(
            u=places[k][0],
            v=places[k][1],
            radius=float(rng.uniform(0.05, 0.13)),
            softness=softness,
            rise=rise,
        )
        for k in chosen
    )


def sit(person: Person, seed: int, cache: Path | None = None, held: Held = None) -> Sitting:
    """Render the sitting, or read it from the cache folder. The same person and seed give the same photos.

    Args:
        person: who is photographed.
        seed: of skin, lights and cameras, which are the same whatever is held.
        cache: folder of sittings that were rendered.
        held: a sheet or parcel card beside the cheek.
    """
    kind = "" if held is None else f" {held}"
    key = hashlib.sha256(f"{_VERSION} {person.key} {seed}{kind}".encode()).hexdigest()[:16]
    stored = cache / f"{key}.npz" if cache else None
    if stored and (known := read_arrays(stored)):
        return _unpack(known)
    rng = np.random.default_rng(seed)
    home, away = draw_shot(rng), draw_shot(rng)
    if held is not None:
        home, away = (
            hold_sheet(shot, np.random.default_rng([seed, number]), held)
            for number, shot in enumerate((home, away))
        )
    shots = {"home": home, "home_again": again(home, rng), "away": away, "away_again": again(away, rng)}
    plain, reacted = _person(person, seed, ()), _person(person, seed, _draw_reaction(rng))
    photos = {name: render(plain, shot, rng) for name, shot in shots.items()}
    photos["home_reaction"] = render(reacted, shots["home_again"], rng)
    photos["away_reaction"] = render(reacted, shots["away_again"], rng)
    packed = _pack(person, plain, reacted, photos)
    if stored:
        write_arrays(stored, packed)
    return _unpack(packed)


def _person(person: Person, seed: int, patches: tuple[Patch, ...]) -> Subject:
    """The same seed gives the same bones, oil and skin; patches come on top."""
    rng = np.random.default_rng([seed, 1])
    recipe = draw_recipe(person, rng)
    look = draw_look(float(melanin_index(person.sites["cheek"])), rng)
    shape, oil = draw_shape(rng), draw_oil(rng)
    recipe = SkinRecipe(person=person, complexion=recipe.complexion, patches=(*recipe.patches, *patches))
    return make_subject(recipe, look, shape, oil, rng)


def again(shot: Shot, rng: np.random.Generator) -> Shot:
    """The next photo in the same place: head and hand moved, the camera metered anew."""
    balance = shot.camera.balance * np.exp(rng.normal(0.0, _BALANCE_JITTER, 3) * (1.0, 0.0, 1.4))
    exposure = shot.camera.exposure * float(np.exp(rng.normal(0.0, _EXPOSURE_JITTER)))
    chart = shot.chart
    if chart is not None:
        moved, (yaw, tilt) = rng.normal(0, _HAND[0], 3) + chart.centre, rng.normal(0, _HAND[1], 2).tolist()
        place = (float(moved[0]), float(moved[1]), float(moved[2]))
        chart = replace(chart, centre=place, yaw=chart.yaw + yaw, tilt=chart.tilt + tilt)
    return replace(
        shot,
        chart=chart,
        camera=replace(shot.camera, balance=balance, exposure=exposure),
        yaw=shot.yaw + float(rng.normal(0, 3)),
        pitch=shot.pitch + float(rng.normal(0, 2)),
        roll=shot.roll + float(rng.normal(0, 2)),
        interocular=shot.interocular * float(rng.uniform(0.9, 1.1)),
        centre=(shot.centre[0] + float(rng.normal(0, 0.01)), shot.centre[1] + float(rng.normal(0, 0.01))),
    )


def _pack(person: Person, plain: Subject, reacted: Subject, photos: Mapping[str, Rendered]) -> dict[str, Any]:
    """What is kept, small."""
    return {
        "tone": person.tone,
        "jpeg": {name: photo.jpeg for name, photo in photos.items()},
        "valid": {name: np.packbits(photo.valid) for name, photo in photos.items()},
        "shine": {name: photo.specular.astype(np.float16) for name, photo in photos.items()},
        "erythema": plain.skin.erythema.astype(np.float16),
        "rise": (reacted.skin.erythema - plain.skin.erythema).astype(np.float16),
        "darkening": (reacted.skin.melanin - plain.skin.melanin).astype(np.float16),
    }


def _unpack(packed: dict[str, Any]) -> Sitting:
    shape = packed["rise"].shape
    valid = {
        name: np.unpackbits(bits)[: shape[0] * shape[1]].reshape(shape).astype(bool)
        for name, bits in packed["valid"].items()
    }
    maps = {name: packed[name].astype(np.float32) for name in ("erythema", "rise", "darkening")}
    shine = {name: value.astype(np.float32) for name, value in packed["shine"].items()}
    return Sitting(
        tone=packed["tone"], jpeg=MappingProxyType(packed["jpeg"]), valid=MappingProxyType(valid),
        shine=MappingProxyType(shine), **maps,
    )  # fmt: skip


def sittings(rounds: int, *, test: bool, cache: Path | None, held: Held = None) -> Iterator[Sitting]:
    """One person of each tone class a round, from the training or from the test people.

    Args:
        rounds: how many of each class.
        test: people of the test set.
        cache: folder of sittings that were rendered.
        held: a sheet or parcel card beside the cheek.
    """
    groups: dict[str, list[Person]] = {name: [] for name, _ in ITA_CLASSES}
    for person in people(test=test):
        groups[person.tone].append(person)
    for number in range(rounds):
        for tone, group in groups.items():
            rng = np.random.default_rng([number, len(tone), int(test)])
            yield sit(group[int(rng.integers(len(group)))], number * 10 + len(tone), cache, held)
