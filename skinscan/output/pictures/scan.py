"""One scan as a picture: where the zones lie, erythema and highlights, where nothing is measured.

Everything is drawn on the photo's crop at one working height, so that lines are crisp on a face of any size.
Ranges of the colour bars are fixed, so that two pictures can be laid side by side. Text is English, in the
font that Pillow carries.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from skinscan.facemesh.face_crop import FaceCrop, crop_face
from skinscan.measure.clipped_skin import ClippedSkin, find_clipped_skin
from skinscan.measure.highlights import Highlights
from skinscan.measure.reportable import withheld
from skinscan.output.pictures.canvas import (
    DIVERGING,
    EI_SPAN,
    INK,
    OUTLINE,
    PALE,
    PAPER,
    blend,
    font,
    hatch,
    save_png,
    soft,
    write,
)
from skinscan.output.pictures.eyes import cover_eyes
from skinscan.runtime.interpreter_exit import computing
from skinscan.texts.bilingual import Texts
from skinscan.types import JUST_VISIBLE, BoolMap, FloatMap, RgbPixels, Scan

__all__ = [
    "HeatMap",
    "draw_overlay",
    "heat_maps",
    "outline_zones",
    "paint_heat",
    "ring_blemishes",
    "save_overlay",
]

# Layout, px.
_HEIGHT, _MOST_WIDTH = 720, 640  # of a panel; the width matters for a face that lies on its side
_SLOT = 500  # least room of a panel, so that its heading and its legend never reach the next
_GUTTER, _GAP, _EDGE = 132, 24, 32  # beside the zones for their names; between panels; around all
_TITLE, _LEGEND, _CAPTION = 44, 104, 50  # heights above and below the panels
_NAME_STEP = 26  # least distance of two names in a gutter
_TEXT, _SMALL = 20, 15  # sizes of the font

_AROUND = (0.14, 0.28, 0.14, 0.10)  # left, above, right, below the mesh, as shares of its width and height
_SHINE_SPAN = 20.0  # % of the light
_CENTRAL = 0.06  # share of the width about the middle where a name may go to either side
_OPACITY = 0.75  # of a heat map on the greyed photo
_SMOOTH = 1.5  # texels, sigma: about a millimetre

_UNMEASURED = (176, 181, 186)
_BLEMISH, _RING = (94, 234, 255), 4  # color; radius in texels


@dataclass(frozen=True, slots=True)
class HeatMap:
    """One map of a scan, with what it takes to paint it."""

    title: str
    values: FloatMap  # in UV
    colors: RgbPixels  # (256, 3) from `low` to `high`; what lies beyond takes the colour of the end
    low: float
    high: float
    ticks: Sequence[str]
    unit: str
    forbidden: str | None  # code of the check because of which it is not given
    advice: str  # in English, how to take a photo that gives it; empty if it is given
    bound: BoolMap  # (S, S) in UV: burnt skin, where the value is a lower bound


def draw_overlay(scan: Scan) -> RgbPixels:
    """Draw zones, erythema and highlights of one scan side by side: (H, W, 3) uint8 sRGB."""
    view = cover_eyes(crop_face(scan.photo, scan.face, _AROUND, (_MOST_WIDTH, _HEIGHT)))
    heats = heat_maps(scan)
    panels = [_zone_panel(view, scan), *(paint_heat(view, scan, heat) for heat in heats)]
    widths = [max(panel.shape[1], _SLOT) for panel in panels]
    lefts = [_EDGE + sum(widths[:k]) + k * _GAP for k in range(len(panels))]
    below = _EDGE + _TITLE + view.photo.shape[0] + 18
    size = lefts[-1] + widths[-1] + _EDGE, below + _LEGEND + _CAPTION
    page = Image.new("RGB", size, PAPER)
    for panel, left in zip(panels, lefts, strict=True):
        page.paste(Image.fromarray(panel), (left, _EDGE + _TITLE))
    pen = ImageDraw.Draw(page)
    pen.text((lefts[0], _EDGE), "Zones", INK, font(_TEXT))
    _zone_legend(pen, lefts[0] + _GUTTER, below)
    for heat, left in zip(heats, lefts[1:], strict=True):
        pen.text((left, _EDGE), heat.title, INK, font(_TEXT))
        _heat_legend(page, heat, left, below)
    pen.text((_EDGE, below + _LEGEND), _caption(scan), PALE, font(_SMALL))
    return np.asarray(page)


@computing()
def save_overlay(scan: Scan, path: Path) -> None:
    """Write the overlay as PNG: a temporary file in the same folder is renamed at the end."""
    save_png(draw_overlay(scan), path)


def heat_maps(scan: Scan) -> tuple[HeatMap, HeatMap]:
    """Erythema against the own face, and highlights."""
    own, kept_back = _own_erythema(scan), withheld(scan)
    clipped = find_clipped_skin(scan.texture, scan.maps)
    erythema = HeatMap(
        title="Erythema above or below the own face",
        values=scan.maps.erythema - np.float32(own),
        colors=blend(DIVERGING),
        low=-EI_SPAN,
        high=EI_SPAN,
        ticks=("-9", "-6", "-3", "0", "+3", "+6", "+9"),
        unit=f"EI; 0 is the own face at {own:.1f} EI, +{JUST_VISIBLE} is just visible",
        forbidden=kept_back.get("erythema_contrast"),
        advice=_advice(scan, kept_back.get("erythema_contrast")),
        bound=clipped.red,
    )
    shine = HeatMap(
        title="Shine: highlights above the middle of the face",
        values=_highlights(scan, clipped),
        colors=_cividis(),
        low=0,
        high=_SHINE_SPAN,
        ticks=("0", "5", "10", "15", "20"),
        unit="% of the light",
        forbidden=kept_back.get("shine"),
        advice=_advice(scan, kept_back.get("shine")),
        bound=clipped.red | clipped.glare,
    )
    return erythema, shine


def _advice(scan: Scan, code: str | None) -> str:
    """What the check of that code advises."""
    return next((check.advice.en for check in scan.quality.checks if check.code == code), "")


def _highlights(scan: Scan, clipped: ClippedSkin) -> FloatMap:
    """% of the light that skin mirrors above the middle of the face; burnt skin has the least it can be."""
    burnt, skin = np.flatnonzero(clipped.red | clipped.glare), np.flatnonzero(scan.maps.valid)
    values = np.zeros_like(scan.maps.shine)
    if len(skin):
        highlights = Highlights(scan.texture, scan.light)
        values.ravel()[skin] = highlights.above(skin)
        values.ravel()[burnt] = highlights.least(skin, burnt)
    return values


def _own_erythema(scan: Scan) -> float:
    """EI of the own face, as the zones' contrasts have it."""
    owns = [z.erythema_index.value - z.erythema_contrast.value for z in scan.zones.values()]
    found = [own for own in owns if np.isfinite(own)]
    return float(np.median(found)) if found else float(np.median(scan.maps.erythema[scan.maps.valid]))


