"""Photo in, the printed sheet or parcel card in it out: its correction, or why it cannot serve.

Most photos show none, so a cheap look comes first: are there two dark squares of one size on something
bright, off the face? Only there OpenCV's ArUco detector is asked. Two markers of one card are enough.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import cv2
import numpy as np

from skinscan.cards.layout import MARKER_MODULES, Box, Layout, corners, sheet_of
from skinscan.cards.print_run import PrintRun, find_run
from skinscan.color import SRGB_DECODE_LUT, lab_to_linear
from skinscan.measure.chart import correct
from skinscan.measure.sheet_fit import PAPER_LAB, Known, SheetFit, fit_patches, fit_steps, patch_errors
from skinscan.types import BoolMap, Card, CardFault, Face, FloatArray, FloatMap, IntMap, Photo, RgbPixels

__all__ = ["find_sheet"]

_SCALE = 40.0  # px between the eyes at which dark squares are looked for
_REACH = (6.5, 5.0, 7.0)  # inter-ocular distances to the sides, up and down where a card is looked for
_MARKER_PX = (4, 40)  # side of a marker at that scale
_WINDOW, _BELOW = 41, 12  # px, 8-bit codes: darker than the mean around
_DARK = 48  # 8-bit codes that a marker is darker than what is bright around it
_MOST = 400  # dark spots: more is leaves or cloth
_ALIKE = 1.6  # ratio of sides of two markers of one card
_NEAR = 14.0  # sides of a marker within which the other lies
_MARGIN = 2.2  # sides of a marker around those seen
_MODULE_PX = 5.0  # px of a marker's module that the detector needs; larger is made smaller

_MAX_FALL = 0.10  # decades of light from the middle to an edge: beyond, a shadow lies on it
_EYES_APART_MM, _LEAST_SIZE = 63.0, 0.72  # a card that seems smaller than this share is no print of true size
_CHEEKS = (50, 280, 101, 330, 117, 346, 205, 425)  # landmarks
_SKIN_OD, _SKIN_RG, _SKIN_GB = (
    (0.0, 145.0),
    (5.0, 46.0),
    (-6.0, 42.0),
)  # OD, no skin in the light of a card beyond
_FOCAL = 1.2  # long sides of the photo: phones have 0.7, cropped photos more [design]
_CORNER_SIGMA = 0.6  # px
_MIN_SIDE = 12  # px of a marker
_MIN_MARKERS = 2
_MAX_MISFIT = 0.12  # sides of a marker, root mean square: beyond, it is bent or they are of two cards

_INNER, _CORE = 0.62, 0.3  # of a box's side: measured; compared with it for evenness
_SAMPLES = 144  # pixels of a step
_HIGH, _LOW, _CLIPPED = 250, 2, 0.02  # 8-bit codes, share of pixels from which a step is not used
_UNEVEN = 0.10  # relative difference of core and inner part
_MIN_STEPS, _MIN_LEVELS, _MIN_PATCHES = 6, 4, 8
_OUTLIER = (0.05, 4.0)  # decades, and times the median, from which a step is covered or in glare
_MAX_RESIDUAL = {"sheet": 2.5, "parcel_card": 4.0}  # dE00, median
_MIN_CONTRAST = 0.45  # decades between paper and ink; less is blurred or under a veil of light


@dataclass(frozen=True, slots=True)
class _Found:
    """A card by its markers."""

    layout: Layout
    to_photo: FloatArray  # (3, 3) homography of mm to px
    misfit: float  # px, root mean square of the markers' corners
    markers: int


def find_sheet(photo: Photo, face: Face | None) -> Card | None:
    """Find a printed sheet or a parcel card near the face, or without one anywhere; None if there is none.

    Raises DataError where the file of a registered print run is damaged.
    """
    boxes = _places(photo.pixels, face)
    for box, side in boxes:
        for mirrored in (False, True):
            found = _detect(photo.pixels, box, side, mirrored)
            if found is not None:
                card = _read(photo.pixels, found)
                fault = (
                    None
                    if face is None or card.fit is None
                    else _beside_face(photo.pixels, face, card, found)
                )
                return card if fault is None else replace(card, fault=fault, fit=None)
    return None


def _places(pixels: RgbPixels, face: Face | None) -> list[tuple[tuple[int, int, int, int], float]]:
    """Boxes left, top, right, bottom where dark squares lie, and the side of these in px."""
    height, width = pixels.shape[:2]
    if face is None:
        return [((0, 0, width, height), max(width, height) / 16)]
    x, y = face.landmarks[:, :2].mean(axis=0).tolist()
    side, up, down = (reach * face.interocular_px for reach in _REACH)
    left, top = max(int(x - side), 0), max(int(y - up), 0)
    right, bottom = min(int(x + side), width), min(int(y + down), height)
    factor = max(1, int(face.interocular_px / _SCALE))
    size = ((right - left) // factor, (bottom - top) // factor)
    if min(size) < _SCALE:
        return []
    green = pixels[top : top + size[1] * factor : factor, left : left + size[0] * factor : factor, 1]
    squares = _dark_squares(np.ascontiguousarray(green[: size[1], : size[0]]), face, (left, top), factor)
    if len(squares) < 2:
        return []
    return [_around(squares, factor, (left, top), (width, height))]


def _dark_squares(green: RgbPixels, face: Face, start: tuple[int, int], factor: int) -> FloatArray:
    """(n, 4) left, top, width, height in the small picture of dark squares that markers may be."""
    around = cv2.boxFilter(green, -1, (_WINDOW, _WINDOW))
    dark = cv2.compare(green, cv2.subtract(around, _BELOW), cv2.CMP_LT)
    _, _, stats, middle = cv2.connectedComponentsWithStats(dark, connectivity=4, ltype=cv2.CV_16U)
    wide, high, area = (stats[:, k].astype(np.float64) for k in (2, 3, 4))
    least, most = _MARKER_PX
    square = (np.minimum(wide, high) >= least) & (np.maximum(wide, high) <= most)
    square &= (np.maximum(wide, high) < 1.7 * np.minimum(wide, high)) & (area > 0.3 * wide * high)
    low, high_end = (face.landmarks[:, :2].min(axis=0), face.landmarks[:, :2].max(axis=0))
    on_photo = middle * factor + start
    square &= ~((on_photo > low) & (on_photo < high_end)).all(axis=1)
    square[0] = False
    which = np.flatnonzero(square)
    if not 2 <= len(which) <= _MOST:
        which = which[:0]
    boxes: FloatArray = stats[which, :4].astype(np.float64)
    boxes = boxes[_on_bright(green, boxes)]
    return _of_one_size(boxes)


def _on_bright(green: RgbPixels, boxes: FloatArray) -> BoolMap:
    """Whether a ring around each box (n, 4) is far brighter than its inside."""
    total = cv2.integral(green)
    height, width = green.shape

    def mean(rim: int) -> tuple[FloatArray, FloatArray]:
        x0, y0 = np.maximum(boxes[:, 0] - rim, 0).astype(int), np.maximum(boxes[:, 1] - rim, 0).astype(int)
        x1 = np.minimum(boxes[:, 0] + boxes[:, 2] + rim, width).astype(int)
        y1 = np.minimum(boxes[:, 1] + boxes[:, 3] + rim, height).astype(int)
        light = total[y1, x1] - total[y0, x1] - total[y1, x0] + total[y0, x0]
        return light.astype(np.float64), ((x1 - x0) * (y1 - y0)).astype(np.float64)

    (inside, size), (ringed, ring_size) = mean(0), mean(2)
    ring = (ringed - inside) / np.maximum(ring_size - size, 1)
    bright: BoolMap = ring - inside / size > _DARK
    return bright


def _of_one_size(boxes: FloatArray) -> FloatArray:
    """The largest group of boxes of one size that lie near each other."""
    if len(boxes) < 2:
        return boxes[:0]
    side = np.sqrt(boxes[:, 2] * boxes[:, 3])
    centre = boxes[:, :2] + boxes[:, 2:] / 2
    apart = np.linalg.norm(centre[:, None] - centre, axis=-1)
    alike = np.abs(np.log(side[:, None] / side)) < np.log(_ALIKE)
    together = alike & (apart < _NEAR * np.minimum(side[:, None], side))
    group: FloatArray = boxes[together[int(together.sum(axis=1).argmax())]]
    return group


def _around(
    squares: FloatArray, factor: int, start: tuple[int, int], size: tuple[int, int]
) -> tuple[tuple[int, int, int, int], float]:
    """Box in the photo around dark squares with room for the rest of the card, and their side in px."""
    side = float(np.median(np.sqrt(squares[:, 2] * squares[:, 3])))
    room = _MARGIN * side
    low = (squares[:, :2].min(axis=0) - room) * factor + start
    high = ((squares[:, :2] + squares[:, 2:]).max(axis=0) + room) * factor + start
    left, top = np.maximum(low, 0).astype(int).tolist()
    right, bottom = np.minimum(high, size).astype(int).tolist()
    return (left, top, right, bottom), side * factor


def _detect(pixels: RgbPixels, box: tuple[int, int, int, int], side: float, mirrored: bool) -> _Found | None:
    """Look for the markers of one card in a box."""
    left, top, right, bottom = box
    crop = cv2.cvtColor(pixels[top:bottom, left:right], cv2.COLOR_RGB2GRAY)
    if mirrored:
        crop = np.ascontiguousarray(crop[:, ::-1])
    scale = min(1.0, _MODULE_PX * MARKER_MODULES / side)
    if scale < 1.0:
        crop = cv2.resize(crop, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    if min(crop.shape) < 2 * _MIN_SIDE:
        return None
    quads, ids, _ = _detector().detectMarkers(crop)
    if ids is None:
        return None
    places = np.asarray(quads, np.float64).reshape(-1, 4, 2) / scale
    if mirrored:
        places[..., 0] = right - left - 1 - places[..., 0]
    places += (left, top)
    return _of_one_card(np.asarray(ids).ravel(), places)


@cache
def _detector() -> cv2.aruco.ArucoDetector:
    settings = cv2.aruco.DetectorParameters()
    settings.cornerRefinementMethod = cv2.aruco.CORNER_REFINE_SUBPIX
    settings.minMarkerPerimeterRate = 0.02
    return cv2.aruco.ArucoDetector(cv2.aruco.getPredefinedDictionary(cv2.aruco.DICT_5X5_1000), settings)


def _of_one_card(ids: IntMap, places: FloatArray) -> _Found | None:
    """The card most of whose markers are there, at least two, and in their places."""
    numbers, counts = np.unique(ids // 4, return_counts=True)
    number = int(numbers[counts.argmax()])
    layout = sheet_of(number)
    own = {int(i): place for i, place in zip(ids, places, strict=True) if i // 4 == number}
    if layout is None or len(own) < _MIN_MARKERS:
        return None
    known = np.concatenate([corners(layout.markers[i % 4]) for i in own])
    seen = np.concatenate(list(own.values()))
    move, _ = cv2.findHomography(known, seen)
    if move is None:
        return None
    off = cv2.perspectiveTransform(known[None], move)[0] - seen
    misfit = float(np.sqrt((off**2).sum(axis=1).mean()))
    side = float(np.linalg.norm(seen[1] - seen[0]))
    if misfit > _MAX_MISFIT * side:
        return None
    return _Found(layout=layout, to_photo=move, misfit=misfit / side, markers=len(own))


def _read(pixels: RgbPixels, found: _Found) -> Card:
    """Measure the steps, and the patches of a card whose print run is registered."""
    layout = found.layout
    run = find_run(layout.number) if layout.patches else None
    outline = cv2.perspectiveTransform(
        corners((0.0, 0.0, layout.width, layout.height))[None], found.to_photo
    )[0].astype(np.float32)
    boxes = [box for _, box in layout.steps]
    level = np.array([step for step, _ in layout.steps])
    seen = _sampled(pixels, found, boxes)
    used = seen.sound.copy()
    card = Card(
        kind="parcel_card" if run else "sheet", run=layout.number if layout.patches else None,
        corners=outline, normal=_normal(outline, layout, *pixels.shape[1::-1]), patches=int(used.sum()),
        residual=None, fault=None, fit=None,
    )  # fmt: skip
    fault = _first_fault(seen, level, used)
    if fault:
        return replace(card, fault=fault)
    patches = _sampled(pixels, found, list(layout.patches)) if run else None
    fit = _robust_fit(seen, level, used, layout, run, patches)
    if fit is None:
        return replace(card, patches=int(used.sum()), fault="covered")
    residual = float(np.median(fit.errors[: len(used)][used]))
    card = replace(card, patches=int(used.sum()), residual=residual)
    if residual > _MAX_RESIDUAL["sheet"]:
        return replace(card, fault="uneven")
    if max(map(abs, fit.fall)) > _MAX_FALL:
        return replace(card, fault="shaded")
    if run is None or patches is None:
        return replace(card, fit=fit.chart)
    return _with_patches(card, patches, fit, run, layout)


def _robust_fit(
    seen: _Sampled,
    level: IntMap,
    used: BoolMap,
    layout: Layout,
    run: PrintRun | None,
    patches: _Sampled | None,
) -> SheetFit | None:
    """Fit steps and patches, and leave out steps far off: fingers, glare. Changes `used`."""
    place = _from_middle([box for _, box in layout.steps], layout)
    pixels, also = seen.pixels, np.zeros(0, bool)
    colors = np.full((len(level), 3), np.nan)
    if run and patches:
        place = np.concatenate([place, _from_middle(list(layout.patches), layout)])
        pixels, also = np.concatenate([pixels, patches.pixels]), patches.sound
        level = np.concatenate([level, np.zeros(len(also), level.dtype)])
        colors = np.concatenate([colors, lab_to_linear(np.array(run.patches))])
    known = Known(
        paper=lab_to_linear(np.array(run.paper if run and run.paper else PAPER_LAB)),
        ink=lab_to_linear(np.array(run.black)) if run and run.black else None,
        patches=colors,
    )
    while used.sum() >= _MIN_STEPS and len(set(level[: len(used)][used].tolist())) >= _MIN_LEVELS:
        fit = fit_steps(pixels, level, place, np.concatenate([used, also]), known)
        off = np.where(used, np.abs(fit.residuals[: len(used)]), 0.0)
        if off.max() <= max(_OUTLIER[0], _OUTLIER[1] * float(np.median(off[used]))):
            return fit
        used[int(off.argmax())] = False
    return None


def _with_patches(card: Card, seen: _Sampled, fit: SheetFit, run: PrintRun, layout: Layout) -> Card:
    """Add what the colour patches say."""
    place = _from_middle(list(layout.patches), layout)
    measured = seen.mean * 10 ** -(place @ np.array(fit.fall))[:, None]
    used = seen.sound.copy()
    lab = np.array(run.patches)
    if used.sum() < _MIN_PATCHES:
        return replace(card, kind="sheet", fit=fit.chart)
    errors = patch_errors(fit, measured, lab, used)
    residual = float(np.nanmedian(errors))
    card = replace(card, residual=residual, patches=card.patches + int(used.sum()))
    if residual > _MAX_RESIDUAL["parcel_card"]:
        return replace(card, fault="uneven")
    return replace(card, fit=fit_patches(fit, measured, lab, used))


def _normal(outline: FloatMap, layout: Layout, width: int, height: int) -> tuple[float, float, float]:
    """Unit vector off the front of the card; x right in the photo, y up, z to the camera.

    Where perspective does not tell which of two tilts it is, between both. `outline` (4, 2) px.
    """
    flat = corners((-layout.width / 2, -layout.height / 2, layout.width, layout.height)) * (1, -1)
    focal = _FOCAL * max(width, height)
    lens = np.array([[focal, 0, width / 2], [0, focal, height / 2], [0, 0, 1.0]])
    _, turns, _, errors = cv2.solvePnPGeneric(
        np.column_stack([flat, np.zeros(4)]), outline.astype(np.float64), lens, None, flags=cv2.SOLVEPNP_IPPE
    )
    off = np.square(np.asarray(errors, np.float64).ravel())
    share = np.exp(-2 * (off - off.min()) / _CORNER_SIGMA**2)
    normals = np.array([cv2.Rodrigues(turn)[0][:, 2] * (1, -1, -1) for turn in turns])
    normals *= np.where(normals[:, 2:] < 0, -1, 1)
    x, y, z = (share @ normals / np.linalg.norm(share @ normals)).tolist()
    return x, y, z


def _beside_face(pixels: RgbPixels, face: Face, card: Card, found: _Found) -> CardFault | None:
    """Whether the card is of true size, and skin in its light has the density and colour of some skin."""
    assert card.fit is not None
    size = float(
        np.sqrt(abs(np.linalg.det(found.to_photo / found.to_photo[2, 2])))
    )  # px a mm, about its corner
    if size * _EYES_APART_MM < _LEAST_SIZE * face.interocular_px:
        return "screen"
    place = np.round(face.landmarks[list(_CHEEKS), :2]).astype(int)
    place = np.clip(place, 2, np.array(pixels.shape[1::-1]) - 3)
    around = [pixels[y - 2 : y + 3, x - 2 : x + 3].reshape(-1, 3) for x, y in place]
    skin = np.median([np.median(SRGB_DECODE_LUT[codes], axis=0) for codes in around], axis=0)
    red, green, blue = np.log10(np.maximum(correct(skin, card.fit), 1e-4)) * 100
    within = (_SKIN_OD[0] < -red < _SKIN_OD[1]) and (_SKIN_RG[0] < red - green < _SKIN_RG[1])
    return None if within and _SKIN_GB[0] < green - blue < _SKIN_GB[1] else "shaded"


def _from_middle(boxes: list[Box], layout: Layout) -> FloatArray:
    """(n, 2) middles of boxes, from the middle of the card in half widths and half heights."""
    half = np.array([layout.width, layout.height]) / 2
    return np.array([(left + wide / 2, top + high / 2) for left, top, wide, high in boxes]) / half - 1


@dataclass(frozen=True, slots=True)
class _Sampled:
    """Boxes of a card in the photo."""

    pixels: FloatArray  # (P, _SAMPLES, 3) linear sRGB
    mean: FloatArray  # (P, 3)
    inside: BoolMap  # (P,) in the photo
    clipped: BoolMap  # (P,)
    uneven: BoolMap  # (P,)

    @property
    def sound(self) -> BoolMap:
        ok: BoolMap = self.inside & ~self.clipped & ~self.uneven
        return ok


def _sampled(pixels: RgbPixels, found: _Found, boxes: list[Box]) -> _Sampled:
    """Look at the middle of each box on a grid of points."""
    side = int(np.sqrt(_SAMPLES))
    grid = (np.arange(side) + 0.5) / side - 0.5
    across, down = (part.ravel() * _INNER for part in np.meshgrid(grid, grid))
    where = np.array(
        [[(left + wide * (0.5 + x), top + high * (0.5 + y)) for x, y in zip(across, down, strict=True)]
         for left, top, wide, high in boxes]
    )  # fmt: skip
    at = cv2.perspectiveTransform(where.reshape(1, -1, 2), found.to_photo)[0]
    height, width = pixels.shape[:2]
    place = np.round(at).astype(int)
    fits = ((place >= 0) & (place < (width, height))).all(axis=1)
    place = np.clip(place, 0, (width - 1, height - 1))
    codes = pixels[place[:, 1], place[:, 0]].reshape(len(boxes), -1, 3)
    linear = np.maximum(SRGB_DECODE_LUT[codes].astype(np.float64), 1e-4)
    mean = linear.mean(axis=1)
    core = np.maximum(np.abs(across), np.abs(down)) <= 0.5 * _CORE
    apart = np.abs(linear[:, core].mean(axis=1) - mean).max(axis=1)
    ends = ((codes >= _HIGH) | (codes <= _LOW)).any(axis=2).mean(axis=1)
    return _Sampled(
        pixels=linear, mean=mean, inside=fits.reshape(len(boxes), -1).all(axis=1), clipped=ends > _CLIPPED,
        uneven=apart > _UNEVEN * (mean.max(axis=1) + 0.02),
    )  # fmt: skip


def _first_fault(seen: _Sampled, level: IntMap, used: BoolMap) -> CardFault | None:
    """Why too few steps are left, or ink and paper too much alike; None if all is well."""
    if used.sum() < _MIN_STEPS or len(set(level[used].tolist())) < _MIN_LEVELS:
        counts: dict[CardFault, int] = {
            "clipped": int((seen.clipped & seen.inside).sum()),
            "blurred": int((seen.uneven & ~seen.clipped & seen.inside).sum()),
            "covered": int((~seen.inside).sum()),
        }
        return max(counts, key=lambda name: counts[name])
    brightness = seen.mean[used].mean(axis=1)
    return "blurred" if np.log10(brightness.max() / brightness.min()) < _MIN_CONTRAST else None
