"""`repeat`: photos of one person in one session. Whatever differs is measurement noise."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from skinscan.bench.requirements import NAME_PHOTOS, need
from skinscan.color import delta_e_2000
from skinscan.errors import FaceError, QualityError
from skinscan.scanner import Scanner
from skinscan.skin_indices import erythema_index
from skinscan.types import Device, FloatArray, Scan

__all__ = ["repeat"]

_SESSION = "series"  # the person in photos.csv whose photos are one session
_SKIN_MIN_PHOTOS = 3


def repeat(photos: Path, device: Device) -> list[dict[str, Any]]:
    """One row per statistic for the session, one per person photographed on different days."""
    need(photos / "photos.csv", NAME_PHOTOS)
    people: dict[str, list[Scan]] = defaultdict(list)
    scanner = Scanner(device)
    with (photos / "photos.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["faces"] != "1":
                continue
            try:
                people[row["person"]].append(scanner.scan(photos / row["file"]))
            except (FaceError, QualityError):
                continue
    rows = _session(people.pop(_SESSION, []))
    for person, scans in sorted(people.items()):
        if len(scans) > 1:
            rows.append({"what": f"days apart: {person}", **_between_days(scans)})
    return rows


def _session(scans: Sequence[Scan]) -> list[dict[str, Any]]:
    zones = sorted({zone for scan in scans for zone in scan.zones if not zone.endswith("lip")})
    contrast = _table(scans, zones, "erythema_contrast")
    index = _table(scans, zones, "erythema_index")
    naive = np.array([[_naive(scan, zone) for zone in zones] for scan in scans])
    own = np.array([scan.scores["redness"].parts.get("erythema_index", np.nan) for scan in scans])
    rows = [
        {
            "what": f"zone: {zone}",
            "photos": int(np.isfinite(contrast[:, k]).sum()),
            "sd_zone_minus_own_face": _sd(contrast[:, k]),
            "sd_zone_absolute": _sd(index[:, k]),
            "sd_naive_absolute": _sd(naive[:, k]),
            "sd_naive_minus_own_face": _sd(naive[:, k] - np.nanmean(naive, axis=1)),
        }
        for k, zone in enumerate(zones)
    ]
    middle = {
        key: _round(float(np.nanmedian([row[key] for row in rows])))
        for key in (
            "sd_zone_minus_own_face",
            "sd_zone_absolute",
            "sd_naive_absolute",
            "sd_naive_minus_own_face",
        )
    }
    rows.append({"what": "median over zones", "photos": len(scans), **middle})
    rows.append(
        {"what": "whole face EI", "photos": int(np.isfinite(own).sum()), "sd": _sd(own), "unit": "EI"}
    )
    for name in scans[0].scores:
        values = [s.value for scan in scans if (s := scan.scores[name]).value is not None]
        rows.append(
            {"what": f"score: {name}", "photos": len(values), "sd": _sd(np.array(values)), "unit": "points"}
        )
    rows.append(_tone(scans))
    return rows


def _tone(scans: Sequence[Scan]) -> dict[str, Any]:
    """Median pairwise dE00 of the headline site, and ITA classes that flip without overlapping intervals."""
    tones = [scan.tone for scan in scans if scan.tone.lab and scan.tone.ita]
    labs = [np.array([m.value for m in tone.lab or ()]) for tone in tones]
    pairs = [float(delta_e_2000(a, b)) for a, b in combinations(labs, 2)]
    flips = sum(
        a.ita_class != b.ita_class and (a.ita.low > b.ita.high or b.ita.low > a.ita.high)
        for a, b in combinations(tones, 2)
        if a.ita and b.ita
    )
    return {
        "what": "tone of the cheek",
        "photos": len(tones),
        "median_pairwise_de00": _round(float(np.median(pairs))) if pairs else None,
        "largest_pairwise_de00": _round(max(pairs)) if pairs else None,
        "ita_class_flips_without_overlap": flips,
    }


def _between_days(scans: Sequence[Scan]) -> dict[str, Any]:
    """Spread of one person over days, cameras and lights: noise plus real change."""
    own = [v for scan in scans if (v := scan.scores["redness"].parts.get("erythema_index")) is not None]
    zones = sorted(set.intersection(*(set(scan.zones) for scan in scans)))
    contrast = _table(scans, [z for z in zones if not z.endswith("lip")], "erythema_contrast")
    labs = [np.array([m.value for m in scan.tone.lab]) for scan in scans if scan.tone.lab]
    pairs = [float(delta_e_2000(a, b)) for a, b in combinations(labs, 2)]
    return {
        "photos": len(scans),
        "sd_own_face": _sd(np.array(own)) if len(own) > 1 else None,
        "sd_zone_minus_own_face": _round(float(np.median(np.std(contrast, axis=0, ddof=1))))
        if zones
        else None,
        "median_pairwise_de00": _round(float(np.median(pairs))) if pairs else None,
    }


def _table(scans: Sequence[Scan], zones: Sequence[str], measure: str) -> FloatArray:
    """(photos, zones) values, NaN where a zone was not measured."""
    return np.array(
        [
            [getattr(scan.zones[z], measure).value if z in scan.zones else np.nan for z in zones]
            for scan in scans
        ]
    )


def _naive(scan: Scan, zone: str) -> float:
    """The plain formula on the photo as it is: what everybody starts with."""
    mask = scan.zone_masks[zone]
    return float(np.median(erythema_index(scan.texture.rgb[mask]))) if mask.sum() > 60 else float("nan")


def _sd(values: FloatArray) -> float | None:
    """Sample SD of the finite values; None below three."""
    finite = values[np.isfinite(values)]
    return _round(float(np.std(finite, ddof=1))) if len(finite) >= _SKIN_MIN_PHOTOS else None


def _round(value: float) -> float:
    return round(value, 2)
