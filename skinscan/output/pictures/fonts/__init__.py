"""The type of pictures: one font for Chinese and English, so that every machine draws the same."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from PIL import ImageFont

__all__ = ["FONT", "fold", "pieces", "typeface"]

FONT = Path(__file__).parent / "NotoSansSC-GB2312.otf"
_CJK = r"[\u3000-\u9fff\uff00-\uffef]"
_PIECE = re.compile(rf"{_CJK}[，。；：、？！）]*|[^\s\u3000-\u9fff\uff00-\uffef]+|\s+")


@cache
def typeface(size: int) -> ImageFont.FreeTypeFont:
    """Noto Sans SC at a size in px."""
    return ImageFont.truetype(FONT, size, layout_engine=ImageFont.Layout.BASIC)


def pieces(text: str) -> list[str]:
    """Text in parts between which a line may break, blanks among them."""
    return _PIECE.findall(text)


def fold(text: str, size: int, width: float) -> list[str]:
    """Text in lines of at most `width` px: English breaks at blanks, Chinese anywhere but before a stop."""
    font, lines = typeface(size), [""]
    for piece in pieces(text):
        if lines[-1] and font.getlength((lines[-1] + piece).rstrip()) > width:
            lines.append("")
        lines[-1] += piece if lines[-1] else piece.lstrip()
    return [line.rstrip() for line in lines]
