"""Texture and maps in, skin out that is too bright for the camera: it shows the least that is there.

Where only red is at the end of its range, skin is at least as red as it looks; where all light is, it shines
at least as much. Both are skin where measured skin surrounds them, and both are bounds, not holes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from skinscan.facemesh.canonical_face import load_canonical
from skinscan.types import BoolMap, FaceTexture, SkinMaps

__all__ = ["ClippedSkin", "find_clipped_skin", "red_alone"]

_CLIPPED = 0.05  # share of the texel's pixels, as validity has it
_TOP = 0.8  # linear: a texel of which pixels clip at the top, not in the blacks
_GREEN_LEFT = 0.9  # linear G of a texel whose red alone has clipped
_COSINE = 0.25  # as validity has it
_NEAR, _AMONG_SKIN = (
    10.0,
    0.5,
)  # texels, sigma of what surrounds it, and the share of it that must be measured
_TAPS = 4.1  # sigmas to either side that OpenCV's kernel of float32 has


@dataclass(frozen=True, slots=True, kw_only=True)
class ClippedSkin:
    """Masks (S, S) of skin that is not valid for its brightness alone; disjoint."""

    red: BoolMap  # red has clipped, green has not: erythema is a lower bound
    glare: BoolMap  # all channels have: shine is a lower bound, colour is unknown


def find_clipped_skin(texture: FaceTexture, maps: SkinMaps) -> ClippedSkin:
    """Find burnt skin amid measured skin; burnt hair, glass, sky and paper have none around."""
    burnt = (texture.clipped > _CLIPPED) & (texture.rgb[..., 0] > _TOP)
    burnt &= load_canonical().skin & texture.inside & (texture.cosine >= _COSINE) & ~maps.valid
    if not burnt.any():
        return ClippedSkin(red=burnt, glare=burnt)
    usable = load_canonical().skin & texture.inside & ~burnt
    box = _around(burnt)
    valid, there = (
        cv2.GaussianBlur(mask[box].astype(np.float32), (0, 0), _NEAR)
        for mask in (usable & maps.valid, usable)
    )
    skin = burnt.copy()
    skin[box] &= valid > _AMONG_SKIN * there
    only_red = red_alone(texture)
    return ClippedSkin(red=skin & only_red, glare=skin & ~only_red)


def _around(mask: BoolMap) -> tuple[slice, slice]:
    """Rows and columns of what is set, and as far around as the Gaussian reaches: it is wide, and slow."""
    reach = math.ceil(_TAPS * _NEAR)
    rows, columns = (np.flatnonzero(mask.any(axis=axis)) for axis in (1, 0))
    return (
        slice(max(int(rows[0]) - reach, 0), int(rows[-1]) + reach + 1),
        slice(max(int(columns[0]) - reach, 0), int(columns[-1]) + reach + 1),
    )


def red_alone(texture: FaceTexture) -> BoolMap:
    """Texels, (S, S), bright in red and not at the end of green: what has clipped there is red."""
    alone: BoolMap = (texture.rgb[..., 0] > _TOP) & (texture.rgb[..., 1] < _GREEN_LEFT)
    return alone
