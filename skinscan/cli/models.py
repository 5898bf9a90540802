"""`skinscan models`: list, verify, fetch."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from skinscan.cli.console import print_data, print_page
from skinscan.cli.options import QuietOption
from skinscan.errors import ModelError

__all__ = ["fetch_models", "list_models", "verify_models"]


def list_models() -> None:
    """Show each model file, whether it is intact and where it was found."""
    _print_models()


def verify_models() -> None:
    """Check every model file against its SHA-256; exit 5 if one is missing or altered."""
    wrong = _print_models()
    if wrong:
        advice = "reinstall skinscan, or `skinscan models fetch` for the face landmarker"
        raise ModelError(f"missing or altered: {', '.join(wrong)}", advice)


def fetch_models(
    name: Annotated[str, typer.Argument(help="The face landmarker is the only file not shipped.")] = (
        "face_landmarker"
    ),
    quiet: QuietOption = False,
) -> None:
    """Download a model file into the user's cache."""
    from skinscan.runtime import model_files

    model = model_files.fetch(name)
    if not quiet:
        print_data(str(model.path))


def _print_models() -> list[str]:
    """Print the table of models; return the names of those that are not intact."""
    from skinscan.output.terminal.layout import shape
    from skinscan.output.terminal.tables import tabulate_models
    from skinscan.runtime import model_files

    rows = model_files.list_models()
    print_page(tabulate_models(rows, *shape(sys.stdout)))
    return [row.entry.name for row in rows if row.status != "ok"]
