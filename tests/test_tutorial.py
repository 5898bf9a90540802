"""The tutorial: each command of it runs as written, in a folder of its own beside the samples."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from skinscan.cli import run
from tests.paths import ROOT

TUTORIAL = ROOT / "docs" / "tutorial.md"
COMMANDS = [
    line
    for block in re.findall(
        r"^```\n(.*?)^```", TUTORIAL.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )
    for line in block.splitlines()
    if line.startswith("skinscan ")
]


def test_the_tutorial_runs_as_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "samples").symlink_to(ROOT / "samples")
    (tmp_path / "out").mkdir()
    monkeypatch.chdir(tmp_path)
    said = []
    for line in COMMANDS:
        code = run(shlex.split(line)[1:])
        said.append(capsys.readouterr().out)
        assert code == 0, line
    assert len(COMMANDS) == 5
    assert "left cheek" in said[0]
    assert "redness increased (left cheek)" in said[1]
    assert "redness increased" not in said[2]
    written = {path.name for path in (tmp_path / "out").iterdir()}
    assert written >= {"map.png", "change.png", "consumer.html", "arbitration.html"}
