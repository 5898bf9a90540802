"""Two aligned scans in, their difference under one light out.

On skin that has not changed, the difference of log R/G and log G/B between two photos depends only on the
two cameras and lights: on how bright each photo shows the spot (tone curve, shading, shine), on which way
the skin faces (lamps of two colours), and on its own colour (saturation). That is one smooth function for
the whole face. It is fitted with priors, as in light.py, and so robustly that skin that did change has no
say: by the end, what lies outside the fit has no weight at all. What is left over is the change.

The claimed area takes no part. Where more than half of the other skin has changed the fit follows the
majority; `Reconciled.share` says how many agreed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from skinscan.canonical import SKIN_ZONES, load_canonical
from skinscan.change_types import PairNoise, Reconciled, Registration
from skinscan.color import EI_PER_GB, EI_PER_RG
from skinscan.register import warp
from skinscan.types import BoolMap, FloatArray, FloatMap, IntMap, Scan

__all__ = ["reconcile"]


_KNOTS = (
    0.0,
    0.1,
    0.25,
    0.4,
    0.55,
    0.7,
    0.82,
    0.9,
    0.96,
)  # quantiles of log10 R over the skin, as in light.py
_BLOCK = 4  # texels a side: the fit needs no more detail
_CORRELATED = 0.25  # independent samples in a block: neighbouring texels see one pore, one JPEG block
_SLOPE_SIGMA, _BEND_SIGMA = 30.0, 20.0  # OD per unit log10 R, as in light.py
_FACING_SIGMA = 1.5  # OD across the face by the way skin faces: lamps of two colours [design]
_GAIN_SIGMA = 0.06  # relative saturation of two cameras; more would swallow redness [design]
_CONTRAST = (
    1.25  # colour differences in photos over those of the skin: median of rendered cameras, as in light.py
)
_MIN_BLOCKS = 60  # 10 % of a bare face
_QUANTILE, _AT_QUANTILE = 0.35, 0.4538  # scale from the quieter part: right with half of the skin changed
_CUTS = (6.0, 5.0, 4.0, 3.5, 3.0, 3.0, 3.0, 3.0, 3.0, 3.0)  # in scales: where a block loses all weight
_LEAST_SCATTER = 0.6  # OD, of the smoothed difference: skin within three of it always counts as agreeing
_CAST, _SHADING, _LEAST_UNLIKE = (
    8.0,
    15.0,
    0.1,
)  # OD of another light; share left to two photos of one session
_DARKEST = 1e-3
_FACET = 4.0  # texels, sigma: over the edges of the mesh's triangles
_SMOOTH = 2.0  # blocks, sigma: 5 mm


@dataclass(frozen=True, slots=True)
class _Pair:
    """What the fit sees at every texel, planes of (S, S)."""

    chroma: tuple[FloatMap, FloatMap]  # log R/G and log G/B, OD, mean of both photos
    difference: tuple[FloatMap, FloatMap]  # second minus first, OD
    levels: tuple[FloatMap, FloatMap]  # log10 R of the first and of the second
    valid: BoolMap


@dataclass(frozen=True, slots=True)
class _Fit:
    """The function that unchanged skin follows."""

    centre: FloatArray  # (P,) typical design row, taken off all but the constant
    coefficients: FloatArray  # (P, 2) OD
    covariance: FloatArray  # (P, P) OD^2
    scatter: float  # OD
    share: float  # of the control blocks with weight


def reconcile(first: Scan, second: Scan, registration: Registration, control: BoolMap) -> Reconciled | None:
    """Difference of two scans; `control` (S, S): skin that may serve as unchanged.

    None when too little of it is visible in both photos.
    """
    pair = _pair(first, second, registration.flow)
    planes = _planes(pair)
    means, where = _pooled(np.stack([*planes, *pair.difference]), pair.valid & control)
    if np.count_nonzero(where) < _MIN_BLOCKS:
        return None
    fit = _fit(means[:-2], means[-2:], where, _unlike(pair, pair.valid & control))
    skin = pair.valid & load_canonical().on_mesh
    rest = np.zeros((2, *skin.shape), np.float32)
    rows = np.stack([plane[skin] for plane in planes], axis=1) - fit.centre
    for k, (difference, out) in enumerate(zip(pair.difference, rest, strict=True)):
        out[skin] = difference[skin] - rows @ fit.coefficients[:, k]
    rest /= np.float32(_CONTRAST)
    erythema = (EI_PER_RG * rest[0] + EI_PER_GB * rest[1]).astype(np.float32)
    melanin, shine = (
        np.where(skin, warp(b, registration.flow) - a, 0).astype(np.float32)
        for a, b in ((first.maps.melanin, second.maps.melanin), (first.maps.shine, second.maps.shine))
    )
    agreed = skin & control & (np.abs(erythema) < 3 * EI_PER_RG * fit.scatter)
    for plane in (melanin, shine):
        plane[skin] -= np.median(plane[agreed]) if agreed.any() else 0
    return Reconciled(
        erythema=erythema,
        melanin=melanin,
        shine=shine,
        chroma=(rest[0], rest[1]),
        valid=skin,
        share=fit.share,
        offset=(float(fit.coefficients[0, 0]), float(fit.coefficients[0, 1])),
        leverage=_leverage(planes, skin, fit),
        noise=_noise(first, second, registration, pair, erythema, agreed, fit),
    )


def _pair(first: Scan, second: Scan, flow: FloatMap) -> _Pair:
    logs = []
    for scan, shift in ((first, None), (second, flow)):
        log = 100 * np.log10(np.maximum(scan.texture.rgb * np.array(scan.light.gain, np.float32), _DARKEST))
        logs.append(np.moveaxis(log if shift is None else warp(log, shift), -1, 0))
    (r0, g0, b0), (r1, g1, b1) = logs
    seen = warp(second.maps.valid.astype(np.float32), flow) > 0.5
    return _Pair(
        chroma=((r0 - g0 + r1 - g1) / 2, (g0 - b0 + g1 - b1) / 2),
        difference=((r1 - g1) - (r0 - g0), (g1 - b1) - (g0 - b0)),
        levels=(r0 / 100, r1 / 100),
        valid=first.maps.valid & seen,
    )


def _planes(pair: _Pair) -> list[FloatMap]:
    """Design as planes: constant, shared tone curve, own tone curve, facing, colour."""
    low, high = pair.levels
    middle = (low + high) / 2
    knots = np.quantile(middle[pair.valid], _KNOTS) if pair.valid.any() else np.zeros(len(_KNOTS))
    bases = [[np.maximum(level - np.float32(knot), 0) for knot in knots] for level in (low, high, middle)]
    shared = [b - a for a, b in zip(*bases[:2], strict=True)]
    return [np.ones_like(low), *shared, *bases[2], *_facing(), *pair.chroma]


def _unlike(pair: _Pair, where: BoolMap) -> float:
    """How unlike the two lights and cameras are, 0..1: how far the pair may have a curve of its own."""
    cast = math.hypot(*(float(np.median(d[where])) for d in pair.difference))
    shading = _robust_sd((pair.levels[1] - pair.levels[0])[where]) * 100
    return float(np.clip(math.hypot(cast / _CAST, shading / _SHADING), _LEAST_UNLIKE, 1))


def _prior_sigma(unlike: float) -> FloatArray:
    """(P,) sigma of each coefficient, OD."""
    curve = np.array([_SLOPE_SIGMA] + [_BEND_SIGMA] * (len(_KNOTS) - 1))
    return np.concatenate(
        [[1e3], curve, unlike * curve, unlike * np.array([_FACING_SIGMA] * 2 + [_GAIN_SIGMA] * 2)]
    )


def _facing() -> FloatMap:
    """(2, S, S): how far the skin faces sideways and up, -1..1, from the canonical mesh."""
    mesh = load_canonical()
    a, b, c = (mesh.xyz[mesh.triangles[:, k]] for k in range(3))
    normal = np.zeros_like(mesh.xyz)
    for k in range(3):
        np.add.at(normal, mesh.triangles[:, k], np.cross(b - a, c - a))
    normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-9)
    planes = [cv2.GaussianBlur(plane, (0, 0), _FACET) for plane in mesh.at_texels(normal[:, :2])]
    return np.stack(planes)


def _pooled(planes: FloatMap, where: BoolMap) -> tuple[FloatMap, BoolMap]:
    """Means over blocks (C, B, B), and the blocks (B, B) at least half of which lie in `where`."""
    size = where.shape[0] // _BLOCK
    weight = cv2.resize(where.astype(np.float32), (size, size), interpolation=cv2.INTER_AREA)
    means = [
        cv2.resize(np.where(where, plane, 0).astype(np.float32), (size, size), interpolation=cv2.INTER_AREA)
        for plane in planes
    ]
    return np.stack(means) / np.maximum(weight, 1e-6), weight >= 0.5


def _fit(planes: FloatMap, difference: FloatMap, where: BoolMap, unlike: float) -> _Fit:
    """Weighted least squares with priors; areas that do not follow lose their weight step by step."""
    design: FloatArray = planes[:, where].T.astype(np.float64)
    goal: FloatArray = difference[:, where].T.astype(np.float64)
    centre = np.asarray(np.median(design, axis=0), np.float64)
    centre[0] = 0.0
    design = design - centre
    prior = np.diag(_prior_sigma(unlike) ** -2.0)
    to_ei = np.array([EI_PER_RG, EI_PER_GB]) / EI_PER_RG  # OD of R/G that tells as much in EI
    residual = goal @ to_ei
    residual = _smoothed(residual - _densest(residual), where)
    for cut in _CUTS:
        scatter = max(float(np.quantile(np.abs(residual), _QUANTILE)) / _AT_QUANTILE, _LEAST_SCATTER)
        weight = np.maximum(1 - (residual / (cut * scatter)) ** 2, 0) ** 2
        scaled = weight * (_CORRELATED / scatter**2)
        precision = design.T @ (design * scaled[:, None]) + prior
        coefficients = np.asarray(np.linalg.solve(precision, design.T @ (goal * scaled[:, None])), np.float64)
        residual = _smoothed((goal - design @ coefficients) @ to_ei, where)
    return _Fit(
        centre,
        coefficients,
        np.asarray(np.linalg.inv(precision), np.float64),
        scatter,
        float((weight > 0).mean()),
    )


def _smoothed(values: FloatArray, where: BoolMap) -> FloatArray:
    """Gaussian mean of the values (N,) of the blocks `where` over their neighbours."""
    plane = np.zeros(where.shape, np.float32)
    plane[where] = values
    total = cv2.GaussianBlur(plane, (0, 0), _SMOOTH)
    weight = cv2.GaussianBlur(where.astype(np.float32), (0, 0), _SMOOTH)
    mean: FloatArray = (total / np.maximum(weight, 1e-6))[where].astype(np.float64)
    return mean


def _densest(values: FloatArray) -> float:
    """Middle of the shortest interval that holds half of the values."""
    ordered = np.sort(values)
    half = len(ordered) // 2
    width = ordered[half:] - ordered[: len(ordered) - half]
    start = int(np.argmin(width))
    return float(np.median(ordered[start : start + half + 1]))


def _leverage(planes: list[FloatMap], skin: BoolMap, fit: _Fit) -> FloatArray:
    """(Z,) OD: sigma of the fitted function averaged over each zone; NaN where the zone is not seen."""
    label: IntMap = load_canonical().label
    out = np.full(len(SKIN_ZONES), np.nan)
    for number in range(len(SKIN_ZONES)):
        where = skin & (label == number)
        if where.any():
            row = np.array([plane[where].mean() for plane in planes]) - fit.centre
            out[number] = math.sqrt(row @ fit.covariance @ row)
    return out


def _noise(
    first: Scan,
    second: Scan,
    registration: Registration,
    pair: _Pair,
    erythema: FloatMap,
    agreed: BoolMap,
    fit: _Fit,
) -> PairNoise:
    """What the noise model asks for."""
    skin = pair.valid & load_canonical().skin
    level = (pair.levels[1] - pair.levels[0])[skin] * 100
    means, where = _pooled(erythema[None], agreed)
    smooth = _smoothed(means[0, where], where)
    poses = [np.array([s.face.pose.yaw, s.face.pose.pitch]) for s in (first, second)]
    smaller = min(first.face.interocular_px, second.face.interocular_px)
    return PairNoise(
        scatter=_robust_sd(smooth) / EI_PER_RG if smooth.size else fit.scatter,
        shading=_robust_sd(level),
        cast=math.hypot(*fit.coefficients[0]),
        pose=float(np.hypot(*(poses[1] - poses[0]))),
        coarseness=60.0 / smaller,
        misfit=registration.residual,
        depth=(first.light.reference_od + second.light.reference_od) / 100,
        doubt=1 - fit.share,
    )


def _robust_sd(values: FloatArray | FloatMap) -> float:
    return 1.4826 * float(np.median(np.abs(values - np.median(values))))
