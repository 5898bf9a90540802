"""Keep native libraries from writing on the user's stderr.

They write to file descriptor 2 behind Python's back. What they say while opening is held back; chatter is
dropped and the rest repeated, so that stderr stays clean and no real problem is hidden.
"""

from __future__ import annotations

import contextlib
import os
import re
import tempfile
import warnings
from collections.abc import Iterator

__all__ = ["overheard", "quiet", "repeat"]

_CHATTER = re.compile(r"INFO: |[IW]\d{4} |WARNING: .*[Ll]ogging before|WARNING: All log|.*device_discovery")


@contextlib.contextmanager
def overheard() -> Iterator[list[str]]:
    """Hold back what is written to file descriptor 2; the list has its lines after the block.

    The descriptor belongs to the whole process, so a caller holds its lock meanwhile.
    """
    lines: list[str] = []
    with contextlib.ExitStack() as stack:
        try:
            kept = os.dup(2)
            stack.callback(os.close, kept)
            sink = stack.enter_context(tempfile.TemporaryFile())
        except OSError:  # no stderr, or nowhere to put it
            yield lines
            return
        os.dup2(sink.fileno(), 2)
        try:
            yield lines
        finally:
            os.dup2(kept, 2)
            sink.seek(0)
            lines += sink.read().decode("utf-8", "replace").splitlines()


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Drop the chatter of native libraries and the warnings of Python ones; repeat everything else."""
    heard: list[str] = []
    try:
        with overheard() as heard, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of third parties at import; errors under -W error
            yield
    finally:
        repeat([line for line in heard if not _CHATTER.match(line)])


def repeat(lines: list[str]) -> None:
    """Write lines to file descriptor 2."""
    if lines:
        os.write(2, "".join(f"{line}\n" for line in lines).encode())
