"""The facts that move money in one claim, and what each rests on."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from typing import get_args

from skinscan.claims.claim import Claim, ReactionClaim, ShadeClaim
from skinscan.claims.image_evidence import ImageEvidence
from skinscan.claims.terms import FactName, Source

__all__ = ["Fact", "facts_of", "weight_of"]

_SOURCES: tuple[Source, ...] = get_args(Source)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One fact."""

    name: FactName
    value: str  # as the claim has it; empty if it is not known
    source: Source
    request: str  # code of what to ask for to know it, or to know it better


def weight_of(source: Source) -> int:
    """0 for nothing, 1 for somebody's word, 2 for a photo, 3 for a record."""
    return _SOURCES.index(source)


def facts_of(claim: ReactionClaim | ShadeClaim, image: ImageEvidence) -> tuple[Fact, ...]:
    """Every fact that can move money in this claim. `image`: which of its photos could be opened."""
    shown = {photo.role for photo in image.usable(claim)}
    found = _of_reaction(claim, shown) if isinstance(claim, ReactionClaim) else []
    order = claim.order
    if not isinstance(claim, ReactionClaim) and claim.question == "wrong_item":
        both = order.ordered_sku and order.received_sku
        source = _source(bool(both), bool(shown & {"received", "label"}))
        received = order.received_sku if both else ""
        request = "photos.received" if order.received_sku else "order.received_sku"
        found.append(Fact(name="received_item", value=received, source=source, request=request))
    else:
        ordered: Source = "documented" if order.ordered_sku == claim.product.sku else "said"
        found.append(
            Fact(name="product", value=claim.product.sku, source=ordered, request="order.ordered_sku")
        )
    return tuple(_as_documented(fact, claim) for fact in found)


def _of_reaction(claim: ReactionClaim, shown: Set[str]) -> list[Fact]:
    usage, timeline, product = claim.usage, claim.timeline, claim.product
    age = claim.person.age
    followed = usage.followed_instructions
    known = followed != "unknown" or bool(usage.departures)
    times = timeline.first_use is not None and timeline.onset is not None
    began = f"{timeline.first_use} / {timeline.onset}" if times else ""
    missing_time = "timeline.onset" if timeline.first_use else "timeline.first_use"
    on_label = bool(shown & {"label", "product"})
    listed = "listed" if product.ingredients else ""
    found = [
        _fact(
            "usage", ", ".join(usage.departures) or followed if known else "", "usage.followed_instructions"
        ),
        _fact("age", "" if age is None else str(age), "person.age"),
        _fact("ingredients", listed, "product.ingredients", photo=on_label),
        _fact("timeline", began, missing_time),
        _fact("other_causes", _other_causes(claim), "usage.other_causes"),
    ]
    if followed == "no" and not usage.departures:
        found.append(_fact("departures", "", "usage.departures"))
    if product.transport_damage == "yes":
        found.append(
            _fact(
                "transport_damage",
                "yes",
                "photos.parcel",
                photo=bool(shown & {"parcel", "received", "product"}),
            )
        )
    if product.batch_defect == "yes":
        found.append(_fact("batch_defect", "yes", "product.batch_record"))
    return found


def _other_causes(claim: ReactionClaim) -> str:
    """What is said of other causes; empty if nobody asked. An answer to one part shows that they were."""
    usage, doctor = claim.usage, claim.doctor
    named = [
        *(["sun"] if usage.strong_sun == "yes" else []),
        *(procedure.kind for procedure in usage.procedures),
        *(other.name for other in usage.co_used),
        *claim.person.skin_conditions,
        *([doctor.other_cause] if doctor and doctor.other_cause else []),
        *(["not named"] if usage.other_causes == "yes" else []),
    ]
    none = usage.other_causes == "no" or usage.strong_sun == "no" or (doctor and doctor.other_causes_excluded)
    return ", ".join(named) or ("none" if none else "")


def _fact(name: FactName, value: str, request: str, *, photo: bool = False) -> Fact:
    return Fact(name=name, value=value, source=_source(bool(value), photo), request=request)


def _source(known: bool, photo: bool) -> Source:
    if not known:
        return "unknown"
    return "shown" if photo else "said"


def _as_documented(fact: Fact, claim: Claim) -> Fact:
    """The desk's record stands above a photo; a record of what the claim does not say is none."""
    if fact.name not in claim.documented or fact.source == "unknown":
        return fact
    return Fact(name=fact.name, value=fact.value, source="documented", request=fact.request)
