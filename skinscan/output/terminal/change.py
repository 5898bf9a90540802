"""A comparison as text for a terminal or a pipe, in Chinese or English."""

from __future__ import annotations

from rich.console import RenderableType
from rich.text import Text

from skinscan.change.types import Change, Finding, ZoneChange
from skinscan.facemesh.zones import SKIN_ZONES
from skinscan.output.phrases import bound_phrase, difference_phrase, finding_phrase, verdict_phrase
from skinscan.output.terminal.layout import fact_grid, heading, indented, plain_table, remark, render
from skinscan.texts.bilingual import Language, Texts
from skinscan.types import JUST_VISIBLE

__all__ = ["doubt_line", "summarise_change"]

_ARROW = {"increase": "▲", "decrease": "▼", "no_change": "=", "inconclusive": ""}
_ALL_COLUMNS = 86  # columns of the terminal that the whole table needs
_Facts = list[tuple[str, str]]


def summarise_change(change: Change, language: Language, width: int = 80, color: bool = False) -> str:
    """The verdict first, then what it stands on: area, zones, whole face, doubts.

    `change`: a comparison, or why there is none. `language`: "zh" or "en". `width`: columns of the text, at
    most 120 are used. `color`: whether ANSI colours are written.
    """
    texts = Texts(language)
    parts: list[RenderableType] = [fact_grid(_verdict(change, texts))]
    if change.status == "ok":
        parts += [
            heading(texts["change zones"]),
            indented(_zones(change, texts, wide=width >= _ALL_COLUMNS)),
            remark(texts("change note", JUST_VISIBLE)),
            "",
            fact_grid(
                [
                    *_unseen(change, texts),
                    *_affected(change, texts),
                    *_blemishes(change, texts),
                    *_face(change, texts),
                ]
            ),
        ]
    found = [(texts["doubt"], doubt_line(f, texts)) for f in change.findings]
    if found:
        parts += ["", fact_grid(found)]
    parts += ["", Text(texts["change closing"], "dim")]
    return render(parts, width, color)


def doubt_line(finding: Finding, texts: Texts) -> str:
    """A finding in words: code, reason and what to do."""
    return f"{finding.code} {finding_phrase(finding, texts)}"


def _verdict(change: Change, texts: Texts) -> _Facts:
    names = [texts.join(scan.photo.name for scan in side) for side in (change.before, change.after)]
    photos = (texts["before and after"], f"{names[0]} -> {names[1]}")
    if change.status == "refused":
        return [(texts["verdict"].capitalize(), texts["refused"]), photos]
    where = texts.area(change.area_name) if change.area_name else texts["all skin"]
    verdict = verdict_phrase(change, texts)
    rows = [(texts["verdict"].capitalize(), texts("verdict is", verdict, where)), photos]
    if change.area:
        rows.append(("", difference_phrase(change.area.erythema_index, texts)))
    bound = bound_phrase(change, texts)
    return [*rows, (texts["at most"], bound)] if bound else rows


def _zones(change: Change, texts: Texts, *, wide: bool) -> RenderableType:
    """Erythema with its interval; melanin, shine and colour only where numbers need not be cut for them."""
    keys = ("delta EI", "interval", "sdc", "delta MI", "delta shine", "dE00")[: 6 if wide else 3]
    heads = [texts[key] for key in keys]
    out = plain_table(texts["zone"], "", *heads, right=[texts["zone"], *heads])
    out.columns[0].justify = "left"
    out.columns[1].min_width = 1
    rows = list(change.zones.items())
    if change.area:
        rows.insert(0, ("claimed", change.area))
    for name, zone in rows:
        out.add_row(texts[name], *_row(zone)[: len(heads) + 1])
    return out


def _unseen(change: Change, texts: Texts) -> _Facts:
    missing = [texts[name] for name in SKIN_ZONES if name not in change.zones]
    return [(texts["not measured"], texts.join(missing))] if missing else []


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


def _affected(change: Change, texts: Texts) -> _Facts:
    affected = change.affected
    if affected is None:
        return []
    pattern = texts["no pattern" if affected.pattern == "none" else affected.pattern]
    text = texts("affected is", affected.percent, affected.area_cm2, pattern)
    return [(texts["affected"], text)]


def _blemishes(change: Change, texts: Texts) -> _Facts:
    spots = change.blemishes
    if spots is None:
        return []
    text = texts("blemishes changed", len(spots.new), len(spots.gone), spots.kept, spots.by_chance)
    return [(texts["blemishes"].capitalize(), text)]


def _face(change: Change, texts: Texts) -> _Facts:
    if change.face is None:
        return []
    delta = change.face.erythema_index
    return [(texts["whole face"], texts("face change is", delta.delta, delta.low, delta.high))]
