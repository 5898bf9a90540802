"""What to ask for: only what could still change the answer, that can be had, and that the claim does not say.

Each is a code of ``requests.csv``; `dialogue.py` turns it into what is told to the person.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence, Set

from skinscan.claims.children import covered_skin_of_a_child, is_child, is_infant
from skinscan.claims.claim import Claim, ReactionClaim, ShadeClaim
from skinscan.claims.facts import Fact
from skinscan.claims.image_evidence import FADED_HOURS, ImageEvidence, roles_doubtful
from skinscan.claims.reaction.causality import Causality
from skinscan.claims.reported_times import hours_between
from skinscan.claims.shade_evidence import ShadeEvidence
from skinscan.claims.terms import DifferenceReading
from skinscan.claims.vocabulary import Area, Sign

__all__ = ["INFLAMED_SIGNS", "missing_for_reaction", "missing_for_shade"]


INFLAMED_SIGNS: frozenset[Sign] = frozenset(
    {"erythema", "papule", "plaque", "papulovesicle", "oedema", "vesicle", "wheal", "folliculitis"}
)
"""Signs that come with redness, which photos are measured for. [design]"""

_SUITS = ("foundation", "makeup_other")
"""Whether a shade suits is measured where it is meant to look like the skin; on lips and lids it is taste."""

_MEASURED_AREAS: frozenset[Area] = frozenset({"forehead", "cheek", "periocular", "nose", "perioral", "chin"})

_FACTS_OF_PLACE = ("photos.received", "photos.parcel", "product.batch_record")
"""Requests about the goods, which are asked for whatever the skin shows."""

_MOST_OF_A_ROLE = 3
"""Photos of one role after which an original without filter or drawing is not asked for again. [design]"""


def missing_for_reaction(
    claim: ReactionClaim,
    image: ImageEvidence,
    causality: Causality,
    facts: Sequence[Fact],
    *,
    child_below_age: int,
) -> list[str]:
    """Codes of what to ask, in the order in which it helps; never again what cannot be provided.

    `claim`, `image`, `causality`: what is known. `facts`: what each fact that moves money rests on.
    `child_below_age`: years, below which a guardian must allow photos.
    """
    timeline = claim.timeline
    child = is_child(claim, child_below_age)
    # Treatment, other causes and lasting doubt: a doctor's page can settle them. With an infant it is first.
    record = claim.doctor is None and (child or causality.level == "not_clearly_attributable")
    course_open = timeline.course == "unknown" and image.recovery is None and timeline.still_using is not True
    may_have_improved = timeline.course in ("improved", "unknown") or image.recovery == "decrease"
    stopped = timeline.stopped is not None or timeline.still_using is True
    first, last = ({"doctor.record": record}, {}) if is_infant(claim) else ({}, {"doctor.record": record})
    wanted = {
        **first,
        "timeline.first_use": timeline.first_use is None,
        "timeline.onset": timeline.onset is None,
        "signs": not claim.signs,
        **_facts_wanted(facts, causality),
        "timeline.stopped": not stopped,
        "timeline.course": course_open,
        "timeline.treated": timeline.treated == "unknown" and may_have_improved,
        **_photos_wanted(claim, image, causality, child_below_age),
        **last,
    }
    return _askable(wanted, claim)


def missing_for_shade(
    claim: ShadeClaim,
    shade: ShadeEvidence | None,
    difference: DifferenceReading,
    facts: Sequence[Fact],
    shown: Set[str],
) -> list[str]:
    """Codes of what to ask in a claim about a shade.

    `claim`: as filed; its question says what settles it. `shade`: what was measured; None without a
    catalogue, where more photos help only a person. `difference`: how it is read. `facts`: what each fact
    that moves money rests on. `shown`: roles of the photos that could be opened.
    """
    if claim.question == "wrong_item":
        return _askable({fact.request: fact.source in ("unknown", "said") for fact in facts}, claim)
    if difference not in ("absent", "open"):
        return []
    if shade is not None and shade.unknown_sku:
        return _askable({"product.sku": True}, claim)
    measured = shade is not None
    if claim.question == "does_not_suit":
        once = (
            sum(photo.role == "before" for photo in claim.photos) == 1
        )  # two that cannot settle it are enough
        bare, suits = "before" in shown, claim.product.category in _SUITS
        wanted = {
            "shade.bare_skin": suits and not bare,
            "shade.bare_with_card": suits and bare and measured and once,
            "shade.wears": suits and bare and measured and not claim.wears,
        }
    elif claim.product.category == "lipstick":  # gloss and the lips below hide the colour of what came
        wanted = {"shade.swatch": "swatch" not in shown}
    else:
        wanted = {
            "shade.worn": "after" not in shown,
            "shade.swatch": "after" in shown and measured and "swatch" not in shown,
        }
    return _askable(wanted, claim)


def _facts_wanted(facts: Sequence[Fact], causality: Causality) -> dict[str, bool]:
    """Facts that are not known, unless the timing already speaks against the product."""
    settled = causality.chronology.delay == "incompatible"
    asked = {fact.request: fact.source == "unknown" and not settled for fact in facts}
    if causality.alternatives or causality.level == "unlikely":  # one more other cause would change nothing
        asked.pop("usage.other_causes", None)
    better = {fact.request: fact.source == "said" for fact in facts if fact.request in _FACTS_OF_PLACE}
    return asked | better


def _photos_wanted(
    claim: ReactionClaim, image: ImageEvidence, causality: Causality, child_below_age: int
) -> dict[str, bool]:
    shown = {photo.role for photo in image.usable(claim)}
    if not _measurable(claim):
        hidden = covered_skin_of_a_child(claim, child_below_age)
        return {"photos.area": not hidden and not shown & {"area", "after"}}
    filtered = image.before_filtered or image.after_filtered
    doubtful = roles_doubtful(claim, image)
    may_be_sent = not _sent_often(claim)
    both = {"before", "after"} <= shown
    unclear = both and causality.image in ("inconclusive", "absent") and not filtered
    unclear = unclear and image.person != "unsure" and not doubtful
    poorly = _badly_shown(image)
    visible = _still_there(claim)
    followed = image.recovery is not None or causality.chronology.evolution != "inconclusive"
    followed = followed or "recovery" in shown or claim.timeline.course == "improved"
    return {
        "photos.before": "before" not in shown,
        "photos.after": "after" not in shown,
        "photos.roles": doubtful,
        "photos.unfiltered": filtered and may_be_sent,
        "photos.unmarked": image.drawn_on and may_be_sent,
        "photos.retake": unclear and poorly and visible,
        "photos.later": unclear and not poorly and visible and causality.observation == "open"
        and not _faded(claim),
        # Improvement under treatment stays open however many photos follow.
        "photos.recovery": not followed and not _acne_like(claim),
    }  # fmt: skip


def _sent_often(claim: ReactionClaim) -> bool:
    """Asking again for the photo as the camera took it would lead nowhere: a person looks."""
    roles = Counter(photo.role for photo in claim.photos)
    return max(roles["before"], roles["after"]) >= _MOST_OF_A_ROLE


def _measurable(claim: ReactionClaim) -> bool:
    """Some of it is on skin that is measured, of a face that measuring was tested on."""
    named = {area for seen in claim.signs for area in seen.areas} | set(claim.product.areas)
    return bool(named & _MEASURED_AREAS) and not is_infant(claim)


def _still_there(claim: ReactionClaim) -> bool:
    """A new photo could still show it: it has not healed, and is something that reddens the skin."""
    signs = {seen.sign for seen in claim.signs}
    reddens = not signs or bool(signs & INFLAMED_SIGNS)
    return claim.timeline.course != "improved" and reddens and not _acne_like(claim)


def _acne_like(claim: ReactionClaim) -> bool:
    """Spots without redness around them: redness tells nothing of them, and they take weeks to go."""
    signs = {seen.sign for seen in claim.signs}
    return "comedone" in signs and "erythema" not in signs


def _faded(claim: ReactionClaim) -> bool:
    """Whatever there was has had time to fade since onset."""
    onset = claim.timeline.onset
    return onset is not None and hours_between(onset, claim.received_at).low > FADED_HOURS


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
