"""What every picture shares: colours, fonts, lines of text, hatching, and how it is saved."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from skinscan.errors import UsageError
from skinscan.files import replacing
from skinscan.output.pictures.fonts import fold, typeface
from skinscan.types import BoolMap, FloatMap, RgbPixels

__all__ = [
    "BAND",
    "COLOR",
    "DIVERGING",
    "EDGE",
    "EI_SPAN",
    "FAINT",
    "INK",
    "LARGE",
    "OUTLINE",
    "PALE",
    "PAPER",
    "SMALL",
    "TEXT",
    "WIDTH",
    "blend",
    "font",
    "hatch",
    "save_png",
    "soft",
    "write",
]

_HATCH = 10  # distance of hatching lines
# Even in lightness and safe for colour-blind eyes: ColorBrewer's RdBu, blue first; OpenCV's cividis.
_BLUE, _WHITE, _RED = ((33, 102, 172), (103, 169, 207)), (247, 247, 247), ((239, 138, 98), (178, 24, 43))
DIVERGING = (*_BLUE, (209, 229, 240), _WHITE, (253, 219, 199), *_RED)


def save_png(pixels: RgbPixels, path: Path) -> None:
    """Write a picture as PNG with mode 0600, all or nothing.

    Raises UsageError when the path cannot be written, or is a link, a pipe or a device.
    """
    picture = Image.fromarray(pixels)
    try:
        with replacing(path) as part:
            picture.save(part, "PNG")
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}", "choose another path") from error


def soft(mask: BoolMap) -> FloatMap:
    """The mask with its stairs smoothed; its border is where this is 0.5."""
    soft: FloatMap = cv2.GaussianBlur(mask.astype(np.float32), (0, 0), 1.0)
    return soft


def hatch(panel: RgbPixels, where: BoolMap) -> RgbPixels:
    """Diagonal lines, light over dark, where nothing is measured."""
    y, x = np.indices(where.shape)
    phase = (x + y) % _HATCH
    out = panel.copy()
    for line, color in ((phase == 0, 235), (phase == 1, 70)):
        at = where & line
        out[at] = (panel[at] * 0.5 + color * 0.5).astype(np.uint8)
    return out


def blend(stops: Sequence[tuple[int, int, int]]) -> RgbPixels:
    """256 colours through evenly spaced stops."""
    at = np.linspace(0, len(stops) - 1, 256)
    channels = [np.interp(at, np.arange(len(stops)), channel) for channel in zip(*stops, strict=True)]
    return np.stack(channels, axis=-1).round().astype(np.uint8)


def font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Get the font that Pillow carries."""
    return ImageFont.load_default(size)


WIDTH, EDGE = 1080, 24  # px: three device pixels for one of a phone 360 wide
LARGE, TEXT, SMALL = 36, 25, 21  # sizes of its font
INK, FAINT, PAPER = (33, 37, 41), (96, 103, 110), (255, 255, 255)
PALE = (108, 115, 122)  # beside the small font of pictures wider than a phone
BAND, OUTLINE = (233, 236, 240), (255, 221, 51)
EI_SPAN = 9.0  # EI either side, in every map of erythema: five just-visible steps
COLOR = {
    "increase": _RED[1],
    "decrease": _BLUE[0],
    "no_change": (30, 110, 60),
    "inconclusive": FAINT,
}


def write(
    pen: ImageDraw.ImageDraw,
    left: int,
    top: int,
    text: str,
    size: int,
    color: tuple[int, int, int],
    width: int = WIDTH - 2 * EDGE,
) -> int:
    """Write text in lines of at most `width` px; returns the y below it.

    `pen`: of the picture. `left`, `top`: upper left corner of the first line, px. `text`: folded as needed.
    `size`: of the font, px. `color`: sRGB, 0..255.
    """
    for line in fold(text, size, width):
        pen.text((left, top), line, color, typeface(size))
        top += round(1.32 * size)
    return top
