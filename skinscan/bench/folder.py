"""`skinscan bench FOLDER`: a labelled set of one's own, measured and compared with its labels.

Every row is given for everybody and for every group that the labels name, the worst group first. A photo that
cannot be measured counts among the refused, with its reason, and never ends the run.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from skinscan.bench.agreement import agreement, auc, graded_alike, rank_correlation, weighted_kappa
from skinscan.bench.labels import GRADED, INDICES, LabelledPair, LabelledPhoto, read_labels
from skinscan.change.types import Delta
from skinscan.color import ITA_CLASSES, delta_e_2000
from skinscan.errors import FaceError, PhotoError, QualityError
from skinscan.facemesh.canonical_face import load_canonical
from skinscan.facemesh.zones import SKIN_ZONES
from skinscan.scanner import Scanner
from skinscan.types import JUST_VISIBLE, ChangeVerdict, Device, Measure, Scan

__all__ = ["folder"]

Row = dict[str, Any]
_TONES = [name for name, _ in ITA_CLASSES]
_NAME = {
    ("erythema_index", False): "EI, whole face",
    ("erythema_index", True): "EI, zones",
    ("melanin_index", False): "MI, whole face",
    ("melanin_index", True): "MI, zones",
}
_UNCHANGED = 0.5  # EI: below it nothing happened [design]
_LEAST = 3  # labels that a group must have to get a row


@dataclass(frozen=True, slots=True, kw_only=True)
class _Compared:
    """One label and what was measured; `value` None where it was withheld."""

    what: str
    groups: tuple[str, ...]  # "tone=dark", ...
    truth: float
    value: float | None
    low: float | None = None
    high: float | None = None
    verdict: ChangeVerdict | None = None  # of a pair


def folder(path: Path, device: Device) -> list[Row]:
    """Measure a labelled folder. Raises DataError when `labels.csv` is missing or a row of it is wrong."""
    labels = read_labels(path)
    scanner = Scanner(device)
    refused: list[Row] = []
    found: list[_Compared] = []
    for photo in labels.photos:
        found += _photo(scanner, photo, path, refused)
    for pair in labels.pairs:
        found += _pair(scanner, pair, path, refused)
    rows: list[Row] = []
    for what, rate in _RATES:
        own = [f for f in found if f.what == what and f.value is not None]
        rows += _by_group(what, own, rate)
    codes = Counter(row["code"] for row in refused)
    asked = len(labels.photos) + len(labels.pairs)
    rows.append({"what": "refused", "asked": asked, "refused": len(refused), "codes": _listed(codes)})
    return [*rows, *_withheld(found), *refused]


def _photo(scanner: Scanner, label: LabelledPhoto, root: Path, refused: list[Row]) -> Iterator[_Compared]:
    groups = _groups(label)
    try:
        scan = scanner.scan(label.file)
    except (PhotoError, FaceError, QualityError) as error:
        refused.append(_refusal(label.line, label.file, root, error.code))
        return
    for index in INDICES:
        for zone, truth in getattr(label, index).items():
            measure = _index(scan, index, zone)
            yield _measured(_NAME[index, bool(zone)], groups, truth, measure)
    if label.ita is not None:
        yield _measured("ITA", groups, label.ita, scan.tone.ita)
    if label.lab is not None:
        yield _tone_error(groups, label.lab, scan)
    if label.tone is not None:
        grade = None if scan.tone.ita_class is None else float(_TONES.index(scan.tone.ita_class))
        touched = [float(_TONES.index(name)) for name in scan.tone.ita_classes]
        yield _Compared(
            what="tone class", groups=groups, truth=float(_TONES.index(label.tone)), value=grade,
            low=min(touched, default=None), high=max(touched, default=None),
        )  # fmt: skip
    for name, graded in label.grades.items():
        value = scan.scores[name].value
        yield _Compared(what=f"grade of {name}", groups=groups, truth=float(graded), value=value)


def _pair(scanner: Scanner, label: LabelledPair, root: Path, refused: list[Row]) -> Iterator[_Compared]:
    groups = _groups(label)
    try:
        change = scanner.compare(label.before, label.after, area=label.area)
    except (PhotoError, FaceError, QualityError) as error:
        refused.append(_refusal(label.line, label.after, root, error.code))
        return
    if change.status == "refused" or change.face is None:
        code = next((finding.code for finding in change.findings if finding.refuses), "NOT_COMPARABLE")
        refused.append(_refusal(label.line, label.after, root, code))
        return
    claimed = change.area if label.area is not None else None
    delta = change.face.erythema_index if claimed is None else claimed.erythema_index
    truth = label.delta_erythema_index
    yield _Compared(
        what="change of EI", groups=groups, truth=truth, value=delta.delta,
        low=delta.low, high=delta.high,
    )  # fmt: skip
    if abs(truth) < _UNCHANGED or abs(truth) >= JUST_VISIBLE:
        yield _seen_change(groups, truth, delta)


def _seen_change(groups: tuple[str, ...], truth: float, delta: Delta) -> _Compared:
    """Truth 1 for a change that can be seen; the value is the measured change in its own sigmas."""
    sigma = max(delta.sdc / 1.96, 1e-6)
    return _Compared(
        what="change seen", groups=groups, truth=float(abs(truth) >= JUST_VISIBLE),
        value=abs(delta.delta) / sigma, verdict=delta.verdict,
    )  # fmt: skip


def _groups(label: LabelledPhoto | LabelledPair) -> tuple[str, ...]:
    tone = () if label.tone is None else (f"tone={label.tone}",)
    return (*tone, *(f"{name}={value}" for name, value in label.groups.items()))


def _refusal(line: int, file: Path, root: Path, code: str) -> Row:
    return {
        "what": "refused photo",
        "line": line,
        "file": str(file.relative_to(root.resolve())),
        "code": code,
    }


def _index(scan: Scan, index: str, zone: str) -> Measure | None:
    """The measure of a zone, or for the whole face the mean of the zones by area; their errors are shared."""
    zones = scan.zones
    if zone:
        return getattr(zones[zone], index) if zone in zones else None
    seen = [name for name in SKIN_ZONES if name in zones]
    if not seen:
        return None
    mesh = load_canonical()
    weights = [float(mesh.area_cm2[mesh.zones[name] & scan.maps.valid].sum()) for name in seen]
    measures = [getattr(zones[name], index) for name in seen]
    value, low, high = (
        float(np.average([getattr(m, end) for m in measures], weights=weights))
        for end in ("value", "low", "high")
    )
    pixels = sum(m.n_pixels for m in measures)
    return Measure(value=value, low=low, high=high, unit=measures[0].unit, n_pixels=pixels)


def _measured(what: str, groups: tuple[str, ...], truth: float, measure: Measure | None) -> _Compared:
    if measure is None:
        return _Compared(what=what, groups=groups, truth=truth, value=None)
    return _Compared(
        what=what, groups=groups, truth=truth, value=measure.value, low=measure.low, high=measure.high
    )


def _tone_error(groups: tuple[str, ...], lab: tuple[float, float, float], scan: Scan) -> _Compared:
    """The value is dE00 between the cheek and its label."""
    value = None
    if scan.tone.lab is not None:
        found = np.array([measure.value for measure in scan.tone.lab])
        value = float(delta_e_2000(found, np.array(lab)))
    return _Compared(what="tone dE00", groups=groups, truth=0.0, value=value)


# ---- rows


def _by_group(
    what: str, found: Sequence[_Compared], rate: Callable[[Sequence[_Compared]], tuple[Row, float]]
) -> list[Row]:
    """Everybody, then each group with enough labels, worst first within its kind."""
    if not found:
        return []
    everybody, _ = _rated(what, "all", found, rate)
    kinds: dict[str, list[tuple[Row, float]]] = {}
    for group in sorted({name for f in found for name in f.groups}):
        own = [f for f in found if group in f.groups]
        if len(own) >= _LEAST:
            kinds.setdefault(group.partition("=")[0], []).append(_rated(what, group, own, rate))
    rows = [sorted(each, key=lambda pair: -pair[1]) for each in kinds.values()]
    return [everybody, *(row for each in rows for row, _ in each)]


def _rated(
    what: str,
    group: str,
    found: Sequence[_Compared],
    rate: Callable[[Sequence[_Compared]], tuple[Row, float]],
) -> tuple[Row, float]:
    row, badness = rate(found)
    return {"what": what, "group": group, **row}, badness


def _withheld(found: Sequence[_Compared]) -> list[Row]:
    """Labels whose value was not given, per group: an error rate that hides them would be too good."""
    rows = []
    for what, _ in _RATES:
        own = [f for f in found if f.what == what]
        for group in ("all", *sorted({name for f in own for name in f.groups})):
            of = [f for f in own if group == "all" or group in f.groups]
            count = sum(f.value is None for f in of)
            if count:
                rows.append(
                    {"what": "withheld", "label": what, "group": group, "asked": len(of), "withheld": count}
                )
    return rows


def _numbers(found: Sequence[_Compared]) -> tuple[Row, float]:
    """MAE, r, bias, SD and coverage; worse is a larger MAE."""
    value, truth = np.array([f.value for f in found], float), np.array([f.truth for f in found], float)
    inside = np.array(
        [f.low is not None and f.high is not None and f.low <= f.truth <= f.high for f in found]
    )
    row = agreement(value, truth, inside=inside)
    return row, float(row["mae"])


def _distance(found: Sequence[_Compared]) -> tuple[Row, float]:
    errors = np.array([f.value for f in found], float)
    median = float(np.median(errors))
    row = {"n": len(found), "median": round(median, 2), "p90": round(float(np.quantile(errors, 0.9)), 2)}
    return row, median


def _classes(found: Sequence[_Compared]) -> tuple[Row, float]:
    """Weighted kappa of the class, share named right, share whose interval touches the true class."""
    value, truth = (
        [round(x) for x in xs] for xs in ([f.value or 0 for f in found], [f.truth for f in found])
    )
    right = float(np.mean([a == b for a, b in zip(value, truth, strict=True)]))
    touched = [f.low is not None and f.high is not None and f.low <= f.truth <= f.high for f in found]
    row = {
        "n": len(found),
        "weighted_kappa": _rounded(weighted_kappa(value, truth)),
        "right": round(right, 3),
        "coverage_90": round(float(np.mean(touched)), 3),
    }
    return row, -right


def _grades(found: Sequence[_Compared]) -> tuple[Row, float]:
    """Order of score and grade: rho, weighted kappa at equal shares, AUC of any grade against the lowest."""
    values, grades = [f.value or 0.0 for f in found], [round(f.truth) for f in found]
    rho = rank_correlation(values, grades)
    row = {
        "n": len(found),
        "rho": _rounded(rho),
        "weighted_kappa": _rounded(weighted_kappa(graded_alike(values, grades), grades)),
        "auc": _rounded(auc(values, [grade > min(grades) for grade in grades])),
    }
    return row, -(rho if rho is not None else 1.0)


def _seen(found: Sequence[_Compared]) -> tuple[Row, float]:
    """Visible change against none: AUC of the change in sigmas; how often the verdicts say so."""
    truth = np.array([f.truth > 0 for f in found])
    area = auc([f.value or 0.0 for f in found], truth)
    says = np.array([f.verdict in ("increase", "decrease") for f in found])
    clears = np.array([f.verdict == "no_change" for f in found])
    row = {
        "n": len(found),
        "auc": _rounded(area),
        "found": _share(says[truth]),
        "false_alarms": _share(says[~truth]),
        "missed_as_no_change": _share(clears[truth]),
    }
    return row, -(area if area is not None else 1.0)


def _share(flags: Any) -> float | None:
    return round(float(flags.mean()), 3) if len(flags) else None


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)


def _listed(codes: Counter[str]) -> str:
    return ", ".join(f"{code} {count}" for code, count in sorted(codes.items())) or "none"


_RATES: tuple[tuple[str, Callable[[Sequence[_Compared]], tuple[Row, float]]], ...] = (
    *((name, _numbers) for name in _NAME.values()),
    ("ITA", _numbers),
    ("tone dE00", _distance),
    ("tone class", _classes),
    *((f"grade of {name}", _grades) for name in GRADED),
    ("change of EI", _numbers),
    ("change seen", _seen),
)
