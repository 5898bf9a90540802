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
from skinscan.measure.blemishes import Blemishes
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
    SkinMaps,
)

__all__ = [
    "CENTRE",
    "FEATURES",
    "RIM",
    "ZONE_MODEL_SIGMA",
    "at",
    "average",
    "dark_spots",
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
    "highlights",  # % of the light, mean over forehead and nose; see highlights.py
    "spot_strength",  # MI, cube root of the mean cube of what is darker than the skin around it
    "blemish_density",  # EI/cm2: inflamed spots, height by how likely they are, over the skin that is seen
)
"""What `scores.onnx` is given, in its order."""

_HEALTHY_PATCHINESS = 1.5  # EI, SD that texture alone leaves in the smoothed map [design]
_SPOT_SCALES = (2.0, 8.0)  # texels: spots of 3 to 10 mm; finer ones go with JPEG and grain [design]
_SPOT = 2.0  # MI above the skin around from which skin is part of a spot [design]
_SPOT_MIDDLE = 3.0  # MI that a spot reaches to be counted [design]
ZONE_MODEL_SIGMA = 1.0  # EI, what trend and zones leave unexplained in a zone: `skinscan bench physics`
_SHINE_MODEL_SHARE = 0.25  # of the value: highlight model against rendered truth [design]
_SHINE_FLOOR = 0.3  # % of the light: no highlight found does not mean that there is none [design]
_SPOT_MODEL_SHARE, _SPOT_FLOOR = 0.2, 0.2  # of the value; MI: left-out rendered faces [design]
_BLEMISH_SHARE, _BLEMISH_FLOOR = 0.35, 0.05  # of the value; EI/cm2: painted papules found and missed [design]
_THIN = 1e-3  # share of the face below which a mean is not divided by it
_INNER = 0.85  # share of skin within 3 texels: an edge of what covers it is no spot
CENTRE = ("left_cheek", "right_cheek", "nose")
_GREASY = ("forehead", "nose")
RIM = ("forehead", "chin", "left_jaw", "right_jaw")

T = TypeVar("T", bound=np.generic)
Stat = tuple[float, float]  # value, sigma


