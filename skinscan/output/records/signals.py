"""Early warning as a plain dictionary: "skinscan.signals/1". The rules of scan.py hold."""

from __future__ import annotations

from skinscan.output.records.common import Json, number
from skinscan.signals.disproportionality import Disproportionality, Ratio
from skinscan.signals.types import Signal, Signals

__all__ = ["SIGNALS_SCHEMA", "signals_to_dict"]

SIGNALS_SCHEMA = "skinscan.signals/1"


def signals_to_dict(found: Signals) -> Json:
    """All that was looked at, flagged first."""
    return {
        "schema": SIGNALS_SCHEMA,
        "first": found.first.isoformat() if found.first else None,
        "last": found.last.isoformat() if found.last else None,
        "claims": found.claims,
        "reactions": found.reactions,
        "skipped": found.skipped,
        "orders": found.orders,
        "unmatched": found.unmatched,
        "false_discovery_rate": found.false_discovery_rate,
        "least_reactions": found.least,
        "signals": [_signal(signal) for signal in found.signals],
        "ingredients": [
            {"ingredient": row.ingredient, "skin_type": row.skin_type, **_counts(row.counts)}
            for row in found.ingredients
        ],
    }


def _signal(signal: Signal) -> Json:
    return {
        "kind": signal.kind,
        "name": signal.name,
        "flagged": signal.flagged,
        "first_flagged": signal.first_flagged.isoformat() if signal.first_flagged else None,
        "evidence": number(signal.evidence),
        **_counts(signal.counts),
        "serious": signal.serious,
        "rate_ratio": _ratio(signal.rate_ratio),
        "weeks": [
            {
                "monday": week.monday.isoformat(),
                "reactions": week.reactions,
                "claims": week.claims,
                "evidence": number(week.evidence),
            }
            for week in signal.weeks
        ],
        "tell": list(signal.tell),
    }


def _counts(counts: Disproportionality) -> Json:
    return {
        "reactions": counts.reactions,
        "claims": counts.claims,
        "rest_reactions": counts.rest_reactions,
        "rest_claims": counts.rest_claims,
        "prr": _ratio(counts.prr),
        "ror": _ratio(counts.ror),
    }


def _ratio(ratio: Ratio | None) -> Json | None:
    if ratio is None:
        return None
    return {"value": number(ratio.value), "low": number(ratio.low), "high": number(ratio.high)}
