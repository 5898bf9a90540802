"""An evidence folder in, what holds of it: log, signatures, digests, and the verdict judged again."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Literal

from skinscan.errors import DataError, EvidenceError, SkinScanError
from skinscan.evidence.bundle_state import BundleState, replay_log
from skinscan.evidence.dossier import environment, replay
from skinscan.evidence.folder import Folder
from skinscan.evidence.log import Anchor, Log, read_log
from skinscan.evidence.operator_keys import Keys
from skinscan.evidence.unseal import Opened, about, check_outside, unseal
from skinscan.value import Result, Value

__all__ = ["Checked", "Replay", "Verification", "verify_evidence"]

Replay = Literal["same", "locked", "erased", "not_reached"]
"""same: the kept files give the verdict's bytes again. locked: no wrapping key, so nothing was decrypted."""

State = Literal["sealed", "images_erased", "erased", "unknown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """One bundle."""

    bundle: str
    state: State
    sealed_at: datetime | None = None
    images_until: datetime | None = None
    erased_at: datetime | None = None
    signer: str | None = None
    case_id: str | None = None  # only with the wrapping key
    outcome: str | None = None
    replay: Replay = "not_reached"
    fault: SkinScanError | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Verification(Result, Value):
    """A whole folder, or the bundles of it that were asked for."""

    log: Log
    bundles: tuple[Checked, ...]

    @property
    def faults(self) -> tuple[SkinScanError, ...]:
        """Of its bundles."""
        return tuple(check.fault for check in self.bundles if check.fault)

    def __repr__(self) -> str:
        entries = self.log.anchor.count
        return f"Verification({len(self.bundles)} bundles, {len(self.faults)} faults, {entries} entries)"


def verify_evidence(
    folder: Path, keys: Keys, *, only: Sequence[str] = (), anchor: Anchor | None = None
) -> Verification:
    """Check the log and every bundle. Nothing is written.

    With a wrapping key each bundle is decrypted and its verdict judged again; without, everything else is
    checked. Faults of bundles are in the result.

    Args:
        folder: of the evidence.
        keys: trusted public keys, and the wrapping key to replay with.
        only: ids of the bundles to check; all without.
        anchor: a state of the log that was noted elsewhere.

    Raises:
        EvidenceError: the log does not hold, so that nothing can be said of its bundles, or there is none.
    """
    place = Folder(folder)
    with place.locked(exclusive=False):
        log = read_log(place, keys.trusted, anchor)
        records = replay_log(log.entries)
        strangers = {*place.named(".bundle"), *place.named(".key")} - set(records)
        strangers -= set(place.named(".bundle.part"))  # of a bundle that a crash kept from being sealed
        names = only or [*records, *sorted(strangers)]
        checked = [_check(place, name, records.get(name), keys) for name in names]
    return Verification(log=log, bundles=tuple(checked))


def _check(place: Folder, name: str, record: BundleState | None, keys: Keys) -> Checked:
    if record is None:
        fault = EvidenceError(
            "the log does not know it", "the log was put back to an older state, or it is no evidence"
        )
        return Checked(bundle=name, state="unknown", fault=about(name, fault))
    state: State = "erased" if record.gone else "images_erased" if record.erased else "sealed"
    check = Checked(bundle=name, state=state, sealed_at=record.sealed_at, erased_at=record.erased_at)
    try:
        return _check_gone(place, check) if record.gone else _check_kept(place, check, record, keys)
    except (EvidenceError, DataError) as error:
        return replace(check, fault=about(name, error))


def _check_gone(place: Folder, check: Checked) -> Checked:
    paths = (place.key(check.bundle), place.bundle(check.bundle), place.unfinished(check.bundle))
    if any(path.exists() for path in paths):
        raise EvidenceError("it was not erased to the end", "erase it again")
    return replace(check, replay="erased")


def _check_kept(place: Folder, check: Checked, record: BundleState, keys: Keys) -> Checked:
    bundle = check_outside(place, record, keys.trusted)
    check = replace(check, signer=bundle.signer, images_until=bundle.manifest.images_until)
    if not keys.wrapping:
        return replace(check, replay="locked")
    if "findings" in record.erased:
        return replace(check, replay="erased")
    opened = unseal(place, bundle, keys)
    _check_replay(opened)
    return replace(check, case_id=opened.facts.case_id, outcome=opened.facts.outcome, replay="same")


def _check_replay(opened: Opened) -> None:
    """Judge again.

    Raises `EvidenceError` if the same rules give another verdict, `DataError` if other rules do.
    """
    kept = opened.members["verdict.json"]
    rules = opened.facts.environment
    same_rules = rules.rules == environment().rules
    try:
        again = replay(opened.members)
    except DataError:
        if same_rules:
            raise
        again = b""
    if again == kept:
        return
    if not same_rules:
        raise DataError(
            f"its verdict was given by the rules of skinscan {rules.skinscan} ({rules.rules[:12]}) "
            "and these rules give another",
            "everything else holds; replay it with that version",
        )
    keys = sorted(key for key, value in json.loads(kept).items() if json.loads(again).get(key) != value)
    raise EvidenceError(f"judged again it gives another verdict: {', '.join(keys)}", "do not rely on it")
