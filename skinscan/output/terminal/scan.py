"""Results as text for a terminal or a pipe, in Chinese or English.

Every function returns the text. Off a terminal it has no colour codes and no frames, so that it can be cut,
searched and mailed.
"""

from __future__ import annotations

import io
import math
import os
import shutil
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any, Literal, TextIO

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from skinscan.output.records.scan import MEASURES, given, withheld
from skinscan.texts.words import Language, Words
from skinscan.types import Light, Measure, Run, Scan, Score, Tone

if TYPE_CHECKING:
    from skinscan.runtime.doctor import Check as Finding
    from skinscan.runtime.model_files import ModelRow

__all__ = [
    "fact_grid", "heading", "indented", "likely_monk", "locale_language", "plain_table", "remark", "render",
    "shape", "summarise", "tabulate_bench", "tabulate_checks", "tabulate_models",
]  # fmt: skip

_WIDEST = 120  # columns the text fills at most
_BAR, _WIDE_BAR, _WIDE_FROM = 16, 40, 110  # cells of a score's bar; columns from which the wide one fits
_MONK_SHARE = 0.9  # least probability of the Monk tones that are named together
_DECIMALS = {"melanin_index": 0, "lightness": 0}  # of a zone's measures; 1 of the others
_LABEL = 12  # cells of the labels on the left
_HASH = 12  # digits of a SHA-256 that are shown

_Facts = list[tuple[str, str]]  # label, text


