"""Shade matches and checks of catalogues as text for a terminal or a pipe, in Chinese or English."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.console import RenderableType
from rich.text import Text

from skinscan.output.terminal.layout import fact_grid, heading, indented, plain_table, remark, render
from skinscan.shades import Candidate, Catalog, Difference, ShadeAnswer, ShadeMatch
from skinscan.texts.bilingual import Language, Texts

__all__ = ["summarise_catalog", "summarise_shades"]

_MOST_PROBLEMS = 50
_Facts = list[tuple[str, str]]


def summarise_shades(found: ShadeMatch, language: Language, width: int = 80, color: bool = False) -> str:
    """The verdict first if one was asked for, then the shades, and what the error is made of.

    `found`: the shades for one scan. `language`: "zh" or "en". `width`: columns of the text, at most 120 are
    used. `color`: whether ANSI colours are written.
    """
    texts = Texts(language)
    measures = [f"{m.value:.1f} [{m.low:.1f}, {m.high:.1f}]" for m in found.color]
    facts: _Facts = [
        (texts["photo"], found.scan.photo.name),
        (texts["catalogue"], texts("catalogue is", found.catalog.name, len(found.catalog.shades))),
        (texts("colour at", texts[found.site]), texts("lab is", *measures)),
        (texts["lighting"], texts[found.scan.light.white_balance.reference]),
    ]
    if found.site != found.asked_site:
        facts.append(("", texts("other site", texts[found.asked_site], texts[found.site])))
    if found.known:
        known = found.known
        name = f"{known.shade.brand} {known.shade.product} {known.shade.shade}"
        facts.append((texts["known shade"], texts(f"known {known.used}", name)))
    parts: list[RenderableType] = [fact_grid([*_verdict(found.claim, texts), *facts])]
    if found.reason:
        parts += ["", Text(texts[f"{found.reason} advice"])]
    else:
        parts += _list(texts["shades that fit"], found.matches, texts)
    if found.claim:
        parts += _list(texts["neighbours"], found.claim.neighbours, texts)
        parts += _list(texts["equivalents"], found.claim.equivalents, texts)
    budget = found.claim.budget if found.claim else found.budget
    by_card = found.scan.light.white_balance.by_card
    parts += [
        remark(texts("shades note", found.acceptable)),
        "",
        fact_grid([(texts["error budget"], _budget(budget, texts))]),
        "",
        Text(texts["shade closing card" if by_card else "shade closing"], "dim"),
    ]
    return render(parts, width, color)


def summarise_catalog(catalog: Catalog, language: Language, width: int = 80, color: bool = False) -> str:
    """How many rows are usable, of which grade; and what is wrong with the others.

    `catalog`: as read, with its problems. `language`: "zh" or "en". `width`: columns of the text, at most 120
    are used. `color`: whether ANSI colours are written.
    """
    texts = Texts(language)
    grades = texts.join(f"{texts[f'grade {name}']} {count}" for name, count in catalog.grades().items())
    refused = len({problem.row for problem in catalog.problems})
    facts = [
        (texts["catalogue"], texts("catalogue is", catalog.name, len(catalog.shades))),
        (texts["colour grades"], grades),
        (texts["rows refused"], str(refused)),
    ]
    parts: list[RenderableType] = [fact_grid(facts)]
    if catalog.problems:
        table = plain_table(texts["row"], texts["field"], texts["reason"], right=[texts["row"]])
        for problem in catalog.problems[:_MOST_PROBLEMS]:
            table.add_row(str(problem.row), problem.field, problem.reason)
        parts += ["", table]
        rest = len(catalog.problems) - _MOST_PROBLEMS
        parts += [Text(texts("more problems", rest), "dim")] if rest > 0 else []
    return render(parts, width, color)


def _verdict(claim: ShadeAnswer | None, texts: Texts) -> _Facts:
    if claim is None:
        return []
    shade = claim.shade
    name = " ".join((shade.brand, shade.product, shade.shade))
    return [
        (texts["verdict"], texts[f"{claim.question} {claim.verdict}"]),
        ("", f"{name} ({shade.sku})"),
        *([("", texts["by swatch"])] if claim.measured_on == "swatch" else []),
        ("", texts("difference is", *_numbers(claim.difference))),
        *([("", _direction(claim, texts))] if claim.difference.direction else []),
    ]


def _direction(claim: ShadeAnswer, texts: Texts) -> str:
    return texts(f"{claim.question} direction", _words_of(claim.difference, texts))


def _words_of(difference: Difference, texts: Texts) -> str:
    return texts.join(texts[code] for code in difference.direction)


def _numbers(difference: Difference) -> tuple[float, float, float, float]:
    return difference.delta_e00, difference.low, difference.high, difference.probability_acceptable


def _list(title: str, candidates: Sequence[Candidate], texts: Texts) -> list[RenderableType]:
    if not candidates:
        return []
    heads = (texts["fits with"], texts["dE00"], texts["interval"])
    table = plain_table(texts["shade"], *heads, texts["direction from skin"], right=heads[:2])
    table.columns[0].max_width = 40
    for one in candidates:
        median, low, high, probability = _numbers(one.difference)
        low_grade = "*" if one.shade.grade == "hex" else ""
        name = f"{one.shade.brand} {one.shade.product} {one.shade.shade}{low_grade}"
        table.add_row(
            name,
            f"{probability:.0%}",
            f"{median:.1f}",
            f"[{low:.1f}, {high:.1f}]",
            _words_of(one.difference, texts),
        )
    return [heading(title), indented(table)]


def _budget(budget: Mapping[str, float], texts: Texts) -> str:
    return texts.join(f"{texts[f'error {name}']} {value:.1f}" for name, value in budget.items())
