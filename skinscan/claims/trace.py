"""The reasoning of a verdict, one line a rule, so that a board can follow and replay it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, cast

from skinscan.claims.tables import Row, Status

__all__ = ["TraceLine", "looked_up", "ruled"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceLine:
    """A rule that fired, or that could not be applied because a fact is unknown."""

    rule: str  # stable name, e.g. "begaud.chronology"
    state: Literal["fired", "unknown"]
    value: str  # what came out, and from what
    status: Status  # how well the rule itself is founded
    source: str


def ruled(rule: str, value: str, *, source: str, status: Status = "design", known: bool = True) -> TraceLine:
    """A rule written in code; `known=False` if the fact it needs is missing.

    `rule`: its stable name. `value`: what came out, and from what. `source`: where the rule is from;
    `status`: how well it is founded. `known`: whether that fact is there.
    """
    return TraceLine(
        rule=rule, state="fired" if known else "unknown", value=value, status=status, source=source
    )


def looked_up(rule: str, value: str, row: Row) -> TraceLine:
    """A cell of a table, with the standing of that cell."""
    return TraceLine(
        rule=rule, state="fired", value=value, status=cast(Status, row["status"]), source=row["source"]
    )
