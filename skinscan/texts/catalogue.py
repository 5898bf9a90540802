"""Every text of the YAML files in this package by its key, checked as it is read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.resources import files
from string import Formatter
from typing import Any, Literal

from skinscan.texts.strict_yaml import read_yaml

__all__ = ["Entry", "Language", "check_texts", "read_texts"]

Language = Literal["zh", "en"]
Entry = Mapping[Language, str]
"""A text in both languages; "{0}" in it is a gap for a value."""

_LANGUAGES: tuple[Language, ...] = ("zh", "en")
_FILES = ("names", "screen", "report", "pairs", "quality", "signals", "claim_form", "help", "handouts")


@cache
def read_texts() -> Mapping[str, Entry]:
    """All texts by key. Raises YamlFaultsError or ValueError for files that do not hold what they should."""
    folder = files("skinscan.texts")
    read = (read_yaml((folder / f"{name}.yaml").read_text(encoding="utf-8")).data for name in _FILES)
    return check_texts(pair for data in read for pair in data.items())


def check_texts(pairs: Iterable[tuple[str, Mapping[str, Any]]]) -> Mapping[str, Entry]:
    """The texts by key, if each is there once, in both languages, not empty and with the same gaps.

    Raises ValueError that names every fault.
    """
    texts: dict[str, Any] = {}
    faults: list[str] = []
    for key, text in pairs:
        faults += [f"{key!r} is there twice"] if key in texts else []
        faults += [f"{key!r}: {fault}" for fault in _faults(text)]
        texts[key] = text
    if faults:
        raise ValueError(f"Bad texts: {'; '.join(faults)}")
    return texts


def _faults(text: Any) -> Iterator[str]:
    if not isinstance(text, Mapping):
        yield "not a text in zh and en"
        return
    yield from (f"no language {name!r}" for name in text if name not in _LANGUAGES)
    said = [text.get(language) for language in _LANGUAGES]
    told = [one for one in said if isinstance(one, str) and one.strip()]
    yield from (f"nothing in {name}" for name, one in zip(_LANGUAGES, said, strict=True) if one not in told)
    if len(told) == len(_LANGUAGES) and any("{" in one or "}" in one for one in told):
        try:
            zh, en = (_gaps(one) for one in told)
        except ValueError as error:
            yield str(error)
            return
        if zh != en:
            yield "not the same gaps in both languages"


def _gaps(text: str) -> set[tuple[str, str | None]]:
    """The number and the format of each gap. Raises ValueError for a brace that stands alone."""
    return {(name, form) for _, name, form, _ in Formatter().parse(text) if name is not None}
