"""A series of dates as one sheet: every photo aligned, its change map under it, the course of each zone.

Made as change.py makes a comparison, and as wide.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from skinscan.change.types import Delta, Recovery, Trend, TrendPoint, ZoneTrend
from skinscan.output.phrases import finding_phrase
from skinscan.output.pictures.canvas import (
    BAND,
    COLOR,
    EDGE,
    EI_SPAN,
    FAINT,
    INK,
    LARGE,
    PAPER,
    SMALL,
    TEXT,
    WIDTH,
    save_png,
    write,
)
from skinscan.output.pictures.change import laid_on, open_view, paint_change, scale_of_change
from skinscan.output.pictures.fonts import typeface
from skinscan.texts.bilingual import Language, Texts
from skinscan.types import JUST_VISIBLE, RgbPixels

__all__ = ["draw_trend", "save_trend_overlay"]

_GAP = 18
_TALL = 4  # dates that have a row of their own; of more, two share one
_CELL, _CELL_HEIGHT = (WIDTH - 2 * EDGE - _GAP) // 2, 210  # px of one zone's chart
_TONE: dict[Recovery, tuple[int, int, int]] = {
    "returned": COLOR["no_change"],
    "no_change": COLOR["no_change"],
    "improving": INK,
    "persisting": COLOR["increase"],
    "worsening": COLOR["increase"],
    "inconclusive": FAINT,
}


def draw_trend(trend: Trend, language: Language = "en") -> RgbPixels:
    """Draw a series: (H, 1080, 3) uint8 sRGB. ValueError for one that was refused."""
    if trend.status == "refused":
        raise ValueError("a refused series has no picture")
    texts = Texts(language)
    page = Image.new("RGB", (WIDTH, 3200 + 900 * (len(trend.points) + 1)), PAPER)
    pen = ImageDraw.Draw(page)
    y = write(pen, EDGE, EDGE, texts[f"{trend.recovery} course"], LARGE, _TONE[trend.recovery])
    where = texts.area(trend.area_name) if trend.area_name else texts["all skin"]
    y = write(pen, EDGE, y, f"{where}{texts[': ']}{texts('series title', len(trend.points))}", TEXT, INK)
    y = _photos(page, trend, texts, y + 14)
    y = _charts(page, trend, texts, y)
    for number, point in enumerate(trend.points):
        for f in point.findings:
            text = finding_phrase(f, texts)
            y = write(pen, EDGE, y, f"{texts.date(number, point.day)}{texts[': ']}{text}", TEXT, INK)
    y = write(pen, EDGE, y, texts["change closing"], SMALL, FAINT)
    hashes = ", ".join(point.photos[0].photo.sha256[:12] for point in trend.points)
    y = write(pen, EDGE, y, f"skinscan {trend.run.version}; SHA-256 {hashes}", SMALL, FAINT)
    return np.asarray(page.crop((0, 0, WIDTH, y + EDGE)))


def save_trend_overlay(trend: Trend, path: Path, language: Language = "en") -> None:
    """Write the sheet as PNG. Raises UsageError when the path cannot be written."""
    save_png(draw_trend(trend, language), path)


def _photos(page: Image.Image, trend: Trend, texts: Texts, top: int) -> int:
    """Each date as a photo with its change map beside it; the colours are explained beside the first.

    A date that cannot be compared says so there, so that no place is left blank.
    """
    columns = 1 if len(trend.points) <= _TALL else 2
    width = (WIDTH - 2 * EDGE - (2 * columns - 1) * _GAP) // (2 * columns)
    first = trend.points[0].photos[0]
    view, pen = open_view(first, width), ImageDraw.Draw(page)
    for start in range(0, len(trend.points), columns):
        bottom = top
        for place, point in enumerate(trend.points[start : start + columns]):
            left = EDGE + place * 2 * (width + _GAP)
            right = left + width + _GAP
            y = write(pen, left, top, texts.date(start + place, point.day), TEXT, INK, width)
            y = write(pen, left, y, _source(point), SMALL, FAINT, width) + 4
            shown = view.photo if point.change is None else laid_on(first, point.photos[0], view)
            page.paste(Image.fromarray(shown), (left, y))
            below = y + view.photo.shape[0]
            if point.change is None:
                below = max(below, scale_of_change(page, right, y, texts, width))
            elif point.usable and point.change.maps:
                page.paste(Image.fromarray(paint_change(point.change, view)), (right, y))
            else:
                below = max(below, _why_not(pen, point, texts, (right, y), width))
            bottom = max(bottom, below)
        top = bottom + 16
    return top


def _why_not(
    pen: ImageDraw.ImageDraw, point: TrendPoint, texts: Texts, at: tuple[int, int], width: int
) -> int:
    """Why a date is not compared, in place of its map; returns the y below.

    `pen`: of the picture. `point`: the date. `texts`: in the reader's language. `at`: upper left corner, px.
    `width`: of the lines, px.
    """
    y = write(pen, *at, texts["date not compared"], SMALL, INK, width)
    for finding in point.findings:
        y = write(pen, at[0], y, finding_phrase(finding, texts), SMALL, FAINT, width)
    return y


def _source(point: TrendPoint) -> str:
    return (point.taken_at or point.photos[0].photo.name).replace("T", " ")


def _charts(page: Image.Image, trend: Trend, texts: Texts, top: int) -> int:
    """Small charts in two columns, the claimed area first; returns the y below."""
    pen = ImageDraw.Draw(page)
    top = write(pen, EDGE, top, texts["series of"], TEXT, INK)
    top = write(pen, EDGE, top, f"{texts['against is']}; {texts('band is', JUST_VISIBLE)}", SMALL, FAINT) + 8
    rows = [(texts[name], zone) for name, zone in trend.zones.items()]
    if trend.area:
        rows.insert(0, (texts["claimed"], trend.area))
    for number, (name, zone) in enumerate(rows):
        left = EDGE + (number % 2) * (_CELL + _GAP)
        page.paste(_chart(trend, name, zone, texts), (left, top + number // 2 * (_CELL_HEIGHT + 12)))
    return top + (len(rows) + 1) // 2 * (_CELL_HEIGHT + 12)


def _chart(trend: Trend, name: str, zone: ZoneTrend, texts: Texts) -> Image.Image:
    """One zone: dots with their intervals over days, or over dates where days are unknown."""
    cell = Image.new("RGB", (_CELL, _CELL_HEIGHT), PAPER)
    pen = ImageDraw.Draw(cell)
    pen.text((0, 4), name, INK, typeface(SMALL))
    pen.text((_CELL - 4, 4), texts[zone.recovery], _TONE[zone.recovery], typeface(SMALL), anchor="ra")
    left, right, upper, lower = 44, _CELL - 24, 44, _CELL_HEIGHT - 36
    reach = max(EI_SPAN, *(max(abs(d.low), abs(d.high)) for d in zone.deltas if d))

    def at(value: float) -> float:
        return (upper + lower) / 2 - value / reach * (lower - upper) / 2

    pen.rectangle((left, at(JUST_VISIBLE), right, at(-JUST_VISIBLE)), BAND)
    for tick in (-6, 0, 6):
        pen.line((left, at(tick), right, at(tick)), FAINT if tick == 0 else BAND, 2)
        pen.text((left - 8, at(tick)), f"{tick:+d}" if tick else "0", FAINT, typeface(SMALL), anchor="rm")
    columns = _columns(trend.points, left + 14, right - 14)
    labelled = -1e9
    for number, x in enumerate(columns):
        label = _label(trend.points, number)
        half = typeface(SMALL).getlength(label) / 2
        if x - half > labelled + 6:
            pen.text((x, lower + 6), label, FAINT, typeface(SMALL), anchor="ma")
            labelled = x + half
    spots: list[tuple[float, Delta | None]] = list(zip(columns[1:], zone.deltas, strict=True))
    seen = [(columns[0], at(0)), *((x, at(d.delta)) for x, d in spots if d)]
    pen.line(seen, FAINT, 2)
    pen.ellipse((columns[0] - 6, at(0) - 6, columns[0] + 6, at(0) + 6), PAPER, INK, 2)
    for x, delta in spots:
        if delta:
            color = COLOR[delta.verdict]
            pen.line((x, at(delta.low), x, at(delta.high)), color, 4)
            pen.ellipse((x - 7, at(delta.delta) - 7, x + 7, at(delta.delta) + 7), color)
    return cell


def _columns(points: tuple[TrendPoint, ...], left: float, right: float) -> list[float]:
    """Where each date stands: by its day, or evenly."""
    days = [number if point.day is None else point.day for number, point in enumerate(points)]
    first, last = min(days), max(days)
    if last <= first:
        days, first, last = [*range(len(points))], 0, len(points) - 1
    return [left + (day - first) / (last - first) * (right - left) for day in days]


def _label(points: tuple[TrendPoint, ...], number: int) -> str:
    day = points[number].day
    return f"{number + 1}" if day is None else f"{day:g}"
