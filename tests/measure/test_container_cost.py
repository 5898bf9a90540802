import io
import struct
import time
import zlib
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from skinscan.errors import PhotoUndecodable, TooCostly
from skinscan.measure.photo import open_photo
from skinscan.runtime.native_stderr import overheard


def saved(kind: str) -> bytes:
    pixels = np.random.default_rng(0).integers(0, 256, (72, 96, 3), np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, kind)
    return file.getvalue()


def segments(*each: bytes) -> bytes:
    data = saved("JPEG")
    return data[:2] + b"".join(each) + data[2:]


def chunk(name: bytes, data: bytes = b"") -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def chunks() -> bytes:
    data = saved("PNG")
    return data[:33] + chunk(b"abCd") * 500_000 + data[33:]


def comments() -> bytes:
    data = saved("GIF")
    at = 13 + 768  # behind the palette
    return data[:at] + b"\x21\xfe\x01a\0" * 500_000 + data[at:]


def boxes() -> bytes:
    data = saved("AVIF")
    end = int.from_bytes(data[:4], "big")
    return data[:end] + b"\0\0\0\x08free" * 500_000 + data[end:]


EXIF = b"\xff\xe1" + struct.pack(">H", 60_008) + b"Exif\0\0" + bytes(60_000)
RUNS = struct.pack("<2sIHHIIiiHHIIiiII", b"BM", 0, 0, 0, 118, 40, 30_000, 3_000, 1, 4, 2, 0, 0, 0, 16, 0)


@pytest.mark.parametrize(
    "made",
    [
        lambda: segments(b"\xff" * 4_000_000),
        lambda: segments(b"\xff\xfe\0\2" * 500_000),
        lambda: segments(EXIF * 200),
        lambda: segments(b"\xff\xd9" * 500_000),
        lambda: segments(bytes(2_000_000)),
        lambda: b"\xff\xd8" + b"\xff" * 4_000_000 + b"\0",
        chunks,
        comments,
        boxes,
        lambda: RUNS + bytes(64) + b"\1\1" * 5_000_000,
    ],
)
def test_a_file_of_too_many_parts_is_refused_before_a_library_sees_it(made: Callable[[], bytes]) -> None:
    data = made()
    begun = time.process_time()
    with pytest.raises(TooCostly):
        open_photo(data)
    assert time.process_time() - begun < 1.0


@pytest.mark.parametrize("fill", [b"\xff" * 4_000_000, b"\xff" * 4_000_000 + b"\0"])
def test_bytes_behind_the_pixels_are_gone_over_once(fill: bytes) -> None:
    """A pattern that tries every fill byte anew would take hours."""
    begun = time.process_time()
    assert open_photo(saved("JPEG")[:-2] + fill + b"\xff\xd9").pixels.shape == (72, 96, 3)
    assert time.process_time() - begun < 1.0


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "BMP", "AVIF"])
def test_an_ordinary_file_is_opened(kind: str) -> None:
    assert open_photo(saved(kind)).pixels.shape == (72, 96, 3)
    many = {
        "JPEG": lambda: segments(b"\xff\xfe\0\2" * 5_000),
        "PNG": lambda: chunks()[: 33 + 12 * 5_000] + chunks()[33 + 12 * 500_000 :],
    }
    if kind in many:
        assert open_photo(many[kind]()).pixels.shape == (72, 96, 3)


def test_what_pillow_logs_is_not_printed(capsys: pytest.CaptureFixture[str]) -> None:
    """A TIFF of 65,535 samples a pixel: Pillow logs an error, which Python would print."""
    tags = ((256, 4, 96), (257, 4, 72), (258, 3, 8), (259, 3, 1), (262, 3, 2), (273, 4, 8), (277, 3, 65_535))
    data = b"II*\0\x08\0\0\0" + struct.pack("<H", len(tags))
    data += b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in tags) + bytes(4)
    with overheard() as heard, pytest.raises(PhotoUndecodable):
        open_photo(data)
    assert heard == []
    assert capsys.readouterr().err == ""
