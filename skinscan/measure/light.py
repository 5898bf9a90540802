"""Photo, face and texture in, the photo's nuisances out: white, exposure, tone curve, and what stays unsure.

White, exposure and tone curve are explained where they are estimated, in white_balance.py, exposure.py and
tone_curve.py; how light falls on a face, in shading.py. A colour card has set white, tone curve and
saturation right before the texture got here (chart.py). What it cannot see is how skin scatters light into
its shade, and how the face is lit otherwise than the card.

**Contrast.** Cameras render skin more colourful and brighter than it is, by contrast and saturation that no
single photo reveals. The usual amount is taken off the face as a whole, its spread goes into the intervals.
Differences between zones are left alone: there the fit of the tone curve has taken back about what contrast
added. What shading and zone cannot tell apart ends up in `zone_sigma`.
"""

from __future__ import annotations

import math
from functools import lru_cache
from types import MappingProxyType

import numpy as np

from skinscan.errors import QualityError
from skinscan.facemesh.canonical_face import load_canonical
from skinscan.facemesh.zones import SKIN_ZONES
from skinscan.measure.exposure import AS_SHOT, BY_CARD, estimate_exposure
from skinscan.measure.redness import RISE, reddened, redness
from skinscan.measure.shading import Shading, fit_shading, skin_normals
from skinscan.measure.tone_curve import KNOTS, STRIDE, fit_tone_curve, over_spots
from skinscan.measure.white_balance import estimate_white_balance, find_sclera
from skinscan.skin_indices import EI_PER_RG
from skinscan.stats import median, quantile
from skinscan.types import (
    KEY_LIGHT_QUANTILE,
    Card,
    Face,
    FaceTexture,
    FloatArray,
    Indices,
    IntMap,
    Light,
    Photo,
)

__all__ = ["estimate_light"]

_DARKEST = 0.004  # linear; 8-bit steps are 10 % and more below it
_HIGHEST_MID_TONE = -0.30  # log10 R: curves are straightest from here down [design]
_MIN_TEXELS = 100
# Quantile of redness over spots of the face's skin, and EI that it lies below the mean of a face: a patch, a
# butterfly or rosacea leaves the calm part of a face as it is.
_CALM, _CALM_LESS = 0.1, 4.2
_LIP_CLIPPED, _LIP_TEXELS = 0.05, 60
_LIP_LIT = 0.3  # quantile of darkness: brighter lies gloss, darker shade; of 0.1 .. 0.6 it repeats best


