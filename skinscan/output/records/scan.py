"""Results as plain dictionaries: the JSON that others build on. Keys are added freely and never renamed.

Key order is fixed and numbers carry the precision they are printed with, so the same input gives the same
bytes. Only `run.timings_ms` differs from run to run; `timings=False` leaves it empty.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from skinscan.errors import SkinScanError

if TYPE_CHECKING:  # types.py loads numpy, which an error message does not need
    from skinscan.types import (
        Card,
        Check,
        Face,
        Light,
        Measure,
        Metric,
        Photo,
        Quality,
        Run,
        Scan,
        Score,
        Tone,
        ZoneMeasures,
    )

__all__ = [
    "ERROR_SCHEMA",
    "MEASURES",
    "SCAN_SCHEMA",
    "error_to_dict",
    "given",
    "scan_to_dict",
    "to_json",
    "withheld",
]

SCAN_SCHEMA = "skinscan.scan/1"
ERROR_SCHEMA = "skinscan.error/1"

# Decimals, where the stages have not rounded already.
_POSE, _PIXELS, _LIGHT, _SHARE, _MS = 1, 1, 4, 3, 1
_MEASURE, _CHECK = 2, 3

MEASURES: dict[str, Metric] = {
    "erythema_index": "redness",
    "erythema_contrast": "redness",
    "melanin_index": "tone",
    "shine": "oil_balance",
    "lightness": "tone",
}
"""Measures of a zone, and the metric that a check must leave standing for them to be given."""

Json = dict[str, Any]


def scan_to_dict(scan: Scan, *, timings: bool = True) -> Json:
    """One scan as "skinscan.scan/1"."""
    measured, kept_back = scan.scores.zones, withheld(scan)
    return {
        "schema": SCAN_SCHEMA,
        "photo": _photo(scan.photo),
        "face": _face(scan.face, scan.photo),
        "light": _light(scan.light),
        "quality": _quality(scan.quality, usable=any(given(scan).values())),
        "scores": {name: _score(score) for name, score in scan.scores.scores.items()},
        "zones": {name: _zone(measured[name], kept_back) for name in scan.zones.masks if name in measured},
        "zones_withheld": kept_back,
        "zones_not_measured": [name for name in scan.zones.masks if name not in measured],
        "tone": _tone(scan.tone),
        "run": _run(scan.run, timings=timings),
    }


def error_to_dict(error: SkinScanError) -> Json:
    """One error as "skinscan.error/1"."""
    return {"schema": ERROR_SCHEMA, "code": error.code, "message": error.message, "advice": error.advice}


def given(scan: Scan) -> dict[str, bool]:
    """For each score, and for "tone": is there a number, or an abstention?"""
    scores = {name: score.status == "ok" for name, score in scan.scores.scores.items()}
    return scores | {"tone": scan.tone.status == "ok"}


def withheld(scan: Scan) -> dict[str, str]:
    """Measures of a zone that a failed check forbids, each with the check's code: they are never shown."""
    disabled = scan.quality.disabled
    return {measure: disabled[metric].code for measure, metric in MEASURES.items() if metric in disabled}


def to_json(result: Mapping[str, Any]) -> str:
    """The text of one object, without a trailing newline. ValueError on NaN and infinity: JSON has none."""
    return json.dumps(result, ensure_ascii=False, allow_nan=False, indent=2)


def _number(value: float, digits: int) -> float | None:
    """Round, without negative zero; null where there is no number."""
    return round(float(value), digits) + 0.0 if math.isfinite(value) else None


def _photo(photo: Photo) -> Json:
    return {
        "name": photo.name,
        "sha256": photo.sha256,
        "width": photo.width,
        "height": photo.height,
        "reduction": photo.reduction,
        "format": photo.format,
        "icc": photo.icc,
        "capture": {
            "make": photo.capture.make,
            "model": photo.capture.model,
            "software": photo.capture.software,
            "taken_at": photo.capture.taken_at,
        },
    }


