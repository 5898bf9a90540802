"""`skinscan catalog check`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from skinscan.cli.console import note_guess, print_json, print_page
from skinscan.cli.options import EncodingOption, FormatOption, JsonOption, LangOption, QuietOption
from skinscan.errors import DataError

__all__ = ["check_catalog"]


def check_catalog(
    catalog: Annotated[Path, typer.Argument(metavar="FILE", help="Catalogue: CSV, JSON or JSON Lines.")],
    format: FormatOption = "auto",
    encoding: EncodingOption = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
    quiet: QuietOption = False,
) -> None:
    """Read a catalogue and list every row that cannot be used; exit 7 if there is one."""
    from skinscan.shades import load_catalog

    found = load_catalog(catalog, format=format, skip_bad=True, encoding=encoding)
    if not quiet:
        note_guess(found.name, found.guessed_encoding)
    if as_json:
        from skinscan.output.records.shade import catalog_to_dict

        print_json(catalog_to_dict(found))
    elif not quiet:
        from skinscan.output.terminal.layout import locale_language, shape
        from skinscan.output.terminal.shade import summarise_catalog

        language = lang or locale_language()
        print_page(summarise_catalog(found, language, *shape(sys.stdout)))
    if found.problems:
        raise typer.Exit(DataError.exit_code)
