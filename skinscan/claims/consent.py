"""Whether the photos of a claim may be looked at: consent, its purposes, and the guardian of a child.

Photos of a face are sensitive personal data (个人信息保护法 Art. 28-31: separate consent; below 14 that of a
parent or guardian). A claim that records no consent is worked as before, and the verdict says that none is
recorded; a refusal, a purpose that is not this one, or a child without its guardian keeps the photos closed.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from skinscan.claims.children import is_child
from skinscan.claims.claim import Claim

__all__ = ["CHILD_BELOW", "ConsentReport", "ask_consent_first", "check_consent"]

CHILD_BELOW = 14
"""Years. 个人信息保护法 Art. 31 and the rules on face recognition of 2025-06-01."""

Standing = Literal["given", "not_recorded", "refused", "other_purpose", "guardian_missing"]


class ConsentReport(BaseModel):
    """What is recorded of the consent, and what follows."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    standing: Standing
    given_by: Literal["self", "guardian", "unknown"]
    purposes: tuple[str, ...]
    photos_allowed: bool  # whether photos are opened at all
    face_check_allowed: bool  # whether a network may compare the faces


def check_consent(claim: Claim) -> ConsentReport:
    """Read the consent of a claim. See `is_child` for who is a child."""
    consent = claim.consent
    child = is_child(claim, CHILD_BELOW)
    standing: Standing = "given" if consent else "not_recorded"
    if consent and consent.photos == "no":
        standing = "refused"
    elif child and not (consent and consent.given_by == "guardian" and consent.photos == "yes"):
        standing = "guardian_missing"
    elif consent and "claim" not in consent.purposes:
        standing = "other_purpose"
    elif consent and consent.photos == "unknown":
        standing = "not_recorded"
    allowed = standing in ("given", "not_recorded")
    return ConsentReport(
        standing=standing,
        given_by=consent.given_by if consent else "unknown",
        purposes=consent.purposes if consent else (),
        photos_allowed=allowed,
        face_check_allowed=allowed and not (consent and consent.face_check == "no"),
    )


_OF_FACES = ("photos.", "shade.bare", "shade.worn")
"""How requests for photos of the person begin; a swatch on paper or a parcel shows nobody."""
_OF_GOODS = ("photos.received", "photos.parcel")


def ask_consent_first(consent: ConsentReport, missing: list[str], claim: Claim) -> list[str]:
    """What to ask for: without consent no photo of the person is, and the consent itself comes first."""
    if consent.photos_allowed:
        return missing
    wanted = "consent.guardian" if consent.standing == "guardian_missing" else "consent.photos"
    others = [what for what in missing if what in _OF_GOODS or not what.startswith(_OF_FACES)]
    others = [what for what in others if what != wanted]
    asked = [] if wanted in claim.cannot_provide else [wanted]
    first = others[:1] if others[:1] == ["doctor.record"] else []  # a child's doctor stands before even that
    return [*first, *asked, *others[len(first) :]]
