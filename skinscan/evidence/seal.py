"""A judged case in, a sealed bundle out, its entry in the log."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from skinscan._version import __version__
from skinscan.errors import EvidenceError, UsageError
from skinscan.evidence.bundle_file import MEMBER_NAME, Manifest, Member, pack
from skinscan.evidence.bundle_state import replay_log
from skinscan.evidence.case_keys import wrap_keys
from skinscan.evidence.cipher import PARTS, TAG_BYTES, Part, commit, encrypt
from skinscan.evidence.dossier import Dossier, Facts, environment, part_of, to_members
from skinscan.evidence.dsse import digest, make_statement, seal_envelope
from skinscan.evidence.folder import (
    Folder,
    destroy,
    insist_ours,
    sync_folder,
    write_atomically,
    write_durably,
)
from skinscan.evidence.log import LogEvent, append, open_log, read_log
from skinscan.evidence.operator_keys import Keys
from skinscan.files import private_folder

__all__ = ["CASE_PREDICATE", "STATEMENT_NAME", "Sealed", "seal", "settle"]

CASE_PREDICATE = "urn:skinscan:case:1"
STATEMENT_NAME = "statement.dsse.json"


@dataclass(frozen=True, slots=True)
class Sealed:
    """Where the evidence of a case lies."""

    bundle: str  # its id
    path: Path
    seq: int  # of its entry in the log


def seal(folder: Path, dossier: Dossier, keys: Keys, now: datetime, *, bundle: str | None = None) -> Sealed:
    """Seal a case into an evidence folder.

    The entry in the log is what makes a bundle exist: a crash before it leaves none, a crash after it a whole
    one.

    Args:
        folder: of the evidence; made if need be.
        dossier: what is kept of the case, as `collect` gives it.
        keys: to sign and to wrap.
        now: goes into the statement, not into the verdict.
        bundle: id of the bundle, 32 hex digits that tell nothing of the case; by default random.

    Raises:
        EvidenceLocked: the signing or the wrapping key is not there.
        EvidenceError: the log was altered, or there is a bundle of this id.
        UsageError: the folder cannot be written, or the name of a member could tell whose it is.
    """
    keys.newest_wrapping()
    place, now = Folder(folder), now.astimezone(UTC)
    bundle = bundle or os.urandom(16).hex()
    members = _members(bundle, dossier, keys, now)
    data_keys: dict[Part, bytes] = {part: os.urandom(32) for part in PARTS}
    data = _seal_members(
        bundle, members, data_keys, _public_hour(dossier.verdict.due.erase_photos), keys, now
    )
    case_key = wrap_keys(bundle, data_keys, keys).to_bytes()
    try:
        private_folder(folder)
        with place.locked(exclusive=True):
            open_log(place, keys, now)
            settle(place, keys)
            if place.bundle(bundle).exists():
                raise EvidenceError(f"there is a bundle {bundle} already", "seal the case under another id")
            write_durably(place.unfinished(bundle), data)
            write_atomically(place.key(bundle), case_key)
            event = LogEvent(event="sealed", bundle=bundle, digest=digest(data))
            entry = append(place, event, keys, now)
            _finish(place, bundle)
    except OSError as error:
        raise UsageError(f"{folder} cannot be written: {error.strerror}", "give another folder") from error
    return Sealed(bundle, place.bundle(bundle), entry.seq)


def _members(bundle: str, dossier: Dossier, keys: Keys, now: datetime) -> dict[str, bytes]:
    """The files of the case behind the signed statement about them."""
    members, verdict = to_members(dossier), dossier.verdict
    if odd := [name for name in members if not re.fullmatch(MEMBER_NAME, name)]:
        raise UsageError(f"{odd[0]} is no name for a file of a bundle", f"names are like {MEMBER_NAME}")
    facts = Facts(
        bundle=bundle,
        case_id=verdict.case_id,
        outcome=verdict.outcome,
        idempotency_key=verdict.idempotency_key,
        policy=verdict.policy.model_dump(),
        models=tuple({"name": name, "sha256": sha256} for name, sha256 in dossier.models),
        environment=environment(),
        sealed_at=now,
    )
    subjects = {name: digest(data) for name, data in members.items()}
    subjects |= {f"photos/{name}": sha256 for name, sha256 in sorted(dossier.photos.items())}
    statement = make_statement(subjects, CASE_PREDICATE, facts.model_dump(mode="json"))
    return {STATEMENT_NAME: seal_envelope(keys.signer(), statement), **members}


def _seal_members(
    bundle: str,
    members: Mapping[str, bytes],
    data_keys: Mapping[Part, bytes],
    until: datetime,
    keys: Keys,
    now: datetime,
) -> bytes:
    parts = {name: part_of(name) for name in members}
    manifest = Manifest(
        bundle=bundle,
        sealed_at=now,
        images_until=until if "images" in parts.values() else None,
        version=__version__,
        key_commitments={part: commit(key, bundle, part) for part, key in data_keys.items()},
        members=tuple(
            Member(name=name, part=parts[name], bytes=len(data) + TAG_BYTES) for name, data in members.items()
        ),
    )
    ciphertexts = {
        name: encrypt(data_keys[parts[name]], bundle, parts[name], position, name, data)
        for position, (name, data) in enumerate(members.items())
    }
    return pack(manifest, ciphertexts, keys.signer())


def _public_hour(until: datetime) -> datetime:
    """The full hour before a deadline: the second would tell which claim was received then."""
    return until.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def settle(place: Folder, keys: Keys) -> None:
    """Bring to its end what a crash left: a bundle whose entry is in the log exists, any other never did.

    The caller holds the exclusive lock.
    """
    left = place.named(".bundle.part")
    if not left:
        return
    records = replay_log(read_log(place, keys.trusted).entries)
    for bundle in left:
        if bundle in records and not records[bundle].gone:
            _finish(place, bundle)
        else:
            for path in (place.key(bundle), place.key_draft(bundle), place.unfinished(bundle)):
                destroy(path)


def _finish(place: Folder, bundle: str) -> None:
    insist_ours(place.unfinished(bundle), place.bundle(bundle))
    place.unfinished(bundle).replace(place.bundle(bundle))
    sync_folder(place.path)