def _face(face: Face, photo: Photo) -> Json:
    """Lengths are in pixels of the photo at full scale, as its width and height are."""
    full_scale = photo.width / photo.pixels.shape[1]
    pose = face.pose
    return {
        "count": face.count,
        "index": face.index,
        "pose": {name: _number(getattr(pose, name), _POSE) for name in ("yaw", "pitch", "roll")},
        "interocular_px": _number(face.interocular_px * full_scale, _PIXELS),
    }


def _light(light: Light) -> Json:
    """Sigmas and densities are in OD, 100 log10 of linear light."""
    red_green, green_blue = light.residual
    return {
        "reference": light.reference,
        "residual": {
            "red_green": _number(red_green, _LIGHT),
            "green_blue": _number(green_blue, _LIGHT),
            "unit": "OD",
        },
        "gain": [_number(gain, _LIGHT) for gain in light.gain],
        "key_light": _number(light.key_light, _LIGHT),
        "reference_od": _number(light.reference_od, _LIGHT),
        "exposure_sigma_od": _number(light.exposure_sigma, _LIGHT),
        "scatter_od": _number(light.scatter, _LIGHT),
        "n_pixels": light.n_pixels,
        "card": None if light.card is None else _card(light.card),
    }


def _card(card: Card) -> Json:
    """The residual is cross-validated dE00 of the patches, median."""
    residual = None if card.residual is None else _number(card.residual, _LIGHT)
    return {
        "usable": card.fit is not None,
        "fault": card.fault,
        "patches": card.patches,
        "residual_de00": residual,
    }


def _quality(quality: Quality, *, usable: bool) -> Json:
    return {"usable": usable, "checks": [_check(check) for check in quality.checks]}


def _check(check: Check) -> Json:
    return {
        "name": check.name,
        "value": _number(check.value, _CHECK),
        "limit": _number(check.limit, _CHECK),
        "unit": check.unit,
        "ok": check.ok,
        "code": check.code,
        "disables": list(check.disables),
        "advice": {"zh": check.advice.zh, "en": check.advice.en},
    }


def _score(score: Score) -> Json:
    numbers = {"value": score.value, "low": score.low, "high": score.high}
    return {
        "status": score.status,
        **{key: None if value is None else _number(value, _MEASURE) for key, value in numbers.items()},
        "unit": score.unit,
        "range": list(score.range),
        "direction": score.direction,
        "reason": score.reason,
        "n_pixels": score.n_pixels,
        "parts": {name: _number(value, _MEASURE) for name, value in score.parts.items()},
    }


def _measure(measure: Measure | None) -> Json | None:
    """A measure is whole or null: never a number without its interval."""
    if measure is None or not all(map(math.isfinite, (measure.value, measure.low, measure.high))):
        return None
    return {
        "value": _number(measure.value, _MEASURE),
        "low": _number(measure.low, _MEASURE),
        "high": _number(measure.high, _MEASURE),
        "unit": measure.unit,
        "n_pixels": measure.n_pixels,
    }


def _zone(zone: ZoneMeasures, kept_back: Mapping[str, str]) -> Json:
    return {name: None if name in kept_back else _measure(getattr(zone, name)) for name in MEASURES}


def _lab(lab: tuple[Measure, Measure, Measure] | None) -> Json | None:
    return dict(zip("Lab", map(_measure, lab), strict=True)) if lab else None


def _tone(tone: Tone) -> Json:
    return {
        "status": tone.status,
        "reason": tone.reason,
        "lab": _lab(tone.lab),
        "ita": _measure(tone.ita),
        "ita_class": tone.ita_class,
        "ita_classes": list(tone.ita_classes),
        "hue_angle": _measure(tone.hue_angle),
        "undertone": {name: _number(share, _SHARE) for name, share in tone.undertone.items()},
        "monk": {name: _number(share, _SHARE) for name, share in tone.monk.items()},
        "sites": {name: {"lab": _lab(site.lab)} for name, site in tone.sites.items()},
    }


def _run(run: Run, *, timings: bool) -> Json:
    return {
        "version": run.version,
        "device": run.device,
        "provider": run.provider,
        "fallback": run.fallback,
        "models": [{"name": name, "sha256": sha256} for name, sha256 in run.models],
        "timings_ms": {name: _number(ms, _MS) for name, ms in run.timings_ms.items()} if timings else {},
    }
