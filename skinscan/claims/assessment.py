"""A claim after the rules of its own kind; what is left to do is common to both kinds."""

from __future__ import annotations

from dataclasses import dataclass

from skinscan.claims.facts import Fact
from skinscan.claims.help.care import CarePlan
from skinscan.claims.ingredients.relevance import Hazard
from skinscan.claims.policy.model import Cause, Outcome
from skinscan.claims.reaction.causality import Causality
from skinscan.claims.terms import Seriousness, Severity
from skinscan.claims.trace import TraceLine
from skinscan.claims.verdict_model import ShadeReport

__all__ = ["Assessment"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """What the rules of a kind give. Lists of codes are those of ``messages.csv`` but for `missing`."""

    proposal: Outcome  # what the tables give, behind the red line
    cause: Cause | None  # none: nothing to answer for yet
    reasons: list[str]
    missing: list[str]  # codes of ``requests.csv``
    facts: tuple[Fact, ...]  # on which money moves
    advice: list[str]
    trace: list[TraceLine]
    red_flags: list[str]
    human: list[str]  # reasons why a person must decide
    causality: Causality | None  # this and the next two: none for a shade
    severity: Severity | None
    seriousness: Seriousness | None
    shade: ShadeReport | None  # none for a reaction
    care: CarePlan | None = None  # none for a shade
    hazards: tuple[Hazard, ...] = ()  # of the list, most relevant to this claim first
