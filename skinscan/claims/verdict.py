"""The one public verb of this sub-package: claim, evidence and policy in, verdict out.

Nothing here reads a clock, a file of the case or the network: the same input gives the same bytes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import UTC

from skinscan.claims.assess_reaction import assess_reaction, report_causality, report_ingredients
from skinscan.claims.assess_shade import assess_shade
from skinscan.claims.assess_texture import assess_texture
from skinscan.claims.assessment import Assessment
from skinscan.claims.claim import Claim, ReactionClaim, ShadeClaim, TextureClaim
from skinscan.claims.clocks import due_of
from skinscan.claims.consent import ask_consent_first, check_consent
from skinscan.claims.dialogue import ask_for
from skinscan.claims.facts import Fact, weight_of
from skinscan.claims.help.remedy import propose_remedy
from skinscan.claims.image_evidence import ImageEvidence
from skinscan.claims.messages import Group, Message, message
from skinscan.claims.photo_origin.signals import Signal
from skinscan.claims.policy.evidence import Standing, established, lacking, weigh_facts
from skinscan.claims.policy.liability import Share, liability_facts, share_out
from skinscan.claims.policy.model import Outcome, Policy
from skinscan.claims.promise_report import consent_line, promise_line, promise_reasons, report_promises
from skinscan.claims.promises import weigh_promises
from skinscan.claims.shade_evidence import ShadeEvidence
from skinscan.claims.trace import TraceLine, ruled
from skinscan.claims.verdict_model import (
    FactReport,
    Human,
    IngredientReport,
    OrderId,
    PolicyUsed,
    Priority,
    ProductId,
    Queue,
    Rule,
    SignalReport,
    Verdict,
)

__all__ = ["judge"]


def judge(
    claim: Claim,
    image_evidence: ImageEvidence,
    shade_evidence: ShadeEvidence | None = None,
    *,
    policy: Policy,
    signals: Sequence[Signal] = (),
) -> Verdict:
    """Judge a claim. Deadlines count from the claim's `received_at`.

    Args:
        claim: as filed.
        image_evidence: what the photos say of a reaction.
        shade_evidence: the colour difference of a claim about a shade; None where there is none.
        policy: the platform's rules.
        signals: what is odd about the origin of the photos.
    """
    promises, consent = weigh_promises(claim.product), check_consent(claim)
    if isinstance(claim, ReactionClaim):
        case = assess_reaction(claim, image_evidence, promises, policy)
    elif isinstance(claim, TextureClaim):
        case = assess_texture(claim)
    else:
        case = assess_shade(claim, image_evidence, shade_evidence, policy)
    case = replace(case, missing=ask_consent_first(consent, case.missing, claim))
    standings = weigh_facts(case.facts, case.proposal, policy)
    case, gaps = _without_what_was_not_asked(case, standings, claim)
    findings = case.causality.findings if case.causality else None
    facts = liability_facts(claim, case.cause, promises, established(standings)) if case.cause else None
    shares = tuple(share_out(facts, policy.liability)) if facts else ()
    outcome, why = _decide(case, shares, signals, policy, gaps)
    if image_evidence.person == "probably" and case.proposal in _PAYS:  # no policy lifts it
        outcome, why = "human_review", ["PERSON_PROBABLY_ONE", *why]
    if facts and facts["promise"] == "to_weigh" and case.cause != "none":  # no policy lifts it
        outcome, why = "human_review", [*why, "PROMISE_TO_WEIGH"]
    asked = ask_for(case.missing, claim, image_evidence, policy) if outcome in _OPEN else ()
    ingredients = report_ingredients(case.hazards)
    common = [name for name in why if name in _TRACED]
    trace = [
        *case.trace,
        *map(_fact_line, standings),
        *map(_signal_line, signals),
        *([_liability_line(facts)] if facts else []),
        *map(promise_line, promises),
        consent_line(consent),
        *(ruled(f"to_human.{name.lower()}", "yes", source="policy") for name in common),
    ]
    return Verdict(
        schema="skinscan.verdict/1",
        case_id=claim.case_id,
        red_flags=_sentences("red_flag", case.red_flags),
        outcome=outcome,
        proposal=case.proposal,
        human=Human(required=outcome == "human_review", why=_sentences("human", why)),
        reasons=_sentences("reason", [*case.reasons, *promise_reasons(promises)]),
        missing=asked,
        facts=tuple(map(_fact_report, standings)),
        advice=_sentences("advice", case.advice),
        care=case.care,
        remedy=propose_remedy(claim, case.proposal, outcome, case.cause, policy),
        promises=report_promises(promises),
        product=_product(claim),
        order=_order(claim),
        received_at=claim.received_at.astimezone(UTC),
        skin_type="unknown" if isinstance(claim, ShadeClaim) else claim.person.skin_type,
        season=claim.usage.season if isinstance(claim, ReactionClaim) else "unknown",
        implicated=tuple(found.inci for found in ingredients if _implicated(found)),
        consent=consent,
        causality=report_causality(case.causality) if case.causality else None,
        severity=case.severity,
        seriousness=case.seriousness,
        ingredients=ingredients,
        ingredients_unknown=findings.unknown if findings else (),
        shade=case.shade,
        signals=tuple(_reported(signal) for signal in signals),
        responsibility=shares,
        priority=_priority(claim, case),
        queue=_queue(case, outcome, why),
        due=due_of(claim, case.seriousness, outcome, asked, policy),
        policy=PolicyUsed(id=policy.id, version=policy.version, sha256=policy.sha256),
        idempotency_key=_key(claim, image_evidence, shade_evidence, signals, policy),
        trace=tuple(map(_rule, trace)),
    )


_OPEN: tuple[Outcome, ...] = ("needs_info", "human_review")
_TRACED = ("PERSON_PROBABLY_ONE", "PHOTO_DOUBT", "CONSUMER_PAYS")
_PAYS: tuple[Outcome, ...] = ("uphold", "partial")


def _without_what_was_not_asked(
    case: Assessment, standings: Sequence[Standing], claim: Claim
) -> tuple[Assessment, list[Fact]]:
    """The case, held open if money would move on a fact that can still be asked for; and what cannot be.

    Nobody is charged before the question was put.
    """
    gaps = lacking(standings)
    askable = [fact.request for fact in gaps if fact.request not in claim.cannot_provide]
    if not askable:
        return case, gaps
    missing = list(dict.fromkeys([*askable, *case.missing]))
    return replace(case, proposal="needs_info", cause=None, missing=missing), []


def _decide(
    case: Assessment,
    shares: Sequence[Share],
    signals: Sequence[Signal],
    policy: Policy,
    gaps: Sequence[Fact],
) -> tuple[Outcome, list[str]]:
    """The proposal, unless a person must look; and why one must, doubts about the photos first."""
    doubts = list(dict.fromkeys(_DOUBTS[s.code] for s in signals if s.weight == "escalates"))
    pays = case.proposal != "reject" and any(share.party == "consumer" for share in shares)
    person = [name for name in case.human if name.startswith("PERSON_")]
    why = [*person]
    why += [*doubts, "PHOTO_DOUBT"] if doubts and "photo_doubt" in policy.to_human else []
    why += [name for name in case.human if name not in person]
    why += ["FACT_NOT_CHECKED"] if gaps else []
    why += ["CONSUMER_PAYS"] if pays and "consumer_pays" in policy.to_human else []
    if case.proposal == "human_review" and not why:
        why.append("TABLE_SAYS_HUMAN")
    elif case.proposal == "needs_info" and not case.missing:
        why.append("NOTHING_LEFT_TO_ASK")
    elif case.proposal not in ("human_review", "advise", *policy.automatic):
        why.append("NOT_AUTOMATIC")
    return ("human_review" if why else case.proposal), why


_DOUBTS = {
    "AI_MADE": "PHOTO_BY_MACHINE",
    "AI_SUSPECTED": "PHOTO_BY_MACHINE",
    "DRAWN_ON": "PHOTO_DRAWN_ON",
    "EDITING_SOFTWARE": "PHOTO_EDITED",
    "FILE_DATE_CONTRADICTS": "PHOTO_DATE",
    "SEEN_IN_ANOTHER_CASE": "PHOTO_COPIED",
    "SKIN_TONES_DIFFER": "PHOTO_TONES",
}
"""Signal that calls a person -> the reason told."""


def _product(claim: Claim) -> ProductId:
    product = claim.product
    return ProductId(
        sku=product.sku, brand=product.brand, batch=product.batch, category=product.category
    )  # fmt: skip


def _order(claim: Claim) -> OrderId:
    order = claim.order
    return OrderId(id=order.id, tenant=order.tenant, channel=order.channel, streamer=order.streamer)


def _implicated(found: IngredientReport) -> bool:
    """It could have done this: it fits the signs and is relevant, or the person is known not to bear it."""
    return "known_allergy" in found.why or ("fits_sign" in found.why and found.relevance != "low")


def _liability_line(facts: dict[str, str]) -> TraceLine:
    value = ", ".join(f"{name} {fact}" for name, fact in facts.items())
    return ruled("liability.facts", value, source="claim")


def _rule(line: TraceLine) -> Rule:
    return Rule(
        rule=line.rule, state=line.state, value=line.value, status=line.status, source=line.source
    )  # fmt: skip


def _signal_line(signal: Signal) -> TraceLine:
    value = f"{signal.photo}: {signal.detail}; {signal.weight}"
    return ruled(f"photo.{signal.code}", value, source="photo file")


def _reported(signal: Signal) -> SignalReport:
    text = message("signal", signal.code)
    return SignalReport(**asdict(signal), zh=text.zh, en=text.en)


def _sentences(group: Group, codes: list[str]) -> tuple[Message, ...]:
    return tuple(message(group, code) for code in codes)


def _fact_line(standing: Standing) -> TraceLine:
    fact = standing.fact
    needs = f", {standing.needs} is needed" if standing.needs else ""
    return ruled(
        f"fact.{fact.name}", f"{fact.value or 'not known'}: {fact.source}{needs}",
        source=f"policy {standing.rule}" if standing.rule else "claim", known=fact.source != "unknown",
    )  # fmt: skip


def _fact_report(standing: Standing) -> FactReport:
    fact = standing.fact
    return FactReport(
        fact=fact.name, value=fact.value, source=fact.source, weight=weight_of(fact.source),
        needs=standing.needs, enough=standing.enough, policy_row=standing.rule,
    )  # fmt: skip


def _priority(claim: Claim, case: Assessment) -> Priority:
    if case.red_flags:
        return "urgent"
    public = isinstance(claim, ReactionClaim) and claim.social_impact
    return "high" if public or case.seriousness == "serious" else "normal"


def _queue(case: Assessment, outcome: Outcome, why: list[str]) -> Queue:
    if outcome != "human_review":
        return "general"
    if {"SERIOUS", "SOCIAL_IMPACT"} & set(why):
        return "regulator"
    if {"CONTRADICTORY_DATES", "PHOTO_DOUBT", "OTHER_PRODUCT"} & set(why) and not case.red_flags:
        return "legal"
    return "derm" if case.causality else "colour"


def _key(
    claim: Claim,
    image: ImageEvidence,
    shade: ShadeEvidence | None,
    signals: Sequence[Signal],
    policy: Policy,
) -> str:
    """Same claim, evidence and policy: same key, so that a ticket system can drop repeats."""
    inputs = {
        "claim": claim.model_dump(mode="json"),
        "image": asdict(image),
        "shade": asdict(shade) if shade else None,
        "signals": [asdict(signal) for signal in signals],
        "policy": policy.sha256,
    }
    canonical = json.dumps(inputs, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
