"""The one public verb of this sub-package: claim, evidence and policy in, verdict out.

Nothing here reads a clock, a file of the case or the network: the same input gives the same bytes.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from datetime import UTC, timedelta

from skinscan.claims.decision import matches
from skinscan.claims.image_evidence import ImageEvidence
from skinscan.claims.liability import liability_facts, share_out
from skinscan.claims.messages import message
from skinscan.claims.missing import missing_for_shade
from skinscan.claims.model import Claim, ReactionClaim, ShadeClaim
from skinscan.claims.policy_model import Cause, Outcome, Policy
from skinscan.claims.reaction import Case, judge_reaction, report_causality, report_ingredients
from skinscan.claims.severity import grade_seriousness, grade_severity
from skinscan.claims.shade_evidence import ShadeEvidence, read_difference, read_item
from skinscan.claims.trace import TraceLine, ruled
from skinscan.claims.verdict_model import (
    Due,
    Human,
    Missing,
    PolicyUsed,
    Priority,
    Queue,
    Rule,
    ShadeReport,
    Verdict,
)

__all__ = ["judge"]


def judge(
    claim: Claim,
    image_evidence: ImageEvidence,
    shade_evidence: ShadeEvidence | None = None,
    *,
    policy: Policy,
) -> Verdict:
    """Judge a claim. Deadlines count from the claim's `received_at`."""
    if isinstance(claim, ReactionClaim):
        case = judge_reaction(claim, image_evidence, policy)
    else:
        case = _judge_shade(claim, shade_evidence, policy)
    outcome, why = _decide(case, policy)
    open_ended = outcome in ("needs_info", "human_review")
    causality = case.causality
    reaction = claim if isinstance(claim, ReactionClaim) else None
    findings = causality.findings if causality else None
    facts = liability_facts(claim, case.cause, findings) if case.cause else None
    trace = [*case.trace, *([_liability_line(facts)] if facts else [])]
    return Verdict(
        schema="skinscan.verdict/1",
        case_id=claim.case_id,
        red_flags=tuple(message("red_flag", code) for code in case.red_flags),
        outcome=outcome,
        proposal=case.proposal,
        human=Human(required=outcome == "human_review", why=tuple(message("human", code) for code in why)),
        reasons=tuple(message("reason", code) for code in case.reasons),
        missing=tuple(_missing(code) for code in case.missing) if open_ended else (),
        advice=tuple(message("advice", code) for code in case.advice),
        causality=report_causality(causality, askable=bool(case.missing)) if causality else None,
        severity=grade_severity(reaction) if reaction else None,
        seriousness=grade_seriousness(reaction) if reaction else None,
        ingredients=report_ingredients(findings) if findings else (),
        ingredients_unknown=findings.unknown if findings else (),
        shade=_report_shade(claim, shade_evidence, policy) if isinstance(claim, ShadeClaim) else None,
        responsibility=tuple(share_out(facts, policy.liability)) if facts else (),
        priority=_priority(claim, case),
        queue=_queue(claim, outcome, why),
        due=_due(claim, policy),
        policy=PolicyUsed(id=policy.id, version=policy.version, sha256=policy.sha256),
        idempotency_key=_key(claim, image_evidence, shade_evidence, policy),
        trace=tuple(Rule(**asdict(line)) for line in trace),
    )


def _decide(case: Case, policy: Policy) -> tuple[Outcome, list[str]]:
    """The proposal, unless a person must look; and why one must."""
    why = list(case.human)
    if case.proposal == "human_review" and not why:
        why.append("TABLE_SAYS_HUMAN")
    elif case.proposal == "needs_info" and not case.missing:
        why.append("NOTHING_LEFT_TO_ASK")
    elif case.proposal not in ("human_review", *policy.automatic):
        why.append("NOT_AUTOMATIC")
    return ("human_review" if why else case.proposal), why


_SHADE_CAUSES: dict[str, Cause] = {
    "wrong_item": "wrong_item",
    "not_as_shown": "shade_not_as_shown",
    "does_not_suit": "shade_does_not_suit",
}


