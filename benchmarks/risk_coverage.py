"""The risk-coverage curve of `bench claims` as an SVG: what deciding more costs, per tone class."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

__all__ = ["draw_risk_coverage"]

_WIDTH, _HEIGHT, _LEFT, _TOP, _RIGHT, _BOTTOM = 760, 460, 64, 44, 230, 56
_TONES: Mapping[str, str] = {
    "very_light": "#e0b48c", "light": "#cf9a6b", "intermediate": "#b87f50", "tan": "#96623a",
    "brown": "#6d4427", "dark": "#452a18", "all": "#0b5cad",
}  # fmt: skip


def draw_risk_coverage(rows: Sequence[Mapping[str, Any]]) -> str:
    """The rows "policy" of `bench claims` as a picture; the same rows give the same bytes.

    Across: share of the cases that are closed without a person, %. Up: share of wrong among those, %.
    """
    points = [row for row in rows if row["what"] == "policy"]
    top = max(10.0, *(row["risk_percent"] for row in points)) * 1.1
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" font-family="sans-serif"'
        ' font-size="12" fill="#222">',
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#fff"/>',
        f'<text x="{_LEFT}" y="24" font-size="15">Claims decided without a person: risk and coverage</text>',
        *_axes(top),
    ]
    for tone, color in _TONES.items():
        own = [row for row in points if row["tone"] == tone]
        parts += _curve(own, color, top, wide=tone == "all")
    parts += _legend([row for row in points if row["tone"] == "all"], top)
    return "\n".join([*parts, "</svg>", ""])


def _x(coverage: float) -> float:
    return round(_LEFT + coverage / 100 * (_WIDTH - _LEFT - _RIGHT), 1)


def _y(risk: float, top: float) -> float:
    return round(_HEIGHT - _BOTTOM - risk / top * (_HEIGHT - _TOP - _BOTTOM), 1)


def _axes(top: float) -> list[str]:
    parts = []
    for coverage in range(0, 101, 10):
        x = _x(coverage)
        parts.append(f'<path d="M{x} {_y(0, top)}V{_TOP}" stroke="#eee"/>')
        parts.append(f'<text x="{x}" y="{_HEIGHT - _BOTTOM + 18}" text-anchor="middle">{coverage}</text>')
    step = 5 if top <= 40 else 10
    for risk in range(0, int(top) + 1, step):
        y = _y(risk, top)
        parts.append(f'<path d="M{_LEFT} {y}H{_x(100)}" stroke="#eee"/>')
        parts.append(f'<text x="{_LEFT - 8}" y="{y + 4}" text-anchor="end">{risk}</text>')
    middle = (_HEIGHT - _BOTTOM + _TOP) / 2
    return [
        *parts,
        f'<path d="M{_LEFT} {_TOP}V{_y(0, top)}H{_x(100)}" fill="none" stroke="#555"/>',
        f'<path d="M{_x(70)} {_TOP}V{_y(0, top)}" stroke="#c33" stroke-dasharray="4 4"/>',
        f'<text x="{_x(70)}" y="{_TOP - 4}" text-anchor="middle" fill="#c33">target 70 %</text>',
        f'<text x="{_x(50)}" y="{_HEIGHT - 14}" text-anchor="middle">closed without a person, %</text>',
        f'<text x="18" y="{middle}" text-anchor="middle" transform="rotate(-90 18 {middle})">'
        "wrong among those, %</text>",
    ]


def _curve(rows: Sequence[Mapping[str, Any]], color: str, top: float, *, wide: bool) -> list[str]:
    at = [(_x(row["decided_percent"]), _y(row["risk_percent"], top)) for row in rows]
    path = "L".join(f"{x} {y}" for x, y in at)
    dots = [f'<circle cx="{x}" cy="{y}" r="{4 if wide else 2.5}" fill="{color}"/>' for x, y in at]
    return [f'<path d="M{path}" fill="none" stroke="{color}" stroke-width="{2.5 if wide else 1.2}"/>', *dots]


def _legend(rows: Sequence[Mapping[str, Any]], top: float) -> list[str]:
    left = _x(100) + 16
    parts = []
    for number, (tone, color) in enumerate(_TONES.items()):
        y = _TOP + 12 + 17 * number
        parts.append(f'<path d="M{left} {y - 4}h22" stroke="{color}" stroke-width="3"/>')
        parts.append(f'<text x="{left + 28}" y="{y}">{tone.replace("_", " ")}</text>')
    parts.append(f'<text x="{left}" y="{_TOP + 150}" font-weight="bold">policy</text>')
    for number, row in enumerate(rows):
        name, y = escape(str(row["policy"])), _TOP + 168 + 17 * number
        parts.append(
            f'<text x="{left}" y="{y}" font-size="11">{name if name[0].isdigit() else f"0: {name}"}</text>'
        )
        mark = (_x(row["decided_percent"]), _y(row["risk_percent"], top) - 8)
        parts.append(f'<text x="{mark[0]}" y="{mark[1]}" text-anchor="middle" fill="#0b5cad">{number}</text>')
    return parts
