"""How likely the product caused the reaction: chronology x semiology, by tables an expert can replace.

The method is Bégaud's (French imputability), parent of the EU one. It is ordinal and abstains; it is never
a probability. Two limits are in code, because no table may lift them:

- the automatic level ends at `likely` above and `unlikely` below: "very likely" takes a patch test or
  re-use judged by a human, and only a human excludes; and at `not_clearly_attributable` below where nothing
  speaks against the product: photos that cannot tell make nothing unlikely;
- a documented other explanation holds the level at "not clearly attributable" (WHO-UMC: "probable" needs
  other explanations to be unlikely).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import get_args

from skinscan.claims.claim import ReactionClaim
from skinscan.claims.image_evidence import ImageEvidence, observe, read_image
from skinscan.claims.ingredients.relevance import History, LabelFindings, match_ingredients
from skinscan.claims.reaction.alternatives import Alternative, find_alternatives
from skinscan.claims.reaction.chronology import DEFINITIONS, Chronology, score_chronology
from skinscan.claims.tables import Row, read_table
from skinscan.claims.terms import PEAK_HOURS, ImageReading, Level, Observation, Variant
from skinscan.claims.trace import TraceLine, looked_up, ruled
from skinscan.sensitive_scale import CUT_OFF

__all__ = ["Causality", "assess_causality", "crosswalk"]


PEAK_SOURCE = "peak of contact dermatitis, Medscape 963142"
WHO_UMC = "WHO-UMC causality categories, PMC6039921"
AUTOMATION = "very likely and excluded need re-use, a patch test or a clinician (EU SUE guideline, WHO-UMC)"

_ORDER: tuple[Level, ...] = ("excluded", "unlikely", "not_clearly_attributable", "likely", "very_likely")


@dataclass(frozen=True, slots=True, kw_only=True)
class Causality:
    """The level, everything it stands on, and the reasoning."""

    level: Level  # what may be said without a human
    table_level: Level  # what the tables alone give
    imputability: str | None  # "I0".., in the scale of `variant`
    variant: Variant
    chronology: Chronology
    semiology: str | None  # "S1".."S3"
    image: ImageReading
    observation: Observation
    findings: LabelFindings
    alternatives: tuple[Alternative, ...]
    misuse: tuple[str, ...]  # departures from the instructions
    trace: tuple[TraceLine, ...]


def assess_causality(
    claim: ReactionClaim,
    image: ImageEvidence,
    *,
    variant: Variant = "begaud_2011",
    observation_hours: float = PEAK_HOURS,
) -> Causality:
    """Judge one product against one reaction.

    `claim`: product, use, signs and times as reported. `image`: what its photos show. `variant`: edition of
    Bégaud's tables that combine chronology and semiology. `observation_hours`: hours after the last use from
    which a photo may show that nothing came.
    """
    observation = observe(claim, image, observation_hours)
    reading = read_image(claim, image, observation)
    findings = match_ingredients(claim.product.ingredients, _history(claim), claim.product)
    chronology = score_chronology(claim, image, findings)
    typical = chronology.delay == "highly_suggestive" and chronology.evolution == "suggestive"
    alternatives = find_alternatives(claim, image, contact_pattern=typical)
    semiology, semiology_trace = _semiology(claim, reading, findings, chronology)
    imputability, table_level, combination_trace = _combine(chronology.score, semiology, variant)
    against = _against(claim, reading, chronology)
    level, limit_trace = _limit(table_level, alternatives, against)
    return Causality(
        level=level,
        table_level=table_level,
        imputability=imputability,
        variant=variant,
        chronology=chronology,
        semiology=semiology,
        image=reading,
        observation=observation,
        findings=findings,
        alternatives=alternatives,
        misuse=claim.usage.departures,
        trace=(
            *_input_trace(claim, image, reading, observation),
            *_ingredient_trace(findings),
            *chronology.trace,
            *semiology_trace,
            *combination_trace,
            *limit_trace,
        ),
    )


def crosswalk(level: Level) -> Row:
    """WHO-UMC term, Chinese grade and labels of a level."""
    return next(row for row in read_table("levels") if row["level"] == level)


def _history(claim: ReactionClaim) -> History:
    by_answers = claim.ss10 is not None and claim.ss10.total >= CUT_OFF
    return History(
        allergies=claim.person.allergies, sensitive=by_answers or bool(claim.person.skin_conditions)
    )


def _semiology(
    claim: ReactionClaim, reading: ImageReading, findings: LabelFindings, chronology: Chronology
) -> tuple[str, list[TraceLine]]:
    """Signs are evocative if they fit a pattern and something other than the person's word supports them."""
    doctor = claim.doctor
    supports = {
        "redness increased in the area of use": reading == "increase",
        "signs seen by a doctor": doctor is not None and doctor.signs_confirmed,
        "the product holds a known allergen of the person": findings.known_allergy,
    }
    support = [fact for fact, holds in supports.items() if holds]
    evocative = bool(chronology.patterns and support and reading != "no_change")
    signs = "evocative" if evocative else "other"
    other = "absent" if doctor and doctor.other_causes_excluded else "possible"
    test = {"positive": "positive", "strong": "positive", "extreme": "positive", "negative": "negative"}.get(
        doctor.patch_test if doctor else "none", "not_done"
    )
    row = _semiology_table()[signs, other, test]
    because = "; ".join(support) or "nothing but the report supports them"
    return row["score"], [
        ruled("semiology.signs", f"{signs}: {because}", source=DEFINITIONS),
        ruled("semiology.other_explanation", other, source=DEFINITIONS, known=other == "absent"),
        ruled("semiology.test", test, source="ICDRG patch test reading", known=test != "not_done"),
        looked_up("begaud.semiology", row["score"], row),
    ]