def _judge_shade(claim: ShadeClaim, shade: ShadeEvidence | None, policy: Policy) -> Case:
    difference = read_difference(shade, policy.shade.acceptable_delta_e00)
    item = read_item(claim.order)
    facts = {"question": claim.question, "difference": difference, "item": item}
    row = next(row for row in policy.shade_outcome if matches(row.when, facts))
    cause: Cause | None = None
    if row.then in ("uphold", "partial"):
        cause = _SHADE_CAUSES[claim.question]
    elif row.then == "reject":
        cause = "none"
    by_difference = {
        "beyond": "SHADE_BEYOND",
        "within": "SHADE_WITHIN",
        "open": "SHADE_OPEN",
        "absent": "SHADE_OPEN",
    }
    reason = f"ITEM_{item.upper()}" if claim.question == "wrong_item" else by_difference[difference]
    measured = (
        f"{difference} ({shade.delta_e00_low:.2f}..{shade.delta_e00_high:.2f} dE00)" if shade else difference
    )
    return Case(
        proposal=row.then,
        cause=cause,
        red_flags=[],
        reasons=[reason],
        missing=missing_for_shade(claim, difference, item),
        advice=["KEEP_PRODUCT"],
        human=[],
        causality=None,
        trace=(
            ruled("shade.difference", measured, source="shade stage", known=difference != "absent"),
            ruled("shade.item", item, source="order", known=item != "unknown"),
            ruled(f"policy.{row.id}", row.then, source=f"policy {policy.id} {policy.version}"),
        ),
    )


def _report_shade(claim: ShadeClaim, shade: ShadeEvidence | None, policy: Policy) -> ShadeReport:
    return ShadeReport(
        question=claim.question,
        difference=read_difference(shade, policy.shade.acceptable_delta_e00),
        item=read_item(claim.order),
        direction=shade.direction if shade else "",
    )


def _liability_line(facts: dict[str, str]) -> TraceLine:
    value = ", ".join(f"{name} {fact}" for name, fact in facts.items())
    return ruled("liability.facts", value, source="claim")


def _missing(code: str) -> Missing:
    text = message("missing", code)
    return Missing(what=text.code, zh=text.zh, en=text.en)


def _priority(claim: Claim, case: Case) -> Priority:
    if case.red_flags:
        return "urgent"
    serious = isinstance(claim, ReactionClaim) and (
        grade_seriousness(claim) == "serious" or claim.social_impact
    )
    return "high" if serious else "normal"


def _queue(claim: Claim, outcome: Outcome, why: list[str]) -> Queue:
    if outcome != "human_review":
        return "general"
    if {"SERIOUS", "SOCIAL_IMPACT"} & set(why):
        return "regulator"
    if "CONTRADICTORY_DATES" in why:
        return "legal"
    return "derm" if isinstance(claim, ReactionClaim) else "colour"


def _due(claim: Claim, policy: Policy) -> Due:
    clocks, start = policy.clocks, claim.received_at.astimezone(UTC)
    regulator = None
    if isinstance(claim, ReactionClaim):
        days = clocks.regulator_days
        allowed = [days.general]
        if grade_seriousness(claim) == "serious":
            allowed.append(days.serious)
        if claim.social_impact:
            allowed.append(days.social_impact)
        regulator = start + timedelta(days=min(allowed))
    return Due(
        first_answer=start + timedelta(hours=clocks.first_answer_hours),
        decision=start + timedelta(hours=clocks.decision_hours),
        erase_photos=start + timedelta(hours=clocks.erase_photos_hours),
        regulator=regulator,
    )


def _key(claim: Claim, image: ImageEvidence, shade: ShadeEvidence | None, policy: Policy) -> str:
    """Same claim, evidence and policy: same key, so that a ticket system can drop repeats."""
    inputs = {
        "claim": claim.model_dump(mode="json"),
        "image": asdict(image),
        "shade": asdict(shade) if shade else None,
        "policy": policy.sha256,
    }
    canonical = json.dumps(inputs, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
