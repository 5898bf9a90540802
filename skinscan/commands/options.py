"""Options that several commands share, and the checks of what they name."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Literal, cast

import typer

from skinscan.errors import UsageError

__all__ = [
    "CHECK_NOT_MET", "DeviceOption", "FormatOption", "JsonOption", "LangOption", "QuietOption",
    "SkipBadOption", "check_target", "face_choice",
]  # fmt: skip

CHECK_NOT_MET = 1

DeviceOption = Annotated[
    Literal["auto", "cpu", "cuda"],
    typer.Option(help="cuda is a promise: it runs there or the command fails."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object, errors included.")]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but JSON and errors.")]
LangOption = Annotated[
    Literal["zh", "en"] | None, typer.Option(help="Language of the summary.  [default: that of the locale]")
]
FormatOption = Annotated[
    Literal["auto", "skinscan", "swatches", "names", "lipsticks"],
    typer.Option(help="Layout of the catalogue; auto goes by its columns."),
]
SkipBadOption = Annotated[bool, typer.Option("--skip-bad", help="Leave out rows that cannot be used.")]


def check_target(path: Path, photo: str, option: str = "--overlay") -> None:
    """Refuse, before any work is done, a file that could not or should not be written."""
    problem = None
    if path.suffix.lower() != ".png":
        problem = "is not named .png"
    elif not path.parent.is_dir():
        problem = "lies in no existing folder"
    elif path.exists() and not path.is_file():
        problem = "is not an ordinary file"
    elif path.exists() and Path(photo).exists() and path.samefile(photo):
        problem = "is the photo itself"
    elif not os.access(path.parent, os.W_OK):
        problem = "lies in a folder that cannot be written"
    if problem:
        raise UsageError(f"{option} {path} {problem}", "give the path of a new .png file")


def face_choice(text: str) -> Literal["only", "largest"] | int:
    """Read --face: only, largest or a number from 0."""
    if text == "only" or text == "largest":
        return cast(Literal["only", "largest"], text)
    if text.isascii() and text.isdigit():
        return int(text)
    raise UsageError(f"--face is only, largest or a number from 0, not {text}", "see `skinscan scan --help`")
