"""Texture and maps in, what is worn over the skin out: lipstick, blusher, glasses, a mask.

Each is a number that a bare face keeps below a limit. They disable nothing: what covers skin is left out by
the validity map, and make-up is asked about, since blusher and inflammation can look alike.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from skinscan.facemesh.canonical_face import load_canonical
from skinscan.types import LEAST_ZONE_TEXELS, BoolMap, FaceTexture, FloatArray, FloatMap, SkinMaps

__all__ = ["Worn", "find_worn"]

_DARKEST = 1e-3  # linear
# OD of R/G and of G/B that lips differ from the skin: bare lips of 184 portraits 3 to 29 and -20 to -5.
_LIP_RG, _LIP_GB = 34.0, -25.0
_CHEEKS_REDDER = 2.5  # OD of R/G beyond forehead, chin and jaws; blusher lies on nothing else
_ALIKE = 6.0  # OD of R/G between the cheeks
_ACROSS, _DOWN, _ROWS = (
    slice(120, 136),
    slice(76, 128),
    13,
)  # texels on the bridge of the nose; bins downwards
_LOWER_FACE = ("perioral", "chin", "left_jaw", "right_jaw")
_DARK_HIDES = 0.55  # share of both under-eye zones that dark glasses hide
_COVERED = 0.1  # share of valid skin in the lower face; beards leave more, and lips
_CLOTH_RG = -3.0  # OD of R/G: lips are never paler than the skin by this, cloth in their place is


@dataclass(frozen=True, slots=True, kw_only=True)
class Worn:
    """What is seen of each; 0 where it cannot be judged."""

    lipstick: float  # OD by which the lips' colour is beyond that of bare lips, against the own skin
    blusher: float  # OD of R/G by which both cheeks, alike, are redder than the nose
    glasses: float  # OD by which a bar across the bridge, or both under-eye zones, are darker than skin
    mask: float  # 1 where cloth lies over mouth and chin, else 0


def find_worn(texture: FaceTexture, maps: SkinMaps) -> Worn:
    """Look at lips, cheeks, bridge of the nose and the lower face of one photo."""
    log: FloatMap = (100 * np.log10(np.maximum(texture.rgb, _DARKEST))).astype(np.float32)
    ratios: FloatMap = log[..., :2] - log[..., 1:]
    lips = _lips(ratios, texture, maps)
    mask = _mask(lips, texture, maps)
    return Worn(
        lipstick=0.0 if mask or lips is None else float(max(0.0, lips[0] - _LIP_RG, _LIP_GB - lips[1])),
        blusher=_blusher(ratios, maps),
        glasses=max(_bar(log[..., 1], texture.inside), _dark_glasses(log[..., 1], texture, maps)),
        mask=float(mask),
    )


def _lips(ratios: FloatMap, texture: FaceTexture, maps: SkinMaps) -> FloatArray | None:
    """(2,) log R/G and log G/B of the lower lip less those of the own skin, OD."""
    mesh = load_canonical()
    lip, skin = mesh.zones["lower_lip"] & texture.inside, mesh.skin & maps.valid
    if min(np.count_nonzero(lip), np.count_nonzero(skin)) < LEAST_ZONE_TEXELS:
        return None
    apart: FloatArray = (np.median(ratios[lip], axis=0) - np.median(ratios[skin], axis=0)).astype(np.float64)
    return apart


def _mask(lips: FloatArray | None, texture: FaceTexture, maps: SkinMaps) -> bool:
    zones = load_canonical().zones
    lower = np.logical_or.reduce([zones[name] for name in _LOWER_FACE]) & texture.inside
    if lips is None or np.count_nonzero(lower) < LEAST_ZONE_TEXELS:
        return False
    covered = np.count_nonzero(lower & maps.valid) < _COVERED * np.count_nonzero(lower)
    return bool(covered and lips[0] < _CLOTH_RG)


def _blusher(ratios: FloatMap, maps: SkinMaps) -> float:
    """How much redder than the nose the cheeks are, if they are alike and redder than what lies around."""
    red = ratios[..., 0]
    names = ("left_cheek", "right_cheek", "nose", "forehead", "chin", "left_jaw", "right_jaw")
    zones = {name: load_canonical().zones[name] & maps.valid for name in names}
    seen = {
        name: float(np.median(red[z])) for name, z in zones.items() if np.count_nonzero(z) > LEAST_ZONE_TEXELS
    }
    if not {*names[:4]} <= seen.keys():
        return 0.0
    left, right, nose = (seen[name] for name in names[:3])
    cheeks, around = (left + right) / 2, float(np.mean([seen[name] for name in names[3:] if name in seen]))
    if abs(left - right) > _ALIKE or cheeks - around < _CHEEKS_REDDER:
        return 0.0
    return max(0.0, cheeks - nose)


def _dark_glasses(brightness: FloatMap, texture: FaceTexture, maps: SkinMaps) -> float:
    """OD by which what hides both under-eye zones is darker than the skin; 0 where it shows skin."""
    zones = load_canonical().zones
    hidden, darker = [], []
    for name in ("left_under_eye", "right_under_eye"):
        there = zones[name] & texture.inside
        if texture.eyes_covered or np.count_nonzero(there) < LEAST_ZONE_TEXELS:
            return 0.0
        hidden.append(1 - np.count_nonzero(there & maps.valid) / np.count_nonzero(there))
        darker.append(-float(np.median(brightness[there])))
    skin = load_canonical().skin & maps.valid
    if min(hidden) < _DARK_HIDES or not skin.any():
        return 0.0
    return max(0.0, min(darker) + float(np.median(brightness[skin])))


def _bar(brightness: FloatMap, inside: BoolMap) -> float:
    """Depth of the darkest bar across the bridge of the nose: skin has none there."""
    if not inside[_DOWN, _ACROSS].all():
        return 0.0
    bins = cv2.resize(
        np.ascontiguousarray(brightness[_DOWN, _ACROSS]), (1, _ROWS), interpolation=cv2.INTER_AREA
    )
    bins = bins.ravel()
    above, below = np.maximum.accumulate(bins), np.maximum.accumulate(bins[::-1])[::-1]
    return float((np.minimum(above, below) - bins).max())
