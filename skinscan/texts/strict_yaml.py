"""YAML for files that decide over people: no key twice, no alias, and every value knows its line.

PyYAML's own loader keeps the last of two equal keys without a word, which would let one policy show a rule
and apply another.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml

__all__ = ["Document", "YamlFaultsError", "read_yaml"]

YamlPath = tuple[str | int, ...]


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
    loader = _NoAliasLoader(text)
    try:
        root = loader.get_single_node()
        reader = _Reader(loader)
        data = reader.read(root, ()) if root is not None else None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        message = error.problem or "not YAML"
        raise YamlFaultsError([(mark.line + 1 if mark else 1, message)]) from None
    except (yaml.YAMLError, ValueError) as error:
        raise YamlFaultsError([(1, str(error))]) from None
    finally:
        loader.dispose()
    if reader.faults:
        raise YamlFaultsError(reader.faults)
    return Document(data, reader.lines)


class _NoAliasLoader(yaml.SafeLoader):
    """Aliases can expand without bound and hide where a value comes from."""

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.MarkedYAMLError(problem="aliases are not allowed", problem_mark=mark)
        return super().compose_node(parent, index)


class _Reader:
    def __init__(self, loader: yaml.SafeLoader) -> None:
        self._loader = loader
        self.lines: dict[YamlPath, int] = {}
        self.faults: list[tuple[int, str]] = []

    def read(self, node: yaml.Node, place: YamlPath) -> Any:
        self.lines[place] = node.start_mark.line + 1
        if isinstance(node, yaml.MappingNode):
            return self._read_mapping(node, place)
        if isinstance(node, yaml.SequenceNode):
            return [self.read(child, (*place, index)) for index, child in enumerate(node.value)]
        value = self._loader.construct_object(node)
        is_word = isinstance(value, bool) and node.value.lower() not in ("true", "false")  # no, off, y
        if is_word or not isinstance(value, str | int | float | None):
            kind = type(value).__name__
            self.faults.append((self.lines[place], f"{node.value} reads as a {kind}: put it in quotes"))
        return value

    def _read_mapping(self, node: yaml.MappingNode, place: YamlPath) -> dict[str, Any]:
        data: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value)  # `no:` and `1:` stay the words they look like
            line = key_node.start_mark.line + 1
            if key in data:
                self.faults.append((line, f'key "{key}" is given twice'))
            data[key] = self.read(value_node, (*place, key))
            self.lines[*place, key] = line
        return data
