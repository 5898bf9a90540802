"""One scan as a picture: where the zones lie, how erythema and shine are spread, where nothing is measured.

Everything is drawn on the photo's crop at one working height, so that lines are crisp on a face of any size.
Ranges of the colour bars are fixed, so that two pictures can be laid side by side. Text is English, in the
font that Pillow carries.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from skinscan.canonical import load_canonical
from skinscan.contract import withheld
from skinscan.types import BoolMap, FloatArray, FloatMap, RgbPixels, Scan
from skinscan.words import Words

__all__ = ["draw_overlay"]

# Layout, px.
_HEIGHT, _MOST_WIDTH = 720, 640  # of a panel; the width matters for a face that lies on its side
_GUTTER, _GAP, _EDGE = 132, 24, 32  # beside the zones for their names; between panels; around all
_TITLE, _LEGEND, _CAPTION = 44, 86, 34  # heights above and below the panels
_NAME_STEP = 26  # least distance of two names in a gutter
_HATCH = 10  # distance of hatching lines
_TEXT, _SMALL = 20, 15  # sizes of the font

_AROUND = (0.14, 0.28, 0.14, 0.10)  # left, above, right, below the mesh, as shares of its width and height
_EI_SPAN = 9.0  # EI on either side of the own face: five just-visible steps
_SHINE_SPAN = 20.0  # % of the light
_CENTRAL = 0.06  # share of the width about the middle where a name may go to either side
_OPACITY = 0.75  # of a heat map on the greyed photo
_SMOOTH = 1.5  # texels, sigma: about a millimetre

_INK, _FAINT, _PAPER, _LINE = (33, 37, 41), (108, 115, 122), (255, 255, 255), (255, 221, 51)
_UNMEASURED = (176, 181, 186)
# Even in lightness and safe for colour-blind eyes: ColorBrewer's RdBu, blue first; OpenCV's cividis.
_BLUE, _WHITE, _RED = ((33, 102, 172), (103, 169, 207)), (247, 247, 247), ((239, 138, 98), (178, 24, 43))
_DIVERGING = (*_BLUE, (209, 229, 240), _WHITE, (253, 219, 199), *_RED)


@dataclass(frozen=True, slots=True)
class _View:
    """The face on its panel."""

    photo: RgbPixels  # (H, W, 3) the crop at working size
    column: FloatMap  # (H, W) UV texel column under each pixel; -1 off the mesh
    row: FloatMap  # (H, W) UV texel row

    def carry(self, texels: FloatMap) -> FloatMap:
        """A UV map as seen on the panel; 0 off the mesh."""
        seen: FloatMap = cv2.remap(texels, self.column, self.row, cv2.INTER_LINEAR)
        seen[self.column < 0] = 0
        return seen


@dataclass(frozen=True, slots=True)
class _Scale:
    """A colour bar: colours (256, 3) from `low` to `high`."""

    colours: RgbPixels
    low: float
    high: float
    ticks: tuple[float, ...]
    sign: str  # "+" to print the sign of positive ticks
    unit: str

    def paint(self, values: FloatMap) -> RgbPixels:
        """Colours of values; what lies beyond an end takes its colour."""
        share = (values - self.low) / (self.high - self.low)
        painted: RgbPixels = self.colours[np.clip(share * 255, 0, 255).astype(np.uint8)]
        return painted


def draw_overlay(scan: Scan) -> RgbPixels:
    """Draw zones, erythema and shine of one scan side by side: (H, W, 3) uint8 sRGB."""
    view = _look(scan)
    kept_back = withheld(scan)
    erythema = _Scale(_blend(_DIVERGING), -_EI_SPAN, _EI_SPAN, (-9, -6, -3, 0, 3, 6, 9), "+", "EI")
    shine = _Scale(_cividis(), 0, _SHINE_SPAN, (0, 5, 10, 15, 20), "", "% of the light")
    own = _own_erythema(scan)
    contrast = scan.maps.erythema - np.float32(own)
    panels = [
        _zone_panel(view, scan),
        _heat_panel(view, scan, contrast, erythema, forbidden="erythema_contrast" in kept_back),
        _heat_panel(view, scan, scan.maps.shine, shine, forbidden="shine" in kept_back),
    ]
    titles = (
        "Zones",
        _title("Erythema above or below the own face", kept_back.get("erythema_contrast")),
        _title("Shine: specular reflection", kept_back.get("shine")),
    )
    page, lefts = _lay_out(panels)
    pen = ImageDraw.Draw(page)
    for title, left in zip(titles, lefts, strict=True):
        pen.text((left, _EDGE), title, _INK, _font(_TEXT))
    below = _EDGE + _TITLE + panels[0].shape[0] + 18
    _zone_legend(pen, lefts[0] + _GUTTER, below)
    _bar(page, erythema, lefts[1], below, f"EI; 0 is the own face at {own:.1f} EI, +1.8 is just visible")
    _bar(page, shine, lefts[2], below, "% of the light")
    pen.text((_EDGE, page.height - _EDGE - 14), _caption(scan), _FAINT, _font(_SMALL))
    return np.asarray(page)


def _look(scan: Scan) -> _View:
    """Crop the photo about the face, bring it to working size and find the texel under each pixel."""
    points = scan.face.landmarks[:468].astype(np.float64)
    low, high = points[:, :2].min(axis=0), points[:, :2].max(axis=0)
    size = high - low
    height, width = scan.photo.pixels.shape[:2]
    first = np.maximum(np.floor(low - size * _AROUND[:2]), 0).astype(int)
    last = np.minimum(np.ceil(high + size * _AROUND[2:]), (width, height)).astype(int)
    crop = scan.photo.pixels[first[1] : last[1], first[0] : last[0]]
    scale = min(_HEIGHT / crop.shape[0], _MOST_WIDTH / crop.shape[1])
    target = round(crop.shape[1] * scale), round(crop.shape[0] * scale)
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    points[:, :2] = (points[:, :2] - (first - 0.5)) * scale - 0.5
    column, row = _texels_under(points, target)
    return _View(photo=cv2.resize(crop, target, interpolation=how), column=column, row=row)


def _texels_under(points: FloatArray, size: tuple[int, int]) -> tuple[FloatMap, FloatMap]:
    """UV texel column and row under each pixel, the nearest triangle on top; -1 off the mesh."""
    mesh = load_canonical()
    corners = points[mesh.triangles, :2]  # (T, 3, 2)
    a, b, c = np.moveaxis(corners, 1, 0)
    facing = (b - a)[:, 1] * (c - a)[:, 0] - (b - a)[:, 0] * (c - a)[:, 1] > 1e-6  # photo y runs down
    far_to_near = np.argsort(-points[mesh.triangles, 2].mean(axis=1))
    owner = np.full(size[::-1], -1, np.int32)
    for number in far_to_near[facing[far_to_near]]:
        cv2.fillConvexPoly(owner, np.round(corners[number] * 16).astype(np.int32), int(number), shift=4)
    rows, columns = np.nonzero(owner >= 0)
    to_uv = _affine(corners[facing], mesh.uv[mesh.triangles[facing]].astype(np.float64))
    of_triangle = np.cumsum(facing) - 1
    at = np.stack([columns, rows, np.ones(len(rows))], axis=-1)
    under = np.full((*owner.shape, 2), -1, np.float32)
    under[rows, columns] = np.einsum("nij,ni->nj", to_uv[of_triangle[owner[rows, columns]]], at)
    return np.ascontiguousarray(under[..., 0]), np.ascontiguousarray(under[..., 1])


def _affine(source: FloatArray, target: FloatArray) -> FloatArray:
    """Matrices (T, 3, 2) that take (x, y, 1) of triangles (T, 3, 2) to those of `target`."""
    solved: FloatArray = np.linalg.solve(np.concatenate([source, np.ones_like(source[..., :1])], -1), target)
    return solved


def _own_erythema(scan: Scan) -> float:
    """EI of the own face, as the zones' contrasts have it."""
    owns = [z.erythema_index.value - z.erythema_contrast.value for z in scan.scores.zones.values()]
    found = [own for own in owns if np.isfinite(own)]
    return float(np.median(found)) if found else float(np.median(scan.maps.erythema[scan.maps.valid]))


