"""Maps and zones in, scores and zone measures out, each with a 90 % interval or an abstention."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np

from skinscan import runtime
from skinscan.color import linear_to_lab
from skinscan.facemesh.zones import SKIN_ZONES
from skinscan.measure.blemishes import Blemishes, find_blemishes
from skinscan.measure.clipped_skin import ClippedSkin, find_clipped_skin
from skinscan.measure.highlights import Highlights
from skinscan.measure.score_features import (
    FEATURES,
    ZONE_MODEL_SIGMA,
    FaceFeatures,
    at,
    average,
    face_features,
    shine_share,
    visible,
)
from skinscan.stats import SD_PER_MAD, upper_median
from skinscan.types import (
    CORRELATED_TEXELS,
    JUST_VISIBLE,
    LEAST_ZONE_TEXELS,
    Z90,
    BoolMap,
    Device,
    FaceTexture,
    FloatArray,
    Indices,
    Light,
    Measure,
    Metric,
    Quality,
    Score,
    Scores,
    SkinMaps,
    ZoneMeasures,
)

__all__ = ["METRIC", "SCORES", "FaceNumbers", "measure_face", "score"]

SCORES = ("redness", "redness_local", "oil_balance", "sensitivity", "pigmentation", "blemishes")

_RANGE = (0.0, 100.0)
_DIRECTION = {
    "redness": "higher is redder; 50 is the median adult, 10 points are about a tenth of adults",
    "redness_local": "higher: the reddest skin stands out more from the own face;"
    f" 5 points are +{JUST_VISIBLE} EI",
    "oil_balance": "higher is shinier; 50 is the median adult, 10 points are about a tenth of adults",
    "sensitivity": "higher: more visible reactivity (central or patchy erythema); 0 nothing visible, 95 % of"
    " healthy adults below 20, 100 the worst grade; not a diagnosis",
    "pigmentation": "higher: more or darker spots; 50 is the median adult, 10 points are about a tenth of"
    " adults",
    "blemishes": "higher: more or redder inflamed spots; 0 nothing visible, 95 % of healthy adults below 20,"
    " 100 the worst grade; not a diagnosis",
}
METRIC: dict[str, Metric] = {
    "redness": "redness",
    "redness_local": "redness",
    "oil_balance": "oil_balance",
    "sensitivity": "sensitivity",
    "pigmentation": "pigmentation",
    "blemishes": "blemishes",
}
"""The metric that each score belongs to."""
# % of the light, error of a zone on people set aside: `python -m models.training.fit.evaluate_graphs`
_SHINE_SIGMA = 0.2
# EI, of a zone against the own face when the head is turned: it rises between these degrees. 54 renders.
_TURNED_SIGMA, _TURNED = 1.0, (25.0, 60.0)
_NOTHING: Indices = np.zeros(0, np.intp)
_RED_BOUND, _GLARE_BOUND = 0.1, 0.02  # share of burnt skin from which a number is a lower bound [design]
_LIP_SIGMA = 3.0  # EI, shading error of the lips, which take no part in the calibration [design]
_MI_ZONE_SIGMA = 4.5  # MI, SD of a zone about its own face (ISSA): shading hides large-scale melanin


def score(
    texture: FaceTexture,
    maps: SkinMaps,
    zone_masks: Mapping[str, BoolMap],
    light: Light,
    quality: Quality,
    device: Device = "auto",
) -> Scores:
    """Score the face and measure its zones.

    `texture`: the face unwrapped, for the lightness of zones. `maps`: from `map_skin`. `zone_masks`: zone to
    mask (S, S), from `visible_zones`. `light` and `quality`: of the same photo. `device`: that scores.onnx
    runs on.

    A score is abstained when a failed check disables its metric or when its skin is covered.
    """
    model = runtime.open_onnx("scores", device)
    numbers = measure_face(texture, maps, zone_masks, light)
    found, spots, seen, bright = numbers.found, numbers.blemishes, numbers.seen, numbers.bright
    lightness = _lightness(seen, texture, light)
    turned = _turned_sigma(quality)
    counts = Counter(spot.zone for spot in spots.spots)
    measured = {
        name: replace(
            _measure_zone(name, seen[name], found, lightness[name], bright[name], maps, light, turned),
            blemishes=counts[name],
        )
        for name in seen
    }
    blocked = {**found.blocked, **{metric: check.code for metric, check in quality.disabled.items()}}
    given: dict[str, Score] = {}
    if found.values and not blocked.keys() >= set(METRIC.values()):
        values = [[found.values[name][k] for name in FEATURES] for k in (0, 1)]
        feeds = {"features": values[:1], "sigma": values[1:]}
        out = model.run({name: np.array(rows, np.float32) for name, rows in feeds.items()})
        parts = {name: dict(numbers) for name, numbers in found.parts.items()}
        parts["redness"]["percentile"] = float(out["percentile"][0, 0])
        bounds = _bounds(seen, bright)
        count = sum(len(texels) for name, texels in seen.items() if name in SKIN_ZONES)
        told = (out["scores"][0].tolist(), out["repeat"][0].tolist())
        for name, triple, again in zip(SCORES, *told, strict=True):
            given[name] = _given(name, [*triple, *again], count, parts[name], at_least=METRIC[name] in bounds)
    final = {n: _abstained(n, blocked[METRIC[n]]) if METRIC[n] in blocked else given[n] for n in SCORES}
    return Scores(
        scores=MappingProxyType(final),
        zones=MappingProxyType(measured),
        blemishes=() if "blemishes" in blocked else spots.spots,
        blemish_relief=spots.relief,
        model_sha256=model.sha256,
    )


@dataclass(frozen=True, slots=True)
class _Bright:
    """What of a zone is too bright for the camera, and how it shines."""

    valid: Indices  # texels that are not; of the others red alone has clipped
    glare: FloatArray  # (n,) % of the light that burnt highlights mirror at least
    highlights: float  # % of the light, see highlights.py


@dataclass(frozen=True, slots=True)
class FaceNumbers:
    """What scores and zones are made of."""

    found: FaceFeatures
    blemishes: Blemishes
    seen: dict[str, Indices]  # zone to flat indices of its skin
    bright: dict[str, _Bright]


def measure_face(
    texture: FaceTexture,
    maps: SkinMaps,
    zone_masks: Mapping[str, BoolMap],
    light: Light,
) -> FaceNumbers:
    """Measure what `scores.onnx` is given, and what zones are measured on.

    `texture`: the face unwrapped. `maps`: of it. `zone_masks`: zone to mask (S, S). `light`: of the same
    photo.
    """
    clipped = find_clipped_skin(texture, maps)
    seen = visible(zone_masks, maps.valid | clipped.red)
    spots = find_blemishes(texture, maps)
    bright = _bright_skin(seen, zone_masks, clipped, Highlights(texture, light))
    highlights = {name: zone.highlights for name, zone in bright.items()}
    return FaceNumbers(face_features(maps, spots, highlights, seen, light), spots, seen, bright)


def _bright_skin(
    seen: Mapping[str, Indices], zone_masks: Mapping[str, BoolMap], clipped: ClippedSkin, light: Highlights
) -> dict[str, _Bright]:
    burnt, found = clipped.red | clipped.glare, {}
    any_burnt = burnt.any()
    for name, texels in seen.items():
        valid = texels[~at(clipped.red, texels)] if any_burnt else texels
        glare = np.flatnonzero(zone_masks[name] & burnt) if any_burnt else _NOTHING
        some = valid if len(valid) else texels
        found[name] = _Bright(valid, light.least(some, glare), light.of(some, glare))
    return found


def _bounds(seen: Mapping[str, Indices], bright: Mapping[str, _Bright]) -> set[Metric]:
    """Metrics of the whole face that are lower bounds."""
    zones = [name for name in seen if name in SKIN_ZONES]
    count = sum(len(seen[name]) for name in zones)
    red = count - sum(len(bright[name].valid) for name in zones)
    glare = sum(len(bright[name].glare) for name in zones)
    redder: set[Metric] = {"redness", "sensitivity"} if red > _RED_BOUND * count else set()
    return redder | ({"oil_balance"} if glare > _GLARE_BOUND * count else set())


def _turned_sigma(quality: Quality) -> float:
    """EI, error of a zone against the own face because the head is turned."""
    angle = {check.name: check.value for check in quality.checks}
    turned = max(angle.get("yaw", 0.0), 1.1 * angle.get("pitch", 0.0))
    share = (turned - _TURNED[0]) / (_TURNED[1] - _TURNED[0])
    return _TURNED_SIGMA * min(1.0, max(0.0, share))


def _given(
    name: str, numbers: list[float], count: int, parts: Mapping[str, float], *, at_least: bool
) -> Score:
    """`numbers`: value, low, high, and low and high of another photo, points."""
    value, low, high, repeat_low, repeat_high = (round(v, 1) for v in numbers)
    rounded = {key: round(number, 2) for key, number in parts.items()}
    return Score(
        status="ok", value=value, low=low, high=high, unit="points", range=_RANGE,
        direction=_DIRECTION[name], reason=None, n_pixels=count, parts=MappingProxyType(rounded),
        at_least=at_least, repeat_low=repeat_low, repeat_high=repeat_high,
    )  # fmt: skip


def _abstained(name: str, reason: str) -> Score:
    return Score(
        status="abstained", value=None, low=None, high=None, unit="points", range=_RANGE,
        direction=_DIRECTION[name], reason=reason, n_pixels=0, parts=MappingProxyType({}),
    )  # fmt: skip


def _measure_zone(
    name: str, texels: Indices, found: FaceFeatures, lightness: Measure, bright: _Bright, maps: SkinMaps,
    light: Light, turned: float,
) -> ZoneMeasures:  # fmt: skip
    """Medians over the skin of one zone; shine is a mean, highlights are what it is made of.

    Skin whose red has clipped counts with the erythema that it shows, burnt highlights with the shine that
    they have at least.
    """
    count, redness = len(texels), found.erythema[name]
    sound = bright.valid if len(bright.valid) >= LEAST_ZONE_TEXELS else texels
    erythema, melanin = at(maps.erythema, texels), at(maps.melanin, sound)
    shine = np.concatenate([at(maps.shine, sound), bright.glare])
    darkness, gloss = upper_median(melanin), average(shine)
    noise = [
        SD_PER_MAD * upper_median(np.abs(values - centre)) / math.sqrt(max(1.0, count / CORRELATED_TEXELS))
        for values, centre in ((erythema, redness), (melanin, darkness), (shine, gloss))
    ]
    local = math.hypot(light.zone_sigma.get(name, _LIP_SIGMA), noise[0], ZONE_MODEL_SIGMA, turned)
    redder = count - len(bright.valid) > _RED_BOUND * count
    shinier = len(bright.glare) > _GLARE_BOUND * count
    shared = math.hypot(local, maps.erythema_shared_sigma)
    return ZoneMeasures(
        erythema_index=_measure(redness, shared, "EI", count, at_least=redder),
        erythema_contrast=_measure(redness - found.own_erythema, local, "EI", count, at_least=redder),
        melanin_index=_measure(
            darkness, math.hypot(noise[1], maps.melanin_shared_sigma, _MI_ZONE_SIGMA), "MI", count
        ),
        shine=_measure(
            gloss,
            math.hypot(noise[2], _SHINE_SIGMA, shine_share(light) * gloss),
            "% of the light",
            count,
            0.0,
            at_least=shinier,
        ),
        lightness=lightness,
    )


def _lightness(seen: Mapping[str, Indices], texture: FaceTexture, light: Light) -> dict[str, Measure]:
    """L* of each zone as lit in this photo, shading included; the interval is the exposure error."""
    if not seen:
        return {}
    flat = texture.rgb.reshape(-1, 3)
    factor = 10 ** (Z90 * light.exposure.camera_sigma / 100)
    # Every fourth texel: neighbours say the same, and medians of three channels add up.
    samples = (flat.take(texels[::4], axis=0).T.copy() for texels in seen.values())
    centres = (
        np.array([[upper_median(channel) for channel in sample] for sample in samples])
        * light.white_balance.gain
    )
    numbers = linear_to_lab(centres[:, None] * np.array([1 / factor, 1.0, factor])[:, None])[..., 0].round(1)
    return {
        name: Measure(value=value, low=low, high=high, unit="L*", n_pixels=len(seen[name]))
        for name, (low, value, high) in zip(seen, numbers.tolist(), strict=True)
    }


def _measure(
    value: float,
    sigma: float,
    unit: str,
    count: int,
    floor: float = -math.inf,
    *,
    at_least: bool = False,
) -> Measure:
    low, high = max(floor, value - Z90 * sigma), value + Z90 * sigma
    return Measure(
        value=round(value, 2),
        low=round(low, 2),
        high=round(high, 2),
        unit=unit,
        n_pixels=count,
        at_least=at_least,
    )
