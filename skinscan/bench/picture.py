"""Benchmark rows in, a picture as SVG out: bars and curves. The same rows give the same bytes."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from skinscan.runtime.providers import PROVIDERS

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["Curve", "draw_bars", "draw_curves", "new_figure", "to_svg"]

Row = Mapping[str, Any]
Curve = tuple[Sequence[Row], str, str, str]
"""Rows, key along, key up, title."""

_COLORS = {"decode + landmarks": "#88aaaa", "end to end": "#cc5555"}
_LINES = ("#cc5555", "#4477aa")
_ON = {device: f", {place.title}" for device, place in PROVIDERS.items() if device != "cpu"}  # worth a word
_SETTINGS = {"svg.hashsalt": "skinscan", "svg.fonttype": "none", "font.size": 9.0}


def new_figure(width: float, height: float) -> Figure:
    """An empty figure of so many inches; drawn without a screen and without global state."""
    import matplotlib
    from matplotlib.figure import Figure

    with matplotlib.rc_context(_SETTINGS):
        return Figure(figsize=(width, height), layout="constrained")


def to_svg(figure: Figure) -> str:
    """The figure as text."""
    import matplotlib

    out = io.StringIO()
    with matplotlib.rc_context(_SETTINGS):
        figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
    return out.getvalue()


def draw_bars(rows: Sequence[Row]) -> str:
    """Photos a second by what is done, and by how many workers and in what batches."""
    rows = [row for row in rows if row["what"] in _COLORS]
    figure = new_figure(8, 0.9 + 0.3 * len(rows))
    axes = figure.subplots()
    bars = axes.barh(
        range(len(rows)), [row["photos_per_s"] for row in rows], color=[_COLORS[row["what"]] for row in rows]
    )
    axes.bar_label(bars, fmt="%.1f", padding=3)
    axes.margins(x=0.1)
    axes.set_yticks(range(len(rows)), [_name(row) for row in rows])
    axes.invert_yaxis()
    axes.set_title("Photos of 1 to 2 megapixels a second", loc="left")
    return to_svg(figure)


def _name(row: Row) -> str:
    workers = f"{row['workers']} worker{'s' * (row['workers'] > 1)}"
    batch = f", batches of {row['batch_size']}" if row["batch_size"] else ""
    return f"{row['what']}, {workers}{_ON.get(row.get('device', ''), '')}{batch}"


def draw_curves(curves: Sequence[Curve]) -> str:
    """One panel each: a quantity over a count on a logarithmic axis."""
    figure = new_figure(8, 2.6 * len(curves))
    panels = figure.subplots(len(curves), squeeze=False)[:, 0]
    for number, (axes, (rows, along, key, title)) in enumerate(zip(panels, curves, strict=True)):
        counts, values = ([row[name] for row in rows] for name in (along, key))
        axes.semilogx(counts, values, marker="o", color=_LINES[number % len(_LINES)])
        for count, value in zip(counts, values, strict=True):
            axes.annotate(f"{value:.4g}", (count, value), (0, 6), textcoords="offset points", ha="center")
        axes.set_xticks(counts, [f"{count:,}" for count in counts])
        axes.minorticks_off()
        axes.set_ylim(0, max(values, default=1) * 1.2 or 1)
        axes.set_title(title, loc="left")
    return to_svg(figure)
