"""What decoding a photo would cost, told from its bytes before any pixel is made.

Few bytes can stand for many: zeros deflate to a thousandth, and a progressive JPEG may repeat a scan of a few
bytes that goes over every coefficient. So the bytes that decoding makes are counted, and the passes it takes.
"""

from __future__ import annotations

from PIL import Image

from skinscan.errors import TooCostly
from skinscan.measure.container_cost import jpeg_segments

__all__ = ["check_decode_cost"]

_MOST_BYTES = 320 << 20  # of pixels at full depth: 100 MP of RGB; 50 MP of RGB or 40 of RGBA at 16 bits
_MOST_PASSED = 1_200_000_000  # scans x pixels of a JPEG: 12 scans of 100 MP, 100 of 12 MP
_MOST_SEGMENTS = 10_000  # of a JPEG; photos have some dozens
_BANDS = {"1": 1, "L": 1, "P": 3, "RGB": 3, "YCbCr": 3}  # of what is made of it; any other mode has 4
_EOI, _SOS = 0xD9, 0xDA
_SMALLER = "Save it at a smaller size, as an ordinary JPEG"


def check_decode_cost(source: Image.Image, data: bytes, name: str, deep: bool) -> None:
    """Raise `TooCostly` for a photo that would take gigabytes or many seconds.

    `source` is open and not decoded; `data` its file; `name` that of messages; `deep`: more than 8 bits a
    channel.
    """
    width, height = source.size
    bands = 1 if source.mode.startswith("I;16") else _BANDS.get(source.mode, 4)
    if source.mode == "P" and "transparency" in source.info:
        bands = 4
    needed = width * height * bands * (2 if deep else 1)
    if needed > _MOST_BYTES:
        message = f"{name} decodes to {needed:,} bytes, more than {_MOST_BYTES:,}"
        raise TooCostly(message, _SMALLER)
    if source.format not in ("JPEG", "MPO"):
        return
    scans = 0
    for segments, (marker, _, _) in enumerate(jpeg_segments(data)):
        if marker == _EOI:  # of the first picture
            return
        scans += marker == _SOS
        if scans * width * height > _MOST_PASSED or segments > _MOST_SEGMENTS:
            raise TooCostly(f"{name} is a JPEG of too many scans or segments", _SMALLER)
