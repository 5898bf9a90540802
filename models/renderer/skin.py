"""Skin as one spectrum per texel of the UV square, with its exact EI and MI.

Every phenomenon is a function that returns a map (S, S) of what it adds, in index units; `make_skin` applies
the sum. Maps are float32, row 0 at the forehead, the person's own left on the right.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.renderer.issa import erythema_index, melanin_index
from models.renderer.optics import add_erythema, add_melanin
from models.renderer.people import Person
from models.renderer.reactivity import CALM, Reactivity, flakes, reactive_blood, scatter
from models.renderer.uv_fields import SIZE, blob, grid, mottling, spots

__all__ = ["SIZE", "Complexion", "Patch", "Skin", "SkinRecipe", "draw_recipe", "make_skin"]

Map = NDArray[np.floating[Any]]

NECK_RISE = -4.0  # EI: necks are paler than cheeks (ISSA: a* 2.9 lower)
# Where a site was measured: (u, v) points whose surroundings take its spectrum.
ANCHORS: dict[str, tuple[tuple[float, float], ...]] = {
    "forehead": ((0.5, 0.18), (0.35, 0.2), (0.65, 0.2), (0.2, 0.27), (0.8, 0.27)),
    "cheek": ((0.25, 0.55), (0.75, 0.55), (0.13, 0.6), (0.87, 0.6), (0.33, 0.45), (0.67, 0.45)),
    "chin": ((0.5, 0.87), (0.5, 0.78), (0.38, 0.83), (0.62, 0.83)),
    "nose_tip": ((0.5, 0.53), (0.5, 0.47)),
}
ANCHOR_REACH = {"forehead": 0.16, "cheek": 0.17, "chin": 0.12, "nose_tip": 0.06}


@dataclass(frozen=True, slots=True, kw_only=True)
class Patch:
    """A spot of erythema with a known rise."""

    u: float  # centre, 0..1
    v: float
    radius: float  # in u, where the rise has fallen to half
    softness: float  # 0 sharp edge .. 1 falls off from the centre
    rise: float  # EI at the centre


@dataclass(frozen=True, slots=True, kw_only=True)
class Complexion:
    """What a person's skin has beyond the spectra of its sites."""

    flush: float = 0.0  # EI added on cheeks and nose, soft
    blotch: float = 0.8  # EI, SD of mid-frequency variation of blood
    mottle: float = 0.8  # MI, SD of low- and mid-frequency variation of melanin
    grain: float = 0.6  # EI and MI, SD from texel to texel
    freckles: int = 0  # how many
    moles: int = 0
    shadow: float = 2.0  # MI added under the eyes
    spots: int = 0  # papules: small round rises of 3-9 EI
    lentigines: int = 0  # dark spots of 2-7 mm
    lentigo_rise: float = 12.0  # MI they add, each 0.7 to 1.3 of it
    reactivity: Reactivity = CALM


