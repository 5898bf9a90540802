"""Chronology of a reaction: delay, evolution, re-use, and the Bégaud score C0..C3 they give."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal

from skinscan.claims.claim import ReactionClaim
from skinscan.claims.image_evidence import ImageEvidence, roles_doubtful
from skinscan.claims.ingredients.relevance import LabelFindings
from skinscan.claims.reported_times import Hours, hours_between
from skinscan.claims.tables import Row, read_table
from skinscan.claims.trace import TraceLine, looked_up, ruled

__all__ = ["DEFINITIONS", "Chronology", "Delay", "Evolution", "Rechallenge", "score_chronology"]

Delay = Literal["highly_suggestive", "compatible", "incompatible", "unknown"]
Evolution = Literal["suggestive", "inconclusive", "non_suggestive"]
Rechallenge = Literal["positive", "not_done", "negative"]

FOLLOW_UP_HOURS = 21 * 24.0
"""A reaction that has not faded this long after stopping was not reversible by stopping: contact dermatitis
takes 2-3 weeks (Medscape 963142)."""

_STOOD = "the sign is already on the before photo and has not increased"

DEFINITIONS = "Bégaud 1985 definitions, read into the fields of the claim"

LATEST_AFTER_STOP_HOURS = 30 * 24.0
"""Onset later than this after the last use cannot be due to it. [design]"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chronology:
    """The three answers and their score."""

    delay: Delay
    evolution: Evolution
    rechallenge: Rechallenge
    patterns: tuple[Row, ...]  # rows of the onset table that fit time and signs
    stood_before: bool  # the delay fails because the sign stood there, and not by its dates
    score: str | None  # "C0".."C3"; none while the delay is unknown
    trace: tuple[TraceLine, ...]


def score_chronology(claim: ReactionClaim, image: ImageEvidence, findings: LabelFindings) -> Chronology:
    """Answer the three questions of time and look their score up."""
    patterns = _fitting_patterns(claim, findings)
    delay, why = _delay(claim, image, patterns)
    evolution = _evolution(claim, image)
    rechallenge = _rechallenge(claim)
    lines = [
        *(looked_up(f"pattern.{row['pattern']}", row["en"], row) for row in patterns),
        ruled(
            "chronology.delay",
            f"{delay}: {why}",
            source="onset table, patterns.csv",
            known=delay != "unknown",
        ),
        *_answer_lines(claim, image, evolution, rechallenge),
    ]
    score = None
    if delay != "unknown":
        row = _table()[delay, evolution, rechallenge]
        score = row["score"]
        lines.append(looked_up("begaud.chronology", score, row))
    return Chronology(
        delay=delay,
        evolution=evolution,
        rechallenge=rechallenge,
        patterns=patterns,
        stood_before=why == _STOOD,
        score=score,
        trace=tuple(lines),
    )


def _answer_lines(
    claim: ReactionClaim, image: ImageEvidence, evolution: Evolution, rechallenge: Rechallenge
) -> list[TraceLine]:
    timeline = claim.timeline
    return [
        ruled(
            "chronology.evolution",
            f"{evolution}: course {timeline.course}, recovery photo {image.recovery}, {_stopping(claim)}",
            source=DEFINITIONS,
            known=timeline.course != "unknown" or image.recovery is not None,
        ),
        ruled(
            "chronology.rechallenge",
            f"{rechallenge}: re-use {timeline.reuse}",
            source=DEFINITIONS,
            known=timeline.reuse != "unknown",
        ),
    ]


@cache
def _table() -> dict[tuple[str, str, str], Row]:
    return {
        (row["delay"], row["evolution"], row["rechallenge"]): row for row in read_table("begaud_chronology")
    }


