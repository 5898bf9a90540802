"""A photo of a swatch beside a colour card in, the colour of the product out.

The product is spread thick on plain paper, next to the card and in its light. What is neither card nor paper
is the swatch. Card and swatch lie in one plane, so no shading comes between them as it does on a face.
"""

from __future__ import annotations

from pathlib import Path
from types import MappingProxyType

import cv2
import numpy as np

from skinscan.color import SRGB_DECODE_LUT, delta_e_2000, linear_to_lab, srgb_encode
from skinscan.errors import PhotoMissing, QualityError
from skinscan.files import inside, waits
from skinscan.measure.card import find_card
from skinscan.measure.chart import correct
from skinscan.measure.photo import open_photo
from skinscan.shades import Shade
from skinscan.types import BoolMap, DiffuseColor, FloatArray, FloatMap, Photo, RgbPixels

__all__ = ["measure_swatch", "shown_color", "shown_hex"]

_SIDE = 480  # px of what is looked at
_CARD_RIM = 0.2  # heights of the patches that a card may reach beyond them
_PAPER_RING = 0.45  # up to there paper lies around it
_UNLIKE = 7.0  # dE00 from the paper: what is product
_LEAST_AREA = 0.03  # of the card's
_RIVAL, _RIVAL_DE = 0.4, 4.0  # share of the swatch's area and dE00 from which another swatch is one too many
_RIM = 0.12  # of the swatch's width that is left out: thin edges
_BODY = (0.25, 0.75)  # quantiles of brightness: between them no gloss and no relief
# Fitted on 160 rendered photos of swatches, none of them of the benchmark. Beyond the patches' colours the
# fit of a card makes reds redder; what it leaves grows with them. OD.
_REDDER = 1.06  # log R/G over that of the product
_EXPOSURE, _LIGHT = 2.2, (1.5, 1.6)
_SATURATED, _BLUE = 0.055, 2.6  # of log R/G; G/B where blue is dark
_FRAME = 0.06  # of a shop picture's sides that are background


def measure_swatch(photo: Photo) -> DiffuseColor:
    """Colour of the one swatch in a photo with a 24-patch colour card.

    Raises QualityError when card or swatch cannot be read, or more than one swatch is there.
    """
    card = find_card(photo, None)
    if card is None or card.fit is None:
        why = "no colour card is found" if card is None else f"the colour card cannot be read ({card.fault})"
        raise QualityError(
            f"{why} in {photo.name}",
            "lay the swatch on white paper beside a 24-patch card, flat, sharp and in even light",
        )
    small, scale = _reduced(photo.pixels)
    patches = np.zeros(small.shape[:2], np.uint8)
    cv2.fillConvexPoly(patches, np.round(card.corners * scale).astype(np.int32), 1)
    height = float(np.linalg.norm(card.corners[3] - card.corners[0])) * scale
    away = cv2.distanceTransform(1 - patches, cv2.DIST_L2, 3) / height
    linear = correct(SRGB_DECODE_LUT[small], card.fit)
    lab = linear_to_lab(linear)
    paper = _paper(lab[(away > _CARD_RIM) & (away < _PAPER_RING)])
    product = (away > _CARD_RIM) & (delta_e_2000(paper, lab) > _UNLIKE)
    swatch = _largest(product, lab, _LEAST_AREA * float(patches.sum()), photo.name)
    body = linear[_core(swatch)]
    low, high = np.quantile(body[:, 1], _BODY)
    middle = np.median(body[(body[:, 1] >= low) & (body[:, 1] <= high)], axis=0)
    red, green, blue = (100 * np.log10(np.maximum(middle, 1e-4))).tolist()
    ratio = (red - green) / _REDDER
    residual = max(1.0, (card.residual or 0.0) / 1.5)
    return DiffuseColor(
        od=(-red, ratio, green - blue),
        sigma=MappingProxyType(
            {
                "exposure": (_EXPOSURE, 0.0, 0.0),
                "light": (0.0, _LIGHT[0] * residual, _LIGHT[1] * residual),
                "camera": (0.0, _SATURATED * abs(ratio), _BLUE),
            }
        ),
        n_pixels=round(len(body) / scale**2),
    )


