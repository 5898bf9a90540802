"""A series of dates as text for a terminal or a pipe, in Chinese or English."""

from __future__ import annotations

from rich.console import RenderableType
from rich.text import Text

from skinscan.change.types import Delta, Trend, ZoneTrend
from skinscan.output.terminal.change import doubt_line
from skinscan.output.terminal.layout import fact_grid, heading, indented, plain_table, remark, render
from skinscan.texts.bilingual import Language, Texts

__all__ = ["summarise_trend"]

_MARK = {"increase": "▲", "decrease": "▼", "no_change": "=", "inconclusive": ""}
_NAME, _WIDE, _NARROW, _COURSE = 17, 14, 9, 12  # columns of the table's parts at most
_Facts = list[tuple[str, str]]


def summarise_trend(trend: Trend, language: Language, width: int = 80, color: bool = False) -> str:
    """The course first, then each zone at each date, then doubts by date.

    `trend`: of one face over its dates. `language`: "zh" or "en". `width`: columns of the text, at most 120
    are used. `color`: whether ANSI colours are written.
    """
    texts = Texts(language)
    parts: list[RenderableType] = [fact_grid(_head(trend, texts))]
    if trend.status == "ok":
        table, left_out = _zones(trend, texts, width)
        parts += [heading(texts["series of"]), indented(table), remark(texts["trend note"])]
        if left_out:
            parts.append(remark(texts("dates left out", left_out)))
    found = [
        (
            texts.date(number, point.day),
            doubt_line(f, texts),
        )
        for number, point in enumerate(trend.points)
        for f in point.findings
    ]
    if found:
        parts += ["", fact_grid(found)]
    parts += ["", Text(texts["change closing"], "dim")]
    return render(parts, width, color)


def _head(trend: Trend, texts: Texts) -> _Facts:
    names = [texts.join(scan.photo.name for scan in point.photos) for point in trend.points]
    rows = [
        (texts["dates"].capitalize(), texts("series title", len(names))),
        ("", " -> ".join(names)),
    ]
    if trend.status == "refused":
        return [*rows, (texts["course"].capitalize(), texts["refused"])]
    where = texts.area(trend.area_name) if trend.area_name else texts["all skin"]
    rows.append((texts["course"].capitalize(), texts("verdict is", texts[f"{trend.recovery} course"], where)))
    if trend.area and trend.area.step and trend.area.peak is not None:
        step, worst = trend.area.step, texts.date(trend.area.peak, trend.points[trend.area.peak].day)
        rows.append(("", texts("step is", worst, step.delta, step.low, step.high)))
    return rows


def _zones(trend: Trend, texts: Texts, width: int) -> tuple[RenderableType, int]:
    """The table, and how many dates in the middle it has no room for."""
    count = len(trend.points) - 1
    room = width - _NAME - _COURSE - 2
    wide = room >= _WIDE * count
    shown = count if wide else min(count, max(room // _NARROW, 1))
    numbers = range(count - shown, count)
    heads = [texts.date(number + 1, trend.points[number + 1].day) for number in numbers]
    table = plain_table(texts["zone"], *heads, texts["course"], right=heads)
    rows = [(texts[name], zone) for name, zone in trend.zones.items()]
    if trend.area:
        rows.insert(0, (texts["claimed"], trend.area))
    for name, zone in rows:
        cells = [_cell(zone.deltas[number], wide) for number in numbers]
        table.add_row(name, *cells, _course(zone, texts))
    return table, count - shown


def _course(zone: ZoneTrend, texts: Texts) -> str:
    return "" if zone.recovery == "inconclusive" else texts[zone.recovery]


def _cell(delta: Delta | None, wide: bool) -> str:
    if delta is None:
        return "-"
    spread = f" ±{(delta.high - delta.low) / 2:.1f}" if wide else ""
    return f"{delta.delta:+.1f}{spread} {_MARK[delta.verdict] or ' '}"
