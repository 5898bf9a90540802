"""A comparison as one strip: before, after laid on it, the change between, and each zone with its interval.

The after-photo is moved, turned and scaled as a whole so that the faces lie alike: no pixel is invented or
recoloured. Colour stands only where the change is clear of chance; the rest of the skin stays grey.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw

from skinscan.change_types import Change, Delta
from skinscan.overlay import DIVERGING, blend, font, hatch, save_png, soft
from skinscan.regions import smooth_change
from skinscan.types import RgbPixels
from skinscan.view import View, look
from skinscan.words import Words

__all__ = ["draw_change", "paint_change", "save_change_overlay"]

_AROUND = (0.14, 0.24, 0.14, 0.10)  # margins about the mesh, as in overlay.py
_HEIGHT, _MOST_WIDTH = 640, 560  # px of a panel
_EDGE, _GAP, _TITLE, _LEGEND = 28, 20, 84, 76
_ROW, _NAMES, _PLOT = 26, 130, 360  # px of the zone chart
_TEXT, _SMALL, _LARGE = 19, 15, 26
_SPAN = 9.0  # EI either side, as in overlay.py
_VISIBLE = 1.8  # EI: just visible
_CLEAR = 0.5  # of the limit of chance: from here colour sets in
_INK, _FAINT, _PAPER = (33, 37, 41), (108, 115, 122), (255, 255, 255)
_BAND, _LINE = (236, 239, 242), (255, 221, 51)
_COLOUR = {"increase": (178, 24, 43), "decrease": (33, 102, 172), "no_change": (40, 120, 70)}


def draw_change(change: Change) -> RgbPixels:
    """Draw a comparison: (H, W, 3) uint8 sRGB. ValueError for one that was refused."""
    if change.maps is None:
        raise ValueError("a refused comparison has no picture")
    before = change.before[0]
    view = look(before.photo, before.face, _AROUND, (_MOST_WIDTH, _HEIGHT))
    panels = [view.photo, _after(change, view), paint_change(change, view)]
    height, width = view.photo.shape[:2]
    chart = _chart(change, height)
    lefts = [_EDGE + k * (width + _GAP) for k in range(4)]
    page = Image.new("RGB", (lefts[3] + chart.width + _EDGE, _TITLE + height + _LEGEND), _PAPER)
    for panel, left in zip(panels, lefts, strict=False):
        page.paste(Image.fromarray(panel), (left, _TITLE))
    page.paste(chart, (lefts[3], _TITLE))
    pen, words = ImageDraw.Draw(page), Words("en")
    where = change.area_name or words["all skin"]
    pen.text(
        (_EDGE, 14), f"{words[f'{change.verdict} verdict']} ({where})", _colour(change.verdict), font(_LARGE)
    )
    titles = ("Before", "After, laid on before", "Change of redness", "Zones against untouched skin, EI")
    for title, left in zip(titles, lefts, strict=True):
        pen.text((left, _TITLE - 28), title, _INK, font(_TEXT))
    _scale(page, lefts[2], _TITLE + height + 10)
    pen.text((_EDGE, _TITLE + height + 10), _caption(change), _FAINT, font(_SMALL))
    return np.asarray(page)


def save_change_overlay(change: Change, path: Path) -> None:
    """Write the strip as PNG. Raises UsageError when the path cannot be written."""
    save_png(draw_change(change), path)


def _colour(verdict: str) -> tuple[int, int, int]:
    return _COLOUR.get(verdict, _FAINT)


def _after(change: Change, view: View) -> RgbPixels:
    """The after-photo by the similarity that lays its face on the before-photo's."""
    height, width = view.photo.shape[:2]
    points = change.after[0].face.landmarks[:468, :2].astype(np.float32)
    move, _ = cv2.estimateAffinePartial2D(points, view.points.astype(np.float32), method=cv2.LMEDS)
    shrink = float(np.hypot(*move[0, :2]))
    pixels = change.after[0].photo.pixels
    if shrink < 1:  # average before sampling, or pores alias
        pixels = cv2.GaussianBlur(pixels, (0, 0), 0.5 / shrink)
    out: RgbPixels = cv2.warpAffine(
        pixels,
        move,
        (width, height),
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=_PAPER,
    )
    return out


