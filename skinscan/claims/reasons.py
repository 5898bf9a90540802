"""The reasons of a claim about a reaction: every sentence follows from one fact."""

from __future__ import annotations

from skinscan.claims.children import is_infant
from skinscan.claims.claim import ReactionClaim
from skinscan.claims.image_evidence import ImageEvidence, roles_doubtful
from skinscan.claims.reaction.causality import Causality

__all__ = ["reasons_of"]


def reasons_of(claim: ReactionClaim, image: ImageEvidence, causality: Causality) -> list[str]:
    """Codes of the group `reason`, in the order in which they are told."""
    chronology, findings = causality.chronology, causality.findings
    by_delay = {
        "highly_suggestive": ["BEGAN_AFTER_USE", "TYPICAL_TIMING"],
        "compatible": ["BEGAN_AFTER_USE"],
        "incompatible": ["SIGN_STOOD_BEFORE" if chronology.stood_before else "TIMING_DOES_NOT_FIT"],
        "unknown": ["TIMING_UNKNOWN"],
    }
    patterns = {row["pattern"] for row in chronology.patterns}
    followed = claim.usage.followed_instructions
    also = {
        "PURGE_POSSIBLE": "purge" in patterns,
        "COMEDOGENIC_LISTED": _spots(claim) and _lists(causality, "comedogenic"),
        "IMPROVED_AFTER_STOPPING": chronology.evolution == "suggestive",
        "DID_NOT_IMPROVE": chronology.evolution == "non_suggestive" and not claim.timeline.still_using,
        "IMPROVED_IN_USE": chronology.evolution == "non_suggestive" and claim.timeline.still_using is True,
        "RECURRED_ON_REUSE": chronology.rechallenge == "positive",
        "TOLERATED_ON_REUSE": chronology.rechallenge == "negative",
        "SEEN_BY_DOCTOR": claim.doctor is not None and claim.doctor.signs_confirmed,
        "KNOWN_ALLERGEN_LISTED": findings.known_allergy,
        "STRONG_HAZARD_LISTED": any(hazard.relevance == "high" for hazard in findings.hazards),
        "FRAGRANCE_UNDECLARED": findings.undeclared_fragrance,
        "LABEL_PARTLY_READ": findings.partly_read,
        "OTHER_EXPLANATION": bool(causality.alternatives),
        "SKIN_REACTS_EASILY": "eczema" in claim.person.skin_conditions
        and not any(found.kind == "skin_condition" for found in causality.alternatives),
        "MISUSE": bool(causality.misuse),
        "INSTRUCTIONS_NOT_FOLLOWED": followed == "no" and not causality.misuse,
        "MECHANISM_UNDETERMINED": causality.level == "likely",
    }  # fmt: skip
    return [
        _of_photos(claim, image, causality),
        *by_delay[chronology.delay],
        *(code for code, holds in also.items() if holds),
    ]


def _of_photos(claim: ReactionClaim, image: ImageEvidence, causality: Causality) -> str:
    """The one sentence about the photos."""
    if is_infant(claim):
        return "INFANT_NOT_MEASURED"
    if causality.image == "absent":
        if any(photo.same_as for photo in image.unusable):
            return "PHOTOS_ARE_ONE"
        return "PHOTOS_NOT_COMPARABLE" if image.status == "refused" else "NO_COMPARISON"
    if roles_doubtful(claim, image):
        return "ROLES_DOUBTFUL"
    words = {
        "increase": "REDNESS_INCREASED",
        "no_change": "NO_INCREASE_WITH_POWER",
        "inconclusive": "PHOTOS_CANNOT_TELL",
    }
    return words[causality.image]


def _spots(claim: ReactionClaim) -> bool:
    return bool({seen.sign for seen in claim.signs} & {"comedone", "papule", "folliculitis"})


def _lists(causality: Causality, hazard: str) -> bool:
    return any(hazard in found.substance.hazards for found in causality.findings.hazards)
