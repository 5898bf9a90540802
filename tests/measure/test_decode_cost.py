"""Small files that would take gigabytes or many seconds: refused by name before a pixel is decoded."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from skinscan.errors import NoFace, PhotoTooLarge, SeveralFaces, TooCostly
from skinscan.measure import bit_depth, face
from skinscan.measure.face import find_face
from skinscan.measure.photo import open_photo
from tests.faces import Pixels, decoded
from tests.paths import SAMPLES

SCAN = b"\xff\xda"


def png_of_zeros(width: int, height: int, bits: int, color: int, row: int) -> bytes:
    """A PNG of `row` zero bytes a line; most of it is never made."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    packer = zlib.compressobj(9)
    pixels = b"".join(packer.compress(bytes(row + 1)) for _ in range(min(height, 200))) + packer.flush()
    header = struct.pack(">IIBBBBB", width, height, bits, color, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def progressive(side: int) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (side, side), (200, 150, 120)).save(out, "JPEG", progressive=True, quality=30)
    return out.getvalue()


def repeated(jpeg: bytes, times: int) -> bytes:
    """The last scan again and again."""
    return jpeg[:-2] + jpeg[jpeg.rindex(b"\xff\xda") : -2] * times + jpeg[-2:]


@pytest.fixture
def undecoded(monkeypatch: pytest.MonkeyPatch) -> None:
    def decoding(*_: object) -> None:
        raise AssertionError("it was decoded")

    monkeypatch.setattr("skinscan.measure.photo.load_8_bits", decoding)
    monkeypatch.setattr("simplejpeg.decode_jpeg", decoding)


COSTLY: dict[str, Callable[[], bytes]] = {
    "RGBA of 16 bits, 100 MP": lambda: png_of_zeros(10_000, 10_000, 16, 6, 80_000),
    "RGB of 16 bits, 100 MP": lambda: png_of_zeros(10_000, 10_000, 16, 2, 60_000),
    "RGBA of 8 bits, 100 MP": lambda: png_of_zeros(10_000, 10_000, 8, 6, 40_000),
    "RGBA of 16 bits, 50 MP": lambda: png_of_zeros(10_000, 5_000, 16, 6, 80_000),
    "a scan 2,000 times": lambda: repeated(progressive(1500), 2000),
    "a scan 100 times": lambda: repeated(progressive(6000), 100),
    "20,000 empty segments": lambda: progressive(64).replace(SCAN, b"\xff\xfe\0\2" * 20_000 + SCAN, 1),
    "fill bytes before markers": lambda: repeated(progressive(1500), 2000).replace(SCAN, b"\xff" + SCAN),
}  # fmt: skip


@pytest.mark.parametrize("name", COSTLY)
@pytest.mark.usefixtures("undecoded")
def test_what_would_cost_too_much_is_refused_before_it_is_decoded(name: str) -> None:
    with pytest.raises(TooCostly) as refusal:
        open_photo(COSTLY[name](), name="small.file")
    assert (refusal.value.code, refusal.value.exit_code) == ("TOO_COSTLY", 3)
    assert "small.file" in refusal.value.message


@pytest.mark.usefixtures("undecoded")
def test_an_image_that_somebody_else_opened_has_the_same_budget() -> None:
    image = Image.open(io.BytesIO(COSTLY["RGBA of 16 bits, 50 MP"]()))
    with pytest.raises(TooCostly):
        open_photo(image)


def test_photos_of_cameras_stay_within_the_budget() -> None:
    for side in (1500, 4000):
        assert open_photo(progressive(side)).width == side
    out = io.BytesIO()
    Image.new("RGB", (900, 900)).save(out, "JPEG", progressive=True)
    assert open_photo(repeated(out.getvalue(), 30)).width == 900, "a small one may have many scans"


def test_scans_of_a_thumbnail_and_of_a_second_picture_do_not_count() -> None:
    photo, many = progressive(6000), repeated(progressive(64), 500)
    exif = Image.Exif()
    exif[0x010E] = many[:60_000].decode("latin-1")
    out = io.BytesIO()
    Image.open(io.BytesIO(photo)).save(out, "JPEG", exif=exif)
    assert open_photo(out.getvalue() + many).width == 6000


@pytest.mark.parametrize("size", [(32_767, 40), (40, 32_768), (30_001, 8), (65_000, 1)])
def test_sides_that_native_libraries_abort_on_are_refused(size: tuple[int, int]) -> None:
    """MediaPipe ends the process at 32,767 px, OpenCV's remap refuses more than SHRT_MAX."""
    out = io.BytesIO()
    Image.new("RGB", size).save(out, "PNG")
    with pytest.raises(PhotoTooLarge, match="30,000 a side"):
        open_photo(out.getvalue())


@pytest.mark.parametrize("size", [(30_000, 80), (80, 30_000)])
def test_the_longest_sides_that_are_taken_pass_through_the_face_models(size: tuple[int, int]) -> None:
    out = io.BytesIO()
    Image.new("RGB", size).save(out, "PNG")
    with pytest.raises((NoFace, TooCostly)):
        find_face(open_photo(out.getvalue()))


def test_rounding_by_rows_is_rounding_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    levels = rng.integers(0, 65536, (37, 5, 3), np.uint16)
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in levels)

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 5, 37, 16, 2, 0, 0, 0)
    png = (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )
    monkeypatch.setattr(bit_depth, "_ROWS", 4)
    np.testing.assert_array_equal(open_photo(png).pixels, np.round(levels / 257.0).astype(np.uint8))


def crowd(columns: int, rows: int) -> Pixels:
    portrait = decoded((SAMPLES / "face_light.jpg").read_bytes())[::4, ::4]
    return np.tile(portrait, (rows, columns, 1))


def test_a_crowd_is_refused_by_name_and_a_family_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SeveralFaces, match="2 faces found"):
        find_face(open_photo(crowd(2, 1)))
    with monkeypatch.context() as patched:
        patched.setattr(face, "_MOST_WORK", 100)
        with pytest.raises(TooCostly, match="crowd"):
            find_face(open_photo(crowd(4, 2)), "largest")
