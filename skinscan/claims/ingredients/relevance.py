"""Which ingredients of a product could matter to this person, and how much.

A hazard is a reason to look, never a finding about the person: irritants and sensitisers are kept apart,
and a list without a known hazard proves nothing, since Chinese labels may say just 香精 for a fragrance.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from skinscan.claims.claim import Product
from skinscan.claims.ingredients.label import Listed, parse_ingredients
from skinscan.claims.ingredients.substances import Substance
from skinscan.claims.vocabulary import Area

__all__ = ["Hazard", "History", "LabelFindings", "Relevance", "match_ingredients"]

Relevance = Literal["low", "medium", "high"]
Why = Literal[
    "known_allergy", "sensitive_skin", "thin_skin", "rinsed_off", "on_label", "fits_sign", "other_sign",
    "acid_left_on", "broken_promise",
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What is known of the person's skin."""

    allergies: tuple[str, ...] = ()  # as reported, in any name
    sensitive: bool = False  # by SS-10 or a skin condition


@dataclass(frozen=True, slots=True, kw_only=True)
class Hazard:
    """A listed substance with a known hazard, weighed for this person and product."""

    listed: Listed
    substance: Substance
    relevance: Relevance
    why: tuple[Why, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelFindings:
    """What the list says."""

    listed: tuple[Listed, ...]  # every entry, in label order; empty: no list was given
    hazards: tuple[Hazard, ...]  # in label order
    unknown: tuple[str, ...]  # entries that are not in the data file
    allergies_not_understood: tuple[str, ...]  # reported allergies that name no known substance
    undeclared_fragrance: bool  # 香精 is listed, so its allergens are not

    @property
    def known_allergy(self) -> bool:
        """The product holds something the person reports an allergy to."""
        return any("known_allergy" in hazard.why for hazard in self.hazards)

    @property
    def partly_read(self) -> bool:
        """More than a fifth of the entries are not known: silence on a hazard says little."""
        return 5 * len(self.unknown) > len(self.listed)

    def has_function(self, *functions: str) -> bool:
        """The product holds something with one of these functions, whatever its hazard."""
        return any(entry.substance.function in functions for entry in self.listed if entry.substance)


def match_ingredients(text: str, history: History, product: Product) -> LabelFindings:
    """Read a pasted list and weigh each hazard against the person's history, the product and its area."""
    listed = parse_ingredients(text)
    reported = {word: _substances_meant(word) for word in history.allergies}
    allergies = [substance for meant in reported.values() for substance in meant]
    hazards = [_weigh(entry, allergies, history, product) for entry in listed]
    return LabelFindings(
        listed=listed,
        hazards=tuple(hazard for hazard in hazards if hazard),
        unknown=tuple(entry.text for entry in listed if entry.substance is None),
        allergies_not_understood=tuple(word for word, meant in reported.items() if not meant),
        undeclared_fragrance=any(entry.substance and entry.substance.inci == "Parfum" for entry in listed),
    )


_THIN_SKIN: tuple[Area, ...] = ("periocular", "lips")
_STEPS: tuple[Relevance, ...] = ("low", "medium", "high")
_START = {"strong": 2, "moderate": 1, "weak": 0, "none": 0}


def _weigh(listed: Listed, allergies: list[Substance], history: History, product: Product) -> Hazard | None:
    """Evidence sets the start; sensitive (irritants only) and thin skin add a step, rinsing takes one."""
    substance = listed.substance
    if substance is None:
        return None
    allergy = any(_covers(allergen, substance) for allergen in allergies)
    if substance.hazards == ("none",) and not allergy:
        return None
    why: list[Why] = ["on_label"]
    step = _START[substance.evidence]
    if history.sensitive and "irritant" in substance.hazards:
        step, why = step + 1, [*why, "sensitive_skin"]
    if any(area in _THIN_SKIN for area in product.areas):
        step, why = step + 1, [*why, "thin_skin"]
    if not product.stays_on:
        step, why = step - 1, [*why, "rinsed_off"]
    if allergy:
        step, why = len(_STEPS), [*why, "known_allergy"]
    relevance = _STEPS[min(max(step, 0), len(_STEPS) - 1)]
    return Hazard(listed=listed, substance=substance, relevance=relevance, why=tuple(why))


def _substances_meant(word: str) -> list[Substance]:
    return [entry.substance for entry in parse_ingredients(word) if entry.substance]


_GROUPS = {"Parfum": ("fragrance",), "Formaldehyde": ("formaldehyde_releaser",)}
"""An allergy to the first is an allergy to everything with these functions."""


def _covers(allergen: Substance, substance: Substance) -> bool:
    return allergen.inci == substance.inci or substance.function in _GROUPS.get(allergen.inci, ())
