"""Comparisons as plain dictionaries: "skinscan.compare/1". The rules of contract.py hold."""

from __future__ import annotations

import math
from typing import Any

from skinscan.change.types import Affected, Change, Delta, FaceChange, Finding, ZoneChange
from skinscan.types import Run, Scan

__all__ = [
    "COMPARE_SCHEMA",
    "compare_to_dict",
    "delta_to_dict",
    "finding_to_dict",
    "photo_to_dict",
    "run_to_dict",
]

COMPARE_SCHEMA = "skinscan.compare/1"
Json = dict[str, Any]


def compare_to_dict(change: Change) -> Json:
    """One comparison."""
    return {
        "schema": COMPARE_SCHEMA,
        "status": change.status,
        "summary": _summary(change),
        "findings": [finding_to_dict(finding) for finding in change.findings],
        "area": None if change.area is None else {"name": change.area_name, **_zone(change.area)},
        "zones": {name: _zone(zone) for name, zone in change.zones.items()},
        "face": None if change.face is None else _face(change.face),
        "affected": None if change.affected is None else _affected(change.affected),
        "power": _power(change),
        "registration": [
            {
                "shift_texels": _number(r.shift),
                "residual_texels": _number(r.residual),
                "correlation": _number(r.correlation, 3),
            }
            for r in change.registration
        ],
        "before": [photo_to_dict(scan) for scan in change.before],
        "after": [photo_to_dict(scan) for scan in change.after],
        "run": run_to_dict(change.run),
    }


def _number(value: float, digits: int = 2) -> float | None:
    return round(float(value), digits) + 0.0 if math.isfinite(value) else None


def _summary(change: Change) -> Json:
    """What decides, first: the claimed area if one is given, else all skin that was seen."""
    affected = change.affected
    return {
        "verdict": change.verdict,
        "area": change.area_name,
        "redness": {
            "verdict": change.verdict,
            "local": change.face.local if change.face else "inconclusive",
            "whole_face": change.face.erythema_index.verdict if change.face else "inconclusive",
        },
        "area_percent": affected.percent if affected else None,
        "area_cm2": affected.area_cm2 if affected else None,
        "area_scale": "canonical face: no length is in the photo",
        "pattern": affected.pattern if affected else None,
    }


def _power(change: Change) -> Json:
    """The smallest change these photos could have shown: a missing sign below it means nothing."""
    shown = {name: zone.erythema_index.sdc for name, zone in change.zones.items()}
    return {
        "erythema_sdc95": {name: _number(sdc) for name, sdc in shown.items()},
        "median": _number(sorted(shown.values())[len(shown) // 2]) if shown else None,
        "unit": "EI",
    }


def finding_to_dict(finding: Finding) -> Json:
    """One finding, with its reason and advice in both languages."""
    return {
        "code": finding.code,
        "refuses": finding.refuses,
        "value": _number(finding.value, 3),
        "limit": _number(finding.limit, 3),
        "reason": {"zh": finding.reason.zh, "en": finding.reason.en},
        "advice": {"zh": finding.advice.zh, "en": finding.advice.en},
    }


def delta_to_dict(delta: Delta) -> Json:
    """One difference."""
    return {
        "delta": _number(delta.delta),
        "low": _number(delta.low),
        "high": _number(delta.high),
        "sdc": _number(delta.sdc),
        "p": _number(delta.p, 6),
        "verdict": delta.verdict,
        "unit": delta.unit,
        "n_pixels": delta.n_pixels,
    }


def _zone(zone: ZoneChange) -> Json:
    colour = zone.delta_e00
    return {
        "erythema_index": delta_to_dict(zone.erythema_index),
        "melanin_index": delta_to_dict(zone.melanin_index),
        "shine": delta_to_dict(zone.shine),
        "lab": dict(zip("Lab", map(delta_to_dict, zone.lab), strict=True)),
        "delta_e00": {
            "value": _number(colour.value),
            "low": _number(colour.low),
            "high": _number(colour.high),
            "unit": colour.unit,
            "n_pixels": colour.n_pixels,
        },
        "affected_percent": zone.affected_percent,
        "affected_cm2": zone.affected_cm2,
        "peak": {"value": _number(zone.peak), "limit": _number(zone.peak_sdc), "unit": "EI"},
    }


def _face(face: FaceChange) -> Json:
    return {
        "erythema_index": delta_to_dict(face.erythema_index),
        "light_offset_ei": _number(face.erythema_offset),
        "local": face.local,
    }


def _affected(affected: Affected) -> Json:
    regions = [
        {
            "centre_uv": list(region.centre),
            "zones": list(region.zones),
            "area_cm2": _number(region.area_cm2),
            "erythema_index": _number(region.erythema_index),
            "peak": _number(region.peak),
        }
        for region in affected.regions
    ]
    return {
        "percent": affected.percent,
        "area_cm2": affected.area_cm2,
        "pattern": affected.pattern,
        "regions": regions,
    }


def photo_to_dict(scan: Scan) -> Json:
    """Which photo it was."""
    return {"name": scan.photo.name, "sha256": scan.photo.sha256, "taken_at": scan.photo.capture.taken_at}


def run_to_dict(run: Run) -> Json:
    """What ran, without times: they differ from run to run."""
    return {
        "version": run.version,
        "device": run.device,
        "provider": run.provider,
        "models": [{"name": name, "sha256": sha256} for name, sha256 in run.models],
    }
