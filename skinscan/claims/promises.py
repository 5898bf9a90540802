"""What the product was sold with, held against its list of ingredients.

``data/promises.csv`` is the dictionary: what speaks against each promise, and whether it contradicts it
(无酒精 and ethanol) or a person has to weigh it (敏感肌适用 and perfume). Its weight on anybody's share
stands in the policy.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal, cast

from skinscan.claims.claim import AdvertisedClaim, Product, PromiseKind
from skinscan.claims.consumer_words import fold
from skinscan.claims.ingredients.label import Listed, parse_ingredients
from skinscan.claims.ingredients.substances import Substance
from skinscan.claims.tables import Row, Status, read_table

__all__ = ["Promise", "PromiseStanding", "weigh_promises"]

PromiseStanding = Literal["found_false", "contradicted", "to_weigh", "not_contradicted", "cannot_tell"]
"""found_false: established by a platform, board or regulator. contradicted, to_weigh: by what the list holds.
not_contradicted: the list was given and holds nothing against it. cannot_tell: no list, or none could."""

_SHORTEST_IN_TEXT = 3  # folded characters of words that are looked for inside a sentence [design]
_RECORDED = ("recording", "screenshot")


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """One promise by one speaker, and what speaks against it."""

    kind: PromiseKind
    advertised: AdvertisedClaim
    standing: PromiseStanding
    against: tuple[Substance, ...]  # listed substances that speak against it, in label order
    source: str
    status: Status

    @property
    def broken(self) -> bool:
        """Something speaks against it."""
        return self.standing in ("found_false", "contradicted", "to_weigh")

    @property
    def counts(self) -> bool:
        """It is broken, and that it was made is shown by more than a statement."""
        recorded = self.advertised.proof in _RECORDED
        return self.standing == "found_false" or (recorded and self.broken)


def weigh_promises(product: Product) -> tuple[Promise, ...]:
    """Every promise of a product, in the order of the claim; a sentence may hold several."""
    listed = [entry for entry in parse_ingredients(product.ingredients) if entry.section != "may_contain"]
    return tuple(
        _weigh(kind, advertised, listed) for advertised in product.advertised for kind in _kinds(advertised)
    )


def _kinds(advertised: AdvertisedClaim) -> tuple[PromiseKind, ...]:
    """The kind stated and those that its words name; "other" only if there is nothing else."""
    text = fold(advertised.text)
    named = [kind for word, kind in _words() if word in text]
    kinds = dict.fromkeys([advertised.kind, *named])
    return tuple(kind for kind in kinds if kind != "other" or len(kinds) == 1)


def _weigh(kind: PromiseKind, advertised: AdvertisedClaim, listed: Sequence[Listed]) -> Promise:
    row = _dictionary()[kind]
    found = dict.fromkeys(entry.substance for entry in listed if entry.substance)
    against = tuple(substance for substance in found if _speaks_against(substance, row))
    return Promise(
        kind=kind, advertised=advertised, standing=_standing(kind, advertised, bool(listed), bool(against)),
        against=against, source=row["source"], status=cast(Status, row["status"]),
    )  # fmt: skip


def _standing(kind: PromiseKind, advertised: AdvertisedClaim, listed: bool, against: bool) -> PromiseStanding:
    stands = _dictionary()[kind]["stands"]
    if advertised.found_false and kind == advertised.kind:
        return "found_false"
    if not listed or stands == "cannot_tell":
        return "cannot_tell"
    if not against:
        return "not_contradicted"
    return "contradicted" if stands == "contradicts" else "to_weigh"


def _speaks_against(substance: Substance, row: Row) -> bool:
    hazards = {f"{hazard}:{substance.evidence}" for hazard in substance.hazards}
    return (
        substance.function in row["functions"].split("|")
        or substance.inci in row["substances"].split("|")
        or bool(hazards & set(row["hazards"].split("|")))
    )


@cache
def _dictionary() -> dict[str, Row]:
    return {row["kind"]: row for row in read_table("promises")}


@cache
def _words() -> tuple[tuple[str, PromiseKind], ...]:
    rows = [row for row in read_table("consumer_words") if row["group"] == "promise"]
    words = [(row["word"], row["codes"]) for row in rows]
    words += [(row[name], row["kind"]) for row in read_table("promises") for name in ("zh", "en")]
    folded = ((fold(word), cast(PromiseKind, kind)) for word, kind in words)
    return tuple((word, kind) for word, kind in folded if len(word) >= _SHORTEST_IN_TEXT)
