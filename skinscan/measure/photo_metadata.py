"""What the file of a photo says about its capture. Position and serial numbers are never looked at."""

from __future__ import annotations

import contextlib
import re
from datetime import datetime

from PIL import Image

from skinscan.types import Capture

__all__ = ["ORIENTATION", "exif_value", "one_line", "read_capture"]

ORIENTATION = 0x0112
"""EXIF tag: how the pixels are to be turned, 1..8."""
_EXIF_IFD = 0x8769


def read_capture(source: Image.Image) -> Capture:
    """Camera, program and time by EXIF; None for each that is not there or not readable."""
    make, model, software = (_text(exif_value(source, tag)) for tag in (0x010F, 0x0110, 0x0131))
    taken_at = _iso_time(exif_value(source, 0x9003, _EXIF_IFD))
    return Capture(make=make, model=model, software=software, taken_at=taken_at)


def exif_value(source: Image.Image, tag: int, ifd: int | None = None) -> object:
    """One EXIF value or None; whatever its parser raises, there is no such fact."""
    with contextlib.suppress(Exception):
        tags = source.getexif()
        return (tags if ifd is None else tags.get_ifd(ifd)).get(tag)
    return None


def _text(value: object) -> str | None:
    if not isinstance(value, str):
        return None
    with contextlib.suppress(UnicodeError):  # Pillow reads Latin-1; programs from Asia sign in UTF-8
        value = value.encode("latin-1").decode()
    return one_line(value, 100) or None


def _iso_time(value: object) -> str | None:
    match = re.match(r"(\d{4}):(\d\d):(\d\d) (\d\d):(\d\d):(\d\d)", str(value), re.ASCII)
    with contextlib.suppress(
        ValueError
    ):  # "0000:00:00 00:00:00" is how a camera without a clock says unknown
        return (
            datetime.fromisoformat("{}-{}-{}T{}:{}:{}".format(*match.groups())).isoformat() if match else None
        )
    return None


def one_line(text: str, length: int = 200) -> str:
    """One bounded line without control, bidi or other invisible characters."""
    visible = "".join(c if c.isprintable() else " " for c in text[: 4 * length])
    return " ".join(visible.split())[:length].strip()