def shown_color(shade: Shade, folder: Path) -> str | None:
    """Hex of the shop's picture of a shade, a file in the catalogue's folder; None where a colour is given.

    Pictures elsewhere on the web are not fetched. Raises PhotoError or QualityError when the file is no use.
    """
    picture = shade.advertised_image
    if shade.advertised is not None or picture is None or "://" in picture:
        return None
    place = inside(folder, picture)  # catalogues come from brands
    if place is None or waits(place):
        raise PhotoMissing(
            f"the picture {picture} of {shade.sku} is no file in the folder of the catalogue",
            "put the picture beside the catalogue",
        )
    return shown_hex(open_photo(place, name=picture))


def shown_hex(photo: Photo) -> str:
    """Hex of the largest patch of colour in a shop's picture: what is unlike the frame of the picture.

    Raises QualityError when there is none.
    """
    small, _ = _reduced(photo.pixels)
    lab = linear_to_lab(SRGB_DECODE_LUT[small].astype(np.float64))
    frame = np.ones(small.shape[:2], bool)
    rows, columns = (max(1, round(_FRAME * length)) for length in small.shape[:2])
    frame[rows:-rows, columns:-columns] = False
    product = delta_e_2000(_paper(lab[frame]), lab) > _UNLIKE
    if product.sum() < _LEAST_AREA * product.size:
        product[:] = True  # the colour alone, from edge to edge
    swatch = _core(_largest(product, lab, 1.0, photo.name))
    codes = np.round(255 * srgb_encode(np.median(SRGB_DECODE_LUT[small[swatch]], axis=0)))
    return "#" + bytes(codes.astype(np.uint8)).hex()


def _reduced(pixels: RgbPixels) -> tuple[RgbPixels, float]:
    scale = min(1.0, _SIDE / max(pixels.shape[:2]))
    size = (round(pixels.shape[1] * scale), round(pixels.shape[0] * scale))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8), scale


def _paper(lab: FloatArray) -> FloatArray:
    """The commonest of colours (n, 3): the middle of the half that lies closest together in lightness."""
    order = lab[np.argsort(lab[:, 0])]
    half = max(len(order) // 2, 1)
    spread = order[half - 1 :, 0] - order[: len(order) - half + 1, 0]
    start = int(spread.argmin())
    middle: FloatArray = np.median(order[start : start + half], axis=0)
    return middle


def _largest(product: BoolMap, lab: FloatArray, least: float, name: str) -> BoolMap:
    """The largest connected patch; another as large of another colour is one too many."""
    opened = cv2.morphologyEx(product.astype(np.uint8), cv2.MORPH_OPEN, np.ones((5, 5), np.uint8))
    count, label, stats, _ = cv2.connectedComponentsWithStats(opened, connectivity=4)
    area = stats[1:, cv2.CC_STAT_AREA]
    if count < 2 or area.max() < least:
        raise QualityError(
            f"no swatch is seen beside the colour card in {name}",
            "spread the product thickly on white paper next to the card, at least as large as three patches",
        )
    first, *others = np.argsort(-area, kind="stable") + 1
    found: BoolMap = label == first
    colour = np.median(lab[found], axis=0)
    for number in others:
        rival = label == number
        unlike = float(delta_e_2000(colour, np.median(lab[rival], axis=0))) > _RIVAL_DE
        if least > 1 and unlike and rival.sum() > _RIVAL * found.sum():
            raise QualityError(
                f"more than one swatch is seen in {name}", "photograph one swatch alone, on plain paper"
            )
    return found


def _core(swatch: BoolMap) -> BoolMap:
    depth: FloatMap = cv2.distanceTransform(np.pad(swatch, 1).astype(np.uint8), cv2.DIST_L2, 3)[1:-1, 1:-1]
    core: BoolMap = depth > min(_RIM * float(np.sqrt(swatch.sum())), 0.6 * float(depth.max()))
    return core
