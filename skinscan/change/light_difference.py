"""What two lights, cameras and poses do to unchanged skin, as one learned covariance; it is taken off.

The difference of log R/G and log G/B between two photos of the same skin is a random field over the face. Its
covariance is a sum of kernels, one for each thing that moves colour: tone curves (by how bright each photo
shows the spot), lamps of two colours (by the way skin faces), sensors (by the skin's own colour), shine, and
what remains (by distance on the face). How large each may be depends on the pair: on cast, shading and pose.
The sizes are the maximum of the likelihood of rendered pairs of training people whose skin did not change:
`python -m models.training.fit.fit_pairs`.

Under that covariance the change of a part of the skin is a generalised least-squares estimate: control skin
predicts what the two lights do there, and what is left over is the change. Its sigma comes with it, and is
larger the less the control says about that place.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from skinscan.facemesh.canonical_face import load_canonical
from skinscan.types import BoolMap, FloatArray, FloatMap

__all__ = [
    "FREEDOM",
    "KERNELS",
    "NOISES",
    "Cells",
    "ChangePosterior",
    "cells_of",
    "estimate_change",
    "kernels",
    "noises",
    "scales",
    "unrendered",
]

_BLOCK = 8  # texels a side: 8 mm
_MIN_TEXELS = 12
_TONE_REACH = 0.12  # log10 R: how fast a tone curve may bend
_SHADE_REACH = 0.06
_NEAR, _FAR = 1.5, 4.0  # cm on the canonical face
_OFFSET = 20.0  # OD: the whole face, free
_RESPONSE = np.array([0.83, -0.25])
"""OD of log R/G and log G/B per EI in photos: 0.80 and -0.30 in 167 rendered reactions of training people,
0.86 and -0.17 by within-person fits on ISSA; the mean of both, 4 % from either."""
_TURN = np.array([_RESPONSE, [-_RESPONSE[1], _RESPONSE[0]]]) / (_RESPONSE @ _RESPONSE)
"""From both ratios to one that a change moves, by 1 OD per EI, and one that it does not."""

_TONE, _LIGHT = ("always",), ("always", "cast", "shading", "pose")
KERNELS: dict[str, tuple[str, ...]] = {
    "tone_slope": _TONE, "tone": _TONE, "own_slope": _LIGHT, "own_tone": _LIGHT, "shade": _TONE,
    "facing": _LIGHT, "facing_twice": _LIGHT, "colour": _LIGHT, "shine": _TONE, "near": _LIGHT, "far": _LIGHT,
}  # fmt: skip
"""Kernel to what its size depends on; the first is always there."""
NOISES = ("always", "few_texels", "texture", "misfit", "coarseness")
"""What the noise of a single cell depends on."""

# One row for each kernel and dependence, then each noise: sigma of log R/G and of log G/B, OD; correlation.
_SIZES = np.array([
    [8.736, 3.010, -0.867], [2.118, 1.151, 0.785], [0.105, 0.066, 0.441], [3.294, 1.002, 0.596],
    [0.229, 0.133, 0.710], [0.890, 0.945, 0.779], [0.308, 0.077, 0.007], [0.563, 0.453, 0.780],
    [0.195, 0.090, 0.779], [1.701, 1.015, 0.620], [1.199, 0.644, 0.473], [0.673, 0.051, -0.120],
    [1.423, 0.556, 0.685], [1.885, 0.966, 0.398], [2.998, 1.883, 0.809], [0.485, 0.041, 0.350],
    [0.543, 0.322, 0.828], [1.780, 0.545, 0.779], [2.029, 1.380, 0.928], [0.060, 0.084, -0.345],
    [1.781, 2.120, -0.146], [0.937, 1.154, 0.612], [1.876, 1.710, -0.092], [0.791, 0.396, -0.948],
    [0.259, 0.416, -0.162], [0.434, 0.285, 0.518], [0.341, 0.106, 0.819], [0.464, 0.244, 0.700],
    [0.046, 0.035, 0.141], [0.324, 0.394, 0.827], [0.539, 0.384, 0.932], [0.421, 0.135, 0.124],
    [0.052, 0.145, -0.806], [0.324, 0.413, -0.460], [0.698, 1.005, -0.494], [0.554, 0.139, -0.821],
    [0.096, 0.363, -0.707],
])  # fmt: skip

FREEDOM = 6.0  # of Student's t, one draw a pair
_LEAST = 3.0  # sigmas of an area that changed: chosen on training pairs, docs/changes.md
_AREAS_AT_MOST = 12
_MOST_CHANGED = 0.6  # of the skin
_LEAST_CELLS = 3
_FREE, _NEARBY, _CALM = 1e6, 100.0, 0.01  # EI^2: prior variance of each cell inside, within 1 cm, elsewhere
_NEARBY_CM = 1.0
_DISCS = ((0.06, 0.07), (0.11, 0.09), (0.16, 0.12))  # of the UV square: radius, step


# What renders do not have: EI of pulse and hair; EI per texel of misfit, for a face that moves. [design]
# The second was chosen after trying values on the real session, so that session is no test of it.
_UNRENDERED, _UNRENDERED_MISFIT = 0.25, 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """The skin of a pair in N cells of 8 mm, cut at the edges of zones and of the claimed area."""

    at: NDArray[np.int32]  # (S, S) number of the cell; -1 outside
    texels: FloatArray  # (N,)
    zone: NDArray[np.int32]  # (N,) position in ZONES
    centre: FloatArray  # (N, 2) u and v, 0..1
    difference: FloatArray  # (N, 2) log R/G and log G/B, second minus first, OD
    texture: FloatArray  # (N,) variance of that inside the cell, OD^2
    chroma: FloatArray  # (N, 2) of both photos, OD
    levels: FloatArray  # (N, 2) log10 R of each photo
    shine: FloatArray  # (N,) change of shine, % of the light
    normal: FloatArray  # (N, 3)
    place: FloatArray  # (N, 3) cm
    cast: float  # OD
    shading: float  # OD
    pose: float  # degrees
    misfit: float  # texels
    coarseness: float  # 60 px over the inter-ocular distance


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePosterior:
    """What a pair says about the change of each cell, the lights taken off."""

    cells: Cells
    precision: FloatArray  # (N, N) 1/EI^2: information about the change
    prior: FloatArray  # (N,) EI^2: how far each cell may have changed; about 0 in control skin
    mean: FloatArray  # (N,) EI: change of each cell, given all of that
    spread: FloatArray  # (N, N) EI^2: its covariance
    scale: float  # of every variance, from the control of this very pair: Student's t, as fitted
    lights: FloatArray  # (N, 2) OD, what the lights did, by the control
    share: float  # 0..1 of the skin outside the claimed area that is control
    light_share: float  # 0..1, part of the variance that only another light or pose brings

    def sees(self, mask: BoolMap) -> bool:
        """Whether any cell lies in `mask` (S, S)."""
        return bool((mask & (self.cells.at >= 0)).any())

    def change(self, mask: BoolMap) -> tuple[float, float]:
        """Mean change of the skin in `mask` (S, S) and its sigma, EI; that skin is no control of its own.

        The mask must hold a cell (`sees`).
        """
        weight = _count(self.cells.at, mask) / max(int(np.count_nonzero(mask & (self.cells.at >= 0))), 1)
        inside = np.flatnonzero(weight)
        weight = weight[inside]
        information = np.linalg.inv(self.spread[np.ix_(inside, inside)])
        score = information @ self.mean[inside]
        own = information + np.diag(1 / _FREE - 1 / self.prior[inside])
        solution = np.linalg.solve(own, np.stack([score, weight], axis=1))
        value, variance = weight @ solution
        return float(value), math.sqrt(self.scale * variance)

    def spot_sigma(self) -> float:
        """Sigma of the change of one cell, EI: median over the skin."""
        return float(np.median(np.sqrt(self.scale / np.diag(self.precision))))


def unrendered(misfit: float) -> float:
    """Sigma that renders do not have, EI; `misfit` in texels."""
    return math.hypot(_UNRENDERED, _UNRENDERED_MISFIT * misfit)


def cells_of(valid: BoolMap, claimed: BoolMap, planes: FloatMap, pair: dict[str, float]) -> Cells:
    """Means over cells of `planes` (8, S, S): both differences, both chromas, both levels, shine twice."""
    mesh = load_canonical()
    seen = valid & mesh.skin
    side = seen.shape[0]
    row, column = np.indices(seen.shape)
    block = (row // _BLOCK) * (side // _BLOCK) + column // _BLOCK
    key = ((block * 16 + mesh.label) * 2 + claimed)[seen]
    keys, inverse, count = np.unique(key, return_inverse=True, return_counts=True)
    keep = count >= _MIN_TEXELS
    number = np.where(keep, np.cumsum(keep) - 1, -1)
    at = np.full(seen.shape, -1, np.int32)
    at[seen] = number[inverse]

    def mean(plane: FloatMap) -> FloatArray:
        total: FloatArray = np.bincount(inverse, plane[seen].astype(np.float64), len(count)) / count
        return total[keep]

    red, blue, *rest = (mean(plane) for plane in planes)
    square = (mean(planes[0] ** 2) - red**2 + mean(planes[1] ** 2) - blue**2) / 2
    return Cells(
        at=at, texels=count[keep].astype(np.float64), difference=np.stack([red, blue], axis=1),
        zone=(keys[keep] // 2 % 16).astype(np.int32),
        centre=np.stack([mean((plane + 0.5) / side) for plane in (column, row)], axis=1),
        texture=np.clip(square, 0, 50), chroma=np.stack(rest[:2], axis=1), levels=np.stack(rest[2:4], axis=1),
        shine=rest[5] - rest[4], normal=np.stack([mean(p) for p in _normals()], axis=1),
        place=np.stack([mean(p) for p in _places()], axis=1), **pair,
    )  # fmt: skip


def kernels(cells: Cells) -> FloatArray:
    """(K, N, N) in the order of KERNELS, each about 1 on the diagonal."""
    low, high = cells.levels.T
    middle = float(np.median(cells.levels.mean(axis=1)))
    step = high - low - np.median(high - low)
    normal = cells.normal - cells.normal.mean(axis=0)
    twice = (cells.normal @ cells.normal.T) ** 2
    color = (cells.chroma - np.median(cells.chroma, axis=0)) / 10
    shine = cells.shine / 3
    apart = ((cells.place[:, None] - cells.place) ** 2).sum(axis=-1)
    one, two = _alike(low, low, _TONE_REACH), _alike(high, high, _TONE_REACH)
    across = _alike(low, high, _TONE_REACH)
    return np.stack(
        [
            25 * np.outer(step, step),
            one + two - across - across.T,
            12 * (np.outer(low - middle, low - middle) + np.outer(high - middle, high - middle)),
            one + two,
            _alike(step, step, _SHADE_REACH),
            normal @ normal.T,
            twice - twice.mean(axis=0) - twice.mean(axis=1)[:, None] + twice.mean(),
            color @ color.T,
            np.outer(shine, shine),
            np.exp(-apart / (2 * _NEAR**2)),
            np.exp(-apart / (2 * _FAR**2)),
        ]
    )


def noises(cells: Cells) -> FloatArray:
    """(N, Q) in the order of NOISES: factors of variance."""
    rough = cells.texture / 10
    one = np.ones_like(rough)
    return np.stack(
        [one, 64 / cells.texels, rough, rough * cells.misfit**2, one * cells.coarseness**2], axis=1
    )


def scales(cells: Cells) -> dict[str, float]:
    """How far a pair is from two photos of one session: factors of variance."""
    return {
        "always": 1.0,
        "cast": (cells.cast / 10) ** 2,
        "shading": (cells.shading / 10) ** 2,
        "pose": (cells.pose / 20) ** 2,
    }


def _covariance(cells: Cells, sizes: FloatArray, *, same: bool = False) -> FloatArray:
    """(2, 2, N, N) OD^2 of the difference by `sizes` (P, 2, 2). `same`: as if of one session."""
    of = scales(cells)
    size, start = np.zeros((len(KERNELS), 2, 2)), 0
    for number, names in enumerate(KERNELS.values()):
        for name in names:
            size[number] += sizes[start] * (of[name] if name == "always" or not same else 0.0)
            start += 1
    total: FloatArray = np.tensordot(size, kernels(cells), axes=(0, 0))
    diagonal = np.tensordot(noises(cells), sizes[start:], axes=(1, 0))
    every = np.arange(len(cells.texels))
    total[:, :, every, every] += np.moveaxis(diagonal, 0, -1)
    total += _OFFSET**2 * np.eye(2)[:, :, None, None]
    return total


def estimate_change(cells: Cells, claimed: BoolMap) -> ChangePosterior:
    """Take the lights off a pair. `claimed` (S, S) takes no part; other skin that changed is found.

    The two ratios are turned into one that a change moves, by 1 OD per EI, and one that it does not: what
    the second says about the lights is taken off the first, and what is left has the inverse of `precision`.
    """
    sizes = _turned(_blocks(_SIZES))
    noise = _covariance(cells, sizes)
    moved, still = cells.difference @ _TURN[0], cells.difference @ _TURN[1]
    learned = np.linalg.solve(noise[1, 1], np.column_stack([noise[1, 0], still]))
    slope, still_weighed = learned[:, :-1], learned[:, -1]
    precision = np.linalg.inv(noise[0, 0] - noise[0, 1] @ slope)
    signal = moved - slope.T @ still
    score = precision @ signal
    distance = float(signal @ score)
    free = _count(cells.at, claimed) > 0.5 * cells.texels
    changed = _find_changed(cells, precision, score, distance, free)
    prior = np.where(changed, _FREE, _CALM)
    if changed.any():
        far = ((cells.place[:, None] - cells.place[changed]) ** 2).sum(axis=-1).min(axis=1)
        prior = np.where(~changed & (far < _NEARBY_CM**2), _NEARBY, prior)
    spread = np.linalg.inv(precision + np.diag(1 / prior))
    mean = spread @ score
    first = score - precision @ mean
    weighed = np.stack([first, still_weighed - slope @ first], axis=1)  # K^-1 of what is left
    own = np.tensordot(noises(cells), sizes[-len(NOISES) :], axes=(1, 0))
    lights = np.stack([moved - mean, still], axis=1) - np.einsum("nab,nb->na", own, weighed)
    return ChangePosterior(
        cells=cells, precision=precision, prior=prior, spread=spread, mean=mean,
        scale=(FREEDOM + distance - float(score @ mean)) / (FREEDOM + np.count_nonzero(~changed)),
        lights=lights @ np.linalg.inv(_TURN).T,
        share=float(cells.texels[~changed].sum() / max(cells.texels[~free].sum(), 1)),
        light_share=_unlike(cells, sizes),
    )  # fmt: skip


def _unlike(cells: Cells, sizes: FloatArray) -> float:
    """Part of a cell's variance that two photos of one session would not have, on every third cell."""
    names = ("texels", "texture", "chroma", "levels", "shine", "normal", "place")
    some = replace(cells, **{name: getattr(cells, name)[::3] for name in names})
    variances = []
    for same in (True, False):
        noise = _covariance(some, sizes, same=same)
        left = noise[0, 0] - noise[0, 1] @ np.linalg.solve(noise[1, 1], noise[1, 0])
        variances.append(1 / np.diag(np.linalg.inv(left)))
    return float(np.clip(1 - np.median(variances[0] / variances[1]), 0.0, 1.0))


