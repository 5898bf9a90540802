"""Photos of fourteen kinds with bytes changed, in one process: no abort, no long work, no gigabytes.

SKINSCAN_THOROUGH tries fifteen hundred of them, from decoding to the labels of their origin.
"""

from __future__ import annotations

import os
import random
import resource
import time

from skinscan.claims.photo_origin.labels import read_labels
from skinscan.errors import PhotoError
from skinscan.measure.photo import open_photo
from skinscan.runtime.native_stderr import overheard
from tests.fuzz.mutations import attempted
from tests.fuzz.test_photo_bytes import KINDS, sound

PHOTOS = 1_500 if os.environ.get("SKINSCAN_THOROUGH") else 140
LONGEST, MOST = 10.0, 2 << 30  # s of computing; bytes of the process, whatever ran in it before
SIZES = (
    b"\0\0",
    b"\xff\xff",
    b"\x7f\xff",
    b"\x75\x30",
    b"\0\1",
    b"\xff\xff\xff\xff",
    b"\0\0\xff\xff",
    b"\0\1\0\0",
)


def changed(content: bytes, chance: random.Random) -> bytes:
    """The bytes with one to twelve changes, most of them where headers are."""
    data = bytearray(content)
    for _ in range(chance.randint(1, 12)):
        at = chance.randrange(min(len(data), chance.choice([64, 512, len(data)])))
        match chance.randrange(6):
            case 0:
                data[at : at + 1] = bytes([chance.randrange(256)])
            case 1:
                data[at:at] = chance.randbytes(chance.choice([1, 4, 64]))
            case 2:
                del data[at : at + chance.choice([1, 4, 64])]
            case 3:
                data[at:at] = data[at : at + 64] * chance.choice([1, 100, 2_000])
            case 4:
                del data[max(at, 16) :]
            case _:
                number = chance.choice(SIZES)
                data[at : at + len(number)] = number
        data = data or bytearray(content)
    return bytes(data)


def test_changed_photos_of_every_kind_stay_within_the_budget() -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    chance, kinds = random.Random(18), sorted(KINDS)
    assert len(kinds) >= 14
    opened = 0
    for number in range(PHOTOS):
        data = changed(sound(kinds[number % len(kinds)]), chance)
        begun = time.process_time()
        with overheard() as heard:
            found = attempted(lambda data=data: open_photo(data, name="a.jpg"))  # type: ignore[misc]
            read_labels(data)
        assert time.process_time() - begun < LONGEST, number
        assert heard == [], number
        opened += not isinstance(found, PhotoError)
    assert opened > PHOTOS / 50
    grown = (
        resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    )  # other tests of this process took theirs
    assert grown * 1024 < MOST
