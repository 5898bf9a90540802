"""What going through the parts of a photo's file would cost, told from its bytes before a library sees them.

Libraries go through segments, chunks and blocks one by one in Python, and join what belongs together:
millions of empty ones take minutes, and so do bytes that are none. Honest files have some dozens.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from skinscan.errors import TooCostly

__all__ = ["check_container", "jpeg_segments"]

_MOST_PARTS = 10_000  # segments of a JPEG, chunks of a PNG, blocks of a GIF, boxes of a HEIC or AVIF
_MOST_IDAT = 100_000  # chunks of pixels of a PNG: 640 bytes each in the largest file
_MOST_EXIF = 16  # of a JPEG; they are joined, each time anew
_MOST_JUNK = 64 << 10  # bytes of a JPEG's header that belong to no segment
_MOST_RUN_BYTES = 8 << 20  # of a BMP
_MARKER = re.compile(rb"\xff([^\x00\xff])")
_ALONE = frozenset({0x01, *range(0xD0, 0xDA)})  # TEM, RST0..7, SOI, EOI: markers without a length
_APP1, _SOS = 0xE1, 0xDA
_PNG, _GIF = b"\x89PNG\r\n\x1a\n", (b"GIF87a", b"GIF89a")


def check_container(data: bytes, name: str) -> None:
    """Raise `TooCostly` for the file of a photo that would take many seconds to go through."""
    for fits, too_many in _KINDS:
        if fits(data) and too_many(data):
            raise TooCostly(f"{name} is made of too many parts", "Save it anew, as an ordinary JPEG or PNG")


def jpeg_segments(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Marker, place of what follows it, and bytes of no segment before it, of all segments of a JPEG file.

    As libraries go through them: garbage is skipped, pixels of a scan count as such. A last one of marker 0
    tells what is left at the end.
    """
    at = 0
    while found := _MARKER.search(data, at):
        marker, junk, at = found[1][0], found.start() - at, found.end()
        yield marker, at, junk
        if marker not in _ALONE:
            at += int.from_bytes(data[at : at + 2], "big")
    yield 0, len(data), len(data) - at


def _jpeg(data: bytes) -> bool:
    exifs = junk = 0
    for parts, (marker, at, skipped) in enumerate(jpeg_segments(data)):
        exifs += marker == _APP1 and data[at + 2 : at + 6] == b"Exif"
        junk += max(0, skipped)
        if parts > _MOST_PARTS or exifs > _MOST_EXIF or junk > _MOST_JUNK:
            return True
        if marker == _SOS:
            break
    return False


def _png(data: bytes) -> bool:
    at, parts, pixels = len(_PNG), 0, 0
    while at + 8 <= len(data) and parts <= _MOST_PARTS and pixels <= _MOST_IDAT:
        if data[at + 4 : at + 8] == b"IDAT":
            pixels += 1
        else:
            parts += 1
        at += 12 + int.from_bytes(data[at : at + 4], "big")
    return parts > _MOST_PARTS or pixels > _MOST_IDAT


def _gif(data: bytes) -> bool:
    at = 13 + _table(data[10:11])
    for _ in range(_MOST_PARTS):
        kind = data[at : at + 1]
        if kind == b"\x21":
            at += 2
        elif kind == b"\x2c":
            at += 11 + _table(data[at + 9 : at + 10])
        else:  # the trailer, or nothing that a library goes on after
            return False
        while size := data[at : at + 1].strip(b"\0"):
            at += 1 + size[0]
        at += 1
    return True


def _table(flags: bytes) -> int:
    """Bytes of a palette."""
    return 3 << (flags[0] & 7) + 1 if flags and flags[0] & 0x80 else 0


def _bmp(data: bytes) -> bool:
    """Run-length coded, which Pillow decodes in Python."""
    return len(data) > _MOST_RUN_BYTES and int.from_bytes(data[30:34], "little") in (1, 2)


def _boxes(data: bytes) -> bool:
    at = parts = 0
    while at + 8 <= len(data) and parts <= _MOST_PARTS:
        size = int.from_bytes(data[at : at + 4], "big")
        if size == 1:
            size = int.from_bytes(data[at + 8 : at + 16], "big")
        if size < 8:  # 0 reaches to the end of the file
            break
        at, parts = at + size, parts + 1
    return parts > _MOST_PARTS


_KINDS: tuple[tuple[Callable[[bytes], bool], Callable[[bytes], bool]], ...] = (
    (lambda data: data.startswith(b"\xff\xd8"), _jpeg),
    (lambda data: data.startswith(_PNG), _png),
    (lambda data: data.startswith(_GIF), _gif),
    (lambda data: data.startswith(b"BM"), _bmp),
    (lambda data: data[4:8] == b"ftyp", _boxes),
)
