"""Which facts stand well enough for the outcome that the tables propose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from skinscan.claims.facts import Fact, weight_of
from skinscan.claims.policy.decision_table import matches
from skinscan.claims.policy.model import EVIDENCE_SPACE, Outcome, Policy
from skinscan.claims.terms import FactName, Source

__all__ = ["Standing", "established", "lacking", "weigh_facts"]

_SHARES_ONLY: tuple[FactName, ...] = ("transport_damage", "batch_defect")
"""Facts that shift a cost from one firm to another: the person is owed the same without them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A fact against what the policy asks of it."""

    fact: Fact
    needs: Source | None  # none: the outcome proposed moves no money
    rule: str

    @property
    def enough(self) -> bool:
        """It rests on at least what is asked for."""
        return self.needs is None or weight_of(self.fact.source) >= weight_of(self.needs)


def weigh_facts(facts: Sequence[Fact], proposal: Outcome, policy: Policy) -> tuple[Standing, ...]:
    """Hold every fact against the policy's table for the outcome proposed."""
    return tuple(_weigh(fact, proposal, policy) for fact in facts)


def _weigh(fact: Fact, proposal: Outcome, policy: Policy) -> Standing:
    if proposal not in EVIDENCE_SPACE["outcome"]:
        return Standing(fact=fact, needs=None, rule="")
    asked = {"fact": fact.name, "outcome": proposal}
    row = next(row for row in policy.evidence if matches(row.when, asked))
    return Standing(fact=fact, needs=row.needs, rule=row.id)


def lacking(standings: Sequence[Standing]) -> list[Fact]:
    """Facts without which nothing may be paid or refused."""
    return [s.fact for s in standings if not s.enough and s.fact.name not in _SHARES_ONLY]


def established(standings: Sequence[Standing]) -> set[FactName]:
    """Facts that may shift a cost."""
    return {s.fact.name for s in standings if s.enough}
