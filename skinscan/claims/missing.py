"""What to ask for: only what could still change the answer, phrased as what to send."""

from __future__ import annotations

from skinscan.claims.claim import Claim, ReactionClaim, ShadeClaim
from skinscan.claims.image_evidence import ImageEvidence
from skinscan.claims.reaction.causality import Causality
from skinscan.claims.terms import DifferenceReading, Item
from skinscan.claims.vocabulary import Sign

__all__ = ["INFLAMED_SIGNS", "missing_for_reaction", "missing_for_shade"]


INFLAMED_SIGNS: frozenset[Sign] = frozenset(
    {"erythema", "papule", "plaque", "papulovesicle", "oedema", "vesicle", "wheal", "folliculitis"}
)
"""Signs that come with redness, which photos are measured for. [design]"""


def missing_for_reaction(claim: ReactionClaim, image: ImageEvidence, causality: Causality) -> list[str]:
    """Codes of what to ask, in the order in which it helps; never again what cannot be provided."""
    timeline = claim.timeline
    wanted = {
        "timeline.first_use": timeline.first_use is None,
        "timeline.onset": timeline.onset is None,
        "signs": not claim.signs,
        "timeline.stopped": timeline.stopped is None and timeline.still_using is None,
        "timeline.treated": timeline.course == "improved" and timeline.treated == "unknown",
        **_photos_wanted(claim, image, causality),
        "product.ingredients": not causality.findings.listed,
        # Treatment, other causes and lasting doubt are what a doctor's page can settle.
        "doctor.record": claim.doctor is None and causality.level == "not_clearly_attributable",
    }
    return _askable(wanted, claim)


def missing_for_shade(claim: ShadeClaim, difference: DifferenceReading, item: Item) -> list[str]:
    """Codes of what to ask in a claim about a shade."""
    if claim.question == "wrong_item":
        return _askable({"order.received_sku": item == "unknown"}, claim)
    return _askable({"shade.photo": difference in ("absent", "open")}, claim)


def _photos_wanted(claim: ReactionClaim, image: ImageEvidence, causality: Causality) -> dict[str, bool]:
    roles = {photo.role for photo in image.usable(claim)}
    filtered = image.before_filtered or image.after_filtered
    unclear = {"before", "after"} <= roles and causality.image in ("inconclusive", "absent") and not filtered
    badly_shown = _badly_shown(image)
    followed = image.recovery is not None or causality.chronology.evolution != "inconclusive"
    return {
        "photos.before": "before" not in roles,
        "photos.after": "after" not in roles,
        "photos.unfiltered": filtered,
        "photos.unmarked": image.drawn_on,
        "photos.retake": unclear and badly_shown and _still_there(claim),
        "photos.later": unclear and not badly_shown and causality.observation == "open",
        # Improvement under treatment stays open however many photos follow.
        "photos.recovery": not followed and claim.timeline.course != "improved",
    }


def _still_there(claim: ReactionClaim) -> bool:
    """A new photo could still show it: it has not healed, and is something that reddens the skin."""
    signs = {seen.sign for seen in claim.signs}
    return claim.timeline.course != "improved" and (not signs or bool(signs & INFLAMED_SIGNS))


def _badly_shown(image: ImageEvidence) -> bool:
    """A better photo of the same skin could tell more."""
    measured = image.status == "measured" and image.areas
    return (
        not measured
        or image.global_change
        or any(change.verdict == "inconclusive" or not change.power_ok for change in image.areas)
    )


def _askable(wanted: dict[str, bool], claim: Claim) -> list[str]:
    return [what for what, is_wanted in wanted.items() if is_wanted and what not in claim.cannot_provide]
