"""The audit log: signed, chained lines of JSON, and a signed checkpoint of how many there must be.

Each line carries `prev`, the SHA-256 of the line before it with its line break (`sha256sum` can check it),
and ends in a signature over all that stands before. That shows edits, insertions, removals and another
order. The checkpoint in a file of its own, renewed after every line, shows a cut tail. A log and a checkpoint
put back together to an older state fit each other: against that helps an anchor noted elsewhere, and any
bundle that the old log does not know.

A line is written before its checkpoint. A crash between the two leaves a signed line ahead of the checkpoint,
which counts; a crash within a line leaves a torn end, which was never acknowledged and is cut off by the next
entry.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from skinscan.errors import DataError, EvidenceError, EvidenceMissing
from skinscan.evidence.cipher import Part
from skinscan.evidence.dsse import canonical, check_signature, digest, sign
from skinscan.evidence.folder import Folder, insist_ours, read_file, sync_folder, write_atomically
from skinscan.evidence.operator_keys import KeyId, Keys, key_id
from skinscan.files import open_own

__all__ = ["Anchor", "Entry", "Log", "LogEvent", "append", "open_log", "read_log"]

_LINE_TYPE, _HEAD_TYPE = "application/vnd.skinscan.log+json", "application/vnd.skinscan.log-head+json"
_SIGNATURE = re.compile(rb',"signature":"([0-9a-f]{128})"\}\n')
_SIGNATURE_BYTES = len(',"signature":""}\n') + 128
_NOTHING = "0" * 64  # `prev` of the first line
_RESTORE = "restore the evidence folder from a copy"


class _Signed(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    schema_: str = Field(alias="schema")
    at: datetime  # UTC
    key: KeyId  # that signs


class LogEvent(BaseModel):
    """What happened, without anything that leads to a person: bundle ids tell nothing."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    event: Literal["sealed", "erased"]
    bundle: str
    digest: str | None = None  # sealed: SHA-256 of the file, all of it ciphertext or public
    parts: tuple[Part, ...] | None = None  # erased: whose keys were destroyed


class Entry(LogEvent, _Signed):
    """A line of the log."""

    schema_: Literal["skinscan.log/1"] = Field(default="skinscan.log/1", alias="schema")
    seq: int  # 1, 2, 3, ...
    prev: str


class Checkpoint(_Signed):
    """The checkpoint: what the log was when its last entry was complete."""

    schema_: Literal["skinscan.log_head/1"] = Field(default="skinscan.log_head/1", alias="schema")
    count: int  # lines
    bytes: int  # size of the log
    hash: str  # SHA-256 of the last line; 64 zeros before the first


