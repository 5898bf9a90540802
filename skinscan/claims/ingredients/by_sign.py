"""How much a listed hazard matters for the signs complained of: what fits them comes first.

A comedogenic oil matters for spots, alcohol for stinging, an acid that stayed on the skin for redness and
peeling; a fragrance allergen matters little for comedones. ``data/sign_fit.csv`` says what fits what.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache

from skinscan.claims.claim import ReactionClaim
from skinscan.claims.ingredients.relevance import Hazard, LabelFindings, Relevance
from skinscan.claims.ingredients.substances import Substance
from skinscan.claims.tables import Row, read_table

__all__ = ["hazards_by_sign"]

_STEPS: tuple[Relevance, ...] = ("low", "medium", "high")
_ACIDS = ("aha", "bha", "pha", "acid", "retinoid")
_LEFT_ON = {"left_on_rinse_off", "too_long", "too_often"}


def hazards_by_sign(
    findings: LabelFindings, claim: ReactionClaim, broken_by: Mapping[Substance, int]
) -> tuple[Hazard, ...]:
    """The hazards with their relevance to this claim, most relevant first, then in label order.

    `broken_by`: substances that a promise is broken by, each with its place among them, 0 the first; they are
    never left out, whatever their hazard, because a share may rest on them.
    """
    hazardous = {hazard.substance for hazard in findings.hazards}
    others = {
        entry.substance: Hazard(listed=entry, substance=entry.substance, relevance="low", why=("on_label",))
        for entry in findings.listed
        if entry.substance in broken_by and entry.substance not in hazardous and entry.substance
    }
    weighed = [
        _weigh(hazard, claim, hazard.substance in broken_by)
        for hazard in (*findings.hazards, *others.values())
    ]
    return tuple(sorted(weighed, key=lambda hazard: _rank(hazard, broken_by)))


def _weigh(hazard: Hazard, claim: ReactionClaim, breaks_promise: bool) -> Hazard:
    step, why = _STEPS.index(hazard.relevance), list(hazard.why)
    substance = hazard.substance
    rows = [row for row in read_table("sign_fit") if _is_about(row, substance)]
    if any(_fits(row, claim) for row in rows):
        why.append("fits_sign")
        step += max(int(row["step"]) for row in rows if _fits(row, claim))
    elif "known_allergy" not in why and _says_something(claim):
        why.append("other_sign")
        step -= 1
    if substance.function in _ACIDS and _left_on(claim):
        why.append("acid_left_on")
        step += 1 + ("rinsed_off" in why and substance.evidence != "weak")  # weak: a trace that sets the pH
    if breaks_promise:
        why.append("broken_promise")
    relevance = _STEPS[min(max(step, 0), len(_STEPS) - 1)]
    return replace(hazard, relevance=relevance, why=tuple(why))


def _rank(hazard: Hazard, broken_by: Mapping[Substance, int]) -> tuple[int, int, int]:
    """A known allergy, then what breaks a promise, then the rest; in each the most relevant first."""
    first = 0 if "known_allergy" in hazard.why else 1 + broken_by.get(hazard.substance, len(broken_by))
    return first, -_STEPS.index(hazard.relevance), 0 if "fits_sign" in hazard.why else 1


def _is_about(row: Row, substance: Substance) -> bool:
    return (
        row["hazard"] in substance.hazards
        or substance.function in row["functions"].split("|")
        or substance.inci in row["substances"].split("|")
    )


def _fits(row: Row, claim: ReactionClaim) -> bool:
    signs = {seen.sign for seen in claim.signs}
    in_sun = row["needs"] != "strong_sun" or claim.usage.strong_sun == "yes"
    said = _said(row["signs"]) & signs or _said(row["symptoms"]) & set(claim.symptoms)
    return in_sun and bool(said)


def _says_something(claim: ReactionClaim) -> bool:
    return bool(claim.signs or claim.symptoms)


def _left_on(claim: ReactionClaim) -> bool:
    return bool(_LEFT_ON & set(claim.usage.departures))


@cache
def _said(cell: str) -> frozenset[str]:
    return frozenset(part for part in cell.split("|") if part)
