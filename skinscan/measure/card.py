"""Photo in, the 24-patch colour card beside the face or swatch out: its correction, or why it cannot serve.

Most photos show no card, so a cheap look comes first: are there ten flat squares of one size close together?
Only there OpenCV's chart detector is asked. Its finding counts as a card when brightness and colour of the
patches run as the chart's do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np

from skinscan.color import SRGB_DECODE_LUT, lab_to_linear
from skinscan.measure.chart import CHART_LAB, GREYS, chart_errors, fit_chart
from skinscan.types import BoolMap, Card, CardFault, Face, FloatArray, FloatMap, Photo, RgbPixels

__all__ = ["find_card"]

_REACH = (5.5, 4.5, 6.0)  # inter-ocular distances to the sides, up and down where a card is looked for
_SCALE = 40.0  # px between the eyes at which squares are looked for: patches are 7..20 px then
_FLAT = 26  # 8-bit codes that a 3 x 3 neighbourhood may span
_SQUARE_PX = (9, 1000)  # area of a flat square at that scale
_MIN_SQUARES = 10  # real photos without a card show up to 7; one, of a panelled wall, 14
_SAME_SIZE = 2.5  # ratio of areas
_NEAR = 8.0  # sides of a square
_COLORFUL = 0.12  # SD over the squares of log10 R/B: walls and windows are of one colour; a card has 0.3
_MARGIN = 1.8  # sides of a square around the squares seen
_LONG_SIDE = 900  # px of what the detector is shown
_DETECTOR_SIDE = 300  # px below which the detector would enlarge

_INNER, _CORE = 0.7, 0.35  # of the patch's side: measured; compared with it for evenness
_CLIPPED = 0.02  # share of clipped pixels from which a patch is not used
_HIGH, _LOW = 250, 3
_UNEVEN = 0.06  # relative difference of core and inner part
_ALIKE = 0.75  # least rank correlation with the chart, of brightness and of red over blue
_OUTLIER = (8.0, 4.0)  # dE00, and times the median, from which a patch is covered, dirty or in glare
_MIN_PATCHES, _MIN_GREYS = 14, 3
_MAX_RESIDUAL = 4.0  # dE00, median: beyond, light on the card is mixed or it is another product


def find_card(photo: Photo, face: Face | None) -> Card | None:
    """Find a 24-patch card near the face, or without one anywhere; None if there is none. Never raises."""
    if face is None:
        height, width = photo.pixels.shape[:2]
        return _first(photo.pixels, [((0, 0, width, height), mirrored) for mirrored in (False, True)])
    squares = _squares(photo.pixels, face)
    if squares is None:
        return None
    return _first(photo.pixels, [(squares, False), (_window(photo.pixels, face), False), (squares, True)])


def _first(pixels: RgbPixels, places: Sequence[tuple[tuple[int, int, int, int], bool]]) -> Card | None:
    """The first card in boxes that are looked at as they are or mirrored."""
    for box, mirrored in places:
        patches = _detect(pixels, box, mirrored)
        card = None if patches is None else _read(pixels, patches)
        if card is not None:
            return card
    return None


def _window(pixels: RgbPixels, face: Face) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of where a card may be."""
    x, y = face.landmarks[:, :2].mean(axis=0).tolist()
    side, up, down = (reach * face.interocular_px for reach in _REACH)
    return _within(pixels, (x - side, y - up, x + side, y + down))


def _within(pixels: RgbPixels, box: tuple[float, float, float, float]) -> tuple[int, int, int, int]:
    height, width = pixels.shape[:2]
    left, top = (int(max(start, 0)) for start in box[:2])
    return left, top, int(min(box[2], width)), int(min(box[3], height))


