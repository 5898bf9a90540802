"""A photo and its face in, the same photo with a known rise of erythema out, and the rise at every texel.

In linear sRGB one EI more multiplies R, G, B by 10^-(0.0023, 0.0092, 0.0078): within-person fits on the
measured spectra of ISSA. Cameras that stretch color would show 0.8 to 1.2 times that.
"""

from __future__ import annotations

from typing import Literal

import cv2
import numpy as np

from skinscan.color import SRGB_DECODE_LUT, srgb_encode
from skinscan.facemesh.landmarks import IRIS_CENTRES
from skinscan.types import Face, FaceTexture, FloatMap, Photo, RgbPixels

__all__ = ["Kind", "paint", "rise_on_texture"]

Kind = Literal["cheeks", "left cheek", "butterfly", "flush"]

_DENSITY_PER_EI = np.array([0.230, 0.918, 0.782], np.float32) / 100
# (aside, below the middle of the eyes), (half-width, half-height), inter-ocular distances.
_Disc = tuple[tuple[float, float], tuple[float, float]]
_CHEEK: _Disc = (0.5, 0.72), (0.26, 0.26)
_WING: _Disc = (0.5, 0.68), (0.36, 0.30)
_NOSE: _Disc = (0.0, 0.42), (0.20, 0.34)
_EYE: _Disc = (0.5, -0.02), (0.30, 0.17)  # with the brow
_MOUTH: _Disc = (0.0, 1.23), (0.43, 0.20)
_FACE: _Disc = (0.0, 0.42), (1.05, 1.33)


def paint(photo: Photo, face: Face, kind: Kind, ei: float) -> tuple[RgbPixels, FloatMap]:
    """Redden the skin by up to `ei` EI, with soft edges.

    `photo`: the picture, left as it is; `face`: its landmarks, in its pixels. `kind`: "cheeks" for a spot on
    both, "butterfly" for cheeks and nose, "flush" for the whole face but eyes and mouth.
    `ei`: index units at the middle of a spot.

    Returns pixels (H, W, 3), gamma-coded sRGB as `photo.pixels`, and the rise (H, W) in EI. "left cheek" is
    the person's own.
    """
    rise = np.float32(ei) * _shape(photo, face, kind)
    linear = cv2.LUT(photo.pixels, SRGB_DECODE_LUT) * 10 ** (-rise[..., None] * _DENSITY_PER_EI)
    return np.round(255 * srgb_encode(linear)).astype(np.uint8), rise


def rise_on_texture(rise: FloatMap, texture: FaceTexture) -> FloatMap:
    """The rise (H, W) of a photo on the texels (S, S) of its unwrapped face."""
    column, row = texture.photo_xy
    laid: FloatMap = cv2.remap(rise, column, row, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return laid


def _shape(photo: Photo, face: Face, kind: Kind) -> FloatMap:
    """(H, W) 0..1."""
    right, left = (face.landmarks[k, :2].astype(np.float64) for k in IRIS_CENTRES)
    across = (left - right) / np.linalg.norm(left - right)
    apart, middle = float(np.linalg.norm(left - right)), (left + right) / 2
    row, column = np.indices(photo.pixels.shape[:2], dtype=np.float32)
    x, y = column - np.float32(middle[0]), row - np.float32(middle[1])
    aside = (x * np.float32(across[0]) + y * np.float32(across[1])) / np.float32(apart)  # to the own left
    below = (y * np.float32(across[0]) - x * np.float32(across[1])) / np.float32(apart)

    def disc(of: _Disc, side: int = 1) -> FloatMap:
        (to_side, down), (wide, high) = of
        far = ((aside - side * np.float32(to_side)) / wide) ** 2 + ((below - np.float32(down)) / high) ** 2
        soft: FloatMap = np.exp(-0.5 * far**2).astype(np.float32)
        return soft

    def both(of: _Disc) -> FloatMap:
        return np.maximum(disc(of, 1), disc(of, -1))

    if kind == "left cheek":
        return disc(_CHEEK)
    if kind == "cheeks":
        return both(_CHEEK)
    if kind == "butterfly":
        return np.maximum(both(_WING), disc(_NOSE))
    flush: FloatMap = disc(_FACE) * (1 - np.maximum(both(_EYE), disc(_MOUTH)))
    return flush
