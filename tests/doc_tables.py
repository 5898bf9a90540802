"""Tables of the documents, made from the result files: cog calls these from the pages.

    make tables

A page holds `[[[cog ...` blocks in comments that import this module; what stands between a block and its
`[[[end]]]` is written by `cog -r` and held to be current by a test.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from tests.paths import ROOT

__all__ = [
    "Target", "cpu", "interface", "made_with", "number", "reaches", "references", "rows", "scales", "show",
    "targets", "transcript",
]  # fmt: skip

Row = dict[str, Any]
_WORDS = {
    "percent": "%", "ei": "EI", "icc": "ICC", "sd": "SD", "mae": "MAE",
    "auc": "AUC", "rms": "RMS", "sdc": "SDC",
    "de00": "dE00", "ms": "ms", "mib": "MiB", "iou": "IoU", "cpu": "CPU", "q05": "5 %", "q95": "95 %",
    "q90": "90 %", "p90": "90 %", "sem": "SEM",
}  # fmt: skip
_ROUNDED = 3  # digits after the point


@cache
def _result(benchmark: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((ROOT / "benchmarks" / "results" / f"{benchmark}.json").read_text())
    return found


def rows(benchmark: str, what: str, **match: Any) -> list[Row]:
    """Rows of a result whose `what` is the one given and whose columns are as in `match`, in saved order."""
    named = [row for row in _result(benchmark)["rows"] if row["what"] == what]
    found = [row for row in named if all(row.get(key) == value for key, value in match.items())]
    assert found, f"{benchmark}.json has no row {what!r} with {match}"
    return found


def number(benchmark: str, what: str, column: str, **match: Any) -> float:
    """One number of a result; of several rows the first, which is everybody or the worst."""
    return float(rows(benchmark, what, **match)[0][column])


def made_with(benchmark: str) -> str:
    """A line that says when and by which code a result was made."""
    context = _result(benchmark)["context"]
    return f"*Measured {context['date']} at commit {context['commit'].rstrip('+')[:7]}.*"


def show(
    benchmark: str, *whats: str, drop: Sequence[str] = (), first: str = "", worst: str = "", **match: Any
) -> str:
    """Rows as a Markdown table, in saved order, which is everybody first and then the worst.

    `whats`: of several the first column says which. `drop`: columns left out. `first`: head of that column.
    `worst`: column by which rows after everybody are put in order, least first ("-" before it: most first).
    """
    found = [row for what in whats for row in rows(benchmark, what, **match)]
    if worst:
        found = _worst_first(found, worst.removeprefix("-"), -1 if worst.startswith("-") else 1)
    keys = [key for key in found[0] if key not in {*drop, *match} and (key != "what" or len(whats) > 1)]
    heads = [first if key == "what" else _head(key) for key in keys]
    lines = [heads, ["---"] * len(keys), *([_cell(row.get(key)) for key in keys] for row in found)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _worst_first(found: list[Row], column: str, sign: int) -> list[Row]:
    """Each block of rows starts with everybody; those after it in the order of the column."""
    if "all" in found[-1].values() and "all" not in found[0].values():
        found = [found[-1], *found[:-1]]
    blocks: list[list[Row]] = []
    for row in found:
        if not blocks or "all" in row.values():
            blocks.append([])
        blocks[-1].append(row)
    return [
        row
        for everybody, *groups in blocks
        for row in [everybody, *sorted(groups, key=lambda group: sign * float(group[column]))]
    ]


def _head(key: str) -> str:
    return " ".join(_WORDS.get(word, word) for word in key.split("_"))


def _cell(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{round(value, _ROUNDED):g}"
    if isinstance(value, int):
        return f"{value:,}"
    return str(value).replace("_", " ")


def interface(model: str, **means: str) -> str:
    """Inputs and outputs of a model, from the manifest; `means` says what each is."""
    manifest = json.loads((ROOT / "models" / "manifest.json").read_text())
    (found,) = (each for each in manifest["models"] if each["name"] == model)
    lines = ["| | name | shape, dtype | unit, range | is |", "|---|---|---|---|---|"]
    for side in ("inputs", "outputs"):
        for each in found[side]:
            shape = ", ".join(map(str, each["shape"]))
            unit = [each.get("unit") or each.get("colour") or each.get("color") or ""]
            unit += ["{}..{}".format(*each["range"])] if each.get("range") else []
            cells = [
                side[:-1],
                each["name"],
                f"{shape}; {each.get('dtype', 'float32')}",
                ", ".join(filter(None, unit)),
            ]
            lines.append(f"| {' | '.join(cells)} | {means.pop(each['name'])} |")
    assert not means, f"the manifest has no {', '.join(means)}"
    return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class Target:
    """What was asked for, and the numbers that say whether it was reached."""

    benchmark: str
    what: str
    asked: str
    found: Sequence[float]
    met: Callable[[float], bool] | Sequence[Callable[[float], bool]]


def targets(every: Sequence[Target]) -> str:
    """Targets as a table; missed ones are marked."""
    lines = ["| benchmark | what | asked | found | met |", "|---|---|---|---|---|"]
    for target in every:
        tests = [target.met] * len(target.found) if callable(target.met) else target.met
        met = [test(value) for test, value in zip(tests, target.found, strict=True)]
        verdict = "yes" if all(met) else "**no**" if not any(met) else f"**{sum(met)} of {len(met)}**"
        found = " / ".join(_cell(value) for value in target.found)
        lines.append(f"| {target.benchmark} | {target.what} | {target.asked} | {found} | {verdict} |")
    return "\n".join(lines)


def references() -> str:
    """Rendered photos with and without each reference that the result knows, side by side."""
    held = sorted(
        {
            row["what"].split(" with a ")[1].split(",")[0]
            for row in _result("physics")["rows"]
            if " with a " in row["what"]
        }
    )
    lines = [
        "| reference | EI: r | MAE, % of the range | coverage | cheek dE00, median | 90 % |",
        "|---|---|---|---|---|---|",
    ]
    for name, prefix in [("none", "rendered"), *((name, f"rendered with a {name}") for name in held)]:
        ei, tone = (rows("physics", f"{prefix}, {what}", tone="all")[0] for what in ("EI", "tone"))
        cells = [
            name,
            *(_cell(ei[key]) for key in ("r", "mae_percent_of_range", "coverage_90")),
            *(_cell(tone[key]) for key in ("median_de00", "p90_de00")),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def scales() -> str:
    """Scales of people, from what `fit_people` wrote."""
    people = json.loads((ROOT / "models" / "training" / "data" / "people.json").read_text())["scores"]
    head = [
        "score",
        "ICC, two photos",
        "SD between people",
        "another photo within, points",
        "raw number at the knots",
    ]
    lines = [head, ["---"] * len(head)]
    for name, scale in people.items():
        level, share = scale["repeat"]
        within = f"{level:g}" + (f" and {100 * share:.0f} %" if share else "")
        lines.append(
            [
                name,
                f"{scale['icc']:g}",
                f"{scale['sd']:g}",
                within,
                ", ".join(f"{at:.4g}" for at in scale["at"]),
            ]
        )
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def reaches() -> str:
    """Factors of the intervals of scores, from what `fit_scores` and `fit_people` wrote."""
    data = ROOT / "models" / "training" / "data"
    fitted, people = (json.loads((data / name).read_text()) for name in ("scores.json", "people.json"))
    classes = ", ".join(f"{melanin:.0f}" for melanin in fitted["melanin"])
    lines = [f"| score | expected error times, of measured melanin {classes} MI |", "|---|---|"]
    for name, own in fitted["scores"].items():
        reach = people["scores"][name].get("reach")
        lines.append(f"| {name} | {reach or ', '.join(map(str, own['reach']))} |")
    return "\n".join(lines)


def transcript(line: str, *, first: int = 0, last: int = -1, width: int = 80) -> str:
    """What a command line prints in a terminal of `width` columns, lines `first` to `last`."""
    command = [sys.executable, "-m", "skinscan", *shlex.split(line)[1:]]
    place = os.environ | {"COLUMNS": str(width), "LANG": "C.UTF-8", "NO_COLOR": "1"}
    done = subprocess.run(command, cwd=ROOT, env=place, capture_output=True, text=True, check=False)
    lines = (done.stdout + done.stderr).splitlines()
    shown = [text.rstrip() for text in lines[first : len(lines) if last < 0 else last]]
    return "\n".join(["```", f"$ {line}", *shown, "```"])


def cpu() -> str:
    """CPU time by what was worked on; ms of the floor or of the scans alone beside it."""
    lines = ["| what | beside it, CPU ms | CPU, ms | times | USD for 1,000 |", "|---|---|---|---|---|"]
    found = [row for row in _result("speed")["rows"] if row["what"].startswith("CPU of ")]
    for row in found:
        beside = row.get("floor_cpu_ms", row.get("scans_cpu_ms"))
        whole = next(row[key] for key in ("scan_cpu_ms", "compare_cpu_ms", "claim_cpu_ms") if key in row)
        cells = [
            row["what"][7:],
            *map(_cell, (beside, whole, row.get("cpu_ratio"), row.get("usd_per_1000"))),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return (
        "\n".join(lines)
        if found
        else "*The saved result is older than these rows: run `skinscan bench speed`.*"
    )
