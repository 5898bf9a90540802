"""Where the files of an evidence folder are, and writing them so that a crash leaves the old or the new.

Others may be able to write to the folder. No file is opened through a link, and none that has another name is
written: that would destroy a file elsewhere, such as the operator's keys.
"""

from __future__ import annotations

import errno
import fcntl
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from skinscan.errors import EvidenceError, EvidenceMissing, UsageError
from skinscan.files import open_own, own_only

__all__ = [
    "Folder",
    "destroy",
    "insist_ours",
    "read_file",
    "replace_destroying",
    "sync_folder",
    "write_atomically",
    "write_durably",
]

_BUNDLE_ID = re.compile(r"[0-9a-f]{32}")
_LOCK = "audit.lock"


@dataclass(frozen=True, slots=True)
class Folder:
    """An evidence folder: one log, its checkpoint, and for each bundle one file and one key."""

    path: Path

    @property
    def log(self) -> Path:
        """The audit log, JSON Lines."""
        return self.path / "audit.jsonl"

    @property
    def head(self) -> Path:
        """The signed checkpoint of the log."""
        return self.path / "audit.head"

    def bundle(self, bundle: str) -> Path:
        """The sealed file of a bundle."""
        return self.path / f"{bundle}.bundle"

    def unfinished(self, bundle: str) -> Path:
        """The same file before its entry is in the log."""
        return self.path / f"{bundle}.bundle.part"

    def key(self, bundle: str) -> Path:
        """The wrapped keys of a bundle."""
        return self.path / f"{bundle}.key"

    def key_draft(self, bundle: str) -> Path:
        """The same file while it is being written."""
        return _draft(self.key(bundle))

    def named(self, suffix: str) -> list[str]:
        """Ids of the files with a suffix, such as ".bundle", sorted."""
        names = (path.name.removesuffix(suffix) for path in self.path.glob(f"*{suffix}"))
        return sorted(name for name in names if _BUNDLE_ID.fullmatch(name))

    @contextmanager
    def locked(self, *, exclusive: bool) -> Iterator[None]:
        """Keep writers apart, and readers from seeing a half-made change. Ends with the process."""
        flags = os.O_RDWR | os.O_CREAT if exclusive else os.O_RDONLY
        try:
            descriptor = open_own(self.path / _LOCK, flags, 0o644, shared=not exclusive)
        except FileNotFoundError:  # a copy without the lock: nobody writes to it
            yield
            return
        except OSError as error:
            raise _foreign(self.path / _LOCK, error) or UsageError(
                f"{self.path} cannot be written: {error.strerror}", "see its rights"
            ) from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH)
            yield
        finally:
            os.close(descriptor)


def read_file(path: Path) -> bytes:
    """Read a file of the folder. Raises `EvidenceMissing` or `EvidenceError`."""
    try:
        with open(open_own(path, os.O_RDONLY, shared=True), "rb") as file:  # noqa: PTH123  (a descriptor)
            return file.read()
    except FileNotFoundError:
        raise EvidenceMissing(f"{path.name} is missing", "restore the whole evidence folder") from None
    except OSError as error:
        raise EvidenceError(f"{path.name} cannot be read: {error.strerror}", "see its rights") from None


def insist_ours(*paths: Path) -> None:
    """Raise `EvidenceError` if one of these is anything but an ordinary file of this folder."""
    for path in paths:
        if not own_only(path):
            raise EvidenceError(
                f"{path.name} is a link, or no ordinary file of this folder",
                "see who made it, then remove it",
            )


def write_atomically(path: Path, data: bytes, mode: int = 0o600) -> None:
    """Write under another name, bring it to disk, then rename: the file is the old one or the new one."""
    insist_ours(path)
    temporary = _draft(path)
    destroy(temporary)  # what a crash left
    write_durably(temporary, data, mode)
    temporary.replace(path)
    sync_folder(path.parent)


def _draft(path: Path) -> Path:
    return path.with_name(f"{path.name}.tmp")


def write_durably(path: Path, data: bytes, mode: int = 0o600) -> None:
    """Write a whole new file and bring it to disk. Raises FileExistsError if anything has its name."""
    descriptor = open_own(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        os.fchmod(descriptor, mode)
        written = 0
        while written < len(data):
            written += os.write(descriptor, data[written:])
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_folder(path: Path) -> None:
    """Bring the names in a folder to disk."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def destroy(path: Path) -> None:
    """Overwrite a file in place, bring that to disk, and remove it; nothing if it is not there.

    Flash memory and journals may keep old blocks all the same; see docs/evidence.md. Raises `EvidenceError`
    for a link, a pipe, a device, or a file that has another name: nothing is touched then.
    """
    insist_ours(path)
    with suppress(FileNotFoundError):
        descriptor = open_own(path, os.O_WRONLY)
        try:
            _overwrite(descriptor)
        finally:
            os.close(descriptor)
        path.unlink()
        sync_folder(path.parent)


def replace_destroying(path: Path, data: bytes) -> None:
    """Put new contents in a file's place as `write_atomically` does, and overwrite the old ones."""
    insist_ours(path)
    old = open_own(path, os.O_WRONLY)
    try:
        write_atomically(path, data)
        _overwrite(old)
    finally:
        os.close(old)


def _foreign(path: Path, error: OSError) -> EvidenceError | None:
    if error.errno not in (errno.ELOOP, errno.ENXIO):  # ENXIO: a pipe or socket, opened to be written
        return None
    return EvidenceError(f"{path.name} is a link, or no ordinary file of this folder", "remove it")


def _overwrite(descriptor: int) -> None:
    os.pwrite(descriptor, os.urandom(os.fstat(descriptor).st_size), 0)
    os.fsync(descriptor)
