"""Everything known about the photo in, quality checks out: what each found and which metrics it disables.

Limits are [design] unless a source is named; every check carries advice a customer can follow.
"""

from __future__ import annotations

import math

import cv2
import numpy as np

from skinscan.facemesh.canonical_face import load_canonical
from skinscan.facemesh.zones import SKIN_ZONES
from skinscan.measure.clipped_skin import find_clipped_skin, red_alone
from skinscan.measure.color_cast import color_cast
from skinscan.measure.worn import Worn, find_worn
from skinscan.stats import SD_PER_MAD, median, quantile
from skinscan.texts.bilingual import advise
from skinscan.types import (
    METRICS,
    RELIEF_SIGMA,
    SHOWS_PORES,
    TEXTURE_SIZE,
    BoolMap,
    Card,
    Face,
    FaceTexture,
    Light,
    Metric,
    Photo,
    Quality,
    QualityCheck,
    SkinMaps,
)

__all__ = ["check_quality"]

_ALL: tuple[Metric, ...] = METRICS
_FINE: tuple[Metric, ...] = ("oil_balance", "pigmentation", "blemishes")

_CAST_ALLOWANCE = 6.0  # OD: two sigma of white balance (5), and a little for the tone curve [design]
_BLUSHER, _GLASSES = 5.0, 25.0  # OD, see worn.py: 184 bare faces reach 4 and 20
_RELIEF_TEXELS = 100  # of a zone, away from its rim
_CELL, _WHOLE_CELL, _ALIKE = 8, 0.9, 17  # texels a side, share of it seen, cells of about equal brightness


def check_quality(photo: Photo, face: Face, texture: FaceTexture, light: Light, maps: SkinMaps) -> Quality:
    """Run every check, in a fixed order.

    `photo`: its format, size and end are looked at; `face`: size and pose; `texture`: sharpness, clipping,
    ink, covered eyes; `light`: exposure, cast, card; `maps`: where bare skin is. All of one photo.
    """
    skin = load_canonical().skin & texture.inside
    checks = (
        _face_size(face), _small_face(face), _yaw(face), _pitch(face), _blur(texture),
        _too_dark(light), _clipping(texture, skin), _uneven_light(texture, skin & maps.valid),
        _no_color(texture), _color_cast(photo, face, texture, light), _occlusion(texture, maps),
        _beauty_filter(face, texture, skin & maps.valid), _screenshot(photo), _color_card(light.card),
        _drawn_on(texture), _eyes(texture), _end(photo), *_worn(find_worn(texture, maps)),
    )  # fmt: skip
    return Quality(checks=checks)


def _check(
    name: str,
    code: str,
    value: float,
    limit: float,
    unit: str,
    ok: bool,
    disables: tuple[Metric, ...],
    fault: str | None = None,
) -> QualityCheck:
    """`fault`: which of the faults that share the code, if several do."""
    return QualityCheck(
        name=name, code=code, value=round(value, 3), limit=limit, unit=unit, ok=bool(ok), disables=disables,
        advice=advise(f"{code} {fault} advice" if fault else f"{code} advice"),
    )  # fmt: skip


def _face_size(face: Face) -> QualityCheck:
    limit = 28.0  # px between the eyes; the whole cheek is then about 15 x 15 px
    value = face.interocular_px
    return _check("face_size", "FACE_TOO_SMALL", value, limit, "px", value >= limit, _ALL)


def _small_face(face: Face) -> QualityCheck:
    limit = 60.0  # px between the eyes; a texel of the texture is then about 1.5 px wide
    value = face.interocular_px
    return _check(
        "face_detail",
        "FACE_LACKS_DETAIL",
        value,
        limit,
        "px",
        value >= limit,
        (*_FINE, "sensitivity"),
    )


def _yaw(face: Face) -> QualityCheck:
    limit = 80.0  # degrees; up to here one side is seen well, and measured
    value = abs(face.pose.yaw)
    return _check("yaw", "HEAD_TURNED", value, limit, "degrees", value <= limit, _ALL)


def _pitch(face: Face) -> QualityCheck:
    limit = 35.0
    value = abs(face.pose.pitch)
    return _check("pitch", "HEAD_TILTED", value, limit, "degrees", value <= limit, _ALL)


