"""YAML for files that decide over people: no key twice, no alias, and every value knows its line.

PyYAML's own loader keeps the last of two equal keys without a word, which would let one policy show a rule
and apply another. Values are put together here, event by event: PyYAML's composer in C recurses without
bound, so that a file of brackets alone would end the process.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml

__all__ = ["Document", "YamlFaultsError", "read_yaml"]

YamlPath = tuple[str | int, ...]
_NUMBER = re.compile(r"[-+]?(?:0|[1-9]\d{0,14})(?:\.\d{1,15})?")

_DEEPEST = 50  # mappings and lists inside each other; a policy has 6
_MOST_VALUES = 50_000  # in one file; a policy has 500
_NOT_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_STRING = "tag:yaml.org,2002:str"


class YamlFaultsError(Exception):
    """The text is not acceptable YAML; every fault with its line, counted from 1."""

    def __init__(self, faults: list[tuple[int, str]]) -> None:
        """Keep the faults as (line, message)."""
        self.faults = faults
        super().__init__("; ".join(f"line {line}: {message}" for line, message in faults))


@dataclass(frozen=True, slots=True)
class Document:
    """Plain data and the line on which each part of it begins."""

    data: Any
    lines: Mapping[YamlPath, int]

    def line(self, place: YamlPath) -> int:
        """Line of a value, or of the nearest thing around it that is in the file."""
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place, 1)


def read_yaml(text: str) -> Document:
    """Parse one YAML document. Raises `YamlFaultsError` with all faults found."""
    try:
        reader = _Reader(yaml.CSafeLoader(text))
        data = reader.read_document()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        message = error.problem or "not YAML"
        raise YamlFaultsError([(mark.line + 1 if mark else 1, message)]) from None
    except yaml.reader.ReaderError as error:  # before the line is known
        odd = _NOT_TEXT.search(text)
        line = text.count("\n", 0, odd.start()) + 1 if odd else 1
        what = f"the character U+{ord(odd[0]):04X} may not stand here" if odd else str(error.reason)
        raise YamlFaultsError([(line, what)]) from None
    except (yaml.YAMLError, ValueError) as error:
        raise YamlFaultsError([(1, str(error))]) from None
    if reader.faults:
        raise YamlFaultsError(reader.faults)
    return Document(data, reader.lines)


class _Reader:
    """Builds plain data from a loader's events."""

    def __init__(self, loader: yaml.CSafeLoader) -> None:
        self._loader = loader
        self.lines: dict[YamlPath, int] = {}
        self.faults: list[tuple[int, str]] = []

    def read_document(self) -> Any:
        """The only document; None for a text without one."""
        self._next()  # the stream begins
        data = None
        if isinstance(self._next(), yaml.DocumentStartEvent):
            data = self._read(self._next(), ())
            self._next()  # the document ends
            if not isinstance(event := self._next(), yaml.StreamEndEvent):
                raise _fault("but found another document", event)
        return data

    def _next(self) -> Any:
        """The next event; untyped, since the stubs of PyYAML leave its marks open."""
        return self._loader.get_event()

    def _read(self, event: Any, place: YamlPath) -> Any:
        self.lines[place] = _line(event)
        if len(self.lines) > _MOST_VALUES:
            raise _fault(f"more than {_MOST_VALUES:,} values", event)
        if isinstance(event, yaml.ScalarEvent):
            return self._read_scalar(event, place)
        if isinstance(event, yaml.AliasEvent):  # can expand without bound, and hides where a value comes from
            raise _fault("aliases are not allowed", event)
        if len(place) >= _DEEPEST:
            raise _fault("nested too deeply", event)
        _refuse_tag(event)
        if isinstance(event, yaml.MappingStartEvent):
            return self._read_mapping(place)
        return self._read_list(place)

    def _read_list(self, place: YamlPath) -> list[Any]:
        data: list[Any] = []
        while not isinstance(event := self._next(), yaml.SequenceEndEvent):
            data.append(self._read(event, (*place, len(data))))
        return data

    def _read_mapping(self, place: YamlPath) -> dict[str, Any]:
        data: dict[str, Any] = {}
        while not isinstance(event := self._next(), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                raise _fault("a key must be a word", event)
            key = str(event.value)  # `no:` and `1:` stay the words they look like
            line = _line(event)
            if key in data:
                self.faults.append((line, f'key "{key}" is given twice'))
            data[key] = self._read(self._next(), (*place, key))
            self.lines[*place, key] = line
        return data

    def _read_scalar(self, event: Any, place: YamlPath) -> Any:
        _refuse_tag(event)
        tag = self._loader.resolve(yaml.ScalarNode, event.value, event.implicit)  # type: ignore[no-untyped-call]
        if tag == _STRING:
            return event.value
        kind = tag.rpartition(":")[2]
        if kind in ("int", "float") and not _NUMBER.fullmatch(event.value):  # 010 is 8, 1:30 is 90
            return self._in_quotes(event, "number")
        try:
            value = self._loader.construct_object(yaml.ScalarNode(tag, event.value, event.start_mark))
        except (ValueError, OverflowError):  # 2026-02-30
            return self._in_quotes(event, kind)
        is_word = isinstance(value, bool) and event.value.lower() not in ("true", "false")  # no, off, y
        if is_word or not isinstance(value, str | int | float | None):
            return self._in_quotes(event, type(value).__name__)
        return value

    def _in_quotes(self, event: Any, kind: str) -> str:
        """Note a scalar that reads as something it is not meant to be."""
        self.faults.append((_line(event), f"{event.value[:40]} reads as a {kind}: put it in quotes"))
        return str(event.value)


def _refuse_tag(event: Any) -> None:
    """A tag makes another thing of a value than its text says."""
    if event.tag not in (None, "!"):
        raise _fault(f"tags such as {event.tag[:40]} are not allowed", event)


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1


def _fault(problem: str, event: Any) -> yaml.MarkedYAMLError:
    return yaml.MarkedYAMLError(problem=problem, problem_mark=event.start_mark)
