"""Rendered things kept on disk as plain arrays: a cache that others can write to must not run their code.

A value is a mapping of names to arrays, numbers, texts, bytes, None, or mappings of these. The folder is made
for its user alone.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skinscan.files import private_folder, replacing

__all__ = ["read_arrays", "write_arrays"]

_TEXT, _BYTES, _NONE = ":text", ":bytes", ":none"


def read_arrays(path: Path) -> dict[str, Any] | None:
    """What was written there; None if nothing was, or it is damaged or no such file."""
    try:
        with path.open("rb") as file:
            stored = np.load(file, allow_pickle=False)
            return _nested({name: stored[name] for name in stored.files})
    except (OSError, ValueError, EOFError, KeyError, AttributeError, zipfile.BadZipFile):
        return None


def write_arrays(path: Path, value: Mapping[str, Any]) -> None:
    """Write it whole or not at all."""
    private_folder(path.parent)
    with replacing(path) as part, part.open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, **dict(_flat("", value)))


def _flat(prefix: str, value: Mapping[str, Any]) -> Iterator[tuple[str, NDArray[Any]]]:
    for name, part in value.items():
        match part:
            case Mapping():
                yield from _flat(f"{prefix}{name}/", part)
            case bytes():
                yield f"{prefix}{name}{_BYTES}", np.frombuffer(part, np.uint8)
            case str():
                yield f"{prefix}{name}{_TEXT}", np.frombuffer(part.encode(), np.uint8)
            case None:
                yield f"{prefix}{name}{_NONE}", np.zeros(0, np.uint8)
            case _:
                yield f"{prefix}{name}", np.asarray(part)


def _nested(flat: Mapping[str, NDArray[Any]]) -> dict[str, Any]:
    value: dict[str, Any] = {}
    for path, part in flat.items():
        *folders, name = path.split("/")
        place = value
        for folder in folders:
            place = place.setdefault(folder, {})
        name, mark, kind = name.partition(":")
        place[name] = _plain(part, mark + kind)
    return value


def _plain(part: NDArray[Any], mark: str) -> Any:
    if mark == _NONE:
        return None
    if mark == _TEXT:
        return part.tobytes().decode()
    if mark == _BYTES:
        return part.tobytes()
    return part if part.ndim else part.item()
