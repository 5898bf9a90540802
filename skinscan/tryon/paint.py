"""A scan and a shade in, the photo with the shade on the face out.

Paint is no filter: each pixel is taken apart into gloss, shading and the colour of the skin under it. The
shade is laid on that colour by the mixing model of the catalogue (kubelka_munk.py), which evens spots and
redness as far as the product hides; shading and texture stay as factors, gloss is put back as the finish
sends it. Everything happens in linear light; colours reach the photo through its own light: white balance,
contrast, or the inverse of what a colour card says.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import MappingProxyType

import cv2
import numpy as np

from skinscan.color import SRGB_DECODE_LUT, delta_e_2000, lab_to_linear, srgb_encode
from skinscan.facemesh.face_crop import texels_under
from skinscan.measure.chart import correct
from skinscan.measure.texture import unwrap
from skinscan.runtime.interpreter_exit import computing
from skinscan.shades import Shade, WornColor, make_catalog, worn_color
from skinscan.shades.ranking import worn_cloud
from skinscan.skin_indices import od_to_lab
from skinscan.tryon.bare_site import BareSite, Where, find_bare_site, measure_worn, site_texels
from skinscan.tryon.mask import PaintArea, lips_cover, skin_cover
from skinscan.types import BoolMap, FloatArray, FloatMap, RgbPixels, Scan
from skinscan.value import Result, Value

__all__ = ["TryOn", "try_on"]

_MARGIN = (0.12, 0.32, 0.12, 0.12)  # left, above, right, below the mesh, as shares of its width and height
_REACH, _STEPS = 48.0, 33  # OD of colour about the site, and steps of the table over it
_DARKEST = 1e-4  # linear
_MOST_GLOSS = 0.5  # share of the least channel of a pixel
_LEAST_COVER = 1 / 512
_CLIPPED = 0.95  # linear, from 8-bit code 250
_KNEE = 0.7  # linear, from where paint brighter than the skin was is bent

# Share of the gloss that a finish leaves, and light of a white card that a lacquer adds at its brightest.
_SKIN_GLOSS = MappingProxyType({"matte": 0.35, "natural": 0.9, "satin": 1.0, "dewy": 1.1, "gloss": 1.2})
_LIP_GLOSS = MappingProxyType({"matte": 0.25, "natural": 0.8, "satin": 1.2, "dewy": 1.6, "gloss": 2.0})
_LACQUER = MappingProxyType({"satin": 0.03, "dewy": 0.08, "gloss": 0.16})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class TryOn(Result, Value):
    """A painted photo and what it is worth."""

    photo: str  # name of the photo
    shade: Shade
    pixels: (
        RgbPixels  # (H, W, 3) uint8 sRGB, as large as the scan's photo; untouched where nothing is painted
    )
    site: str  # jaw, cheek or lips: where bare and worn colour are given
    bare: FloatArray  # (3,) L*a*b* measured there
    worn: WornColor  # predicted there
    shown: FloatArray  # (3,) L*a*b* that the picture shows there, in the photo's own light
    miss: float  # dE00 of `shown` from `worn`: what gamut and 8 bits cost
    cover: float  # px painted, counted by opacity

    def __repr__(self) -> str:
        lab = ", ".join(f"{value:.1f}" for value in self.worn.lab)
        return f"TryOn({self.photo}: {self.shade.sku} on the {self.site}, L*a*b* {lab})"


@computing()
def try_on(scan: Scan, shade: Shade) -> TryOn:
    """Paint a shade on the face: lipstick on the lips, all else on the skin.

    Raises QualityError when the skin's or the lips' colour could not be measured.
    """
    where: Where = "lips" if shade.category == "lipstick" else "skin"
    ground = find_bare_site(scan, where)
    crop, true = _crop(scan)
    worn = worn_color(ground.lab, shade)
    cover = lips_cover(scan, crop) if where == "lips" else skin_cover(scan, crop)
    height, width = crop.level.shape
    box = (slice(crop.top, crop.top + height), slice(crop.left, crop.left + width))
    codes = scan.photo.pixels[box]
    linear = SRGB_DECODE_LUT[codes]
    gloss = _lip_gloss(scan, true) if where == "lips" else _skin_gloss(scan, crop, true)
    body = linear * (1 - gloss)
    kept = (_LIP_GLOSS if where == "lips" else _SKIN_GLOSS)[shade.finish or "natural"]
    painted = body * _factors(scan, shade, ground, crop, linear) + kept * linear * gloss
    if where == "lips":
        painted += _lacquer(scan, shade, crop)[..., None]
    mixed = linear + cover[..., None] * (_shouldered(painted, linear) - linear)
    coded = np.round(255 * srgb_encode(np.clip(mixed, 0, 1))).astype(np.uint8)
    pixels = scan.photo.pixels.copy()
    pixels[box] = np.where((cover > _LEAST_COVER)[..., None], coded, codes)
    pixels.setflags(write=False)
    texture = unwrap(replace(scan.photo, pixels=pixels), scan.face, scan.light.card)
    shown = measure_worn(scan, texture, where)
    return TryOn(
        photo=scan.photo.name,
        shade=shade, pixels=pixels, site=ground.site, bare=ground.lab, worn=worn, shown=shown,
        miss=float(delta_e_2000(shown, worn.lab)), cover=float(cover.sum()),
    )  # fmt: skip


def _shouldered(painted: FloatMap, linear: FloatMap) -> FloatMap:
    """Brightness bent before it clips, hue kept; where the photo itself is at the end, it may stay there."""
    peak = np.maximum(painted.max(axis=-1, keepdims=True), _DARKEST)
    knee = np.maximum(_KNEE, np.minimum(linear.max(axis=-1, keepdims=True), 0.97))
    room = 1 - knee
    bent = np.where(peak > knee, knee + room * (1 - np.exp(-np.maximum(peak - knee, 0) / room)), peak)
    return np.asarray(painted * (bent / peak), np.float32)


def _crop(scan: Scan) -> tuple[PaintArea, FloatMap]:
    """The photo about the face, and its light as the scan sees it: (H, W, 3), balanced or by the card."""
    points = scan.face.landmarks[:468, :2].astype(np.float64)
    low, high = points.min(axis=0), points.max(axis=0)
    size = high - low
    height, width = scan.photo.pixels.shape[:2]
    left, top = np.maximum(low - size * _MARGIN[:2], 0).astype(int)
    right, bottom = np.minimum(high + size * _MARGIN[2:] + 1, (width, height)).astype(int)
    linear = SRGB_DECODE_LUT[scan.photo.pixels[top:bottom, left:right]]
    card = scan.light.card
    true = correct(linear, card.fit) if card is not None and card.fit is not None else linear
    true = np.maximum(true * np.array(scan.light.white_balance.gain), _DARKEST).astype(np.float32)
    log = np.log10(true)
    light = scan.light
    own = np.array(light.chroma) + light.excess
    level = log[..., 0]
    trend = light.tone_curve.trend(level)
    ratios = 100 * (log[..., :2] - log[..., 1:]) - trend - own
    valid = _carried(scan, (left, top), level.shape, scan.maps.valid.astype(np.float32))
    crop = PaintArea(left=int(left), top=int(top), level=level, ratios=ratios.astype(np.float32), skin=valid)
    return crop, true


def _carried(scan: Scan, corner: tuple[int, int], shape: tuple[int, ...], texels: FloatMap) -> FloatMap:
    """A UV map under each pixel of the crop; 0 off the mesh."""
    points = scan.face.landmarks[:468].astype(np.float64)
    points[:, :2] -= corner
    column, row = texels_under(points, (shape[1], shape[0]))
    seen: FloatMap = cv2.remap(texels, column, row, cv2.INTER_LINEAR)
    seen[column < 0] = 0
    return seen


def _white(scan: Scan) -> float:
    """Linear R, balanced, of a white card in the face's key light."""
    return (
        scan.light.exposure.key_light
        * scan.light.white_balance.gain[0]
        * 10 ** (scan.light.exposure.reference_od / 100)
    )