@cache
def _semiology_table() -> dict[tuple[str, str, str], Row]:
    return {
        (row["signs"], row["other_explanation"], row["test"]): row for row in read_table("begaud_semiology")
    }


def _combine(
    chronology: str | None, semiology: str, variant: Variant
) -> tuple[str | None, Level, list[TraceLine]]:
    if chronology is None:
        missing = ruled("begaud.combination", "no chronology score", source=DEFINITIONS, known=False)
        return None, "insufficient", [missing]
    cell = next(
        row
        for row in read_table("imputability")
        if (row["variant"], row["chronology"], row["semiology"]) == (variant, chronology, semiology)
    )
    step = next(
        row
        for row in read_table("imputability_levels")
        if (row["variant"], row["imputability"]) == (variant, cell["imputability"])
    )
    level = next(level for level in get_args(Level) if level == step["level"])
    return (
        cell["imputability"],
        level,
        [
            looked_up("begaud.combination", f"{chronology} x {semiology} = {cell['imputability']}", cell),
            looked_up("level.table", level, step),
        ],
    )


def _against(claim: ReactionClaim, reading: ImageReading, chronology: Chronology) -> list[str]:
    """What speaks against the product. Without any of it it is not unlikely: silence is no evidence."""
    speaks = {
        "the timing does not fit": chronology.delay == "incompatible",
        "it did not follow stopping": chronology.evolution == "non_suggestive",
        "re-use was tolerated": chronology.rechallenge == "negative",
        "the photos show no increase": reading == "no_change",
        "the patch test was negative": claim.doctor is not None and claim.doctor.patch_test == "negative",
    }
    return [fact for fact, holds in speaks.items() if holds]


def _limit(
    level: Level, alternatives: tuple[Alternative, ...], against: list[str]
) -> tuple[Level, list[TraceLine]]:
    """Hold the level inside what may be said without a human; alternatives lower its top.

    WHO-UMC calls unlikely only what has an improbable time relation or plausible other causes; where nothing
    speaks against the product and the time relation is reasonable, "possible" is the lowest.
    """
    lines = [
        ruled(
            f"alternative.{found.kind}",
            found.detail,
            source=WHO_UMC,
            status="verified",
        )
        for found in alternatives
    ]
    if level == "insufficient":
        return level, lines
    top: Level = "not_clearly_attributable" if alternatives else "likely"
    least: Level = "unlikely" if against else "not_clearly_attributable"
    rank = min(max(_ORDER.index(level), _ORDER.index(least)), _ORDER.index(top))
    limited = _ORDER[rank]
    lines.append(
        ruled(
            "level.against", "; ".join(against) or "nothing", source=WHO_UMC, status="verified",
            known=bool(against),
        )
    )  # fmt: skip
    if limited != level:
        lines.append(ruled("level.limit", f"{level} held at {limited}", source=AUTOMATION))
    return limited, lines


def _input_trace(
    claim: ReactionClaim,
    image: ImageEvidence,
    reading: ImageReading,
    observation: Observation,
) -> list[TraceLine]:
    source = "photo comparison"
    changes = [
        f"{change.area} {change.verdict} {change.delta_ei_low:+.1f}..{change.delta_ei_high:+.1f} EI, "
        f"sdc {change.sdc:.1f}{'' if change.power_ok else ', no power'}"
        f"{', sign on the before photo' if change.pre_existing else ''}"
        for change in image.areas
    ]
    flags = [name for name in ("global_change", "before_filtered", "after_filtered") if getattr(image, name)]
    flags += [f"{photo.path} {photo.code}" for photo in image.unusable]
    reported = [*(f"{seen.sign} on {'+'.join(seen.areas)}" for seen in claim.signs), *claim.symptoms]
    lines = [
        ruled("reported.signs", "; ".join(reported), source="claim", known=bool(reported)),
        ruled(
            "image.reading",
            "; ".join([reading, *changes, *flags, *filter(None, [image.reason])]),
            source=source,
            known=reading in ("increase", "no_change"),
        ),
        ruled("image.observation", observation, source=PEAK_SOURCE, known=observation == "closed"),
    ]
    if claim.usage.departures:
        lines.append(ruled("usage.departures", ", ".join(claim.usage.departures), source="claim"))
    return lines


def _ingredient_trace(findings: LabelFindings) -> list[TraceLine]:
    lines = [
        ruled(
            f"ingredient.{hazard.substance.inci}",
            f"{'|'.join(hazard.substance.hazards)}, relevance {hazard.relevance} ({', '.join(hazard.why)})",
            source=hazard.substance.source,
            status=hazard.substance.status,
        )
        for hazard in findings.hazards
    ]
    lines += [
        ruled("history.allergy", f"{word}: no substance known by this name", source="claim", known=False)
        for word in findings.allergies_not_understood
    ]
    if not findings.listed:
        lines.append(ruled("ingredient.list", "not given", source="claim", known=False))
    return lines