def _zone_panel(view: _View, scan: Scan) -> RgbPixels:
    """The photo with outlined zones, their names in gutters on both sides."""
    panel = np.pad(view.photo, ((0, 0), (_GUTTER, _GUTTER), (0, 0)), constant_values=255)
    rim = panel.copy()
    outlines, inner = {}, {}
    for name, mask in scan.zones.masks.items():
        seen = np.pad((view.carry(_soft(mask)) > 0.5).astype(np.uint8), ((0, 0), (_GUTTER, _GUTTER)))
        found, _ = cv2.findContours(seen, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
        if found:
            outlines[name] = found
            depth = cv2.distanceTransform(seen, cv2.DIST_L2, 3)
            inner[name] = cv2.minMaxLoc(depth)[3]  # x, y of the point deepest inside
            cv2.polylines(rim, found, True, _INK, 4, cv2.LINE_AA)
    panel = cv2.addWeighted(panel, 0.5, rim, 0.5, 0)
    for name, found in outlines.items():
        colour = _LINE if name in scan.scores.zones else _UNMEASURED
        cv2.polylines(panel, found, True, colour, 2 if name in scan.scores.zones else 1, cv2.LINE_AA)
    return _name_zones(panel, inner, set(scan.scores.zones))


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
    pen, words = ImageDraw.Draw(page), Words("en")
    for name, at, anchor in labels:
        pen.text(at, words[name], _INK if name in measured else _FAINT, _font(_SMALL), anchor=anchor)
    return np.asarray(page)


def _lead(panel: RgbPixels, name: tuple[int, int], zone: Sequence[int], edge: int) -> None:
    """A thin line from a name to a dot in its zone; dark on paper, light and rimmed on the photo."""
    border = (edge, round(name[1] + (zone[1] - name[1]) * (edge - name[0]) / (zone[0] - name[0])))
    shade = panel.copy()
    cv2.line(shade, border, zone, _INK, 3, cv2.LINE_AA)
    cv2.addWeighted(panel, 0.65, shade, 0.35, 0, dst=panel)
    cv2.line(panel, name, border, _FAINT, 1, cv2.LINE_AA)
    cv2.line(panel, border, zone, _PAPER, 1, cv2.LINE_AA)
    cv2.circle(panel, zone, 4, _INK, -1, cv2.LINE_AA)
    cv2.circle(panel, zone, 3, _PAPER, -1, cv2.LINE_AA)


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


def _heat_panel(view: _View, scan: Scan, values: FloatMap, scale: _Scale, *, forbidden: bool) -> RgbPixels:
    """A map on the greyed photo where skin is valid; the rest of the face hatched."""
    grey = cv2.cvtColor(cv2.cvtColor(view.photo, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    valid = np.zeros_like(scan.maps.valid) if forbidden else scan.maps.valid
    weight = cv2.GaussianBlur(valid.astype(np.float32), (0, 0), _SMOOTH)
    masked = np.where(valid, values, 0).astype(np.float32)
    smooth = cv2.GaussianBlur(masked, (0, 0), _SMOOTH) / np.maximum(weight, 1e-3)
    painted = scale.paint(view.carry(smooth)).astype(np.float32)
    edge = np.clip(
        (view.carry(_soft(valid)) - 0.5) * 4 + 0.5, 0, 1
    )  # 1 on valid skin, a soft border, 0 beyond
    hatched = _hatch(grey, (view.column >= 0) & (edge < 0.5)).astype(np.float32)
    opacity = _OPACITY * edge[..., None]
    return (painted * opacity + hatched * (1 - opacity)).round().astype(np.uint8)


def _soft(mask: BoolMap) -> FloatMap:
    """The mask with its stairs smoothed; its border is where this is 0.5."""
    soft: FloatMap = cv2.GaussianBlur(mask.astype(np.float32), (0, 0), 1.0)
    return soft


def _hatch(panel: RgbPixels, where: BoolMap) -> RgbPixels:
    """Diagonal lines, light over dark, where nothing is measured."""
    y, x = np.indices(where.shape)
    phase = (x + y) % _HATCH
    out = panel.copy()
    for line, colour in ((phase == 0, 235), (phase == 1, 70)):
        at = where & line
        out[at] = (panel[at] * 0.5 + colour * 0.5).astype(np.uint8)
    return out


def _blend(stops: Sequence[tuple[int, int, int]]) -> RgbPixels:
    """256 colours through evenly spaced stops."""
    at = np.linspace(0, len(stops) - 1, 256)
    channels = [np.interp(at, np.arange(len(stops)), channel) for channel in zip(*stops, strict=True)]
    return np.stack(channels, axis=-1).round().astype(np.uint8)


def _cividis() -> RgbPixels:
    levels = np.arange(256, dtype=np.uint8)[:, None]
    return np.ascontiguousarray(cv2.applyColorMap(levels, cv2.COLORMAP_CIVIDIS)[:, 0, ::-1])


def _lay_out(panels: Sequence[RgbPixels]) -> tuple[Image.Image, list[int]]:
    """A page with the panels side by side; the left edge of each."""
    lefts, left = [], _EDGE
    for panel in panels:
        lefts.append(left)
        left += panel.shape[1] + _GAP
    height = 2 * _EDGE + _TITLE + panels[0].shape[0] + _LEGEND + _CAPTION
    page = Image.new("RGB", (left - _GAP + _EDGE, height), _PAPER)
    for panel, at in zip(panels, lefts, strict=True):
        page.paste(Image.fromarray(panel), (at, _EDGE + _TITLE))
    return page, lefts


def _bar(page: Image.Image, scale: _Scale, left: int, top: int, label: str) -> None:
    """Colour bar with ticks and unit, and the swatch of what is not measured."""
    width, height, pen = 320, 14, ImageDraw.Draw(page)
    strip = np.broadcast_to(scale.colours[np.linspace(0, 255, width).astype(int)], (height, width, 3))
    page.paste(Image.fromarray(np.ascontiguousarray(strip)), (left, top))
    pen.rectangle((left, top, left + width - 1, top + height - 1), outline=_FAINT)
    for tick in scale.ticks:
        x = left + round((tick - scale.low) / (scale.high - scale.low) * (width - 1))
        pen.line((x, top + height, x, top + height + 4), _FAINT)
        text = f"{tick:{scale.sign}g}" if tick else "0"
        pen.text((x, top + height + 6), text, _INK, _font(_SMALL), anchor="ma")
    pen.text((left, top + 42), label, _FAINT, _font(_SMALL))
    swatch = _hatch(np.full((height, 28, 3), 150, np.uint8), np.ones((height, 28), bool))
    page.paste(Image.fromarray(swatch), (left + width + 28, top))
    pen.text((left + width + 62, top + 7), "not measured", _INK, _font(_SMALL), anchor="lm")


def _zone_legend(pen: ImageDraw.ImageDraw, left: int, top: int) -> None:
    for row, (colour, text) in enumerate(
        ((_LINE, "measured"), (_UNMEASURED, "too little bare skin visible"))
    ):
        y = top + 7 + 24 * row
        pen.line((left, y, left + 28, y), _INK, 4)
        pen.line((left, y, left + 28, y), colour, 2)
        pen.text((left + 38, y), text, _INK, _font(_SMALL), anchor="lm")
    pen.text((left, top + 52), "left and right are the person's own", _FAINT, _font(_SMALL))


def _title(text: str, code: str | None) -> str:
    return f"{text}: not given ({code})" if code else text


def _caption(scan: Scan) -> str:
    models = ", ".join(f"{name} {sha256[:12]}" for name, sha256 in scan.run.models)
    return f"skinscan {scan.run.version} on {scan.run.provider}; {models}; photo {scan.photo.sha256[:12]}"


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)
