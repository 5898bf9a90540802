"""What is asked for -> a field of a form, and what was typed -> an answer in the words of a claim."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from samples.ticket_service.faults import Fault
from skinscan.claims.reported_times import CHINA

__all__ = ["field_of", "patch_of", "role_of"]

Field = Literal["photo", "date", "course", "yes_no", "number", "text", "consent", "none"]

_ROLES = {
    "photos.before": "before",
    "photos.after": "after",
    "photos.recovery": "recovery",
    "photos.later": "after",
    "photos.retake": "after",
    "photos.unfiltered": "after",
    "photos.unmarked": "after",
    "photos.received": "received",
    "photos.parcel": "parcel",
    "photos.area": "area",
    "shade.bare_skin": "before",
    "shade.bare_with_card": "before",
    "shade.worn": "after",
    "shade.swatch": "swatch",
    "doctor.record": "document",
    "product.batch_record": "document",
}
_FIELDS: dict[str, Field] = {
    "timeline.first_use": "date",
    "timeline.onset": "date",
    "timeline.stopped": "date",
    "timeline.course": "course",
    "timeline.treated": "yes_no",
    "usage.followed_instructions": "yes_no",
    "person.age": "number",
    "product.ingredients": "text",
    "shade.wears": "text",
    "consent.photos": "consent",
    "consent.guardian": "consent",
}


def role_of(what: str) -> str:
    """The role of the photo that a request is met by; empty: it asks for no photo."""
    return _ROLES.get(what, "")


def field_of(what: str) -> Field:
    """The form for a request; none: the desk is told in words, or it cannot be had."""
    return "photo" if what in _ROLES else _FIELDS.get(what, "none")


def patch_of(what: str, value: str) -> dict[str, Any]:
    """What was typed as a merge patch on the claim. Raises Fault 422."""
    part, _, name = what.partition(".")
    kind = field_of(what)
    if kind == "number" and not (value.isdigit() and len(value) < 4):
        raise Fault(422, "CLAIM_INVALID", "Give a whole number.")
    if kind in ("photo", "none") or not value.strip():
        raise Fault(422, "CLAIM_INVALID", "There is no answer.")
    if kind == "consent":
        return {"consent": {"photos": "yes", "given_by": "guardian" if name == "guardian" else "self"}}
    if what == "shade.wears":
        return {"wears": value}
    patch: dict[str, Any] = {name: int(value) if kind == "number" else value}
    if what == "timeline.stopped":
        patch["still_using"] = False
    if what == "timeline.course":
        patch["course_seen"] = f"{datetime.now(CHINA):%F}"
    return {part: patch}
