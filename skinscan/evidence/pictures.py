"""A comparison in, the pictures worth keeping out: bare skin of both photos, aligned, without eyes.

Only the zones of `canonical.ZONES` are kept, laid out on the UV square: skin and lips, no eye, no brow, no
outline of a face. All else is black and transparent.
"""

from __future__ import annotations

import cv2
import numpy as np

from skinscan.change.types import Change
from skinscan.color import srgb_encode
from skinscan.facemesh.canonical_face import load_canonical
from skinscan.types import BoolMap, FloatMap

__all__ = ["skin_pictures"]

_CHANGE_STEP, _CHANGE_ZERO = 0.01, 32768
"""maps/change.png is 16-bit: EI = (value - 32768) * 0.01; value 0 where nothing was measured."""


def skin_pictures(change: Change) -> dict[str, bytes]:
    """PNGs by member name; none of a comparison that was refused.

    maps/before.png, maps/after.png: (S, S) RGBA, 8 bits, sRGB, of the first photo of each side, in texels of
    the before-photo. maps/change.png: (S, S) grey, 16 bits, change of erythema in 0.01 EI about 32768.
    """
    if change.maps is None or change.aligned is None:
        return {}
    pair = change.aligned
    before, after = pair.first.texture, pair.second.texture
    seen = pair.onto_first(after.inside.astype(np.float32)) > 0.5
    scaled = np.clip(np.round(change.maps.erythema / _CHANGE_STEP) + _CHANGE_ZERO, 1, 65535)
    kept = change.maps.valid & (load_canonical().label >= 0)
    return {
        "maps/before.png": _skin(before.rgb, before.inside),
        "maps/after.png": _skin(pair.onto_first(after.rgb), seen),
        "maps/change.png": _png(np.where(kept, scaled, 0).astype(np.uint16)),
    }


def _skin(rgb: FloatMap, seen: BoolMap) -> bytes:
    """Zones of a texture, (S, S, 3) linear sRGB, as PNG."""
    kept = seen & (load_canonical().label >= 0)
    pixels = np.zeros((*kept.shape, 4), np.uint8)
    pixels[kept, :3] = np.round(255 * srgb_encode(np.clip(rgb[kept], 0, 1)))
    pixels[kept, 3] = 255
    return _png(cv2.cvtColor(pixels, cv2.COLOR_RGBA2BGRA))


def _png(pixels: np.ndarray[tuple[int, ...], np.dtype[np.integer]]) -> bytes:
    done, data = cv2.imencode(".png", pixels)
    assert done
    return data.tobytes()