def _blur(texture: FaceTexture) -> QualityCheck:
    limit = 0.18  # 1/texel: a Gaussian of 2 to 4 texels, 2 to 4 mm; sharp real faces have 0.25..0.45
    value = texture.detail
    # Blurred by 3 % of the inter-ocular distance, real faces read oil and sensitivity within 7 and 3 points.
    return _check(
        "sharpness", "BLURRED", value, limit, "1/texel", value >= limit, ("pigmentation", "blemishes")
    )


def _too_dark(light: Light) -> QualityCheck:
    limit = 0.04  # linear; 8-bit steps are 3 % and more below
    value = light.exposure.key_light
    return _check("exposure", "TOO_DARK", value, limit, "linear", value >= limit, _ALL)


def _clipping(texture: FaceTexture, skin: BoolMap) -> QualityCheck:
    limit = 0.50  # share of the skin; the rest is measured zone by zone, and clipped red is a lower bound
    seen = np.count_nonzero(skin)
    value = np.count_nonzero(skin & (texture.clipped > 0.5) & ~red_alone(texture)) / seen if seen else 1.0
    return _check("clipping", "OVEREXPOSED", value, limit, "share", value <= limit, _ALL)


def _uneven_light(texture: FaceTexture, skin: BoolMap) -> QualityCheck:
    limit = 3.0  # EV within valid skin, which cannot show much more; real photos have 0.7..2.6
    red = np.sort(np.maximum(texture.rgb[..., 0][skin], 1e-4))
    dark, bright = (quantile(red, share) if red.size else 1.0 for share in (0.1, 0.9))
    value = math.log2(bright / dark)
    return _check(
        "even_light",
        "UNEVEN_LIGHT",
        value,
        limit,
        "EV",
        value <= limit,
        ("redness", "sensitivity", "pigmentation"),
    )


def _no_color(texture: FaceTexture) -> QualityCheck:
    """Grey, sepia, duotone: what is equally bright has one colour. Lips, skin, brows and eyes never have."""
    limit = 1.35  # % of the brightness: grey 0, toned to 1.3, real faces from 2.4, rendered from 1.6
    value = 100 * _color_spread(texture)
    return _check("colour", "NO_COLOUR", value, limit, "% of brightness", value >= limit, _ALL)


