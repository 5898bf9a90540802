"""A pasted ingredients list -> its entries, in label order.

Reads Chinese labels, English and INCI ones, and the mixtures that photos of labels give. Nothing is
dropped: what is not known stays in the result as unknown.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from typing import Literal

from skinscan.claims.ingredients.substances import Match, Substance, find_substance

__all__ = ["Listed", "Section", "parse_ingredients"]

Section = Literal["main", "micro", "may_contain"]
"""Where an entry stood: before any heading, under 其他微量成分 (0.1 % or less each), or "may contain"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One entry of a list."""

    text: str  # as pasted, without percentage
    substance: Substance | None = None  # none: not in the data file
    match: Match | None = None
    percent: float | None = None  # if the list states it
    section: Section = "main"


_HEADINGS: tuple[tuple[re.Pattern[str], Section], ...] = (
    (re.compile(r"(其他)?微量成[分份]\s*:?"), "micro"),
    (re.compile(r"可能含有\s*:?|may contain\s*:?|[\[(]?\s*(\+/-|±)\s*:?", re.IGNORECASE), "may_contain"),
    (re.compile(r"(全部?成[分份]表?|成[分份]表?|配料表?|ingredients?(?=\s*:))\s*:?", re.IGNORECASE), "main"),
)
_PERCENT = re.compile(r"[<>≤≥~约]*\s*(\d+(?:\.\d+)?)\s*%")
_NUMBERING = re.compile(r"^\s*\d{1,3}\s*[.)、]\s*(?=\D)")
_BRACKETS = re.compile(r"[(\[{]([^()\[\]{}]*)[)\]}]")
_HAN = re.compile(r"[\u4e00-\u9fff]")


def parse_ingredients(text: str) -> tuple[Listed, ...]:
    """The entries of a pasted list, in order; empty text gives none."""
    section: Section = "main"
    entries: list[Listed] = []
    for token in _tokens(unicodedata.normalize("NFKC", text)):
        for pattern, named in _HEADINGS:
            if heading := pattern.match(token):
                section, token = named, token[heading.end() :].strip(" :")
        entries += [replace(entry, section=section) for entry in _read(token)]
    return tuple(entries)


def _tokens(text: str) -> list[str]:
    """Cut at separators outside round brackets. A comma between digits belongs to a name: 1,2-hexanediol."""
    tokens, start, depth = [], 0, 0
    for at, character in enumerate(text):
        depth = max(0, depth + (character == "(") - (character == ")"))
        if character not in ",、;•。\n" or (depth and character != "\n"):
            continue
        if character == "," and text[at - 1 : at].isdigit() and text[at + 1 : at + 2].isdigit():
            continue
        if character == "\n":  # a line may break inside a name: decided when the name is looked up
            continue
        tokens.append(text[start:at])
        start, depth = at + 1, 0
    tokens.append(text[start:])
    return [stripped for token in tokens if (stripped := token.strip(" \t\r\n.*"))]


def _read(token: str) -> list[Listed]:
    """One entry, or several if the token only makes sense in parts."""
    percent = _PERCENT.search(token)
    name = _NUMBERING.sub("", _PERCENT.sub("", token)).strip(" \t\r\n.*:")
    amount = float(percent[1]) if percent else None
    if found := _look_up(name):
        substance, match = found
        return [Listed(text=_one_line(name), substance=substance, match=match, percent=amount)]
    if not any(character.isalpha() for character in name):
        return []
    for separator in ("\n", ",", "/", " "):
        # Spaces separate Chinese names only: INCI names are full of them.
        if separator not in name or (separator == " " and not _HAN.search(name)):
            continue
        parts = [entry for part in token.split(separator) for entry in _read(part)]
        if separator == "\n" or any(part.substance for part in parts):
            return parts
    return [Listed(text=_one_line(name), percent=amount)]


def _look_up(name: str) -> tuple[Substance, Match] | None:
    """The name as a whole, then without its brackets, then what the brackets say: 香精 (FRAGRANCE)."""
    outside = _BRACKETS.sub(" ", name)
    for candidate in (name, outside, *_BRACKETS.findall(name)):
        if found := find_substance(candidate):
            return found
    return None


def _one_line(name: str) -> str:
    return " ".join(name.split())
