"""How bytes of others are changed, and how many of them are tried.

`make test` tries the same few hundred each time; `make fuzz` draws others for as long as SKINSCAN_FUZZ says.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from skinscan.errors import SkinScanError

TIMES = int(os.environ.get("SKINSCAN_FUZZ", "0"))
"""How often as many examples are drawn as in `make test`; 0: the same as ever."""

_NUMBERS = (
    b"\0\0\0\0",
    b"\xff\xff\xff\xff",
    b"\x7f\xff\xff\xff",
    b"\x80\0\0\0",
    b"\0\0\x75\x30",
    b"\x30\x75\0\0",
    b"\0\1",
)


def examples(number: int) -> settings:
    """So many examples in a test, without a limit of time: the machine may be busy."""
    return settings(
        max_examples=number * max(TIMES, 1),
        deadline=None,
        derandomize=not TIMES,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )


_Result = TypeVar("_Result")


def attempted(call: Callable[[], _Result]) -> _Result | SkinScanError:
    """The result, or the refusal; any other exception fails the test. A refusal is one printable line."""
    try:
        return call()
    except SkinScanError as error:
        refusal = error
    assert refusal.message.isprintable()
    assert refusal.exit_code != 70
    return refusal


def mutated(data: st.DataObject, content: bytes) -> bytes:
    """The bytes after one to three changes: bits, pieces, numbers, what stands twice, and cut ends."""
    changed = bytearray(content)
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, max(len(changed) - 1, 0)))
        length = data.draw(st.integers(1, 64))
        match data.draw(st.sampled_from(["flip", "put", "drop", "zero", "number", "double", "cut"])):
            case "flip":
                changed[at : at + 1] = bytes(byte ^ 1 << at % 8 for byte in changed[at : at + 1])
            case "put":
                changed[at:at] = data.draw(st.binary(min_size=1, max_size=64))
            case "drop":
                del changed[at : at + length]
            case "zero":
                changed[at : at + length] = bytes(len(changed[at : at + length]))
            case "number":
                number = data.draw(st.sampled_from(_NUMBERS))
                changed[at : at + len(number)] = number
            case "double":
                changed[at:at] = changed[at : at + 8 * length]
            case _:
                del changed[at:]
    return bytes(changed)
