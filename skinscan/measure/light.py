"""Photo, face and texture in, the photo's nuisances out: white, tone curve, exposure, and what stays unsure.

**Card.** A colour card in the photo has set white, tone curve and saturation right before the texture got
here (chart.py). What it cannot see is how skin scatters light into its shade, and how the face is lit
otherwise than the card: the card is compared with skin that looks into the camera as it does (shading.py).
Without one:

**White.** The camera has balanced the picture already; its error has a prior. The sclera is a second
witness when it is lit and clean. The two are combined by their precision, so that a doubtful sclera changes
little and a strong cast is pulled back.

**Exposure.** Cameras expose faces alike, so brightness says little about depth. The sclera is a second
witness: unless it is deep in shade it is about as bright in everybody, in the light that falls on the skin.
The two are combined like those of the white. Nobody is pulled towards a usual tone.

**Tone curve, shading, highlights.** On one face under one light, log R/G and log G/B do not depend on how
bright the skin is. In photos they do: the tone curve bends them, shine washes them out. The dependence is
fitted as one smooth function of log R together with one offset per zone, robustly, and taken out. Zones
keep their true differences because they have offsets of their own; what shading and zone cannot tell
apart ends up in `zone_sigma`.

**Contrast.** Cameras render skin more colourful and brighter than it is, by contrast and saturation that no
single photo reveals. The usual amount is taken off the face as a whole, its spread goes into the intervals.
Differences between zones are left alone: there the fit above has taken back about what contrast added.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from statistics import NormalDist
from types import MappingProxyType
from typing import Literal

import cv2
import numpy as np

from skinscan.color import EI_PER_RG, SRGB_DECODE_LUT
from skinscan.errors import QualityError
from skinscan.facemesh.canonical_face import load_canonical
from skinscan.facemesh.landmarks import EYES, IRIS_CENTRES
from skinscan.facemesh.zones import SKIN_ZONES
from skinscan.measure.shading import Shading, fit_shading, skin_normals
from skinscan.stats import median, quantile
from skinscan.types import (
    CORRELATED_TEXELS,
    KEY_LIGHT_QUANTILE,
    Card,
    Face,
    FaceTexture,
    FloatArray,
    Indices,
    IntMap,
    Light,
    Photo,
)

__all__ = ["KNOTS", "estimate_light"]

KNOTS = (0.0, 0.1, 0.25, 0.4, 0.55, 0.7, 0.82, 0.9, 0.96)
"""Where the trend may bend: quantiles of the face's own log10 R, so that exposure moves knots and skin alike;
denser towards the bright end, where camera shoulders are."""

# Priors, in OD (100 log10). [design] marks our own choice.
_AWB_SIGMA = np.array([2.5, 3.0])  # camera white balance error of R/G and G/B: 6 % and 7 % [design]
_SCLERA_COLOUR = np.array([3.0, 2.0])  # log R/G and log G/B of a healthy sclera in white light [design]
_SCLERA_SIGMA = np.array([4.0, 4.0])  # spread of it over people and vessels [design]
_SCLERA_OD = 45.0  # of its brightest tenth in the skin's key light: lids shade it; 162 rendered portraits
_SCLERA_OD_SIGMA = 10.0  # 8.0 there; 10 within nine people on 23 real photos of them
_SCLERA_BRIGHT = 0.9  # quantile
_SCLERA_SHADED = 30.0  # OD below the skin: deep in shade; on such photos of one person it differs by 50
_SCLERA_MIN_BRIGHT_PIXELS = 20
_SCLERA_MIN_PIXELS = 40
_SCLERA_MIN_LIGHT = 0.6  # of the skin's key light; darker is lid shadow and reads red
_CARD_SIGMA = np.array([1.6, 1.6])  # R/G and G/B of skin after a card: below, twelve camera types a light
_CARD_RESIDUAL = 1.5  # dE00 of a card in good light; what is above it widens the sigma in proportion
_SKIN_OD = (25.8, 103.3)  # optical density of skin in R, 0.5..99.5 % of ISSA faces; all tones equally likely
_ZONE_SIGMA = 3.0  # EI, SD of a zone about its own face: ISSA training people, 1,662 faces with >= 3 sites
_SLOPE_SIGMA = 30.0  # OD per unit log10 R: slope of the trend in the shadows [design]
_BEND_SIGMA = 20.0  # OD per unit log10 R: change of slope at a knot; a hard shoulder needs several [design]

_DARKEST = 0.004  # linear; 8-bit steps are 10 % and more below it
_STRIDE = 4  # every fourth texel in both directions is plenty for twenty unknowns
_HIGHEST_MID_TONE = -0.30  # log10 R: curves are straightest from here down [design]
_MIN_TEXELS = 100
_LIP_CLIPPED, _LIP_TEXELS = 0.05, 60
_LIP_LIT = 0.3  # quantile of darkness: brighter lies gloss, darker shade; of 0.1 .. 0.6 it repeats best


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rendering:
    """How photos show skin: 72 rendered portraits, `python -m models.training.fit.calibrate`."""

    contrast: float  # colourfulness over that of the skin, in log R/G and log G/B
    contrast_sigma: float  # of it, what the white's error does not explain
    scatter: tuple[float, float]  # OD that light creeping through skin adds to R/G and G/B in key light
    brighter: float  # OD that skin in key light is brighter than its reflectance
    exposure_sigma: float  # OD about that


_AS_SHOT = _Rendering(
    contrast=1.27,
    contrast_sigma=0.12,  # of a spread of 0.25
    scatter=(0.0, 0.0),  # part of the contrast
    brighter=14.0,  # half a stop
    exposure_sigma=14.0,  # 11.5 there, widened so that 0.7 EV more or less is within
)
_BY_CARD = _Rendering(
    contrast=1.0,
    contrast_sigma=0.0,  # part of _CARD_SIGMA
    scatter=(1.7, -0.95),
    brighter=0.0,
    exposure_sigma=3.5,  # with light from straight ahead
)
_OBLIQUE = 0.075  # OD of that per cent of `Shading.oblique`: a card turned a few degrees off the face's way


def estimate_light(photo: Photo, face: Face, texture: FaceTexture, card: Card | None = None) -> Light:
    """Estimate white, tone curve and exposure, from the face itself where no card has given them.

    `texture` must be the one unwrapped with the same card.

    Raises QualityError when too little lit, unclipped skin is visible to calibrate on.
    """
    zone, texel, rgb = _calibration_skin(texture)
    if len(zone) < _MIN_TEXELS:
        raise QualityError(
            f"too little evenly lit skin is visible in {photo.name}",
            "take the photo in even daylight, hair and hands off the face",
        )
    key_light = quantile(rgb[:, 0], KEY_LIGHT_QUANTILE)
    eyes = _sclera(photo, face)
    shift, residual, reference = _white(eyes, key_light, card)
    usual = _BY_CARD if reference == "card" else _AS_SHOT
    rgb = rgb * _gain(shift)
    level = np.log10(rgb[:, 0])
    brightest = quantile(level, KEY_LIGHT_QUANTILE)
    normals = skin_normals(face)
    shading = fit_shading(normals, zone, texel, rgb[:, 0])
    if reference == "card":
        measured = usual.brighter - 100 * math.log10(shading.facing)
        sigma = math.hypot(usual.exposure_sigma, _OBLIQUE * shading.oblique)
    else:
        measured, sigma = _exposure(usual, brightest, key_light, eyes)
    reference_od, exposure_sigma = _skin_density(measured, sigma)
    chroma = 100 * np.stack([np.log10(rgb[:, 0] / rgb[:, 1]), np.log10(rgb[:, 1] / rgb[:, 2])], axis=1)
    knots = np.array([quantile(level, share) for share in KNOTS])
    middle = min(median(level), _HIGHEST_MID_TONE)
    if reference == "card":  # its tone curve is straight everywhere, and half-shade is redder than skin
        middle = brightest
    offsets, curve, covariance, scatter = _fit(zone, level, chroma, knots, middle)
    area = np.bincount(zone, minlength=len(SKIN_ZONES)) / len(zone)
    of_face = np.append(area, np.zeros(len(KNOTS)))
    contrast = np.eye(len(SKIN_ZONES), len(of_face)) - of_face
    zone_od = np.sqrt(np.einsum("ij,jk,ik->i", contrast, covariance, contrast))
    face_od = math.sqrt(of_face @ covariance @ of_face)
    centre = area @ offsets
    excess = centre * (1 - 1 / usual.contrast) + usual.scatter
    stretch = np.abs(centre) * (usual.contrast_sigma / usual.contrast**2)
    return Light(
        reference=reference,
        card=card,
        gain=tuple(_gain(shift)),
        residual=(float(residual[0]), float(residual[1])),
        reference_od=reference_od,
        exposure_sigma=exposure_sigma,
        camera_sigma=sigma if reference == "card" else usual.exposure_sigma,
        key_light=key_light,
        level=middle,
        curve=curve,
        knots=knots,
        excess=(float(excess[0]), float(excess[1])),
        chroma=(float((centre - excess)[0]), float((centre - excess)[1])),
        chroma_sigma=(math.hypot(face_od, stretch[0]), math.hypot(face_od, stretch[1])),
        zone_sigma=MappingProxyType(dict(zip(SKIN_ZONES, (EI_PER_RG * zone_od).tolist(), strict=True))),
        scatter=scatter,
        darker=MappingProxyType({**shading.darker, **_dark_lips(normals, texture, shading, _gain(shift)[0])}),
        n_pixels=len(zone),
    )


def _calibration_skin(texture: FaceTexture) -> tuple[IntMap, Indices, FloatArray]:
    """Zone number (n,), flat index (n,) and linear RGB (n, 3) of lit, unclipped, plausibly skin texels."""
    zone, texel = _grid()
    rgb, cosine = texture.rgb.reshape(-1, 3)[texel], texture.cosine.ravel()[texel]
    red, green, blue = rgb.T
    keep = texture.inside.ravel()[texel] & (texture.clipped.ravel()[texel] < 0.02) & (cosine > 0.35)
    keep &= np.minimum(green, blue) > _DARKEST
    keep &= (red > 0.95 * green) & (green > 0.7 * blue)  # no skin is bluish; a grey photo passes
    return zone[keep], texel[keep], rgb[keep].astype(np.float64)


@lru_cache(maxsize=1)
def _grid() -> tuple[IntMap, Indices]:
    """Zone number (n,) and flat index (n,) of every so many texels of the skin zones in both directions."""
    mesh = load_canonical()
    row, column = np.nonzero(mesh.skin[::_STRIDE, ::_STRIDE])
    texel = (row * mesh.skin.shape[1] + column) * _STRIDE
    return mesh.label.ravel()[texel], texel


def _dark_lips(normals: FloatArray, texture: FaceTexture, shading: Shading, gain: float) -> dict[str, float]:
    """How much darker than skin the lips are where they are in full light and not glossy, OD."""
    zones = load_canonical().zone_texels
    texel = np.concatenate([zones["upper_lip"], zones["lower_lip"]])
    sound = texture.inside.ravel()[texel] & (texture.clipped.ravel()[texel] < _LIP_CLIPPED)
    if np.count_nonzero(sound) < _LIP_TEXELS:
        return {}
    texel = texel[sound]
    red = texture.rgb.reshape(-1, 3)[texel, 0].astype(np.float64) * gain
    return {"lips": quantile(shading.darkness(normals, texel, red), _LIP_LIT)}


def _exposure(
    usual: _Rendering, brightest: float, key_light: float, eyes: list[FloatArray]
) -> tuple[float, float]:
    """Density of the skin in full light by the camera's exposure and by the sclera; and its sigma, OD."""
    by_camera, sigma = usual.brighter - 100 * brightest, usual.exposure_sigma
    seen = [eye[:, 0] for eye in eyes if len(eye) >= _SCLERA_MIN_BRIGHT_PIXELS]
    # NumPy's own: of float32 it rounds otherwise than ranks.quantile.
    white = max((float(np.quantile(red, _SCLERA_BRIGHT)) for red in seen), default=0.0)
    brighter = 100 * math.log10(max(white, 1e-6) / key_light)
    if brighter < -_SCLERA_SHADED:
        return by_camera, sigma
    by_sclera = _SCLERA_OD + brighter
    weight = sigma**2 / (sigma**2 + _SCLERA_OD_SIGMA**2)
    return by_camera + weight * (by_sclera - by_camera), _SCLERA_OD_SIGMA * math.sqrt(weight)


