"""A column: its name, type, unit and meaning, and how a row gives its cell."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

__all__ = ["Choice", "Column", "Row", "Type", "Value", "at", "below", "codes", "joined", "leaf"]

Choice = Literal["all", "summary"]
Type = Literal["text", "int", "float", "bool"]
Value = str | int | float | bool | None
Row = Mapping[str, Any]
"""A row of a batch, "skinscan.row/1"."""

_BETWEEN = "; "  # entries of a list in one cell


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of a table."""

    name: str  # path of the value in the row's result, or in the row itself
    type: Type
    unit: str  # empty for text and for what is counted
    meaning: str
    summary: bool  # it is among the some forty of `--columns summary`
    family: str  # the name with ZONE, SCORE and the like in the place of what differs between columns
    get: Callable[[Row], Value]


def leaf(
    name: str,
    type: Type,
    meaning: str,
    unit: str = "",
    *,
    summary: bool = False,
    family: str = "",
    get: Callable[[Row], Value] | None = None,
) -> Column:
    """A column of the value at the path `name` of the row's result.

    Args:
        name: of the column.
        type: of its cells.
        meaning: what it is, in a few words.
        unit: of its numbers.
        summary: it is in the summary.
        family: how a list of columns names it together with others like it; by default its name.
        get: how a row gives the cell, if it is not simply at that path.
    """
    keys = tuple(name.split("."))
    return Column(
        name=name, type=type, unit=unit, meaning=meaning, summary=summary, family=family or name,
        get=get or (lambda row: at(row["result"], *keys)),
    )  # fmt: skip


def below(prefix: str, columns: Iterable[Column]) -> list[Column]:
    """The columns of a result that another result holds at `prefix`; none of them is in the summary."""
    keys = tuple(prefix.split("."))

    def inside(get: Callable[[Row], Value]) -> Callable[[Row], Value]:
        return lambda row: get({**row, "result": at(row["result"], *keys)})

    return [
        replace(
            column,
            name=f"{prefix}.{column.name}",
            family=f"{prefix}.{column.family}",
            summary=False,
            get=inside(column.get),
        )
        for column in columns
    ]


def at(value: Any, *keys: str) -> Any:
    """What stands at a path; None where it ends early."""
    for key in keys:
        if not isinstance(value, Mapping):
            return None
        value = value.get(key)
    return value


def codes(*keys: str, code: str = "code") -> Callable[[Row], Value]:
    """A cell of the codes of a list of objects."""
    return lambda row: joined(each[code] for each in at(row["result"], *keys) or ())


def joined(texts: Iterable[object]) -> str | None:
    """Entries of a list as one cell; None for an empty one."""
    return _BETWEEN.join(map(str, texts)) or None