def _squares(pixels: RgbPixels, face: Face) -> tuple[int, int, int, int] | None:
    """Box around at least `_MIN_SQUARES` flat squares of one size that lie close together."""
    left, top, right, bottom = _window(pixels, face)
    factor = max(1, int(face.interocular_px / _SCALE))
    size = ((right - left) // factor, (bottom - top) // factor)
    if min(size) < _SCALE:
        return None
    crop = pixels[top : top + size[1] * factor, left : left + size[0] * factor]
    small = cv2.resize(crop, size, interpolation=cv2.INTER_LINEAR) if factor > 1 else crop
    span = cv2.morphologyEx(small, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    flat = cv2.inRange(span, (0, 0, 0), (_FLAT,) * 3)
    _, _, stats, centres = cv2.connectedComponentsWithStats(flat, connectivity=4)
    area = stats[:, cv2.CC_STAT_AREA].astype(np.float64)
    wide, high = stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT]
    square = (area > _SQUARE_PX[0]) & (area < _SQUARE_PX[1]) & (area > 0.5 * wide * high)
    square &= np.maximum(wide, high) < 1.7 * np.minimum(wide, high)
    square[0] = False  # the edges
    which = np.flatnonzero(square)
    if not _MIN_SQUARES <= len(which) <= 2000:
        return None
    apart = np.linalg.norm(centres[which][:, None] - centres[which], axis=-1)
    ratio = area[which][:, None] / area[which]
    together = (apart < _NEAR * np.sqrt(area[which])[:, None]) & (np.abs(np.log(ratio)) < np.log(_SAME_SIZE))
    most = int(together.sum(axis=1).argmax())
    members = which[together[most]]
    colour = small[tuple(np.round(centres[members]).astype(int).T[::-1])].astype(np.float64) + 4
    if len(members) < _MIN_SQUARES or np.log10(colour[:, 0] / colour[:, 2]).std() < _COLORFUL:
        return None
    margin = _MARGIN * float(np.sqrt(np.median(area[members])))
    x, y = stats[members, cv2.CC_STAT_LEFT], stats[members, cv2.CC_STAT_TOP]
    ends = (x.min() - margin, y.min() - margin, (x + wide[members]).max() + margin)
    box = (*ends, (y + high[members]).max() + margin)
    start = (left, top, left, top)
    return _within(pixels, tuple(s + factor * float(v) for s, v in zip(start, box, strict=True)))  # type: ignore[arg-type]


def _detect(pixels: RgbPixels, box: tuple[int, int, int, int], mirrored: bool) -> FloatMap | None:
    """Corners of the 24 patches in the photo, (24, 4, 2), in the order of CHART_LAB."""
    left, top, right, bottom = box
    if min(right - left, bottom - top) < _SCALE:
        return None
    crop = pixels[top:bottom, left:right, ::-1]
    scale = min(1.0, _LONG_SIDE / max(crop.shape[:2]))
    small = np.ascontiguousarray(crop[:, ::-1] if mirrored else crop)
    if scale < 1:
        small = cv2.resize(small, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    detector = cv2.mcc.CCheckerDetector.create()
    detector.setColorChartType(cv2.mcc.MCC24)
    settings = cv2.mcc.DetectorParametersMCC()
    settings.minImageSize = _DETECTOR_SIDE
    detector.setDetectionParams(settings)
    try:
        if not detector.process(small, 1):
            return None
        corners = np.asarray(detector.getBestColorChecker().getColorCharts(), np.float32)
    except cv2.error:  # it fails on some contours instead of finding nothing
        return None
    corners = corners.reshape(24, 4, 2) / np.float32(scale)
    if mirrored:
        corners[..., 0] = right - left - 1 - corners[..., 0]
    return corners + np.array([left, top], np.float32)


def _read(pixels: RgbPixels, patches: FloatMap) -> Card | None:
    """Measure the patches; None if their colours are not the chart's."""
    measured, clipped, uneven = _measure(pixels, patches)
    sound = ~clipped & ~uneven
    if not _alike(measured, ~np.isnan(measured[:, 0]) & ~uneven):
        return None
    usable, errors = sound.copy(), np.full(len(sound), np.nan)
    while usable.sum() >= _MIN_PATCHES and usable[GREYS].sum() >= _MIN_GREYS:
        errors = chart_errors(measured, usable)
        worst = int(np.nanargmax(errors))
        if errors[worst] <= max(_OUTLIER[0], _OUTLIER[1] * float(np.nanmedian(errors))):
            break
        usable[worst] = False
    else:
        return _unusable(patches, measured, clipped, uneven, sound & ~usable)
    outer = patches[[0, 5, 23, 18], [0, 1, 2, 3]]
    residual = float(np.nanmedian(errors))
    card = Card(
        kind="chart24",
        run=None,
        normal=None,
        corners=outer,
        patches=int(usable.sum()),
        residual=residual,
        fault="uneven",
        fit=None,
    )
    if residual > _MAX_RESIDUAL:
        return card
    return replace(card, fault=None, fit=fit_chart(measured, usable))


def _unusable(
    patches: FloatMap, measured: FloatArray, clipped: BoolMap, uneven: BoolMap, strange: BoolMap
) -> Card:
    """Name what most patches suffer from."""
    outside = np.isnan(measured[:, 0])
    counts: dict[CardFault, int] = {
        "clipped": int(clipped.sum()),
        "blurred": int((uneven & ~outside).sum()),
        "covered": int((strange | outside).sum()),
    }
    fault = max(counts, key=lambda name: counts[name])
    left = len(patches) - int((clipped | uneven | strange).sum())
    outer = patches[[0, 5, 23, 18], [0, 1, 2, 3]]
    return Card(
        kind="chart24",
        run=None,
        normal=None,
        corners=outer,
        patches=left,
        residual=None,
        fault=fault,
        fit=None,
    )


def _measure(pixels: RgbPixels, patches: FloatMap) -> tuple[FloatArray, BoolMap, BoolMap]:
    """Linear RGB (24, 3) of the patches, NaN outside the photo; which are clipped; which are not even."""
    measured = np.full((len(patches), 3), np.nan)
    clipped, uneven = np.zeros(len(patches), bool), np.ones(len(patches), bool)
    for number, corners in enumerate(patches):
        inner, core = (_inside(pixels, corners, share) for share in (_INNER, _CORE))
        if min(len(inner), len(core)) == 0:
            continue
        linear, middle = (SRGB_DECODE_LUT[part].mean(axis=0) for part in (inner, core))
        measured[number] = np.maximum(linear, 1e-4)
        clipped[number] = ((inner >= _HIGH) | (inner <= _LOW)).any(axis=1).mean() > _CLIPPED
        uneven[number] = np.abs(linear - middle).max() > _UNEVEN * (float(linear.max()) + 0.02)
    return measured, clipped, uneven


def _inside(pixels: RgbPixels, corners: FloatMap, share: float) -> RgbPixels:
    """Pixels (n, 3) of the middle `share` of a patch; none if it leaves the photo."""
    shrunk = corners.mean(axis=0) + share * (corners - corners.mean(axis=0))
    low, high = np.floor(shrunk.min(axis=0)).astype(int), np.ceil(shrunk.max(axis=0)).astype(int) + 1
    height, width = pixels.shape[:2]
    if (low < 0).any() or high[0] > width or high[1] > height:
        return pixels[:0, 0]
    mask = np.zeros((high[1] - low[1], high[0] - low[0]), np.uint8)
    cv2.fillConvexPoly(mask, np.round(shrunk - low).astype(np.int32), 1)
    return pixels[low[1] : high[1], low[0] : high[0]][mask > 0]


def _alike(measured: FloatArray, seen: BoolMap) -> bool:
    """Whether brightness and hue of the patches run as the chart's do."""
    if seen.sum() < _MIN_PATCHES // 2:
        return False
    found, known = measured[seen], np.maximum(lab_to_linear(CHART_LAB[seen]), 1e-4)
    pairs = ((found[:, 1], known[:, 1]), (found[:, 0] / found[:, 2], known[:, 0] / known[:, 2]))
    return all(_rank_correlation(a, b) >= _ALIKE for a, b in pairs)


def _rank_correlation(a: FloatArray, b: FloatArray) -> float:
    return float(np.corrcoef(a.argsort().argsort(), b.argsort().argsort())[0, 1])
