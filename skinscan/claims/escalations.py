"""What in a claim about a reaction calls for a person, whatever the tables say."""

from __future__ import annotations

from collections.abc import Sequence

from skinscan.claims.children import is_infant
from skinscan.claims.claim import ReactionClaim
from skinscan.claims.facts import Fact
from skinscan.claims.image_evidence import ImageEvidence, roles_doubtful
from skinscan.claims.policy.model import Escalation
from skinscan.claims.reaction.causality import Causality
from skinscan.claims.reaction.severity import grade_seriousness
from skinscan.claims.reported_times import hours_between

__all__ = ["find_escalations"]


def find_escalations(
    claim: ReactionClaim,
    image: ImageEvidence,
    causality: Causality,
    facts: Sequence[Fact],
    flags: Sequence[str],
) -> list[Escalation]:
    """Every reason that holds, in a fixed order; the policy says which of them count.

    `claim`, `image`, `causality`: the case. `facts`: what the facts that move money rest on. `flags`: codes
    of its red flags.
    """
    holds: dict[Escalation, bool] = {
        "red_flag": bool(flags),
        "infant": is_infant(claim),
        "serious": grade_seriousness(claim) == "serious",
        "social_impact": claim.social_impact,
        "pregnancy": claim.person.pregnant == "yes",
        "above_automatic_level": _above(causality),
        "human_only_pattern": any(row["human_only"] for row in causality.chronology.patterns),
        "contradictory_dates": _dates_contradict(claim),
        "doubtful_roles": roles_doubtful(claim, image) and "photos.roles" in claim.cannot_provide,
        "other_product": _other_product(claim),
        "transport_damage": _transport(claim, facts),
    }
    return [name for name, is_so in holds.items() if is_so]


def _above(causality: Causality) -> bool:
    """The tables say what only a person may. Held at "likely", with photos that show it, less than that is
    said, and it would be odd if the stronger case waited where the weaker is paid."""
    paid = causality.level == "likely" and causality.image == "increase"
    return causality.table_level == "excluded" or (causality.table_level == "very_likely" and not paid)


def _other_product(claim: ReactionClaim) -> bool:
    """What is complained of is not what was ordered."""
    ordered = claim.order.ordered_sku
    return bool(ordered) and ordered != claim.product.sku


def _transport(claim: ReactionClaim, facts: Sequence[Fact]) -> bool:
    """Damage is claimed, and more than a word of it is there or can still be had."""
    found = [fact for fact in facts if fact.name == "transport_damage"]
    return any(
        fact.source in ("shown", "documented") or fact.request not in claim.cannot_provide for fact in found
    )


def _dates_contradict(claim: ReactionClaim) -> bool:
    """A later event dated before an earlier one, beyond what bare dates leave open."""
    timeline = claim.timeline
    taken = {
        role: [photo.taken_at for photo in claim.photos if photo.role == role] for role in ("before", "after")
    }
    pairs = [
        (timeline.first_use, timeline.stopped),
        (timeline.first_use, timeline.last_use_before_onset),
        (timeline.last_use_before_onset, timeline.onset),
        (timeline.onset, timeline.course_seen),
        *((before, timeline.onset) for before in taken["before"]),
        *((timeline.first_use, after) for after in taken["after"]),
        *((photo.taken_at, claim.received_at) for photo in claim.photos),
        *((event, claim.received_at) for event in (timeline.first_use, timeline.onset, timeline.stopped)),
    ]
    return any(early and late and hours_between(early, late).high < 0 for early, late in pairs)
