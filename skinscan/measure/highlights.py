"""Texture and light in, how much light skin mirrors in its highlights out.

How much light skin mirrors on the whole hardly depends on oil: a greasy surface throws the same light into
few bright spots. So what tells is how far the shiniest tenth of a zone stands above its middle. A mirrored
highlight has the colour of the light, skin takes most of the blue: what blue has above skin of the same red
is mirrored light, in any shade and on any tone (dichromatic reflection; Shafer 1985, Color Res. Appl.
10:210).
"""

from __future__ import annotations

import cv2
import numpy as np

from skinscan.stats import median, quantile
from skinscan.types import FaceTexture, FloatArray, FloatMap, Indices, Light

__all__ = ["Highlights"]

_SOFT = 1.0  # texels: pores and noise of the blue channel
_EVERY = 2  # texels: neighbours say the same
_SHINIEST = 0.1  # share of a zone
_BRIGHT = 0.8  # quantile of the zone's blue that a burnt highlight is held against
_LEAST_CONTRAST = 0.15  # of skin's red over its blue: bluish pictures have none
_DARKEST = 1e-3  # linear


class Highlights:
    """Mirrored light of one face."""

    def __init__(self, texture: FaceTexture, light: Light) -> None:
        rgb = texture.rgb[..., ::2] * np.array(light.white_balance.gain[::2], np.float32)
        red, blue = cv2.split(cv2.GaussianBlur(rgb, (0, 0), _SOFT))
        self._red: FloatMap = red
        self._blue: FloatMap = blue
        # Linear light to % of the light that a white surface would throw back.
        self._percent = 100 * 10 ** (-light.exposure.reference_od / 100) / light.exposure.key_light

    def of(self, skin: Indices, glare: Indices) -> float:
        """% of the light: mean of the shiniest tenth above the zone's median.

        `skin`: flat indices of valid skin of one zone; `glare`: of its burnt highlights, which count with the
        least that they can be.
        """
        red, blue = self._at(skin[::_EVERY])
        usual = median(blue / red)
        mirrored = (blue - usual * red) / max(1 - usual, _LEAST_CONTRAST)
        every = np.sort(np.concatenate([mirrored, self._bound(blue, glare[::_EVERY])]))
        shiniest = every[-max(1, round(_SHINIEST * len(every))) :]
        return self._percent * float(shiniest.mean() - every[len(every) // 2])

    def least(self, skin: Indices, glare: Indices) -> FloatArray:
        """(n,) % of the light that burnt highlights mirror at least."""
        return self._percent * self._bound(self._at(skin)[1], glare) if len(glare) else np.zeros(0)

    def _at(self, texels: Indices) -> tuple[FloatArray, FloatArray]:
        red, blue = (
            np.maximum(channel.ravel()[texels].astype(np.float64), _DARKEST)
            for channel in (self._red, self._blue)
        )
        return red, blue

    def _bound(self, blue: FloatArray, glare: Indices) -> FloatArray:
        if not len(glare):
            return np.zeros(0)
        above: FloatArray = np.maximum(
            self._blue.ravel()[glare].astype(np.float64) - quantile(blue, _BRIGHT), 0
        )
        return above
