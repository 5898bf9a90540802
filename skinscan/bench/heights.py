"""Real faces in, how high a rise painted on them reads in the scan of the same photo out.

The reading is the EI of a zone with the rise minus that without, against the mean of the painted map over the
zone. A flush raises the whole face, and one photo does not tell it from the camera's white, so its
height says how much of the level is given back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from skinscan.bench.painted_erythema import Kind
from skinscan.facemesh.canonical_face import load_canonical
from skinscan.facemesh.zones import SKIN_ZONES
from skinscan.types import JUST_VISIBLE, FloatMap, Scan

__all__ = ["Face", "height_rows"]

_PAINTED: tuple[tuple[Kind, float], ...] = (("cheeks", 8.8), ("butterfly", 8.0), ("flush", 6.0))
_CHEEKS = ("left_cheek", "right_cheek")
Row = dict[str, Any]
Paint = Callable[[Scan, Kind, float], tuple[Scan | None, FloatMap | None]]


@dataclass(frozen=True, slots=True)
class Face:
    """One photo of a face that nothing was painted on."""

    scan: Scan
    set: str
    group: str  # as people.csv has it, or ""


@dataclass(frozen=True, slots=True)
class _Reading:
    """One zone of one painted photo, EI."""

    face: Face
    truth: float
    rise: float  # of the zone
    level: float  # part of it that the network's level has moved
    held: bool  # the interval about the painted reading holds the reading before plus the truth


def height_rows(faces: Sequence[Face], paint: Paint) -> Iterator[Row]:
    """Rows per kind, set and group; cheeks, and all zones that rose where the whole face did."""
    for kind, ei in _PAINTED:
        readings = [one for face in faces for one in _read(face, kind, ei, paint)]
        for name in dict.fromkeys(face.set for face in faces):
            of = [one for one in readings if one.face.set == name]
            yield from (_row(kind, ei, name, group, own) for group, own in _groups(of).items())


def _read(face: Face, kind: Kind, ei: float, paint: Paint) -> Iterator[_Reading]:
    painted, rise = paint(face.scan, kind, ei)
    if painted is None or rise is None:
        return
    zones, before = load_canonical().zones, face.scan
    for zone in SKIN_ZONES if kind == "flush" else _CHEEKS:
        if zone not in before.zones or zone not in painted.zones:
            continue
        truth = float(rise[zones[zone] & painted.maps.valid].mean())
        if truth < JUST_VISIBLE:
            continue
        was, found = before.zones[zone].erythema_index, painted.zones[zone].erythema_index
        yield _Reading(
            face=face,
            truth=truth,
            rise=found.value - was.value,
            level=painted.maps.correction[0] - before.maps.correction[0],
            held=found.low <= was.value + truth <= found.high,
        )


def _groups(readings: Sequence[_Reading]) -> Mapping[str, Sequence[_Reading]]:
    named = sorted({one.face.group for one in readings} - {""})
    return {"all": readings} | {g: [one for one in readings if one.face.group == g] for g in named}


def _row(kind: Kind, ei: float, name: str, group: str, own: Sequence[_Reading]) -> Row:
    truth = sum(one.truth for one in own)
    percent = {
        "height_percent": sum(one.rise for one in own),
        "height_without_level_percent": sum(one.rise - one.level for one in own),
    }
    return {
        "what": "painted, one scan", "set": name, "painted": kind, "ei": ei, "group": group,
        "zones": len(own),
        "truth_ei": round(truth / len(own), 2) if own else None,
        **{key: round(100 * value / truth, 1) if own else None for key, value in percent.items()},
        "interval_holds_percent": round(100 * float(np.mean([one.held for one in own])), 1) if own else None,
    }  # fmt: skip
