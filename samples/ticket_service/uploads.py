"""An upload before it is kept: its size, and its kind by its first bytes. Workers decode it."""

from __future__ import annotations

import io
import warnings
from typing import BinaryIO

import pillow_heif
from PIL import Image

from samples.ticket_service.faults import Fault
from samples.ticket_service.settings import Settings

__all__ = ["KINDS", "read_upload"]

KINDS = {
    "JPEG": "jpg",
    "MPO": "jpg",
    "PNG": "png",
    "WEBP": "webp",
    "HEIF": "heic",
    "AVIF": "avif",
    "TIFF": "tif",
}
"""Formats that are taken, with the ending that the file gets; the name that it came with is not kept."""

_MOST_PIXELS = 200_000_000
pillow_heif.register_heif_opener()


def read_upload(file: BinaryIO, settings: Settings) -> tuple[bytes, str]:
    """The bytes of an upload and the ending for them.

    Raises Fault: 413 if it is larger than a photo may be, 415 if its head is that of no photo.
    """
    data = file.read(settings.photo_mb * 1_000_000 + 1)
    if len(data) > settings.photo_mb * 1_000_000:
        raise Fault(413, "PHOTO_TOO_LARGE", f"A photo may have {settings.photo_mb} MB.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the number of pixels is judged here
            with Image.open(io.BytesIO(data), formats=[*KINDS]) as image:
                kind, (width, height) = image.format or "", image.size
    except Image.DecompressionBombError:
        raise Fault(413, "PHOTO_TOO_LARGE", "The photo has too many pixels.") from None
    except Exception:  # decoders raise whatever they like for files made to break them  # noqa: BLE001
        raise Fault(415, "NOT_A_PHOTO", "This is no JPEG, PNG, WebP, HEIC, AVIF or TIFF photo.") from None
    if width * height > _MOST_PIXELS:
        raise Fault(413, "PHOTO_TOO_LARGE", "The photo has too many pixels.")
    return data, KINDS[kind]