def _skin_gloss(scan: Scan, crop: PaintArea, true: FloatMap) -> FloatMap:
    """Share (H, W, 3) of each pixel's light that is mirrored, by the map of shine."""
    shine = cv2.GaussianBlur(np.where(scan.maps.valid, scan.maps.shine, 0).astype(np.float32), (0, 0), 2.0)
    usual = float(np.median(shine[scan.maps.valid])) if scan.maps.valid.any() else 0.0
    above = np.maximum(shine - np.float32(usual), 0)  # the even part of the gloss is part of every colour
    seen = _carried(scan, (crop.left, crop.top), crop.level.shape, above)
    return _mirrored(np.asarray(seen / 100 * _white(scan), np.float32), true)


def _lip_gloss(scan: Scan, true: FloatMap) -> FloatMap:
    """Share (H, W, 3) of each pixel's light that is mirrored: what stands out from its surroundings."""
    least = true.min(axis=-1)
    reach = 2 * max(1, round(0.045 * scan.face.interocular_px)) + 1
    top = float(np.quantile(least, 0.999)) + 1e-6
    codes = np.clip(least / top * 255, 0, 255).astype(np.uint8)
    base = cv2.medianBlur(codes, min(reach, 255)).astype(np.float32) * np.float32(top / 255)
    return _mirrored(least - 1.15 * base, true)


