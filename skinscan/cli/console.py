"""What a command writes: data on stdout, talk on stderr."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import typer

from skinscan.errors import UsageError
from skinscan.output.records.common import to_json

if TYPE_CHECKING:
    from skinscan.change.types import Finding
    from skinscan.output.report import Page

__all__ = ["complain", "note", "note_guess", "print_data", "print_json", "refuse_comparison", "write_report"]

_NOT_COMPARABLE, _READER_GONE = 4, 141


def note(text: str) -> None:
    """Talk on stderr."""
    print(text, file=sys.stderr, flush=True)  # noqa: T201


def print_data(text: str) -> None:
    """Data on stdout. A reader that has gone, such as `head`, ends the command without a word."""
    try:
        print(text, flush=True)  # noqa: T201
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # for the flush at exit
        if isinstance(error, BrokenPipeError):
            raise typer.Exit(_READER_GONE) from None
        raise UsageError(f"stdout cannot be written: {error.strerror}", "write elsewhere") from error


def print_json(result: dict[str, Any]) -> None:
    """One JSON object on stdout."""
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(encoding="utf-8")  # JSON is UTF-8 whatever the locale
    print_data(to_json(result))


def complain(message: str, advice: str) -> None:
    """What went wrong and what to do, in one line on stderr."""
    note(f"skinscan: {_sentences(message, advice)}")


def note_guess(name: str, encoding: str) -> None:
    """Say in which encoding a table was read where that was a guess, named in `encoding`."""
    if encoding:
        note(f"{name} was read as {encoding}, by its letters; if names look wrong, give its --encoding")


def refuse_comparison(finding: Finding) -> NoReturn:
    """End a command whose photos must not be compared."""
    complain(f"{finding.code}: {finding.reason.en}", finding.advice.en)
    raise typer.Exit(_NOT_COMPARABLE)


def _sentences(*texts: str) -> str:
    """Texts as sentences on one line."""
    whole = (text + "." * (text[-1] not in ".?!") for text in texts if text)
    return " ".join(text[:1].upper() + text[1:] if text.split()[0].isalpha() else text for text in whole)


def write_report(pages: Sequence[Page], folder: Path, *, pdf: bool, quiet: bool) -> None:
    """Write the pages of a report and say where they lie."""
    from skinscan.output.report import save_pages

    for path in save_pages(pages, folder, pdf=pdf):
        if not quiet:
            note(f"report written to {path}")
