"""Erasing by destroying keys: no copy of a bundle, wherever it lies, can be read afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from skinscan.errors import DataError, EvidenceError, SkinScanError, UsageError
from skinscan.evidence.bundle_state import BundleState, replay_log
from skinscan.evidence.case_keys import read_case_key
from skinscan.evidence.cipher import PARTS, Part
from skinscan.evidence.folder import Folder, destroy, insist_ours, read_file, replace_destroying
from skinscan.evidence.log import LogEvent, append, read_log
from skinscan.evidence.operator_keys import Keys
from skinscan.evidence.unseal import about, check_outside

__all__ = ["due_images", "erase"]


def erase(
    folder: Path, bundles: Sequence[str], keys: Keys, now: datetime, parts: tuple[Part, ...] = PARTS
) -> tuple[str, ...]:
    """Destroy the keys of these parts, and with the last key the file itself; the ids that were erased.

    The log is written first, so that a crash leaves an erasure that is known and can be ended by erasing
    again, never one that nobody ordered.

    Args:
        folder: of the evidence.
        bundles: their ids.
        keys: with the signing key; the wrapping key is not needed.
        now: goes into the log.
        parts: "images", "findings" or both.

    Raises:
        UsageError: the log does not know a bundle; nothing was erased.
    """
    place, now = Folder(folder), now.astimezone(UTC)
    keys.signer()
    if not folder.is_dir():
        raise UsageError(f"there is no evidence folder {folder}", "give the folder that holds audit.jsonl")
    with place.locked(exclusive=True):
        records = replay_log(read_log(place, keys.trusted).entries)
        if unknown := [bundle for bundle in bundles if bundle not in records]:
            raise UsageError(f"the log does not know bundle {unknown[0]}", "see `skinscan evidence show`")
        for bundle in bundles:
            record = records[bundle]
            insist_ours(*_files(place, bundle))  # before the log says that they are gone
            new = tuple(part for part in parts if part not in record.erased)
            if new:
                append(place, LogEvent(event="erased", bundle=bundle, parts=new), keys, now)
            _destroy_keys(place, bundle, record.erased | set(parts))
    return tuple(bundles)


def _files(place: Folder, bundle: str) -> tuple[Path, ...]:
    return place.key(bundle), place.key_draft(bundle), place.bundle(bundle), place.unfinished(bundle)


def due_images(folder: Path, keys: Keys, now: datetime) -> tuple[tuple[str, ...], tuple[SkinScanError, ...]]:
    """Bundles whose pictures the policy wants erased by now, or whose erasure was cut off; then the faults.

    A fault is a bundle whose deadline cannot be read: it must not keep the others from being erased.
    """
    place, due, faults = Folder(folder), list[str](), list[SkinScanError]()
    with place.locked(exclusive=False):
        for name, record in replay_log(read_log(place, keys.trusted).entries).items():
            try:
                due += [name] if _is_due(place, record, keys, now) else []
            except (EvidenceError, DataError) as error:
                faults.append(about(name, error))
    return tuple(due), tuple(faults)


def _is_due(place: Folder, record: BundleState, keys: Keys, now: datetime) -> bool:
    if record.gone:
        return False
    if "images" in record.erased:
        return "images" in read_case_key(read_file(place.key(record.bundle)), record.bundle).parts
    until = check_outside(place, record, keys.trusted).manifest.images_until
    return until is not None and until <= now


def _destroy_keys(place: Folder, bundle: str, erased: frozenset[Part]) -> None:
    """Bring the files of a bundle to what the log says; does no harm when repeated."""
    key, draft = place.key(bundle), place.key_draft(bundle)
    destroy(draft)
    if erased >= set(PARTS):
        for path in (key, place.bundle(bundle), place.unfinished(bundle)):
            destroy(path)
        return
    try:
        case_key = read_case_key(read_file(key), bundle)
    except EvidenceError:
        raise EvidenceError(
            f"the key file of bundle {bundle} was altered", "erase all of the bundle"
        ) from None
    kept = {part: wrapped for part, wrapped in case_key.parts.items() if part not in erased}
    if kept != case_key.parts:
        replace_destroying(key, case_key.model_copy(update={"parts": kept}).to_bytes())
