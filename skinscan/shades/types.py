"""What matching found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from skinscan.shades.catalog import Catalog
from skinscan.shades.direction import Direction
from skinscan.shades.shade import Grade, Shade
from skinscan.types import Measure, Scan
from skinscan.value import Result, Value

__all__ = [
    "Candidate",
    "Difference",
    "Known",
    "Measured",
    "Question",
    "ShadeAnswer",
    "ShadeMatch",
    "ShadeVerdict",
    "Site",
]  # fmt: skip

ShadeVerdict = Literal["match", "mismatch", "inconclusive"]
Question = Literal["suits", "as_advertised"]
Site = Literal["jaw", "cheek", "neck", "forehead", "lips"]
Measured = Literal["skin", "worn", "swatch"]
"""What a claim's colour was measured on: bare skin, the product where it is worn, a swatch beside a card."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """How far one colour is from another, both known with errors."""

    delta_e00: float  # CIEDE2000, median of what it may be
    low: float  # 90 % interval
    high: float
    probability_acceptable: float  # 0..1 that dE00 is acceptable
    direction: tuple[Direction, ...]  # how it differs from the reference, where that is sure; largest first


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One shade against the skin."""

    shade: Shade
    worn: tuple[float, float, float]  # L*a*b* predicted on this skin
    difference: Difference  # worn colour against the skin


@dataclass(frozen=True, slots=True, kw_only=True)
class ShadeAnswer:
    """The answer to one question about one shade."""

    question: Question
    shade: Shade
    verdict: ShadeVerdict
    difference: Difference  # suits: worn colour against skin; as_advertised: colour received against shown
    at_least: float  # dE00, smallest that the errors allow: what a mismatch is judged by
    expected: tuple[float, float, float]  # L*a*b* the shade should have: worn on this skin, or as advertised
    measured: tuple[float, float, float]  # L*a*b* it is compared with: the skin's, or that of what came
    measured_on: Measured
    grade: Grade  # what the expected colour rests on
    budget: Mapping[str, float]  # source of error -> dE00 that one sigma of it moves the colour
    neighbours: tuple[Candidate, ...] = ()  # of the same product, nearest to the skin first
    equivalents: tuple[Candidate, ...] = ()  # of other brands that fit better


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A shade that the customer is known to wear."""

    shade: Shade
    used: bool  # not where the photo contradicts it: it would be a mismatch
    difference: Difference  # its worn colour against the skin, by the photo alone


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class ShadeMatch(Result, Value):
    """Shades of a catalogue that fit one face, most probable first."""

    scan: Scan
    catalog: Catalog
    categories: tuple[str, ...]
    site: Site  # where the colour was measured
    asked_site: Site  # where it was wanted
    color: tuple[Measure, Measure, Measure]  # L*a*b* there
    acceptable: float  # dE00 up to which a shade counts as fitting on this skin
    status: Literal["ok", "uncertain"]  # uncertain: the tone is not known well enough to rank shades
    reason: str | None
    matches: tuple[Candidate, ...]  # none where the tone is uncertain and no known shade narrows it
    budget: Mapping[str, float]  # of the best match
    known: Known | None
    claim: ShadeAnswer | None

    def __repr__(self) -> str:
        told = [f"{len(self.matches)} of {len(self.catalog.shades)} shades of {self.catalog.name}"]
        if self.matches:
            first = self.matches[0]
            told.append(f"first {first.shade.sku} {first.difference.probability_acceptable:.0%}")
        if self.claim:
            told.append(f"{self.claim.shade.sku} {self.claim.question} {self.claim.verdict}")
        return f"ShadeMatch({self.scan.photo.name} at the {self.site}: {', '.join(told)})"
