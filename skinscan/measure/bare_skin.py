"""Maps of a face in, which texels are bare skin out: what the network is sure of, and what has skin's colour.

The network knows coverings from renders, where skin is smoother than skin with acne is: on photos of turned,
inflamed faces it takes a third of the lower cheek and chin for a beard. Its doubt is not the last word where
the colour is that of the face's own sure skin: hair is darker and less red, inflamed skin is redder.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from skinscan.stats import median
from skinscan.types import BoolMap, FaceTexture, FloatMap

__all__ = ["bare_skin"]

_SURE, _REFERENCE, _COVERED = 0.5, 0.8, 0.15  # of the network's validity: skin, own skin, surely no skin
_GRAZING, _BURNT = 0.25, 0.05  # cosine and share of clipped pixels: limits of the validity map
_SMOOTH = 2.0  # texels: single hairs and pores
_LEAST_REFERENCE = 300  # texels
# Bearded men of the London set, smoothed: -7 EI and +5 MI in the median; unbearded skin -2 and +2 where the
# network doubts it. A line between them, and what may be shade [design].
_LEAST_EI, _EI_PER_MI, _MI_RANGE = -4.0, 0.5, (-8.0, 8.0)


def bare_skin(erythema: FloatMap, melanin: FloatMap, validity: FloatMap, texture: FaceTexture) -> BoolMap:
    """Tell bare skin, (S, S), from `erythema` (EI), `melanin` (MI), and `validity` (0..1), (S, S) each.

    `texture`: the same face; what is drawn on, grazing or burnt is never rescued.
    """
    looked_at = texture.inside & ~texture.drawn & (texture.cosine >= _GRAZING) & (texture.clipped <= _BURNT)
    sure = validity >= _SURE
    reference = (validity >= _REFERENCE) & looked_at
    doubted = (validity >= _COVERED) & looked_at & ~sure
    if np.count_nonzero(reference) < _LEAST_REFERENCE or not doubted.any():
        return sure
    redder, darker = _smoothed((erythema, melanin), looked_at)
    redder, darker = (plane - np.float32(median(plane[reference])) for plane in (redder, darker))
    least, most = _MI_RANGE
    alike = (redder - _EI_PER_MI * np.maximum(darker, 0) >= _LEAST_EI) & (darker > least) & (darker < most)
    return sure | (doubted & alike)


def _smoothed(planes: Sequence[FloatMap], where: BoolMap) -> list[FloatMap]:
    """Mean of what is looked at, by a Gaussian."""
    weight = where.astype(np.float32)
    share = np.maximum(cv2.GaussianBlur(weight, (0, 0), _SMOOTH), np.float32(1e-3))
    return [np.asarray(cv2.GaussianBlur(plane * weight, (0, 0), _SMOOTH) / share) for plane in planes]
