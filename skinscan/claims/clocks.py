"""Deadlines: every clock starts when the claim was received, and waits for what was asked for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, timedelta

from skinscan.claims.claim import Claim, ReactionClaim
from skinscan.claims.messages import message
from skinscan.claims.policy.model import Outcome, Policy
from skinscan.claims.terms import Seriousness
from skinscan.claims.verdict_model import Due, Hold, Missing

__all__ = ["due_of"]


def due_of(
    claim: Claim,
    seriousness: Seriousness | None,
    outcome: Outcome,
    asked: Sequence[Missing],
    policy: Policy,
) -> Due:
    """All deadlines of a case.

    `claim`: when it was received. `seriousness`: of a reaction, sets the report to the regulator. `outcome`:
    of this verdict. `asked`: what was asked for; the decision is due the usual hours after the last of it;
    where a person decides, after the last that can only be had later. `policy`: the hours.
    """
    clocks, start = policy.clocks, claim.received_at.astimezone(UTC)
    usual = timedelta(hours=clocks.decision_hours)
    waits = [item.by for item in asked if item.not_before or outcome == "needs_info"]
    decision = max([start, *waits]) + usual
    erase, hold = start + timedelta(hours=clocks.erase_photos_hours), None
    if outcome in ("needs_info", "human_review"):
        erase = max(erase, decision + timedelta(hours=clocks.hold_hours))
        text = message("hold", outcome.upper())
        hold = Hold(until=erase, zh=text.zh, en=text.en)
    regulator = None
    if isinstance(claim, ReactionClaim):
        days = [clocks.regulator_days.general]
        days += [clocks.regulator_days.serious] if seriousness == "serious" else []
        days += [clocks.regulator_days.social_impact] if claim.social_impact else []
        regulator = start + timedelta(days=min(days))
    return Due(
        first_answer=start + timedelta(hours=clocks.first_answer_hours),
        decision=decision,
        erase_photos=erase,
        hold=hold,
        regulator=regulator,
    )