def _mirrored(light: FloatMap, true: FloatMap) -> FloatMap:
    """Share (H, W, 3) that white light (H, W) has of each channel; the skin keeps its colour."""
    most = _MOST_GLOSS * true.min(axis=-1)
    return np.asarray(np.clip(light, 0, most)[..., None] / true, np.float32)


def _factors(scan: Scan, shade: Shade, ground: BareSite, crop: PaintArea, linear: FloatMap) -> FloatMap:
    """(H, W, 3) what the shade multiplies the matte light of each pixel by."""
    steps = np.linspace(-_REACH, _REACH, _STEPS)
    table = _table(scan, shade, ground, steps)
    about = crop.ratios
    if ground.site == "lips":  # the trend of skin over brightness is not that of lips
        about = about + scan.light.tone_curve.trend(crop.level)
    fine = max(0.6, 0.006 * scan.face.interocular_px)
    off = (about - _usual(scan, ground, crop, about)).astype(np.float32)
    off = cv2.GaussianBlur(_bridged(off, linear.max(axis=-1) < _CLIPPED, 16 * fine), (0, 0), fine)
    at = np.clip((off + _REACH) * ((_STEPS - 1) / (2 * _REACH)), 0, _STEPS - 1).astype(np.float32)
    planes = [
        cv2.remap(plane, np.ascontiguousarray(at[..., 1]), np.ascontiguousarray(at[..., 0]), cv2.INTER_LINEAR)
        for plane in np.moveaxis(table, -1, 0)
    ]
    factors: FloatMap = np.stack([np.ascontiguousarray(plane) for plane in planes], axis=-1)
    return factors


def _bridged(values: FloatMap, sound: BoolMap, sigma: float) -> FloatMap:
    """`values` (H, W, 2) with what is not `sound`, where a channel is clipped, taken from around."""
    weight = sound.astype(np.float32) + np.float32(1e-4)
    total = cv2.GaussianBlur(values * weight[..., None], (0, 0), sigma)
    around = total / cv2.GaussianBlur(weight, (0, 0), sigma)[..., None]
    share = cv2.GaussianBlur(sound.astype(np.float32), (0, 0), sigma / 8)[..., None] * sound[..., None]
    return np.asarray(around + share * (values - around), np.float32)


def _usual(scan: Scan, ground: BareSite, crop: PaintArea, ratios: FloatMap) -> FloatArray:
    """Median (2,) of `ratios` over the site's pixels."""
    texels = site_texels(scan, ground.site).astype(np.float32)
    inside = _carried(scan, (crop.left, crop.top), crop.level.shape, texels) > 0.5
    return np.asarray(np.median(ratios[inside], axis=0)) if inside.any() else np.zeros(2)


