"""Maps and zones in, the numbers that scores are made of out, and the conditions that tell how sure."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from skinscan.facemesh.canonical_face import load_canonical
from skinscan.facemesh.zones import SKIN_ZONES, T_ZONE, U_ZONE
from skinscan.stats import SD_PER_MAD, quantile, upper_median
from skinscan.types import (
    CORRELATED_TEXELS,
    LEAST_ZONE_SHARE,
    LEAST_ZONE_TEXELS,
    BoolMap,
    FloatMap,
    Indices,
    Light,
    Metric,
    Quality,
    SkinMaps,
)

__all__ = [
    "CONDITIONS",
    "FEATURES",
    "SPOT",
    "ZONE_MODEL_SIGMA",
    "at",
    "average",
    "face_features",
    "shine_share",
    "visible",
]

FEATURES = (
    "erythema_index",  # EI of the face
    "melanin_index",  # MI, median of the face
    "erythema_peak",  # EI, 95th percentile minus median of the smoothed map
    "erythema_central",  # EI, cheeks and nose minus forehead, chin and jaw
    "erythema_patchiness",  # EI, SD of the smoothed map within zones, above that of healthy skin
    "shine_t_zone",  # % of the light, mean over forehead, glabella, nose and chin
    "shine_u_zone",  # % of the light, mean over cheeks and jaw
    "spot_area",  # % of the valid skin
    "spot_contrast",  # MI, mean of the spots above the face's median
    "spot_count",
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

_HEALTHY_PATCHINESS = 1.5  # EI, SD that texture alone leaves in the smoothed map [design]
SPOT = 6.0  # MI above the face's median from which skin counts as a spot: about 3 dE00 [design]
_SPOT_TEXELS = (3, 200)  # about 2.5 mm2 to 170 mm2; larger is shadow or stain [design]
_COMPACT = 0.4  # least share of its bounding box; wrinkles and edges of shadows are thinner [design]
_LONGEST = 3  # times its width: wrinkles of the forehead fill a long, flat box [design]
ZONE_MODEL_SIGMA = 1.0  # EI, what trend and zones leave unexplained in a zone: `skinscan bench physics`
_SHINE_MODEL_SHARE = 0.25  # of the value: highlight model against rendered truth [design]
_SPOT_MODEL_SHARE = 0.45  # of the value: spots come and go with creases and light [design]
_SPOT_FLOOR = 0.6  # % of the face: a few spots more or less by noise and JPEG [design]
_THIN = 1e-3  # share of the face below which a mean is not divided by it
_INNER = 0.9  # weight of skin within 3 texels: nearer to what covers it, edges would be grain
_CENTRE = ("left_cheek", "right_cheek", "nose")
_RIM = ("forehead", "chin", "left_jaw", "right_jaw")

T = TypeVar("T", bound=np.generic)
Stat = tuple[float, float]  # value, sigma


@dataclass(frozen=True, slots=True, kw_only=True)
class FaceFeatures:
    """One face in numbers."""

    values: Mapping[str, Stat]  # FEATURES -> value and sigma; sigma 0 where only scores.onnx knows the error
    conditions: Mapping[str, float]  # CONDITIONS
    parts: Mapping[str, dict[str, float]]  # score -> the readable numbers it is made of
    erythema: Mapping[str, float]  # zone -> EI, its median
    own_erythema: float  # EI of the own face
    blocked: Mapping[Metric, str]  # metrics whose zones are covered, with the reason


def visible(zone_masks: Mapping[str, BoolMap], valid: BoolMap) -> dict[str, Indices]:
    """Flat indices of the valid skin of each zone that shows enough of it."""
    seen = {}
    for name, texels in load_canonical().zone_texels.items():
        skin = texels[at(valid, texels) & at(zone_masks[name], texels)]
        if len(skin) >= max(LEAST_ZONE_TEXELS, LEAST_ZONE_SHARE * len(texels)):
            seen[name] = skin
    return seen


def face_features(
    maps: SkinMaps, seen: Mapping[str, Indices], light: Light, quality: Quality
) -> FaceFeatures:
    """Measure the visible skin `seen`; a feature whose zones are covered is 0, its metric is in `blocked`.

    `maps` (S, S): erythema (EI), melanin (MI), shine. `seen`: zone to flat indices of texels, see `visible`.
    `light` and `quality`: of the same photo; the checks are conditions of its errors.
    """
    blocked = _covered(seen)
    medians = {name: upper_median(at(maps.erythema, texels)) for name, texels in seen.items()}
    own = _own_erythema(seen, medians)
    values, parts = _features(seen, medians, own, maps, light) if len(blocked) < len(_NEEDED) else ({}, {})
    # What rests on zones that are covered is NaN here; the score that needs it is abstained.
    sound = {name: stat if math.isfinite(sum(stat)) else (0.0, 0.0) for name, stat in values.items()}
    return FaceFeatures(
        values=MappingProxyType(sound),
        conditions=MappingProxyType(_conditions(maps, light, quality)),
        parts=MappingProxyType(parts),
        erythema=MappingProxyType(medians),
        own_erythema=own,
        blocked=MappingProxyType(blocked),
    )


def at(values: NDArray[T], texels: Indices) -> NDArray[T]:
    """Values at flat indices."""
    return values.ravel().take(texels)


def average(values: FloatMap) -> float:
    """Mean; np.mean looks for masks and axes first."""
    return float(values.sum()) / len(values)


def shine_share(light: Light) -> float:
    """Relative sigma of shine: its model, and the reflectance it is scaled by."""
    return math.hypot(_SHINE_MODEL_SHARE, math.log(10) / 100 * light.exposure.sigma)


_NEEDED: dict[Metric, tuple[tuple[str, ...], ...]] = {
    "redness": (_CENTRE, _RIM),
    "sensitivity": (_CENTRE, _RIM),
    "oil_balance": (T_ZONE, U_ZONE),
    "pigmentation": (_CENTRE, _RIM),  # grain is measured on the rim
}
"""Groups of zones; of each one must be seen."""


def _covered(seen: Mapping[str, Indices]) -> dict[Metric, str]:
    return {
        metric: "ZONES_COVERED"
        for metric, groups in _NEEDED.items()
        if not all(any(zone in seen for zone in group) for group in groups)
    }


def _own_erythema(seen: Mapping[str, Indices], medians: Mapping[str, float]) -> float:
    """EI of the own face: mean of the zone medians by area, without lips; a covered zone shifts it little."""
    zones = [name for name in seen if name in SKIN_ZONES]
    if not zones:
        return math.nan
    area = load_canonical().area_cm2
    return float(np.average([medians[n] for n in zones], weights=[at(area, seen[n]).sum() for n in zones]))


def _smoothed(values: FloatMap, face: Indices) -> tuple[FloatMap, FloatMap, FloatMap]:
    """Gaussian means over the face alone, of 1 and of 3 texels; and the face's share in the latter, 0..1.

    The wider one at half the size: the same for a quarter of the work.
    """
    weight = np.zeros(values.shape, np.float32)
    weight.ravel()[face] = 1
    masked = values * weight
    small, share = (cv2.GaussianBlur(_halved(image), (0, 0), 1.5) for image in (masked, weight))
    fine, near = (cv2.GaussianBlur(image, (0, 0), 1.0) for image in (masked, weight))
    smooth, share = (_doubled(image) for image in (small / np.maximum(share, _THIN), share))
    return fine / np.maximum(near, _THIN), smooth, share


def _halved(image: FloatMap) -> FloatMap:
    return np.asarray(cv2.resize(image, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA))


def _doubled(image: FloatMap) -> FloatMap:
    return np.asarray(cv2.resize(image, None, fx=2, fy=2, interpolation=cv2.INTER_LINEAR))


def _features(
    seen: Mapping[str, Indices], medians: Mapping[str, float], own: float, maps: SkinMaps, light: Light
) -> tuple[dict[str, Stat], dict[str, dict[str, float]]]:
    """FEATURES as (value, sigma), and the readable parts of each score."""
    face = np.concatenate([texels for name, texels in seen.items() if name in SKIN_ZONES])
    red, red_parts = _redness(seen, medians, own, face, maps)
    oil, oil_parts = _oil(seen, maps, light)
    melanin = upper_median(at(maps.melanin, face))
    spot, spot_parts = _pigment(face, melanin, maps)
    features = {"melanin_index": (melanin, maps.melanin_shared_sigma), **red, **oil, **spot}
    return features, {**red_parts, **oil_parts, **spot_parts}


def _redness(
    seen: Mapping[str, Indices],
    medians: Mapping[str, float],
    own: float,
    face: Indices,
    maps: SkinMaps,
) -> tuple[dict[str, Stat], dict[str, dict[str, float]]]:
    fine, smooth, share = _smoothed(maps.erythema, face)
    on_face = at(smooth, face)
    middle = upper_median(on_face)
    independent = max(4.0, len(face) / CORRELATED_TEXELS)
    peak = quantile(on_face, 0.95) - middle
    spread = SD_PER_MAD * upper_median(np.abs(on_face - middle))
    centre, rim = (_mean([medians[name] for name in group if name in seen]) for group in (_CENTRE, _RIM))
    within = [_rms(v - average(v)) for v in (at(smooth, t) for n, t in seen.items() if n in SKIN_ZONES)]
    patchiness = _rms(np.array(within))
    inner = {name: seen[name][at(share, seen[name]) > _INNER] for name in _RIM if name in seen}
    calm = {name: texels for name, texels in inner.items() if len(texels) >= LEAST_ZONE_TEXELS}
    features = {
        "erythema_index": (own, maps.erythema_shared_sigma),
        "erythema_peak": (peak, math.hypot(spread / math.sqrt(independent), ZONE_MODEL_SIGMA)),
        "erythema_central": (centre - rim, math.sqrt(2) * ZONE_MODEL_SIGMA),
        "erythema_patchiness": (patchiness - _HEALTHY_PATCHINESS, patchiness / math.sqrt(2 * independent)),
        "grain": (_mean_of(calm or seen, _RIM, fine - smooth, _rms), 0.0),
    }
    parts = {
        "redness": {"erythema_index": own},
        "redness_local": {"erythema_peak_ei": peak},
        "sensitivity": {
            "erythema_central_ei": centre - rim,
            "erythema_patchiness_ei": patchiness,
        },
    }
    return features, parts


def _oil(
    seen: Mapping[str, Indices], maps: SkinMaps, light: Light
) -> tuple[dict[str, Stat], dict[str, dict[str, float]]]:
    t_zone, u_zone = (_mean_of(seen, group, maps.shine, average) for group in (T_ZONE, U_ZONE))
    share = shine_share(light)
    features = {"shine_t_zone": (t_zone, share * t_zone), "shine_u_zone": (u_zone, share * u_zone)}
    parts = {
        "shine_t_zone_percent": t_zone,
        "shine_u_zone_percent": u_zone,
        "t_minus_u": t_zone - u_zone,
    }
    return features, {"oil_balance": parts}


def _pigment(
    face: Indices, melanin: float, maps: SkinMaps
) -> tuple[dict[str, Stat], dict[str, dict[str, float]]]:
    area, contrast, count = _spots(maps.melanin - melanin, face)
    features = {
        "spot_area": (area, math.hypot(_SPOT_MODEL_SHARE * area, _SPOT_FLOOR)),
        "spot_contrast": (contrast, 1.0),
        "spot_count": (float(count), 0.0),
    }
    parts = {"spot_count": float(count), "spot_area_percent": area, "spot_contrast_mi": contrast}
    return features, {"pigmentation": parts}


def _spots(above: FloatMap, face: Indices) -> tuple[float, float, int]:
    """Area (% of the face), mean contrast (MI) and count of dark spots."""
    dark = np.zeros(above.shape, np.uint8)
    dark.ravel()[face] = at(above, face) > SPOT
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
    mesh = load_canonical()
    return {
        "face_size": math.log2(max(value.get("face_size", 128.0), 1.0)),
        "turned": max(value.get("yaw", 5.0), 1.1 * value.get("pitch", 5.0)),
        "sharpness": value.get("sharpness", 0.35),
        "exposure": math.log2(max(light.exposure.key_light, 1e-3)),
        "clipping": value.get("clipping", 0.0),
        "uneven_light": value.get("even_light", 1.0),
        "hidden_skin": 1.0
        - float(mesh.area_cm2[mesh.skin & maps.valid].sum() / mesh.area_cm2[mesh.skin].sum()),
        "white_unsure": maps.erythema_shared_sigma,
        "exposure_unsure": light.exposure.sigma,
    }


def _mean_of(
    seen: Mapping[str, Indices], group: tuple[str, ...], values: FloatMap, of: Callable[[FloatMap], float]
) -> float:
    """Mean of a zone statistic over the visible zones of a group; NaN if none is visible."""
    return _mean([of(at(values, seen[name])) for name in group if name in seen])


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else math.nan


def _rms(values: FloatMap) -> float:
    return math.sqrt(float(values @ values) / len(values))
