"""Values of early warning: what a verdict tells, an order, and what was found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from skinscan.signals.disproportionality import Disproportionality, Ratio
from skinscan.value import Result, Value

__all__ = ["KINDS", "IngredientOnSkin", "Kind", "Order", "Report", "Signal", "Signals", "Week"]

Kind = Literal["product", "batch", "brand", "streamer", "ingredient"]
KINDS: tuple[Kind, ...] = ("product", "batch", "brand", "streamer", "ingredient")


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What early warning takes from one verdict."""

    case_id: str
    day: date  # UTC, when the claim was received
    reaction: bool  # the product is at least a possible cause (WHO-UMC possible, probable or certain)
    serious: bool
    about: Mapping[Kind, tuple[str, ...]]  # names by kind; a kind that the verdict does not tell is absent
    skin_type: str = ""
    order: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One sale."""

    id: str
    day: date
    about: Mapping[Kind, tuple[str, ...]]  # product, and what else is known of batch, brand and streamer


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """Claims of one week about one thing."""

    monday: date
    reactions: int
    claims: int
    evidence: float  # e-value at the end of the week


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """One product, batch, brand, streamer or ingredient, against the rest of its kind."""

    kind: Kind
    name: str  # of a batch: "sku / batch"
    counts: Disproportionality
    serious: int  # reactions that are serious
    rate_ratio: (
        Ratio | None
    )  # reactions over those to be expected from its share of orders; None without orders
    evidence: (
        float  # e-value now: the chance that it ever gets there when nothing is wrong is at most its inverse
    )
    flagged: bool  # to be reported as things stand
    first_flagged: date | None  # first day on which it had to be reported; None: not to this day
    weeks: tuple[Week, ...]  # oldest first; those without claims are left out
    tell: tuple[str, ...]  # ids of the orders of a flagged product or batch that have not complained


@dataclass(frozen=True, slots=True, kw_only=True)
class IngredientOnSkin:
    """How often one ingredient stands in claims of one skin type, for those who develop products."""

    ingredient: str
    skin_type: str
    counts: Disproportionality  # against claims of the same skin type without the ingredient


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Signals(Result, Value):
    """Early warning over all verdicts of a file."""

    first: date | None
    last: date | None
    claims: int
    reactions: int
    skipped: int  # rows without a verdict, and verdicts of a case that came again later
    orders: int | None  # None: no orders were given
    unmatched: int  # reactions whose order is not among the orders
    false_discovery_rate: float
    least: int  # reactions that a signal needs
    signals: tuple[Signal, ...]  # flagged first, then by evidence
    ingredients: tuple[IngredientOnSkin, ...]

    @property
    def flagged(self) -> tuple[Signal, ...]:
        """Those to be reported."""
        return tuple(signal for signal in self.signals if signal.flagged)
