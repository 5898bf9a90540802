"""`skinscan bench`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from skinscan.cli.console import print_json, print_page
from skinscan.cli.options import DeviceOption, JsonOption, QuietOption

__all__ = ["bench"]


def bench(
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME",
            help="change, claims, faces, fairness, growth, models, peak, physics, real, repeat, sensitivity,"
            " shade, shared, shine, signals, speed, validity or a folder with labels.csv.",
        ),
    ],
    photos: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="Photos that faces, growth, peak, real, repeat, shared and speed read."
        ),
    ] = None,
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="Save NAME.json there.")] = None,
    device: DeviceOption = "auto",
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Run a benchmark and print its table."""
    from skinscan.bench.run import run

    result = run(name, photos, out, device)
    if as_json:
        print_json(result)
    elif not quiet:
        from skinscan.output.terminal.layout import shape
        from skinscan.output.terminal.tables import tabulate_bench

        print_page(tabulate_bench(result, *shape(sys.stdout)))
