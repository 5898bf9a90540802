"""Photos of every kind with bytes changed: opened, or refused in one line, in time, saying nothing else."""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from skinscan.claims.photo_origin.labels import read_labels
from skinscan.errors import PhotoError, SkinScanError
from skinscan.measure.photo import open_photo
from skinscan.runtime.native_stderr import overheard
from tests.fuzz.mutations import attempted, examples, mutated

_LONGEST = 10.0  # s of computing for one of these small files
_XMP = (
    b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF xmlns:TC260='http://x'>"
    b'<rdf:Description TC260:AIGC=\'{"Label":"1","ContentProducer":"x"}\'/>'
    b'<TC260:AIGC>{"Label":"2"}</TC260:AIGC>'
    b"<Iptc4xmpExt:DigitalSourceType>trainedAlgorithmicMedia</Iptc4xmpExt:DigitalSourceType>"
    b"</rdf:RDF></x:xmpmeta>"
)


def pixels() -> Image.Image:
    rng = np.random.default_rng(1)
    small = rng.integers(0, 256, (6, 8, 3), np.uint8)
    return Image.fromarray(small).resize((96, 72), Image.Resampling.BICUBIC)


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    out = io.BytesIO()
    if kind == "HEIF":
        import pillow_heif

        pillow_heif.from_pillow(image).save(out, format=kind, quality=60)
    else:
        image.save(out, kind, **options)
    return out.getvalue()


def with_exif() -> bytes:
    exif = Image.Exif()
    exif.update(
        {0x010F: "Maker", 0x0110: "Model", 0x0131: "Editor", 0x0112: 6, 0x0132: "2026:03:01 09:00:00"}
    )
    exif.get_ifd(0x8769).update(
        {0x9003: "2026:03:01 09:00:00", 0x9291: "12", 0xA001: 1, 0x927C: b"note" * 20}
    )
    exif.get_ifd(0x8825).update({1: "N", 2: (1.0, 2.0, 3.0)})
    return encoded(pixels(), "JPEG", exif=exif, quality=80)


def with_xmp() -> bytes:
    plain = encoded(pixels(), "JPEG", quality=80)
    return plain[:2] + b"\xff\xe1" + (len(_XMP) + 2).to_bytes(2, "big") + _XMP + plain[2:]


def deep_png() -> bytes:
    levels = np.asarray(pixels().convert("L")).astype(np.uint16) * 257
    return encoded(Image.fromarray(levels), "PNG")


KINDS: dict[str, Callable[[], bytes]] = {
    "JPEG": lambda: encoded(pixels(), "JPEG", quality=80),
    "progressive JPEG": lambda: encoded(pixels(), "JPEG", progressive=True, quality=80),
    "CMYK JPEG": lambda: encoded(pixels().convert("CMYK"), "JPEG"),
    "EXIF": with_exif,
    "XMP": with_xmp,
    "PNG": lambda: encoded(pixels(), "PNG"),
    "palette PNG": lambda: encoded(pixels().quantize(16), "PNG", transparency=3),
    "deep PNG": deep_png,
    "WebP": lambda: encoded(pixels(), "WEBP", quality=60),
    "lossless WebP": lambda: encoded(pixels(), "WEBP", lossless=True),
    "TIFF": lambda: encoded(pixels(), "TIFF"),
    "LZW TIFF": lambda: encoded(pixels(), "TIFF", compression="tiff_lzw"),
    "JPEG TIFF": lambda: encoded(pixels(), "TIFF", compression="jpeg"),
    "PackBits TIFF": lambda: encoded(pixels(), "TIFF", compression="packbits"),
    "BMP": lambda: encoded(pixels(), "BMP"),
    "GIF": lambda: encoded(pixels(), "GIF"),
    "HEIC": lambda: encoded(pixels(), "HEIF"),
    "AVIF": lambda: encoded(pixels(), "AVIF", quality=60),
}


@cache
def sound(kind: str) -> bytes:
    return KINDS[kind]()


@pytest.mark.parametrize("kind", KINDS)
def test_unchanged_it_is_opened(kind: str) -> None:
    assert sorted(open_photo(sound(kind)).pixels.shape) == [3, 72, 96]


@pytest.mark.parametrize("kind", KINDS)
@examples(40)
@given(st.data())
def test_changed_it_is_opened_or_refused(kind: str, data: st.DataObject) -> None:
    content = mutated(data, sound(kind))
    start = time.process_time()
    with overheard() as heard:
        found = attempted(lambda: open_photo(content, name="a.jpg"))
        read_labels(content)
    assert time.process_time() - start < _LONGEST
    assert heard == []
    if isinstance(found, SkinScanError):
        assert isinstance(found, PhotoError)
        assert found.advice
        return
    assert found.pixels.dtype == np.uint8
    for text in (found.capture.make, found.capture.model, found.capture.software, found.capture.taken_at):
        assert text is None or (text.isprintable() and len(text) < 200)
