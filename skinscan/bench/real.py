"""`real`: what a comparison says on real pairs of one face, as they are and with a known rise painted on one.

The folder holds `pairs.csv` with the columns before, after (paths in the folder), set and expected ("none":
nothing on the skin changed), and may hold `people.csv` (id, ethnicity): a person is the part of a file's name
before its first "_". A pair is worked in the order given. Painted: the after-photo of a pair reddened by
painted_erythema.py, encoded as JPEG, scanned and compared like any photo, with the area claimed and with the
area to be found; the area claimed with nothing painted is the row of 0 EI. Painted on one photo and read in
its own scan: heights.py.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from skinscan.bench.heights import Face, height_rows
from skinscan.bench.painted_erythema import Kind, paint, rise_on_texture
from skinscan.change.compare import compare
from skinscan.change.registration import register, warp
from skinscan.change.types import Change, Delta
from skinscan.errors import DataError, SkinScanError
from skinscan.facemesh.canonical_face import load_canonical
from skinscan.scanner import Scanner
from skinscan.types import JUST_VISIBLE, Device, FloatMap, Scan

__all__ = ["real"]

_COLUMNS = ("before", "after", "set", "expected")
_RISES: tuple[tuple[Kind, str, float], ...] = (
    ("cheeks", "left_cheek,right_cheek", 3.65),
    ("cheeks", "left_cheek,right_cheek", 8.8),
)  # EI at the middle
_QUALITY = 94  # of the painted JPEG
_MOVED = ("increase", "decrease")
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Pair:
    """One row of pairs.csv."""

    before: str
    after: str
    set: str
    group: str  # as people.csv has it, or "all"


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What one comparison said of the skin that was asked for."""

    pair: _Pair
    kind: str
    ei: float
    change: Change  # without its scans
    truth: FloatMap  # (S, S) EI, on the texels of the change


def real(photos: Path, device: Device) -> list[Row]:
    """Rows of false alarms, coverage and `no_change` per set and group, of painted rises and their heights.

    Raises DataError without a readable pairs.csv.
    """
    pairs = _read(photos)
    scanner = Scanner(device)
    scans: dict[str, Scan | None] = {}

    def scanned(name: str) -> Scan | None:
        if name not in scans:
            scans[name] = _scan(scanner, photos / name)
        return scans[name]

    nothing: list[_Outcome] = []
    claimed: list[_Outcome] = []
    found: list[_Outcome] = []
    same: list[_Outcome] = []
    for pair in pairs:
        before, after = scanned(pair.before), scanned(pair.after)
        if before is None or after is None:
            continue
        nothing.append(_outcome(pair, "nothing", 0.0, before, after, None, None))
        unfounded, area, _ = _RISES[0]
        claimed.append(_outcome(pair, unfounded, 0.0, before, after, None, area))
        for kind, area, ei in _RISES:
            painted, rise = _painted(scanner, after, kind, ei)
            if painted is None:
                continue
            claimed.append(_outcome(pair, kind, ei, before, painted, rise, area))
            found.append(_outcome(pair, kind, ei, before, painted, rise, None))
            if ei == _RISES[0][2]:
                same.append(_outcome(pair, kind, ei, after, painted, rise, area))
    rows = [*_null_rows(nothing)]
    for how, outcomes in (("claimed", claimed), ("to be found", found), ("same photo, claimed", same)):
        rows += _painted_rows(how, outcomes)
    faces = {pair.after: Face(scan, pair.set, pair.group) for pair in pairs if (scan := scanned(pair.after))}
    rows += height_rows(list(faces.values()), partial(_painted, scanner))
    return rows


def _read(folder: Path) -> list[_Pair]:
    people: dict[str, str] = {}
    if (folder / "people.csv").is_file():
        with (folder / "people.csv").open(encoding="utf-8", newline="") as file:
            people = {row["id"]: row["ethnicity"] for row in csv.DictReader(file)}
    path = folder / "pairs.csv"
    if not path.is_file():
        raise DataError(f"{path} is missing", "give a folder with pairs.csv: before,after,set,expected")
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        if not set(_COLUMNS) <= set(reader.fieldnames or ()):
            raise DataError(f"{path} lacks a column", f"its header is {','.join(_COLUMNS)}")
        rows = [row for row in reader if row["expected"] == "none"]
    return [
        _Pair(row["before"], row["after"], row["set"], people.get(_person(row["before"]), "")) for row in rows
    ]


def _person(name: str) -> str:
    return Path(name).stem.split("_")[0]


def _scan(scanner: Scanner, source: Path | bytes) -> Scan | None:
    try:
        return scanner.scan(source)
    except SkinScanError:
        return None


def _painted(scanner: Scanner, scan: Scan, kind: Kind, ei: float) -> tuple[Scan | None, FloatMap | None]:
    """The scan of the reddened photo, and the rise on its texels."""
    pixels, rise = paint(scan.photo, scan.face, kind, ei)
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "JPEG", quality=_QUALITY, subsampling=0)
    painted = _scan(scanner, out.getvalue())
    return painted, None if painted is None else rise_on_texture(rise, painted.texture)


def _outcome(
    pair: _Pair, kind: str, ei: float, before: Scan, after: Scan, rise: FloatMap | None, area: str | None
) -> _Outcome:
    """Compare, and lay the rise on the texels that the change has: those of the photo with the lower hash."""
    change = compare([before], [after], area, allow_copies=True)
    truth = np.zeros(before.maps.valid.shape, np.float32) if rise is None else rise
    if rise is not None and before.photo.sha256 < after.photo.sha256:
        truth = warp(rise, register(before.texture, after.texture).flow)
    return _Outcome(pair, kind, ei, replace(change, before=(), after=()), truth)


