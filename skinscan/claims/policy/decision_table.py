"""Decision tables: finite inputs, one answer for each combination, proved when they are loaded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import product

__all__ = ["Combination", "Space", "When", "check_unique", "combinations", "matches"]

Space = Mapping[str, tuple[str, ...]]
"""Input name -> every value it can take."""

Combination = dict[str, str]
When = Mapping[str, tuple[str, ...]]
"""Input name -> the values a row is for; an input that is not named may be anything."""


def combinations(space: Space) -> Iterable[Combination]:
    """Every combination of inputs, in a fixed order."""
    for values in product(*space.values()):
        yield dict(zip(space, values, strict=True))


def matches(when: When, facts: Mapping[str, str]) -> bool:
    """The row is for these facts."""
    return all(facts[name] in values for name, values in when.items())


def check_unique(rows: Iterable[When], space: Space) -> list[tuple[int | None, str]]:
    """Gaps and overlaps of a table in which exactly one row must match. Empty: none.

    Each is (index of the later row, message); a gap has no row.
    """
    table = list(rows)
    found: dict[tuple[int | None, str], str] = {}
    for facts in combinations(space):
        hits = [index for index, when in enumerate(table) if matches(when, facts)]
        example = ", ".join(f"{name} {value}" for name, value in facts.items())
        if not hits:
            found.setdefault((None, "gap"), f"no row for {example}")
        for later in hits[1:]:
            found.setdefault((later, f"{hits[0]}"), f"overlaps row {hits[0] + 1} for {example}")
    return [(index, message) for (index, _), message in found.items()]
