"""Evidence as plain dictionaries: what is kept, what holds. Times are UTC, digests hex."""

from __future__ import annotations

from datetime import datetime

from skinscan.errors import SkinScanError
from skinscan.evidence import Checked, Holding, Inventory, Verification
from skinscan.evidence.log import Log
from skinscan.output.records.common import Json

__all__ = ["inventory_to_dict", "verification_to_dict"]


def verification_to_dict(found: Verification) -> Json:
    """A verification: "skinscan.evidence_check/1"."""
    return {
        "schema": "skinscan.evidence_check/1",
        "ok": not found.faults,
        "log": _log(found.log),
        "bundles": [_checked(check) for check in found.bundles],
    }


def inventory_to_dict(found: Inventory) -> Json:
    """What is kept: "skinscan.evidence/1"."""
    return {
        "schema": "skinscan.evidence/1",
        "log": _log(found.log),
        "bundles": [_holding(holding) for holding in found.holdings],
    }


def _log(log: Log) -> Json:
    return {
        "entries": log.anchor.count,
        "anchor": str(log.anchor),
        "ahead": log.ahead,
        "torn": log.torn,
    }


def _checked(check: Checked) -> Json:
    return {
        "bundle": check.bundle,
        "state": check.state,
        "case_id": check.case_id,
        "outcome": check.outcome,
        "sealed_at": _time(check.sealed_at),
        "images_until": _time(check.images_until),
        "erased_at": _time(check.erased_at),
        "signed_by": check.signer,
        "replay": check.replay,
        "fault": _fault(check.fault),
    }


def _holding(holding: Holding) -> Json:
    return {
        "bundle": holding.bundle,
        "sealed_at": _time(holding.sealed_at),
        "signed_by": holding.signer,
        "images_until": _time(holding.images_until),
        "erased": list(holding.erased),
        "erased_at": _time(holding.erased_at),
        "members": [member.model_dump() for member in holding.members],
        "facts": holding.facts.model_dump(mode="json") if holding.facts else None,
        "fault": _fault(holding.fault),
    }


def _fault(error: SkinScanError | None) -> Json | None:
    return {"code": error.code, "message": error.message, "advice": error.advice} if error else None


def _time(at: datetime | None) -> str | None:
    return at.isoformat().replace("+00:00", "Z") if at else None
