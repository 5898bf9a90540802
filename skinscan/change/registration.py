"""Two textures in, the shift left between them out: what the mesh could not align, from pores and moles.

Landmarks are good to a texel or two. Relief (band-passed log G) sharpens that: dense flow, averaged over
about a centimetre by how much structure there is, because skin moves smoothly and flow on bare shading is
guesswork.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from skinscan.change.types import Registration
from skinscan.facemesh.canonical_face import load_canonical
from skinscan.types import BoolMap, FaceTexture, FloatMap

__all__ = [
    "Relief",
    "Shift",
    "alike_unmoved",
    "correlation",
    "find_shift",
    "judge",
    "register",
    "relief",
    "warp",
]

_FINE, _COARSE = 1.0, 6.0  # texels, sigmas of the band-pass: 0.6 mm and 4 mm
_CLIP = 12.0  # OD; lashes and nostrils must not outvote pores
_PORES = (0.8, 2.5)  # texels, sigmas: 0.5 to 2 mm; wider bands are folds and shading, alike in all faces
_PORES_CLIP = 8.0  # OD: one hair must not outvote pores
_GREY_PER_OD = 10.0  # for the 8-bit flow
_REACH = 8.0  # texels, sigma: flow is averaged over a centimetre
_STRUCTURE = 1.0  # OD^2 of relief variance at which the flow counts half [design]
_LARGEST = 6.0  # texels; landmarks are never further off on a face that can be measured
_DARKEST = 1e-3


@dataclass(frozen=True, slots=True, kw_only=True)
class Relief:
    """Fine structure of the skin of one face."""

    plane: FloatMap  # (S, S) OD: log G between 0.6 and 4 mm; 0 outside the mesh
    inside: BoolMap  # (S, S)

    def flipped(self) -> Relief:
        """That of the mirrored photo."""
        return Relief(
            plane=np.ascontiguousarray(self.plane[:, ::-1]), inside=np.ascontiguousarray(self.inside[:, ::-1])
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """How one relief lies on another."""

    flow: FloatMap  # (2, S, S) texels, as of Registration
    moved: FloatMap  # (S, S) OD, the second relief on the texels of the first
    correlation: float  # -1..1, of both after the shift


def relief(texture: FaceTexture) -> Relief:
    """What registration goes by."""
    return Relief(plane=_band(texture, (_FINE, _COARSE), _CLIP), inside=texture.inside)


def pores(texture: FaceTexture) -> FloatMap:
    """(S, S) OD: pores, moles, freckles, which lie where they lie; 0 outside the mesh."""
    return _band(texture, _PORES, _PORES_CLIP)


def _band(texture: FaceTexture, sigmas: tuple[float, float], clip: float) -> FloatMap:
    """Log of green between two Gaussians."""
    tone = 100 * np.log10(np.maximum(texture.rgb[..., 1], _DARKEST))
    weight = texture.inside.astype(np.float32)
    fine, coarse = (_mean(tone, weight, sigma) for sigma in sigmas)
    band: FloatMap = np.clip(fine - coarse, -clip, clip) * weight
    return band


def register(first: FaceTexture, second: FaceTexture) -> Registration:
    """Find where the texels of `first` lie in `second`, and how sure that is."""
    one, other = relief(first), relief(second)
    return judge(one, other, find_shift(one, other))


def alike_unmoved(first: Relief, second: Relief) -> float:
    """Correlation -1..1 of two reliefs as the mesh laid them."""
    return correlation(first.plane, second.plane, first.inside & second.inside)


def find_shift(first: Relief, second: Relief) -> Shift:
    """Find where the texels of `first` lie in `second`; no shift where that does not bring them closer."""
    both = first.inside & second.inside
    flow = _smooth_flow(first.plane, second.plane, both)
    moved = warp(second.plane, flow)
    plain, refined = correlation(first.plane, second.plane, both), correlation(first.plane, moved, both)
    if refined <= plain:
        flow, moved, refined = np.zeros_like(flow), second.plane, plain
    return Shift(flow=flow, moved=moved, correlation=refined)


def judge(first: Relief, second: Relief, shift: Shift) -> Registration:
    """See how far a second pass would still move the texels."""
    both = first.inside & second.inside
    skin = load_canonical().skin & both
    left = _smooth_flow(first.plane, shift.moved, both)
    return Registration(
        flow=shift.flow,
        shift=_rms(np.hypot(*shift.flow)[skin]),
        residual=_rms(np.hypot(*left)[skin]),
        correlation=shift.correlation,
    )


def warp(plane: FloatMap, flow: FloatMap) -> FloatMap:
    """Bring a map (S, S) or (S, S, C) of the second texture to the texels of the first."""
    row, column = np.indices(flow.shape[1:], dtype=np.float32)
    moved: FloatMap = cv2.remap(
        plane, column + flow[0], row + flow[1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return moved


def correlation(one: FloatMap, other: FloatMap, where: BoolMap) -> float:
    """Correlation -1..1 of two maps over the skin of `where`; 0 if there is none."""
    skin = where & load_canonical().skin
    a, b = one[skin].astype(np.float64), other[skin].astype(np.float64)
    if len(a) < 2 or a.std() == 0 or b.std() == 0:
        return 0.0
    return float(np.corrcoef(a, b)[0, 1])


def _smooth_flow(before: FloatMap, after: FloatMap, both: BoolMap) -> FloatMap:
    """Flow (2, S, S) in texels from `before` to `after`, averaged by structure."""
    grey = [np.round(np.clip(128 + _GREY_PER_OD * m, 0, 255)).astype(np.uint8) for m in (before, after)]
    dense = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM).calc(
        grey[0], grey[1], np.zeros((*both.shape, 2), np.float32)
    )
    dense = np.clip(dense, -_LARGEST, _LARGEST)
    structure = cv2.GaussianBlur(np.minimum(before**2, after**2), (0, 0), _FINE + 1)
    weight = (both * structure / (structure + _STRUCTURE)).astype(np.float32)
    total = cv2.GaussianBlur(weight, (0, 0), _REACH) + 0.02  # a little weight on "no shift"
    parts = [cv2.GaussianBlur(dense[..., k] * weight, (0, 0), _REACH) / total for k in (0, 1)]
    return np.stack(parts).astype(np.float32)


def _mean(values: FloatMap, weight: FloatMap, sigma: float) -> FloatMap:
    total = cv2.GaussianBlur(values * weight, (0, 0), sigma)
    mean: FloatMap = total / np.maximum(cv2.GaussianBlur(weight, (0, 0), sigma), 1e-3)
    return mean


def _rms(values: FloatMap) -> float:
    return float(np.sqrt(np.mean(values.astype(np.float64) ** 2))) if values.size else 0.0
