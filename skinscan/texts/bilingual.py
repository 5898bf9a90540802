"""What skinscan says to people, in one language or in both."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from skinscan.texts.catalogue import Language, read_texts
from skinscan.types import Advice

__all__ = ["TAGS", "Bilingual", "Language", "Texts", "advise", "capital"]

TAGS: dict[Language, str] = {"zh": "zh-CN", "en": "en"}
"""The languages of a report in their order, with the tag a browser goes by."""


class Bilingual(Protocol):
    """Anything said in both languages."""

    @property
    def zh(self) -> str:
        """In Chinese."""

    @property
    def en(self) -> str:
        """In English."""


class Texts:
    """The texts of one language. A key that is not in the catalogue is a KeyError, never a text."""

    def __init__(self, language: Language) -> None:
        """Choose the language."""
        self.language = language
        self.tag = TAGS[language]
        self.space = "" if language == "zh" else " "  # between two sentences
        self._texts = read_texts()

    def __getitem__(self, key: str) -> str:
        """The text for a key, with its gaps open."""
        return self._texts[key][self.language]

    def __call__(self, key: str, *values: object) -> str:
        """The text for a key with its gaps filled. IndexError for a gap without a value."""
        return self[key].format(*values)

    def join(self, texts: Iterable[str]) -> str:
        """A list in words."""
        return self[", "].join(texts)

    def area(self, name: str) -> str:
        """An area given as names of zones and areas joined by commas."""
        return self.join(self[part] for part in name.split(","))

    def date(self, number: int, day: float | None) -> str:
        """The date `number` of a series, 0 is the first: its day since then, or its number."""
        if number == 0:
            return self["first date"]
        return self("date", number + 1) if day is None else self("day", day)

    def of(self, text: Bilingual) -> str:
        """This language's half."""
        return text.zh if self.language == "zh" else text.en


def advise(key: str) -> Advice:
    """The text for a key in both languages, for results that carry both. KeyError for an unknown key."""
    text = read_texts()[key]
    return Advice(zh=text["zh"], en=text["en"])


def capital(text: str) -> str:
    """A word as it stands at the beginning of a line."""
    return text[:1].upper() + text[1:]
