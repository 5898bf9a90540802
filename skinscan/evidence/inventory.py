"""What an evidence folder keeps, until when, signed by whom; names and outcomes only with the key."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from skinscan.errors import DataError, EvidenceError, SkinScanError, UsageError
from skinscan.evidence.bundle_file import Member
from skinscan.evidence.bundle_state import BundleState, replay_log
from skinscan.evidence.cipher import Part
from skinscan.evidence.dossier import Facts
from skinscan.evidence.folder import Folder, write_durably
from skinscan.evidence.log import Log, read_log
from skinscan.evidence.operator_keys import Keys
from skinscan.evidence.seal import STATEMENT_NAME
from skinscan.evidence.unseal import about, check_outside, unseal
from skinscan.files import private_folder

__all__ = ["Holding", "Inventory", "extract", "take_inventory"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """One bundle: what is kept of it."""

    bundle: str
    sealed_at: datetime
    erased: tuple[Part, ...]
    erased_at: datetime | None
    images_until: datetime | None  # none: no pictures are kept
    signer: str | None  # none: erased
    members: tuple[Member, ...]  # of the parts that are not erased
    facts: Facts | None  # none: no wrapping key, or erased
    fault: SkinScanError | None  # why nothing can be said of it


@dataclass(frozen=True, slots=True, kw_only=True)
class Inventory:
    """A folder."""

    log: Log
    holdings: tuple[Holding, ...]

    @property
    def faults(self) -> tuple[SkinScanError, ...]:
        """Of its bundles."""
        return tuple(holding.fault for holding in self.holdings if holding.fault)


def take_inventory(folder: Path, keys: Keys, only: Sequence[str] = ()) -> Inventory:
    """List the bundles of a folder, or those in `only`. Faults and errors are those of `verify`."""
    place = Folder(folder)
    with place.locked(exclusive=False):
        log = read_log(place, keys.trusted)
        records = replay_log(log.entries)
        _check_known(only, records)
        holdings = tuple(_hold(place, records[name], keys) for name in only or records)
    return Inventory(log=log, holdings=holdings)


def _hold(place: Folder, record: BundleState, keys: Keys) -> Holding:
    known = Holding(
        bundle=record.bundle,
        sealed_at=record.sealed_at,
        erased=tuple(sorted(record.erased)),
        erased_at=record.erased_at,
        images_until=None,
        signer=None,
        members=(),
        facts=None,
        fault=None,
    )
    if record.gone:
        return known
    try:
        sealed = check_outside(place, record, keys.trusted)
        readable = keys.wrapping and "findings" not in record.erased
        facts = unseal(place, sealed, keys).facts if readable else None
    except (EvidenceError, DataError) as error:
        return replace(known, fault=about(record.bundle, error))
    manifest = sealed.manifest
    return replace(
        known,
        images_until=manifest.images_until,
        signer=sealed.signer,
        members=tuple(member for member in manifest.members if member.part not in record.erased),
        facts=facts,
    )


def extract(folder: Path, bundle: str, keys: Keys, target: Path) -> tuple[Path, ...]:
    """Write the decrypted files of one bundle into a new folder.

    Args:
        folder: of the evidence.
        bundle: its id.
        keys: with the wrapping key.
        target: the folder to make.

    Raises:
        UsageError: the target exists.
        EvidenceLocked: the wrapping key is not there.
    """
    if os.path.lexists(target):
        raise UsageError(f"{target} exists", "give the path of a new folder")
    keys.newest_wrapping()
    place = Folder(folder)
    with place.locked(exclusive=False):
        records = replay_log(read_log(place, keys.trusted).entries)
        _check_known([bundle], records)
        if records[bundle].gone:
            raise EvidenceError(f"bundle {bundle} was erased", "nothing of it can be read any more")
        opened = unseal(place, check_outside(place, records[bundle], keys.trusted), keys)
    paths = []
    try:
        private_folder(target.parent)
        target.mkdir(mode=0o700)  # exclusively
        for name, data in {STATEMENT_NAME: opened.statement, **opened.members}.items():
            path = target / name
            private_folder(path.parent)
            write_durably(path, data)
            paths.append(path)
    except OSError as error:
        raise UsageError(f"{target} cannot be written: {error.strerror}", "give another folder") from error
    return tuple(paths)


def _check_known(bundles: Sequence[str], records: Mapping[str, BundleState]) -> None:
    if unknown := [bundle for bundle in bundles if bundle not in records]:
        raise UsageError(f"the log does not know bundle {unknown[0]}", "see `skinscan evidence show`")
