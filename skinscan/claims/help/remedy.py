"""What is proposed to the buyer, from the policy's table. Whoever confirms the outcome confirms this too."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from skinscan.claims.claim import Claim, ReactionClaim
from skinscan.claims.messages import Message, message
from skinscan.claims.policy.decision_table import matches
from skinscan.claims.policy.model import Cause, Goods, Outcome, Policy, Refund

__all__ = ["Remedy", "propose_remedy"]


class Remedy(BaseModel):
    """Money, another item, medical costs and the goods; `lines` says it in words."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    refund: Refund  # share: by `responsibility`, without the buyer's own part
    exchange: bool
    medical_costs: bool  # reasonable ones, with receipts
    goods: Goods
    rule: str  # id of the policy's row
    confirmed: bool  # false: proposed; a person has to confirm the outcome first
    lines: tuple[Message, ...]


def propose_remedy(
    claim: Claim, proposal: Outcome, outcome: Outcome, cause: Cause | None, policy: Policy
) -> Remedy | None:
    """The row of the policy's table; None for a policy without one.

    `claim`: its kind, and whether a doctor was seen. `proposal`: outcome that the rules give; `outcome`: the
    one that stands. `cause`: what the rules found; None: nothing yet. `policy`: the platform's rules.
    """
    seen = isinstance(claim, ReactionClaim) and claim.doctor is not None
    facts = {
        "kind": claim.kind,
        "outcome": proposal,
        "cause": cause or "open",
        "doctor": "yes" if seen else "no",
    }
    row = next((row for row in policy.remedy if matches(row.when, facts)), None)
    if row is None:
        return None
    only = row.exchange and row.refund == "none"
    codes = [
        "EXCHANGE_ONLY" if only else f"REFUND_{row.refund.upper()}",
        *(["EXCHANGE"] if row.exchange and not only else []),
        *(["MEDICAL_COSTS"] if row.medical_costs else []),
        f"GOODS_{row.goods.upper()}",
    ]
    return Remedy(
        refund=row.refund, exchange=row.exchange, medical_costs=row.medical_costs, goods=row.goods,
        rule=row.id, confirmed=outcome == proposal and row.refund != "open",
        lines=tuple(message("remedy", code) for code in codes),
    )  # fmt: skip