def _skin_density(measured: float, sigma: float) -> tuple[float, float]:
    """Mean and sigma of the skin's optical density in R, given what the exposure suggests.

    A normal error of the exposure, cut to the densities that skin has. Within that range no tone is more
    likely than another, so nobody is pulled towards a population mean.
    """
    normal = NormalDist()
    low, high = ((end - measured) / sigma for end in _SKIN_OD)
    mass = normal.cdf(high) - normal.cdf(low)
    if mass < 1e-6:  # several sigma outside: the nearest skin there is
        return _SKIN_OD[0] if measured < _SKIN_OD[0] else _SKIN_OD[1], sigma / 3
    shift = (normal.pdf(low) - normal.pdf(high)) / mass
    shrink = 1 + (low * normal.pdf(low) - high * normal.pdf(high)) / mass - shift**2
    return measured + sigma * shift, sigma * math.sqrt(max(shrink, 0.01))


def _gain(shift: FloatArray) -> FloatArray:
    """Channel gains that add `shift` OD to log R/G and log G/B; green stays."""
    return np.array([10 ** (shift[0] / 100), 1.0, 10 ** (-shift[1] / 100)])


def _white(
    eyes: list[FloatArray], key_light: float, card: Card | None
) -> tuple[FloatArray, FloatArray, Literal["card", "sclera", "none"]]:
    """Correction of (log R/G, log G/B) in OD, its remaining sigma, and the reference used."""
    if card is not None and card.fit is not None and card.residual is not None:
        return np.zeros(2), _CARD_SIGMA * max(1.0, card.residual / _CARD_RESIDUAL), "card"
    sclera = _white_of_eyes(eyes, key_light)
    if sclera is None:
        return np.zeros(2), _AWB_SIGMA, "none"
    colour, spread = sclera
    variance = _SCLERA_SIGMA**2 + spread**2
    weight = _AWB_SIGMA**2 / (_AWB_SIGMA**2 + variance)
    return -weight * (colour - _SCLERA_COLOUR), _AWB_SIGMA * np.sqrt(1 - weight), "sclera"


