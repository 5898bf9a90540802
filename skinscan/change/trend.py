"""Scans of several dates in, the course of each zone out: all against the first, the last against the worst.

Whether skin came nearer to the first date is asked of the last date and the one that was furthest away: of
their own comparison, or of the difference of both changes, whichever is the more precise for these photos.
"Returned" needs what "no change" needs: photos that would have shown a just-visible rest.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache
from itertools import pairwise
from types import MappingProxyType

from skinscan.change.alignment import Alignments
from skinscan.change.compare import ClaimedArea, compare
from skinscan.change.pair_checks import check_pairs
from skinscan.change.types import Change, Delta, Finding, Recovery, Trend, TrendPoint, ZoneTrend
from skinscan.errors import UsageError
from skinscan.facemesh.zones import SKIN_ZONES
from skinscan.stats import normal_half_width, two_sided_p
from skinscan.types import ChangeVerdict, Scan

__all__ = ["course", "follow"]

_MOST_DATES = 24
_SURE = 0.02  # p of the step since the worst date, times the number of dates that it was chosen from
_HIDDEN = 0.25  # of a change, hidden by another light: +5 EI injected read as 2.4 to 5 [design]
_CAST, _SHADING = 10.0, 20.0  # OD, from where a pair counts as another light
_WORST_FIRST: tuple[Recovery, ...] = ("worsening", "persisting", "improving")


def follow(
    dates: Sequence[Sequence[Scan]],
    area: ClaimedArea | None = None,
    taken_at: Sequence[str] | None = None,
    *,
    identity: bool = True,
) -> Trend:
    """Follow one face over two or more dates, in the order given, one or several scans of each date.

    `dates`: the scans of each date; the first date is what the others are compared with. `area`: as in
    `compare`. `taken_at`: ISO dates or times, one a date and rising; otherwise those of EXIF, if every date
    has one. `identity`: as for `Alignments`. A date that must not be compared, or that may show somebody
    else, is kept with its findings and takes no part.

    Raises UsageError for fewer than two dates, a date without a photo, or dates that are malformed or do not
    rise.
    """
    if len(dates) < 2 or not all(dates):
        raise UsageError(
            "a trend needs photos of two dates or more", "give the photo of the first date first"
        )
    if len(dates) > _MOST_DATES:
        raise UsageError(
            f"a trend takes at most {_MOST_DATES} dates", "leave some out between first and last"
        )
    times, days = _times(dates, taken_at)
    alignments = Alignments(identity=identity)
    points = [TrendPoint(taken_at=times[0], day=days[0], photos=tuple(dates[0]), change=None, findings=())]
    for number in range(1, len(dates)):
        change = compare(dates[0], dates[number], area, alignments=alignments)
        more: tuple[Finding, ...] = ()
        if number > 1:
            more = check_pairs(dates[number - 1], dates[number], alignments, allow_copies=False)
        findings = _merged(change.findings, more)
        points.append(
            TrendPoint(
                taken_at=times[number],
                day=days[number],
                photos=tuple(dates[number]),
                change=change,
                findings=findings,
            )
        )
    changes = [point.change if point.usable else None for point in points[1:]]

    @cache
    def since(number: int) -> Change:
        return compare(dates[number], dates[-1], area, alignments=alignments)

    def hidden(number: int) -> float:
        return _hidden(since(number))

    def of_zone(zone: str) -> ZoneTrend:
        deltas = [_of_zone(change, zone) for change in changes]
        return course(deltas, lambda k: _of_zone(since(k), zone), hidden)

    zones = {zone: found for zone in SKIN_ZONES if any((found := of_zone(zone)).deltas)}
    name = next((change.area_name for change in changes if change), None)
    claimed = course([_of_area(c) for c in changes], lambda k: _of_area(since(k)), hidden) if name else None
    return Trend(
        status="ok" if any(changes) else "refused",
        points=tuple(points),
        recovery=claimed.recovery if claimed else _overall(zones, changes),
        area_name=name,
        area=claimed,
        zones=MappingProxyType(zones),
        run=dates[0][0].run,
    )


def course(
    deltas: Sequence[Delta | None],
    since: Callable[[int], Delta | None],
    hidden: Callable[[int], float] = lambda number: 0.0,
) -> ZoneTrend:
    """Judge one series of differences from the first date; `since(k)` is the last date minus date k.

    `hidden(k)`: sigma of the part of a change, 0..1, that the lights of date k and the last may hide.

    Directions are those away from the first date: skin that turned paler and comes back improves as well.
    """
    last = deltas[-1]
    found = [k for k, delta in enumerate(deltas[:-1]) if _moved(delta)]
    if not found:
        recovery: Recovery = "worsening" if _moved(last) else "inconclusive"
        if (
            last
            and last.verdict == "no_change"
            and all(d is None or d.verdict == "no_change" for d in deltas)
        ):
            recovery = "no_change"
        return ZoneTrend(deltas=tuple(deltas), recovery=recovery, peak=None, step=None)
    number = max(found, key=lambda k: abs(_size(deltas[k])))
    worst = deltas[number]
    if last is None or worst is None:
        return ZoneTrend(deltas=tuple(deltas), recovery="inconclusive", peak=number + 1, step=None)
    direct, indirect = since(number + 1), _difference(worst, last)
    step = direct if direct and _width(direct) <= _width(indirect) else indirect
    step = _tested(_widened(step, hidden(number + 1) * abs(worst.delta)), len(found))
    recovery = _judge(worst.delta, last, step)
    return ZoneTrend(deltas=tuple(deltas), recovery=recovery, peak=number + 1, step=step)


def _judge(away: float, last: Delta, step: Delta) -> Recovery:
    """What the last date says after a change of `away` EI at the worst date."""
    if last.verdict == "no_change":
        return "returned"
    if _moved(step):
        return "improving" if step.delta * away < 0 else "worsening"
    return "persisting" if _moved(last) and last.delta * away > 0 else "inconclusive"


def _width(delta: Delta) -> float:
    return delta.high - delta.low


def _difference(worst: Delta, last: Delta) -> Delta:
    """Last minus worst by way of the first date. Its errors are in both, so adding variances is careful."""
    value = last.delta - worst.delta
    reach = math.hypot(_width(last), _width(worst)) / 2
    return replace(
        last, delta=round(value, 2), low=round(value - reach, 2), high=round(value + reach, 2),
        sdc=round(math.hypot(last.sdc, worst.sdc), 2), n_pixels=min(last.n_pixels, worst.n_pixels),
    )  # fmt: skip


def _hidden(change: Change) -> float:
    """More the more the two lights differ; all of it where the photos must not be compared."""
    if change.noise is None:
        return _HIDDEN
    return _HIDDEN * min(1.0, math.hypot(change.noise.cast / _CAST, change.noise.shading / _SHADING))


def _widened(step: Delta, sigma: float) -> Delta:
    reach = math.hypot(_width(step) / 2, normal_half_width(0.90) * sigma)
    return replace(step, low=round(step.delta - reach, 2), high=round(step.delta + reach, 2))


def _tested(step: Delta, choices: int) -> Delta:
    """The step with its own p, not shared over zones but times the dates that the worst was chosen from."""
    sigma = _width(step) / 2 / normal_half_width(0.90)  # with what cameras stretch, as the interval has it
    p = min(choices * two_sided_p(step.delta / max(sigma, 1e-6)), 1.0)
    moved: ChangeVerdict = "increase" if step.delta > 0 else "decrease"
    return replace(step, p=round(p, 6), verdict=moved if p < _SURE else "inconclusive")


def _moved(delta: Delta | None) -> bool:
    return delta is not None and delta.verdict in ("increase", "decrease")


def _size(delta: Delta | None) -> float:
    return delta.delta if delta else 0.0


def _of_zone(change: Change | None, zone: str) -> Delta | None:
    found = change.zones.get(zone) if change else None
    return found.erythema_index if found else None


def _of_area(change: Change | None) -> Delta | None:
    return change.area.erythema_index if change and change.area else None


def _overall(zones: Mapping[str, ZoneTrend], changes: Sequence[Change | None]) -> Recovery:
    """The worst that any zone says; good news only if all the skin of the last date says so."""
    said = {zone.recovery for zone in zones.values()}
    for recovery in _WORST_FIRST:
        if recovery in said:
            return recovery
    if changes[-1] is None or changes[-1].verdict != "no_change":
        return "inconclusive"
    if any(zone.peak is not None for zone in zones.values()):
        return "returned"
    return "no_change" if all(c is None or c.verdict == "no_change" for c in changes) else "inconclusive"


def _merged(findings: tuple[Finding, ...], more: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Findings against the first date, and those against the previous one that add a code."""
    known = {finding.code: finding for finding in findings}
    for finding in more:
        if finding.code not in known or finding.refuses > known[finding.code].refuses:
            known[finding.code] = finding
    return tuple(sorted(known.values(), key=lambda finding: not finding.refuses))


