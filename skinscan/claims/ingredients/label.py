"""A pasted ingredients list -> its entries, in label order.

Reads Chinese labels, simplified and traditional, English and INCI ones, and the mixtures that photos of
labels give. Nothing that is listed is dropped: what is not known stays in the result as unknown.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from skinscan.claims.ingredients.amounts import take_amount
from skinscan.claims.ingredients.passages import Section, passages
from skinscan.claims.ingredients.substances import Match, Substance, find_substance

__all__ = ["Listed", "Section", "parse_ingredients"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One entry of a list."""

    text: str  # as pasted, without percentage
    substance: Substance | None = None  # none: not in the data file
    match: Match | None = None
    percent: float | None = None  # if the list states it; the upper end of a range
    section: Section = "main"


_BRACKETS = re.compile(r"[(\[{]([^()\[\]{}]*)[)\]}]")
_PAIRS = {")": "(", "]": "[", "}": "{"}
_HAN = re.compile(r"[\u4e00-\u9fff]")
_EDGES = " \t\r\n.*:-<>≤≥~≈=约約"
_PARTS = (
    r"\n", r"\.\s", r"[,()\[\]{}]", r"/", r"\s[-+&>~]\s|[>\\+_]|\s(?:and|et|und|y|e|и)\s|[及和与與并並]",
    r"\s",
)  # fmt: skip
"""Where an entry is cut if it is no name as it stands, one after the other. Blanks separate Chinese names
only: INCI names are full of them."""
_INNER = re.compile(r"[,;\t/]|\s&\s")
_CONTAINS = re.compile(
    r"^(?:含有?|其中含?|incl(?:uding|\.)?|contains|containing|contient|enthält)\s?:?\s?", re.I
)
_ABSENT = re.compile(
    r"[ -](?:free|frei)$|(?:frei|フリー|不使用|프리)$|^non-|"
    r"[:(]\s?(?:none|no|not? (?:added|present|detected|used)|absent|nein|keine?|non|aucune?|"
    r"无|無|[没沒]有|未[检檢]出|0)\s?\)?$",
    re.I,
)
_MORE = re.compile(r"\s?等$")  # and so on
_MARK = re.compile(r"(?<=[a-z]{4})\d{1,2}$", re.I)  # Linalool1: the mark of a footnote
_LONGEST_NAME = 300  # characters; the longest name in the data file has 100


def parse_ingredients(text: str) -> tuple[Listed, ...]:
    """The entries of a pasted list, in order; empty text gives none. Takes time in step with its length."""
    entries: list[Listed] = []
    for section, passage in passages(text):
        for token in _tokens(passage):
            found = _read(token, 0)
            if not found and entries:
                _, amount = take_amount(token)  # in a cell of its own, behind the name
                if amount is not None and entries[-1].percent is None:
                    entries[-1] = replace(entries[-1], percent=amount)
            entries += [replace(entry, section=section) for entry in found]
    return tuple(entries)


def _tokens(text: str) -> list[str]:
    """Cut at separators outside brackets that close. A comma between digits belongs to a name or number."""
    closed = _closed(text)
    tokens, start, depth = [], 0, 0
    for at, character in enumerate(text):
        if at in closed:
            depth += closed[at]
        elif character in "([{)]}" or (not depth and _separates(text, at)):
            tokens.append(text[start:at])
            start = at + 1
    tokens.append(text[start:])
    return [stripped for token in tokens if (stripped := token.strip(" \t\r\n."))]


def _closed(text: str) -> dict[int, int]:
    """Place of every bracket that has its other half: +1 where one opens, -1 where it closes."""
    closed: dict[int, int] = {}
    opened: list[int] = []
    for at, character in enumerate(text):
        if character in "([{":
            opened.append(at)
        elif character in _PAIRS and opened and text[opened[-1]] == _PAIRS[character]:
            closed[opened.pop()], closed[at] = 1, -1
    return closed


def _separates(text: str, at: int) -> bool:
    if text[at] == ",":  # 1,2-hexanediol and 0,5 %, but not CI 77491,77492
        before = re.search(r"\d{0,4}$", text[max(0, at - 4) : at])
        return not (before and 0 < len(before[0]) < 4 and text[at + 1 : at + 2].isdigit())
    return text[at] in "\t;"


def _read(token: str, level: int) -> list[Listed]:
    """One entry, or several if the token only makes sense in parts."""
    rest, amount = take_amount(token)
    name = rest.strip(_EDGES)
    if (amount == 0 or _ABSENT.search(name)) and all(len(_cut(token, number)) < 2 for number in (0, 1)):
        return []
    if found := _look_up(name):
        substance, match = found
        entry = Listed(text=_one_line(name), substance=substance, match=match, percent=amount)
        return [entry, *_inside(name, substance)]
    if not any(character.isalpha() for character in name):
        return []
    for number in range(level, len(_PARTS)):
        cuts = _cut(token, number)
        if len(cuts) < 2 or (number == len(_PARTS) - 1 and not _HAN.search(name)):
            continue
        parts = [entry for cut in cuts for entry in _read(cut, number + 1)]
        if number == 0 or any(part.substance for part in parts):
            return parts
    if token.startswith("*"):  # the text of a footnote, not an entry with one
        return []
    return [Listed(text=_one_line(name), percent=amount)]


def _cut(token: str, number: int) -> list[str]:
    return [part for part in re.split(_PARTS[number], token) if part.strip(" \t.")]


def _look_up(name: str) -> tuple[Substance, Match] | None:
    """The name as a whole, then without its brackets, then what the brackets say: 香精 (FRAGRANCE)."""
    if len(name) > _LONGEST_NAME:
        return None
    outside = _BRACKETS.sub(" ", name)
    bare = _CONTAINS.sub("", outside)
    for candidate in (
        name,
        outside,
        *_BRACKETS.findall(name),
        _MARK.sub("", outside.strip()),
        bare,
        _MORE.sub("", name),
    ):
        if found := find_substance(candidate):
            return found
    return None


def _inside(name: str, outer: Substance) -> list[Listed]:
    """Substances listed in the brackets behind a name: Parfum (Limonene, Linalool)."""
    found: list[Listed] = []
    for inner in _BRACKETS.findall(name):
        if not _INNER.search(inner) and not _CONTAINS.match(inner.strip()):
            continue  # another name of the same
        for part in _INNER.split(_CONTAINS.sub("", inner.strip())):
            hit = find_substance(part)
            if hit and hit[0] != outer and hit[0] not in [entry.substance for entry in found]:
                found.append(Listed(text=_one_line(part), substance=hit[0], match=hit[1]))
    return found


def _one_line(name: str) -> str:
    return " ".join(name.split())
