"""Caches hold arrays: a file that somebody else put there runs no code and is made anew."""

from __future__ import annotations

import os
import pickle
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.renderer.array_cache import read_arrays, write_arrays
from models.renderer.people import committed_people
from models.renderer.sittings import sit
from tests.paths import ROOT

VALUE: dict[str, Any] = {
    "tone": "浅色 light",
    "jpeg": {"home": b"\xff\xd8\0", "away": b""},
    "worn": None,
    "rise": np.arange(6, dtype=np.float16).reshape(2, 3),
    "valid": np.eye(3, dtype=bool),
    "severity": 0.25,
    "0": {"deep": {"number": 3}},
}


class Evil:
    """Unpickled, it makes a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.folder),)


def planted(path: Path, trap: Path, kind: str) -> None:
    path.parent.mkdir(exist_ok=True)
    match kind:
        case "pickle":
            path.write_bytes(pickle.dumps(Evil(trap)))
        case "object array":
            np.savez(path, tone=np.array([Evil(trap)], object), allow_pickle=True)
        case "damaged":
            write_arrays(path, VALUE)
            path.write_bytes(path.read_bytes()[:-40])
        case "single array":
            with path.open("wb") as file:
                np.save(file, np.zeros(3))


def test_what_is_written_is_read_and_private(tmp_path: Path) -> None:
    path = tmp_path / "new" / "a.npz"
    assert read_arrays(path) is None
    write_arrays(path, VALUE)
    found = read_arrays(path)
    assert found is not None
    for name in ("rise", "valid"):
        np.testing.assert_array_equal(found[name], VALUE[name])
        assert found[name].dtype == VALUE[name].dtype
    assert {k: v for k, v in found.items() if k not in ("rise", "valid")} == {
        k: v for k, v in VALUE.items() if k not in ("rise", "valid")
    }
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("kind", ["pickle", "object array", "damaged", "single array"])
def test_a_planted_file_runs_nothing_and_counts_as_none(kind: str, tmp_path: Path) -> None:
    planted(tmp_path / "a.npz", tmp_path / "CODE_RAN", kind)
    assert read_arrays(tmp_path / "a.npz") is None
    assert not (tmp_path / "CODE_RAN").exists()


def test_a_sitting_comes_from_the_cache_as_it_was_rendered(tmp_path: Path) -> None:
    first = sit(committed_people()[4], 3, tmp_path)
    second = sit(committed_people()[4], 3, tmp_path)
    assert [path.suffix for path in tmp_path.iterdir()] == [".npz"]
    assert (first.tone, first.jpeg) == (second.tone, second.jpeg)
    np.testing.assert_array_equal(first.rise, second.rise)
    np.testing.assert_array_equal(first.valid["home"], second.valid["home"])


_RUNS_CODE = re.compile(
    r"^import pickle|^from pickle|allow_pickle=True|joblib|torch\.load\((?!.*weights_only=True)", re.MULTILINE
)


# What workers hand over to the process that started them, as multiprocessing itself does; never a file.
_WITHIN_A_RUN = {("batch", "rows.py"), ("batch", "delivery.py"), ("bench", "peak.py")}


def test_nothing_that_lies_in_a_file_is_ever_unpickled() -> None:
    for folder in ("skinscan", "models", "benchmarks"):
        for path in (ROOT / folder).rglob("*.py"):
            found = _RUNS_CODE.search(path.read_text("utf-8"))
            assert not found or path.parts[-2:] in _WITHIN_A_RUN, f"{path}: {found}"
