"""Two scans in, what was put on one face and not on the other: smoothing that is no blur, colour on the lips.

A blur takes relief from skin and eyes alike, a filter or a foundation takes it from the skin alone. So the
photo with more relief is blurred until its skin is as smooth as the other's, and the sharpness that its eyes
would keep is held against the sharpness that the other's eyes have.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np

from skinscan.facemesh.canonical_face import load_canonical
from skinscan.stats import SD_PER_MAD, median
from skinscan.types import RELIEF_SIGMA, BoolMap, FaceTexture, Scan

__all__ = ["lip_color_difference", "smoothing"]

_EDGE = 0.4  # sharpness of an edge blurred by one texel, 1/texel: 1 / sqrt(2 pi)
_MOST_BLUR, _STEPS = 4.0, 10  # texels; halvings of the search
_DARKEST = 1e-4
_LEAST_TEXELS = 50


@dataclass(frozen=True)
class Smoothing:
    """How the skin of the smoother photo differs from a blurred copy of the other."""

    second: bool  # the second photo is the smoother one
    ratio: float  # 1.., relief of the other photo over its own
    rough: FaceTexture
    smooth: FaceTexture
    where: BoolMap  # (S, S) skin that both show
    relief: float  # OD, of the smoother one

    @cached_property
    def excess(self) -> float:
        """Its eyes' sharpness over what such a blur would leave; about 1 by blur, 1.2 to 2 by a filter.

        The search for that blur takes several ms.
        """
        low, high = 0.0, _MOST_BLUR
        for _ in range(_STEPS):
            middle = (low + high) / 2
            rougher = _relief(self.rough, self.where, middle) > self.relief
            low, high = (middle, high) if rougher else (low, middle)
        left = 1 / math.hypot(1 / max(self.rough.detail, 0.05), low / _EDGE)
        return max(self.smooth.detail, 0.05) / left


def smoothing(first: Scan, second: Scan) -> Smoothing | None:
    """Find which photo has the smoother skin, and whether blur explains it; None where too little is seen."""
    shared = (load_canonical().skin & first.maps.valid & second.maps.valid).astype(np.uint8)
    where = cv2.erode(shared, np.ones((5, 5), np.uint8)) > 0
    if np.count_nonzero(where) < _LEAST_TEXELS:
        return None
    reliefs = [_relief(scan.texture, where, 0.0) for scan in (first, second)]
    smoother = reliefs[1] < reliefs[0]
    rough, smooth = (first, second) if smoother else (second, first)
    return Smoothing(
        second=smoother, ratio=max(reliefs) / max(min(reliefs), 1e-3),
        rough=rough.texture, smooth=smooth.texture, where=where, relief=min(reliefs),
    )  # fmt: skip


def lip_color_difference(first: Scan, second: Scan) -> float:
    """OD: how far the lower lip's colour, (log R/G, log G/B) less that of the own skin, differs.

    0 where a lip is not seen.
    """
    colors = [_lip(scan) for scan in (first, second)]
    if colors[0] is None or colors[1] is None:
        return 0.0
    return math.dist(colors[0], colors[1])


def _lip(scan: Scan) -> tuple[float, float] | None:
    mesh, texture = load_canonical(), scan.texture
    lip, skin = mesh.zones["lower_lip"] & texture.inside, mesh.skin & scan.maps.valid
    if min(np.count_nonzero(lip), np.count_nonzero(skin)) < _LEAST_TEXELS:
        return None
    of_lip, of_skin = (100 * np.log10(np.maximum(texture.rgb[where], 1e-3)) for where in (lip, skin))
    rg, gb = (
        median(of_lip[:, k] - of_lip[:, k + 1]) - median(of_skin[:, k] - of_skin[:, k + 1]) for k in (0, 1)
    )
    return rg, gb


def _relief(texture: FaceTexture, where: BoolMap, blur: float) -> float:
    """OD: robust SD of the finest relief, of the texture blurred by so many texels."""
    rgb = cv2.GaussianBlur(texture.rgb[..., 1], (0, 0), blur) if blur > 0.05 else texture.rgb[..., 1]
    tone = (100 * np.log10(np.maximum(rgb, _DARKEST))).astype(np.float32)
    return SD_PER_MAD * median(np.abs(tone - cv2.GaussianBlur(tone, (0, 0), RELIEF_SIGMA))[where])
