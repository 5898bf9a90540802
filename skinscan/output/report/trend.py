"""The report of a series of dates: its course, every date laid on the first, each zone over time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from skinscan.change.types import Delta, Trend, TrendPoint, ZoneTrend
from skinscan.facemesh.zones import SKIN_ZONES
from skinscan.output.report.change import Pair, show_pair
from skinscan.output.report.page import Page, make_page
from skinscan.output.report.parts import Gap, origin, photo_gaps, retake, shell, used
from skinscan.output.report.pictures import Picture, draw_worn
from skinscan.runtime.interpreter_exit import computing
from skinscan.texts.bilingual import Language, Texts, capital
from skinscan.types import Scan

__all__ = ["report_trend"]

_SPAN = 9.0  # EI of a zone's chart, at least


@dataclass(frozen=True, slots=True, kw_only=True)
class _Date:
    """One date as it is shown."""

    number: int  # 0 is the first
    point: TrendPoint
    picture: Picture
    pair: Pair | None  # with the first date; none of that one, or where none is compared


@dataclass(frozen=True, slots=True, kw_only=True)
class _Spot:
    """A date in the chart of a zone."""

    at: float  # % of the width
    number: int  # of the date
    delta: Delta


@computing()
def report_trend(trend: Trend, first: Language = "zh", *, replay: Sequence[str] = ()) -> Page:
    """A face over several dates: the course, the photos, each zone over time. "trend.html".

    `replay`: words of the command that made it, if it is not the plain one.
    """
    dates = [_date(number, point) for number, point in enumerate(trend.points)]
    command = shell(*(replay or _command(trend)))

    def values(t: Texts) -> Mapping[str, Any]:
        return {
            "trend": trend,
            "dates": dates,
            "scale": next((date.pair.scale for date in dates if date.pair), None),
            "named": lambda number: t.date(number, trend.points[number].day),
            "claimed": t.area(trend.area_name) if trend.area_name else "",
            "charts": _charts(trend, t),
            "gaps": _gaps(trend, t),
            "retake": retake(_photos(trend), t),
            "origin": origin(trend.run, [used("photo", scan) for scan in _photos(trend)], command),
        }

    return make_page("trend", values, first)


def _date(number: int, point: TrendPoint) -> _Date:
    """A date that is compared is laid on the first; another stands as it is."""
    pair = show_pair(point.change) if point.usable and point.change else None
    picture = pair.after if pair else draw_worn(point.photos[0])
    return _Date(number=number, point=point, picture=picture, pair=pair)


def _charts(trend: Trend, t: Texts) -> list[dict[str, Any]]:
    """Zones over time, the claimed area first: name, course, and a spot for each date that has a value."""
    rows: list[tuple[str, ZoneTrend]] = [(t(name), zone) for name, zone in trend.zones.items()]
    if trend.area:
        rows.insert(0, (t("claimed"), trend.area))
    places = _places(trend)
    charts = []
    for name, zone in rows:
        spots = [
            _Spot(at=places[number], number=number, delta=delta)
            for number, delta in enumerate(zone.deltas, 1)
            if delta
        ]
        ends = [abs(end) for spot in spots for end in (spot.delta.low, spot.delta.high)]
        charts.append(
            {
                "name": capital(name),
                "zone": zone,
                "spots": spots,
                "span": max(_SPAN, *ends) if ends else _SPAN,
                "first": places[0],
            }
        )
    return charts


def _places(trend: Trend) -> list[float]:
    """Where each date stands, % of the width: by its day, or evenly."""
    days = [number if point.day is None else point.day for number, point in enumerate(trend.points)]
    if max(days) <= min(days):
        days = list(range(len(days)))
    return [4 + 92 * (day - min(days)) / (max(days) - min(days)) for day in days]


def _gaps(trend: Trend, t: Texts) -> list[Gap]:
    """Dates that are not compared, checks that photos failed, zones without a value at any date."""
    gaps = [gap for scan in _photos(trend) for gap in photo_gaps(scan, t, scan.photo.name)]
    absent = [t(name) for name in SKIN_ZONES if name not in trend.zones]
    if trend.status == "ok" and absent:
        gaps.append(Gap(what=capital(t.join(absent)), why=t("zone hidden")))
    return gaps


def _photos(trend: Trend) -> list[Scan]:
    return [scan for point in trend.points for scan in point.photos]


def _command(trend: Trend) -> list[str]:
    """Words of `skinscan trend`; dates as they were told or read."""
    shots = [(scan.photo.name, point.taken_at) for point in trend.points for scan in point.photos]
    told = [taken for _, taken in shots if taken]
    dates = ["--dates", ",".join(told)] if len(told) == len(shots) else []
    area = ["--area", trend.area_name] if trend.area_name else []
    return ["trend", *(name for name, _ in shots), *dates, *area]
