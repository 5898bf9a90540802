"""Pixels of one site and the light in, its colour as a matte surface in full light out, with what is unsure.

Skin and lips share this: what a photo shows is taken apart into one density and two ratios, each with the
errors named by their source, so that an error budget can be itemised later.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from types import MappingProxyType

import numpy as np

from skinscan.color import linear_to_lab
from skinscan.stats import median, quantile
from skinscan.types import KEY_LIGHT_QUANTILE, FloatArray, Light, Matte

__all__ = ["matte_skin", "od_to_lab", "ratios"]

# Of a site's own brightness, and what that leaves unsure, OD. Sites differ by 4.5 OD (ISSA). Shading taken
# off, cheek and jaw of rendered faces differ as skins do (slope 1.05, r 0.83); else it is about twice that.
_SITE_WEIGHT, _SITE_SIGMA = 0.7, 2.5
_SHADED_WEIGHT, _SHADED_SIGMA = 0.2, 4.0  # [design]
_DARKEST = 1e-4  # linear


def matte_skin(rgb: FloatArray, light: Light, zones: Sequence[str] = ()) -> Matte:
    """Matte colour of a site's pixels (n, 3) linear sRGB as the photo has them.

    `zones`: the skin zones they are of, whose shading is known; none off the mesh.
    """
    level, chroma = ratios(rgb, light)
    seen = [light.darker[name] for name in zones if name in light.darker]
    weight, sigma = (_SITE_WEIGHT, _SITE_SIGMA) if seen else (_SHADED_WEIGHT, _SHADED_SIGMA)
    bright = 100 * math.log10(light.key_light * light.gain[0])
    darker = float(np.mean(seen)) if seen else bright - 100 * quantile(level, KEY_LIGHT_QUANTILE)
    rg, gb = (median(part) - own for part, own in zip(chroma.T, light.excess, strict=True))
    return Matte(
        od=(light.reference_od + weight * darker, rg, gb),
        sigma=MappingProxyType(
            {
                "exposure": (light.exposure_sigma, 0.0, 0.0),
                "light": (0.0, *light.residual),
                "camera": (0.0, *light.chroma_sigma),
                "site": (sigma, 0.0, 0.0),
            }
        ),
        n_pixels=len(rgb),
    )


def ratios(rgb: FloatArray, light: Light) -> tuple[FloatArray, FloatArray]:
    """log10 R (n,), and log R/G and log G/B (n, 2) in OD, of pixels (n, 3): balanced, trend taken off."""
    balanced = np.maximum(rgb * light.gain, _DARKEST)
    level = np.log10(balanced[:, 0])
    trend = _trend(level, light) - _trend(np.array([light.level]), light)
    rg = 100 * np.log10(balanced[:, 0] / balanced[:, 1])
    gb = 100 * np.log10(balanced[:, 1] / balanced[:, 2])
    return level, np.stack([rg, gb], axis=1) - trend


def od_to_lab(od: FloatArray) -> FloatArray:
    """L*a*b* (..., 3), D65, 2 degrees, of (..., 3) density of R, log R/G and log G/B in OD."""
    red = -od[..., 0]
    green = red - od[..., 1]
    return linear_to_lab(10 ** (np.stack([red, green, green - od[..., 2]], axis=-1) / 100))


def _trend(level: FloatArray, light: Light) -> FloatArray:
    """Trend of log R/G and log G/B (n, 2) at log10 R (n,)."""
    trend: FloatArray = np.maximum(level[:, None] - light.knots, 0) @ light.curve
    return trend
