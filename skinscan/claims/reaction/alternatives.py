"""Other explanations that the claim itself documents, and misuse.

Misuse is kept apart: it does not make the product less likely as the cause, it changes who answers for it
(EU: an undesirable effect supposes normal or reasonably foreseeable use).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from skinscan.claims.claim import ReactionClaim
from skinscan.claims.image_evidence import ImageEvidence, roles_doubtful
from skinscan.claims.ingredients.label import parse_ingredients
from skinscan.claims.reported_times import Moment, hours_between
from skinscan.claims.tables import read_table

__all__ = ["Alternative", "AlternativeKind", "find_alternatives"]

AlternativeKind = Literal["procedure", "sun", "co_used", "skin_condition", "pre_existing", "doctor", "said"]

RECENT_HOURS = 14 * 24.0
"""A procedure or a newly started product counts up to two weeks before onset. [design]"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alternative:
    """Something else that may have caused the complaint."""

    kind: AlternativeKind
    detail: str


def find_alternatives(
    claim: ReactionClaim, image: ImageEvidence, *, contact_pattern: bool
) -> tuple[Alternative, ...]:
    """Every documented other explanation; none if a doctor excluded them.

    `contact_pattern`: it began in a window typical of contact reactions and got better after stopping. Skin
    that reacts more easily, as with eczema, then explains why this person reacted and not that it was
    something else.
    """
    if claim.doctor and claim.doctor.other_causes_excluded:
        return ()
    stood = any(change.pre_existing and change.area in claim.product.areas for change in image.areas)
    stood = stood and not roles_doubtful(claim, image)
    found = [
        *_procedures(claim),
        *_co_used(claim),
        *_conditions(claim, contact_pattern=contact_pattern and not stood),
    ]
    if claim.usage.strong_sun == "yes":
        found.append(Alternative(kind="sun", detail="strong sun in the two days before onset"))
    if claim.usage.other_causes == "yes" and not found:
        found.append(Alternative(kind="said", detail="another cause by the person's own word, not named"))
    if stood:
        found.append(Alternative(kind="pre_existing", detail="the sign is already on the before photo"))
    if claim.doctor and claim.doctor.other_cause:
        found.append(Alternative(kind="doctor", detail=claim.doctor.other_cause))
    return tuple(found)


def _procedures(claim: ReactionClaim) -> list[Alternative]:
    return [
        Alternative(kind="procedure", detail=procedure.kind)
        for procedure in claim.usage.procedures
        if _shortly_before_onset(procedure.at, claim)
    ]


def _co_used(claim: ReactionClaim) -> list[Alternative]:
    """A product started shortly before onset; of unknown start, one with a strong irritant or sensitiser."""
    return [
        Alternative(kind="co_used", detail=other.name)
        for other in claim.usage.co_used
        if (_shortly_before_onset(other.started, claim) if other.started else _is_strong(other.ingredients))
    ]


def _is_strong(ingredients: str) -> bool:
    return any(
        entry.substance.evidence == "strong" for entry in parse_ingredients(ingredients) if entry.substance
    )


def _conditions(claim: ReactionClaim, *, contact_pattern: bool) -> list[Alternative]:
    """A skin condition that shows the signs complained of; "other" could show any."""
    signs = {seen.sign for seen in claim.signs}
    rows = {row["condition"]: row for row in read_table("conditions")}
    shown_by = {name: set(row["signs"].split("|")) - {""} for name, row in rows.items()}
    return [
        Alternative(kind="skin_condition", detail=condition)
        for condition in claim.person.skin_conditions
        if (not shown_by[condition] or shown_by[condition] & signs)
        and not (contact_pattern and rows[condition]["reacts_more"])
    ]


def _shortly_before_onset(moment: Moment, claim: ReactionClaim) -> bool:
    onset = claim.timeline.onset
    if onset is None:
        return True
    waited = hours_between(moment, onset)
    return waited.high >= 0 and waited.low <= RECENT_HOURS
