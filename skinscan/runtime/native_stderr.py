"""Keep native libraries from writing on the user's stderr.

They write to file descriptor 2 behind Python's back, and no setting of theirs stops it. What they say is held
back for a moment; chatter is dropped and the rest repeated, so that stderr stays clean and no real problem is
hidden. What other threads write meanwhile comes out unchanged, a moment later.
"""

from __future__ import annotations

import contextlib
import os
import re
import tempfile
import threading
import warnings
from collections.abc import Iterator

__all__ = ["importing", "overheard", "quiet", "repeat"]

_CHATTER = re.compile(
    rb"INFO: |[IW]\d{4} |WARNING: .*logging before|WARNING: All log|.*device_discovery", re.I
)

_lock = threading.RLock()  # the descriptor belongs to the whole process
_kept: list[int] = []  # copies of the real one, outermost first


def _after_fork() -> None:
    global _lock
    _lock = threading.RLock()
    if _kept:  # another thread of the parent was listening
        os.dup2(_kept[0], 2)
        _kept.clear()


os.register_at_fork(after_in_child=_after_fork)


@contextlib.contextmanager
def overheard() -> Iterator[list[bytes]]:
    """Hold back what is written to file descriptor 2; the list has its lines after the block."""
    lines: list[bytes] = []
    with _lock, contextlib.ExitStack() as stack:
        try:
            sink = stack.enter_context(tempfile.TemporaryFile())
            _kept.append(os.dup(2))
        except OSError:  # nowhere to put it, or no stderr
            yield lines
            return
        os.dup2(sink.fileno(), 2)
        try:
            yield lines
        finally:
            os.dup2(_kept[-1], 2)
            os.close(_kept.pop())
            sink.seek(0)
            lines += sink.read().splitlines(keepends=True)


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Drop the chatter of native libraries; repeat everything else."""
    heard: list[bytes] = []
    try:
        with overheard() as heard:
            yield
    finally:
        repeat([line for line in heard if not _CHATTER.match(line)])


@contextlib.contextmanager
def importing() -> Iterator[None]:
    """`quiet` for an import, without the warnings of third parties, which are errors under -W error."""
    with quiet(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def repeat(lines: list[bytes]) -> None:
    """Write lines to file descriptor 2."""
    if lines:
        os.write(2, b"".join(lines))
