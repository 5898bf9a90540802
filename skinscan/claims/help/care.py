"""What to do for the skin: lines of ``data/care.csv`` for this complaint, its severity and its timeline.

The kinds of a case stand in an order, the most particular first (a child, an eyelid, then the pattern). For
each step the lines of the first kind that has any are taken; when to see a doctor is said for every kind.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, cast, get_args

from pydantic import BaseModel, ConfigDict

from skinscan.claims.claim import Claim, ReactionClaim, TextureClaim
from skinscan.claims.reaction.causality import Causality
from skinscan.claims.reaction.severity import grade_severity
from skinscan.claims.tables import Row, Status, read_table
from skinscan.claims.terms import Severity

__all__ = [
    "INFANT_BELOW",
    "STEPS",
    "CareKind",
    "CareLine",
    "CarePlan",
    "CareStep",
    "care_plan",
    "texture_care",
]

CareKind = Literal[
    "emergency", "infant", "child", "lips", "eyelid", "urticaria", "over_exfoliation", "allergic_pattern",
    "sun", "pigment", "purge", "spots", "dryness", "irritation", "texture", "any",
]  # fmt: skip
CareStep = Literal[
    "doctor_first", "stop", "cool", "cleanse", "moisturise", "sun", "avoid", "restart", "test", "doctor",
    "use",
]  # fmt: skip
STEPS: tuple[CareStep, ...] = get_args(CareStep)
"""In the order in which they are told. doctor_first: the lines of "doctor", where a doctor comes first."""

INFANT_BELOW = 3
"""Years. Faces below it were never validated. [design]"""
_CHILD_BELOW = 14
"""Years, as in the policy's `child_below_age`."""
_NOT_SEVERE = {"SEE_DOCTOR_NOW", "CHILD"}
"""Red flags that say nothing about how bad it is: the instruction, and that a child has its own kind."""
_EMERGENCIES = {"breathing_difficulty", "throat_tightness", "fainting"}
_DOCTOR_FIRST: tuple[CareKind, ...] = ("emergency", "infant", "child", "pigment")
_ALLERGIC = {"papulovesicle", "vesicle", "oedema", "exudation"}
_SPOTS = {"comedone", "folliculitis"}
_PIGMENT = {"hyperpigmentation", "hypopigmentation", "depigmentation", "telangiectasia", "atrophy"}
_DRY_SIGNS, _DRY_FEELING = {"scale"}, {"dryness", "tightness"}
_ACIDS = ("aha", "bha", "pha", "acid", "retinoid")
_OVERUSED = {"too_often", "too_long", "left_on_rinse_off", "mixed_products"}


class CareLine(BaseModel):
    """One thing to do."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    step: CareStep
    zh: str
    en: str
    source: str
    status: Status


class CarePlan(BaseModel):
    """What to do, in order. No diagnosis: kinds are those of the care table."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kinds: tuple[CareKind, ...]  # the most particular first, without "any"
    severity: Severity
    doctor_first: bool
    stopped: bool  # the product is no longer used
    lines: tuple[CareLine, ...]


def care_plan(claim: ReactionClaim, causality: Causality, red_flags: list[str]) -> CarePlan:
    """The plan of a reaction. `red_flags`: codes; those of the skin make a doctor come first."""
    severity = grade_severity(claim)
    severe = severity == "severe" or bool(set(red_flags) - _NOT_SEVERE)
    kinds: tuple[CareKind, ...] = (*_kinds(claim, causality), "any")
    stopped = claim.timeline.stopped is not None or claim.timeline.still_using is False
    better = claim.timeline.course == "improved"
    first = severe or any(kind in _DOCTOR_FIRST for kind in kinds)
    rows = [row for row in read_table("care") if _suits(row, severe, stopped, better)]
    lines = [line for step in STEPS for line in _of_step(step, kinds, rows, first, better)]
    return CarePlan(
        kinds=kinds[:-1], severity=severity, doctor_first=first, stopped=stopped, lines=tuple(lines)
    )


