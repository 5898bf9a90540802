"""Texture and maps in, what is worn over the skin out: lipstick, blusher, glasses, a mask.

Each is a number that a bare face keeps below a limit. They disable nothing: what covers skin is left out by
the validity map, and make-up is asked about, since blusher and inflammation can look alike.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np

from skinscan.facemesh.canonical_face import load_canonical
from skinscan.stats import median
from skinscan.types import LEAST_ZONE_TEXELS, BoolMap, FaceTexture, FloatArray, FloatMap, SkinMaps

__all__ = ["Worn", "find_worn"]

_DARKEST = 1e-3  # linear
_COARSE, _LEAST = (
    (slice(None, None, 2),) * 2,
    LEAST_ZONE_TEXELS // 4,
)  # every second texel both ways
# OD of R/G and of G/B that lips differ from the skin: bare lips of 184 portraits 3 to 29 and -20 to -5.
_LIP_RG, _LIP_GB = 40.0, -31.0
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
    log = _log(texture.rgb[_COARSE])
    ratios: FloatMap = log[..., :2] - log[..., 1:]
    shown, valid = texture.inside[_COARSE], maps.valid[_COARSE]
    lips = _lips(ratios, shown, valid)
    mask = _mask(lips, shown, valid)
    dark = 0.0 if texture.eyes_covered else _dark_glasses(log[..., 1], shown, valid)
    return Worn(
        lipstick=0.0 if mask or lips is None else float(max(0.0, lips[0] - _LIP_RG, _LIP_GB - lips[1])),
        blusher=_blusher(ratios, valid),
        glasses=max(_bar(texture), dark),
        mask=float(mask),
    )


def _log(rgb: FloatMap) -> FloatMap:
    return (100 * np.log10(np.maximum(rgb, _DARKEST))).astype(np.float32)


@cache
def _zones() -> Mapping[str, BoolMap]:
    """Zones, and all "skin", of every second texel in both directions."""
    mesh = load_canonical()
    return {name: mask[_COARSE] for name, mask in {**mesh.zones, "skin": mesh.skin}.items()}


def _lips(ratios: FloatMap, shown: BoolMap, valid: BoolMap) -> FloatArray | None:
    """(2,) log R/G and log G/B of the lower lip less those of the own skin, OD."""
    lip, skin = ratios[_zones()["lower_lip"] & shown], ratios[_zones()["skin"] & valid]
    if min(len(lip), len(skin)) < _LEAST:
        return None
    return np.array([median(lip[:, k]) - median(skin[:, k]) for k in (0, 1)])


def _mask(lips: FloatArray | None, shown: BoolMap, valid: BoolMap) -> bool:
    lower = np.logical_or.reduce([_zones()[name] for name in _LOWER_FACE]) & shown
    if lips is None or np.count_nonzero(lower) < _LEAST:
        return False
    covered = np.count_nonzero(lower & valid) < _COVERED * np.count_nonzero(lower)
    return bool(covered and lips[0] < _CLOTH_RG)


def _blusher(ratios: FloatMap, valid: BoolMap) -> float:
    """How much redder than the nose the cheeks are, if they are alike and redder than what lies around."""
    names = ("left_cheek", "right_cheek", "nose", "forehead", "chin", "left_jaw", "right_jaw")
    red = {name: ratios[..., 0][_zones()[name] & valid] for name in names}
    seen = {name: median(texels) for name, texels in red.items() if len(texels) > _LEAST}
    if not {*names[:4]} <= seen.keys():
        return 0.0
    left, right, nose = (seen[name] for name in names[:3])
    cheeks, around = (left + right) / 2, float(np.mean([seen[name] for name in names[3:] if name in seen]))
    if abs(left - right) > _ALIKE or cheeks - around < _CHEEKS_REDDER:
        return 0.0
    return max(0.0, cheeks - nose)


def _dark_glasses(brightness: FloatMap, shown: BoolMap, valid: BoolMap) -> float:
    """OD by which what hides both under-eye zones is darker than the skin; 0 where it shows skin."""
    under = [_zones()[name] & shown for name in ("left_under_eye", "right_under_eye")]
    skin = brightness[_zones()["skin"] & valid]
    if min(map(np.count_nonzero, under)) < _LEAST or not len(skin):
        return 0.0
    hidden = min(1 - np.count_nonzero(there & valid) / np.count_nonzero(there) for there in under)
    if hidden < _DARK_HIDES:
        return 0.0
    return max(0.0, median(skin) - max(median(brightness[there]) for there in under))


def _bar(texture: FaceTexture) -> float:
    """Depth of the darkest bar across the bridge of the nose: skin has none there."""
    if not texture.inside[_DOWN, _ACROSS].all():
        return 0.0
    green = _log(np.ascontiguousarray(texture.rgb[_DOWN, _ACROSS, 1]))
    bins = cv2.resize(green, (1, _ROWS), interpolation=cv2.INTER_AREA).ravel()
    above, below = np.maximum.accumulate(bins), np.maximum.accumulate(bins[::-1])[::-1]
    return float((np.minimum(above, below) - bins).max())
