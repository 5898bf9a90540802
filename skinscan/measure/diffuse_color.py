"""Pixels of one site and the light in, its colour as a matte surface in full light out, with what is unsure.

Skin and lips share this: what a photo shows is taken apart into one density and two ratios, each with the
errors named by their source, so that an error budget can be itemised later.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from types import MappingProxyType

import numpy as np

from skinscan.measure.tone_curve import log_ratios
from skinscan.stats import median, quantile
from skinscan.types import KEY_LIGHT_QUANTILE, DiffuseColor, FloatArray, Light

__all__ = ["diffuse_skin_color"]

# Of a site's own brightness, and what that leaves unsure, OD. Sites differ by 4.5 OD (ISSA). Shading taken
# off, cheek and jaw of rendered faces differ as skins do (slope 1.05, r 0.83); else it is about twice that.
_SITE_WEIGHT, _SITE_SIGMA = 0.7, 2.5
_SHADED_WEIGHT, _SHADED_SIGMA = 0.2, 4.0  # the same where shading is not known [design]


def diffuse_skin_color(rgb: FloatArray, light: Light, zones: Sequence[str] = ()) -> DiffuseColor:
    """Matte colour of a site's pixels (n, 3) linear sRGB as the photo has them.

    `zones`: the skin zones they are of, whose shading is known; none off the mesh.
    """
    level, chroma = log_ratios(rgb, light)
    seen = [light.darker[name] for name in zones if name in light.darker]
    weight, sigma = (_SITE_WEIGHT, _SITE_SIGMA) if seen else (_SHADED_WEIGHT, _SHADED_SIGMA)
    bright = 100 * math.log10(light.exposure.key_light * light.white_balance.gain[0])
    darker = float(np.mean(seen)) if seen else bright - 100 * quantile(level, KEY_LIGHT_QUANTILE)
    rg, gb = (median(part) - own for part, own in zip(chroma.T, light.excess, strict=True))
    return DiffuseColor(
        od=(light.exposure.reference_od + weight * darker, rg, gb),
        sigma=MappingProxyType(
            {
                "exposure": (light.exposure.sigma, 0.0, 0.0),
                "light": (0.0, *light.white_balance.residual),
                "camera": (0.0, *light.chroma_sigma),
                "site": (sigma, 0.0, 0.0),
            }
        ),
        n_pixels=len(rgb),
    )
