"""Results as plain dictionaries: the JSON that others build on. Keys are added freely and never renamed.

Key order is fixed and numbers carry the precision they are printed with, so the same input gives the same
bytes. Only `run.timings_ms` differs from run to run; `timings=False` leaves it empty.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

from skinscan.measure.reportable import MEASURES, given, withheld
from skinscan.output.records.common import Json, blemish_to_dict, number

if TYPE_CHECKING:  # types.py loads numpy, which an error message does not need
    from skinscan.types import (
        Card,
        Face,
        Light,
        Measure,
        Photo,
        Quality,
        QualityCheck,
        Run,
        Scan,
        Score,
        Tone,
        ZoneMeasures,
    )

__all__ = ["scan_to_dict"]

_SCAN_SCHEMA = "skinscan.scan/1"

# Decimals, where the stages have not rounded already.
_POSE, _PIXELS, _LIGHT, _SHARE, _MS = 1, 1, 4, 3, 1
_MEASURE, _CHECK = 2, 3


def scan_to_dict(scan: Scan, *, timings: bool = True) -> Json:
    """One scan as "skinscan.scan/1"."""
    measured, kept_back = scan.zones, withheld(scan)
    return {
        "schema": _SCAN_SCHEMA,
        "photo": _photo(scan.photo),
        "face": _face(scan.face, scan.photo),
        "view": _view(scan),
        "light": _light(scan.light),
        "quality": _quality(scan.quality, usable=any(given(scan).values())),
        "scores": {name: _score(score) for name, score in scan.scores.items()},
        "blemishes": [blemish_to_dict(spot) for spot in scan.blemishes],
        "zones": {
            name: _zone(measured[name], kept_back, scan) for name in scan.zone_masks if name in measured
        },
        "zones_withheld": kept_back,
        "zones_not_measured": [name for name in scan.zone_masks if name not in measured],
        "tone": _tone(scan.tone),
        "run": _run(scan.run, timings=timings),
    }


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
        "pose": {name: number(getattr(pose, name), _POSE) for name in ("yaw", "pitch", "roll")},
        "interocular_px": number(face.interocular_px * full_scale, _PIXELS),
    }


def _view(scan: Scan) -> Json:
    """Which side is shown; zones that the camera does not see are no fault of the photo."""
    from skinscan.facemesh.view import side_shown, view_name, zones_turned_away  # loads numpy

    pose = scan.face.pose
    return {
        "name": view_name(pose),
        "side": side_shown(pose),
        "yaw": number(pose.yaw, _POSE),
        "zones_not_seen": list(zones_turned_away(scan.zone_masks)),
    }


def _light(light: Light) -> Json:
    """Sigmas and densities are in OD, 100 log10 of linear light."""
    red_green, green_blue = light.white_balance.residual
    return {
        "reference": light.white_balance.reference,
        "residual": {
            "red_green": number(red_green, _LIGHT),
            "green_blue": number(green_blue, _LIGHT),
            "unit": "OD",
        },
        "gain": [number(gain, _LIGHT) for gain in light.white_balance.gain],
        "key_light": number(light.exposure.key_light, _LIGHT),
        "reference_od": number(light.exposure.reference_od, _LIGHT),
        "exposure_sigma_od": number(light.exposure.sigma, _LIGHT),
        "scatter_od": number(light.scatter, _LIGHT),
        "n_pixels": light.n_pixels,
        "card": None if light.card is None else _card(light.card),
    }


def _card(card: Card) -> Json:
    """The residual is cross-validated dE00 of the patches, median."""
    residual = None if card.residual is None else number(card.residual, _LIGHT)
    return {
        "kind": card.kind,
        "run": card.run,
        "usable": card.fit is not None,
        "fault": card.fault,
        "patches": card.patches,
        "residual_de00": residual,
    }


def _quality(quality: Quality, *, usable: bool) -> Json:
    return {"usable": usable, "checks": [_check(check) for check in quality.checks]}


def _check(check: QualityCheck) -> Json:
    return {
        "name": check.name,
        "value": number(check.value, _CHECK),
        "limit": number(check.limit, _CHECK),
        "unit": check.unit,
        "ok": check.ok,
        "code": check.code,
        "disables": list(check.disables),
        "advice": {"zh": check.advice.zh, "en": check.advice.en},
    }


def _score(score: Score) -> Json:
    names = ("value", "low", "high", "repeat_low", "repeat_high")
    numbers = {name: getattr(score, name) for name in names}
    return {
        "status": score.status,
        **{key: None if value is None else number(value, _MEASURE) for key, value in numbers.items()},
        "unit": score.unit,
        "range": list(score.range),
        "direction": score.direction,
        "reason": score.reason,
        "n_pixels": score.n_pixels,
        "at_least": score.at_least,
        "parts": {name: number(value, _MEASURE) for name, value in score.parts.items()},
    }


def _measure(measure: Measure | None) -> Json | None:
    """A measure is whole or null: never a number without its interval."""
    if measure is None or not all(map(math.isfinite, (measure.value, measure.low, measure.high))):
        return None
    return {
        "value": number(measure.value, _MEASURE),
        "low": number(measure.low, _MEASURE),
        "high": number(measure.high, _MEASURE),
        "unit": measure.unit,
        "n_pixels": measure.n_pixels,
        "at_least": measure.at_least,
    }


def _zone(zone: ZoneMeasures, kept_back: Mapping[str, str], scan: Scan) -> Json:
    measures = {name: None if name in kept_back else _measure(getattr(zone, name)) for name in MEASURES}
    return {**measures, "blemishes": zone.blemishes if scan.scores["blemishes"].status == "ok" else None}


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
        "undertone": {name: number(share, _SHARE) for name, share in tone.undertone.items()},
        "monk": {name: number(share, _SHARE) for name, share in tone.monk.items()},
        "sites": {name: {"lab": _lab(site.lab)} for name, site in tone.sites.items()},
    }


def _run(run: Run, *, timings: bool) -> Json:
    return {
        "version": run.version,
        "device": run.device,
        "provider": run.provider,
        "fallback": run.fallback,
        "models": [{"name": name, "sha256": sha256} for name, sha256 in run.models],
        "timings_ms": {name: number(ms, _MS) for name, ms in run.timings_ms.items()} if timings else {},
    }
