"""`faces`: single photos of real people. What repeats, how far people differ, what a painted disease does.

The folder holds photos of people in folders of any name, NAME_KIND.jpg or NAME.jpg; two kinds of one NAME
are two photos of one session. Three names mean something: `vivid` and `papules`, photos of the same NAME
reddened by hand, and `graded`, with a labels.csv of file, grade (0..3) and lesions.
people.csv (id, ethnicity) names groups. Of graded photos nothing but these figures comes out.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from skinscan.bench.agreement import auc, rank_correlation
from skinscan.bench.requirements import need
from skinscan.errors import SkinScanError
from skinscan.measure.scores import SCORES
from skinscan.scanner import Scanner
from skinscan.types import Device, Score

__all__ = ["faces"]

_PAINTED = ("vivid", "papules")
_SEVERITIES = ("sensitivity", "blemishes")
_BAND = 20.0  # points that 95 % of healthy adults should stay below
_BAD_GRADE = 2
_LEAST = 3
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Photo:
    """What is kept of a scan: no picture."""

    set: str
    person: str
    scores: Mapping[str, Score]  # empty where the photo was refused
    tone: str  # status of the tone; "refused"


def faces(photos: Path, device: Device) -> list[Row]:
    """Rows of pairs, of healthy adults by group, of painted and of graded photos, and of the tone.

    Raises DataError without the folder.
    """
    need(photos, "give a folder of folders of portraits with photos=FOLDER")
    scanner = Scanner(device, identity=False)
    taken = [_taken(scanner, path) for path in sorted(photos.glob("*/*.jpg")) if path.parent.name != "graded"]
    plain = [photo for photo in taken if photo.set not in _PAINTED]
    groups = _groups(photos / "people.csv")
    return [
        *(_pair_row(name, plain) for name in SCORES),
        *_adult_rows(plain, groups),
        *_painted_rows(taken, plain),
        *_graded_rows(scanner, photos / "graded"),
        *_tone_rows(plain),
    ]


def _taken(scanner: Scanner, path: Path) -> _Photo:
    person = path.stem.split("_")[0]
    try:
        scan = scanner.scan(path)
    except SkinScanError:
        return _Photo(path.parent.name, person, {}, "refused")
    return _Photo(path.parent.name, person, dict(scan.scores), scan.tone.status)


def _groups(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    with path.open(encoding="utf-8", newline="") as file:
        return {row["id"]: row["ethnicity"] for row in csv.DictReader(file)}


def _values(photos: Sequence[_Photo], name: str) -> list[tuple[_Photo, Score]]:
    return [(p, s) for p in photos if (s := p.scores.get(name)) is not None and s.value is not None]


def _pair_row(name: str, photos: Sequence[_Photo]) -> Row:
    """Two photos of a person: ICC(1,1), spread, and how often one lies in the other's repeat interval."""
    of: dict[tuple[str, str], list[Score]] = defaultdict(list)
    for photo, score in _values(photos, name):
        of[photo.set, photo.person].append(score)
    pairs = [scores[:2] for scores in of.values() if len(scores) > 1]
    values = np.array([[score.value for score in pair] for pair in pairs], np.float64).reshape(-1, 2)
    held = [
        one.repeat_low <= other.value <= one.repeat_high
        for pair in pairs
        for one, other in (pair, pair[::-1])
        if one.repeat_low is not None and one.repeat_high is not None and other.value is not None
    ]
    absolute = [s.high - s.low for pair in pairs for s in pair if s.high is not None and s.low is not None]
    again = [
        s.repeat_high - s.repeat_low
        for pair in pairs
        for s in pair
        if s.repeat_high is not None and s.repeat_low is not None
    ]
    return {
        "what": "two photos of one session", "score": name, "n": len(pairs), "icc": _icc(values),
        "sd_within": _rounded(np.sqrt(np.square(np.diff(values)).mean() / 2)) if len(pairs) else None,
        "sd_people": _rounded(values.std(ddof=1)) if len(pairs) > 1 else None,
        "width": _rounded(np.median(absolute)) if absolute else None,
        "repeat_width": _rounded(np.median(again)) if again else None,
        "repeat_holds_percent": _rounded(100 * np.mean(held)) if held else None,
    }  # fmt: skip


def _icc(values: Any) -> float | None:
    if len(values) < _LEAST:
        return None
    between = 2 * float(values.mean(axis=1).var(ddof=1))
    within = float(np.square(values[:, 0] - values[:, 1]).mean() / 2)
    return _rounded((between - within) / max(between + within, 1e-9), 3)


