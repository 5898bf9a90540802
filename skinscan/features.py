"""Maps and zones in, the numbers that scores are made of out, and the conditions that tell how sure."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from skinscan.canonical import SKIN_ZONES, T_ZONE, U_ZONE, load_canonical
from skinscan.ranks import quantile
from skinscan.types import (
    CORRELATED_TEXELS,
    BoolMap,
    FaceTexture,
    FloatMap,
    Indices,
    Light,
    Metric,
    Quality,
    SkinMaps,
    Zones,
)

__all__ = [
    "CONDITIONS",
    "FEATURES",
    "FaceFeatures",
    "at",
    "face_features",
    "median",
    "shine_share",
    "visible",
]

FEATURES = (
    "erythema_index",  # EI, median of the face
    "melanin_index",  # MI, median of the face
    "erythema_peak",  # EI, 95th percentile minus median of the smoothed map
    "erythema_central",  # EI, cheeks and nose minus forehead, chin and jaw
    "erythema_patchiness",  # EI, SD of the smoothed map within zones, above that of healthy skin
    "shine_t_zone",  # % of the light, mean over forehead, glabella, nose and chin
    "shine_u_zone",  # % of the light, mean over cheeks and jaw
    "spot_area",  # % of the valid skin
    "spot_contrast",  # MI, mean of the spots above the face's median
    "erythema_cheeks",  # EI, cheeks minus forehead and jaws
    "erythema_patches",  # EI, RMS of 3 to 10 mm detail, cheeks and nose minus the rest
    "erythema_vessels",  # EI, RMS of 1 to 3 mm detail, cheeks and nose minus the rest
    "pale_flakes",  # OD, 98 % quantile of fine brightness in green, centre minus forehead and jaws
    "shine_t_top",  # % of the light, 95 % quantile in T
    "shine_u_top",  # % of the light, 95 % quantile in U
    "glow_t",  # OD, 98 % quantile of 3 to 10 mm brightness above its median in T
    "glow_u",  # OD, the same in U
    "lobe_forehead",  # skewness of 6 to 20 mm brightness: highlights bulge upwards
    "lobe_cheeks",
    "wash_t",  # OD, log R/B of mid-tones minus that of the brightest skin: shine is white
    "wash_u",
    "spot_count",
    "spot_fine",  # MI, 99 % quantile of 1 to 5 mm detail
    "grain",  # EI, RMS of 1 to 3 mm detail in forehead, chin and jaws: noise, mostly
)
"""What `scores.onnx` is given, in its order."""

CONDITIONS = (
    "face_size",  # log2 of px between the eyes
    "turned",  # degrees, the larger of yaw and 1.1 pitch
    "sharpness",  # 1/texel
    "exposure",  # log2 of the key light
    "clipping",  # share of the skin
    "uneven_light",  # EV
    "hidden_skin",  # share of the skin zones' area that is not valid
    "white_unsure",  # EI, shared error of the photo
    "exposure_unsure",  # OD
)
"""What the error of a score is predicted from."""

_MIN_SHARE = 0.3  # of a zone that must be valid skin
_MIN_TEXELS = 60
_HEALTHY_PATCHINESS = 1.5  # EI, SD that texture alone leaves in the smoothed map [design]
_SPOT = 6.0  # MI above the face's median from which skin counts as a spot: about 3 dE00 [design]
_SPOT_TEXELS = (3, 200)  # about 2.5 mm2 to 170 mm2; larger is shadow or stain
_COMPACT = 0.4  # least share of its bounding box; wrinkles and edges of shadows are thinner
_LONGEST = 3  # times its width: wrinkles of the forehead fill a long, flat box
_ZONE_MODEL_SIGMA = 1.0  # EI, what trend and zones leave unexplained in a zone: `skinscan bench physics`
_SHINE_MODEL_SHARE = 0.25  # of the value: highlight model against rendered truth [design]
_SPOT_MODEL_SHARE = 0.45  # of the value: spots come and go with creases and light [design]
_SPOT_FLOOR = 0.6  # % of the face: a few spots more or less by noise and JPEG [design]
_DARKEST = 1e-4  # linear
_LUMINANCE = np.array([0.2126, 0.7152, 0.0722], np.float32)
_CENTRE = ("left_cheek", "right_cheek", "nose")
_RIM = ("forehead", "chin", "left_jaw", "right_jaw")
_CHEEKS = ("left_cheek", "right_cheek")
_CALM = ("forehead", "left_jaw", "right_jaw")
_FLAKY = (*_CENTRE, "perioral", "chin", "glabella")

T = TypeVar("T", bound=np.generic)
Stat = tuple[float, float]  # value, sigma


@dataclass(frozen=True, slots=True, kw_only=True)
class FaceFeatures:
    """One face in numbers."""

    values: Mapping[str, Stat]  # FEATURES -> value and sigma; sigma 0 where only scores.onnx knows the error
    conditions: Mapping[str, float]  # CONDITIONS
    parts: Mapping[str, dict[str, float]]  # score -> the readable numbers it is made of
    own_erythema: float  # EI of the own face
    blocked: Mapping[Metric, str]  # metrics whose zones are covered, with the reason


def visible(zones: Zones, valid: BoolMap) -> dict[str, Indices]:
    """Flat indices of the valid skin of each zone that shows enough of it."""
    seen = {}
    for name, texels in load_canonical().zone_texels.items():
        skin = texels[at(valid, texels) & at(zones.masks[name], texels)]
        if len(skin) >= max(_MIN_TEXELS, _MIN_SHARE * len(texels)):
            seen[name] = skin
    return seen


def face_features(
    texture: FaceTexture, maps: SkinMaps, seen: Mapping[str, Indices], light: Light, quality: Quality
) -> FaceFeatures:
    """Measure the visible skin `seen`; a feature whose zones are covered is 0, its metric is in `blocked`."""
    blocked = _covered(seen)
    own = _own_erythema(seen, maps)
    values, parts = _features(seen, own, texture, maps, light) if len(blocked) < len(_NEEDED) else ({}, {})
    # What rests on zones that are covered is NaN here; the score that needs it is abstained.
    sound = {name: stat if math.isfinite(sum(stat)) else (0.0, 0.0) for name, stat in values.items()}
    return FaceFeatures(
        values=MappingProxyType(sound),
        conditions=MappingProxyType(_conditions(maps, light, quality)),
        parts=MappingProxyType(parts),
        own_erythema=own,
        blocked=MappingProxyType(blocked),
    )


def at(values: NDArray[T], texels: Indices) -> NDArray[T]:
    """Values at flat indices."""
    return values.ravel()[texels]


def median(values: FloatMap) -> float:
    """Upper median; np.median checks and averages at three times the cost, which adds up over zones."""
    middle = len(values) // 2
    return float(np.partition(values, middle)[middle])


def shine_share(light: Light) -> float:
    """Relative sigma of shine: its model, and the reflectance it is scaled by."""
    return math.hypot(_SHINE_MODEL_SHARE, math.log(10) / 100 * light.exposure_sigma)


_NEEDED: dict[Metric, tuple[tuple[str, ...], ...]] = {
    "redness": (_CENTRE, _RIM),
    "sensitivity": (_CENTRE, _RIM),
    "oil_balance": (T_ZONE, U_ZONE),
    "pigmentation": (_CENTRE,),
}
"""Groups of zones; of each one must be seen."""


def _covered(seen: Mapping[str, Indices]) -> dict[Metric, str]:
    return {
        metric: "ZONES_COVERED"
        for metric, groups in _NEEDED.items()
        if not all(any(zone in seen for zone in group) for group in groups)
    }


def _own_erythema(seen: Mapping[str, Indices], maps: SkinMaps) -> float:
    """EI of the own face: mean of the zone medians by area, without lips; a covered zone shifts it little."""
    zones = [texels for name, texels in seen.items() if name in SKIN_ZONES]
    if not zones:
        return math.nan
    area = load_canonical().area_cm2
    medians = [median(at(maps.erythema, texels)) for texels in zones]
    return float(np.average(medians, weights=[at(area, texels).sum() for texels in zones]))


class _Bands:
    """Gaussian means over the face alone, each scale made once per map."""

    def __init__(self, face: Indices, shape: tuple[int, ...]) -> None:
        self._face = face
        self._weight = np.zeros(shape, np.float32)
        self._weight.ravel()[face] = 1
        self._weights: dict[float, FloatMap] = {}

    def mean(self, values: FloatMap, sigma: float) -> FloatMap:
        """Gaussian mean, sigma in texels."""
        if sigma not in self._weights:
            self._weights[sigma] = np.maximum(_blurred(self._weight, sigma), 1e-3)
        smoothed: FloatMap = (
            _blurred(np.where(self._weight > 0, values, np.float32(0)), sigma) / self._weights[sigma]
        )
        return smoothed


def _blurred(values: FloatMap, sigma: float) -> FloatMap:
    """Gaussian; a wide one on a quarter of the size, which is the same for a fraction of the work."""
    if sigma < 6:
        return np.asarray(cv2.GaussianBlur(values, (0, 0), sigma))
    small = cv2.resize(values, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    return np.asarray(
        cv2.resize(
            cv2.GaussianBlur(small, (0, 0), sigma / 4), values.shape[::-1], interpolation=cv2.INTER_LINEAR
        )
    )


def _features(
    seen: Mapping[str, Indices], own: float, texture: FaceTexture, maps: SkinMaps, light: Light
) -> tuple[dict[str, Stat], dict[str, dict[str, float]]]:
    """FEATURES as (value, sigma), and the readable parts of each score."""
    face = np.concatenate([texels for name, texels in seen.items() if name in SKIN_ZONES])
    bands = _Bands(face, maps.erythema.shape)
    red, red_parts = _redness(seen, own, face, bands, maps)
    oil, oil_parts = _oil(seen, face, bands, texture, maps, light)
    melanin = median(at(maps.melanin, face))
    spot, spot_parts = _pigment(face, melanin, bands, maps)
    features = {"melanin_index": (melanin, maps.melanin_shared_sigma), **red, **oil, **spot}
    return features, {**red_parts, **oil_parts, **spot_parts}


def _redness(
    seen: Mapping[str, Indices], own: float, face: Indices, bands: _Bands, maps: SkinMaps
) -> tuple[dict[str, Stat], dict[str, dict[str, float]]]:
    fine, smooth, broad = (bands.mean(maps.erythema, sigma) for sigma in (1.0, 3.0, 10.0))
    on_face = at(smooth, face)
    middle = median(on_face)
    independent = max(4.0, len(face) / CORRELATED_TEXELS)
    peak = quantile(on_face, 0.95) - middle
    spread = 1.4826 * median(np.abs(on_face - middle))
    centre, rim, cheeks, calm = (
        _mean_of(seen, group, maps.erythema, median) for group in (_CENTRE, _RIM, _CHEEKS, _CALM)
    )
    patchiness = math.sqrt(np.mean([at(smooth, t).var() for name, t in seen.items() if name in SKIN_ZONES]))
    patches = [_mean_of(seen, group, smooth - broad, _rms) for group in (_CENTRE, _RIM)]
    vessels = [_mean_of(seen, group, fine - smooth, _rms) for group in (_CENTRE, _RIM)]
    features = {
        "erythema_index": (own, maps.erythema_shared_sigma),
        "erythema_peak": (peak, math.hypot(spread / math.sqrt(independent), _ZONE_MODEL_SIGMA)),
        "erythema_central": (centre - rim, math.sqrt(2) * _ZONE_MODEL_SIGMA),
        "erythema_patchiness": (patchiness - _HEALTHY_PATCHINESS, patchiness / math.sqrt(2 * independent)),
        "erythema_cheeks": (cheeks - calm, 0.0),
        "erythema_patches": (patches[0] - patches[1], 0.0),
        "erythema_vessels": (vessels[0] - vessels[1], 0.0),
        "grain": (vessels[1], 0.0),
    }
    parts = {
        "redness": {"erythema_index": own},
        "redness_local": {"erythema_peak_ei": peak},
        "sensitivity": {
            "erythema_central_ei": centre - rim,
            "erythema_patchiness_ei": patchiness,
            "erythema_patches_ei": patches[0] - patches[1],
            "erythema_vessels_ei": vessels[0] - vessels[1],
        },
    }
    return features, parts


def _oil(
    seen: Mapping[str, Indices],
    face: Indices,
    bands: _Bands,
    texture: FaceTexture,
    maps: SkinMaps,
    light: Light,
) -> tuple[dict[str, Stat], dict[str, dict[str, float]]]:
    density = 100 * np.log10(np.maximum(texture.rgb, _DARKEST))
    bright = density @ _LUMINANCE
    small, wide = (
        bands.mean(bright, 3.0) - bands.mean(bright, 10.0),
        bands.mean(bright, 6.0) - bands.mean(bright, 20.0),
    )
    flake = bands.mean(density[..., 1], 0.7) - bands.mean(density[..., 1], 3.0)
    white = density[..., 0] - density[..., 2]
    features: dict[str, Stat] = {}
    means = []
    for side, group in (("t", T_ZONE), ("u", U_ZONE)):
        mean = _mean_of(seen, group, maps.shine, np.mean)
        means.append(mean)
        features[f"shine_{side}_zone"] = (mean, shine_share(light) * mean)
        features[f"shine_{side}_top"] = (_mean_of(seen, group, maps.shine, lambda v: _quantile(v, 0.95)), 0.0)
        features[f"glow_{side}"] = (
            _mean_of(seen, group, small, lambda v: _quantile(v, 0.98) - _quantile(v, 0.5)), 0.0
        )  # fmt: skip
        features[f"wash_{side}"] = (_wash(seen, group, bright, white), 0.0)
    features["lobe_forehead"] = (_mean_of(seen, ("forehead", "glabella"), wide, _skewness), 0.0)
    features["lobe_cheeks"] = (_mean_of(seen, _CHEEKS, wide, _skewness), 0.0)
    pale = [_mean_of(seen, group, flake, lambda v: _quantile(v, 0.98)) for group in (_FLAKY, _CALM)]
    features["pale_flakes"] = (pale[0] - pale[1], 0.0)
    parts = {
        "oil_balance": {
            "shine_t_zone_percent": means[0],
            "shine_u_zone_percent": means[1],
            "t_minus_u": means[0] - means[1],
        }
    }
    return features, parts


def _wash(seen: Mapping[str, Indices], group: tuple[str, ...], bright: FloatMap, white: FloatMap) -> float:
    """How much bluer the brightest twentieth of a zone is than its mid-tones, OD."""
    washed = []
    for name in group:
        if name in seen:
            level, tint = at(bright, seen[name]), at(white, seen[name])
            low, middle, top = np.quantile(level, (0.3, 0.6, 0.95))
            washed.append(median(tint[(level >= low) & (level <= middle)]) - median(tint[level >= top]))
    return float(np.mean(washed)) if washed else math.nan


def _pigment(
    face: Indices, melanin: float, bands: _Bands, maps: SkinMaps
) -> tuple[dict[str, Stat], dict[str, dict[str, float]]]:
    area, contrast, count = _spots(maps.melanin - melanin, face)
    fine = at(bands.mean(maps.melanin, 1.0) - bands.mean(maps.melanin, 5.0), face)
    features = {
        "spot_area": (area, math.hypot(_SPOT_MODEL_SHARE * area, _SPOT_FLOOR)),
        "spot_contrast": (contrast, 1.0),
        "spot_count": (float(count), 0.0),
        "spot_fine": (_quantile(fine, 0.99), 0.0),
    }
    return features, {
        "pigmentation": {
            "spot_count": float(count),
            "spot_area_percent": area,
            "spot_contrast_mi": contrast,
        }
    }


def _spots(above: FloatMap, face: Indices) -> tuple[float, float, int]:
    """Area (% of the face), mean contrast (MI) and count of dark spots."""
    dark = np.zeros(above.shape, np.uint8)
    dark.ravel()[face] = at(above, face) > _SPOT
    # Of the algorithms this one takes a third of the default's time.
    _, label, stats, _ = cv2.connectedComponentsWithStatsWithAlgorithm(dark, 8, cv2.CV_32S, cv2.CCL_BBDT)
    area = stats[:, cv2.CC_STAT_AREA]
    sides = stats[:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]]
    spot = (area >= _SPOT_TEXELS[0]) & (area <= _SPOT_TEXELS[1]) & (area >= _COMPACT * sides.prod(axis=1))
    spot &= sides.max(axis=1) <= _LONGEST * sides.min(axis=1)
    spot[0] = False  # the background
    if not spot.any():
        return 0.0, 0.0, 0
    spots = spot.take(label)
    return 100 * float(spots.sum() / len(face)), float(above[spots].mean()), int(spot.sum())


def _conditions(maps: SkinMaps, light: Light, quality: Quality) -> dict[str, float]:
    """CONDITIONS; a check that was not run counts as a usual photo."""
    value = {check.name: check.value for check in quality.checks}
    return {
        "face_size": math.log2(max(value.get("face_size", 128.0), 1.0)),
        "turned": max(value.get("yaw", 5.0), 1.1 * value.get("pitch", 5.0)),
        "sharpness": value.get("sharpness", 0.35),
        "exposure": math.log2(max(light.key_light, 1e-3)),
        "clipping": value.get("clipping", 0.0),
        "uneven_light": value.get("even_light", 1.0),
        "hidden_skin": 1.0 - value.get("visible_skin", 1.0),
        "white_unsure": maps.erythema_shared_sigma,
        "exposure_unsure": light.exposure_sigma,
    }


def _mean_of(
    seen: Mapping[str, Indices], group: tuple[str, ...], values: FloatMap, of: Callable[[FloatMap], float]
) -> float:
    """Mean of a zone statistic over the visible zones of a group; NaN if none is visible."""
    zones = [of(at(values, seen[name])) for name in group if name in seen]
    return float(np.mean(zones)) if zones else math.nan


def _quantile(values: FloatMap, share: float) -> float:
    """Without interpolation; np.quantile costs five times as much."""
    place = min(int(share * len(values)), len(values) - 1)
    return float(np.partition(values, place)[place])


def _rms(values: FloatMap) -> float:
    return math.sqrt(float(np.mean(values * values)))


def _skewness(values: FloatMap) -> float:
    off = values - values.mean()
    square = off * off
    return float(np.mean(square * off) / (float(square.mean()) ** 1.5 + 1e-3))
