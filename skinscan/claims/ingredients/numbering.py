"""Text of a label in, the same text out without the numbers that count its entries."""

from __future__ import annotations

import re
from collections.abc import Callable

__all__ = ["without_numbering"]

_CHINESE = "一二三四五六七八九"
_ROMAN = re.compile(r"(x{0,2})(i?x|i?v|v?i{1,3}|)")
_STARTS = r"(?:(?:(?<=[\s;,)])|^)\(?|\()"
_A_NAME = r"(?=[^\W\d])"


def _of_chinese(text: str) -> int:
    """一 is 1, 十二 is 12, 二十 is 20."""
    tens, ten, ones = text.rpartition("十")
    if len(tens) > 1 or len(ones) > 1 or "十" in tens:
        return 0
    return 10 * (_CHINESE.find(tens) + 1 if tens else bool(ten)) + (_CHINESE.find(ones) + 1 if ones else 0)


def _of_roman(text: str) -> int:
    """Up to xxix; ill-formed ones count nothing."""
    found = _ROMAN.fullmatch(text.lower())
    ones = {"ix": 9, "iv": 4, "x": 10, "v": 5, "": 0}
    return 10 * len(found[1]) + ones.get(found[2], len(found[2]) + 4 * ("v" in found[2])) if found else 0


_KINDS: tuple[tuple[re.Pattern[str], Callable[[str], int]], ...] = (
    (re.compile(rf"{_STARTS}(?:(\d{{1,3}})\s?[.):]\s?|(\d{{1,3}})[-\t]\s?|#(\d{{1,3}})\s){_A_NAME}"), int),
    (re.compile(rf"{_STARTS}第?([{_CHINESE}十]{{1,3}})\s?[.,:)\t]\s?{_A_NAME}"), _of_chinese),
    (re.compile(rf"{_STARTS}([ivx]{{1,5}})\s?[.)]\s?{_A_NAME}", re.IGNORECASE), _of_roman),
    (re.compile(rf"{_STARTS}([a-z])\s?[.)]\s?{_A_NAME}", re.IGNORECASE), lambda text: ord(text.lower()) - 96),
)  # fmt: skip


def without_numbering(text: str) -> str:
    """Numbers (1. 一、 i. a) that count entries from one on end them, as tabs; others belong to names.

    Polysorbate 20 and C.I. 77491 stay what they are: only numbers in their order, two at least, count.
    """
    for pattern, value in _KINDS:
        due, pieces, at = 1, [], 0
        for found in pattern.finditer(text):
            if value(next(filter(None, found.groups()))) == due:
                pieces += [text[at : found.start()], "\t"]
                at, due = found.end(), due + 1
        if due > 2:
            text = "".join([*pieces, text[at:]])
    return text
