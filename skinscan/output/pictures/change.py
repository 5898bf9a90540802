"""A comparison as one sheet: verdict, both photos aligned, where redness changed, each zone's interval.

As wide as a phone's screen, so that its text can be read there. The after-photo is moved, turned and scaled
as a whole so that the faces lie alike: no pixel is invented or recoloured. Colour stands only where the
change is clear of chance; other skin stays grey, and what was not measured is hatched.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw

from skinscan.change.affected_areas import smooth_change
from skinscan.change.types import Change, Delta
from skinscan.facemesh.canonical_face import load_canonical
from skinscan.facemesh.face_crop import FaceCrop, crop_face
from skinscan.facemesh.zones import SKIN_ZONES, ZONE_GAP
from skinscan.output.phrases import bound_phrase, difference_phrase, finding_phrase, verdict_phrase
from skinscan.output.pictures.canvas import (
    BAND,
    COLOR,
    DIVERGING,
    EDGE,
    EI_SPAN,
    FAINT,
    INK,
    LARGE,
    OUTLINE,
    PAPER,
    SMALL,
    TEXT,
    WIDTH,
    blend,
    hatch,
    save_png,
    soft,
    write,
)
from skinscan.output.pictures.eyes import COVER, cover_eyes, hidden_parts
from skinscan.output.pictures.fonts import typeface
from skinscan.texts.bilingual import Language, Texts, capital
from skinscan.types import JUST_VISIBLE, ChangeVerdict, FloatMap, RgbPixels, Scan

__all__ = [
    "draw_change",
    "laid_on",
    "open_view",
    "paint_change",
    "save_change_overlay",
    "scale_of_change",
]

_PANEL = (WIDTH - 3 * EDGE) // 2

_AROUND = (0.14, 0.24, 0.14, 0.10)  # margins about the mesh, shares of its width and height
_TALLEST = 640  # px of a panel
_NAMES, _VALUES, _ROW = 172, 92, 46  # px of the chart
_SPECK = 40.0  # px^2 of an outline that is too small to see
_CLEAR = 0.5  # of the limit of chance: from here, two sigmas, colour sets in
_MARK = {"increase": "▲", "decrease": "▼", "no_change": "=", "inconclusive": ""}


def draw_change(change: Change, language: Language = "en") -> RgbPixels:
    """Draw a comparison: (H, 1080, 3) uint8 sRGB. ValueError for one that was refused."""
    if change.maps is None:
        raise ValueError("a refused comparison has no picture")
    texts, first, second = Texts(language), change.before[0], change.after[0]
    view = open_view(first, _PANEL)
    height = view.photo.shape[0]
    page = Image.new("RGB", (WIDTH, 2 * height + 2400), PAPER)
    pen = ImageDraw.Draw(page)
    y = write(pen, EDGE, EDGE, verdict_phrase(change, texts), LARGE, COLOR[change.verdict])
    for line in _facts(change, texts):
        y = write(pen, EDGE, y, line, TEXT, INK)
    right = 2 * EDGE + _PANEL
    bottom = y
    for left, title, scan, photo in (
        (EDGE, "strip before", first, view.photo),
        (right, "strip after", second, laid_on(first, second, view)),
    ):
        under = write(pen, left, y + 18, texts[title], TEXT, INK, _PANEL)
        under = write(pen, left, under, _source(scan), SMALL, FAINT, _PANEL)
        page.paste(Image.fromarray(photo), (left, under + 6))
        bottom = max(bottom, under + 6 + height)
    y = bottom + 22
    write(pen, EDGE, y, texts["map of change"], TEXT, INK, _PANEL)
    write(pen, right, y, texts["chart of zones"], TEXT, INK, _PANEL)
    below = y + 44
    page.paste(Image.fromarray(paint_change(change, view)), (EDGE, below))
    chart = _chart(change, texts)
    page.paste(chart, (right, below))
    legend = scale_of_change(page, EDGE, below + height + 12, texts, _PANEL)
    if change.affected and change.affected.regions:
        shown = change.verdict in ("increase", "decrease")
        area = texts("outlined is" if shown else "outlined maybe", change.affected.area_cm2)
        legend = write(pen, EDGE, legend, area, SMALL, FAINT, _PANEL)
    y = max(legend, below + chart.height) + 14
    for finding in change.findings:
        y = write(pen, EDGE, y, finding_phrase(finding, texts), TEXT, INK)
    y = write(pen, EDGE, y, texts["change closing"], SMALL, FAINT)
    y = write(pen, EDGE, y, _caption(change), SMALL, FAINT)
    return np.asarray(page.crop((0, 0, WIDTH, y + EDGE)))


def save_change_overlay(change: Change, path: Path, language: Language = "en") -> None:
    """Write the sheet as PNG. Raises UsageError when the path cannot be written."""
    save_png(draw_change(change, language), path)


def open_view(scan: Scan, width: int) -> FaceCrop:
    """A face at the width of a panel, eyes covered."""
    return cover_eyes(crop_face(scan.photo, scan.face, _AROUND, (width, _TALLEST)))


def laid_on(first: Scan, other: Scan, view: FaceCrop) -> RgbPixels:
    """The other photo by the similarity that lays its face on the first one's; the eyes of both covered."""
    height, width = view.photo.shape[:2]
    points = other.face.landmarks[:468, :2].astype(np.float32)
    move, _ = cv2.estimateAffinePartial2D(points, _placed(first, view), method=cv2.LMEDS)
    shrink = float(np.hypot(*move[0, :2]))
    pixels = other.photo.pixels
    if shrink < 1:  # average before sampling, or pores alias
        pixels = cv2.GaussianBlur(pixels, (0, 0), 0.5 / shrink)
    out: RgbPixels = cv2.warpAffine(
        pixels,
        move,
        (width, height),
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=PAPER,
    )
    moved = cv2.transform(points[None], move)[0].astype(np.float64)
    out[hidden_parts(view) | hidden_parts(replace(view, points=moved))] = COVER
    return out


