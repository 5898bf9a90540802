"""Texture, zones and light in, the colour of the lips out: without gloss, teeth and the line of the mouth."""

from __future__ import annotations

from types import MappingProxyType

import numpy as np

from skinscan.errors import QualityError
from skinscan.matte import ratios
from skinscan.types import FaceTexture, FloatArray, Light, Matte, Zones

__all__ = ["measure_lips"]

_LIPS = ("upper_lip", "lower_lip")
_LEAST = 60  # texels
_CONTRAST, _CONTRAST_SIGMA = (
    1.27,
    0.12,
)  # colourfulness of the photo over that of the lips, as light.py has it
_SIDE_QUANTILES = (0.25, 0.65)  # of brightness: darker is shadow, brighter is gloss or teeth
_OWN_BRIGHTNESS = 0.75  # of the lips' own brightness against the skin's that is believed
_OWN_SIGMA = 7.0  # OD, what shading of the lips leaves unsure
_CHROMA_SIGMA = (2.0, 2.0)  # OD, what edges, lines and gloss leave unsure in log R/G and log G/B


def measure_lips(texture: FaceTexture, light: Light, zones: Zones) -> Matte:
    """Matte colour of both lips, painted or bare.

    Raises QualityError when too little of the lips is visible.
    """
    mask = np.logical_or.reduce([zones.masks[name] for name in _LIPS]) & (texture.clipped < 0.05)
    rgb: FloatArray = texture.rgb[mask].astype(np.float64)
    if len(rgb) < _LEAST:
        raise QualityError("too little of the lips is visible", "take the photo from the front, mouth closed")
    level, chroma = ratios(rgb, light)
    low, high = np.quantile(level, _SIDE_QUANTILES)
    body = (level >= low) & (level <= high)
    own = np.median(chroma[body], axis=0)
    darker = 100 * (np.log10(light.key_light * light.gain[0]) - float(np.median(level[body])))
    contrast = _CONTRAST if light.excess != (0.0, 0.0) else 1.0
    stretch = np.abs(own) * (_CONTRAST_SIGMA / _CONTRAST**2) * (contrast > 1)
    rg, gb = own / contrast
    return Matte(
        od=(light.reference_od + _OWN_BRIGHTNESS * darker, float(rg), float(gb)),
        sigma=MappingProxyType(
            {
                "exposure": (light.exposure_sigma, 0.0, 0.0),
                "light": (0.0, *light.residual),
                "camera": (0.0, float(stretch[0]), float(stretch[1])),
                "segmentation": (0.0, *_CHROMA_SIGMA),
                "site": (_OWN_SIGMA, 0.0, 0.0),
            }
        ),
        n_pixels=int(body.sum()),
    )