def _table(scan: Scan, shade: Shade, ground: BareSite, steps: FloatArray) -> FloatMap:
    """(n, n, 3) factors over how far, in OD, a pixel's log R/G (rows) and log G/B lie from the site's."""
    rg, gb = np.meshgrid(steps, steps, indexing="ij")
    shift = np.stack([0 * rg, rg / ground.contrast[0], gb / ground.contrast[1]], axis=-1)
    bare = (np.array(ground.od) + shift).reshape(-1, 3)
    lab = od_to_lab(bare)
    worn = worn_cloud(lab, make_catalog([shade]), np.array([0]), errors=False)[0]
    before, after = (np.maximum(lab_to_linear(colour), _DARKEST) for colour in (lab, worn))
    card = scan.light.card
    if card is not None and card.fit is not None:
        lit = 10 ** ((ground.od[0] - ground.seen[0]) / 100)  # this site's light over the card's
        factors = _photographed(after * lit, scan) / _photographed(before * lit, scan)
    else:
        change = np.log10(after / before)
        red = change[:, 0]
        green = red - ground.contrast[0] * (change[:, 0] - change[:, 1])
        blue = green - ground.contrast[1] * (change[:, 1] - change[:, 2])
        factors = 10 ** np.stack([red, green, blue], axis=-1)
    return factors.reshape(len(steps), len(steps), 3).astype(np.float32)


def _photographed(true: FloatArray, scan: Scan) -> FloatArray:
    """Linear sRGB (n, 3) in the photo of what the card would bring to `true` (n, 3): Newton in logs."""
    card = scan.light.card
    if card is None or card.fit is None:
        raise ValueError("no usable card")
    fit, tiny = card.fit, 1e-3
    wanted = np.log(np.maximum(true, _DARKEST))
    log = wanted.copy()
    for _ in range(30):
        here = np.log(np.maximum(correct(np.exp(log), fit), _DARKEST))
        slope = np.stack(
            [
                (np.log(np.maximum(correct(np.exp(log + tiny * axis), fit), _DARKEST)) - here) / tiny
                for axis in np.eye(3)
            ],
            axis=-1,
        )
        step = np.linalg.solve(slope + 1e-3 * np.eye(3), (wanted - here)[..., None])[..., 0]
        log = np.clip(log + np.clip(step, -0.5, 0.5), np.log(_DARKEST), 0.2)
    return np.exp(log)


def _lacquer(scan: Scan, shade: Shade, crop: PaintArea) -> FloatMap:
    """(H, W) linear light that a shiny finish adds: a broken band along each lip, where lips bulge."""
    strength = _LACQUER.get(shade.finish or "natural", 0.0)
    out = np.zeros(crop.level.shape, np.float32)
    if not strength:
        return out
    points = (scan.face.landmarks[:, :2] - (crop.left, crop.top)).astype(np.float64)
    unit = scan.face.interocular_px
    bands = (((84, 17, 314), (87, 14, 317), 0.45, 1.0), ((39, 0, 269), (81, 13, 311), 0.55, 0.5))
    for outer, inner, share, weight in bands:
        ridge = points[list(inner)] + share * (points[list(outer)] - points[list(inner)])
        thick = float(np.linalg.norm(points[outer[1]] - points[inner[1]]))
        line = np.zeros_like(out, np.uint8)
        cv2.polylines(
            line, [np.round(ridge * 16).astype(np.int32)], False, 255, max(1, round(0.15 * thick)),
            cv2.LINE_AA, shift=4,
        )  # fmt: skip
        band = cv2.GaussianBlur(line.astype(np.float32) / 255, (0, 0), max(0.6, 0.10 * thick))
        out = np.maximum(out, weight * np.maximum(band - 0.25, 0) / 0.75)
    around = cv2.GaussianBlur(crop.level, (0, 0), max(0.8, 0.03 * unit))
    relief = np.clip(1 + 14 * (crop.level - around), 0.0, 2.2)  # creases break the band
    return np.asarray(strength * _white(scan) * out * relief, np.float32)