def estimate_light(
    photo: Photo,
    face: Face,
    texture: FaceTexture,
    card: Card | None = None,
    paper: FloatArray | None = None,
) -> Light:
    """Estimate white, tone curve and exposure, from the face itself where no card has given them.

    Args:
        photo: the photo.
        face: where the sclera is looked for.
        texture: the one unwrapped with the same card.
        card: the colour card or sheet in the photo, if one was found.
        paper: (3,) linear RGB of white paper in the photo, if somebody has named it.

    Raises QualityError when too little lit, unclipped skin is visible to calibrate on.
    """
    zone, texel, rgb = _calibration_skin(texture)
    if len(zone) < _MIN_TEXELS:
        raise QualityError(
            f"too little evenly lit skin is visible in {photo.name}",
            "take the photo in even daylight, hair and hands off the face",
        )
    eyes = [] if texture.eyes_covered else find_sclera(photo, face)
    key_light = quantile(rgb[:, 0], KEY_LIGHT_QUANTILE)
    white_balance = estimate_white_balance(eyes, key_light, card, paper)
    by_card = white_balance.by_card
    usual = BY_CARD[card.kind] if by_card and card else AS_SHOT
    rgb = rgb * np.array(white_balance.gain)
    level = np.log10(rgb[:, 0])
    brightest = quantile(level, KEY_LIGHT_QUANTILE)
    normals = skin_normals(face)
    shading = fit_shading(normals, zone, texel, rgb[:, 0])
    # A card's tone curve is straight everywhere, and half-shade is redder than skin.
    middle = brightest if by_card else min(median(level), _HIGHEST_MID_TONE)
    chroma = 100 * np.stack([np.log10(rgb[:, 0] / rgb[:, 1]), np.log10(rgb[:, 1] / rgb[:, 2])], axis=1)
    offsets, tone_curve, covariance, scatter = fit_tone_curve(zone, texel, level, chroma, middle)
    area = np.bincount(zone, minlength=len(SKIN_ZONES)) / len(zone)
    of_face = np.append(area, np.zeros(len(KNOTS)))
    contrast = np.eye(len(SKIN_ZONES), len(of_face)) - of_face
    zone_od = np.sqrt(np.einsum("ij,jk,ik->i", contrast, covariance, contrast))
    face_od = math.sqrt(of_face @ covariance @ of_face)
    centre = area @ offsets
    # What contrast adds to skin of this depth and of usual redness: it must not shrink a flush.
    excess = reddened(centre, -float(redness(centre / usual.contrast))) * (1 - 1 / usual.contrast)
    excess = excess + usual.scatter
    stretch = np.abs(centre) * (usual.contrast_sigma / usual.contrast**2)
    own = centre - excess
    rises = redness(chroma - tone_curve.trend(level) - excess, own)
    calm = reddened(own, quantile(over_spots(rises, texel), _CALM) + _CALM_LESS)
    lips = _dark_lips(normals, texture, shading, white_balance.gain[0])
    return Light(
        white_balance=white_balance,
        exposure=estimate_exposure(brightest, key_light, eyes, shading, card if by_card else None),
        tone_curve=tone_curve,
        card=card,
        excess=(float(excess[0]), float(excess[1])),
        chroma=(float(own[0]), float(own[1])),
        calm=(float(calm[0]), float(calm[1])),
        chroma_sigma=(math.hypot(face_od, stretch[0]), math.hypot(face_od, stretch[1])),
        zone_sigma=MappingProxyType(
            dict(zip(SKIN_ZONES, (RISE * EI_PER_RG * zone_od).tolist(), strict=True))
        ),
        scatter=scatter,
        darker=MappingProxyType({**shading.darker, **lips}),
        n_pixels=len(zone),
    )


def _calibration_skin(texture: FaceTexture) -> tuple[IntMap, Indices, FloatArray]:
    """Zone number (n,), flat index (n,) and linear RGB (n, 3) of lit, unclipped, plausibly skin texels."""
    zone, texel = _grid()
    rgb, cosine = texture.rgb.reshape(-1, 3)[texel], texture.cosine.ravel()[texel]
    red, green, blue = rgb.T
    keep = texture.inside.ravel()[texel] & (texture.clipped.ravel()[texel] < 0.02) & (cosine > 0.35)
    keep &= np.minimum(green, blue) > _DARKEST
    keep &= (red > 0.95 * green) & (green > 0.7 * blue)  # no skin is bluish; a grey photo passes
    return zone[keep], texel[keep], rgb[keep].astype(np.float64)


@lru_cache(maxsize=1)
def _grid() -> tuple[IntMap, Indices]:
    """Zone number (n,) and flat index (n,) of every so many texels of the skin zones in both directions."""
    mesh = load_canonical()
    row, column = np.nonzero(mesh.skin[::STRIDE, ::STRIDE])
    texel = (row * mesh.skin.shape[1] + column) * STRIDE
    return mesh.label.ravel()[texel], texel


def _dark_lips(normals: FloatArray, texture: FaceTexture, shading: Shading, gain: float) -> dict[str, float]:
    """How much darker than skin the lips are where they are in full light and not glossy, OD."""
    zones = load_canonical().zone_texels
    texel = np.concatenate([zones["upper_lip"], zones["lower_lip"]])
    sound = texture.inside.ravel()[texel] & (texture.clipped.ravel()[texel] < _LIP_CLIPPED)
    if np.count_nonzero(sound) < _LIP_TEXELS:
        return {}
    texel = texel[sound]
    red = texture.rgb.reshape(-1, 3)[texel, 0].astype(np.float64) * gain
    return {"lips": quantile(shading.darkness(normals, texel, red), _LIP_LIT)}
