"""The verdict as others receive it: schema ``skinscan.verdict/1``. Fields may be added, never renamed."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from skinscan.claims.consent import ConsentReport
from skinscan.claims.help.care import CarePlan
from skinscan.claims.help.remedy import Remedy
from skinscan.claims.messages import Message
from skinscan.claims.policy.liability import Share
from skinscan.claims.policy.model import Outcome
from skinscan.claims.promises import PromiseStanding
from skinscan.claims.tables import Status
from skinscan.claims.terms import (
    DifferenceReading,
    EvidenceStrength,
    FactName,
    HazardKind,
    ImageReading,
    Item,
    Level,
    Observation,
    Seriousness,
    Severity,
    Source,
    Variant,
    Weight,
)
from skinscan.value import Result

__all__ = [
    "CausalityReport",
    "Due",
    "FactReport",
    "Hold",
    "Human",
    "IngredientReport",
    "Missing",
    "OrderId",
    "PhotoProblem",
    "PolicyUsed",
    "Priority",
    "ProductId",
    "PromiseReport",
    "Queue",
    "Rule",
    "ShadeReport",
    "SignalReport",
    "Verdict",
    "WhoUmc",
]

Priority = Literal["urgent", "high", "normal"]
Queue = Literal["general", "derm", "colour", "legal", "regulator"]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class WhoUmc(_Part):
    """The WHO-UMC term and what it demands."""

    term: str
    criteria: str


class CausalityReport(_Part):
    """How likely the product was the cause, and every step to it."""

    level: Level
    zh: str
    en: str
    cn_grade: str  # Chinese grade; empty for "excluded"
    who_umc: WhoUmc
    table_level: Level  # what the tables give before the limits of automation
    variant: Variant
    imputability: str | None
    chronology: str | None  # "C0".."C3"
    semiology: str | None  # "S1".."S3"
    delay: str
    evolution: str
    rechallenge: str
    image: ImageReading
    observation: Observation
    patterns: tuple[Message, ...]  # of the onset table; a description, no diagnosis
    alternatives: tuple[str, ...]  # "kind: detail"
    misuse: tuple[str, ...]


class IngredientReport(_Part):
    """A listed substance that could matter, most relevant first."""

    inci: str
    zh: str
    hazards: tuple[HazardKind, ...]
    evidence: EvidenceStrength
    relevance: Literal["low", "medium", "high"]  # to the signs of this claim
    why: tuple[str, ...]  # "broken_promise": a promise, and so a share, may rest on it
    note: str
    source: str
    status: Status

    @property
    def matters(self) -> bool:
        """Worth showing to the person: relevant to the signs, or what a promise is broken by."""
        return self.relevance != "low" or bool({"broken_promise", "known_allergy"} & set(self.why))


class Named(_Part):
    """A substance by its names."""

    inci: str
    zh: str


class PromiseReport(_Part):
    """What the product was sold with, and what its list says to that."""

    kind: str  # as in ``data/promises.csv``
    by: str  # brand, live_room_operator, streamer, agency
    proof: str  # recording, screenshot, statement
    text: str  # the words used
    standing: PromiseStanding
    broken_by: tuple[Named, ...]  # listed substances that speak against it
    counts: bool  # it is broken, and shown by more than a statement: a share may rest on it
    zh: str
    en: str
    source: str
    status: Status


class ProductId(_Part):
    """The product, for counting over many cases."""

    sku: str
    brand: str
    batch: str
    category: str


class OrderId(_Part):
    """The order, for counting over many cases. Ids are the platform's own: they find nobody by themselves."""

    id: str
    tenant: str
    channel: str
    streamer: str


class ShadeReport(_Part):
    """What a claim about a shade came down to."""

    question: Literal["does_not_suit", "not_as_shown", "wrong_item"]
    difference: DifferenceReading
    item: Item
    direction: str  # en
    direction_zh: str = ""


class PhotoProblem(_Part):
    """Why a photo that was sent does not do, and how to retake it."""

    path: str  # as in the claim
    code: str
    zh: str
    en: str
    same_as: str = ""  # path of another photo of the claim that shows the same moment