def _sclera(photo: Photo, face: Face) -> list[FloatArray]:
    """Linear RGB (n, 3) of the white of each eye that is in the photo."""
    found = []
    for contour, iris in zip(EYES, IRIS_CENTRES, strict=True):
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
    colour = np.median(ratio, axis=0)
    spread = 1.4826 * np.median(np.abs(ratio - colour), axis=0)
    return colour, spread * math.sqrt(_SCLERA_MIN_PIXELS / len(lit))


def _hinges(level: FloatArray, knots: FloatArray) -> FloatArray:
    """Basis (n, K): how far log10 R lies above each knot."""
    basis: FloatArray = np.maximum(level[:, None] - knots, 0)
    return basis


def _fit(
    zone: IntMap, level: FloatArray, chroma: FloatArray, knots: FloatArray, reference: float
) -> tuple[FloatArray, FloatArray, FloatArray, float]:
    """Zone offsets plus trend, robust and with priors.

    `zone` (n,), `level` (n,) log10 R, `chroma` (n, 2) OD; the trend is zero where log10 R = `reference`.
    Returns offsets (Z, 2) there, hinge coefficients (K, 2), covariance (Z + K, Z + K) of log R/G in OD^2,
    robust scatter in OD.
    """
    zones, size = len(SKIN_ZONES), len(SKIN_ZONES) + len(knots)
    basis = _hinges(level, knots) - _hinges(np.array([reference]), knots)
    design = np.concatenate([np.eye(zones)[zone], basis], axis=1)
    share = np.bincount(zone, minlength=zones) / len(zone)
    prior = np.zeros((size, size))
    deviation = (np.eye(zones) - share) / (_ZONE_SIGMA / EI_PER_RG)
    prior[:zones, :zones] = deviation.T @ deviation
    bends = np.array([_SLOPE_SIGMA] + [_BEND_SIGMA] * (len(knots) - 1))
    prior[zones:, zones:] = np.diag(bends**-2.0)
    effective = len(level) * _STRIDE**2 / CORRELATED_TEXELS
    weight, scatter = np.ones(len(level)), 1.0
    for _ in range(6):
        scaled = weight * (effective / weight.sum() / scatter**2)
        precision = design.T @ (design * scaled[:, None]) + prior
        solution = np.linalg.solve(precision, design.T @ (chroma * scaled[:, None]))
        residual = np.abs(chroma[:, 0] - design @ solution[:, 0])
        scatter = max(1.4826 * median(residual), 0.1)
        weight = 1 / np.maximum(1, residual / (1.5 * scatter))
    covariance = np.linalg.inv(precision)
    return solution[:zones], solution[zones:], covariance, scatter
