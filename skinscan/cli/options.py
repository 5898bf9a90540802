"""Options that several commands share, and the checks of what they name."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal, cast

import typer

from skinscan.errors import UsageError

__all__ = [
    "CHECK_NOT_MET",
    "AreaOption",
    "DeviceOption",
    "EncodingOption",
    "FaceOption",
    "FormatOption",
    "JsonOption",
    "LangOption",
    "PdfOption",
    "QuietOption",
    "ReportOption",
    "SkipBadOption",
    "as_options",
    "check_folder",
    "check_photos",
    "check_target",
    "face_choice",
    "rectangle",
]  # fmt: skip

CHECK_NOT_MET = 1

# What the library's advice names as arguments -> how the command line spells it.
_SPELLED = {
    "face='largest'": "--face largest",
    "face=": "--face ",
    "purchased=SKU": "--purchased SKU",
    "white=": "--white ",
    "advertised=True": "--advertised",
    "skip_bad=True": "--skip-bad",
    "say kind='pairs'": "add --kind pairs",
    "say kind='claims'": "add --kind claims",
    "say evidence=FOLDER": "add --evidence FOLDER",
    "say rotate=True": "add --rotate",
    "rotate=True": "--rotate",
    "overwrite=True": "--overwrite",
    "say encoding=NAME": "give --encoding NAME",
    "the folder of keys": "--keys FOLDER",
    "photos=FOLDER": "--photos FOLDER",
    "out=FOLDER": "--out FOLDER",
}

DeviceOption = Annotated[
    Literal["auto", "cpu", "cuda", "tensorrt"],
    typer.Option(help="With cuda or tensorrt it runs there, or the command fails."),
]
FaceOption = Annotated[
    str, typer.Option(metavar="only|largest|N", help="Which face, if several; N counts from 0 by size.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object, errors included.")]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but JSON and errors.")]
LangOption = Annotated[
    Literal["zh", "en"] | None,
    typer.Option(help="Language.  [default: that of the locale; of reports Chinese]"),
]
FormatOption = Annotated[
    Literal["auto", "skinscan", "swatches", "names", "lipsticks"],
    typer.Option(help="Layout of the catalogue; auto goes by its columns."),
]
EncodingOption = Annotated[
    str | None,
    typer.Option(
        metavar="NAME", help="Encoding of the table, such as gb18030.  [default: found by its bytes]"
    ),
]
SkipBadOption = Annotated[bool, typer.Option("--skip-bad", help="Leave out rows that cannot be used.")]
AreaOption = Annotated[
    str | None, typer.Option(metavar="ZONES", help="Where a change is claimed, such as left_cheek,chin.")
]
ReportOption = Annotated[
    Path | None, typer.Option("--report", metavar="DIR", help="Write a report to read, as HTML, into DIR.")
]
PdfOption = Annotated[bool, typer.Option("--pdf", help="With --report: write it as PDF too.")]


def as_options(advice: str) -> str:
    """The library's advice in the words of the command line."""
    for argument, option in _SPELLED.items():
        advice = advice.replace(argument, option)
    return advice


def check_photos(photos: Sequence[str], overlay: Path | None) -> None:
    """Refuse, before any work is done, photos that cannot be read twice and a target that is one of them."""
    for photo in photos:
        if photo == "-":
            raise UsageError("several photos cannot come from standard input", "give paths of photos")
        if overlay:
            check_target(overlay, photo)


def check_folder(folder: Path | None, pdf: bool) -> None:
    """Refuse, before any work is done, a folder of reports that could not be written."""
    if folder is None:
        if pdf:
            raise UsageError("--pdf goes with --report", "name the folder with --report DIR")
        return
    found = next(place for place in (folder, *folder.absolute().parents) if place.exists())
    if not found.is_dir():
        raise UsageError(f"--report {folder} is not a folder", "give the path of a folder, new or not")
    if not os.access(found, os.W_OK):
        raise UsageError(f"--report {folder} cannot be written", "choose another folder")


def face_choice(text: str) -> Literal["only", "largest"] | int:
    """What --face says; UsageError for anything else."""
    if text == "only" or text == "largest":
        return cast(Literal["only", "largest"], text)
    if text.isascii() and text.isdigit():
        return int(text)
    raise UsageError(f"--face is only, largest or a number from 0, not {text}", "see `skinscan scan --help`")


def rectangle(text: str) -> tuple[int, int, int, int]:
    """What --white says; UsageError for anything else."""
    parts = text.split(",")
    if len(parts) != 4 or not all(part.strip().isascii() and part.strip().isdigit() for part in parts):
        raise UsageError(
            f"--white is four numbers X,Y,W,H, not {text}", "give left, top, width and height in px"
        )
    left, top, width, height = (int(part) for part in parts)
    return left, top, width, height


def check_target(path: Path, photo: str, option: str = "--overlay") -> None:
    """Refuse, before any work is done, a file that could not or should not be written."""
    problem = None
    if path.suffix.lower() != ".png":
        problem = "is not named .png"
    elif not path.parent.is_dir():
        problem = "lies in no existing folder"
    elif os.path.lexists(path) and (path.is_symlink() or not path.is_file()):
        problem = "is not an ordinary file"
    elif path.exists() and Path(photo).exists() and path.samefile(photo):
        problem = "is the photo itself"
    elif not os.access(path.parent, os.W_OK):
        problem = "lies in a folder that cannot be written"
    if problem:
        raise UsageError(f"{option} {path} {problem}", "give the path of a new .png file")
