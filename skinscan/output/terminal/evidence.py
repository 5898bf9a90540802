"""Sealed evidence as text for a terminal or a pipe, in Chinese or English."""

from __future__ import annotations

from datetime import datetime

from rich.console import RenderableType
from rich.text import Text

from skinscan.claims.messages import message
from skinscan.claims.reported_times import CHINA
from skinscan.evidence import Checked, Holding, Inventory, Verification
from skinscan.evidence.cipher import Part
from skinscan.evidence.log import Log
from skinscan.output.terminal.layout import fact_grid, heading, indented, plain_table, render
from skinscan.texts.words import Language, Words

__all__ = ["summarise_inventory", "summarise_verification"]

_Facts = list[tuple[str, str]]
_ID = 12  # digits of an id that tell bundles and keys apart


def summarise_verification(
    found: Verification, language: Language, width: int = 80, color: bool = False
) -> str:
    """The log, a line for each bundle, and every fault in words."""
    words = Words(language)
    heads = [words[key] for key in ("bundle", "case", "outcome", "sealed at", "state", "replay")]
    table = plain_table(*heads)
    for whole in (0, 3):  # id and time
        table.columns[whole].no_wrap = True
    for check in found.bundles:
        table.add_row(*_row(check, words), style="bold red" if check.fault else None)
    parts: list[RenderableType] = [fact_grid(_log(found.log, words)), heading(words["bundles"])]
    parts.append(indented(table if found.bundles else Text(words["no bundles"])))
    faults = [(words["fault"], str(fault)) for fault in found.faults]
    if faults:
        parts += ["", fact_grid(faults)]
    return render([*parts, "", Text(words["evidence closing"], "dim")], width, color)


def summarise_inventory(
    found: Inventory, now: datetime, language: Language, width: int = 80, color: bool = False
) -> str:
    """What is kept, until when and signed by whom, bundle by bundle."""
    words = Words(language)
    parts: list[RenderableType] = [fact_grid(_log(found.log, words))]
    for holding in found.holdings:
        rows = _holding(holding, now, words, language)
        parts += [heading(f"{words['bundle']} {holding.bundle}"), indented(fact_grid(rows))]
    if not found.holdings:
        parts += ["", Text(words["no bundles"])]
    return render([*parts, "", Text(words["evidence closing"], "dim")], width, color)


def _log(log: Log, words: Words) -> _Facts:
    rows = [(words["evidence log"], words.fill("log is", log.anchor.count))]
    rows += [("", words.fill("log ahead", log.ahead))] if log.ahead else []
    rows += [("", words["log torn"])] if log.torn else []
    return [*rows, (words["anchor"], words.fill("anchor is", log.anchor))]


def _row(check: Checked, words: Words) -> list[str]:
    return [
        check.bundle[:_ID],
        check.case_id or "-",
        check.outcome or "-",
        _local(check.sealed_at),
        words[check.state],
        words[f"replay {check.replay}"],
    ]


def _holding(holding: Holding, now: datetime, words: Words, language: Language) -> _Facts:
    rows: _Facts = []
    if holding.facts:
        facts = holding.facts
        policy, judge = facts.policy, facts.environment
        rows += [
            (words["case"], facts.case_id),
            (words["outcome"], _outcome(facts.outcome, language)),
            (
                words["judged by"],
                words.fill("judged is", judge.skinscan, judge.rules[:_ID], policy["id"], policy["version"]),
            ),
        ]
    rows += [(words["fault"], str(holding.fault))] if holding.fault else []
    rows.append((words["sealed on"], _local(holding.sealed_at)))
    if holding.signer:
        rows.append((words["signed by"], holding.signer[:_ID]))
    for part in ("findings", "images"):
        rows += _kept(holding, part, words)
    if holding.erased_at:
        parts = words.join(words[part] for part in holding.erased)
        rows += [(words["erased on"], words.fill("erased is", _local(holding.erased_at), parts))]
        rows += [("", words["erased note"])]
    return rows + _until(holding, now, words)


def _kept(holding: Holding, part: Part, words: Words) -> _Facts:
    members = [member for member in holding.members if member.part == part]
    names = ", ".join(member.name for member in members)
    size = sum(member.bytes for member in members) / 1000
    told = [(words[f"{part} kept"], words.fill("kept is", len(members), size)), ("", names)]
    return told if members else []


def _until(holding: Holding, now: datetime, words: Words) -> _Facts:
    if not holding.members:
        return []
    rows = [(words["until"], words["until erased"])]
    if holding.images_until and "images" not in holding.erased:
        until = _local(holding.images_until)
        text = words.fill("overdue", until) if holding.images_until <= now else until
        rows.append(("", words.fill("until images", text)))
    return rows


def _outcome(code: str | None, language: Language) -> str:
    if not code:
        return "-"
    said = message("outcome", code)
    return said.zh if language == "zh" else said.en


def _local(at: datetime | None) -> str:
    return f"{at.astimezone(CHINA):%Y-%m-%d %H:%M}" if at else "-"
