"""Everything a claim about a reaction comes down to, ready for the verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from skinscan.claims.assessment import Assessment
from skinscan.claims.claim import ReactionClaim
from skinscan.claims.escalations import find_escalations
from skinscan.claims.facts import facts_of
from skinscan.claims.help.care import care_plan
from skinscan.claims.image_evidence import ImageEvidence
from skinscan.claims.ingredients.by_sign import hazards_by_sign
from skinscan.claims.ingredients.relevance import Hazard
from skinscan.claims.ingredients.substances import Substance
from skinscan.claims.messages import Message
from skinscan.claims.missing import missing_for_reaction
from skinscan.claims.policy.decision_table import matches
from skinscan.claims.policy.model import Cause, Outcome, Policy
from skinscan.claims.promises import Promise
from skinscan.claims.reaction.causality import Causality, assess_causality, crosswalk
from skinscan.claims.reaction.red_line import red_line
from skinscan.claims.reaction.severity import grade_seriousness, grade_severity, red_flags
from skinscan.claims.reasons import reasons_of
from skinscan.claims.trace import TraceLine, ruled
from skinscan.claims.verdict_model import CausalityReport, IngredientReport, WhoUmc

__all__ = ["assess_reaction", "report_causality", "report_ingredients"]


def assess_reaction(
    claim: ReactionClaim, image: ImageEvidence, promises: Sequence[Promise], policy: Policy
) -> Assessment:
    """Causality, then the policy's table, then the red line.

    `claim`: as filed. `image`: what its photos show. `promises`: what the product was sold with, weighed.
    `policy`: the platform's rules.
    """
    causality = assess_causality(
        claim,
        image,
        variant=policy.causality.combination,
        observation_hours=policy.causality.observation_hours,
    )
    child_below_age = policy.red_flags.child_below_age
    flags = red_flags(claim, child_below_age=child_below_age, many_areas=policy.red_flags.many_areas)
    facts = facts_of(claim, image)
    missing = missing_for_reaction(claim, image, causality, facts, child_below_age=child_below_age)
    if causality.level == "insufficient" and not missing:
        causality = replace(causality, level="unassessable")
    hazards = hazards_by_sign(causality.findings, claim, _broken_by(promises))
    proposal, crossed, table_trace = _propose(claim, image, causality, policy)
    person = _person(image)
    care = care_plan(claim, causality, flags)
    escalations = [
        name for name in find_escalations(claim, image, causality, facts, flags) if name in policy.to_human
    ]
    return Assessment(
        proposal=proposal,
        cause=_cause(proposal, claim),
        reasons=[*person, *reasons_of(claim, image, causality)],
        missing=missing,
        facts=facts,
        advice=_advice(claim, hazards),
        trace=[
            *causality.trace,
            *table_trace,
            ruled("care", ", ".join(care.kinds), source="care.csv"),
            *(ruled("person", image.person, source="comparison; no policy lifts it") for _ in person),
            *(
                ruled(f"to_human.{name}", ", ".join(flags) if name == "red_flag" else "yes", source="policy")
                for name in escalations
            ),
        ],
        red_flags=flags,
        human=[*person, *(["RED_LINE"] if crossed else []), *(name.upper() for name in escalations)],
        causality=causality,
        severity=grade_severity(claim),
        seriousness=grade_seriousness(claim),
        shade=None,
        care=care,
        hazards=hazards,
    )


def _person(image: ImageEvidence) -> list[str]:
    """Why somebody must see who is shown, before anything else is said."""
    codes = {"unsure": "PERSON_UNSURE", "not_checked": "PERSON_NOT_CHECKED"}
    return [codes[image.person]] if image.person in codes else []


def _propose(
    claim: ReactionClaim, image: ImageEvidence, causality: Causality, policy: Policy
) -> tuple[Outcome, bool, list[TraceLine]]:
    """The outcome of the policy's table, and whether the red line had to change it."""
    unassessable = causality.level == "unassessable"
    facts = {
        "level": "insufficient" if unassessable else causality.level,
        "image": causality.image,
        "misuse": "yes" if _misused(claim) else "no",
    }
    row = next(row for row in policy.reaction if matches(row.when, facts))
    lines = [ruled(f"policy.{row.id}", row.then, source=f"policy {policy.id} {policy.version}")]
    crossed = red_line(image, causality)
    if row.then != "reject" or not crossed:
        return row.then, False, lines
    return (
        "human_review",
        True,
        [*lines, ruled("red_line", "; ".join(crossed), source="red_line.py: no policy lifts it")],
    )


def _misused(claim: ReactionClaim) -> bool:
    """By their own words it was not used as instructed, whether or not they said what was different."""
    return bool(claim.usage.departures) or claim.usage.followed_instructions == "no"


def _cause(proposal: Outcome, claim: ReactionClaim) -> Cause | None:
    if proposal == "reject":
        return "none"
    if proposal not in ("uphold", "partial"):
        return None
    return "product_and_misuse" if proposal == "partial" and _misused(claim) else "product"


def _broken_by(promises: Sequence[Promise]) -> dict[Substance, int]:
    """Substances that promises are broken by, with their place: those of a contradiction first."""
    order = sorted(promises, key=lambda promise: (not promise.counts, promise.standing == "to_weigh"))
    found = (substance for promise in order if promise.broken for substance in promise.against)
    return {substance: place for place, substance in enumerate(dict.fromkeys(found))}


def _advice(claim: ReactionClaim, hazards: Sequence[Hazard]) -> list[str]:
    relevant = any(hazard.relevance != "low" for hazard in hazards)
    stopped = claim.timeline.stopped is not None or claim.timeline.still_using is False
    return [
        "DO_NOT_RESTART" if stopped and not claim.timeline.still_using else "STOP_USING",
        *(["AVOID_SUBSTANCES"] if relevant else []),
        "SEE_DOCTOR_IF_WORSE",
        "KEEP_PRODUCT",
    ]


def report_causality(causality: Causality) -> CausalityReport:
    """Causality in the words of the verdict."""
    level = crosswalk(causality.level)
    chronology = causality.chronology
    return CausalityReport(
        level=causality.level,
        zh=level["zh"],
        en=level["en"],
        cn_grade=level["cn"],
        who_umc=WhoUmc(term=level["who_umc"], criteria=level["who_umc_criteria"]),
        table_level=causality.table_level,
        variant=causality.variant,
        imputability=causality.imputability,
        chronology=chronology.score,
        semiology=causality.semiology,
        delay=chronology.delay,
        evolution=chronology.evolution,
        rechallenge=chronology.rechallenge,
        image=causality.image,
        observation=causality.observation,
        patterns=tuple(
            Message(code=row["pattern"], zh=row["zh"], en=row["en"]) for row in chronology.patterns
        ),
        alternatives=tuple(f"{found.kind}: {found.detail}" for found in causality.alternatives),
        misuse=causality.misuse,
    )


def report_ingredients(hazards: Sequence[Hazard]) -> tuple[IngredientReport, ...]:
    """The hazards in the words of the verdict, in their order."""
    return tuple(map(_report, hazards))


def _report(hazard: Hazard) -> IngredientReport:
    substance = hazard.substance
    return IngredientReport(
        inci=substance.inci,
        zh=substance.zh[0] if substance.zh else "",
        hazards=substance.hazards,
        evidence=substance.evidence,
        relevance=hazard.relevance,
        why=hazard.why,
        note=substance.note,
        source=substance.source,
        status=substance.status,
    )
