"""Photo, face, texture and light in, how far a coloured light has shifted the photo out.

Inflamed skin is as red as skin under a red lamp. So redness is never taken for a cast by itself: a cast lies
on everything alike, on the least red skin, on the white of the eyes, and on what is around the face.
"""

from __future__ import annotations

import math

import cv2
import numpy as np

from skinscan.color import SRGB_DECODE_LUT
from skinscan.facemesh.canonical_face import load_canonical
from skinscan.measure.tone_curve import STRIDE
from skinscan.measure.white_balance import find_sclera
from skinscan.stats import median, quantile
from skinscan.types import Face, FaceTexture, FloatArray, Light, Photo

__all__ = ["color_cast"]

_SKIN_RG, _SKIN_GB = (14.0, 37.0), (4.0, 30.0)  # OD, 0.5..99.5 % of ISSA faces in white light
_BLOOD_GB = 0.2  # OD of G/B that blood takes for each OD of R/G that it adds
_LEAST_RED = 0.25  # quantile of the skin's R/G: inflammation spares more than this, light nothing
_TWO_LAMPS = 33.0  # OD of R/G between zones: 412 portraits painted up to +25 EI reach 35, a red lamp 44
_ZONE_TEXELS = 10  # of every fourth
_SCLERA = (4.0, 1.0)  # OD of R/G and G/B, median of 123 portraits with lit eyes
_BLOODSHOT = 2.0  # OD of R/G beyond it that vessels may add
_SCLERA_LIT, _SCLERA_PIXELS = 0.55, 15  # linear R over the skin's key light; brighter half of an eye
_AROUND_RED = 8.0  # OD of R/G: walls, hair and clothes that reach it with their least red tenth are rare
_AROUND_PIXELS, _AROUND_SIDE = 300, 112  # px that can be judged; long side of the picture that is looked at
_AROUND_RANGE = (0.05, 0.75)  # quantiles of the surroundings: a cast shifts both beyond neutral
_AGREED = 6.0  # OD: eyes and surroundings that agree on less may both be coloured by chance
_DARK, _BURNT = 0.01, 0.98  # linear

Shift = tuple[float, float]  # OD of R/G and of G/B
Range = tuple[tuple[float, float, float], tuple[float, float, float]]  # 5, 10 and 75 % quantile of each


def color_cast(photo: Photo, face: Face, texture: FaceTexture, light: Light) -> float:
    """OD of log R/G or log G/B by which the light is surely coloured, what the sclera set right taken off.

    `photo` and `face`: for the eyes and what is around the face; `texture`, `light`: the skin.
    The largest of four: what skin of no tone and no inflammation has; what is too red in the least red skin,
    in the eyes and around the face; what eyes and surroundings agree on; and what zones differ by beyond any
    inflammation, under lamps of two colours. 0 where nothing speaks for a cast.
    """
    gain = light.white_balance.gain
    balance = 100 * math.log10(gain[0] / gain[1]), 100 * math.log10(gain[1] / gain[2])
    eyes = None if texture.eyes_covered else _of_eyes(photo, face, light, balance)
    around = _around(photo, face, balance)
    rg, gb = light.chroma
    inflamed = max(0.0, rg - _SKIN_RG[1])
    unlike_skin = max(0.0, _SKIN_RG[0] - rg, _SKIN_GB[0] - _BLOOD_GB * inflamed - gb, gb - _SKIN_GB[1])
    witnesses = [eyes[0] - _SCLERA[0] - _BLOODSHOT] if eyes else []
    witnesses += [around[0][1] - _AROUND_RED] if around else []
    least, apart = _redness(texture, balance[0] - light.excess[0])
    red = min(rg, least) - _SKIN_RG[1]
    too_red = max(0.0, min(red, *witnesses)) if witnesses and inflamed > 0 else 0.0
    return max(unlike_skin, too_red, _agreed(eyes, around) - _AGREED, apart - _TWO_LAMPS)


def _redness(texture: FaceTexture, balance: float) -> tuple[float, float]:
    """R/G of the least red quarter of the lit skin, and between its reddest and least red zone, OD."""
    mesh, grid = load_canonical(), (slice(None, None, STRIDE),) * 2
    lit = (mesh.skin & texture.inside & (texture.clipped < 0.02) & (texture.cosine > 0.35))[grid]
    rgb, zone = np.maximum(texture.rgb[grid][lit].astype(np.float64), 1e-3), mesh.label[grid][lit]
    if not len(rgb):
        return math.inf, 0.0
    red = 100 * np.log10(rgb[:, 0] / rgb[:, 1])
    zones = [
        median(red[zone == number]) for number in np.unique(zone) if (zone == number).sum() >= _ZONE_TEXELS
    ]
    return quantile(red, _LEAST_RED) + balance, max(zones) - min(zones) if zones else 0.0


def _of_eyes(photo: Photo, face: Face, light: Light, balance: Shift) -> Shift | None:
    """Colour of the lit part of the white of the eyes, OD; None where it is not seen."""
    found = []
    for eye in find_sclera(photo, face):
        lit = eye[eye[:, 1] >= np.median(eye[:, 1])] if len(eye) else eye
        if len(lit) >= _SCLERA_PIXELS and np.median(eye[:, 0]) > _SCLERA_LIT * light.exposure.key_light:
            found.append(np.median(_ratios(lit, balance), axis=0))
    if not found:
        return None
    rg, gb = np.mean(found, axis=0).tolist()
    return rg, gb


def _around(photo: Photo, face: Face, balance: Shift) -> Range | None:
    """Colours of what is around the face, OD; None where the face fills the picture."""
    scale = min(1.0, _AROUND_SIDE / max(photo.pixels.shape[:2]))
    small = cv2.resize(photo.pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_NEAREST)
    hull = cv2.convexHull((face.landmarks[:468, :2] * scale).astype(np.float32))
    inside = np.zeros(small.shape[:2], np.uint8)
    cv2.fillConvexPoly(inside, hull.astype(np.int32), 1)
    rgb = SRGB_DECODE_LUT[small[cv2.dilate(inside, np.ones((7, 7), np.uint8)) == 0]].reshape(-1, 3)
    rgb = rgb[(rgb[:, 1] > _DARK) & (rgb.max(axis=1) < _BURNT)]
    if len(rgb) < _AROUND_PIXELS:
        return None
    low, high = _AROUND_RANGE
    first, second = (
        (quantile(part, low), quantile(part, 0.1), quantile(part, high)) for part in _ratios(rgb, balance).T
    )
    return first, second


def _ratios(rgb: FloatArray, balance: Shift) -> FloatArray:
    """(n, 2) log R/G and log G/B, OD, of linear RGB (n, 3), balanced."""
    logs = 100 * np.log10(np.maximum(rgb, 1e-3))
    ratios: FloatArray = np.stack([logs[:, 0] - logs[:, 1], logs[:, 1] - logs[:, 2]], axis=1) + balance
    return ratios


def _agreed(eyes: Shift | None, around: Range | None) -> float:
    """OD of the shift that the white of the eyes and everything around the face have in common."""
    if eyes is None or around is None:
        return 0.0
    shared = []
    for eye, usual, (low, _, high) in zip(eyes, _SCLERA, around, strict=True):
        off, far = eye - usual, max(0.0, low) + min(0.0, high)
        shared.append(min(abs(off), abs(far)) if off * far > 0 else 0.0)
    return math.hypot(*shared)
