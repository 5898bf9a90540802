"""Early warning as text for a terminal or a pipe, in Chinese or English."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import RenderableType
from rich.table import Table

from skinscan.output.phrases import ratio_phrase
from skinscan.output.terminal.layout import fact_grid, heading, indented, plain_table, remark, render
from skinscan.signals.types import Signal, Signals
from skinscan.texts.bilingual import Language, Texts, capital

__all__ = ["summarise_signals"]

_SHOWN = 10  # of those that are not flagged, and of ingredients


def summarise_signals(found: Signals, language: Language, width: int = 80, color: bool = False) -> str:
    """What is flagged first, then the next in line, then ingredients by skin type.

    `found`: of all verdicts. `language`: "zh" or "en". `width`: columns of the text, at most 120 are used.
    `color`: whether ANSI colours are written.
    """
    t = Texts(language)
    flagged = found.flagged
    others = [signal for signal in found.signals if not signal.flagged][:_SHOWN]
    parts: list[RenderableType] = [
        fact_grid(
            [
                (
                    capital(t("claims")),
                    t("signals counted", found.claims, found.reactions, found.first, found.last),
                ),
                (t("early warning"), t("signals flagged", len(flagged)) if flagged else t("signals none")),
            ]
        )
    ]
    if found.skipped:
        parts.append(remark(t("signals skipped", found.skipped)))
    if found.unmatched:
        parts.append(remark(t("signals unmatched", found.unmatched)))
    if flagged:
        parts += [heading(t("flagged")), indented(_table(flagged, t, since=True))]
        parts += [
            remark(t("signals tell", len(signal.tell), t(f"kind {signal.kind}"), signal.name))
            for signal in flagged
            if signal.tell
        ]
    if others:
        parts += [heading(t("signals next")), indented(_table(others, t, since=False))]
    if found.ingredients:
        parts += [heading(t("signals skin")), indented(_ingredients(found, t))]
    parts += [remark(t("signals note", found.least, 100 * found.false_discovery_rate))]
    return render(parts, width, color)


def _table(signals: Sequence[Signal], t: Texts, *, since: bool) -> Table:
    numbers = (t("reactions"), t("claims"))
    table = plain_table(
        t("signal of"), *numbers, t("times as often"), t("since") if since else t("e-value"), right=numbers
    )
    for signal in signals:
        table.add_row(
            f"{t(f'kind {signal.kind}')} {signal.name}",
            str(signal.counts.reactions),
            str(signal.counts.claims),
            ratio_phrase(signal.rate_ratio or signal.counts.prr, t),
            str(signal.first_flagged) if since else f"{signal.evidence:.3g}",
        )
    return table


def _ingredients(found: Signals, t: Texts) -> Table:
    numbers = (t("reactions"), t("claims"))
    table = plain_table(t("ingredient"), t("skin type"), *numbers, t("times as often"), right=numbers)
    for row in found.ingredients[:_SHOWN]:
        counts = row.counts
        table.add_row(
            row.ingredient,
            t(f"skin {row.skin_type}"),
            str(counts.reactions),
            str(counts.claims),
            ratio_phrase(counts.prr, t),
        )
    return table