def _color_spread(texture: FaceTexture) -> float:
    """RMS over the face of R - G and G - B about those of equally bright skin, over the mean brightness."""
    size = (TEXTURE_SIZE // _CELL,) * 2
    weight = texture.inside.astype(np.float32)
    light = cv2.resize(texture.rgb * weight[..., None], size, interpolation=cv2.INTER_AREA)
    weight = cv2.resize(weight, size, interpolation=cv2.INTER_AREA)
    whole = weight > _WHOLE_CELL
    codes = np.sqrt(np.maximum(light[whole] / weight[whole][:, None], 0))
    bright = codes.mean(axis=1)
    if len(codes) <= _ALIKE or not bright.any():
        return 0.0
    chroma = -np.diff(codes[np.argsort(bright, kind="stable")], axis=1)
    usual = cv2.blur(np.ascontiguousarray(chroma), (1, _ALIKE), borderType=cv2.BORDER_REFLECT)
    return float(np.sqrt(np.mean(np.square(chroma - usual))) / bright.mean())


def _color_cast(photo: Photo, face: Face, texture: FaceTexture, light: Light) -> QualityCheck:
    value = color_cast(photo, face, texture, light)
    return _check(
        "colour_cast",
        "COLOUR_CAST",
        value,
        _CAST_ALLOWANCE,
        "OD",
        value <= _CAST_ALLOWANCE,
        ("redness", "sensitivity", "tone"),
    )


def _occlusion(texture: FaceTexture, maps: SkinMaps) -> QualityCheck:
    limit = 0.35  # share of the skin zones that are turned to the camera
    mesh = load_canonical()
    shown = mesh.skin & (texture.inside | texture.drawn)
    clipped = find_clipped_skin(texture, maps)
    bare = mesh.skin & (maps.valid | clipped.red | clipped.glare)
    value = float(mesh.area_cm2[bare].sum() / max(mesh.area_cm2[shown].sum(), 1e-6))
    return _check("visible_skin", "SKIN_COVERED", value, limit, "share", value >= limit, _ALL)


def _beauty_filter(face: Face, texture: FaceTexture, skin: BoolMap) -> QualityCheck:
    """Skin smoother than skin can be in all zones but one, while the eyes are sharp: inflamed cheeks are
    smooth, and leave forehead, nose and chin their pores. A photo that is small, blurred or without eyes
    accuses nobody."""
    limit = 0.60  # OD of finest relief for eyes of full sharpness; real faces from 0.69, rendered 0.61
    fine = math.inf
    shown = face.interocular_px >= SHOWS_PORES[0] and texture.detail >= SHOWS_PORES[1]
    if shown and not texture.eyes_covered:
        tone = np.log10(np.maximum(texture.rgb[..., 1], 1e-4)) * 100
        inner = cv2.erode(skin.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
        relief = np.abs(tone - cv2.GaussianBlur(tone, (0, 0), RELIEF_SIGMA))
        texels = (load_canonical().zone_texels[zone] for zone in SKIN_ZONES)
        seen = [relief.ravel()[zone[inner.ravel()[zone]]] for zone in texels]
        roughness = sorted(SD_PER_MAD * median(zone) for zone in seen if len(zone) >= _RELIEF_TEXELS)
        fine = roughness[-2] if len(roughness) > 1 else math.inf
    value = min(fine / max(texture.detail, 0.05) * 0.35, 99.0)
    return _check(
        "skin_texture",
        "BEAUTY_FILTER",
        value,
        limit,
        "OD",
        value >= limit,
        ("redness", "sensitivity", "pigmentation", "oil_balance", "blemishes"),
    )


def _screenshot(photo: Photo) -> QualityCheck:
    """A weak sign, for the record only: PNG of a phone screen's shape without camera data."""
    shape = max(photo.width, photo.height) / min(photo.width, photo.height)
    likely = photo.format == "PNG" and photo.capture.model is None and 1.95 <= shape <= 2.3
    return _check("camera_original", "SCREENSHOT", float(likely), 0.5, "flag", not likely, ())


def _color_card(card: Card | None) -> QualityCheck:
    """A card that was held up in vain; without any card there is nothing to mend."""
    limit = 14.0 if card is None or card.kind == "chart24" else 6.0  # patches or steps: card.py, sheet.py
    fault = "covered" if card is None or card.fault is None else card.fault
    patches = 24 if card is None else card.patches
    ok = card is None or card.fit is not None
    return _check("colour_card", "CARD_UNUSABLE", patches, limit, "patches", ok, (), fault)


def _drawn_on(texture: FaceTexture) -> QualityCheck:
    """Circles, arrows, text, stickers: left out of measuring, and asked about."""
    value = float(load_canonical().area_cm2[texture.drawn].sum())
    return _check("unmarked", "DRAWN_ON", value, 0.0, "cm2", value <= 0.0, ())


def _eyes(texture: FaceTexture) -> QualityCheck:
    """A bar or mosaic for privacy takes the white of the eyes, and the skin under it, from measuring."""
    covered = texture.eyes_covered
    return _check("eyes", "EYES_COVERED", float(covered), 0.5, "flag", not covered, ())


def _worn(worn: Worn) -> tuple[QualityCheck, ...]:
    """Make-up and covers by name, to be taken off; limits beyond bare faces of the London and Canada sets."""
    return (
        _check("lipstick", "LIPSTICK", worn.lipstick, 0.0, "OD", worn.lipstick <= 0, ()),
        _check("blusher", "BLUSHER", worn.blusher, _BLUSHER, "OD", worn.blusher <= _BLUSHER, ()),
        _check("glasses", "GLASSES", worn.glasses, _GLASSES, "OD", worn.glasses <= _GLASSES, ()),
        _check("mask", "MASK", worn.mask, 0.5, "flag", worn.mask <= 0.5, ()),
    )


def _end(photo: Photo) -> QualityCheck:
    """For the record only: a copy that broke off behind the last pixel."""
    return _check("file_end", "FILE_END_MISSING", float(not photo.ends), 0.5, "flag", photo.ends, ())