def texture_care(claim: TextureClaim) -> CarePlan:
    """How to use the product, for each complaint about its texture."""
    rows = [row for row in read_table("texture_advice") if row["complaint"] in claim.complaints]
    rows.sort(key=lambda row: claim.complaints.index(row["complaint"]))
    lines = tuple(_line(row, "use") for row in rows)
    return CarePlan(kinds=("texture",), severity="unknown", doctor_first=False, stopped=False, lines=lines)


def _kinds(claim: ReactionClaim, causality: Causality) -> Iterator[CareKind]:
    signs = {seen.sign for seen in claim.signs}
    areas = {area for seen in claim.signs for area in seen.areas} or set(claim.product.areas)
    age = claim.person.age
    if _EMERGENCIES & set(claim.alarms):
        yield "emergency"
    if (age is not None and age < INFANT_BELOW) or (age is None and _for_babies(claim)):
        yield "infant"
    elif age is not None and age < _CHILD_BELOW:
        yield "child"
    if "lips" in areas or claim.product.category in ("lipstick", "lip_balm"):
        yield "lips"
    if "periocular" in areas and areas <= {"periocular", "lips", "forehead"}:
        yield "eyelid"
    yield _pattern(claim, causality, {str(sign) for sign in signs})


def _for_babies(claim: Claim) -> bool:
    return claim.product.category.startswith("baby_")


def _pattern(claim: ReactionClaim, causality: Causality, signs: set[str]) -> CareKind:
    """The one pattern of the complaint, by the onset table and by signs and feelings."""
    fits = {row["pattern"] for row in causality.chronology.patterns}
    feelings = set(claim.symptoms)
    acids = causality.findings.has_function(*_ACIDS)
    holds: dict[CareKind, bool] = {
        "urticaria": "wheal" in signs or "contact_urticaria" in fits,
        "sun": "photo_reaction" in fits,
        "pigment": bool(signs & _PIGMENT) and not signs - _PIGMENT - {"erythema"},
        "over_exfoliation": acids and bool(_OVERUSED & set(claim.usage.departures)) and not signs & _SPOTS,
        "allergic_pattern": bool(signs & _ALLERGIC) or causality.findings.known_allergy,
        "purge": "purge" in fits,
        "spots": bool(signs & _SPOTS) and not signs & {"erythema", "scale"},
        "dryness": signs <= _DRY_SIGNS and feelings <= _DRY_FEELING and bool(signs or feelings),
    }
    found = next((kind for kind, so in holds.items() if so), None)
    if found is None and "itch" in feelings and "contact_dermatitis" in fits and "burning" not in feelings:
        found = "allergic_pattern"
    return found or ("over_exfoliation" if acids and "scale" in signs else "irritation")


def _suits(row: Row, severe: bool, stopped: bool, better: bool) -> bool:
    times = {"any", "stopped" if stopped else "using", *(("better",) if better else ())}
    return row["severity"] in ("any", "severe" if severe else "not_severe") and row["timeline"] in times


def _of_step(
    step: CareStep, kinds: tuple[CareKind, ...], rows: list[Row], doctor_first: bool, better: bool
) -> list[CareLine]:
    if step in ("doctor", "doctor_first"):
        if (step == "doctor_first") != doctor_first:
            return []
        return [
            _line(row, step)
            for kind in kinds
            for row in rows
            if (row["kind"], row["step"]) == (kind, "doctor")
        ]
    for kind in kinds:
        own = [row for row in rows if (row["kind"], row["step"]) == (kind, step)]
        own = [row for row in own if row["timeline"] == "better"] or own if better else own
        if own:
            return [_line(row, step) for row in own]
    return []


def _line(row: Row, step: CareStep) -> CareLine:
    return CareLine(
        id=row["id"], step=step, zh=row["zh"], en=row["en"], source=row["source"],
        status=cast(Status, row["status"]),
    )  # fmt: skip
