"""Maps and zones in, scores and zone measures out, each with a 90 % interval or an abstention."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from skinscan import runtime
from skinscan.canonical import SKIN_ZONES, T_ZONE, U_ZONE, load_canonical
from skinscan.color import linear_to_lab
from skinscan.ranks import quantile
from skinscan.types import (
    CORRELATED_TEXELS,
    Z90,
    BoolMap,
    Device,
    FaceTexture,
    FloatMap,
    Indices,
    Light,
    Measure,
    Metric,
    Quality,
    Score,
    Scores,
    SkinMaps,
    ZoneMeasures,
    Zones,
)

__all__ = ["FEATURES", "SCORES", "score"]

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
)
SCORES = ("redness", "redness_local", "oil_balance", "sensitivity", "pigmentation")

_RANGE = (0.0, 100.0)
_DIRECTION = {
    "redness": "higher is redder; 50 is the median of healthy faces of the same melanin class,"
    " 5 points are one just-visible step of +1.8 EI",
    "redness_local": "higher: the reddest skin stands out more from the own face; 5 points are +1.8 EI",
    "oil_balance": "higher is shinier; 0 matte, 100 highlights of 15 % of the light on average",
    "sensitivity": "higher: more visible reactivity (diffuse, central or patchy erythema); not a diagnosis",
    "pigmentation": "higher: more or darker spots",
}
_METRIC: dict[str, Metric] = {
    "redness": "redness",
    "redness_local": "redness",
    "oil_balance": "oil_balance",
    "sensitivity": "sensitivity",
    "pigmentation": "pigmentation",
}
_MIN_SHARE = 0.3  # of a zone that must be valid skin
_MIN_TEXELS = 60
_ZONE_MODEL_SIGMA = 1.0  # EI, what trend and zones leave unexplained in a zone: `skinscan bench physics`
_SMOOTH = 3.0  # texels, sigma: 3 mm, below any patch of erythema, above pores
_HEALTHY_PATCHINESS = 1.5  # EI, SD that texture alone leaves in the smoothed map [design]
_SPOT = 6.0  # MI above the face's median from which skin counts as a spot: about 3 dE00 [design]
_SPOT_TEXELS = (3, 200)  # about 2.5 mm2 to 170 mm2; larger is shadow or stain
_COMPACT = 0.4  # least share of its bounding box; wrinkles and edges of shadows are thinner
_LONGEST = 3  # times its width: wrinkles of the forehead fill a long, flat box
_LIP_SIGMA = 3.0  # EI, shading error of the lips, which take no part in the calibration [design]
_MI_ZONE_SIGMA = 4.5  # MI, SD of a zone about its own face (ISSA): shading hides large-scale melanin
_SHINE_MODEL_SHARE = 0.25  # of the value: highlight model against rendered truth [design]
_SPOT_MODEL_SHARE = 0.45  # of the value: spots come and go with creases and light [design]
_SPOT_FLOOR = 0.6  # % of the face: a few spots more or less by noise and JPEG [design]
_CENTRE = ("left_cheek", "right_cheek", "nose")
_RIM = ("forehead", "chin", "left_jaw", "right_jaw")

T = TypeVar("T", bound=np.generic)
_Stat = tuple[float, float]  # value, sigma


def score(
    texture: FaceTexture,
    maps: SkinMaps,
    zones: Zones,
    light: Light,
    quality: Quality,
    device: Device = "auto",
) -> Scores:
    """Score the face and measure its zones.

    A score whose metric a failed check disables, or whose skin is covered, is abstained with that reason.
    """
    model = runtime.open_onnx("scores", device)
    seen = _visible(zones, maps.valid)
    own = _own_erythema(seen, maps)
    lightness = _lightness(seen, texture, light)
    measured = {name: _measure_zone(name, seen[name], own, lightness[name], maps, light) for name in seen}
    blocked = _covered(seen) | {metric: check.code for metric, check in quality.disabled.items()}
    given: dict[str, Score] = {}
    if not blocked.keys() >= set(_METRIC.values()):
        features, parts = _features(seen, own, maps, light)
        columns = [[features[name][k] for name in FEATURES] for k in (0, 1)]
        out = model.run(
            {"features": np.array(columns[:1], np.float32), "sigma": np.array(columns[1:], np.float32)}
        )
        parts["redness"]["percentile"] = float(out["percentile"][0, 0])
        rows = zip(SCORES, out["scores"][0].tolist(), strict=True)
        count = sum(len(texels) for name, texels in seen.items() if name in SKIN_ZONES)
        given = {name: _given(name, triple, count, parts[name]) for name, triple in rows}
    final = {n: _abstained(n, blocked[_METRIC[n]]) if _METRIC[n] in blocked else given[n] for n in SCORES}
    return Scores(scores=MappingProxyType(final), zones=MappingProxyType(measured), model_sha256=model.sha256)


def _visible(zones: Zones, valid: BoolMap) -> dict[str, Indices]:
    """Flat indices of the valid skin of each zone that shows enough of it."""
    seen = {}
    for name, texels in load_canonical().zone_texels.items():
        skin = texels[_at(valid, texels) & _at(zones.masks[name], texels)]
        if len(skin) >= max(_MIN_TEXELS, _MIN_SHARE * len(texels)):
            seen[name] = skin
    return seen


def _own_erythema(seen: Mapping[str, Indices], maps: SkinMaps) -> float:
    """EI of the own face: mean of the zone medians by area, without lips; a covered zone shifts it little."""
    zones = [texels for name, texels in seen.items() if name in SKIN_ZONES]
    if not zones:
        return math.nan
    area = load_canonical().area_cm2
    medians = [_median(_at(maps.erythema, texels)) for texels in zones]
    return float(np.average(medians, weights=[_at(area, texels).sum() for texels in zones]))


def _covered(seen: Mapping[str, Indices]) -> dict[Metric, str]:
    """Metrics whose zones are not visible enough."""
    needed: dict[Metric, tuple[tuple[str, ...], ...]] = {
        "redness": (_CENTRE, _RIM),
        "sensitivity": (_CENTRE, _RIM),
        "oil_balance": (T_ZONE, U_ZONE),
        "pigmentation": (_CENTRE,),
    }
    return {
        metric: "ZONES_COVERED"
        for metric, groups in needed.items()
        if not all(any(zone in seen for zone in group) for group in groups)
    }


def _given(name: str, triple: list[float], count: int, parts: Mapping[str, float]) -> Score:
    value, low, high = (round(v, 1) for v in triple)
    rounded = {key: round(number, 2) for key, number in parts.items()}
    return Score(
        status="ok", value=value, low=low, high=high, unit="points", range=_RANGE,
        direction=_DIRECTION[name], reason=None, n_pixels=count, parts=MappingProxyType(rounded),
    )  # fmt: skip


def _abstained(name: str, reason: str) -> Score:
    return Score(
        status="abstained", value=None, low=None, high=None, unit="points", range=_RANGE,
        direction=_DIRECTION[name], reason=reason, n_pixels=0, parts=MappingProxyType({}),
    )  # fmt: skip


def _measure_zone(
    name: str, texels: Indices, own: float, lightness: Measure, maps: SkinMaps, light: Light
) -> ZoneMeasures:
    """Medians over the valid skin of one zone; shine is a mean, highlights are what it is made of."""
    count = len(texels)
    erythema, melanin, shine = (_at(m, texels) for m in (maps.erythema, maps.melanin, maps.shine))
    redness, darkness, gloss = _median(erythema), _median(melanin), float(shine.mean())
    noise = [
        1.4826 * _median(np.abs(values - centre)) / math.sqrt(max(1.0, count / CORRELATED_TEXELS))
        for values, centre in ((erythema, redness), (melanin, darkness), (shine, gloss))
    ]
    local = math.hypot(light.zone_sigma.get(name, _LIP_SIGMA), noise[0], _ZONE_MODEL_SIGMA)
    return ZoneMeasures(
        erythema_index=_measure(redness, math.hypot(local, maps.erythema_shared_sigma), "EI", count),
        erythema_contrast=_measure(redness - own, local, "EI", count),
        melanin_index=_measure(
            darkness, math.hypot(noise[1], maps.melanin_shared_sigma, _MI_ZONE_SIGMA), "MI", count
        ),
        shine=_measure(
            gloss, math.hypot(noise[2], _shine_share(light) * gloss), "% of the light", count, 0.0
        ),
        lightness=lightness,
    )


def _lightness(seen: Mapping[str, Indices], texture: FaceTexture, light: Light) -> dict[str, Measure]:
    """L* of each zone as lit in this photo, shading included; the interval is the exposure error."""
    if not seen:
        return {}
    flat = texture.rgb.reshape(-1, 3)
    factor = 10 ** (Z90 * light.camera_sigma / 100)
    # Every fourth texel: neighbours say the same, and medians of three channels add up.
    samples = (flat.take(texels[::4], axis=0).T.copy() for texels in seen.values())
    centres = np.array([[_median(channel) for channel in sample] for sample in samples]) * light.gain
    numbers = linear_to_lab(centres[:, None] * np.array([1 / factor, 1.0, factor])[:, None])[..., 0].round(1)
    return {
        name: Measure(value=value, low=low, high=high, unit="L*", n_pixels=len(seen[name]))
        for name, (low, value, high) in zip(seen, numbers.tolist(), strict=True)
    }


def _measure(value: float, sigma: float, unit: str, count: int, floor: float = -math.inf) -> Measure:
    low, high = max(floor, value - Z90 * sigma), value + Z90 * sigma
    return Measure(value=round(value, 2), low=round(low, 2), high=round(high, 2), unit=unit, n_pixels=count)


def _features(
    seen: Mapping[str, Indices], own: float, maps: SkinMaps, light: Light
) -> tuple[dict[str, _Stat], dict[str, dict[str, float]]]:
    """FEATURES as (value, sigma), and the readable parts of each score."""
    face = np.concatenate([texels for name, texels in seen.items() if name in SKIN_ZONES])
    smooth = _smoothed(maps.erythema, face)
    on_face = _at(smooth, face)
    middle = _median(on_face)
    independent = max(4.0, len(face) / CORRELATED_TEXELS)
    peak = quantile(on_face, 0.95) - middle
    spread = 1.4826 * _median(np.abs(on_face - middle))
    centre, rim = (_mean_of(seen, group, maps.erythema, _median) for group in (_CENTRE, _RIM))
    patchiness = math.sqrt(np.mean([_at(smooth, t).var() for name, t in seen.items() if name in SKIN_ZONES]))
    t_zone, u_zone = (_mean_of(seen, group, maps.shine, np.mean) for group in (T_ZONE, U_ZONE))
    melanin = _median(_at(maps.melanin, face))
    area, contrast, count = _spots(maps.melanin - melanin, face)
    features = {
        "erythema_index": (own, maps.erythema_shared_sigma),
        "melanin_index": (melanin, maps.melanin_shared_sigma),
        "erythema_peak": (peak, math.hypot(spread / math.sqrt(independent), _ZONE_MODEL_SIGMA)),
        "erythema_central": (centre - rim, math.sqrt(2) * _ZONE_MODEL_SIGMA),
        "erythema_patchiness": (patchiness - _HEALTHY_PATCHINESS, patchiness / math.sqrt(2 * independent)),
        "shine_t_zone": (t_zone, _shine_share(light) * t_zone),
        "shine_u_zone": (u_zone, _shine_share(light) * u_zone),
        "spot_area": (area, math.hypot(_SPOT_MODEL_SHARE * area, _SPOT_FLOOR)),
        "spot_contrast": (contrast, 1.0),
    }
    parts = {
        "redness": {"erythema_index": own},
        "redness_local": {"erythema_peak_ei": peak},
        "oil_balance": {
            "shine_t_zone_percent": t_zone,
            "shine_u_zone_percent": u_zone,
            "t_minus_u": t_zone - u_zone,
        },
        "sensitivity": {"erythema_central_ei": centre - rim, "erythema_patchiness_ei": patchiness},
        "pigmentation": {"spot_count": float(count), "spot_area_percent": area, "spot_contrast_mi": contrast},
    }
    # What rests on zones that are covered is NaN here; the score that needs it is abstained by _covered.
    return {name: stat if math.isfinite(sum(stat)) else (0.0, 0.0) for name, stat in features.items()}, parts


def _shine_share(light: Light) -> float:
    """Relative sigma of shine: its model, and the reflectance it is scaled by."""
    return math.hypot(_SHINE_MODEL_SHARE, math.log(10) / 100 * light.exposure_sigma)


def _mean_of(
    seen: Mapping[str, Indices], group: tuple[str, ...], values: FloatMap, of: Callable[[FloatMap], float]
) -> float:
    """Mean of a zone statistic over the visible zones of a group; NaN if none is visible."""
    zones = [of(_at(values, seen[name])) for name in group if name in seen]
    return float(np.mean(zones)) if zones else math.nan


def _smoothed(values: FloatMap, texels: Indices) -> FloatMap:
    """Gaussian mean over these texels only."""
    mask = np.zeros(values.shape, np.uint8)
    mask.ravel()[texels] = 1
    total = cv2.GaussianBlur(cv2.copyTo(values, mask), (0, 0), _SMOOTH)
    smoothed: FloatMap = total / np.maximum(cv2.GaussianBlur(mask.astype(np.float32), (0, 0), _SMOOTH), 1e-3)
    return smoothed


def _spots(above: FloatMap, face: Indices) -> tuple[float, float, int]:
    """Area (% of the face), mean contrast (MI) and count of dark spots."""
    dark = np.zeros(above.shape, np.uint8)
    dark.ravel()[face] = _at(above, face) > _SPOT
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


def _at(values: NDArray[T], texels: Indices) -> NDArray[T]:
    return values.ravel()[texels]


def _median(values: FloatMap) -> float:
    """Upper median; np.median checks and averages at three times the cost, which adds up over zones."""
    middle = len(values) // 2
    return float(np.partition(values, middle)[middle])
