"""Where the zones of the face lie on the UV square, and which of them belong together."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import cv2
import numpy as np
from numpy.typing import NDArray

from skinscan.facemesh.landmarks import LIPS_INNER, LIPS_OUTER
from skinscan.types import TEXTURE_SIZE, BoolMap, FloatMap

__all__ = ["AREAS", "BOTH_SIDES", "SKIN_ZONES", "T_ZONE", "U_ZONE", "ZONES", "ZONE_GAP", "zone_masks"]

_RIGHT_HALF: dict[str, tuple[tuple[float, float], ...]] = {
    # The person's right, that is the left of the UV square; (u, v) corners, 0..1.
    # Drawn on unwrapped faces so that brows, lashes, nostrils and lips stay outside by a margin.
    "under_eye": (
        (0.26, 0.42), (0.30, 0.432), (0.36, 0.432), (0.41, 0.425),
        (0.42, 0.445), (0.37, 0.475), (0.31, 0.475), (0.26, 0.455),
    ),
    "cheek": (
        (0.20, 0.48), (0.27, 0.48), (0.33, 0.50), (0.38, 0.52), (0.385, 0.56),
        (0.35, 0.62), (0.31, 0.66), (0.24, 0.66), (0.20, 0.60),
    ),
    "jaw": (
        (0.15, 0.66), (0.23, 0.68), (0.32, 0.70), (0.37, 0.78),
        (0.38, 0.85), (0.36, 0.90), (0.27, 0.86), (0.18, 0.78),
    ),
}  # fmt: skip
_MIDDLE: dict[str, tuple[tuple[float, float], ...]] = {
    "forehead": (
        (0.26, 0.16), (0.33, 0.13), (0.42, 0.118), (0.5, 0.115), (0.58, 0.118), (0.67, 0.13),
        (0.74, 0.16), (0.72, 0.215), (0.60, 0.225), (0.5, 0.215), (0.40, 0.225), (0.28, 0.215),
    ),
    "glabella": ((0.465, 0.225), (0.535, 0.225), (0.53, 0.32), (0.47, 0.32)),
    "nose": (
        (0.47, 0.33), (0.53, 0.33), (0.54, 0.44), (0.57, 0.50), (0.575, 0.545),
        (0.5, 0.56), (0.425, 0.545), (0.43, 0.50), (0.46, 0.44),
    ),
    "perioral": (
        (0.42, 0.61), (0.58, 0.61), (0.62, 0.66), (0.65, 0.70), (0.62, 0.75),
        (0.56, 0.77), (0.44, 0.77), (0.38, 0.75), (0.35, 0.70), (0.38, 0.66),
    ),
    "chin": (
        (0.42, 0.79), (0.58, 0.79), (0.61, 0.84), (0.58, 0.90), (0.5, 0.92), (0.42, 0.90), (0.39, 0.84),
    ),
}  # fmt: skip
_LIP_MARGIN = 3  # texels of vermilion border kept out of the perioral zone

ZONES = (
    "forehead", "glabella", "nose", "left_under_eye", "right_under_eye", "left_cheek", "right_cheek",
    "perioral", "chin", "left_jaw", "right_jaw", "upper_lip", "lower_lip",
)  # fmt: skip
"""All zone names. Left and right are the person's own."""

SKIN_ZONES = tuple(zone for zone in ZONES if not zone.endswith("lip"))
"""The zones that are skin: all but the lips, in the order of ZONES."""

T_ZONE = ("forehead", "glabella", "nose", "chin")
U_ZONE = ("left_cheek", "right_cheek", "left_jaw", "right_jaw")

ZONE_GAP = 25
"""Texels: wider than the gaps between zones."""


def zone_masks(uv: FloatMap, on_mesh: BoolMap) -> MappingProxyType[str, BoolMap]:
    """Masks (S, S) of all ZONES, in that order, disjoint; `uv` (468, 2) texels, `on_mesh` (S, S)."""
    polygons = dict(_MIDDLE)
    for name, corners in _RIGHT_HALF.items():
        polygons[f"right_{name}"] = corners
        polygons[f"left_{name}"] = tuple((1 - u, v) for u, v in corners)
    masks = {name: _fill(np.array(p) * TEXTURE_SIZE - 0.5) & on_mesh for name, p in polygons.items()}
    lips = _fill(uv[list(LIPS_OUTER)])
    around = np.ones((2 * _LIP_MARGIN + 1,) * 2, np.uint8)
    masks["perioral"] &= cv2.dilate(lips.astype(np.uint8), around) == 0
    vermilion = lips & ~_fill(uv[list(LIPS_INNER)])
    middle = uv[[13, 14], 1].mean()  # where the inner lips meet
    below = np.arange(TEXTURE_SIZE)[:, None] > middle
    masks["upper_lip"], masks["lower_lip"] = vermilion & ~below, vermilion & below
    for mask in masks.values():
        mask.setflags(write=False)
    return MappingProxyType({name: masks[name] for name in ZONES})


def _fill(corners: NDArray[np.floating]) -> BoolMap:
    mask = np.zeros((TEXTURE_SIZE, TEXTURE_SIZE), np.uint8)
    cv2.fillPoly(mask, [np.round(corners).astype(np.int32)], 1)
    return mask.astype(bool)


AREAS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "cheeks": ("left_cheek", "right_cheek"),
        "under_eyes": ("left_under_eye", "right_under_eye"),
        "jaws": ("left_jaw", "right_jaw"),
        "t_zone": ("forehead", "glabella", "nose", "chin"),
        "u_zone": ("left_cheek", "right_cheek", "left_jaw", "right_jaw"),
        "eye_product": ("left_under_eye", "right_under_eye"),
        "lip_product": ("perioral",),
        "face_product": SKIN_ZONES,
    }
)
"""Where products are usually put on, and groups of zones."""

BOTH_SIDES = ("under_eyes", "cheeks", "jaws")
"""The areas that are one part of both halves of the face."""
