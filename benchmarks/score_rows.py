"""Scores of rendered photos against their truth, as rows: everybody, then per tone class, worst first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from skinscan.bench.agreement import correlation, rank_correlation
from skinscan.color import ITA_CLASSES
from skinscan.types import Score

__all__ = ["ALL", "Judged", "against_truth", "by_tone", "rounded"]

ALL = "all"
_LEAST = 3  # values a row needs
Row = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One score of one photo beside its truth, in points."""

    tone: str
    truth: float
    score: Score


def by_tone(
    items: Sequence[Any], row: Callable[[str, Sequence[Any]], Row | None], worst: str, sign: float
) -> list[Row]:
    """`row` of all items, then of each class by its column `worst`; sign -1 puts the largest value first."""
    tones = [name for name, _ in ITA_CLASSES]
    each = [row(name, [i for i in items if i.tone == name]) for name in tones]
    found = [r for r in each if r is not None]
    whole = row(ALL, items)
    ordered = sorted(found, key=lambda r: sign * (r[worst] if r[worst] is not None else -1.0))
    return [*([whole] if whole else []), *ordered]


def against_truth(what: str, judged: Sequence[Judged], *, rank: bool = False) -> list[Row]:
    """r or rank correlation, MAE, bias, coverage and width of the 90 % interval, and the share withheld."""

    def row(tone: str, of: Sequence[Judged]) -> Row | None:
        given = [(j.score.value, j.score.low, j.score.high, j.truth) for j in of if j.score.value is not None]
        if len(given) < _LEAST:
            return None
        value, low, high, truth = np.array(given, np.float64).T
        like = rank_correlation(value, truth) if rank else correlation(value, truth)
        return {
            "what": what,
            "tone": tone,
            "n": len(given),
            "rank_r" if rank else "r": rounded(like, 3),
            "mae": rounded(np.abs(value - truth).mean(), 1),
            "bias": rounded((value - truth).mean(), 1),
            "coverage_90": rounded(((low <= truth) & (truth <= high)).mean(), 3),
            "width": rounded(np.median(high - low), 1),
            "withheld": len(of) - len(given),
        }

    return by_tone(judged, row, "mae", -1.0)


def rounded(value: float | None, digits: int) -> float | None:
    """A plain rounded number; None stays None."""
    return None if value is None else round(float(value), digits) + 0.0
