"""Words that buyers and desks use -> codes of the form; and, for a word that is not known, the nearest ones.

``data/consumer_words.csv`` holds a row for each word of a group. A word may mean several codes: 全脸 is five
areas. The group "unclear" holds words that name no one sign (过敏, "allergy"), with what they may mean.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from difflib import SequenceMatcher
from functools import cache
from typing import Literal, cast, get_args

from skinscan.claims.tables import Row, read_table

__all__ = ["GROUPS", "PLACED", "Group", "find_codes", "fold", "labels", "meanings", "nearest", "other_group"]

Group = Literal[
    "symptom", "sign", "alarm", "damage", "seriousness", "area", "category", "departure", "skin_condition",
    "procedure", "skin_type", "season", "texture", "promise", "role", "answer", "course", "proof", "speaker",
]  # fmt: skip
GROUPS: tuple[Group, ...] = get_args(Group)

_UNCLEAR = "unclear"
_NOT_A_LETTER = re.compile(r"[\W_]+")
_AND = re.compile(r"[、，,;；/&+＋\s]+|和|与|跟|及|又|并且|还有|\band\b")
_FILLERS = re.compile(
    r"^(?:有点儿?|有些|很|非常|特别|超级?|超|巨|严重|轻微|轻度|一直|开始|经常|总是|脸上|皮肤|感觉|觉得|出现|起了?|长了?|冒了?|冒出|有|了一?些?|"
    r"(?:a bit|a little|slightly|very|really|severe|mild|some|my|the)\s)+|"
    r"(?:得很|得厉害|厉害|严重|得不行|死了|不行|的感觉|症状|现象|情况|感|了|的|啊|呀|呢|处|部位|位置|区域|一带)+$"
)
"""What people put around a word without changing which one it is. Never a denial."""
_LONGEST = 60  # characters of what is taken for a word; the longest known has 30
_NEAR = 0.34  # similarity from which a word is worth naming [design]


def fold(word: str) -> str:
    """Case, width, blanks, punctuation and traditional characters folded."""
    text = unicodedata.normalize("NFKC", word).casefold().translate(_simplified())
    return _NOT_A_LETTER.sub("", text)


def find_codes(group: Group, word: str) -> tuple[str, ...]:
    """The codes that a word of the group means; none if it is not known.

    A word is looked up as it is, then without what is put around it (有点刺痛), then in parts that are all
    known (红肿脱皮, "red and flaky"). What is denied (不痒, "no itch") is never found in parts.
    """
    if len(word) > _LONGEST:
        return ()
    known = _codes(group)
    if codes := known.get(fold(word)):
        return codes
    bare = _bare(word)
    if codes := known.get(fold(bare)):
        return codes
    parts = [_bare(part) for part in _AND.split(bare) if part.strip()]
    found = [known.get(fold(part)) or _in_pieces(fold(part), known) for part in parts]
    if not found or not all(found):
        return ()
    return tuple(dict.fromkeys(code for codes in found for code in codes))


def nearest(group: Group, word: str, count: int = 3) -> tuple[str, ...]:
    """Codes of the group whose words look most like this one, the likest first; for a short group all."""
    own = fold(_bare(word[:_LONGEST]))
    meant = [code for name, code in _unclear().get(fold(word[:_LONGEST]), ()) if name == group]
    best: dict[str, float] = {}
    for name, codes in _codes(group).items():
        likeness = _likeness(own, name)
        for code in codes if len(codes) == 1 else ():
            best[code] = max(best.get(code, 0.0), likeness)
    ranked = sorted(best, key=lambda code: -best[code])
    near = [code for code in ranked if best[code] >= _NEAR]
    return tuple(dict.fromkeys([*meant, *(near or ranked)]))[: max(count, len(meant))]


def meanings(word: str) -> tuple[tuple[Group, str], ...]:
    """(group, code) that a word may mean which names no one thing, as 过敏; none for any other word."""
    return _unclear().get(fold(word[:_LONGEST]), ())


def other_group(group: Group, word: str) -> Group | None:
    """The group in which the word is known, if it is not known in its own: 泛红 among the symptoms."""
    known = (other for other in PLACED if other != group and find_codes(other, word))
    return next(known, None)


@cache
def labels(group: Group) -> Mapping[str, Row]:
    """Code -> its row with `zh` and `en`, of one group, in the order of the data files."""
    return {row["code"]: row for row in _terms() if row["group"] == group}


PLACED: tuple[Group, ...] = ("sign", "symptom", "alarm", "area", "category", "departure", "texture")
"""Groups that people mix up with each other."""


def _bare(word: str) -> str:
    text = unicodedata.normalize("NFKC", word).casefold().strip()
    return _FILLERS.sub("", text).strip() or text


def _in_pieces(word: str, known: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """The codes of a Chinese word that is made of known words end to end, the longest pieces first."""
    if not word or word.isascii() or len(word) > 12:
        return ()
    for size in range(len(word) - 1, 0, -1):
        head = known.get(word[:size])
        rest = known.get(word[size:]) or _in_pieces(word[size:], known) if head else None
        if head and rest:
            return (*head, *rest)
    return ()


def _likeness(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other, autojunk=False).ratio()


@cache
def _simplified() -> dict[int, str]:
    return {ord(row["traditional"]): row["simplified"] for row in read_table("traditional")}


@cache
def _terms() -> tuple[Row, ...]:
    """Every term of the form: those of the report form and those of this project."""
    promises = (
        {"group": "promise", "code": row["kind"], "zh": row["zh"], "en": row["en"]}
        for row in read_table("promises")
    )
    return (*read_table("vocabulary"), *read_table("terms"), *promises)


@cache
def _codes(group: Group) -> Mapping[str, tuple[str, ...]]:
    """Folded word -> codes. Raises ValueError, naming every fault, for a data file that is not right."""
    known: dict[str, tuple[str, ...]] = {
        fold(row[name]): (code,) for code, row in labels(group).items() for name in ("code", "zh", "en")
    }
    faults: list[str] = []
    for row in read_table("consumer_words"):
        if row["group"] != group:
            continue
        codes = tuple(row["codes"].split("|"))
        key = fold(row["word"])
        faults += [f"{row['word']}: no term {code}" for code in codes if code not in labels(group)]
        faults += [f"{row['word']}: twice"] if known.get(key, codes) != codes else []
        known[key] = codes
    if faults:
        raise ValueError(f"Bad words of {group}: {'; '.join(faults)}")
    return known


@cache
def _unclear() -> Mapping[str, tuple[tuple[Group, str], ...]]:
    return {
        fold(row["word"]): tuple(_pair(code) for code in row["codes"].split("|")) for row in _rows(_UNCLEAR)
    }


def _rows(group: str) -> Iterable[Row]:
    return (row for row in read_table("consumer_words") if row["group"] == group)


def _pair(code: str) -> tuple[Group, str]:
    group, _, name = code.partition(":")
    return cast(Group, group), name
