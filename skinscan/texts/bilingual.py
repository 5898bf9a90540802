"""What a report says, in Chinese and English: the sentences of ``report.yaml`` and the names of `words`."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Protocol

import yaml

from skinscan.texts.words import Language, Words

__all__ = ["TAGS", "Bilingual", "Texts", "capital"]

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
    """The texts of one language."""

    def __init__(self, language: Language) -> None:
        """Choose the language."""
        self.language = language
        self.tag = TAGS[language]
        self._words = Words(language)

    def __call__(self, key: str, *values: object) -> str:
        """The text for a key with its gaps filled. KeyError for a key that no text stands for."""
        found = _sentences().get(key)
        if found is None and key not in self._words:
            raise KeyError(f"report text {key!r}")
        text = found[self.language] if found else self._words[key]
        return text.format(*values) if values else text

    def join(self, texts: Iterable[str]) -> str:
        """A list in words."""
        return self._words.join(texts)

    def of(self, text: Bilingual) -> str:
        """This language's half."""
        return text.zh if self.language == "zh" else text.en


def capital(text: str) -> str:
    """A word as it stands at the beginning of a line."""
    return text[:1].upper() + text[1:]


@cache
def _sentences() -> dict[str, dict[Language, str]]:
    path = Path(__file__).with_name("report.yaml")
    loaded: dict[str, dict[Language, str]] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return loaded