def _delay(claim: ReactionClaim, image: ImageEvidence, patterns: tuple[Row, ...]) -> tuple[Delay, str]:
    timeline = claim.timeline
    if timeline.onset is None or timeline.first_use is None:
        missing = "onset" if timeline.onset is None else "first use"
        return "unknown", f"{missing} not given"
    since_first = hours_between(timeline.first_use, timeline.onset)
    if since_first.high < 0:
        return "incompatible", "the complaint began before the first use"
    if timeline.stopped and hours_between(timeline.stopped, timeline.onset).low > LATEST_AFTER_STOP_HOURS:
        return "incompatible", "the complaint began long after the last use"
    used = [change for change in image.areas if change.area in claim.product.areas]
    grown = any(change.verdict in ("increase", "inconclusive") for change in used)
    stood = any(change.pre_existing for change in used) and not roles_doubtful(claim, image)
    if stood and not grown:
        return "incompatible", _STOOD
    if any(row["delay"] == "highly_suggestive" for row in patterns):
        return "highly_suggestive", f"{_range(since_first)} after first use, in a typical window"
    return "compatible", f"{_range(since_first)} after first use"


def _evolution(claim: ReactionClaim, image: ImageEvidence) -> Evolution:
    """Treatment, short follow-up and continued use leave it open (Bégaud: inconclusive)."""
    timeline = claim.timeline
    improved = timeline.course == "improved" or image.recovery == "decrease"
    stopped = timeline.stopped is not None and not timeline.still_using
    if not stopped:
        # Only a person who says they went on using it shows that it healed in spite of the product.
        return "non_suggestive" if timeline.still_using and improved else "inconclusive"
    if improved:
        return "suggestive" if timeline.treated == "no" else "inconclusive"
    if timeline.course in ("unchanged", "worse") and timeline.stopped and timeline.course_seen:
        followed = hours_between(timeline.stopped, timeline.course_seen)
        return "non_suggestive" if followed.low >= FOLLOW_UP_HOURS else "inconclusive"
    return "inconclusive"


def _rechallenge(claim: ReactionClaim) -> Rechallenge:
    answers: dict[str, Rechallenge] = {"recurred": "positive", "tolerated": "negative"}
    return answers.get(claim.timeline.reuse, "not_done")


def _fitting_patterns(claim: ReactionClaim, findings: LabelFindings) -> tuple[Row, ...]:
    return tuple(row for row in read_table("patterns") if _fits(row, claim, findings))


def _fits(row: Row, claim: ReactionClaim, findings: LabelFindings) -> bool:
    """Time and signs fit the row, and what it needs is there."""
    signs = {seen.sign for seen in claim.signs}
    felt = set(claim.symptoms)
    looks_like = signs & _set(row["signs"]) if signs else felt & _set(row["symptoms"])
    if not looks_like or (signs | felt) & _set(row["not_with"]):
        return False
    needs = _set(row["needs"])
    met = claim.usage.strong_sun == "yes" if "strong_sun" in needs else findings.has_function(*needs)
    return (not needs or met) and _in_window(row, claim)


def _in_window(row: Row, claim: ReactionClaim) -> bool:
    timeline = claim.timeline
    if timeline.onset is None or timeline.first_use is None:
        return False
    since_first = hours_between(timeline.first_use, timeline.onset)
    if row["first_use_within_hours"] and since_first.low > float(row["first_use_within_hours"]):
        return False
    if row["clock"] == "first_use":
        waited = since_first
    elif timeline.last_use_before_onset is not None:
        waited = hours_between(timeline.last_use_before_onset, timeline.onset)
    else:  # some time since the first use
        waited = Hours(0.0, since_first.high)
    return waited.high >= float(row["from_hours"]) and waited.low <= float(row["to_hours"])


def _set(cell: str) -> set[str]:
    return set(cell.split("|")) - {""}


def _range(hours: Hours) -> str:
    low, high = max(hours.low, 0.0), hours.high
    return f"{low:g} h" if low == high else f"{low:g}-{high:g} h"


def _stopping(claim: ReactionClaim) -> str:
    timeline = claim.timeline
    if timeline.still_using:
        stopped = "still in use"
    else:
        stopped = "stopped" if timeline.stopped else "not known to have stopped"
    return f"{stopped}, treated {timeline.treated}"
