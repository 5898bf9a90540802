"""A claim about a shade: the colour difference or the item received, and the policy's table."""

from __future__ import annotations

from skinscan.claims.assessment import Assessment
from skinscan.claims.claim import ShadeClaim
from skinscan.claims.facts import facts_of
from skinscan.claims.image_evidence import ImageEvidence
from skinscan.claims.missing import missing_for_shade
from skinscan.claims.policy.decision_table import matches
from skinscan.claims.policy.model import Cause, Policy
from skinscan.claims.shade_evidence import ShadeEvidence, read_difference, read_item
from skinscan.claims.terms import DifferenceReading, Item
from skinscan.claims.trace import ruled
from skinscan.claims.verdict_model import ShadeReport

__all__ = ["assess_shade"]

_CAUSES: dict[str, Cause] = {
    "wrong_item": "wrong_item",
    "not_as_shown": "shade_not_as_shown",
    "does_not_suit": "shade_does_not_suit",
}
_REASONS: dict[DifferenceReading, str] = {
    "beyond": "SHADE_BEYOND",
    "within": "SHADE_WITHIN",
    "open": "SHADE_OPEN",
    "absent": "SHADE_NOT_MEASURED",
}


def assess_shade(
    claim: ShadeClaim, image: ImageEvidence, shade: ShadeEvidence | None, policy: Policy
) -> Assessment:
    """Read the evidence and look the outcome up.

    `claim`: as filed. `image`: which of its photos could be opened. `shade`: the colour difference; None
    without a catalogue. `policy`: the platform's rules.
    """
    difference = read_difference(shade, policy.shade.acceptable_delta_e00)
    item = read_item(claim.order)
    known = facts_of(claim, image)
    facts = {"question": claim.question, "difference": difference, "item": item}
    row = next(row for row in policy.shade_outcome if matches(row.when, facts))
    cause: Cause | None = None
    if row.then in ("uphold", "partial"):
        cause = _CAUSES[claim.question]
    elif row.then == "reject":
        cause = "none"
    interval = _interval(shade) if shade else ""
    return Assessment(
        proposal=row.then,
        cause=cause,
        reasons=_reasons(claim, difference, item),
        missing=missing_for_shade(
            claim, shade, difference, known, {photo.role for photo in image.usable(claim)}
        ),
        facts=known,
        advice=["KEEP_PRODUCT"],
        trace=[
            ruled(
                "shade.difference", difference + interval, source="shade stage", known=difference != "absent"
            ),
            ruled("shade.item", item, source="order", known=item != "unknown"),
            ruled(f"policy.{row.id}", row.then, source=f"policy {policy.id} {policy.version}"),
        ],
        red_flags=[],
        human=[],
        causality=None,
        severity=None,
        seriousness=None,
        shade=ShadeReport(
            question=claim.question,
            difference=difference,
            item=item,
            direction=shade.direction if shade else "",
            direction_zh=shade.direction_zh if shade else "",
        ),
    )


def _reasons(claim: ShadeClaim, difference: DifferenceReading, item: Item) -> list[str]:
    """One sentence about the finding, and one about a picture that was sent and is not read."""
    if claim.question == "wrong_item":
        return [f"ITEM_{item.upper()}"]
    shown = any(photo.role == "advertised" for photo in claim.photos)
    return [_REASONS[difference], *(["ADVERTISED_NOT_MEASURED"] if shown else [])]


def _interval(shade: ShadeEvidence) -> str:
    if shade.status != "measured":
        return f" ({shade.status}: {shade.reason})" if shade.reason else f" ({shade.status})"
    return f" ({shade.delta_e00_low:.2f}..{shade.delta_e00_high:.2f} dE00)"
