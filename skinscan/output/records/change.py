"""Comparisons as plain dictionaries: "skinscan.compare/1". The rules of scan.py hold."""

from __future__ import annotations

from statistics import median_high

from skinscan.change.identity import DOUBTED_PERSON
from skinscan.change.types import Affected, BlemishChange, Change, Delta, FaceChange, Finding, ZoneChange
from skinscan.output.records.common import Json, blemish_to_dict, number, photo_to_dict, run_to_dict

__all__ = ["COMPARE_SCHEMA", "compare_to_dict", "delta_to_dict", "finding_to_dict"]

COMPARE_SCHEMA = "skinscan.compare/1"


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
        "blemishes": None if change.blemishes is None else _blemishes(change.blemishes),
        "power": _power(change),
        "identity": _identity(change),
        "registration": [
            {
                "shift_texels": number(r.shift),
                "residual_texels": number(r.residual),
                "correlation": number(r.correlation, 3),
            }
            for r in change.registration
        ],
        "before": [photo_to_dict(scan) for scan in change.before],
        "after": [photo_to_dict(scan) for scan in change.after],
        "run": run_to_dict(change.run),
    }


def _summary(change: Change) -> Json:
    """What decides, first: the claimed area if one is given, else all skin that was seen."""
    affected = change.affected
    return {
        "verdict": change.verdict,
        "doubt": change.doubt.code if change.doubt else None,
        "at_most": None if change.at_most is None else number(change.at_most),
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


def _identity(change: Change) -> Json | None:
    """How far apart the faces are; None where that was not asked. No template of a face is given."""
    if change.identity_distance is None:
        return None
    return {"distance": number(change.identity_distance, 3), "doubted_above": DOUBTED_PERSON}


def _blemishes(spots: BlemishChange) -> Json:
    """Inflamed spots that are new and gone, by zone."""
    return {
        "verdict": spots.verdict,
        "new": [blemish_to_dict(spot) for spot in spots.new],
        "gone": [blemish_to_dict(spot) for spot in spots.gone],
        "kept": spots.kept,
        "by_chance": number(spots.by_chance),
    }


def _power(change: Change) -> Json:
    """The smallest change these photos could have shown: a missing sign below it means nothing."""
    shown = {name: zone.erythema_index.sdc for name, zone in change.zones.items()}
    return {
        "erythema_sdc95": {name: number(sdc) for name, sdc in shown.items()},
        "median": number(median_high(shown.values())) if shown else None,
        "unit": "EI",
    }


def finding_to_dict(finding: Finding) -> Json:
    """One finding, with its reason and advice in both languages."""
    return {
        "code": finding.code,
        "refuses": finding.refuses,
        "value": number(finding.value, 3),
        "limit": number(finding.limit, 3),
        "reason": {"zh": finding.reason.zh, "en": finding.reason.en},
        "advice": {"zh": finding.advice.zh, "en": finding.advice.en},
    }


def delta_to_dict(delta: Delta) -> Json:
    """One difference."""
    return {
        "delta": number(delta.delta),
        "low": number(delta.low),
        "high": number(delta.high),
        "sdc": number(delta.sdc),
        "at_most": number(delta.at_most),
        "p": number(delta.p, 6),
        "verdict": delta.verdict,
        "unit": delta.unit,
        "n_pixels": delta.n_pixels,
    }


def _zone(zone: ZoneChange) -> Json:
    color = zone.delta_e00
    return {
        "erythema_index": delta_to_dict(zone.erythema_index),
        "melanin_index": delta_to_dict(zone.melanin_index),
        "shine": delta_to_dict(zone.shine),
        "lab": dict(zip("Lab", map(delta_to_dict, zone.lab), strict=True)),
        "delta_e00": {
            "value": number(color.value),
            "low": number(color.low),
            "high": number(color.high),
            "unit": color.unit,
            "n_pixels": color.n_pixels,
        },
        "affected_percent": zone.affected_percent,
        "affected_cm2": zone.affected_cm2,
        "peak": {"value": number(zone.peak), "limit": number(zone.peak_sdc), "unit": "EI"},
    }


def _face(face: FaceChange) -> Json:
    return {
        "erythema_index": delta_to_dict(face.erythema_index),
        "light_offset_ei": number(face.erythema_offset),
        "local": face.local,
    }


def _affected(affected: Affected) -> Json:
    regions = [
        {
            "centre_uv": list(region.centre),
            "zones": list(region.zones),
            "area_cm2": number(region.area_cm2),
            "erythema_index": number(region.erythema_index),
            "peak": number(region.peak),
        }
        for region in affected.regions
    ]
    return {
        "percent": affected.percent,
        "area_cm2": affected.area_cm2,
        "pattern": affected.pattern,
        "regions": regions,
    }