def _zone_panel(view: FaceCrop, scan: Scan) -> RgbPixels:
    """The photo with outlined zones, their names in gutters on both sides."""
    panel = np.pad(view.photo, ((0, 0), (_GUTTER, _GUTTER), (0, 0)), constant_values=255)
    points = {name: (x + _GUTTER, y) for name, (x, y) in outline_zones(panel, view, scan, _GUTTER).items()}
    ring_blemishes(panel, view, scan, _GUTTER)
    return _name_zones(panel, points, set(scan.zones))


def outline_zones(panel: RgbPixels, view: FaceCrop, scan: Scan, left: int = 0) -> dict[str, tuple[int, int]]:
    """Outline the zones on a panel that shows the view from column `left` on.

    `panel` (H, W, 3): sRGB, drawn on in place. `view`: the crop of the face that it shows. `scan`: its zones.

    Yellow: measured; grey: too little bare skin. Returns the point of the view deepest inside each zone.
    """
    rim = panel.copy()
    outlines, inner = {}, {}
    for name, mask in scan.zone_masks.items():
        seen = (view.to_photo(soft(mask)) > 0.5).astype(np.uint8)
        found, _ = cv2.findContours(seen, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE, offset=(left, 0))
        if found:
            outlines[name] = found
            depth = cv2.distanceTransform(np.pad(seen, 1), cv2.DIST_L2, 3)[1:-1, 1:-1]
            inner[name] = cv2.minMaxLoc(depth)[3]  # x, y
            cv2.polylines(rim, found, True, INK, 4, cv2.LINE_AA)
    cv2.addWeighted(panel, 0.5, rim, 0.5, 0, dst=panel)
    for name, found in outlines.items():
        color = OUTLINE if name in scan.zones else _UNMEASURED
        cv2.polylines(panel, found, True, color, 2 if name in scan.zones else 1, cv2.LINE_AA)
    return inner


