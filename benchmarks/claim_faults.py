"""What no verdict of `bench claims` may do, found from the claim and not from what the verdict says of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from skinscan.claims.verdict_model import Missing, Verdict

__all__ = ["answered", "past", "unchecked"]

_ANSWERS = {
    "timeline.first_use": ("timeline", "first_use"),
    "timeline.onset": ("timeline", "onset"),
    "timeline.stopped": ("timeline", "stopped"),
    "usage.followed_instructions": ("usage", "followed_instructions"),
    "usage.departures": ("usage", "departures"),
    "person.age": ("person", "age"),
    "product.ingredients": ("product", "ingredients"),
    "usage.other_causes": ("usage", "other_causes"),
    "doctor.record": ("doctor",),
}
"""Request -> field of the claim that answers it."""


def answered(claim: dict[str, Any], wanted: Sequence[str]) -> int:
    """How many of the requests the claim already answers, or said that it cannot."""
    refused = sum(what in claim.get("cannot_provide", ()) for what in wanted)
    return refused + sum(what in _ANSWERS and _has(claim, _ANSWERS[what]) for what in wanted)


def _has(claim: dict[str, Any], place: tuple[str, ...]) -> bool:
    value: Any = claim
    for step in place:
        value = value.get(step) if isinstance(value, dict) else None
    return value not in (None, "", [])


def past(claim: dict[str, Any], missing: Sequence[Missing]) -> int:
    """How many requests are due before they can be met, or before they were made."""
    received = datetime.fromisoformat(claim["received_at"])
    return sum(item.by <= max(received, item.not_before or received) for item in missing)


def unchecked(claim: dict[str, Any], verdict: Verdict) -> bool:
    """Paid although a fact was never told, or on a word about parcel, batch or label."""
    parties = {share.party for share in verdict.responsibility}
    roles = {photo["role"] for photo in claim["photos"]}
    product = claim["product"]
    if claim["kind"] == "shade":
        return claim["question"] == "wrong_item" and not roles & {"received", "label"}
    told = ("usage.followed_instructions", "person.age", "product.ingredients", "timeline.onset")
    unknown = any(not _has(claim, _ANSWERS[what]) for what in told) or not _asked_of_other_causes(claim)
    on_a_word = ("logistics" in parties and "parcel" not in roles) or (
        "manufacturer" in parties and "batch_defect" not in claim.get("documented", ())
    )
    return unknown or on_a_word or (product.get("transport_damage") == "yes" and "parcel" in roles)


def _asked_of_other_causes(claim: dict[str, Any]) -> bool:
    """Something was said of other causes, or a doctor excluded them."""
    said = [claim["usage"].get(name) for name in ("strong_sun", "co_used", "procedures", "other_causes")]
    excluded = claim.get("doctor", {}).get("other_causes_excluded")
    return bool(any(said) or claim["person"].get("skin_conditions") or excluded)