def _adult_rows(photos: Sequence[_Photo], groups: Mapping[str, str]) -> Iterator[Row]:
    """Where adults lie on each score: all of a set, then its groups."""
    for folder in sorted({photo.set for photo in photos}):
        own = [photo for photo in photos if photo.set == folder]
        parts = {"all": own}
        for photo in own:
            if group := groups.get(photo.person):
                parts.setdefault(group, []).append(photo)
        for name in SCORES:
            for group, members in parts.items():
                values = np.array([score.value for _, score in _values(members, name)], np.float64)
                if len(values) < _LEAST:
                    continue
                low, middle, high = np.quantile(values, (0.05, 0.5, 0.95))
                yield {
                    "what": "adults", "set": folder, "group": group, "score": name, "n": len(values),
                    "withheld": len(members) - len(values), "median": _rounded(middle),
                    "q05": _rounded(low), "q95": _rounded(high), "sd_people": _rounded(values.std(ddof=1)),
                    "under_20_percent": _rounded(100 * (values < _BAND).mean())
                    if name in _SEVERITIES else None,
                }  # fmt: skip


def _painted_rows(taken: Sequence[_Photo], plain: Sequence[_Photo]) -> Iterator[Row]:
    """Reddened photos against the same people's photos as they are; a withheld score counts as 0."""
    for kind in _PAINTED:
        red = [photo for photo in taken if photo.set == kind]
        people = {photo.person for photo in red}
        same = [photo for photo in plain if photo.person in people]
        for name in SCORES if red else ():
            values = [[_or_zero(photo, name) for photo in side] for side in (red, same)]
            given = len(_values(red, name))
            yield {
                "what": f"painted {kind} against the same people", "score": name, "n": len(red),
                "given_percent": _rounded(100 * given / len(red)),
                "auc": _rounded_or_none(auc(np.concatenate(values), [1] * len(red) + [0] * len(same))),
                "median": _rounded(np.median(values[0])), "median_plain": _rounded(np.median(values[1])),
            }  # fmt: skip


def _graded_rows(scanner: Scanner, folder: Path) -> Iterator[Row]:
    """Faces with graded acne; a withheld score counts as 0 in the AUC."""
    if not (folder / "labels.csv").is_file():
        return
    with (folder / "labels.csv").open(encoding="utf-8", newline="") as file:
        labels = list(csv.DictReader(file))
    photos = [_taken(scanner, folder / row["file"]) for row in labels]
    grades = np.array([int(row["grade"]) for row in labels])
    lesions = np.array([float(row["lesions"] or "nan") for row in labels])
    clear = (grades == 0) | (grades >= _BAD_GRADE)
    for name in ("blemishes", "redness_local", "redness"):
        given = np.array([bool(_values([photo], name)) for photo in photos])
        value = np.array([_or_zero(photo, name) for photo in photos])
        counted = given & np.isfinite(lesions)
        yield {
            "what": "graded acne", "score": name, "n": len(photos),
            "given_percent": _rounded(100 * given.mean()),
            "auc_2_3_against_0": _rounded_or_none(auc(value[clear & given], grades[clear & given] > 0)),
            "auc_withheld_as_0": _rounded_or_none(auc(value[clear], grades[clear] > 0)),
            "rank_r_count": _rounded_or_none(rank_correlation(value[counted], lesions[counted])),
            "rank_r_grade": _rounded_or_none(rank_correlation(value[given], grades[given])),
            "rank_r_grade_with_count": _rounded_or_none(rank_correlation(grades[counted], lesions[counted])),
        }  # fmt: skip


def _tone_rows(photos: Sequence[_Photo]) -> Iterator[Row]:
    for folder in sorted({photo.set for photo in photos}):
        own = [photo.tone for photo in photos if photo.set == folder]
        yield {
            "what": "tone", "set": folder, "n": len(own),
            "class_told_percent": _rounded(100 * own.count("ok") / len(own)),
            "uncertain_percent": _rounded(100 * own.count("uncertain") / len(own)),
        }  # fmt: skip


def _or_zero(photo: _Photo, name: str) -> float:
    score = photo.scores.get(name)
    return 0.0 if score is None or score.value is None else score.value


def _rounded(value: Any, digits: int = 1) -> float:
    return round(float(value), digits) + 0.0


def _rounded_or_none(value: float | None) -> float | None:
    return None if value is None else round(value, 3)
