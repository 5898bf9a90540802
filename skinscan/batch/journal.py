"""The work file: rows in order, appended so that a run that was killed can be taken up where it was.

`OUT.part` holds finished rows, one JSON object a line. `OUT.part.journal` says for which plan, and after each
commit how many rows and bytes are safe on the disk. What follows the last commit is cut off when the run is
taken up, and made again, which gives the same bytes.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import os
import time
from collections import Counter
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO

from skinscan.batch.summary import BatchSummary, Status
from skinscan.errors import UsageError

__all__ = ["Journal"]

_SCHEMA = "skinscan.journal/1"
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
        self._last = time.monotonic()
        with self._explained(), contextlib.ExitStack() as files:
            self._journal: BinaryIO = files.enter_context(self._journal_path.open("a+b"))
            self._lock()
            self._rows: BinaryIO = files.enter_context(self.path.open("ab"))
            if not self._take_up(plan_sha256, afresh):
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
        self.tally.add(status, code)
        if time.monotonic() - self._last > _COMMIT_SECONDS:
            self.commit()

    def commit(self) -> None:
        """Make everything so far safe on the disk: rows first, then the journal that vouches for them."""
        if self._bytes > self._committed:
            with self._explained():
                self._rows.flush()
                os.fsync(self._rows.fileno())
                tally = self.tally
                counts = {"done": tally.done, "refused": tally.refused, "failed": tally.failed}
                self._write({"rows": tally.rows, "bytes": self._bytes, **counts})
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

    def _take_up(self, plan_sha256: str, afresh: bool) -> bool:
        """Go back to the last commit; False if there is nothing to take up."""
        entries = self._entries()
        if not entries or afresh:
            return False
        if entries[0].get("plan") != plan_sha256:
            raise UsageError(
                f"{self.path} was left by a run over other photos, or with other options or models",
                "give the same ones to go on, or overwrite=True to start again",
            )
        size = self.path.stat().st_size
        safe = [entry for entry in entries[1:] if entry["bytes"] <= size]
        if safe:
            self.tally = BatchSummary(
                done=safe[-1]["done"],
                refused=Counter(safe[-1]["refused"]),
                failed=Counter(safe[-1]["failed"]),
            )
            self._bytes = self._committed = safe[-1]["bytes"]
        self._rows.truncate(self._bytes)
        return True

    def _entries(self) -> list[dict[str, Any]]:
        """What the journal says, up to where a full disk may have cut it; the rest is cut off."""
        entries, end = [], 0
        self._journal.seek(0)
        for line in self._journal:
            if not line.endswith(b"\n"):
                break
            entries.append(json.loads(line))
            end += len(line)
        self._journal.truncate(end)
        return entries

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
