"""What two lights, cameras and poses do to unchanged skin, as one learned covariance.

The difference of log R/G and log G/B between two photos of the same skin is a random field over the face. Its
covariance is a sum of kernels, one for each thing that moves color: tone curves (by how bright each photo
shows the spot), lamps of two colors (by the way skin faces), sensors (by the skin's own color), shine, and
what remains (by distance on the face). How large each may be depends on the pair: on cast, shading and pose.
The sizes are the maximum of the likelihood of rendered pairs of training people whose skin did not change:
`python -m models.training.fit.fit_pairs`.

Only what another light brings is used (`light_covariance`): what two photos of one session do to real skin is
not in renders, and is learned from real pairs (estimate_change.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
from numpy.typing import NDArray

from skinscan.change.fitted import read_fit
from skinscan.facemesh.canonical_face import load_canonical
from skinscan.stats import robust_sd
from skinscan.types import BoolMap, FloatArray, FloatMap

__all__ = [
    "KERNELS",
    "NOISES",
    "RESPONSE",
    "TURN",
    "Cells",
    "cells_of",
    "fitted_sizes",
    "kernels",
    "light_covariance",
    "noises",
    "scales",
    "texels_in",
]

_BLOCK = 8  # texels a side: 8 mm
_MIN_TEXELS = 12
_TONE_REACH = 0.12  # log10 R: how fast a tone curve may bend
_SHADE_REACH = 0.06
_NEAR, _FAR = 1.5, 4.0  # cm on the canonical face
RESPONSE = np.array([0.70, -0.14])
"""OD of log R/G and log G/B per EI: 0.69 and -0.14 where within-person spectra are painted on a photo in
linear sRGB; cameras that stretch color give more, 0.80 and -0.30 in 167 rendered reactions."""
TURN = np.array([RESPONSE, [-RESPONSE[1], RESPONSE[0]]]) / (RESPONSE @ RESPONSE)
"""From both ratios to one that a change moves, by 1 per EI, and one that it does not."""
_ONE_SESSION = {"cast": 2.0, "shading": 4.0, "pose": 4.0}
"""OD, OD and degrees that two shots of one sitting differ by: 49 of 50 London pairs have less cast, 44 less
shading."""
_TINGED, _SURELY_TINGED, _LEAST_TINGE = 0.65, 1.0, 0.6
"""Two lamps of two colors tinge skin by the way it faces: amplitude of that, of the ratio that no change of
erythema moves, over what it leaves, and in EI. No London pair reaches the first with the last; 17 of 23 press
pairs of other days do [design]."""

_TONE, _LIGHT = ("always",), ("always", "cast", "shading", "pose")
KERNELS: dict[str, tuple[str, ...]] = {
    "tone_slope": _TONE, "tone": _TONE, "own_slope": _LIGHT, "own_tone": _LIGHT, "shade": _TONE,
    "facing": _LIGHT, "facing_twice": _LIGHT, "colour": _LIGHT, "shine": _TONE, "near": _LIGHT, "far": _LIGHT,
}  # fmt: skip
"""Kernel to what its size depends on; the first is always there."""
_UNEXPLAINED = ("near", "far")
"""Kernels of what no other explains: not there where both photos hold a reference."""
NOISES = ("always", "few_texels", "texture", "misfit", "coarseness")
"""What the noise of a single cell depends on."""


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
    apart: FloatArray  # (N, N) cm^2 from place to place
    cast: float  # OD
    shading: float  # OD
    pose: float  # degrees
    misfit: float  # texels
    coarseness: float  # 60 px over the inter-ocular distance
    referenced: bool = False  # both photos hold a reference, and colors are taken by it


def cells_of(
    valid: BoolMap, claimed: BoolMap, planes: FloatMap, pair: dict[str, float], referenced: bool = False
) -> Cells:
    """Means over cells of `planes` (8, S, S): both differences, both chromas, both levels, shine twice.

    `valid` (S, S): bare skin in both photos. `claimed` (S, S): skin where the change is claimed; cells are
    cut at its edge. `pair`: how unlike the photos are: the fields `cast`, `shading`, `pose`, `misfit` and
    `coarseness` of `Cells`. `referenced`: both photos hold a reference.
    """
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
    place = np.stack([mean(p) for p in _places()], axis=1)
    square = (mean(planes[0] ** 2) - red**2 + mean(planes[1] ** 2) - blue**2) / 2
    return Cells(
        at=at, texels=count[keep].astype(np.float64), difference=np.stack([red, blue], axis=1),
        zone=(keys[keep] // 2 % 16).astype(np.int32),
        centre=np.stack([mean((plane + 0.5) / side) for plane in (column, row)], axis=1),
        texture=np.clip(square, 0, 50), chroma=np.stack(rest[:2], axis=1), levels=np.stack(rest[2:4], axis=1),
        shine=rest[5] - rest[4], normal=np.stack([mean(p) for p in _normals()], axis=1),
        place=place, apart=((place[:, None] - place) ** 2).sum(axis=-1), referenced=referenced, **pair,
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
            np.exp(-cells.apart / (2 * _NEAR**2)),
            np.exp(-cells.apart / (2 * _FAR**2)),
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


@cache
def fitted_sizes() -> FloatArray:
    """One row for each kernel and dependence, then each noise: sigma of log R/G and of log G/B, correlation.

    (K, 3), OD and -1..1.
    """
    fit = read_fit("pair_fit")
    named = [f"{kernel} {of}" for kernel, dependences in KERNELS.items() for of in dependences]
    return np.array([*(fit["kernels"][name] for name in named), *(fit["noises"][name] for name in NOISES)])


def light_covariance(cells: Cells) -> tuple[FloatArray, float]:
    """What another light, camera or pose than those of one session brings.

    (2, 2, N, N) EI^2 of the ratio that a change moves and of the one that it does not (`TURN`); and how far
    the pair is from one session, 0 for two shots of one sitting, 1 for a cast or shading of 10 OD, or where
    the way skin faces surely decides how its color differs.

    Where both photos hold a reference, what no kernel explains is less than skin itself wanders (0.7 EI,
    estimate_change.py): without it zones of rendered training pairs are read closer, 1.02 for 1.07 EI RMS.
    """
    far = {
        "cast": _beyond(cells.cast, _ONE_SESSION["cast"], 10.0),
        "shading": _beyond(cells.shading, _ONE_SESSION["shading"], 10.0),
        "pose": _beyond(cells.pose, _ONE_SESSION["pose"], 20.0),
        "tinge": _tinged(cells),
    }
    most = max(far.values())
    if most == 0.0:
        return np.zeros((2, 2, len(cells.texels), len(cells.texels))), 0.0
    far["always"] = min(1.0, most)
    size, start = np.zeros((len(KERNELS), 2, 2)), 0
    turned = TURN @ _blocks(fitted_sizes()) @ TURN.T
    for number, (kernel, names) in enumerate(KERNELS.items()):
        for name in names:
            if not (cells.referenced and kernel in _UNEXPLAINED):
                size[number] += turned[start] * far[name]
            start += 1
    total: FloatArray = np.tensordot(size, kernels(cells), axes=(0, 0))
    return total, most


def _beyond(value: float, usual: float, unit: float) -> float:
    return max(0.0, value**2 - usual**2) / unit**2


def _tinged(cells: Cells) -> float:
    """0..1: whether color differs by the way skin faces, as between two lamps, whatever their brightness."""
    still = cells.difference @ TURN[1]
    still = still - np.median(still)
    facing = np.column_stack([np.ones(len(still)), cells.normal])
    trust = np.sqrt(cells.texels)
    for _ in range(3):
        fitted = facing @ np.linalg.lstsq(facing * trust[:, None], still * trust, rcond=None)[0]
        left = robust_sd(still - fitted)
        trust = np.sqrt(cells.texels) * np.minimum(1, 2 * left / np.maximum(np.abs(still - fitted), 1e-6))
    if np.std(fitted) < _LEAST_TINGE:
        return 0.0
    ratio = float(np.std(fitted)) / max(left, 1e-6)
    return float(np.clip((ratio - _TINGED) / (_SURELY_TINGED - _TINGED), 0, 1))


def _blocks(sizes: FloatArray) -> FloatArray:
    """(P, 2, 2) OD^2 from (P, 3) two sigmas and their correlation."""
    a, b, r = sizes.T
    return np.moveaxis(np.array([[a * a, r * a * b], [r * a * b, b * b]]), -1, 0)


def _alike(one: FloatArray, other: FloatArray, reach: float) -> FloatArray:
    near: FloatArray = np.exp(-0.5 * ((one[:, None] - other) / reach) ** 2)
    return near


def texels_in(at: NDArray[np.int32], mask: BoolMap) -> FloatArray:
    """(N,) texels of each cell in `mask`."""
    cells = at[mask]
    counts: FloatArray = np.bincount(cells[cells >= 0], minlength=int(at.max()) + 1).astype(np.float64)
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
