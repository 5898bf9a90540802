"""Shade matches and checks of catalogues as text for a terminal or a pipe, in Chinese or English."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.console import RenderableType
from rich.text import Text

from skinscan.output.terminal.layout import fact_grid, heading, indented, plain_table, remark, render
from skinscan.shades import Candidate, Catalog, Difference, ShadeAnswer, ShadeMatch
from skinscan.texts.words import Language, Words

__all__ = ["summarise_catalog", "summarise_shades"]

_MOST_PROBLEMS = 50
_Facts = list[tuple[str, str]]


def summarise_shades(found: ShadeMatch, language: Language, width: int = 80, color: bool = False) -> str:
    """The verdict first if one was asked for, then the shades, and what the error is made of."""
    words = Words(language)
    measures = [f"{m.value:.1f} [{m.low:.1f}, {m.high:.1f}]" for m in found.color]
    facts: _Facts = [
        (words["photo"], found.scan.photo.name),
        (words["catalogue"], words.fill("catalogue is", found.catalog.name, len(found.catalog.shades))),
        (words["colour at"].format(words[found.site]), words.fill("lab is", *measures)),
        (words["lighting"], words[found.scan.light.white_balance.reference]),
    ]
    if found.site != found.asked_site:
        facts.append(("", words.fill("other site", words[found.asked_site], words[found.site])))
    if found.known:
        known = found.known
        name = f"{known.shade.brand} {known.shade.product} {known.shade.shade}"
        facts.append((words["known shade"], words.fill(f"known {known.used}", name)))
    parts: list[RenderableType] = [fact_grid([*_verdict(found.claim, words), *facts])]
    parts += _list(words["shades that fit"], found.matches, words)
    if found.claim:
        parts += _list(words["neighbours"], found.claim.neighbours, words)
        parts += _list(words["equivalents"], found.claim.equivalents, words)
    budget = found.claim.budget if found.claim else found.budget
    by_card = found.scan.light.white_balance.reference == "card"
    parts += [
        remark(words.fill("shades note", found.acceptable)),
        "",
        fact_grid([(words["error budget"], _budget(budget, words))]),
        "",
        Text(words["shade closing card" if by_card else "shade closing"], "dim"),
    ]
    return render(parts, width, color)


def summarise_catalog(catalog: Catalog, language: Language, width: int = 80, color: bool = False) -> str:
    """How many rows are usable, of which grade; and what is wrong with the others."""
    words = Words(language)
    grades = words.join(f"{words[f'grade {name}']} {count}" for name, count in catalog.grades().items())
    refused = len({problem.row for problem in catalog.problems})
    facts = [
        (words["catalogue"], words.fill("catalogue is", catalog.name, len(catalog.shades))),
        (words["colour grades"], grades),
        (words["rows refused"], str(refused)),
    ]
    parts: list[RenderableType] = [fact_grid(facts)]
    if catalog.problems:
        table = plain_table(words["row"], words["field"], words["reason"], right=[words["row"]])
        for problem in catalog.problems[:_MOST_PROBLEMS]:
            table.add_row(str(problem.row), problem.field, problem.reason)
        parts += ["", table]
        rest = len(catalog.problems) - _MOST_PROBLEMS
        parts += [Text(words.fill("more problems", rest), "dim")] if rest > 0 else []
    return render(parts, width, color)


def _verdict(claim: ShadeAnswer | None, words: Words) -> _Facts:
    if claim is None:
        return []
    shade = claim.shade
    name = " ".join((shade.brand, shade.product, shade.shade))
    return [
        (words["verdict"], words[f"{claim.question} {claim.verdict}"]),
        ("", f"{name} ({shade.sku})"),
        *([("", words["by swatch"])] if claim.measured_on == "swatch" else []),
        ("", words.fill("difference is", *_numbers(claim.difference))),
        *([("", _direction(claim, words))] if claim.difference.direction else []),
    ]


def _direction(claim: ShadeAnswer, words: Words) -> str:
    return words.fill(f"{claim.question} direction", _words_of(claim.difference, words))


def _words_of(difference: Difference, words: Words) -> str:
    return words.join(words[code] for code in difference.direction)


def _numbers(difference: Difference) -> tuple[float, float, float, float]:
    return difference.delta_e00, difference.low, difference.high, difference.probability_acceptable


def _list(title: str, candidates: Sequence[Candidate], words: Words) -> list[RenderableType]:
    if not candidates:
        return []
    heads = (words["fits with"], words["dE00"], words["interval"])
    table = plain_table(words["shade"], *heads, words["direction"], right=heads[:2])
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
            _words_of(one.difference, words),
        )
    return [heading(title), indented(table)]


def _budget(budget: Mapping[str, float], words: Words) -> str:
    return words.join(f"{words[f'error {name}']} {value:.1f}" for name, value in budget.items())
