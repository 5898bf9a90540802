"""Text with HTML entities in, the characters they stand for out."""

from __future__ import annotations

import html
import re

__all__ = ["resolve_entities"]

_NO_CHARACTER = re.compile(r"&#\d{8,}")  # Unicode ends at 1114111; Python refuses to read thousands of digits


def resolve_entities(text: str) -> str:
    """The text with `&amp;`, `&#38;` and the like resolved; numbers beyond every character become U+FFFD."""
    return html.unescape(_NO_CHARACTER.sub("\ufffd", text)) if "&" in text else text
