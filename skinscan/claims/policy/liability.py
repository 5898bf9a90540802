"""Who answers for it: basis points that sum to the whole, each line with its rule."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence

from pydantic import BaseModel, ConfigDict

from skinscan.claims.claim import Claim
from skinscan.claims.policy.decision_table import matches
from skinscan.claims.policy.model import WHOLE, Cause, Liability, Party
from skinscan.claims.promises import Promise
from skinscan.claims.terms import FactName

__all__ = ["REMAINDER", "Share", "liability_facts", "share_out"]

REMAINDER = "REMAINDER"
"""Rule name of the share that no row took."""


class Share(BaseModel):
    """One party's part."""

    model_config = ConfigDict(frozen=True)

    party: Party
    basis_points: int  # of 10,000
    rule: str  # id of the policy row, or REMAINDER


def liability_facts(
    claim: Claim, cause: Cause, promises: Sequence[Promise], established: Container[FactName]
) -> dict[str, str]:
    """The inputs of the liability table in one claim.

    `claim`, `cause`, `promises`: what happened and what was promised. `established`: facts that rest on what
    the policy asks for; a bare statement shifts no cost.
    """
    defect = claim.product.batch_defect == "yes" and "batch_defect" in established
    damaged = claim.product.transport_damage == "yes" and "transport_damage" in established
    speaker, promise = _broken_promise(promises)
    return {
        "cause": cause,
        "false_claim_by": speaker,
        "promise": promise,
        "batch": "defect" if defect else "sound",
        "transport": "damaged" if damaged else "sound",
        "seller": claim.order.seller_identity,
    }


def _broken_promise(promises: Sequence[Promise]) -> tuple[str, str]:
    """Who made a promise that is shown to be broken, and whether that is proven or has to be weighed."""
    counted = [promise for promise in promises if promise.counts]
    proven = [promise for promise in counted if promise.standing != "to_weigh"]
    for promise in (*proven, *counted):
        return promise.advertised.by, "proven" if proven else "to_weigh"
    return "nobody", "none"


def share_out(facts: Mapping[str, str], rules: Liability) -> list[Share]:
    """Apply the liability rows to the facts."""
    rows = [row for row in rules.rows if matches(row.when, facts)]
    if rules.combine == "first":
        rows = rows[:1]
    shares: list[Share] = []
    left = WHOLE
    for row in rows:
        # Under `sum` the rows never pass the whole: proved when the policy was loaded.
        taken = min(row.basis_points, left)
        if taken:
            shares.append(Share(party=row.party, basis_points=taken, rule=row.id))
        left -= taken
    if left:
        shares.append(Share(party=rules.remainder, basis_points=left, rule=REMAINDER))
    return shares