@dataclass(frozen=True, slots=True, kw_only=True)
class SkinRecipe:
    """All that `make_skin` needs beside a random generator."""

    person: Person
    complexion: Complexion = Complexion()
    patches: tuple[Patch, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Skin:
    """Spectra and truth."""

    reflectance: Map  # (S, S, 31) 0..1, SCI as ISSA measures
    erythema: Map  # (S, S) EI of that spectrum
    melanin: Map  # (S, S) MI of that spectrum
    dark_spots: Map  # (S, S) MI that freckles, moles and lentigines add
    flakes: Map  # (S, S) 0..1 share of loose scales, which are rough
    neck: Map  # (31,) spectrum of skin off the face


def draw_recipe(person: Person, rng: np.random.Generator) -> SkinRecipe:
    """Draw a complexion, and sometimes patches of erythema."""
    light = person.tone in ("very_light", "light", "intermediate")
    return SkinRecipe(
        person=person,
        complexion=Complexion(
            flush=float(rng.gamma(1.2, 1.5)),
            blotch=float(rng.uniform(0.4, 1.6)),
            mottle=float(rng.uniform(0.4, 1.5)),
            grain=float(rng.uniform(0.3, 0.9)),
            freckles=int(rng.integers(20, 400)) if light and rng.random() < 0.3 else 0,
            moles=int(rng.poisson(1.5)),
            shadow=float(rng.uniform(0.0, 5.0)),
            spots=int(rng.poisson(3.0)) if rng.random() < 0.4 else 0,
        ),
        patches=tuple(_draw_patch(rng) for _ in range(int(rng.poisson(1.0)))),
    )


def _draw_patch(rng: np.random.Generator) -> Patch:
    u = float(rng.uniform(0.12, 0.88))
    v = float(rng.uniform(0.45, 0.9) if abs(u - 0.5) > 0.1 else rng.choice([0.2, 0.85]))
    return Patch(
        u=u, v=v, radius=float(rng.uniform(0.03, 0.12)), softness=float(rng.uniform(0.2, 1.0)),
        rise=float(rng.uniform(1.0, 10.0)),
    )  # fmt: skip


def make_skin(recipe: SkinRecipe, rng: np.random.Generator) -> Skin:
    """Blend the person's sites, then add melanin, then blood; EI and MI are read off the result."""
    look = recipe.complexion
    base = blend_sites(recipe.person)
    pigment = look.mottle * mottling(rng, (0.2, 0.05)) + look.grain * mottling(rng, (0.006,))
    dark_spots = freckles(rng, look.freckles) + moles(rng, look.moles)
    pigment += look.shadow * under_eyes() + dark_spots
    blood = look.blotch * mottling(rng, (0.1, 0.03)) + look.grain * mottling(rng, (0.008,))
    blood += look.flush * flush() + papules(rng, look.spots)
    for patch in recipe.patches:
        blood += _patch_map(patch)
    # What is off draws no numbers: faces rendered before it existed stay what they were.
    if look.lentigines:
        ages = lentigines(rng, look.lentigines, look.lentigo_rise)
        dark_spots, pigment = dark_spots + ages, pigment + ages
    scales = np.zeros((SIZE, SIZE), np.float32)
    if look.reactivity != CALM:
        blood += reactive_blood(rng, look.reactivity)
        scales = flakes(rng, look.reactivity.flakes)
    reflectance = add_erythema(add_melanin(base, pigment), blood)
    if look.reactivity.flakes:
        reflectance = scatter(reflectance, scales)
    return Skin(
        reflectance=reflectance,
        erythema=erythema_index(reflectance).astype(np.float32),
        melanin=melanin_index(reflectance).astype(np.float32),
        dark_spots=dark_spots,
        flakes=scales,
        neck=add_erythema(recipe.person.sites["cheek"], np.array(NECK_RISE)),
    )


def blend_sites(person: Person) -> Map:
    """(S, S, 31): optical densities of the sites, blended by distance to where they were measured."""
    u, v = grid()
    weights = []
    for site, points in ANCHORS.items():
        reach = ANCHOR_REACH[site]
        near = [np.exp(-0.5 * ((u - x) ** 2 + (v - y) ** 2) / reach**2) for x, y in points]
        weights.append(np.max(near, axis=0) + 1e-6)
    share = np.stack(weights, axis=-1)
    share /= share.sum(axis=-1, keepdims=True)
    density = np.log(np.stack([person.sites[site] for site in ANCHORS]))
    return np.asarray(np.exp(share @ density), np.float32)


def flush() -> Map:
    """Where people flush: cheeks and the end of the nose; 1 at most."""
    cheeks = np.maximum(blob(0.27, 0.53, 0.11, 0.09), blob(0.73, 0.53, 0.11, 0.09))
    return np.maximum(cheeks, blob(0.5, 0.53, 0.05, 0.05))


def under_eyes() -> Map:
    """Dark rings under the eyes; 1 at most."""
    return np.maximum(blob(0.36, 0.435, 0.06, 0.02), blob(0.64, 0.435, 0.06, 0.02))


def _patch_map(patch: Patch) -> Map:
    """Rise of EI by one patch."""
    u, v = grid()
    distance = np.hypot(u - patch.u, v - patch.v)
    width = np.float32(max(patch.softness * 0.35 * patch.radius, 0.4 / SIZE))
    inside = 1.0 / (1.0 + np.exp(np.clip((distance - patch.radius) / width, -60.0, 60.0)))
    return np.asarray(patch.rise * inside, np.float32)


def freckles(rng: np.random.Generator, count: int) -> Map:
    """MI of freckles: small, on cheeks, nose and forehead."""
    at = np.where(
        rng.random((count, 1)) < 0.75, rng.normal((0.5, 0.5), (0.2, 0.06), (count, 2)), rng.random((count, 2))
    )
    return spots(at, rng.uniform(0.6, 1.6, count), rng.uniform(2.0, 9.0, count))


def moles(rng: np.random.Generator, count: int) -> Map:
    """MI of moles: few, dark."""
    return spots(
        rng.uniform(0.1, 0.9, (count, 2)), rng.uniform(1.0, 2.2, count), rng.uniform(20.0, 45.0, count)
    )


def lentigines(rng: np.random.Generator, count: int, rise: float) -> Map:
    """MI of dark spots: larger than freckles, evenly dark, most on cheeks and forehead."""
    middle = np.where(rng.random((count, 1)) < 0.7, (0.5, 0.55), (0.5, 0.2))
    reach = np.where(middle[:, 1:] > 0.3, (0.24, 0.1), (0.2, 0.04))
    at = rng.normal(middle, reach)
    return spots(at, rng.uniform(1.2, 3.5, count), rise * rng.uniform(0.7, 1.3, count))


def papules(rng: np.random.Generator, count: int) -> Map:
    """EI of inflamed spots."""
    return spots(
        rng.uniform(0.12, 0.88, (count, 2)), rng.uniform(1.5, 4.0, count), rng.uniform(3.0, 9.0, count)
    )
