"""Texture, zones and light in, the colour of the lips out: without gloss, teeth and the line of the mouth.

The trend of skin over brightness (tone_curve.py) is not taken off: lips follow a curve of their own, paint
none. Numbers are fitted on 72 rendered portraits of training people, bare and painted (docs/shades.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from skinscan.errors import QualityError
from skinscan.types import BoolMap, DiffuseColor, FaceTexture, FloatArray, Light

__all__ = ["measure_lips"]

_LIPS = ("upper_lip", "lower_lip")
_CLIPPED = 0.05  # share of a texel's pixels
_LEAST = 60  # texels
_DARKEST = 1e-4  # linear
_BODY = (0.4, 0.8)  # quantiles of R: below lies shadow and the line of the mouth, above gloss and teeth
_DEEPER = -3.3  # OD: of `Light.darker`, lips bulge where the mesh is flat
_SHADING_SIGMA = 6.0  # OD about that

_Ratios = tuple[float, float]
# Of log R/G and log G/B: colourfulness in photos over that of lips; its sigma; sigma of what is left, OD.
_AS_SHOT: tuple[_Ratios, _Ratios, _Ratios] = ((1.26, 1.48), (0.20, 0.25), (4.0, 5.0))
_BY_CARD: tuple[_Ratios, _Ratios, _Ratios] = ((1.12, 1.07), (0.08, 0.08), (3.8, 4.0))


def measure_lips(texture: FaceTexture, light: Light, zone_masks: Mapping[str, BoolMap]) -> DiffuseColor:
    """Matte colour of both lips, painted or bare.

    Raises QualityError when too little of the lips is visible.
    """
    mask = np.logical_or.reduce([zone_masks[name] for name in _LIPS]) & (texture.clipped < _CLIPPED)
    if mask.sum() < _LEAST or "lips" not in light.darker:
        raise QualityError("too little of the lips is visible", "take the photo from the front, mouth closed")
    rgb: FloatArray = np.maximum(texture.rgb[mask].astype(np.float64) * light.white_balance.gain, _DARKEST)
    low, high = np.quantile(rgb[:, 0], _BODY)
    body = rgb[(rgb[:, 0] >= low) & (rgb[:, 0] <= high)]
    seen = 100 * np.median(np.log10(body[:, :2] / body[:, 1:]), axis=0)
    contrast, spread, rest = _BY_CARD if light.white_balance.by_card else _AS_SHOT
    rg, gb = (float(value) / factor for value, factor in zip(seen, contrast, strict=True))
    stretched = [
        abs(value) * share / factor for value, share, factor in zip((rg, gb), spread, contrast, strict=True)
    ]
    return DiffuseColor(
        od=(light.exposure.reference_od + light.darker["lips"] + _DEEPER, rg, gb),
        sigma=MappingProxyType(
            {
                "exposure": (light.exposure.sigma, 0.0, 0.0),
                "light": (0.0, *light.white_balance.residual),
                "camera": (0.0, stretched[0], stretched[1]),
                "segmentation": (0.0, *rest),
                "site": (_SHADING_SIGMA, 0.0, 0.0),
            }
        ),
        n_pixels=len(body),
    )
