"""The work file: rows in order, appended so that a run that was killed can be taken up where it was.

`OUT.part` holds finished rows, one JSON object a line. `OUT.part.journal` says for which plan, and after each
commit how many bytes are safe on the disk, with the SHA-256 of all of them. What follows the last commit that
fits its rows is cut off when the run is taken up, and made again, which gives the same bytes. Nothing else in
the journal is believed: rows are counted by reading them.

The checksums show damage, not malice: who may write to the folder can write rows that fit. Both files are
private, and never opened through a link.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import json
import os
import time
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, cast

from skinscan.batch.summary import BatchSummary, Status
from skinscan.errors import UsageError
from skinscan.files import open_own

__all__ = ["Journal"]

_SCHEMA = "skinscan.journal/2"
_COMMIT_SECONDS = 1.0
_AGAIN = "the same command goes on where it stopped"


class Journal:
    """Rows on their way to a file; a context manager that commits at its end."""

    def __init__(self, out: Path, plan_sha256: str, *, afresh: bool = False) -> None:
        """Begin, or take up what an earlier run left unless `afresh`.

        Raises UsageError when it cannot be written, is in use, or belongs to another plan.
        """
        self.path = out.with_name(f"{out.name}.part")
        self._journal_path = out.with_name(f"{out.name}.part.journal")
        self.tally = BatchSummary()
        self._bytes = self._committed = 0
        self._digest = hashlib.sha256()  # of the rows so far
        self._last = time.monotonic()
        with self._explained(), contextlib.ExitStack() as files:
            self._journal = files.enter_context(_opened(self._journal_path))
            self._lock()
            self._rows = files.enter_context(_opened(self.path))
            if afresh or not self._take_up(plan_sha256):
                self._begin(plan_sha256)
            files.pop_all()

    def __enter__(self) -> Journal:
        """Nothing more to do."""
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: TracebackType | BaseException | None) -> None:
        """Commit what there is and close; after a failed write, what was committed stays.

        A run that never got to a row leaves nothing.
        """
        with contextlib.suppress(OSError, UsageError) if kind else contextlib.nullcontext():
            self.commit()
        for file in (self._rows, self._journal):
            with contextlib.suppress(OSError):
                file.close()
        if not self._committed:
            self.finish()

    def add(self, status: Status, code: str | None, line: bytes) -> None:
        """Append one row."""
        with self._explained():
            self._rows.write(line)
        self._bytes += len(line)
        self._digest.update(line)
        self.tally.add(status, code)
        if time.monotonic() - self._last > _COMMIT_SECONDS:
            self.commit()

    def commit(self) -> None:
        """Make everything so far safe on the disk: rows first, then the journal that vouches for them."""
        if self._bytes > self._committed:
            with self._explained():
                self._rows.flush()
                os.fsync(self._rows.fileno())
                self._write(
                    {"rows": self.tally.rows, "bytes": self._bytes, "sha256": self._digest.hexdigest()}
                )
            self._committed = self._bytes
        self._last = time.monotonic()

    def finish(self) -> None:
        """Forget the run: its rows have become the output."""
        self.path.unlink(missing_ok=True)
        self._journal_path.unlink(missing_ok=True)

    def _write(self, entry: dict[str, Any]) -> None:
        self._journal.write(json.dumps(entry).encode() + b"\n")
        self._journal.flush()
        os.fsync(self._journal.fileno())

    def _begin(self, plan_sha256: str) -> None:
        self._journal.truncate(0)
        self._rows.truncate(0)
        self._write({"schema": _SCHEMA, "plan": plan_sha256})

    def _take_up(self, plan_sha256: str) -> bool:
        """Go back to the last commit that fits its rows; False if there is nothing to take up."""
        header, commits = self._entries()
        if header is None and not self.path.stat().st_size:
            return False
        if header is None or header.get("schema") != _SCHEMA:
            raise UsageError(
                f"{self._journal_path} is not a journal that this skinscan wrote, or is damaged",
                "move it away with its .part, or give overwrite=True to start again",
            )
        if header.get("plan") != plan_sha256:
            raise UsageError(
                f"{self.path} was left by a run over other photos, or with other options or models",
                "give the same ones to go on, or overwrite=True to start again",
            )
        self._rows.seek(0)
        known, size = hashlib.sha256(), self.path.stat().st_size
        for commit in (each for each in commits if each["bytes"] <= size):
            piece = self._rows.read(commit["bytes"] - self._bytes)
            known.update(piece)
            rows = _rows_of(piece, self.tally.rows)
            if known.hexdigest() != commit["sha256"] or rows is None:
                break
            for status, code in rows:
                self.tally.add(status, code)
            self._bytes = commit["bytes"]
            self._digest = known.copy()
        self._committed = self._bytes
        self._rows.truncate(self._bytes)
        return True

    def _entries(self) -> tuple[dict[str, Any] | None, list[dict[str, Any]]]:
        """The first line of the journal, none if it is no object; the commits up to one that is none."""
        self._journal.seek(0)
        header = _object(self._journal.readline())
        commits: list[dict[str, Any]] = []
        end, least = self._journal.tell(), 0
        for line in self._journal:
            entry = _object(line)
            if entry is None or not _is_commit(entry, least):
                break
            commits.append(entry)
            end, least = end + len(line), entry["bytes"]
        if header is not None and header.get("schema") == _SCHEMA:
            self._journal.truncate(end)
        return header, commits

    def _lock(self) -> None:
        try:
            fcntl.flock(self._journal, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise UsageError(
                f"another run is writing {self.path}", "wait for it, or choose another -o"
            ) from error

    @contextlib.contextmanager
    def _explained(self) -> Any:
        try:
            yield
        except OSError as error:
            full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
            advice = f"make room; {_AGAIN}" if full else "choose another -o"
            raise UsageError(f"{self.path} cannot be written: {error.strerror}", advice) from error


def _opened(path: Path) -> BinaryIO:
    """The file to be read and appended to, made private if it is not there."""
    descriptor = open_own(path, os.O_RDWR | os.O_CREAT | os.O_APPEND)
    return cast(BinaryIO, open(descriptor, "a+b"))  # noqa: PTH123  (a descriptor)


def _object(line: bytes) -> dict[str, Any] | None:
    """A whole line of the journal; None for anything else."""
    try:
        entry = json.loads(line) if line.endswith(b"\n") else None
    except (ValueError, RecursionError):
        return None
    return entry if isinstance(entry, dict) else None


def _is_commit(entry: dict[str, Any], least: int) -> bool:
    """Whether it says what a commit says, and goes on from `least` bytes."""
    size, digest = entry.get("bytes"), entry.get("sha256")
    return type(size) is int and least < size < 1 << 62 and isinstance(digest, str)


def _rows_of(piece: bytes, first: int) -> list[tuple[Status, str | None]] | None:
    """Status and code of each row from number `first` on; None if these are not such rows."""
    if not piece.endswith(b"\n"):
        return None
    found: list[tuple[Status, str | None]] = []
    for index, line in enumerate(piece.splitlines(keepends=True), first):
        row = _object(line)
        if row is None or row.get("index") != index or row.get("status") not in ("done", "refused", "failed"):
            return None
        found.append((row["status"], row.get("code")))
    return found
