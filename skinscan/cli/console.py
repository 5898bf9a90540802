"""What a command writes: data on stdout, messages on stderr."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import typer

from skinscan.errors import UsageError
from skinscan.output.records.common import to_json
from skinscan.texts.visible_text import visible_lines

if TYPE_CHECKING:
    from skinscan.change.types import Finding
    from skinscan.output.report import Page

__all__ = [
    "complain",
    "note",
    "note_guess",
    "print_data",
    "print_json",
    "print_json_text",
    "print_page",
    "refuse_comparison",
    "stdout_lost",
    "write_report",
]

_NOT_COMPARABLE, _READER_GONE = 4, 141
_OBEYED = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")
"""Controls and direction marks that JSON need not escape and terminals act on."""


def note(text: str) -> None:
    """A message on stderr."""
    print(visible_lines(text), file=sys.stderr, flush=True)  # noqa: T201


def print_data(text: str) -> None:
    """Plain lines on stdout."""
    _print(visible_lines(text))


def print_page(page: str) -> None:
    """Print on stdout what `skinscan.output.terminal` has laid out, colours included."""
    _print(page)


def print_json(result: dict[str, Any]) -> None:
    """One JSON object on stdout."""
    print_json_text(to_json(result))


def print_json_text(text: str) -> None:
    """JSON on stdout, as UTF-8 whatever the locale. What a terminal would obey stands as its \\u escape."""
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(encoding="utf-8")
    _print(_OBEYED.sub(lambda found: f"\\u{ord(found[0]):04x}", text))


def _print(text: str) -> None:
    """Write to stdout. A reader that has gone, such as `head`, ends the command without a word."""
    try:
        print(text, flush=True)  # noqa: T201
    except OSError as error:
        lost = stdout_lost(error)
        if isinstance(error, BrokenPipeError):
            raise typer.Exit(_READER_GONE) from None
        raise lost from error


def stdout_lost(error: OSError) -> UsageError:
    """What to raise when stdout cannot be written; what is still waiting for it is dropped."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # for the flush at exit
    return UsageError(f"stdout cannot be written: {error.strerror}", "write elsewhere")


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
