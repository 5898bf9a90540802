"""Texture, maps and light in, skin tone out: colour per site, matte, under the photo's key light."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import reduce
from itertools import pairwise
from operator import or_
from statistics import NormalDist
from types import MappingProxyType

import numpy as np

from skinscan.color import ITA_CLASSES, SRGB_DECODE_LUT, hue_angle, ita, ita_class
from skinscan.facemesh.landmarks import BETWEEN_BROWS, CHIN
from skinscan.measure.chart import correct
from skinscan.measure.diffuse_color import diffuse_skin_color
from skinscan.skin_indices import od_to_lab
from skinscan.types import (
    Z90,
    BoolMap,
    DiffuseColor,
    Face,
    FaceTexture,
    FloatArray,
    Light,
    Measure,
    Photo,
    Quality,
    SkinMaps,
    Tone,
    ToneSite,
)

__all__ = ["measure_tone"]

_SITES = {
    "cheek": ("left_cheek", "right_cheek"),
    "jaw": ("left_jaw", "right_jaw"),
    "forehead": ("forehead",),
}
_MOST_CLASSES = 2  # ITA classes that the interval may touch for one to be told [design]
_MIN_TEXELS = 200
_ENOUGH = 500  # texels a median is taken of
# Hue angle, a band about 55 [design]; quartiles over the ISSA face records (Lu et al. 2025): 49.8 and 59.6.
_COOL_BELOW, _WARM_ABOVE = 51.0, 59.0
_MONK_ITA = (60.0, 52.0, 44.0, 36.0, 26.0, 14.0, -2.0, -20.0, -40.0, -58.0)
"""ITA in the middle of Monk tones 1..10: even steps of rank over the measured range of faces (ISSA 1..99 %:
-63..55), not the printed swatches, four of which are lighter and two darker than any face [design]."""
_MONK_SIGMA = 6.0  # degrees ITA, disagreement of raters about one tone (r = -0.93 over 501 sites, Weir 2025)

# Neck: a patch below the chin, in inter-ocular distances.
_NECK_ALONG = np.linspace(0.30, 0.75, 24)[:, None, None]
_NECK_ACROSS = np.linspace(-0.35, 0.35, 24)[None, :, None]
_NECK_CHROMA = 12.0  # OD; further from the face's colour it is cloth, hair or a hand
_NECK_LEAST_LIGHT, _NECK_LEAST_SHARE = 0.2, 0.6


def measure_tone(
    photo: Photo,
    face: Face,
    texture: FaceTexture,
    maps: SkinMaps,
    zone_masks: Mapping[str, BoolMap],
    light: Light,
    quality: Quality,
) -> Tone:
    """Measure the tone at cheek, jaw, forehead and neck; the headline is the cheek.

    `photo` and `face`: where the neck is looked for, below the mesh. `texture`: the face unwrapped;
    `zone_masks`: zone to mask (S, S), of which the valid skin by `maps` is used. `light`: white, tone curve
    and exposure of the photo. `quality`: a failed check may disable the tone.

    L* carries the exposure error: without a reference in the picture it is wide, and ITA with it. Where its
    interval touches more than two classes, the tone is "uncertain": no class and no Monk tone is told.
    """
    blocked = quality.disabled.get("tone")
    if blocked:
        return _abstained(blocked.code)
    pixels: dict[str, FloatArray] = {}
    flat = texture.rgb.reshape(-1, 3)
    for site, names in _SITES.items():
        texels = np.flatnonzero(reduce(or_, (zone_masks[n] for n in names)) & maps.valid)
        if len(texels) >= _MIN_TEXELS:
            pixels[site] = flat[texels[:: max(1, len(texels) // _ENOUGH)]].astype(np.float64)
    neck = _neck(photo, face, light)
    if neck is not None:
        pixels["neck"] = neck
    if "cheek" not in pixels:
        return _abstained("ZONES_COVERED")
    matte = {site: diffuse_skin_color(rgb, light, _SITES.get(site, ())) for site, rgb in pixels.items()}
    points = dict(zip(matte, od_to_lab(np.stack([_sigma_points(m) for m in matte.values()])), strict=True))
    sites = {
        site: ToneSite(lab=_lab(labs, len(pixels[site])), matte=matte[site]) for site, labs in points.items()
    }
    count = len(pixels["cheek"])
    angle = _measure(ita(points["cheek"]), "degrees", count)
    hue = _measure(hue_angle(points["cheek"]), "degrees", count)
    classes = _classes(angle)
    told = len(classes) <= _MOST_CLASSES
    return Tone(
        status="ok" if told else "uncertain", reason=None if told else "NEEDS_WHITE_REFERENCE",
        sites=MappingProxyType(sites), lab=sites["cheek"].lab,
        ita=angle, ita_class=ita_class(angle.value) if told else None, ita_classes=classes,
        hue_angle=hue, undertone=_undertone(hue), monk=_monk(angle) if told else MappingProxyType({}),
    )  # fmt: skip


def _abstained(reason: str) -> Tone:
    return Tone(
        status="abstained", reason=reason, sites=MappingProxyType({}), lab=None, ita=None, ita_class=None,
        ita_classes=(), hue_angle=None, undertone=MappingProxyType({}), monk=MappingProxyType({}),
    )  # fmt: skip


def _sigma_points(matte: DiffuseColor) -> FloatArray:
    """OD (7, 3): centre, then each of the three log units at its 95 and 5 % points."""
    reach = np.diag(Z90 * np.sqrt(np.square(list(matte.sigma.values())).sum(axis=0)))
    points: FloatArray = matte.od + np.concatenate([np.zeros((1, 3)), reach, -reach])
    return points


def _measure(at_points: FloatArray, unit: str, count: int) -> Measure:
    """A number with its 90 % interval, from its values (7,) at the sigma points.

    Up and down apart: ITA of dark skin is far from straight.
    """
    centre, *moved = at_points.tolist()
    pairs = list(zip(moved[:3], moved[3:], strict=True))
    down = math.hypot(*(min(*pair, centre) - centre for pair in pairs))
    up = math.hypot(*(max(*pair, centre) - centre for pair in pairs))
    return Measure(
        value=round(centre, 1),
        low=round(centre - down, 1),
        high=round(centre + up, 1),
        unit=unit,
        n_pixels=count,
    )


def _lab(points: FloatArray, count: int) -> tuple[Measure, Measure, Measure]:
    lightness, redness, yellowness = points.T
    return (
        _measure(lightness, "L*", count),
        _measure(redness, "a*", count),
        _measure(yellowness, "b*", count),
    )


def _classes(angle: Measure) -> tuple[str, ...]:
    """ITA classes that the interval touches, light to dark."""
    names = [name for name, _ in ITA_CLASSES]
    first, last = names.index(ita_class(angle.high)), names.index(ita_class(angle.low))
    return tuple(names[first : last + 1])


def _undertone(hue: Measure) -> Mapping[str, float]:
    """Probability of cool, neutral and warm by hue angle."""
    spread = NormalDist(hue.value, max((hue.high - hue.low) / 2 / Z90, 0.1))
    cool, warm = spread.cdf(_COOL_BELOW), 1 - spread.cdf(_WARM_ABOVE)
    return MappingProxyType(
        {"cool": round(cool, 3), "neutral": round(1 - cool - warm, 3), "warm": round(warm, 3)}
    )


def _monk(angle: Measure) -> Mapping[str, float]:
    """Probability of each Monk tone by ITA."""
    sigma = math.hypot((angle.high - angle.low) / 2 / Z90, _MONK_SIGMA)
    spread = NormalDist(angle.value, sigma)
    borders = [math.inf, *((a + b) / 2 for a, b in pairwise(_MONK_ITA)), -math.inf]
    shares = [spread.cdf(upper) - spread.cdf(lower) for upper, lower in pairwise(borders)]
    return MappingProxyType({str(n): round(share, 3) for n, share in enumerate(shares, start=1)})


def _neck(photo: Photo, face: Face, light: Light) -> FloatArray | None:
    """Linear RGB (n, 3) of skin below the chin; None where it is hidden, dark or of another colour."""
    chin, brow = face.landmarks[CHIN, :2], face.landmarks[BETWEEN_BROWS, :2]
    down = (chin - brow) / max(float(np.linalg.norm(chin - brow)), 1e-6)
    along, across = _NECK_ALONG * down, _NECK_ACROSS * (-down[1], down[0])
    place = np.round(chin + (along + across) * face.interocular_px).astype(int).reshape(-1, 2)
    height, width = photo.pixels.shape[:2]
    if (place < 0).any() or (place >= (width, height)).any():
        return None
    codes = photo.pixels[place[:, 1], place[:, 0]]
    rgb = SRGB_DECODE_LUT[codes].astype(np.float64)
    if light.card is not None and light.card.fit is not None:
        rgb = correct(rgb, light.card.fit)
    balanced = np.maximum(rgb * light.white_balance.gain, 1e-4)
    rg = 100 * np.log10(balanced[:, 0] / balanced[:, 1])
    gb = 100 * np.log10(balanced[:, 1] / balanced[:, 2])
    face_rg, face_gb = (own + part for own, part in zip(light.chroma, light.excess, strict=True))
    skin = (np.abs(rg - face_rg) < _NECK_CHROMA) & (np.abs(gb - face_gb) < _NECK_CHROMA)
    skin &= (balanced[:, 0] > _NECK_LEAST_LIGHT * light.exposure.key_light) & (codes < 250).all(axis=1)
    return rgb[skin] if skin.mean() >= _NECK_LEAST_SHARE else None
