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
from skinscan.texts.bilingual import Language, Texts

__all__ = ["summarise_inventory", "summarise_verification"]

_Facts = list[tuple[str, str]]
_ID = 12  # digits of an id that tell bundles and keys apart


def summarise_verification(
    found: Verification, language: Language, width: int = 80, color: bool = False
) -> str:
    """The log, a line for each bundle, and every fault in words.

    `found`: what checking the folder gave. `language`: "zh" or "en". `width`: columns of the text, at most
    120 are used. `color`: whether ANSI colours are written.
    """
    texts = Texts(language)
    heads = [texts[key] for key in ("bundle", "case", "outcome", "sealed at", "state", "judged again")]
    table = plain_table(*heads)
    for whole in (0, 3):  # id and time
        table.columns[whole].no_wrap = True
    for check in found.bundles:
        table.add_row(*_row(check, texts), style="bold red" if check.fault else None)
    parts: list[RenderableType] = [fact_grid(_log(found.log, texts)), heading(texts["bundles"])]
    parts.append(indented(table if found.bundles else Text(texts["no bundles"])))
    faults = [(texts["fault"], str(fault)) for fault in found.faults]
    if faults:
        parts += ["", fact_grid(faults)]
    return render([*parts, "", Text(texts["evidence closing"], "dim")], width, color)


def summarise_inventory(
    found: Inventory, now: datetime, language: Language, width: int = 80, color: bool = False
) -> str:
    """What is kept, until when and signed by whom, bundle by bundle.

    `found`: what the folder keeps. `now`: limits of keeping that lie before it are overdue. `language`: "zh"
    or "en". `width`: columns of the text, at most 120 are used. `color`: whether ANSI colours are written.
    """
    texts = Texts(language)
    parts: list[RenderableType] = [fact_grid(_log(found.log, texts))]
    for holding in found.holdings:
        rows = _holding(holding, now, texts)
        parts += [heading(f"{texts['bundle']} {holding.bundle}"), indented(fact_grid(rows))]
    if not found.holdings:
        parts += ["", Text(texts["no bundles"])]
    return render([*parts, "", Text(texts["evidence closing"], "dim")], width, color)


def _log(log: Log, texts: Texts) -> _Facts:
    rows = [(texts["evidence log"], texts("log is", log.anchor.count))]
    rows += [("", texts("log ahead", log.ahead))] if log.ahead else []
    rows += [("", texts["log torn"])] if log.torn else []
    return [*rows, (texts["anchor"], texts("anchor is", log.anchor))]


def _row(check: Checked, texts: Texts) -> list[str]:
    return [
        check.bundle[:_ID],
        check.case_id or "-",
        check.outcome or "-",
        _local(check.sealed_at),
        texts[check.state],
        texts[f"replay {check.replay}"],
    ]


def _holding(holding: Holding, now: datetime, texts: Texts) -> _Facts:
    rows: _Facts = []
    if holding.facts:
        facts = holding.facts
        policy, judge = facts.policy, facts.environment
        rows += [
            (texts["case"], facts.case_id),
            (texts["outcome"], _outcome(facts.outcome, texts)),
            (
                texts["judged by"],
                texts("judged is", judge.skinscan, judge.rules[:_ID], policy["id"], policy["version"]),
            ),
        ]
    rows += [(texts["fault"], str(holding.fault))] if holding.fault else []
    rows.append((texts["sealed on"], _local(holding.sealed_at)))
    if holding.signer:
        rows.append((texts["signed by"], holding.signer[:_ID]))
    for part in ("findings", "images"):
        rows += _kept(holding, part, texts)
    if holding.erased_at:
        parts = texts.join(texts[part] for part in holding.erased)
        rows += [(texts["erased on"], texts("erased is", _local(holding.erased_at), parts))]
        rows += [("", texts["erased note"])]
    return rows + _until(holding, now, texts)


def _kept(holding: Holding, part: Part, texts: Texts) -> _Facts:
    members = [member for member in holding.members if member.part == part]
    names = ", ".join(member.name for member in members)
    size = sum(member.bytes for member in members) / 1000
    told = [(texts[f"{part} kept"], texts("kept is", len(members), size)), ("", names)]
    return told if members else []


def _until(holding: Holding, now: datetime, texts: Texts) -> _Facts:
    if not holding.members:
        return []
    rows = [(texts["until"], texts["until erased"])]
    if holding.images_until and "images" not in holding.erased:
        until = _local(holding.images_until)
        text = texts("overdue", until) if holding.images_until <= now else until
        rows.append(("", texts("until images", text)))
    return rows


def _outcome(code: str | None, texts: Texts) -> str:
    return texts.of(message("outcome", code)) if code else "-"


def _local(at: datetime | None) -> str:
    return f"{at.astimezone(CHINA):%Y-%m-%d %H:%M}" if at else "-"