def ring_blemishes(panel: RgbPixels, view: FaceCrop, scan: Scan, left: int = 0) -> None:
    """Ring the inflamed spots on a panel that shows the view from column `left` on.

    `panel` (H, W, 3): sRGB, drawn on in place. `view`: the crop of the face that it shows. `scan`: its spots.
    """
    for spot in scan.blemishes:
        disc = np.zeros(scan.maps.valid.shape, np.uint8)
        cv2.circle(disc, (spot.column, spot.row), _RING, 1, -1)
        seen = (view.to_photo(soft(disc > 0)) > 0.5).astype(np.uint8)
        found, _ = cv2.findContours(seen, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE, offset=(left, 0))
        cv2.polylines(panel, found, True, INK, 3, cv2.LINE_AA)
        cv2.polylines(panel, found, True, _BLEMISH, 1, cv2.LINE_AA)


def _name_zones(panel: RgbPixels, points: Mapping[str, Sequence[int]], measured: set[str]) -> RgbPixels:
    """Names in the gutters, each with a line to a point of its zone; names keep clear of each other."""
    middle = panel.shape[1] / 2
    sides: tuple[list[str], list[str]] = ([], [])
    for name, (x, _) in sorted(points.items(), key=lambda item: item[1][1]):
        central = abs(x - middle) < _CENTRAL * panel.shape[1]
        shorter = len(sides[0]) > len(sides[1])
        sides[shorter if central else x > middle].append(name)
    labels = []
    for right, names in enumerate(sides):
        edge = panel.shape[1] - _GUTTER if right else _GUTTER - 1
        heights = _spread_out([points[name][1] for name in names], panel.shape[0])
        for name, y in zip(names, heights, strict=True):
            _lead(panel, (edge + (8 if right else -8), y), points[name], edge)
            labels.append((name, (edge + (14 if right else -14), y), "lm" if right else "rm"))
    page = Image.fromarray(panel)
    pen, texts = ImageDraw.Draw(page), Texts("en")
    for name, at, anchor in labels:
        pen.text(at, texts[name], INK if name in measured else PALE, font(_SMALL), anchor=anchor)
    return np.asarray(page)


def _lead(panel: RgbPixels, name: tuple[int, int], zone: Sequence[int], edge: int) -> None:
    """A thin line from a name to a dot in its zone; dark on paper, light and rimmed on the photo."""
    border = (edge, round(name[1] + (zone[1] - name[1]) * (edge - name[0]) / (zone[0] - name[0])))
    shade = panel.copy()
    cv2.line(shade, border, zone, INK, 3, cv2.LINE_AA)
    cv2.addWeighted(panel, 0.65, shade, 0.35, 0, dst=panel)
    cv2.line(panel, name, border, PALE, 1, cv2.LINE_AA)
    cv2.line(panel, border, zone, PAPER, 1, cv2.LINE_AA)
    cv2.circle(panel, zone, 4, INK, -1, cv2.LINE_AA)
    cv2.circle(panel, zone, 3, PAPER, -1, cv2.LINE_AA)


