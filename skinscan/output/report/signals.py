"""The page of early warning."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from skinscan.output.phrases import ratio_phrase
from skinscan.output.report.page import Page, make_page
from skinscan.signals.types import Signal, Signals
from skinscan.texts.bilingual import Language, Texts

__all__ = ["report_signals"]

_OTHERS = 50  # of those that are not flagged, and of ingredients


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bar:
    """One week in a drawing; lengths are % of it, downwards."""

    left: float
    width: float
    claims: float
    reactions: float
    first: bool  # the week of the first warning


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    signal: Signal
    times: str
    bars: tuple[_Bar, ...]
    words: str


def report_signals(found: Signals, first: Language = "zh") -> Page:
    """What is flagged, with its course and whom to tell; then all others. "signals.html".

    `found`: of all verdicts. `first`: the language that the page opens in.
    """
    others = [signal for signal in found.signals if not signal.flagged]

    def values(t: Texts) -> Mapping[str, Any]:
        return {
            "found": found,
            "flagged": _rows(found.flagged, found, t),
            "others": _rows(others[:_OTHERS], found, t),
            "ingredients": [(row, ratio_phrase(row.counts.prr, t)) for row in found.ingredients[:_OTHERS]],
        }

    return make_page("signals", values, first)


def _rows(signals: Sequence[Signal], found: Signals, t: Texts) -> list[_Row]:
    return [
        _Row(
            signal=signal,
            times=ratio_phrase(signal.rate_ratio or signal.counts.prr, t),
            bars=_bars(signal, found),
            words=t(
                "by week words", signal.name, len(signal.weeks), signal.counts.reactions,
                signal.counts.claims, max(week.reactions for week in signal.weeks),
            ),
        )
        for signal in signals
    ]  # fmt: skip


def _bars(signal: Signal, found: Signals) -> tuple[_Bar, ...]:
    """Its weeks on the time of all claims."""
    assert found.first  # there is a signal, so there are claims
    assert found.last
    start = _monday(found.first)
    weeks = (_monday(found.last) - start).days // 7 + 1
    most = max(week.claims for week in signal.weeks)
    return tuple(
        _Bar(
            left=round(100 * ((week.monday - start).days // 7) / weeks, 3),
            width=round(90 / weeks, 3),
            claims=round(100 * week.claims / most, 2),
            reactions=round(100 * week.reactions / most, 2),
            first=signal.first_flagged is not None and week.monday == _monday(signal.first_flagged),
        )
        for week in signal.weeks
    )


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