def paint_change(change: Change, view: View) -> RgbPixels:
    """Paint the change on the greyed photo: colour where clear of chance, areas outlined, rest hatched."""
    assert change.maps is not None
    maps = change.maps
    grey = cv2.cvtColor(cv2.cvtColor(view.photo, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    smooth = smooth_change(maps.erythema, maps.valid)
    limits = [zone.peak_sdc for zone in change.zones.values()]
    limit = float(np.median(limits)) if limits else _SPAN
    clear = np.clip((np.abs(smooth) / limit - _CLEAR) / (1 - _CLEAR), 0, 1)
    share = view.carry(smooth) / (2 * _SPAN) + 0.5
    painted = blend(DIVERGING)[np.clip(share * 255, 0, 255).astype(np.uint8)]
    inside = np.clip((view.carry(soft(maps.valid)) - 0.5) * 4 + 0.5, 0, 1)
    opacity = (0.85 * inside * view.carry(clear.astype(np.float32)))[..., None]
    hatched = hatch(grey, (view.column >= 0) & (inside < 0.5))
    panel: RgbPixels = (painted * opacity + hatched * (1 - opacity)).round().astype(np.uint8)
    outline, _ = cv2.findContours(
        (view.carry(soft(maps.affected)) > 0.5).astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE
    )
    cv2.polylines(panel, outline, True, _INK, 3, cv2.LINE_AA)
    cv2.polylines(panel, outline, True, _LINE, 1, cv2.LINE_AA)
    return panel


def _chart(change: Change, height: int) -> Image.Image:
    """One row per zone: its change as a dot, its interval as a line, the just-visible band in grey."""
    chart = Image.new("RGB", (_NAMES + _PLOT, height), _PAPER)
    pen, words = ImageDraw.Draw(chart), Words("en")
    rows = [(words[name], zone.erythema_index) for name, zone in change.zones.items()]
    if change.area:
        rows.insert(0, (f"claimed: {change.area_name}"[:18], change.area.erythema_index))
    bottom = 14 + _ROW * len(rows)
    pen.rectangle((_at(-_VISIBLE), 0, _at(_VISIBLE), bottom), _BAND)
    for tick in (-9, -6, -3, 0, 3, 6, 9):
        pen.line((_at(tick), 0, _at(tick), bottom), _FAINT if tick == 0 else _BAND)
        pen.text((_at(tick), bottom + 4), f"{tick:+d}" if tick else "0", _INK, font(_SMALL), anchor="ma")
    for number, (name, delta) in enumerate(rows):
        _draw_row(pen, 14 + _ROW * number, name, delta)
    notes = (
        "dot: change; line: 90 % interval",
        "grey band: less than just visible (1.8 EI)",
        "right of 0: redder after",
    )
    for number, note in enumerate(notes):
        pen.text((_NAMES, bottom + 30 + 20 * number), note, _FAINT, font(_SMALL))
    return chart


def _draw_row(pen: ImageDraw.ImageDraw, y: int, name: str, delta: Delta) -> None:
    colour = _colour(delta.verdict)
    pen.text((_NAMES - 12, y), name, _INK, font(_SMALL), anchor="rm")
    pen.line((_at(delta.low), y, _at(delta.high), y), colour, 3)
    x = _at(delta.delta)
    pen.ellipse((x - 5, y - 5, x + 5, y + 5), colour)


def _at(value: float) -> int:
    """Column of a change in EI; beyond the span at its end."""
    share = (min(max(value, -_SPAN), _SPAN) + _SPAN) / (2 * _SPAN)
    return _NAMES + 8 + round(share * (_PLOT - 24))


def _scale(page: Image.Image, left: int, top: int) -> None:
    width, height, pen = 300, 12, ImageDraw.Draw(page)
    strip = blend(DIVERGING)[np.linspace(0, 255, width).astype(int)][None].repeat(height, axis=0)
    page.paste(Image.fromarray(strip), (left, top))
    for tick, x in zip(("-9", "0", "+9"), (left, left + width // 2, left + width - 1), strict=True):
        pen.text((x, top + height + 4), tick, _INK, font(_SMALL), anchor="ma")
    pen.text((left, top + 36), "EI; grey: within chance; hatched: not measured", _FAINT, font(_SMALL))


def _caption(change: Change) -> str:
    photos = [scan.photo.sha256[:12] for scan in (change.before[0], change.after[0])]
    return f"skinscan {change.run.version}; before {photos[0]}, after {photos[1]}"
