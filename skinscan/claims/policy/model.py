"""The shape of a policy: what a platform decides for itself. See `load_policy` for reading one.

Not in a policy: the medical tables (data files with their own status) and the red line (`verdict.py`).
"""

from __future__ import annotations

from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr

from skinscan.claims.claim import CarriedBy
from skinscan.claims.policy.decision_table import Space
from skinscan.claims.terms import PEAK_HOURS, FactName, ImageReading, Level, Source, Variant

__all__ = [
    "EVIDENCE_SPACE",
    "LIABILITY_SPACE",
    "REACTION_SPACE",
    "REMEDY_SPACE",
    "SHADE_SPACE",
    "WHOLE",
    "Cause",
    "Escalation",
    "EvidenceRow",
    "Goods",
    "Liability",
    "LiabilityRow",
    "Outcome",
    "OutcomeRow",
    "Party",
    "Policy",
    "Refund",
    "RemedyRow",
    "TableRow",
]

Outcome = Literal["uphold", "partial", "needs_info", "human_review", "reject", "advise"]
"""advise: answered with advice and an exchange, without a verdict; given only to complaints about texture."""
TableOutcome = Literal["uphold", "partial", "needs_info", "human_review", "reject"]
Party = Literal[
    "brand", "manufacturer", "live_room_operator", "streamer", "agency", "platform", "logistics", "consumer"
]
Cause = Literal[
    "product", "product_and_misuse", "shade_not_as_shown", "shade_does_not_suit", "wrong_item", "none"
]
Refund = Literal["full", "share", "none", "open"]
Goods = Literal["keep_until_decided", "keep", "send_back", "send_back_at_sellers_cost"]
Escalation = Literal[
    "red_flag",
    "serious",
    "social_impact",
    "pregnancy",
    "above_automatic_level",
    "human_only_pattern",
    "contradictory_dates",
    "photo_doubt",
    "consumer_pays",
    "transport_damage",
    "other_product",
    "infant",
    "doubtful_roles",
]

WHOLE = 10_000
"""Basis points in the whole."""

REACTION_SPACE: Space = {
    # A human alone says "very likely" or "excluded", and what cannot be assessed is read as "insufficient".
    "level": tuple(
        level for level in get_args(Level) if level not in ("very_likely", "excluded", "unassessable")
    ),
    "image": get_args(ImageReading),
    "misuse": ("yes", "no"),
}
SHADE_SPACE: Space = {
    "question": ("does_not_suit", "not_as_shown", "wrong_item"),
    "difference": ("beyond", "within", "open", "absent"),
    "item": ("same", "other", "unknown"),
}
EVIDENCE_SPACE: Space = {
    "fact": get_args(FactName),
    "outcome": ("uphold", "partial", "reject"),
}
REMEDY_SPACE: Space = {
    "kind": ("reaction", "shade", "texture"),
    "outcome": get_args(Outcome),  # the proposal of the rules
    "cause": (*get_args(Cause), "open"),
    "doctor": ("yes", "no"),  # a doctor was seen
}
LIABILITY_SPACE: Space = {
    "cause": get_args(Cause),
    "false_claim_by": (*get_args(CarriedBy), "nobody"),
    "promise": ("proven", "to_weigh", "none"),
    "batch": ("defect", "sound"),
    "transport": ("damaged", "sound"),
    "seller": ("known", "unavailable"),
}


class _Part(BaseModel):
    # Strict: `no` without quotes is a boolean in YAML, and must not pass for a word.
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class CausalityRules(_Part):
    """How causality is computed."""

    combination: Variant
    observation_hours: float = Field(ge=PEAK_HOURS)  # never shorter than the peak of contact dermatitis


class ShadeRules(_Part):
    """When a colour difference counts."""

    acceptable_delta_e00: float | None = Field(gt=0, le=10)  # none: what `skinscan shade` takes for this skin


class RegulatorDays(_Part):
    """Days to report to the regulator, from discovery."""

    general: int = Field(gt=0)
    serious: int = Field(gt=0)
    social_impact: int = Field(gt=0)


class Clocks(_Part):
    """Deadlines, all from the moment the claim was received."""

    first_answer_hours: int = Field(gt=0)
    decision_hours: int = Field(gt=0)
    erase_photos_hours: int = Field(gt=0)
    reply_hours: int = Field(default=72, gt=0)  # for the person to send what is asked for
    hold_hours: int = Field(default=168, gt=0)  # photos of an open case, after the decision is due
    follow_days: int = Field(default=3, gt=0)  # a followed case is asked for a photo again
    regulator_days: RegulatorDays


class RedFlagRules(_Part):
    """From where on a case is urgent."""

    child_below_age: int = Field(ge=14, le=21)  # years
    many_areas: int = Field(ge=1, le=11)


class TableRow(_Part):
    """What every row has: a name for the trace, and the facts it is for."""

    id: str = Field(min_length=1)
    when: dict[str, tuple[str, ...]]


class OutcomeRow(TableRow):
    """One row of an outcome table."""

    then: TableOutcome


class EvidenceRow(TableRow):
    """What a fact must at least rest on before a machine may end a claim this way."""

    needs: Source


class LiabilityRow(TableRow):
    """One row of the liability table."""

    party: Party
    basis_points: int = Field(gt=0, le=WHOLE)


class Liability(_Part):
    """Who answers, and how rows combine."""

    combine: Literal["first", "cap", "sum"]
    remainder: Party
    rows: tuple[LiabilityRow, ...]


class RemedyRow(TableRow):
    """What is proposed for an outcome: money, another item, medical costs, and what becomes of the goods."""

    refund: Refund
    exchange: bool
    medical_costs: bool
    goods: Goods


class Policy(_Part):
    """A policy as loaded from its file."""

    id: str = Field(min_length=1)
    version: str = Field(min_length=1)
    effective_from: str = Field(pattern=r"^\d{4}-\d{2}-\d{2}$")
    causality: CausalityRules
    shade: ShadeRules
    clocks: Clocks
    red_flags: RedFlagRules
    automatic: tuple[Literal["uphold", "partial", "needs_info", "reject"], ...]
    to_human: tuple[Escalation, ...]
    identity_check: bool = True  # whether a network compares the faces of before- and after-photos
    reaction: tuple[OutcomeRow, ...]
    shade_outcome: tuple[OutcomeRow, ...]
    evidence: tuple[EvidenceRow, ...]
    liability: Liability
    remedy: tuple[RemedyRow, ...] = ()  # none: nothing is proposed
    _sha256: str = PrivateAttr(default="")
    _text: bytes = PrivateAttr(default=b"")

    @property
    def sha256(self) -> str:
        """Of the bytes of the file it was loaded from."""
        return self._sha256

    @property
    def text(self) -> bytes:
        """The file it was loaded from."""
        return self._text
