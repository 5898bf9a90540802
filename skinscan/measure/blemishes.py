"""Texture and maps in, inflamed spots out: papules and pustules, each with place, height and probability.

A candidate is a local maximum of erythema between Gaussians of 1 and 4 texels, that is of spots of 2 to 6
mm. A logistic regression says how likely it is a spot and no mole, hair, grain or edge; its weights are those
of `python -m models.training.fit.fit_blemishes`. Comedones are at most 1 mm, about a texel: they are not
counted.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import cv2
import numpy as np

from skinscan.facemesh.canonical_face import load_canonical
from skinscan.facemesh.landmarks import BROWS, EYES, LIPS_OUTER
from skinscan.facemesh.zones import SKIN_ZONES, ZONES
from skinscan.types import Blemish, BoolMap, FaceTexture, FloatArray, FloatMap, Indices, SkinMaps

__all__ = ["TERMS", "Blemishes", "Candidates", "blemish_skin", "find_blemishes", "find_candidates"]

TERMS = (
    "height",  # log EI above the skin around
    "darkness",  # MI above the skin around, over the height
    "mole",  # what of that is beyond 0.8: far darker than red
    "breadth",  # the same height between Gaussians of 2 and 6 texels, over the height
    "roundness",  # weaker over stronger curvature, 1 a disc, 0 a line
    "hollows",  # log EI, RMS of what lies below the skin around, within 8 texels: hair, beard, creases
    "grain",  # log EI, mean finest detail within 8 texels: noise
)
"""What the regression is given, in its order."""

_LEAST = 2.0  # EI above the skin around: fainter spots are hardly seen, and are mostly noise [design]
_SPOT = 0.5  # probability from which a candidate is counted [design]
_INNER = 0.8  # share of bare skin within 3 texels: an edge of hair is no spot [design]
_FACING = 0.3  # cosine to the camera: grazing skin is smeared [design]
_DARK = 0.8  # MI for each EI beyond which a spot is dark rather than red [design]
_MOLE = 2.5  # the same for what is a mole beyond doubt [design]
_MARGIN = 9  # texels, width of what is kept off around eyes, brows and lips [design]
_NOSTRILS, _NOSTRIL = ((0.4585, 0.58), (0.5415, 0.58)), (15, 10)  # u, v; half axes in texels, wings too
_THIN = 1e-3


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidates:
    """Spots before they are judged; N of them."""

    texels: Indices  # (N,) flat index
    height: FloatArray  # (N,) EI above the skin around
    terms: FloatArray  # (N, TERMS)
    relief: FloatMap  # (S, S) EI between Gaussians of 1 and 4 texels
    skin: BoolMap  # (S, S) where a spot would be found


@dataclass(frozen=True, slots=True, kw_only=True)
class Blemishes:
    """Inflamed spots of one photo."""

    spots: tuple[Blemish, ...]  # the likeliest first
    density: float  # EI/cm2: sum of height, weighted 0 at probability 0.5 to 1 at 1, over the skin looked at
    area_percent: float  # of that skin, redder than half a spot's height about it
    seen_cm2: float  # canonical skin that was looked at, also between the zones
    relief: FloatMap  # (S, S) EI above the skin around; NaN where it was not looked at


def find_blemishes(texture: FaceTexture, maps: SkinMaps) -> Blemishes:
    """Find inflamed spots on all bare skin that is seen, also between the zones and on one side of a face.

    `texture`: for the angle to the camera. `maps` (S, S): erythema in EI, melanin in MI, where skin is bare.
    """
    mesh = load_canonical()
    found = find_candidates(maps.erythema, maps.melanin, maps.valid, texture.cosine)
    seen = float(mesh.area_cm2[found.skin].sum())
    relief = np.where(found.skin, found.relief, np.float32(np.nan))
    if not seen:
        return Blemishes(spots=(), density=0.0, area_percent=0.0, seen_cm2=0.0, relief=relief)
    chance = _probability(found.terms)
    counted = np.flatnonzero(chance >= _SPOT)
    counted = counted[np.argsort(-chance[counted], kind="stable")]
    size, names = found.relief.shape[1], _nearest_zone()
    areas = _areas(found, counted)
    spots = tuple(
        Blemish(
            row=int(at // size), column=int(at % size), zone=ZONES[names.flat[at]],
            height=round(float(found.height[k]), 2), probability=round(float(chance[k]), 3),
            area_cm2=round(area, 3),
        )
        for k, at, area in zip(counted, found.texels[counted], areas, strict=True)
    )  # fmt: skip
    return Blemishes(
        spots=spots,
        density=float(np.maximum(2 * chance - 1, 0) @ found.height) / seen,
        area_percent=min(100.0, 100 * sum(areas) / seen),
        seen_cm2=seen,
        relief=relief,
    )


def find_candidates(erythema: FloatMap, melanin: FloatMap, bare: BoolMap, cosine: FloatMap) -> Candidates:
    """Local maxima of erythema, with what the regression wants to know of each.

    `erythema` (EI), `melanin` (MI), `cosine` (0..1) and `bare` skin are (S, S) on the UV square.
    """
    skin = bare & blemish_skin() & (cosine > _FACING)
    weight = skin.astype(np.float32)
    red, dark = (np.where(skin, values, 0).astype(np.float32) for values in (erythema, melanin))
    planes = cv2.merge([red, dark, weight])
    (red_one, dark_one), (red_four, dark_four) = (_means(planes, sigma) for sigma in (1.0, 4.0))
    near = cv2.GaussianBlur(weight, (0, 0), 3.0)
    relief = red_one - red_four
    inner = skin & (near > _INNER)
    masked = np.where(skin, relief, np.float32(-np.inf))
    top = (cv2.dilate(masked, np.ones((5, 5), np.uint8)) == masked) & inner & (relief > _LEAST)
    texels = np.flatnonzero(top)
    darker = dark_one.ravel()[texels] - dark_four.ravel()[texels]
    red_only = darker < _MOLE * relief.ravel()[texels]
    texels, darker = texels[red_only], darker[red_only]
    height = relief.ravel()[texels].astype(np.float64)
    two, six = (_means(cv2.merge([red, weight]), sigma, texels)[0] for sigma in (2.0, 6.0))
    below, fine = np.square(np.minimum(relief, 0)) * weight, np.abs(red - red_one) * weight
    hollow, grain = _means(cv2.merge([below, fine, weight]), 8.0, texels)
    own = {
        "height": np.log(height),
        "darkness": darker / height,
        "breadth": (two - six) / height,
        "roundness": _roundness(red_one, texels),
        "hollows": np.log(np.maximum(np.sqrt(hollow), 0.1)),
        "grain": np.log(np.maximum(grain, 0.05)),
    }
    own["mole"] = np.maximum(own["darkness"] - _DARK, 0.0)
    terms = np.stack([own[name] for name in TERMS], axis=-1).astype(np.float64)
    return Candidates(texels=texels, height=height, terms=terms, relief=relief, skin=inner)


@cache
def blemish_skin() -> BoolMap:
    """(S, S): the mesh without eyes, brows, lips and nostrils and a margin about them."""
    mesh = load_canonical()
    off = np.zeros(mesh.on_mesh.shape, np.uint8)
    for eye, brow in zip(EYES, BROWS, strict=True):
        around = cv2.convexHull(np.round(mesh.uv[[*eye, *brow]]).astype(np.int32))
        cv2.fillConvexPoly(off, around, 1)
    cv2.fillPoly(off, [np.round(mesh.uv[list(LIPS_OUTER)]).astype(np.int32)], 1)
    off = cv2.dilate(off, np.ones((_MARGIN, _MARGIN), np.uint8))
    for u, v in _NOSTRILS:
        cv2.ellipse(off, (int(u * off.shape[1]), int(v * off.shape[0])), _NOSTRIL, 0, 0, 360, 1, -1)
    skin: BoolMap = mesh.on_mesh & (off == 0)
    skin.setflags(write=False)
    return skin


def _means(planes: FloatMap, sigma: float, texels: Indices | None = None) -> list[FloatMap]:
    """Gaussian means of planes over skin alone, everywhere or at flat indices; the last is its share.

    Wide ones at half the size.
    """
    if sigma >= 4:
        half = cv2.resize(planes, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
        blurred = cv2.resize(cv2.GaussianBlur(half, (0, 0), sigma / 2), planes.shape[1::-1])
    else:
        blurred = cv2.GaussianBlur(planes, (0, 0), sigma)
    *sums, share = cv2.split(blurred) if texels is None else blurred.reshape(-1, blurred.shape[2])[texels].T
    share = np.maximum(share, _THIN)
    return [total / share for total in sums]


def _roundness(values: FloatMap, texels: Indices) -> FloatArray:
    """Weaker over stronger curvature at the texels, -1..1."""
    across, down, both = (
        cv2.Sobel(values, cv2.CV_32F, *order, ksize=3).ravel()[texels].astype(np.float64)
        for order in ((2, 0), (0, 2), (1, 1))
    )
    mean, apart = (across + down) / 2, np.hypot((across - down) / 2, both)
    return np.asarray(np.clip(-(mean + apart) / np.maximum(apart - mean, _THIN), -1.0, 1.0))


def _probability(terms: FloatArray) -> FloatArray:
    fit = _fit()
    logit = (terms - np.array(fit["centre"])) @ np.array(fit["weights"]) + fit["offset"]
    return np.asarray(1 / (1 + np.exp(-logit)))


@cache
def _fit() -> dict[str, Any]:
    text = (files("skinscan.measure") / "data" / "blemishes.json").read_text("utf-8")
    fit: dict[str, Any] = json.loads(text)
    return fit


def _areas(found: Candidates, counted: Indices) -> list[float]:
    """Canonical skin, cm2, about each spot that is redder than half its height; 4 texels around at most."""
    cm2, size = load_canonical().area_cm2, found.relief.shape[1]
    areas = []
    for at, height in zip(found.texels[counted], found.height[counted], strict=True):
        row, column = divmod(int(at), size)
        box = slice(max(row - 4, 0), row + 5), slice(max(column - 4, 0), column + 5)
        areas.append(float(cm2[box][found.relief[box] > height / 2].sum()))
    return areas


@cache
def _nearest_zone() -> Indices:
    """(S, S): position in ZONES of the nearest skin zone."""
    zones = load_canonical().zones
    far = [
        cv2.distanceTransform((~zones[name]).astype(np.uint8), cv2.DIST_L2, 5) if name in SKIN_ZONES else
        np.full(zones[name].shape, np.inf, np.float32)
        for name in ZONES
    ]  # fmt: skip
    nearest: Indices = np.argmin(far, axis=0)
    return nearest