def _spread_out(heights: Sequence[int], room: int) -> list[int]:
    """Move sorted heights apart to _NAME_STEP, within the room."""
    moved: list[int] = []
    for height in heights:
        moved.append(max(height, moved[-1] + _NAME_STEP if moved else _NAME_STEP // 2))
    limit = room - _NAME_STEP // 2
    for k in reversed(range(len(moved))):
        moved[k] = min(moved[k], limit)
        limit = moved[k] - _NAME_STEP
    return moved


def paint_heat(view: FaceCrop, scan: Scan, heat: HeatMap) -> RgbPixels:
    """Paint a map on the greyed photo where skin is valid; burnt skin outlined, the rest hatched."""
    grey = cv2.cvtColor(cv2.cvtColor(view.photo, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    valid = np.zeros_like(scan.maps.valid) if heat.forbidden else scan.maps.valid | heat.bound
    weight = cv2.GaussianBlur(valid.astype(np.float32), (0, 0), _SMOOTH)
    masked = np.where(valid, heat.values, 0).astype(np.float32)
    smooth = view.to_photo(cv2.GaussianBlur(masked, (0, 0), _SMOOTH) / np.maximum(weight, 1e-3))
    share = (smooth - heat.low) / (heat.high - heat.low)
    painted = heat.colors[np.clip(share * 255, 0, 255).astype(np.uint8)]
    inside = np.clip((view.to_photo(soft(valid)) - 0.5) * 4 + 0.5, 0, 1)  # 1 on valid skin, a soft border, 0
    hatched = hatch(grey, (view.column >= 0) & (inside < 0.5))
    opacity = _OPACITY * inside[..., None]
    panel: RgbPixels = (painted * opacity + hatched * (1 - opacity)).round().astype(np.uint8)
    if heat.bound.any() and not heat.forbidden:
        rim, _ = cv2.findContours(_at_least(view, heat.bound), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
        cv2.polylines(panel, rim, True, INK, 3, cv2.LINE_AA)
        cv2.polylines(panel, rim, True, PAPER, 1, cv2.LINE_AA)
    return panel


def _at_least(view: FaceCrop, bound: BoolMap) -> NDArray[np.uint8]:
    """Burnt skin in the view, specks left out."""
    seen = (view.to_photo(soft(bound)) > 0.5).astype(np.uint8)
    return np.asarray(cv2.morphologyEx(seen, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)), np.uint8)


def _cividis() -> RgbPixels:
    levels = np.arange(256, dtype=np.uint8)[:, None]
    return np.ascontiguousarray(cv2.applyColorMap(levels, cv2.COLORMAP_CIVIDIS)[:, 0, ::-1])


def _heat_legend(page: Image.Image, heat: HeatMap, left: int, top: int) -> None:
    """Colour bar with ticks and unit, if there is a map, and the swatch of what is not measured."""
    width, height, pen = 320, 14, ImageDraw.Draw(page)
    if not heat.forbidden:
        strip = heat.colors[np.linspace(0, 255, width).astype(int)][None].repeat(height, axis=0)
        page.paste(Image.fromarray(strip), (left, top))
        pen.rectangle((left, top, left + width - 1, top + height - 1), outline=PALE)
        for tick, x in zip(heat.ticks, np.linspace(left, left + width - 1, len(heat.ticks)), strict=True):
            pen.line((x, top + height, x, top + height + 4), PALE)
            pen.text((x, top + height + 6), tick, INK, font(_SMALL), anchor="ma")
        pen.text((left, top + 42), heat.unit, PALE, font(_SMALL))
        left += width + 28
    swatch = hatch(np.full((height, 28, 3), 150, np.uint8), np.ones((height, 28), bool))
    page.paste(Image.fromarray(swatch), (left, top))
    pen.text((left + 34, top + 7), "not measured", INK, font(_SMALL), anchor="lm")
    if heat.forbidden:
        write(pen, left, top + 24, f"Not given ({heat.forbidden}). {heat.advice}.", _SMALL, INK, _SLOT)
    if heat.bound.any() and not heat.forbidden:
        pen.rectangle((left, top + 22, left + 27, top + 34), outline=INK, width=3)
        pen.rectangle((left + 1, top + 23, left + 26, top + 33), outline=PAPER)
        pen.text((left + 34, top + 28), "burnt: at least", INK, font(_SMALL), anchor="lm")


def _zone_legend(pen: ImageDraw.ImageDraw, left: int, top: int) -> None:
    kinds = (
        (OUTLINE, "measured"),
        (_UNMEASURED, "too little bare skin visible"),
        (_BLEMISH, "inflamed spot"),
    )
    for row, (color, text) in enumerate(kinds):
        y = top + 7 + 24 * row
        pen.line((left, y, left + 28, y), INK, 4)
        pen.line((left, y, left + 28, y), color, 2)
        pen.text((left + 38, y), text, INK, font(_SMALL), anchor="lm")
    pen.text((left, top + 74), "left and right are the person's own", PALE, font(_SMALL))


def _caption(scan: Scan) -> str:
    models = ", ".join(f"{name} {sha256[:12]}" for name, sha256 in scan.run.models)
    return f"skinscan {scan.run.version} on {scan.run.provider}; {models}; photo {scan.photo.sha256[:12]}"
