"""Photo, face and card in, the white of the light out.

The camera has balanced the picture already; its error has a prior. The sclera is a second witness when it is
lit and clean, a piece of white paper that the caller names a third. Two are combined by their precision, so
that a doubtful sclera changes little and a strong cast is pulled back. A colour card or sheet has
set the white before the texture got here.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import cv2
import numpy as np

from skinscan.color import SRGB_DECODE_LUT, lab_to_linear
from skinscan.facemesh.landmarks import EYES, IRIS_CENTRES
from skinscan.facemesh.view import nearer_eyes
from skinscan.measure.sheet_fit import PAPER_LAB
from skinscan.stats import SD_PER_MAD
from skinscan.types import Card, CardKind, Face, FloatArray, Photo, Reference, WhiteBalance

__all__ = ["estimate_white_balance", "find_sclera"]

# OD (100 log10).
_AWB_SIGMA = np.array([2.5, 3.0])  # camera white balance error of R/G and G/B: 6 % and 7 % [design]
_SCLERA_COLOR = np.array([3.0, 2.0])  # log R/G and log G/B of a healthy sclera in white light [design]
_SCLERA_SIGMA = np.array([4.0, 4.0])  # spread of it over people and vessels [design]
_SCLERA_MIN_PIXELS = 40
_SCLERA_MIN_LIGHT = 0.6  # of the skin's key light; darker is lid shadow and reads red
# R/G and G/B of skin after a card: twelve camera types a light; of a sheet the paper too.
_CARD_SIGMA: Mapping[CardKind, FloatArray] = {
    "chart24": np.array([1.6, 1.6]),
    "parcel_card": np.array([1.9, 1.9]),
    "sheet": np.array([3.0, 3.0]),
}
_PAPER_SIGMA = np.array(
    [1.0, 2.0]
)  # paper with and without brightener; the camera's curve is not undone [design]
_CARD_RESIDUAL = 1.5  # dE00 of a card in good light; what is above it widens the sigma in proportion


def estimate_white_balance(
    eyes: list[FloatArray], key_light: float, card: Card | None, paper: FloatArray | None = None
) -> WhiteBalance:
    """White by the card, else by white paper, else by the sclera, else the camera's own.

    Args:
        eyes: linear RGB (n, 3) of the white of each eye.
        key_light: linear R of skin in full light, 0..1.
        card: the card, sheet or chart in the photo.
        paper: (3,) linear RGB of a piece of white paper.
    """
    if card is not None and card.fit is not None and card.residual is not None:
        widened = max(1.0, card.residual / _CARD_RESIDUAL) if card.kind == "chart24" else 1.0
        return _balance(np.zeros(2), _CARD_SIGMA[card.kind] * widened, card.kind)
    if paper is not None:
        return _pulled(_ratios(paper) - _ratios(lab_to_linear(np.array(PAPER_LAB))), _PAPER_SIGMA**2, "paper")
    sclera = _white_of_eyes(eyes, key_light)
    if sclera is None:
        return _balance(np.zeros(2), _AWB_SIGMA, "none")
    color, spread = sclera
    return _pulled(color - _SCLERA_COLOR, _SCLERA_SIGMA**2 + spread**2, "sclera")


def _ratios(linear: FloatArray) -> FloatArray:
    """(2,) log R/G and log G/B, OD."""
    ratios: FloatArray = 100 * np.log10(linear[:2] / linear[1:])
    return ratios


def _pulled(cast: FloatArray, variance: FloatArray, reference: Reference) -> WhiteBalance:
    """The camera's own white pulled towards that of a witness which sees `cast`, OD, with `variance`."""
    weight = _AWB_SIGMA**2 / (_AWB_SIGMA**2 + variance)
    return _balance(-weight * cast, _AWB_SIGMA * np.sqrt(1 - weight), reference)


def _balance(shift: FloatArray, sigma: FloatArray, reference: Reference) -> WhiteBalance:
    """Channel gains that add `shift` OD to log R/G and log G/B; green stays."""
    return WhiteBalance(
        reference=reference,
        gain=(10 ** (shift[0] / 100), 1.0, 10 ** (-shift[1] / 100)),
        residual=(float(sigma[0]), float(sigma[1])),
    )


def find_sclera(photo: Photo, face: Face) -> list[FloatArray]:
    """Linear RGB (n, 3) of the white of each eye that is in the photo and not behind the nose."""
    found = []
    for contour, iris in ((EYES[eye], IRIS_CENTRES[eye]) for eye in nearer_eyes(face.pose)):
        outline = face.landmarks[list(contour), :2]
        low = np.maximum(np.floor(outline.min(axis=0)).astype(int), 0)
        high = np.ceil(outline.max(axis=0)).astype(int) + 1
        crop = photo.pixels[low[1] : high[1], low[0] : high[0]]
        if crop.size == 0:
            continue
        mask = np.zeros(crop.shape[:2], np.uint8)
        cv2.fillPoly(mask, [np.round(outline - low).astype(np.int32)], 1)
        lashes = 2 * max(1, round(0.012 * face.interocular_px)) + 1
        mask = cv2.erode(mask, np.ones((lashes, lashes), np.uint8)) & cv2.inRange(crop, (4,) * 3, (249,) * 3)
        row, column = np.nonzero(mask)
        centre, rim = face.landmarks[iris, :2], face.landmarks[iris + 1 : iris + 5, :2]
        radius = np.linalg.norm(rim - centre, axis=1).mean()
        x, y = centre - low
        white = np.hypot(column - x, row - y) > 1.2 * radius
        found.append(SRGB_DECODE_LUT[crop[row[white], column[white]]])
    return found


def _white_of_eyes(eyes: list[FloatArray], key_light: float) -> tuple[FloatArray, FloatArray] | None:
    """Median (log R/G, log G/B) of the lit sclera and its standard error, OD; None if too little is lit."""
    pixels = np.concatenate(eyes) if eyes else np.zeros((0, 3))
    lit = pixels[pixels[:, 1] > _SCLERA_MIN_LIGHT * key_light] if len(pixels) else pixels
    if len(lit) < _SCLERA_MIN_PIXELS:
        return None
    ratio = 100 * np.stack([np.log10(lit[:, 0] / lit[:, 1]), np.log10(lit[:, 1] / lit[:, 2])], axis=1)
    color = np.median(ratio, axis=0)
    spread = SD_PER_MAD * np.median(np.abs(ratio - color), axis=0)
    return color, spread * math.sqrt(_SCLERA_MIN_PIXELS / len(lit))