@dataclass(frozen=True, slots=True)
class Anchor:
    """A state of the log that was noted elsewhere."""

    count: int
    hash: str

    def __str__(self) -> str:
        """As the command line takes it."""
        return f"{self.count}:{self.hash}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """A log that was checked whole."""

    entries: tuple[Entry, ...]
    hash: str  # of the last line
    ahead: int  # complete lines that a crash left without a checkpoint
    torn: bool  # a crash left a piece of a line at the end

    @property
    def anchor(self) -> Anchor:
        """To be noted elsewhere."""
        return Anchor(len(self.entries), self.hash)


def open_log(folder: Folder, keys: Keys, now: datetime) -> None:
    """Begin a log where there is none; else see that its end is sound. The caller holds the exclusive lock.

    Raises `EvidenceMissing` if the log is gone from a folder that had one, `EvidenceError` as `append` does.
    """
    if folder.head.exists():
        _catch_up(folder, _read_head(folder, keys.trusted), keys.trusted)
        return
    if folder.log.exists() or folder.named(".bundle"):
        raise EvidenceMissing(f"{folder.head.name} is missing", _RESTORE)
    signer = keys.signer()
    head = Checkpoint(at=now, key=key_id(signer.public_key()), count=0, bytes=0, hash=_NOTHING)
    write_atomically(folder.head, _spell(head, _HEAD_TYPE, signer), 0o644)


def append(folder: Folder, event: LogEvent, keys: Keys, now: datetime) -> Entry:
    """Add an entry and renew the checkpoint. The caller holds the exclusive lock.

    `folder`: whose log it is. `event`: what happened. `keys`: the signing key signs, the trusted ones check
    what is there. `now`: time of entry and checkpoint, UTC.

    Costs the same however long the log is: only what lies after the checkpoint, and the line it names, are
    read. Raises `EvidenceError` if these do not fit, so that nothing is built on an altered log.
    """
    signer = keys.signer()
    insist_ours(folder.log)
    head = _read_head(folder, keys.trusted)
    count, prev, size = _catch_up(folder, head, keys.trusted)
    entry = Entry(
        at=now,
        key=key_id(signer.public_key()),
        seq=count + 1,
        prev=prev,
        **event.model_dump(),
    )
    line = _spell(entry, _LINE_TYPE, signer)
    new = not folder.log.exists()
    descriptor = open_own(folder.log, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        os.ftruncate(descriptor, size)  # a torn end, if any
        written = 0
        while written < len(line):
            written += os.pwrite(descriptor, line[written:], size + written)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    if new:
        sync_folder(folder.path)
    head = Checkpoint(at=now, key=entry.key, count=entry.seq, bytes=size + len(line), hash=digest(line))
    write_atomically(folder.head, _spell(head, _HEAD_TYPE, signer), 0o644)
    return entry


def read_log(folder: Folder, trusted: Mapping[str, Ed25519PublicKey], anchor: Anchor | None = None) -> Log:
    """Check the whole log. Raises `EvidenceError` that names the first line at fault."""
    if not folder.path.is_dir():
        raise EvidenceMissing(f"there is no evidence folder {folder.path}", "see the path")
    head = _read_head(folder, trusted)
    data = read_file(folder.log) if head.count or folder.log.exists() else b""
    *lines, rest = data.split(b"\n")
    if len(lines) < head.count:
        raise EvidenceError(
            f"the log has {len(lines)} whole lines of {head.count}: its end was cut off", _RESTORE
        )
    entries, hashes = [], [_NOTHING]
    for number, body in enumerate(lines, 1):
        line = body + b"\n"
        entry = _read_entry(line, number, hashes[-1], trusted)
        entries.append(entry)
        hashes.append(digest(line))
    if hashes[head.count] != head.hash:
        raise EvidenceError(f"line {head.count} of the log is not that of the checkpoint", _RESTORE)
    if anchor and (anchor.count >= len(hashes) or hashes[anchor.count] != anchor.hash):
        raise EvidenceError(f"the log does not contain the anchor {anchor}", _RESTORE)
    ahead = len(lines) - head.count
    return Log(entries=tuple(entries), hash=hashes[-1], ahead=ahead, torn=bool(rest))


def _catch_up(
    folder: Folder, head: Checkpoint, trusted: Mapping[str, Ed25519PublicKey]
) -> tuple[int, str, int]:
    """Lines, hash of the last and bytes of the log, with the lines that a crash left after the checkpoint."""
    if not head.count and not folder.log.exists():
        return 0, _NOTHING, 0
    if not folder.log.exists():
        raise EvidenceMissing(f"{folder.log.name} is missing", _RESTORE)
    with open(open_own(folder.log, os.O_RDONLY, shared=True), "rb") as log:  # noqa: PTH123  (a descriptor)
        start = max(head.bytes - _LONGEST_LINE, 0)
        log.seek(start)
        data = log.read()
    known, after = data[: head.bytes - start], data[head.bytes - start :]
    last = known[known.rfind(b"\n", 0, -1) + 1 :]
    if len(known) < head.bytes - start or (digest(last) if head.count else _NOTHING) != head.hash:
        raise EvidenceError(f"line {head.count} of the log is not that of the checkpoint", _RESTORE)
    count, prev, size = head.count, head.hash, head.bytes
    for body in after.split(b"\n")[:-1]:
        line = body + b"\n"
        _read_entry(line, count + 1, prev, trusted)
        count, prev, size = count + 1, digest(line), size + len(line)
    return count, prev, size


_LONGEST_LINE = 4096  # bytes; an entry has about 700


def _read_head(folder: Folder, trusted: Mapping[str, Ed25519PublicKey]) -> Checkpoint:
    data = read_file(folder.head)
    try:
        return _read(Checkpoint, data, _HEAD_TYPE, trusted)
    except EvidenceError as error:
        raise type(error)(f"{folder.head.name}: {error.message}", error.advice) from None


def _read_entry(line: bytes, number: int, prev: str, trusted: Mapping[str, Ed25519PublicKey]) -> Entry:
    """One line in its place. Raises `EvidenceError` with its number."""
    try:
        entry = _read(Entry, line, _LINE_TYPE, trusted)
        if entry.seq != number or entry.prev != prev:
            raise EvidenceError("it does not follow the line before it", "lines were removed or moved")
    except EvidenceError as error:
        raise type(error)(f"line {number} of the log: {error.message}", error.advice) from None
    return entry


_Model = TypeVar("_Model", bound=_Signed)


def _spell(value: _Signed, payload_type: str, signer: Ed25519PrivateKey) -> bytes:
    """The value as a line of JSON that ends in the signature over all that stands before."""
    text = canonical(value.model_dump(mode="json", by_alias=True, exclude_none=True))
    signature = sign(signer, payload_type, text[:-1]).hex().encode()
    return b'%s,"signature":"%s"}\n' % (text[:-1], signature)


def _read(
    model: type[_Model], line: bytes, payload_type: str, trusted: Mapping[str, Ed25519PublicKey]
) -> _Model:
    """A line whose signature fits. Raises `EvidenceError`, `DataError` for another schema."""
    text, end = line[:-_SIGNATURE_BYTES], line[-_SIGNATURE_BYTES:]
    match = _SIGNATURE.fullmatch(end)
    try:
        value = model.model_validate_json(text + b"}") if match else None
    except ValidationError as error:
        kinds = {problem["loc"][-1:] for problem in error.errors(include_url=False)}
        if ("schema",) in kinds and b'"schema":"skinscan.log' in text:
            raise DataError("the log is of another version", "use the skinscan that wrote it") from None
        value = None
    if value is None or match is None:
        raise EvidenceError("it cannot be read", "this is not what was written")
    check_signature(trusted, value.key, bytes.fromhex(match[1].decode()), payload_type, text)
    return value
