"""Kill -9 and many writers: a bundle is whole or was never there, and the log holds."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from skinscan.errors import UsageError
from skinscan.evidence import Keys, erase, seal, verify_evidence
from skinscan.evidence.folder import Folder
from skinscan.evidence.log import read_log
from tests.evidence.cases import LATER, NOW, THOROUGH, dossier, key_folder, sealed
from tests.paths import ROOT

KILLS = 500 if THOROUGH else 50


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    return key_folder(tmp_path_factory.mktemp("keys"))


def python(*arguments: object) -> "subprocess.Popen[str]":
    command = [sys.executable, *map(str, arguments)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_kills_at_random_moments(tmp_path: Path) -> None:
    key_folder(tmp_path / "keys")
    child = python("-m", "tests.evidence.crash", tmp_path / "evidence", tmp_path / "keys", KILLS, 11)
    out, err = child.communicate()
    assert child.returncode == 0, err
    told = json.loads(out)
    assert told["faults"] == []
    assert told["counts"]["kills"] == KILLS
    assert told["counts"]["bundles"] > KILLS / 5
    assert told["counts"]["unfinished file"] > 0


class Crash(BaseException):
    """Stands for the power going off: nothing catches it."""


CALLS = ("write", "pwrite", "fsync", "ftruncate", "replace", "rename", "unlink")


@contextmanager
def power_off(monkeypatch: pytest.MonkeyPatch, at: int, *, half: bool) -> Iterator[list[str]]:
    """Go off at the n-th call that changes the disk: before it, or with half of a write done."""
    done: list[str] = []

    def going_off(name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def instead(*arguments: Any, **options: Any) -> Any:
            done.append(name)
            if len(done) == at:
                if half and name in ("write", "pwrite"):
                    call(arguments[0], arguments[1][: len(arguments[1]) // 2], *arguments[2:])
                raise Crash
            return call(*arguments, **options)

        return instead

    with monkeypatch.context() as patched:
        for name in CALLS:
            patched.setattr(os, name, going_off(name, getattr(os, name)))
        yield done


@pytest.mark.parametrize("half", [False, True])
def test_the_power_goes_off_at_every_step_of_sealing(
    keys: Keys, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, half: bool
) -> None:
    case, steps, whole, gone = dossier(), 0, 0, 0
    while True:
        steps += 1
        folder = tmp_path / f"{half}-{steps}"
        sealed(folder, keys)
        with power_off(monkeypatch, steps, half=half) as done, suppress(Crash):
            seal(folder, case, keys, NOW)
        if len(done) < steps:
            break
        found = verify_evidence(folder, keys)
        assert found.faults == ()
        assert len(found.bundles) in (1, 2)
        whole += len(found.bundles) == 2
        gone += len(found.bundles) == 1
        seal(folder, case, keys, NOW)  # and life goes on
        after = verify_evidence(folder, keys)
        assert after.faults == ()
        assert len(after.bundles) == len(found.bundles) + 1
        assert not [path for path in folder.iterdir() if path.suffix in (".part", ".tmp")]
    assert whole > 2
    assert gone > 5


@pytest.mark.parametrize("parts", [("images",), ("findings", "images")])
def test_the_power_goes_off_at_every_step_of_erasing(
    keys: Keys, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, parts: Any
) -> None:
    steps = 0
    while True:
        steps += 1
        folder = tmp_path / str(steps)
        bundle = sealed(folder, keys).bundle
        with power_off(monkeypatch, steps, half=True) as done, suppress(Crash):
            erase(folder, [bundle], keys, LATER, parts)
        if len(done) < steps:
            break
        for fault in verify_evidence(folder, keys).faults:
            assert "erase" in str(fault)  # it says what to do
        erase(folder, [bundle], keys, LATER, parts)
        found = verify_evidence(folder, keys)
        assert found.faults == ()
        assert found.bundles[0].state == ("erased" if len(parts) == 2 else "images_erased")
        assert [entry.event for entry in found.log.entries] == ["sealed", "erased"]
        names = {path.name for path in folder.iterdir()} - {"audit.head.tmp"}  # public, and overwritten
        assert not [name for name in names if name.endswith((".part", ".tmp"))]
    assert steps > 8


@pytest.mark.parametrize("piece", [b'{"schema":"skinscan.log/1","at', b"\0" * 512, b"{"])
def test_a_torn_end_is_told_and_removed_by_the_next_entry(keys: Keys, tmp_path: Path, piece: bytes) -> None:
    sealed(tmp_path, keys)
    place = Folder(tmp_path)
    with place.log.open("ab") as log:
        log.write(piece)
    found = verify_evidence(tmp_path, keys)
    assert found.faults == ()
    assert found.log.torn
    sealed(tmp_path, keys)
    after = read_log(place, keys.trusted)
    assert (len(after.entries), after.torn, after.ahead) == (2, False, 0)


def test_many_writers_at_once(tmp_path: Path, keys: Keys) -> None:
    key_folder(tmp_path / "keys")
    writers, each = 4, 6
    code = (
        "import sys; from pathlib import Path; from skinscan.evidence import load_keys\n"
        "from tests.evidence.cases import sealed\n"
        "keys = load_keys(Path(sys.argv[2]))\n"
        f"for _ in range({each}): sealed(Path(sys.argv[1]), keys)"
    )
    running = [python("-c", code, tmp_path / "evidence", tmp_path / "keys") for _ in range(writers)]
    for process in running:
        _, err = process.communicate()
        assert process.returncode == 0, err
    from skinscan.evidence import load_keys

    found = verify_evidence(tmp_path / "evidence", load_keys(tmp_path / "keys"))
    assert found.faults == ()
    assert [entry.seq for entry in found.log.entries] == list(range(1, writers * each + 1))


def test_a_full_disk_is_one_line_and_leaves_nothing(
    keys: Keys, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sealed(tmp_path, keys)

    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "write", full)
        with pytest.raises(UsageError, match="No space left"):
            sealed(tmp_path, keys)
    assert len(verify_evidence(tmp_path, keys).bundles) == 1
    sealed(tmp_path, keys)
    assert len(verify_evidence(tmp_path, keys).bundles) == 2
    assert not list(tmp_path.glob("*.part"))
