"""The library speaks of arguments, the command line of options."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from skinscan import errors
from skinscan.cli.options import _SPELLED, as_options
from tests.conftest import Run
from tests.paths import ROOT, SAMPLES

LIBRARY = [
    path for path in (ROOT / "skinscan").rglob("*.py") if not path.is_relative_to(ROOT / "skinscan" / "cli")
]
FAULTS = {*errors.__all__, "need"}  # `need` raises DataError with the hint that it is given


def said_by(path: Path) -> Iterator[str]:
    """Texts inside the calls that make errors."""
    for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(call, ast.Call) and getattr(call.func, "id", None) in FAULTS:
            for node in ast.walk(call):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    yield node.value


def test_library_errors_never_speak_of_options() -> None:
    said = [text for path in LIBRARY for text in said_by(path)]
    assert len(said) > 100
    foreign = ("pip install", "ray start")  # options of other programs
    assert [text for text in said if " --" in f" {text}" and not any(word in text for word in foreign)] == []


@pytest.mark.parametrize("argument", _SPELLED)
def test_each_argument_that_is_spelled_anew_is_said_by_the_library(argument: str) -> None:
    assert any(argument in path.read_text(encoding="utf-8") for path in LIBRARY)


def test_advice_names_options_on_the_command_line(run: Run) -> None:
    done = run("scan", SAMPLES / "two_faces.jpg", "--device", "cpu")
    assert done.code == errors.SeveralFaces.exit_code
    assert "choose with --face largest or --face 0..1" in done.err
    assert as_options("take another folder, or say rotate=True") == "take another folder, or add --rotate"
    assert as_options("leave out rotate=True to make one") == "leave out --rotate to make one"