def paint_change(change: Change, view: FaceCrop) -> RgbPixels:
    """Change on the greyed photo, coloured where clear of chance; areas outlined, unmeasured skin hatched."""
    assert change.maps is not None
    maps = change.maps
    grey = cv2.cvtColor(cv2.cvtColor(view.photo, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    smooth = smooth_change(maps.erythema, maps.valid)
    limits = [zone.peak_sdc for zone in change.zones.values()]
    limit = float(np.median(limits)) if limits else EI_SPAN
    clear = np.clip((np.abs(smooth) / limit - _CLEAR) / (1 - _CLEAR), 0, 1)
    share = view.to_photo(smooth) / (2 * EI_SPAN) + 0.5
    painted = blend(DIVERGING)[np.clip(share * 255, 0, 255).astype(np.uint8)]
    judged = cv2.morphologyEx(
        load_canonical().skin.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((ZONE_GAP, ZONE_GAP))
    )
    inside = np.clip((view.to_photo(soft(maps.valid & (judged > 0))) - 0.5) * 4 + 0.5, 0, 1)
    opacity = (0.85 * inside * view.to_photo(clear.astype(np.float32)))[..., None]
    hatched = hatch(grey, (view.column >= 0) & (inside < 0.5))
    panel: RgbPixels = (painted * opacity + hatched * (1 - opacity)).round().astype(np.uint8)
    outline, _ = cv2.findContours(
        (view.to_photo(soft(maps.affected)) > 0.5).astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE
    )
    outline = [line for line in outline if cv2.contourArea(line) > _SPECK]
    cv2.polylines(panel, outline, True, INK, 4, cv2.LINE_AA)
    cv2.polylines(panel, outline, True, OUTLINE, 2, cv2.LINE_AA)
    return panel


def scale_of_change(page: Image.Image, left: int, top: int, texts: Texts, width: int) -> int:
    """The colour bar with its unit, and what grey and hatching mean; returns the y below.

    `page`: drawn on in place. `left`, `top`: upper left corner of the bar, px. `texts`: in the reader's
    language. `width`: of the bar and of the lines below it, px.
    """
    bar, pen = 18, ImageDraw.Draw(page)
    strip = blend(DIVERGING)[np.linspace(0, 255, width).astype(int)][None].repeat(bar, axis=0)
    page.paste(Image.fromarray(strip), (left, top))
    for tick in (-9, -6, -3, 0, 3, 6, 9):
        x = left + round((tick + EI_SPAN) / (2 * EI_SPAN) * (width - 1))
        anchor = {-9: "la", 9: "ra"}.get(tick, "ma")
        pen.text((x, top + bar + 2), f"{tick:+d}" if tick else "0", INK, typeface(SMALL), anchor=anchor)
    y = write(pen, left, top + bar + 30, texts["change scale"], SMALL, FAINT, width)
    y = write(pen, left, y, texts["grey is"], SMALL, FAINT, width)
    return write(pen, left, y, texts["hatched is"], SMALL, FAINT, width)


def _facts(change: Change, texts: Texts) -> list[str]:
    """Lines under the verdict: where, how much, and the power of the photos."""
    lines = [texts.area(change.area_name) if change.area_name else texts["all skin"]]
    if change.area:
        lines[0] += f"{texts[': ']}{difference_phrase(change.area.erythema_index, texts)}"
    bound = bound_phrase(change, texts)
    if bound:
        lines.append(capital(bound))
    smallest = [zone.erythema_index.sdc for zone in change.zones.values()]
    return [*lines, texts("power of zones", float(np.median(smallest)), JUST_VISIBLE)] if smallest else lines


def _source(scan: Scan) -> str:
    """Which photo, and when by its own account."""
    return f"{scan.photo.name} {(scan.photo.capture.taken_at or '').replace('T', ' ')}".strip()


def _placed(scan: Scan, view: FaceCrop) -> FloatMap:
    """Where the landmarks lie in the view, (468, 2) px."""
    points = scan.face.landmarks[:468, :2].astype(np.float64)
    low, high = points.min(axis=0), points.max(axis=0)
    first = np.maximum(np.floor(low - (high - low) * _AROUND[:2]), 0)
    last = np.minimum(
        np.ceil(high + (high - low) * _AROUND[2:]), (scan.photo.pixels.shape[1], scan.photo.pixels.shape[0])
    )
    scale = view.photo.shape[0] / (last - first)[1]
    placed: FloatMap = ((points - (first - 0.5)) * scale - 0.5).astype(np.float32)
    return placed


def _chart(change: Change, texts: Texts) -> Image.Image:
    """One row per zone: its change as a dot, its interval as a line, the just-visible band in grey."""
    rows: list[tuple[str, Delta | None]] = [
        (texts[name], change.zones[name].erythema_index if name in change.zones else None)
        for name in SKIN_ZONES
    ]
    if change.area_name:
        rows.insert(0, (texts["claimed"], change.area.erythema_index if change.area else None))
    bottom = _ROW * len(rows)
    chart = Image.new("RGB", (_PANEL, bottom + 160), PAPER)
    pen = ImageDraw.Draw(chart)
    pen.rectangle((_at(-JUST_VISIBLE), 0, _at(JUST_VISIBLE), bottom), BAND)
    for tick in (-9, -6, -3, 0, 3, 6, 9):
        pen.line((_at(tick), 0, _at(tick), bottom), FAINT if tick == 0 else BAND, 2)
        if tick % 2 or not tick:  # every second one: there is no room for more
            pen.text(
                (_at(tick), bottom + 2), f"{tick:+d}" if tick else "0", INK, typeface(SMALL), anchor="ma"
            )
    for number, (name, delta) in enumerate(rows):
        _draw_row(pen, _ROW * number + _ROW // 2, name, delta, texts)
    y = write(pen, 0, bottom + 32, texts["against is"], SMALL, FAINT, _PANEL)
    write(pen, 0, y, texts("band is", JUST_VISIBLE), SMALL, FAINT, _PANEL)
    return chart


def _draw_row(pen: ImageDraw.ImageDraw, y: int, name: str, delta: Delta | None, texts: Texts) -> None:
    verdict: ChangeVerdict = delta.verdict if delta else "inconclusive"
    pen.text((_NAMES - 8, y), name, INK if delta else FAINT, typeface(SMALL), anchor="rm")
    if delta is None:
        pen.text((_NAMES + 10, y), texts["no reading"], FAINT, typeface(SMALL), anchor="lm")
        return
    color = COLOR[verdict]
    pen.line((_at(delta.low), y, _at(delta.high), y), color, 4)
    x = _at(delta.delta)
    pen.ellipse((x - 7, y - 7, x + 7, y + 7), color)
    text = f"{delta.delta + 0.0:+.1f} {_MARK[verdict]}".strip().replace("-0.0", "+0.0")
    pen.text((_PANEL - _VALUES + 12, y), text, color, typeface(SMALL), anchor="lm")


def _at(value: float) -> int:
    """Column of a change in EI; beyond the span at its end."""
    share = (min(max(value, -EI_SPAN), EI_SPAN) + EI_SPAN) / (2 * EI_SPAN)
    return _NAMES + 10 + round(share * (_PANEL - _NAMES - _VALUES - 20))


def _caption(change: Change) -> str:
    photos = [scan.photo.sha256[:12] for scan in (change.before[0], change.after[0])]
    return f"skinscan {change.run.version}; SHA-256 {photos[0]}, {photos[1]}"
