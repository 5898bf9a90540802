"""The risk-coverage curve of `bench claims` as an SVG: what deciding more costs, per tone class."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from skinscan.bench.picture import new_figure, to_svg

__all__ = ["draw_risk_coverage"]

_TARGET = 70  # % of the cases closed without a person
_TONES: Mapping[str, str] = {
    "very_light": "#e0b48c", "light": "#cf9a6b", "intermediate": "#b87f50", "tan": "#96623a",
    "brown": "#6d4427", "dark": "#452a18", "all": "#0b5cad",
}  # fmt: skip


def draw_risk_coverage(rows: Sequence[Mapping[str, Any]]) -> str:
    """The rows "policy" of `bench claims` as a picture; the same rows give the same bytes.

    Across: share of the cases that are closed without a person, %. Up: share of wrong among those, %.
    """
    points = [row for row in rows if row["what"] == "policy"]
    figure = new_figure(8, 4.8)
    axes = figure.subplots()
    for tone, color in _TONES.items():
        own = [row for row in points if row["tone"] == tone]
        at = [row["decided_percent"] for row in own], [row["risk_percent"] for row in own]
        width = 2.5 if tone == "all" else 1.0
        axes.plot(
            *at, marker="o", markersize=2 * width, linewidth=width, color=color, label=tone.replace("_", " ")
        )
    policies = [row for row in points if row["tone"] == "all"]
    for number, row in enumerate(policies):
        place = row["decided_percent"], row["risk_percent"]
        axes.annotate(
            str(number), place, (0, 7), textcoords="offset points", ha="center", color=_TONES["all"]
        )
    axes.axvline(_TARGET, color="#cc3333", linestyle="--", linewidth=1)
    axes.text(
        _TARGET,
        1.01,
        f"target {_TARGET} %",
        transform=axes.get_xaxis_transform(),
        ha="center",
        color="#cc3333",
    )
    axes.set_xlim(0, 100)
    axes.set_ylim(0, max(10.0, *(row["risk_percent"] for row in points)) * 1.1)
    axes.set_xlabel("closed without a person, %")
    axes.set_ylabel("wrong among those, %")
    axes.grid(color="#eeeeee")
    axes.set_title("Claims decided without a person: risk and coverage", loc="left", pad=18)
    names = [str(row["policy"]) for row in policies]
    told = [name if name[0].isdigit() else f"0: {name}" for name in names]
    figure.legend(title="tone of skin", loc="outside right upper", frameon=False)
    key = "policy\n" + "\n".join(told)
    axes.text(
        0.985,
        0.03,
        key,
        transform=axes.transAxes,
        ha="right",
        fontsize=8,
        linespacing=1.5,
        backgroundcolor="white",
    )
    return to_svg(figure)
