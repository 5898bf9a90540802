"""Every command that writes: into nothing but ordinary files, made private."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.claims.cases import CLEAR_REACTION
from tests.conftest import Run
from tests.paths import SAMPLES
from tests.signals.test_read import verdict

NO_PHOTO = {**CLEAR_REACTION, "photos": []}
LIGHT, RED = SAMPLES / "face_light.jpg", SAMPLES / "face_red_cheek.jpg"
LIPS, BASES = SAMPLES / "catalog_lipsticks.csv", SAMPLES / "catalog_foundations.csv"
DATES = ("--dates", "2026-03-01,2026-03-04")
LIP_ONE = ("--catalog", LIPS, "--sku", "LIP-01")
COMMANDS: dict[str, tuple[list[object], str]] = {
    "scan --overlay": (["scan", LIGHT, "--overlay", "{}/a.png"], "a.png"),
    "scan --report": (["scan", LIGHT, "--report", "{}"], "scan.html"),
    "compare --overlay": (["compare", LIGHT, RED, "--overlay", "{}/a.png"], "a.png"),
    "compare --report": (["compare", LIGHT, RED, "--report", "{}"], "compare.html"),
    "trend --overlay": (["trend", LIGHT, RED, *DATES, "--overlay", "{}/a.png"], "a.png"),
    "trend --report": (["trend", LIGHT, RED, *DATES, "--report", "{}"], "trend.html"),
    "shade --report": (["shade", LIGHT, "--catalog", BASES, "--report", "{}"], "shade.html"),
    "tryon --report": (["tryon", LIGHT, *LIP_ONE, "--report", "{}"], "tryon.html"),
    "tryon --out": (["tryon", LIGHT, *LIP_ONE, "--out", "{}/a.png"], "a.png"),
    "claim --report": (["claim", "claim.json", "--report", "{}"], "consumer.html"),
    "claim --index": (["claim", "claim.json", "--index", "{}/index"], "index"),
    "signals --report": (["signals", "v.jsonl", "--report", "{}"], "signals.html"),
    "batch --out": (["batch", "list.txt", "--out", "{}/o.jsonl", "--workers", 1], "o.jsonl"),
    "guide --out": (["guide", "--out", "{}/guide.html"], "guide.html"),
    "batch --out xlsx": (["batch", "list.txt", "--out", "{}/o.xlsx", "--workers", 1], "o.xlsx"),
    "card make --out": (["card", "make", "--out", "{}/card.svg"], "card.svg"),
}
PUBLIC = {"guide --out", "card make --out"}  # to hand out: nobody is shown
LATE = {
    f"{command} --report" for command in ("scan", "compare", "trend", "shade", "tryon")
}  # refused after the photos were measured: pages have one writer
PLANTED: dict[str, Callable[[Path, Path], object]] = {
    "link": lambda at, victim: at.symlink_to(victim),
    "pipe": lambda at, _: os.mkfifo(at),
    "device": lambda at, _: at.symlink_to("/dev/null"),
}


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The inputs, a folder to write into, and somebody's file elsewhere."""
    (tmp_path / "claim.json").write_text(json.dumps(NO_PHOTO), encoding="utf-8")
    (tmp_path / "v.jsonl").write_text(json.dumps(verdict()), encoding="utf-8")
    (tmp_path / "list.txt").write_text("none.jpg\n", encoding="utf-8")
    (tmp_path / "victim").write_bytes(b"of somebody")
    (tmp_path / "out").mkdir(mode=0o700)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def words(command: str, out: Path) -> list[str]:
    return [str(word).replace("{}", str(out)) for word in COMMANDS[command][0]]


@pytest.mark.parametrize("command", COMMANDS)
def test_what_is_written_is_an_ordinary_private_file(command: str, work: Path, run: Run) -> None:
    before = os.umask(0)
    try:
        found = run(*words(command, work / "out"))
    finally:
        os.umask(before)
    assert found.code in (0, 1), found.err
    assert COMMANDS[command][1] in {path.name for path in (work / "out").iterdir()}
    if command not in PUBLIC:
        assert {path.stat().st_mode & 0o777 for path in (work / "out").iterdir()} == {0o600}


@pytest.mark.parametrize(
    ("command", "kind"),
    [(command, kind) for command in COMMANDS for kind in PLANTED if kind == "link" or command not in LATE],
)
def test_nothing_is_written_through_what_was_planted(command: str, kind: str, work: Path, run: Run) -> None:
    at = work / "out" / COMMANDS[command][1]
    PLANTED[kind](at, work / "victim")
    found = run(*words(command, work / "out"))
    assert found.code == (7 if command == "claim --index" else 2), found.err
    assert found.err.count("\n") == 1
    assert at.name in found.err
    assert (work / "victim").read_bytes() == b"of somebody"
    assert [path.name for path in (work / "out").iterdir()] == [at.name]
