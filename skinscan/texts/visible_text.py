"""Foreign text made safe to look at: characters that cannot be seen are shown as what they are."""

from __future__ import annotations

import re
import unicodedata

__all__ = ["visible", "visible_lines"]

_JOINERS = "\u200c\u200d"  # part of emoji and of several scripts; they hide and turn nothing
_MARKS = 3  # more combining marks than this on one letter would paint over the lines around it
_PILED = re.compile(f"[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]{{{_MARKS + 1},}}")
_BREAKS = re.compile("[\t\n\r]")


def visible(text: str) -> str:
    """The text with control, direction and other invisible characters written out.

    Control characters become their pictures (U+2400), direction marks, separators and stray halves of
    characters become ⟨U+202E⟩. Tabs and line breaks become spaces. Piles of combining marks are cut.
    """
    if text.isascii() and text.isprintable():  # pictures are long
        return text
    cut = _PILED.sub(lambda pile: pile[0][:_MARKS], text)
    pieces = _BREAKS.split(cut)  # printable ones, by far the most, hold nothing that `_shown` would change
    return " ".join(piece if piece.isprintable() else "".join(map(_shown, piece)) for piece in pieces)


def visible_lines(text: str) -> str:
    """The text made visible line by line: line breaks stay."""
    return "\n".join(map(visible, text.split("\n")))


def _shown(letter: str) -> str:
    kind = unicodedata.category(letter)
    if kind == "Cc":
        code = ord(letter)
        return "␡" if code == 0x7F else chr(0x2400 + code) if code < 0x20 else _named(letter)
    if kind in ("Cf", "Cs", "Zl", "Zp", "Co", "Cn") and letter not in _JOINERS:
        return _named(letter)
    return letter


def _named(letter: str) -> str:
    return f"⟨U+{ord(letter):04X}⟩"
