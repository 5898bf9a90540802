"""Letting the interpreter end quietly while daemon threads compute.

After the exit handlers, Python ends any other thread that asks for its lock, by unwinding it. A thread that
comes back from native code just then (OpenCV, MediaPipe, ONNX Runtime) is unwound through C++ frames that
allow no such thing, and the process aborts. Before that, it shuts the executors, and MediaPipe, which uses
one, fails with a traceback. So daemon threads are stopped at places where only Python runs, and the first
thing that the exit does is to wait until they have got there.
"""

from __future__ import annotations

import atexit
import concurrent.futures.thread  # noqa: F401  (registers its own handler)
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["computing", "rest"]

_LONGEST = 20.0  # s that the exit waits: a stage takes a second on a slow machine
_condition = threading.Condition()
_busy: dict[int, int] = {}  # daemon thread -> how deep it is in `computing`
_ending = False


def _after_fork() -> None:
    global _condition
    _condition = threading.Condition()
    _busy.clear()


os.register_at_fork(after_in_child=_after_fork)


@contextmanager
def computing() -> Iterator[None]:
    """Around whatever calls native code; may be nested."""
    if not threading.current_thread().daemon:  # the interpreter waits for it by itself
        yield
        return
    me = threading.get_ident()
    with _condition:
        if not _ending:
            _busy[me] = _busy.get(me, 0) + 1
    rest()
    try:
        yield
    finally:
        with _condition:
            _busy[me] -= 1
            if not _busy[me]:
                del _busy[me]
            _condition.notify_all()
        rest()


def rest() -> None:
    """Where a daemon thread stops for good if the interpreter is ending. Costs nothing before."""
    if not _ending or not threading.current_thread().daemon:
        return
    with _condition:
        _busy.pop(threading.get_ident(), None)
        _condition.notify_all()
    threading.Event().wait()


def _wait() -> None:
    global _ending
    deadline = time.monotonic() + _LONGEST
    with _condition:
        _ending = True
        while _busy and (left := deadline - time.monotonic()) > 0:
            _condition.wait(left)


# Called before the executors are shut, since it is registered after their own; `atexit` would be too late.
getattr(threading, "_register_atexit", atexit.register)(_wait)
