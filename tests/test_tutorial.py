"""Tutorial and README: each command runs as written, in a folder of its own beside the samples."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from skinscan.cli import run
from tests.paths import ROOT


def commands(document: str) -> list[str]:
    """Lines that call skinscan, in the order of the page; those with an output (`$`) run for it anyway."""
    text = (ROOT / document).read_text(encoding="utf-8")
    blocks = re.findall(r"^```.*?\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]
    return [line for line in lines if line.startswith("skinscan ")]


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What a clone has at its top, and where outputs may be written."""
    for name in ("samples", "skinscan"):
        (tmp_path / name).symlink_to(ROOT / name)
    (tmp_path / "out").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_tutorial_runs_as_written(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines, said = commands("docs/tutorial.md"), []
    for line in lines:
        code = run(shlex.split(line)[1:])
        said.append(capsys.readouterr().out)
        assert code == 0, line
    assert len(lines) == 5
    assert "left cheek" in said[0]
    assert "redness increased (left cheek)" in said[1]
    assert "redness increased" not in said[2]
    written = {path.name for path in (checkout / "out").iterdir()}
    assert written >= {"map.png", "change.png", "consumer.html", "arbitration.html"}


def test_every_command_of_the_readme_runs_as_written(
    checkout: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """But for `bench` and `models`, which have tests of their own."""
    lines = [line for line in commands("README.md") if line.split()[1] not in ("bench", "models")]
    for line in lines:
        words = shlex.split(line, comments=True)[1:]
        if "<" in words:
            with Path(words[words.index("<") + 1]).open("rb") as photo, monkeypatch.context() as patched:
                patched.setattr("sys.stdin", type("Stdin", (), {"buffer": photo}))
                code = run(words[: words.index("<")])
        else:
            code = run(words)
        assert code == 0, (line, capsys.readouterr().err)
    assert len(lines) >= 15
    written = {path.name for path in (checkout / "out").iterdir()}
    assert written >= {
        "scan.html",
        "map.png",
        "change.png",
        "shade.png",
        "consumer.html",
        "verdicts.jsonl",
        "sheet.pdf",
    }


def test_the_chinese_readme_shows_the_same_commands_and_pictures() -> None:
    both = [(ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "README.zh.md")]
    pictures = [set(re.findall(r"\((docs/images/[\w.]+)\)", text)) for text in both]
    assert pictures[0] == pictures[1]
    assert len(pictures[0]) == 3
    sections = [len(re.findall(r"^## ", text, re.MULTILINE)) for text in both]
    assert sections[0] == sections[1]
    english, chinese = (
        {line.split()[1] for line in commands(name)} for name in ("README.md", "README.zh.md")
    )
    assert english == chinese
