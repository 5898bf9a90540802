"""`skinscan policy`: check."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from skinscan.cli.console import print_data, print_json
from skinscan.cli.options import JsonOption, QuietOption
from skinscan.errors import DataError

__all__ = ["check_policy_file"]


def check_policy_file(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A policy, YAML.")],
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Prove a policy: tables complete and free of overlaps, and no machine decides against a consumer.

    Exit 0 if it can be used, 7 with every faulty line if not.
    """
    from skinscan.claims import check_policy

    faults = check_policy(file)
    if as_json:
        rows = [{"line": line, "message": text} for line, text in faults]
        print_json({"schema": "skinscan.policy/1", "ok": not faults, "faults": rows})
    elif faults or not quiet:
        print_data("\n".join(f"{file}:{line}: {text}" for line, text in faults) or f"{file}: ok")
    if faults:
        raise typer.Exit(DataError.exit_code)
