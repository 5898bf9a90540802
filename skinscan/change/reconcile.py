"""Two aligned scans in, their difference under one light out.

What the two lights and cameras do to unchanged skin is taken off by light_difference.py; here are the planes
that it reads, and the maps that it leaves.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from skinscan.change.alignment import AlignedPair
from skinscan.change.estimate_change import ChangePosterior, estimate_change
from skinscan.change.face_shape import expression_change, size_in_frame
from skinscan.change.light_difference import TURN, Cells, cells_of
from skinscan.change.types import PairConditions
from skinscan.facemesh.canonical_face import load_canonical
from skinscan.stats import robust_sd
from skinscan.types import BoolMap, FloatArray, FloatMap, Scan

__all__ = ["Reconciled", "reconcile"]

_MIN_CELLS = 30
_DARKEST = 1e-3
_BETWEEN = 4.0  # texels, sigma: from the middle of a cell to the next


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciled:
    """Two photos of one face under one light; maps (S, S), second minus first."""

    erythema: FloatMap  # EI
    melanin: FloatMap  # MI
    shine: FloatMap  # % of the light
    valid: BoolMap  # bare skin in both
    share: float  # of the skin that serves as control
    offset: float  # EI, what was taken off, median of the face
    posterior: ChangePosterior  # what the pair says about any part of the skin
    noise: PairConditions
    aligned: AlignedPair


@dataclass(frozen=True, slots=True)
class _Pair:
    """What is seen at every texel, planes of (S, S)."""

    chroma: tuple[FloatMap, FloatMap]  # log R/G and log G/B, OD, mean of both photos
    difference: tuple[FloatMap, FloatMap]  # second minus first, OD
    levels: tuple[FloatMap, FloatMap]  # log10 R of the first and of the second
    valid: BoolMap


def reconcile(aligned: AlignedPair, control: BoolMap) -> Reconciled | None:
    """Difference of two scans; `control` (S, S): skin that may serve as unchanged.

    None when too little of it is visible in both photos.
    """
    first, second = aligned.first, aligned.second
    pair = _pair(aligned)
    mesh = load_canonical()
    skin = pair.valid & mesh.on_mesh
    if not (skin & control).any():
        return None
    melanin, shine = (
        np.where(skin, aligned.onto_first(b) - a, 0).astype(np.float32)
        for a, b in ((first.maps.melanin, second.maps.melanin), (first.maps.shine, second.maps.shine))
    )
    planes = np.stack([*pair.difference, *pair.chroma, *pair.levels, np.zeros_like(shine), shine])
    claimed = mesh.skin & ~control
    referenced = all(scan.light.white_balance.by_card for scan in (first, second))
    cells = cells_of(pair.valid, claimed, planes, _circumstances(aligned, pair), referenced)
    if len(cells.texels) < _MIN_CELLS:
        return None
    noise = _noise(first, second, cells)
    found = estimate_change(cells, claimed, noise)
    moved = sum(np.float32(part) * plane for part, plane in zip(TURN[0], pair.difference, strict=True))
    erythema = np.where(skin, moved - _between(cells, found.lights), 0).astype(np.float32)
    agreed = skin & control & ~found.changed[cells.at] & (cells.at >= 0)
    for plane in (melanin, shine):
        plane[skin] -= np.median(plane[agreed]) if agreed.any() else 0
    return Reconciled(
        erythema=erythema, melanin=melanin, shine=shine, valid=skin, share=found.share,
        offset=float(np.median(found.lights)), posterior=found,
        noise=noise, aligned=aligned,
    )  # fmt: skip


def _pair(aligned: AlignedPair) -> _Pair:
    logs = []
    for scan in (aligned.first, aligned.second):
        balanced = scan.texture.rgb * np.array(scan.light.white_balance.gain, np.float32)
        log = 100 * np.log10(np.maximum(balanced, _DARKEST))
        logs.append(cv2.split(log if scan is aligned.first else aligned.onto_first(log)))
    (r0, g0, b0), (r1, g1, b1) = logs
    seen = aligned.onto_first(aligned.second.maps.valid.astype(np.float32)) > 0.5
    return _Pair(
        chroma=((r0 - g0 + r1 - g1) / 2, (g0 - b0 + g1 - b1) / 2),
        difference=((r1 - g1) - (r0 - g0), (g1 - b1) - (g0 - b0)),
        levels=(r0 / 100, r1 / 100),
        valid=aligned.first.maps.valid & seen,
    )


def _circumstances(aligned: AlignedPair, pair: _Pair) -> dict[str, float]:
    """How unlike two photos are: fields of Cells."""
    skin = pair.valid & load_canonical().skin
    faces = (aligned.first.face, aligned.second.face)
    poses = [np.array([face.pose.yaw, face.pose.pitch]) for face in faces]
    return {
        "cast": math.hypot(*(float(np.median(d[skin])) for d in pair.difference)),
        "shading": robust_sd((pair.levels[1] - pair.levels[0])[skin]) * 100,
        "pose": float(np.hypot(*(poses[1] - poses[0]))),
        "misfit": aligned.registration.residual,
        "coarseness": 60.0 / min(face.interocular_px for face in faces),
    }


def _between(cells: Cells, values: FloatArray) -> FloatMap:
    """(S, S) values (N,) of the cells, without their edges."""
    known = cells.at >= 0
    plane = np.where(known, values[cells.at], 0).astype(np.float32)
    weight = cv2.GaussianBlur(known.astype(np.float32), (0, 0), _BETWEEN)
    smooth: FloatMap = cv2.GaussianBlur(plane, (0, 0), _BETWEEN) / np.maximum(weight, 1e-6)
    return np.where(weight > 1e-3, smooth, np.float32(np.median(values)))


def _noise(first: Scan, second: Scan, cells: Cells) -> PairConditions:
    """What the noise model asks for."""
    return PairConditions(
        shading=cells.shading,
        cast=cells.cast,
        pose=cells.pose,
        coarseness=cells.coarseness,
        misfit=cells.misfit,
        depth=(first.light.exposure.reference_od + second.light.exposure.reference_od) / 100,
        expression=expression_change(first.face.landmarks, second.face.landmarks),
        framing=abs(math.log(size_in_frame(second) / size_in_frame(first))),
    )
