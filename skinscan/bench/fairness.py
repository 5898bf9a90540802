"""`fairness`: every stored result that has a row per tone class, the worst class first."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from skinscan.bench.requirements import need
from skinscan.color import ITA_CLASSES
from skinscan.errors import DataError

__all__ = ["fairness"]

_TONES = tuple(name for name, _ in ITA_CLASSES)
_LEAST = 2  # classes with a number

# Which way is bad, by the name of a column: larger is worse, smaller is worse, or far from its nominal value.
_LARGER = (
    "mae", "median_de00", "p90_de00", "refused", "withheld", "abstained", "abstained_percent",
    "zone_alarms_percent", "pair_alarms_percent", "wrong_sign_percent", "median_area_error_percent",
    "median_sdc",
    "harmful_upper_95_percent", "false_uphold_percent", "risk_percent", "rms_ei", "false_alarms", "sdc",
    "points_off",
)  # fmt: skip
_SMALLER = (
    "r", "rank_r", "kappa", "auc", "detected_percent", "found", "top1", "top1_within_1_of_best",
    "decided_of_reactions_percent", "first_answer_percent", "power_percent", "under_band_percent",
)  # fmt: skip
_NOMINAL = {"coverage_90": 0.9, "coverage": 0.9, "bias": 0.0, "bias_ei": 0.0}

Row = Mapping[str, Any]


def fairness(results: Path) -> list[dict[str, Any]]:
    """How often each class is the worst, then each number that can be better or worse, most unequal first.

    `ratio` is worst over best for what should be small, best over worst for what should be large, and empty
    for shares of intervals and for biases. `worst_first` names every class with its value.
    """
    files = sorted(need(results, "run the other benchmarks with out=FOLDER first").glob("*.json"))
    found = [one for file in files if file.stem != "fairness" for one in _of_file(file)]
    if not found:
        raise DataError(
            f"no result in {results} has rows per tone class", "run the other benchmarks with out=FOLDER"
        )
    found.sort(key=lambda one: (one["ratio"] is None, -(one["ratio"] or 0.0), one["what"], one["number"]))
    worst = [one["worst_first"].split()[0] for one in found]
    counts = {tone: worst.count(tone) for tone in _TONES}
    return [{"what": "times the worst class", "of": len(found), **counts}, *found]


def _of_file(file: Path) -> Iterator[dict[str, Any]]:
    try:
        stored = json.loads(file.read_text(encoding="utf-8"))
        name, rows = stored["benchmark"], stored["rows"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError(f"{file} is no benchmark result", "make it again with out=FOLDER") from error
    groups: dict[tuple[str, ...], dict[str, Row]] = {}
    for row in rows:
        if row.get("tone") in _TONES:
            # Texts and doses name what is compared; two rows of one class would not be one comparison.
            kind = tuple(f"{k} {v}" if k != "what" else str(v) for k, v in row.items() if _names(k, v))
            groups.setdefault(kind, {})[row["tone"]] = row
    for kind, of_tone in groups.items():
        for number in next(iter(of_tone.values())):
            yield from _compared(name, ", ".join(kind), number, of_tone)


def _names(key: str, value: Any) -> bool:
    return key != "tone" and isinstance(value, str)


def _compared(benchmark: str, what: str, number: str, of_tone: Mapping[str, Row]) -> Iterator[dict[str, Any]]:
    """One row, if this number can be called better or worse and enough classes have it."""
    values = {
        tone: float(row[number])
        for tone in _TONES
        if (row := of_tone.get(tone)) and _is_number(row.get(number))
    }
    if len(values) < _LEAST or number not in (*_LARGER, *_SMALLER, *_NOMINAL):
        return
    sign = -1.0 if number in _SMALLER else 1.0
    badness = {
        tone: abs(v - _NOMINAL[number]) if number in _NOMINAL else sign * v for tone, v in values.items()
    }
    worst, best = max(badness, key=lambda tone: badness[tone]), min(badness, key=lambda tone: badness[tone])
    high, low = (values[best], values[worst]) if number in _SMALLER else (values[worst], values[best])
    ratio = None if number in _NOMINAL or low <= 0 else round(high / low, 2)
    order = sorted(values, key=lambda tone: -badness[tone])
    yield {
        "what": f"{benchmark}: {what}",
        "number": number,
        "ratio": ratio,
        "worst_first": ", ".join(f"{tone} {values[tone]:g}" for tone in order),
    }


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
