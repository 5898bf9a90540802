"""Photos of 16 or 12 bits a channel, decoded and rounded to 8."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
from PIL import Image

__all__ = ["is_deep", "load_8_bits"]

_ROWS = 128  # rounded at once


def is_deep(source: Image.Image) -> bool:
    """Whether a channel has more than 8 bits that Pillow would cut or clip."""
    raw_mode = next(iter(_raw_modes(source)), "")
    return source.mode.startswith("I;16") or bool(re.fullmatch(r"(RGB|RGBX|RGBA|CMYK);16[BLN]", raw_mode))


def load_8_bits(source: Image.Image, reopen: Callable[[], Image.Image]) -> Image.Image:
    """Decode in full; more than 8 bits a channel are rounded to 8, where Pillow would cut or clip.

    `reopen` opens the same file again. Raises whatever a decoder raises.
    """
    deep, raw_mode = is_deep(source), _raw_modes(source)[:1]
    source.load()
    if not deep:
        return source
    if source.mode.startswith("I;16"):
        white_at_zero = getattr(source, "tag_v2", {}).get(262) == 0  # of a TIFF: Pillow leaves it so
        return _rounded(source, None, 4095 if raw_mode == ["I;12"] else 65535, white_at_zero)
    # Pillow keeps the high byte. With the byte order swapped it keeps the low one instead.
    low = reopen()
    _raw_modes(low, swap=True)
    low.load()
    return _rounded(source, low, 65535, False)


def _rounded(high: Image.Image, low: Image.Image | None, top: int, white_at_zero: bool) -> Image.Image:
    """Levels 0..`top` as 0..255, some rows at a time: all at once would take 60 bytes a pixel."""
    width, height = high.size
    out = Image.new("L" if low is None else high.mode, high.size)
    for row in range(0, height, _ROWS):
        box = (0, row, width, min(row + _ROWS, height))
        levels = np.asarray(high.crop(box)).astype(np.uint32)
        if low is not None:
            levels = levels << 8 | np.asarray(low.crop(box))
        if white_at_zero:
            levels = top - levels
        rounded = ((levels * 255 + top // 2) // top).astype(np.uint8)
        out.paste(Image.frombytes(out.mode, (width, box[3] - row), rounded.tobytes()), box)
    return out


def _raw_modes(source: Image.Image, swap: bool = False) -> list[str]:
    """How each tile lies in the file, e.g. "RGB;16B"; `swap` makes the decoder take the other byte order."""
    modes = []
    tiles = getattr(source, "tile", [])
    for index, tile in enumerate(tiles):
        mode, *rest = tile.args if isinstance(tile.args, tuple) else (tile.args,)
        modes.append(str(mode))
        if swap:
            tiles[index] = tile._replace(args=(mode[:-1] + ("L" if mode[-1] == "B" else "B"), *rest))
    return modes
