"""A comparison as text for a terminal or a pipe, in Chinese or English."""

from __future__ import annotations

from rich.console import RenderableType
from rich.text import Text

from skinscan.change.types import Change, Finding, ZoneChange
from skinscan.facemesh.zones import SKIN_ZONES
from skinscan.output.terminal.layout import fact_grid, heading, indented, plain_table, remark, render
from skinscan.texts.words import Language, Words

__all__ = ["doubt_line", "summarise_change"]

_ARROW = {"increase": "▲", "decrease": "▼", "no_change": "=", "inconclusive": ""}
_ALL_COLUMNS = 86  # columns of the terminal that the whole table needs
_Facts = list[tuple[str, str]]


def summarise_change(change: Change, language: Language, width: int = 80, color: bool = False) -> str:
    """The verdict first, then what it stands on: area, zones, whole face, doubts."""
    words = Words(language)
    parts: list[RenderableType] = [fact_grid(_verdict(change, words))]
    if change.status == "ok":
        parts += [
            heading(words["change zones"]),
            indented(_zones(change, words, wide=width >= _ALL_COLUMNS)),
            remark(words["change note"]),
            "",
            fact_grid([*_unseen(change, words), *_affected(change, words), *_face(change, words)]),
        ]
    found = [(words["doubt"], doubt_line(f, words)) for f in change.findings]
    if found:
        parts += ["", fact_grid(found)]
    parts += ["", Text(words["change closing"], "dim")]
    return render(parts, width, color)


def doubt_line(finding: Finding, words: Words) -> str:
    """A finding in words: code, reason and what to do."""
    return f"{finding.code} {words.of(finding.reason)} {words['->']} {words.of(finding.advice)}"


def _verdict(change: Change, words: Words) -> _Facts:
    names = [words.join(scan.photo.name for scan in side) for side in (change.before, change.after)]
    rows = [(words["before and after"], f"{names[0]} -> {names[1]}")]
    if change.status == "refused":
        return [*rows, (words["verdict"].capitalize(), words["refused"])]
    where = words.area(change.area_name) if change.area_name else words["all skin"]
    rows.append(
        (words["verdict"].capitalize(), words.fill("verdict is", words[f"{change.verdict} verdict"], where))
    )
    if change.area:
        rows.append(("", words.change(change.area.erythema_index)))
    return rows


def _zones(change: Change, words: Words, *, wide: bool) -> RenderableType:
    """Erythema with its interval; melanin, shine and colour only where numbers need not be cut for them."""
    keys = ("delta EI", "interval", "sdc", "delta MI", "delta shine", "dE00")[: 6 if wide else 3]
    heads = [words[key] for key in keys]
    out = plain_table(words["zone"], "", *heads, right=[words["zone"], *heads])
    out.columns[0].justify = "left"
    out.columns[1].min_width = 1
    rows = list(change.zones.items())
    if change.area:
        rows.insert(0, ("claimed", change.area))
    for name, zone in rows:
        out.add_row(words[name], *_row(zone)[: len(heads) + 1])
    return out


def _unseen(change: Change, words: Words) -> _Facts:
    missing = [words[name] for name in SKIN_ZONES if name not in change.zones]
    return [(words["not measured"], words.join(missing))] if missing else []


def _row(zone: ZoneChange) -> tuple[str, ...]:
    delta = zone.erythema_index
    return (
        _ARROW[delta.verdict],
        f"{delta.delta:+.1f}",
        f"[{delta.low:+.1f}, {delta.high:+.1f}]",
        f"{delta.sdc:.1f}",
        f"{zone.melanin_index.delta:+.1f}",
        f"{zone.shine.delta:+.1f}",
        f"{zone.delta_e00.value:.1f}",
    )


def _affected(change: Change, words: Words) -> _Facts:
    affected = change.affected
    if affected is None:
        return []
    pattern = words["no pattern" if affected.pattern == "none" else affected.pattern]
    text = words.fill("affected is", affected.percent, affected.area_cm2, pattern)
    return [(words["affected"], text)]


def _face(change: Change, words: Words) -> _Facts:
    if change.face is None:
        return []
    delta = change.face.erythema_index
    return [(words["whole face"], words.fill("face change is", delta.delta, delta.low, delta.high))]
