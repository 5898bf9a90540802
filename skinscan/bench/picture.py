"""Benchmark rows in, a picture as SVG out: bars and curves."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape

from skinscan.runtime.providers import PROVIDERS

__all__ = ["Curve", "draw_bars", "draw_curves"]

Row = Mapping[str, Any]
_WIDTH, _PANEL, _LEFT = 760, 190, 250
_INK, _FAINT = "#222", "#ccc"
_COLORS = {"decode + landmarks": "#8aa", "end to end": "#c55"}
_LINES = ("#c55", "#47a")
_ON = {device: f", {place.title}" for device, place in PROVIDERS.items() if device != "cpu"}  # worth a word
Curve = tuple[Sequence[Row], str, str, str]
"""Rows, key along, key up, title."""


def draw_bars(rows: Sequence[Row]) -> str:
    """Photos a second by what is done, and by how many workers and in what batches."""
    rows = [row for row in rows if row["what"] in _COLORS]
    top = max(row["photos_per_s"] for row in rows)
    parts = [_text(10, 20, "Photos of 1 to 2 megapixels a second", bold=True)]
    for number, row in enumerate(rows):
        y = 36 + 26 * number
        length = (_WIDTH - _LEFT - 60) * row["photos_per_s"] / top
        workers = f"{row['workers']} worker{'s' * (row['workers'] > 1)}"
        workers += _ON.get(row.get("device", ""), "")
        batch = f", batches of {row['batch_size']}" if row["batch_size"] else ""
        parts.append(_text(_LEFT - 8, y + 14, f"{row['what']}, {workers}{batch}", anchor="end"))
        parts.append(
            f'<rect x="{_LEFT}" y="{y}" width="{length:.1f}" height="18" fill="{_COLORS[row["what"]]}"/>'
        )
        parts.append(_text(_LEFT + length + 6, y + 14, f"{row['photos_per_s']:.1f}"))
    return _svg(parts, 46 + 26 * len(rows))


def draw_curves(curves: Sequence[Curve]) -> str:
    """One panel each: a quantity over a count on a logarithmic axis."""
    parts: list[str] = []
    for number, curve in enumerate(curves):
        parts += _panel(*curve, _LINES[number % len(_LINES)], 30 + number * (_PANEL + 60))
    return _svg(parts, len(curves) * (_PANEL + 60) + 20)


def _panel(rows: Sequence[Row], along: str, key: str, title: str, color: str, y: float) -> list[str]:
    left, right = 60.0, _WIDTH - 20.0
    low, high = (math.log10(rows[k][along]) for k in (0, -1))
    top = max(row[key] for row in rows) * 1.1 or 1.0
    points = [
        (
            left + (right - left) * (math.log10(row[along]) - low) / max(high - low, 1e-9),
            y + _PANEL * (1 - row[key] / top),
        )
        for row in rows
    ]
    parts = [
        _text(10, y - 10, title, bold=True),
        f'<path d="M{left} {y}V{y + _PANEL}H{right}" fill="none" stroke="{_FAINT}"/>',
        _text(left - 6, y + _PANEL, "0", anchor="end"),
    ]
    line = "L".join(f"{x:.1f} {v:.1f}" for x, v in points)
    parts.append(f'<path d="M{line}" fill="none" stroke="{color}" stroke-width="2"/>')
    for (x, v), row in zip(points, rows, strict=True):
        parts.append(f'<circle cx="{x:.1f}" cy="{v:.1f}" r="3" fill="{color}"/>')
        parts.append(_text(x, v - 8, f"{row[key]:.4g}", anchor="middle"))
        parts.append(_text(x, y + _PANEL + 16, f"{row[along]:,}", anchor="middle"))
    return parts


def _text(x: float, y: float, words: str, *, anchor: str = "start", bold: bool = False) -> str:
    weight = ' font-weight="bold"' if bold else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{weight}>{escape(words)}</text>'


def _svg(parts: Sequence[str], height: int) -> str:
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}"'
        f' height="{height}" font-family="sans-serif" font-size="12" fill="{_INK}">'
    )
    return "\n".join([head, '<rect width="100%" height="100%" fill="white"/>', *parts, "</svg>\n"])
