"""YAML for files that decide over people: no key twice, no alias, and every value knows its line.

PyYAML's own loader keeps the last of two equal keys without a word, which would let one policy show a rule
and apply another. Values are put together here, event by event: PyYAML's composer in C recurses without
bound, so that a file of brackets alone would end the process.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml

__all__ = ["Document", "YamlFaultsError", "read_yaml"]

YamlPath = tuple[str | int, ...]

_DEEPEST = 50  # mappings and lists inside each other; a policy has 6
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
        if isinstance(event, yaml.ScalarEvent):
            return self._read_scalar(event, place)
        if isinstance(event, yaml.AliasEvent):  # can expand without bound, and hides where a value comes from
            raise _fault("aliases are not allowed", event)
        if len(place) >= _DEEPEST:
            raise _fault("nested too deeply", event)
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
        tag = event.tag
        if tag is None or tag == "!":
            tag = self._loader.resolve(yaml.ScalarNode, event.value, event.implicit)  # type: ignore[no-untyped-call]
        if tag == _STRING:
            return event.value
        value = self._loader.construct_object(yaml.ScalarNode(tag, event.value, event.start_mark))
        is_word = isinstance(value, bool) and event.value.lower() not in ("true", "false")  # no, off, y
        if is_word or not isinstance(value, str | int | float | None):
            kind = type(value).__name__
            self.faults.append((self.lines[place], f"{event.value} reads as a {kind}: put it in quotes"))
        return value


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1


def _fault(problem: str, event: Any) -> yaml.MarkedYAMLError:
    return yaml.MarkedYAMLError(problem=problem, problem_mark=event.start_mark)
