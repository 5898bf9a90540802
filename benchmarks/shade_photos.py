"""Rendered portraits for `bench shade`: what was on the face, the photo, the same with a card held beside it.

Rendering takes a second or two a portrait, so files are kept in a cache folder; what is measured on them is
computed anew each time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from models.renderer import optics
from models.renderer.array_cache import read_arrays, write_arrays
from models.renderer.issa import linear_srgb, spectrum_of
from models.renderer.people import people
from models.renderer.render import render
from models.renderer.shot import draw_shot, hold_chart
from models.renderer.subject import draw_subject
from skinscan.color import F0, ITA_CLASSES, linear_to_lab, srgb_encode
from skinscan.facemesh.canonical_face import load_canonical
from skinscan.types import FloatArray

__all__ = ["Portrait", "draw_portraits"]

_VERSION = "3"  # of the cache: raise it when portraits would come out different
_SITES = {"jaw": ("left_jaw", "right_jaw"), "cheek": ("left_cheek", "right_cheek")}
_LIPSTICK_BOX = ((25.0, 10.0, -5.0), (65.0, 60.0, 35.0))  # L*, a*, b* of lipsticks drawn at random


@dataclass(frozen=True, slots=True, kw_only=True)
class Portrait:
    """One rendered photo of a person of ISSA, and its truth."""

    tone: str  # ITA class of the cheek
    jpeg: bytes  # as the camera wrote it
    held: bytes  # as the same camera wrote it with a colour card beside the face
    card: bytes  # PNG: the first, brought to a white card beside the face; white is 1
    facing: float  # light on a card that faces the camera, of that on one that faces the key light
    lab: dict[str, FloatArray]  # site -> (3,) L*a*b* of the skin, surface reflection included
    lips: FloatArray  # (3,) L*a*b* of the bare lips
    worn: FloatArray | None  # (3,) L*a*b* of the lipstick on them


def draw_portraits(
    per_tone: int, *, test: bool, cache_dir: Path, lipsticks: Sequence[FloatArray] = ()
) -> list[Portrait]:
    """So many portraits of each ITA class, of people of the test or the training set.

    One in four has bare lips, the others wear one of `lipsticks` (L*a*b*), or a colour drawn at random.
    """
    portraits = []
    for number in range(per_tone):
        for tone, _ in ITA_CLASSES:
            seed = int(hashlib.sha256(f"{tone} {number} {test}".encode()).hexdigest()[:8], 16)
            rng = np.random.default_rng(seed)
            colour = None
            if number % 4:
                low, high = _LIPSTICK_BOX
                drawn = np.array(lipsticks)[rng.integers(len(lipsticks))] if len(lipsticks) else None
                colour = rng.uniform(low, high) if drawn is None else drawn
            portraits.append(_take_portrait(tone, seed, test=test, lipstick=colour, cache_dir=cache_dir))
    return portraits


def _take_portrait(
    tone: str, seed: int, *, test: bool, lipstick: FloatArray | None, cache_dir: Path
) -> Portrait:
    """Render one portrait, or read it from the cache."""
    worn = "bare" if lipstick is None else np.round(lipstick, 4).tolist()
    key = hashlib.sha256(f"{_VERSION} {tone} {seed} {test} {worn}".encode()).hexdigest()[:16]
    stored = cache_dir / f"{key}.npz"
    packed = read_arrays(stored)
    if packed is None:
        packed = _render(tone, seed, test, lipstick)
        write_arrays(stored, packed)
    return Portrait(**packed)


def _render(tone: str, seed: int, test: bool, lipstick: FloatArray | None) -> dict[str, Any]:

    rng = np.random.default_rng(seed)
    group = _people(test)[tone]
    subject = draw_subject(group[int(rng.integers(len(group)))], rng)
    worn = None
    if lipstick is not None:
        spectrum = spectrum_of(lipstick)
        lip, *others = subject.surface.layers
        painted = replace(lip, reflectance=np.asarray(spectrum - F0, np.float32))
        subject = replace(subject, surface=replace(subject.surface, layers=(painted, *others)))
        worn = linear_to_lab(linear_srgb(spectrum))
    shot = draw_shot(rng)
    photo = render(subject, shot, rng)
    rng = np.random.default_rng([seed, 1])
    held = render(subject, hold_chart(shot, rng), rng)
    zones = load_canonical().zones
    skin = subject.skin.reflectance
    seen = {site: (zones[a] | zones[b]) & photo.valid for site, (a, b) in _SITES.items()}
    bare = optics.lips(subject.skin.neck, subject.look.lip_redness)
    return {
        "tone": tone,
        "jpeg": photo.jpeg,
        "held": held.jpeg,
        "card": _as_card_corrects(photo),
        "facing": _facing(shot.light),
        "lab": {s: linear_to_lab(linear_srgb(skin[mask].mean(axis=0))) for s, mask in seen.items()},
        "lips": linear_to_lab(linear_srgb(bare)),
        "worn": worn,
    }


@cache
def _people(test: bool) -> dict[str, list[Any]]:

    groups: dict[str, list[Any]] = {name: [] for name, _ in ITA_CLASSES}
    for person in people(test=test):
        groups[person.tone].append(person)
    return groups


def _as_card_corrects(photo: Any) -> bytes:
    """The scene-linear picture in which a white card that faces the key light is 1, as an 8-bit PNG.

    Exposure, white balance and tone curve are known, as a grey scale tells them; the camera's colour matrix
    is left as it is, and so is all that differs between skin and card: shading, shadow, shine.
    """
    white = photo.shot.camera.balance @ photo.shot.camera.matrix
    linear = photo.linear / (photo.gain * white)
    codes = np.round(255 * srgb_encode(np.clip(linear, 0, 1))).astype(np.uint8)
    return bytes(cv2.imencode(".png", codes[..., ::-1])[1].tobytes())


def _facing(light: Any) -> float:
    """As models.renderer.shading lights it: Lambert for the key, a vertical gradient for the fill."""
    key = light.share * max(light.direction[2], 0.0)
    return float(key + (1 - light.share) * (1 - 0.5 * light.gradient))
