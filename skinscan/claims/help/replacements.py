"""Products that could stand in for the one complained of: same kind, without what it is suspected for.

A product is proposed only if its list is known well enough to say what is not in it. That it lacks these
substances is no promise that the skin tolerates it: it is tested at home first, as the care plan says.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import log
from typing import Literal

from pydantic import BaseModel, ConfigDict

from skinscan.claims.claim import Claim, ReactionClaim
from skinscan.claims.consumer_words import find_codes, fold
from skinscan.claims.help.products import ListedProduct, ProductList
from skinscan.claims.ingredients.label import Listed, parse_ingredients
from skinscan.claims.ingredients.substances import Substance, find_substance
from skinscan.claims.messages import Message, message

__all__ = ["CLASSES", "Replacement", "Replacements", "suggest_replacements"]

CLASSES = frozenset(
    {
        "fragrance", "isothiazolinone", "formaldehyde_releaser", "aha", "bha", "pha", "acid", "retinoid",
        "hair_dye", "acrylate", "resin", "perm_agent", "oxidant",
    }
)  # fmt: skip
"""Functions whose members often do the same to the same skin. Others (solvents, emollients, surfactants) are
avoided by name, and by hazard where that is why they are suspected. [design]"""

_MOST = 3
_ALCOHOLS = ("Alcohol", "Alcohol Denat.", "Isopropyl Alcohol")
_FRAGRANCE = "fragrance"
_PARTLY_READ = 5  # of so many entries more than one unknown: nothing can be said to be absent


class Replacement(BaseModel):
    """One product, and why it is proposed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sku: str
    name: str
    brand: str
    category: str
    price: float | None
    price_difference: float | None  # to the product complained of; null where either price is not known
    without: tuple[str, ...]  # INCI names that were avoided
    unknown: tuple[str, ...]  # entries of its list that are not known
    why: tuple[Message, ...]