def _grouped(
    outcomes: Sequence[_Outcome], key: Callable[[_Outcome], tuple[Any, ...]]
) -> Iterator[tuple[tuple[Any, ...], list[_Outcome]]]:
    """By key, in order of appearance: all groups together first, then each group."""
    keys = list(dict.fromkeys(key(one) for one in outcomes))
    for wanted in keys:
        of = [one for one in outcomes if key(one) == wanted]
        yield (*wanted, "all"), of
        for group in sorted({one.pair.group for one in of} - {""}):
            yield (*wanted, group), [one for one in of if one.pair.group == group]


def _null_rows(outcomes: Sequence[_Outcome]) -> Iterator[Row]:
    for (name, group), own in _grouped(outcomes, lambda one: (one.pair.set,)):
        done = [one.change for one in own if one.change.status == "ok"]
        deltas = [(zone, found.erythema_index) for c in done for zone, found in c.zones.items()]
        alarms = [zone for zone, delta in deltas if delta.verdict in _MOVED]
        cheeks = [
            np.mean([c.zones[z].erythema_index.delta for z in ("left_cheek", "right_cheek")])
            for c in done
            if {"left_cheek", "right_cheek"} <= c.zones.keys()
        ]
        verdicts = [delta.verdict for _, delta in deltas]
        inside = [delta.low <= 0 <= delta.high for _, delta in deltas]
        alarmed = [any(z.erythema_index.verdict in _MOVED for z in c.zones.values()) for c in done]
        melanin = [found.melanin_index.verdict in _MOVED for c in done for found in c.zones.values()]
        yield {
            "what": "nothing changed", "set": name, "group": group, "pairs": len(done),
            "refused": len(own) - len(done), "zones": len(deltas),
            "zones_that_alarm_percent": _percent(len(alarms), len(deltas)),
            "pairs_that_alarm_percent": _percent(sum(alarmed), len(alarmed)),
            "interval_holds_percent": _percent(sum(inside), len(inside)),
            "zones_no_change_percent": _percent(verdicts.count("no_change"), len(deltas)),
            "pairs_no_change_percent": _percent(sum(c.verdict == "no_change" for c in done), len(done)),
            "melanin_alarms_percent": _percent(sum(melanin), len(melanin)),
            "both_cheeks_rms_ei": round(float(np.sqrt(np.mean(np.square(cheeks)))), 2) if cheeks else None,
            "median_sdc_ei": _median([d.sdc for _, d in deltas]),
            "median_zone_at_most_ei": _median([d.at_most for _, d in deltas]),
            "median_face_at_most_ei": _median([c.at_most for c in done if c.at_most is not None]),
        }  # fmt: skip


def _painted_rows(how: str, outcomes: Sequence[_Outcome]) -> Iterator[Row]:
    for (name, kind, ei, group), own in _grouped(outcomes, lambda one: (one.pair.set, one.kind, one.ei)):
        done = [one for one in own if one.change.status == "ok"]
        read = [pair for one in done if (pair := _height(one)) is not None]
        zones = [z.erythema_index.verdict for one in done for z in _risen(one)]
        beyond = [truth > delta.at_most for one in done for truth, delta in _read_beside_truth(one)]
        yield {
            "what": f"painted, {how}", "set": name, "painted": kind, "ei": ei, "group": group,
            "pairs": len(done), "refused": len(own) - len(done),
            "truth_ei": round(float(np.mean([t for t, *_ in read])), 2) if read else None,
            "increase_percent": _percent(sum(o.change.verdict == "increase" for o in done), len(done)),
            "wrong_way": sum(o.change.verdict == "decrease" for o in done),
            "no_change": sum(o.change.verdict == "no_change" for o in done),
            "risen_zones_no_change": zones.count("no_change"),
            "height_percent": _percent(sum(d for _, d, _ in read), sum(t for t, *_ in read)),
            "error_sd_ei": round(float(np.std([d - t for t, d, _ in read])), 2) if read else None,
            "interval_holds_percent": _percent(sum(held for *_, held in read), len(read)),
            "beyond_at_most_percent": _percent(sum(beyond), len(beyond)),
        }  # fmt: skip


def _risen(one: _Outcome) -> list[Any]:
    """Zones whose mean rose by a just-visible step or more."""
    assert one.change.maps is not None
    zones, valid = load_canonical().zones, one.change.maps.valid
    return [
        z for name, z in one.change.zones.items() if one.truth[zones[name] & valid].mean() >= JUST_VISIBLE
    ]


def _height(one: _Outcome) -> tuple[float, float, float] | None:
    """Painted mean and reading over the painted zones, and the share 0..1 of intervals that hold it."""
    read = _read_beside_truth(one)
    if not read:
        return None
    held = np.mean([delta.low <= truth <= delta.high for truth, delta in read])
    return float(np.mean([t for t, _ in read])), float(np.mean([d.delta for _, d in read])), float(held)


def _read_beside_truth(one: _Outcome) -> list[tuple[float, Delta]]:
    """Painted mean, EI, and what was read of it: of the claim, or without one of each painted zone.

    Empty where a painted zone is not seen.
    """
    zones, change = load_canonical().zones, one.change
    assert change.maps is not None
    area = next(area for kind, area, _ in _RISES if kind == one.kind).split(",")
    if not set(area) <= change.zones.keys():
        return []
    parts = [(zones[z], change.zones[z]) for z in area]
    if change.area is not None:
        parts = [(np.logical_or.reduce([zones[z] for z in area]), change.area)]
    return [(float(one.truth[mask & change.maps.valid].mean()), of.erythema_index) for mask, of in parts]


def _median(values: Sequence[float]) -> float | None:
    return round(float(np.median(values)), 2) if values else None


def _percent(part: float, whole: float) -> float | None:
    return round(100 * part / whole, 1) if whole else None