@dataclass(frozen=True, slots=True, kw_only=True)
class FaceFeatures:
    """One face in numbers."""

    values: Mapping[str, Stat]  # FEATURES -> value and sigma; of what is not seen 0, 0
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
    maps: SkinMaps,
    blemishes: Blemishes,
    highlights: Mapping[str, float],
    seen: Mapping[str, Indices],
    light: Light,
) -> FaceFeatures:
    """Measure the visible skin `seen`; a feature whose zones are covered is 0, its metric is in `blocked`.

    `maps` (S, S): erythema (EI), melanin (MI), shine. `blemishes`: the inflamed spots found on them.
    `highlights`: zone to % of the light. `seen`: zone to flat indices of texels, see `visible`.
    `light`: of the same photo.
    """
    blocked = _covered(seen)
    medians = {name: upper_median(at(maps.erythema, texels)) for name, texels in seen.items()}
    own = _own_erythema(seen, medians)
    values, parts = _features(seen, medians, own, maps, blemishes, highlights, light) if seen else ({}, {})
    # What rests on zones that are covered is NaN here; the score that needs it is abstained.
    sound = {name: stat if math.isfinite(sum(stat)) else (0.0, 0.0) for name, stat in values.items()}
    return FaceFeatures(
        values=MappingProxyType(sound),
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
    "redness": (CENTRE, RIM),
    "sensitivity": (CENTRE, RIM),
    "oil_balance": (T_ZONE, U_ZONE, _GREASY),
    "pigmentation": ((*CENTRE, *RIM),),
    "blemishes": ((*CENTRE, *RIM),),
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


def _smoothed(values: FloatMap, face: Indices, *sigmas: float) -> list[tuple[FloatMap, FloatMap]]:
    """Gaussian means over the face alone, `sigmas` in texels; and the face's share in each, 0..1.

    At half the size: the same for a quarter of the work.
    """
    weight = np.zeros(values.shape, np.float32)
    weight.ravel()[face] = 1
    halves = [_halved(image) for image in (values * weight, weight)]
    found = []
    for sigma in sigmas:
        mean, share = (cv2.GaussianBlur(half, (0, 0), sigma / 2) for half in halves)
        found.append((_doubled(mean / np.maximum(share, _THIN)), _doubled(share)))
    return found


def _halved(image: FloatMap) -> FloatMap:
    return np.asarray(cv2.resize(image, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA))


def _doubled(image: FloatMap) -> FloatMap:
    return np.asarray(cv2.resize(image, None, fx=2, fy=2, interpolation=cv2.INTER_LINEAR))


def _features(
    seen: Mapping[str, Indices],
    medians: Mapping[str, float],
    own: float,
    maps: SkinMaps,
    blemishes: Blemishes,
    highlights: Mapping[str, float],
    light: Light,
) -> tuple[dict[str, Stat], dict[str, dict[str, float]]]:
    """FEATURES as (value, sigma), and the readable parts of each score."""
    face = np.concatenate([np.empty(0, np.intp), *(t for name, t in seen.items() if name in SKIN_ZONES)])
    if not len(face):
        return {}, {}
    red, red_parts = _redness(seen, medians, own, face, maps)
    oil, oil_parts = _oil(seen, maps, highlights, light)
    melanin = upper_median(at(maps.melanin, face))
    spots = dark_spots(maps.melanin, face)
    strength, density = spots["strength"], blemishes.density
    features = {
        "melanin_index": (melanin, maps.melanin_shared_sigma),
        **red,
        **oil,
        "spot_strength": (strength, math.hypot(_SPOT_MODEL_SHARE * strength, _SPOT_FLOOR)),
        "blemish_density": (density, math.hypot(_BLEMISH_SHARE * density, _BLEMISH_FLOOR)),
    }
    parts = {
        **red_parts,
        **oil_parts,
        "pigmentation": {
            "spot_count": spots["count"],
            "spot_area_percent": spots["area"],
            "spot_contrast_mi": spots["contrast"],
        },
        "blemishes": {
            "count": float(len(blemishes.spots)),
            "area_percent": blemishes.area_percent,
            "density_ei_per_cm2": density,
            "seen_cm2": blemishes.seen_cm2,
        },
    }
    return features, parts


def _redness(
    seen: Mapping[str, Indices],
    medians: Mapping[str, float],
    own: float,
    face: Indices,
    maps: SkinMaps,
) -> tuple[dict[str, Stat], dict[str, dict[str, float]]]:
    [(smooth, _)] = _smoothed(maps.erythema, face, 3.0)
    on_face = at(smooth, face)
    middle = upper_median(on_face)
    independent = max(4.0, len(face) / CORRELATED_TEXELS)
    peak = quantile(on_face, 0.95) - middle
    spread = SD_PER_MAD * upper_median(np.abs(on_face - middle))
    centre, rim = (_mean([medians[name] for name in group if name in seen]) for group in (CENTRE, RIM))
    within = [_rms(v - average(v)) for v in (at(smooth, t) for n, t in seen.items() if n in SKIN_ZONES)]
    patchiness = _rms(np.array(within))
    features = {
        "erythema_index": (own, maps.erythema_shared_sigma),
        "erythema_peak": (peak, math.hypot(spread / math.sqrt(independent), ZONE_MODEL_SIGMA)),
        "erythema_central": (centre - rim, math.sqrt(2) * ZONE_MODEL_SIGMA),
        "erythema_patchiness": (patchiness - _HEALTHY_PATCHINESS, patchiness / math.sqrt(2 * independent)),
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
    seen: Mapping[str, Indices], maps: SkinMaps, highlights: Mapping[str, float], light: Light
) -> tuple[dict[str, Stat], dict[str, dict[str, float]]]:
    t_zone, u_zone = (_mean_of(seen, group, maps.shine, average) for group in (T_ZONE, U_ZONE))
    top_t, top_u = (_mean([highlights[n] for n in group if n in highlights]) for group in (T_ZONE, U_ZONE))
    share = shine_share(light)
    # Of these two: they repeat better between two photos of a person than all of T, and tell grease.
    middle = _mean([highlights[name] for name in _GREASY if name in highlights])
    features = {"highlights": (middle, math.hypot(share * middle, _SHINE_FLOOR))}
    parts = {
        "shine_t_zone_percent": t_zone,
        "shine_u_zone_percent": u_zone,
        "t_minus_u": t_zone - u_zone,
        "highlights_t_zone_percent": top_t,
        "highlights_u_zone_percent": top_u,
    }
    return features, {"oil_balance": parts}


def dark_spots(melanin: FloatMap, face: Indices) -> dict[str, float]:
    """What is darker than the skin around it at a fixed scale, about 3 to 10 mm.

    `melanin` (S, S) MI; `face`: flat indices of its skin. Compression, grain and single hairs are finer,
    shading and stains wider, and mirroring changes nothing. Returns "strength", MI, the cube root of the mean
    cube over the skin of how much it is darker than the skin around: of what could be summed, this repeats
    best between two photos of a person. For reading: "area", % of the skin more than 2 MI darker; "contrast",
    MI, its mean height; "count" of separate spots.
    """
    (small, share), (wide, _) = _smoothed(melanin, face, *_SPOT_SCALES)
    skin = np.zeros(melanin.shape, np.bool_)
    skin.ravel()[face] = True
    skin &= share > _INNER
    relief = np.where(skin, small - wide, np.float32(0))
    texels, spot = max(int(np.count_nonzero(skin)), 1), relief > _SPOT
    above = np.maximum(relief, 0)  # np.power takes ten times as long
    middles = (relief > _SPOT_MIDDLE).astype(np.uint8)
    # Of the algorithms this one takes a third of the default's time.
    count = cv2.connectedComponentsWithAlgorithm(middles, 8, cv2.CV_32S, cv2.CCL_BBDT)[0] - 1
    return {
        "strength": (float((above * above * above).sum()) / texels) ** (1 / 3),
        "area": 100 * int(np.count_nonzero(spot)) / texels,
        "contrast": float(relief[spot].mean()) if spot.any() else 0.0,
        "count": float(count),
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
