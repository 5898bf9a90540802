"""What the log says of each bundle."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from skinscan.errors import EvidenceError
from skinscan.evidence.cipher import PARTS, Part
from skinscan.evidence.log import Entry

__all__ = ["BundleState", "replay_log"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BundleState:
    """A bundle as the log knows it."""

    bundle: str
    digest: str  # SHA-256 of its file
    sealed_at: datetime
    erased: frozenset[Part] = frozenset()
    erased_at: datetime | None = None  # the last time

    @property
    def gone(self) -> bool:
        """Both keys were destroyed."""
        return self.erased >= set(PARTS)


def replay_log(entries: Iterable[Entry]) -> dict[str, BundleState]:
    """Replay the entries. Raises `EvidenceError` for one that makes no sense after those before it."""
    records: dict[str, BundleState] = {}
    for entry in entries:
        known = records.get(entry.bundle)
        if entry.event == "sealed" and known is None and entry.digest:
            records[entry.bundle] = BundleState(bundle=entry.bundle, digest=entry.digest, sealed_at=entry.at)
        elif entry.event == "erased" and known is not None and entry.parts:
            erased = known.erased | set(entry.parts)
            records[entry.bundle] = replace(known, erased=erased, erased_at=entry.at)
        else:
            raise EvidenceError(
                f"line {entry.seq} of the log: {entry.event} cannot happen to bundle {entry.bundle} here",
                "restore the evidence folder from a copy",
            )
    return records