def _times(
    dates: Sequence[Sequence[Scan]], taken_at: Sequence[str] | None
) -> tuple[list[str | None], list[float | None]]:
    """Time of each date as text, and days since the first where all are known."""
    if taken_at is None:
        own = [side[0].photo.capture.taken_at for side in dates]
        times = [datetime.fromisoformat(text) if text else None for text in own]
    elif len(taken_at) != len(dates):
        raise UsageError(f"{len(taken_at)} dates were given for photos of {len(dates)}", "give one a photo")
    else:
        times = [_parsed(text) for text in taken_at]
        known = [time for time in times if time]
        if any(later <= earlier for earlier, later in pairwise(known)):
            raise UsageError("the dates do not rise", "give photos and dates from the first to the last")
    texts = [_text(time) for time in times]
    first = times[0]
    if first is None or None in times:
        return texts, [None] * len(texts)
    return texts, [round((time - first).total_seconds() / 86400, 2) for time in times if time]


def _text(time: datetime | None) -> str | None:
    """ISO 8601, without a time of day where it is midnight: nobody said so."""
    if time is None:
        return None
    return time.isoformat() if time.time() != datetime.min.time() else time.date().isoformat()


def _parsed(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text.strip()).replace(tzinfo=None)
    except ValueError:
        raise UsageError(f"{text!r} is no date", "write it as 2026-03-01 or 2026-03-01T09:30") from None