class Replacements(BaseModel):
    """What is proposed, or why nothing is."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    standing: Literal["found", "none_without", "none_of_kind", "nothing_implicated"]
    avoided: tuple[str, ...]  # INCI names
    avoided_classes: tuple[str, ...]  # functions, as in `ingredients.csv`
    products: tuple[Replacement, ...]
    note: Message


@dataclass(frozen=True, slots=True)
class _Avoid:
    """What a replacement must not hold."""

    names: frozenset[str]
    classes: frozenset[str]
    hazards: frozenset[str]

    def hit(self, substance: Substance) -> bool:
        return (
            substance.inci in self.names
            or substance.function in self.classes
            or bool(self.hazards & set(substance.hazards))
        )


def suggest_replacements(claim: Claim, implicated: Sequence[str], products: ProductList) -> Replacements:
    """Products of the same category without the implicated substances, their class and known triggers.

    `claim`: what was bought, the person's reported allergies, and whether the complaint is of spots.
    `implicated`: INCI names, as a verdict gives them. `products`: what is on sale. Nearest first: stays on
    or is rinsed off alike, sold with the same words, then nearest in price.
    """
    avoid = _avoid(claim, implicated)
    avoided, classes = tuple(sorted(avoid.names)), tuple(sorted(avoid.classes))
    told = {"avoided": avoided, "avoided_classes": classes}
    if not avoid.names and isinstance(claim, ReactionClaim):
        return Replacements(
            standing="nothing_implicated",
            products=(),
            note=message("replacement", "NOTHING_IMPLICATED"),
            **told,
        )
    bought = products.find(claim.product.sku)
    same = [
        p for p in products.products if p.category == claim.product.category and p.sku != claim.product.sku
    ]
    fit = [(product, entries) for product in same if (entries := _free_of(product, avoid)) is not None]
    if not fit:
        standing, code = ("none_without", "NONE_WITHOUT") if same else ("none_of_kind", "NONE_OF_KIND")
        return Replacements(standing=standing, products=(), note=message("replacement", code), **told)  # type: ignore[arg-type]
    fit.sort(key=lambda pair: _distance(pair[0], claim, bought))
    return Replacements(
        standing="found", note=message("replacement", "TEST_FIRST"),
        products=tuple(_proposed(*pair, claim, bought, avoided) for pair in fit[:_MOST]), **told,
    )  # fmt: skip


def _avoid(claim: Claim, implicated: Iterable[str]) -> _Avoid:
    words = claim.person.allergies if isinstance(claim, ReactionClaim) else ()
    triggers = [entry.substance for word in words for entry in parse_ingredients(word) if entry.substance]
    found = [match[0] for name in implicated if (match := find_substance(name))]
    known = [*found, *triggers]
    names = {substance.inci for substance in known}
    if names & set(_ALCOHOLS):
        names |= set(_ALCOHOLS)
    classes = {substance.function for substance in known if substance.function in CLASSES}
    if "Formaldehyde" in names:
        classes.add("formaldehyde_releaser")
    if any(substance.inci == "Parfum" for substance in known):
        classes.add(_FRAGRANCE)
    spots = isinstance(claim, ReactionClaim) and {seen.sign for seen in claim.signs} & {"comedone"}
    hazards = {"comedogenic"} if spots else set()
    return _Avoid(frozenset(names), frozenset(classes), frozenset(hazards))


def _free_of(product: ListedProduct, avoid: _Avoid) -> tuple[Listed, ...] | None:
    """The entries of a list that is known well enough and holds nothing to avoid; else None."""
    entries = parse_ingredients(product.ingredients)
    unknown = sum(entry.substance is None for entry in entries)
    if not entries or _PARTLY_READ * unknown > len(entries):
        return None
    if any(entry.substance and avoid.hit(entry.substance) for entry in entries):
        return None
    written = fold(product.ingredients)  # a name inside an entry that was not understood
    unread = [fold(entry.text) for entry in entries if entry.substance is None]
    if any(fold(name) in text for name in avoid.names for text in unread if text in written):
        return None
    return entries


def _distance(
    product: ListedProduct, claim: Claim, bought: ListedProduct | None
) -> tuple[int, int, float, str]:
    price = _paid(claim, bought)
    apart = abs(log(product.price / price)) if price and product.price else 10.0
    return int(not _same_use(product, claim)), -len(_shared(product, bought)), round(apart, 6), product.sku


def _same_use(product: ListedProduct, claim: Claim) -> bool:
    stays = find_codes("answer", product.stays_on) if product.stays_on else ()
    return not stays or (stays == ("yes",)) == claim.product.stays_on


def _paid(claim: Claim, bought: ListedProduct | None) -> float | None:
    return claim.product.price or (bought.price if bought else None)


def _shared(product: ListedProduct, bought: ListedProduct | None) -> set[str]:
    return _promised(product.claims) & _promised(bought.claims) if bought else set()


def _promised(text: str) -> set[str]:
    return {
        fold(part)
        for part in text.replace("、", ",").replace("|", ",").replace("，", ",").split(",")
        if part.strip()
    }


def _proposed(
    product: ListedProduct, entries: tuple[Listed, ...], claim: Claim, bought: ListedProduct | None,
    avoided: tuple[str, ...],
) -> Replacement:  # fmt: skip
    paid = _paid(claim, bought)
    unknown = tuple(entry.text for entry in entries if entry.substance is None)
    codes = [
        "SAME_CATEGORY",
        *(["WITHOUT_SUSPECTED"] if avoided else []),
        *(["SAME_PROMISES"] if _shared(product, bought) else []),
        *(["PRICE_KNOWN"] if paid and product.price else []),
        *(["LIST_PARTLY_KNOWN"] if unknown else []),
    ]
    return Replacement(
        sku=product.sku, name=product.name or product.sku, brand=product.brand, category=product.category,
        price=product.price,
        price_difference=round(product.price - paid, 2) if paid and product.price else None,
        without=avoided, unknown=unknown, why=tuple(message("replacement", code) for code in codes),
    )  # fmt: skip