def _turned(sizes: FloatArray) -> FloatArray:
    """(P, 2, 2) of the two ratios in, of the ratio that a change moves and the one that it does not out."""
    turned: FloatArray = _TURN @ sizes @ _TURN.T
    return turned


def _find_changed(
    cells: Cells, precision: FloatArray, score: FloatArray, distance: float, claimed: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """(N,) cells that changed besides the claimed ones: the most significant area, then the next."""
    shapes = _shapes(cells)
    changed = claimed.copy()
    for _ in range(_AREAS_AT_MOST):
        left, information, rest = score, precision, distance
        if changed.any():
            here = np.flatnonzero(changed)
            solution = np.linalg.solve(
                precision[np.ix_(here, here)], np.column_stack([score[here], precision[here]])
            )
            left = score - precision[:, here] @ solution[:, 0]
            information = precision - precision[:, here] @ solution[:, 1:]
            rest = distance - float(score[here] @ solution[:, 0])
        shape = shapes * ~changed
        weight = np.maximum(((shape @ information) * shape).sum(axis=1), 1e-9)
        mean = shape @ left / weight
        scale = (FREEDOM + rest - weight * mean**2) / (FREEDOM + np.count_nonzero(~changed) - 1)
        t = mean / np.sqrt(scale / weight + unrendered(cells.misfit) ** 2)
        t[shape.sum(axis=1) < _LEAST_CELLS] = 0.0
        best = int(np.argmax(np.abs(t)))
        grown = changed | (shapes[best] > 0)
        too_much = cells.texels[grown].sum() > _MOST_CHANGED * cells.texels.sum()
        if abs(t[best]) < _LEAST or too_much:
            break
        changed = grown
    return changed


def _shapes(cells: Cells) -> FloatArray:
    """(T, N) zones, discs, and discs on both sides of the face: 1 for cells inside, else 0."""
    column, row = cells.centre.T
    masks = [cells.zone == number for number in np.unique(cells.zone)]
    for radius, step in _DISCS:
        for u in np.arange(0.12, 0.9, step):
            for v in np.arange(0.12, 0.93, step):
                disc = np.hypot(column - u, row - v) < radius
                masks.append(disc)
                if u < 0.42:
                    masks.append(disc | (np.hypot(column - 1 + u, row - v) < radius))
    shapes = np.stack(masks).astype(np.float64)
    kept: FloatArray = shapes[shapes.sum(axis=1) >= _LEAST_CELLS]
    return kept


def _blocks(sizes: FloatArray) -> FloatArray:
    """(P, 2, 2) OD^2 from (P, 3) two sigmas and their correlation."""
    a, b, r = sizes.T
    return np.moveaxis(np.array([[a * a, r * a * b], [r * a * b, b * b]]), -1, 0)


def _alike(one: FloatArray, other: FloatArray, reach: float) -> FloatArray:
    near: FloatArray = np.exp(-0.5 * ((one[:, None] - other) / reach) ** 2)
    return near


def _count(at: NDArray[np.int32], mask: BoolMap) -> FloatArray:
    """(N,) texels of each cell in `mask`."""
    inside = mask & (at >= 0)
    counts: FloatArray = np.bincount(at[inside], minlength=int(at.max()) + 1).astype(np.float64)
    return counts


@lru_cache(maxsize=1)
def _places() -> FloatMap:
    mesh = load_canonical()
    return mesh.at_texels(mesh.xyz)


@lru_cache(maxsize=1)
def _normals() -> FloatMap:
    """(3, S, S) the way the skin of the canonical face looks."""
    mesh = load_canonical()
    return mesh.at_texels(mesh.vertex_normals(mesh.triangle_normals(mesh.xyz)).T)