class Missing(_Part):
    """Something to send. The sentences carry the code of the request."""

    what: str  # stable code; repeat it in the claim's `cannot_provide` if it cannot be had
    zh: str
    en: str
    why: Message  # what it is for
    how: Message  # how to take or find it
    otherwise: Message  # what happens if it cannot be had
    not_before: datetime | None  # UTC; from when on it can be had; none: now
    by: datetime  # UTC; until when it is waited for
    sent: tuple[PhotoProblem, ...] = ()  # what was sent for it and cannot be used


class Hold(_Part):
    """Why the photos of an open case are kept longer, and when that ends by itself."""

    until: datetime  # UTC; the same as `erase_photos`
    zh: str
    en: str


class Due(_Part):
    """Deadlines, UTC."""

    first_answer: datetime
    decision: datetime  # later than usual where what was asked for can only be had later
    erase_photos: datetime
    hold: Hold | None  # none: the case is closed
    regulator: datetime | None  # none: nothing to report


class FactReport(_Part):
    """A fact on which money moves, and whether it stands well enough for the outcome proposed."""

    fact: FactName
    value: str  # as the claim has it; empty if it is not known
    source: Source
    weight: int  # 0 nothing, 1 somebody's word, 2 a photo, 3 a record
    needs: (
        Source | None
    )  # by the policy, for the outcome proposed; none: nothing is proposed that moves money
    enough: bool
    policy_row: str  # its id; empty where none was asked


class Human(_Part):
    """Whether a person must decide, and every reason for it."""

    required: bool
    why: tuple[Message, ...]


class PolicyUsed(_Part):
    """The policy that decided."""

    id: str
    version: str
    sha256: str


class SignalReport(_Part):
    """Something about a photo's origin. It weakens the photo or calls a person, and never decides."""

    code: str
    weight: Weight
    photo: str  # path as in the claim
    detail: str
    zh: str
    en: str


class Rule(_Part):
    """A rule that fired or could not be applied."""

    rule: str
    state: Literal["fired", "unknown"]
    value: str
    status: Status
    source: str


class Verdict(_Part, Result):
    """The result of a claim. Warnings about health come first."""

    schema_: Literal["skinscan.verdict/1"] = Field(default="skinscan.verdict/1", alias="schema")
    case_id: str
    red_flags: tuple[Message, ...]
    outcome: Outcome
    proposal: Outcome  # what the rules give; a human confirms or changes it where `human.required`
    human: Human
    reasons: tuple[Message, ...]
    missing: tuple[Missing, ...]
    facts: tuple[FactReport, ...]  # on which money moves
    advice: tuple[Message, ...]
    care: CarePlan | None = None  # none: a claim about a shade
    remedy: Remedy | None = None  # none: the policy proposes nothing
    promises: tuple[PromiseReport, ...] = ()
    product: ProductId
    order: OrderId
    received_at: datetime  # UTC: when the claim came
    skin_type: str = "unknown"
    season: str = "unknown"
    implicated: tuple[str, ...] = ()  # INCI names of the listed substances that could have done it
    consent: ConsentReport
    causality: CausalityReport | None  # none: a claim about a shade
    severity: Severity | None
    seriousness: Seriousness | None
    ingredients: tuple[IngredientReport, ...]
    ingredients_unknown: tuple[str, ...]
    shade: ShadeReport | None  # none: a claim about a reaction
    signals: tuple[SignalReport, ...]  # about the origin of the photos
    responsibility: tuple[Share, ...]  # sums to 10,000; empty while there is nothing to answer for
    priority: Priority
    queue: Queue
    due: Due
    policy: PolicyUsed
    idempotency_key: str  # same claim, evidence and policy: same key
    trace: tuple[Rule, ...]

    def to_json(self) -> str:
        """The verdict as one line of JSON; the same verdict gives the same bytes."""
        return self.model_dump_json(by_alias=True)

    def __repr__(self) -> str:
        likely = f", cause {self.causality.level}" if self.causality else ""
        person = ", a person decides" if self.human.required else ""
        return f"Verdict({self.case_id}: {self.outcome}{likely}, {len(self.reasons)} reasons{person})"

    __str__ = __repr__
