"""Texture and light in, how much light skin mirrors in its highlights out.

How much light skin mirrors on the whole hardly depends on oil: a greasy surface throws the same light into
few bright spots. So what tells is how far the shiniest tenth of a zone stands above its middle, less what the
mottling of skin does by itself, which reaches as far below the middle as above. A mirrored
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
_SHINIEST, _DULLEST = 0.1, 0.25  # shares of a zone
# Times the dullest quarter's distance from the middle: 1.38 for even noise. Somewhat more makes equal oil
# read more alike on light and dark rendered skin, and London pairs repeat as well [design].
_MOTTLED = 1.66
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
        """% of the light: mean of the shiniest tenth above the zone's median, less its mottling; at least 0.

        `skin`: flat indices of valid skin of one zone; `glare`: of its burnt highlights, which count with the
        least that they can be.
        """
        red, blue = self._at(skin[::_EVERY])
        mirrored = _mirrored(red, blue)
        every = np.sort(np.concatenate([mirrored, self._bound(blue, glare[::_EVERY])]))
        shiniest = every[-max(1, round(_SHINIEST * len(every))) :]
        dullest = np.sort(mirrored)[: max(1, round(_DULLEST * len(mirrored)))]
        mottled = _MOTTLED * (median(mirrored) - dullest.mean())
        return self._percent * max(0.0, float(shiniest.mean() - every[len(every) // 2] - mottled))

    def above(self, skin: Indices) -> FloatArray:
        """(n,) % of the light that each texel mirrors above the middle of all of `skin`, flat indices."""
        mirrored = _mirrored(*self._at(skin))
        return self._percent * (mirrored - median(mirrored))

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


def _mirrored(red: FloatArray, blue: FloatArray) -> FloatArray:
    """Linear light that stands out from skin of the usual blue for its red."""
    usual = median(blue / red)
    return (blue - usual * red) / max(1 - usual, _LEAST_CONTRAST)