def locale_language() -> Language:
    """Chinese where the locale says so, else English."""
    named = (os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return "zh" if next(filter(None, named), "").startswith("zh") else "en"


def shape(stream: TextIO) -> tuple[int, bool]:
    """Columns to fill, and whether colours are wanted there."""
    colour = stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return shutil.get_terminal_size().columns, colour


def summarise(scan: Scan, language: Language, width: int = 80, colour: bool = False) -> str:
    """One scan, readable: what could be measured, scores, zones, tone, light, and how to retake the photo."""
    words = Words(language)
    bar = _WIDE_BAR if width >= _WIDE_FROM else _BAR
    parts: list[RenderableType] = [
        fact_grid(_subject(scan, words)),
        heading(words["scores"]),
        indented(_score_table(scan.scores.scores, words, bar)),
        remark(words["scores note"]),
        heading(words["zones"]),
        indented(_zone_table(scan, words)),
        remark(words["zones note"]),
        "",
        fact_grid([*_tone(scan.tone, words), *_light(scan.light, words), *_run(scan.run, words)]),
        "",
        fact_grid(_checks(scan, words)),
        "",
        Text(words["closing"], "dim"),
    ]
    return render(parts, width, colour)


def tabulate_models(rows: Sequence[ModelRow], width: int = 80, colour: bool = False) -> str:
    """State of the model files."""
    table = plain_table("name", "file", "size", "sha256", "status", "source", right=("size",))
    for row in rows:
        entry, style = row.entry, "green" if row.status == "ok" else "bold red"
        size = f"{entry.bytes / 1e6:.1f} MB" if entry.bytes >= 1e5 else f"{entry.bytes / 1e3:.1f} kB"
        cells = (
            entry.name,
            entry.file,
            size,
            entry.sha256[:_HASH],
            Text(row.status, style),
            row.source or "-",
        )
        table.add_row(*cells)
    return render([table], width, colour)


def tabulate_checks(checks: Sequence[Finding], width: int = 80, colour: bool = False) -> str:
    """What the doctor found, and under each fault what to type."""
    table = plain_table("", "check", "found")
    for check in checks:
        verdict = Text("ok", "green") if check.ok else Text("fault", "bold red")
        mend = f"\n-> {check.mend}" if check.mend else ""
        table.add_row(verdict, check.name, Text(check.found).append(mend, "bold"))
    return render([table], width, colour)


def tabulate_bench(result: Mapping[str, Any], width: int = 80, colour: bool = False) -> str:
    """A benchmark: what it ran on, then its rows; a table for each run of rows with the same columns."""
    context = {"benchmark": result["benchmark"], **result["context"]}
    facts = [(key, _cell(value)) for key, value in context.items() if isinstance(value, str | int | float)]
    parts: list[RenderableType] = [fact_grid(facts)]
    for columns, rows in groupby(result["rows"], key=tuple):
        heads = [key.replace("_", " ") for key in columns]
        cells = [[_cell(row[key]) for key in columns] for row in rows]
        parts.append("")
        if _narrowest(heads, cells) > width:  # too many columns: one block a row
            parts += [block for row in cells for block in (fact_grid(list(zip(heads, row, strict=True))), "")]
            continue
        words = [k for k, column in enumerate(zip(*cells, strict=True)) if not all(map(_is_number, column))]
        table = plain_table(*heads, right=[head for k, head in enumerate(heads) if k not in words])
        for k, column in enumerate(table.columns):
            column.no_wrap = k in words  # heads of numbers wrap at their spaces
        for row in cells:
            table.add_row(*row)
        parts.append(table)
    return render(parts, width, colour)


def _narrowest(heads: Sequence[str], cells: Sequence[Sequence[str]]) -> int:
    """Columns of the terminal below which a table would cut numbers or words of its heads."""
    longest = [max(map(len, head.split())) for head in heads]
    return sum(max(n, *(len(row[k]) for row in cells)) + 2 for k, n in enumerate(longest))


def _is_number(cell: str) -> bool:
    return cell == "-" or cell.lstrip("-").replace(".", "").replace("e", "").isdigit()


def _cell(value: object) -> str:
    if value is None:
        return "-"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _subject(scan: Scan, words: Words) -> _Facts:
    """The photo, the face, and which metrics were measured; the others with the code of the reason."""
    photo, face, pose = scan.photo, scan.face, scan.face.pose
    eyes = face.interocular_px * photo.width / photo.pixels.shape[1]
    turn = (round(angle) for angle in (pose.yaw, pose.pitch, pose.roll))
    is_given = given(scan)
    reasons = {name: score.reason for name, score in scan.scores.scores.items()} | {"tone": scan.tone.reason}
    missing = [f"{words[name]} ({reasons[name]})" for name, there in is_given.items() if not there]
    facts = [
        (
            words["photo"],
            words.fill("photo is", photo.name, photo.width, photo.height, photo.format, photo.icc),
        ),
        (words["face"], words.fill("face is", face.index + 1, face.count, eyes, *turn)),
        (words["measured"], words.join(words[name] for name, there in is_given.items() if there)),
    ]
    return [*facts, (words["not measured"], words.join(missing))] if missing else facts


def _score_table(scores: Mapping[str, Score], words: Words, cells: int) -> Table:
    head = [words[key] for key in ("score", "value", "interval", "higher means")]
    table = plain_table(*head[:3], "", head[3], right=head[1:3])
    for name, score in scores.items():
        if score.value is None or score.low is None or score.high is None:
            table.add_row(words[name], "-", "-", score.reason, words["not measured"].lower())
            continue
        bar = _bar(score.value, score.low, score.high, cells)
        interval = f"[{score.low:.1f}, {score.high:.1f}]"
        table.add_row(words[name], f"{score.value:.1f}", interval, bar, words[f"{name} >"])
    return table


def _bar(value: float, low: float, high: float, cells: int) -> str:
    """The value as a full block in its interval on 0..100."""
    first, at, last = (min(cells - 1, int(number / 100 * cells)) for number in (low, value, high))
    return "".join("█" if k == at else "▒" if first <= k <= last else "░" for k in range(cells))


def _zone_table(scan: Scan, words: Words) -> Table:
    heads = [words[name] for name in MEASURES]
    table = plain_table(
        words["zone"], *heads[:2], "", *heads[2:], words["pixels"], right=[*heads, words["pixels"]]
    )
    kept_back = withheld(scan)
    for name in scan.zones.masks:
        zone = scan.scores.zones.get(name)
        if zone is None:
            table.add_row(words[name], *["-"] * 2, "", *["-"] * 4, style="dim")
            continue
        given = {m: None if m in kept_back else getattr(zone, m) for m in MEASURES}
        numbers = [_spread(given[m], _DECIMALS.get(m, 1)) for m in MEASURES]
        arrow = _arrow(given["erythema_contrast"])
        table.add_row(words[name], *numbers[:2], arrow, *numbers[2:], str(zone.erythema_index.n_pixels))
    return table


def _spread(measure: Measure | None, digits: int = 1, unit: str = "") -> str:
    """Value and half the interval; the longer side if it is lopsided."""
    if measure is None or not math.isfinite(measure.value):
        return "-"
    half = max(measure.high - measure.value, measure.value - measure.low)
    return f"{measure.value:.{digits}f}{unit} ±{half:.{digits}f}"


def _arrow(contrast: Measure | None) -> str:
    if contrast is None:
        return ""
    return "▲" if contrast.low > 0 else "▼" if contrast.high < 0 else ""


def _tone(tone: Tone, words: Words) -> _Facts:
    label = words["tone"].capitalize()
    if not (tone.lab and tone.ita and tone.hue_angle and tone.ita_class):
        return [(label, words.fill("abstained", tone.reason))]
    lab = [_spread(measure) for measure in tone.lab]
    classes = words.join(words[name] for name in tone.ita_classes)
    undertone = words.join(f"{words[name]} {share:.0%}" for name, share in tone.undertone.items())
    return [
        (label, words.fill("tone is", *lab)),
        ("", words.fill("ita is", _spread(tone.ita, unit="°"), words[tone.ita_class], classes)),
        ("", words.fill("hue is", _spread(tone.hue_angle, unit="°"), undertone)),
        ("", words.fill("monk is", *likely_monk(tone.monk))),
    ]


def likely_monk(monk: Mapping[str, float]) -> tuple[str, float, str, str, float]:
    """Get the likeliest tone and its probability; the tones around it that reach _MONK_SHARE, and theirs."""
    names, shares = list(monk), list(monk.values())
    first = last = best = shares.index(max(shares))
    while sum(shares[first : last + 1]) < _MONK_SHARE and last - first < len(shares) - 1:
        lower = shares[first - 1] if first > 0 else -1.0
        upper = shares[last + 1] if last + 1 < len(shares) else -1.0
        first, last = (first - 1, last) if lower > upper else (first, last + 1)
    return names[best], shares[best], names[first], names[last], sum(shares[first : last + 1])


def _light(light: Light, words: Words) -> _Facts:
    text = words.fill("light is", words[light.reference], *light.residual, light.exposure_sigma)
    return [(words["lighting"], text)]


def _run(run: Run, words: Words) -> _Facts:
    models = ", ".join(f"{name} {sha256[:_HASH]}" for name, sha256 in run.models)
    text = f"skinscan {run.version}, {run.provider}, {models}"
    fallback = [("", words.fill("no cuda", run.fallback))] if run.fallback else []
    return [(words["run"], text), *fallback]


def _checks(scan: Scan, words: Words) -> _Facts:
    """Failed checks with what the photographer can do, and reasons of abstention that no check stands for."""
    checks = scan.quality.checks
    failed = [check for check in checks if not check.ok]
    reasons = [scan.tone.reason, *(score.reason for score in scan.scores.scores.values())]
    others = sorted({code for code in reasons if code} - {check.code for check in failed})
    if not failed and not others:
        return [(words["checks"], words.fill("checks passed", len(checks)))]
    rows = [(words["checks"], words.fill("checks failed", len(failed), len(checks)))]
    for check in failed:
        found = words.fill("check is", check.code, check.value, check.limit, check.unit)
        rows.append(("", f"{found} {words.of(check.advice)}"))
    return rows + [("", f"{code} {words[code]}") for code in others]


def plain_table(*columns: str, right: Iterable[str] = ()) -> Table:
    """A table without a frame."""
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    for column in columns:
        justify: Literal["left", "right"] = "right" if column in right else "left"
        table.add_column(column, justify=justify, no_wrap=justify == "right", overflow="fold")
    return table


def fact_grid(rows: _Facts) -> Table:
    """Labels on the left, their text wrapped beside them."""
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(style="bold", no_wrap=True, min_width=_LABEL)
    table.add_column(overflow="fold")  # Chinese has no blanks to break at
    for row in rows:
        table.add_row(*row)
    return table


def heading(text: str) -> Text:
    """Set a bold line after an empty one."""
    return Text(f"\n{text}", "bold")


def indented(part: RenderableType) -> Padding:
    """Move in by two."""
    return Padding(part, (0, 0, 0, 2))


def remark(text: str) -> Padding:
    """Set small print."""
    return indented(Text(text, "dim"))


def render(parts: Iterable[RenderableType], width: int, colour: bool) -> str:
    """Lay the parts out; lines do not end in blanks, the text does not end in a line break."""
    page = io.StringIO()
    console = Console(
        file=page, width=min(width, _WIDEST), force_terminal=colour, no_color=not colour,
        color_system="standard" if colour else None, highlight=False, markup=False, emoji=False,
    )  # fmt: skip
    for part in parts:
        console.print(part)
    return "\n".join(line.rstrip() for line in page.getvalue().splitlines())
