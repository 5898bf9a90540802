"""`skinscan card` and `skinscan guide`: what is handed to people before they take a photo."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from skinscan.cli.console import note, print_data, print_json
from skinscan.cli.options import JsonOption, QuietOption
from skinscan.errors import UsageError

__all__ = ["guide", "make_card", "propose_patches", "register_card"]


def make_card(
    out: Annotated[Path, typer.Option(metavar="FILE", help="Where to write it: .pdf, .svg or .png.")],
    paper: Annotated[Literal["A4", "A5", "A6"], typer.Option(help="Size of the sheet.")] = "A5",
    patches: Annotated[
        Path | None,
        typer.Option(
            metavar="CSV", help="Draw the card for the parcel instead, with the colours of this table."
        ),
    ] = None,
    quiet: QuietOption = False,
) -> None:
    """Draw the white reference to print, or the card for the parcel."""
    from skinscan.cards.print_run import load_run
    from skinscan.output.pictures.card import draw_parcel_card, draw_sheet, save_card

    drawing = draw_sheet(paper) if patches is None else draw_parcel_card(load_run(patches, measured=False))
    save_card(drawing, out)
    if not quiet:
        note(f"{out} written: print it at true size, 100 %")


def propose_patches(
    run: Annotated[int, typer.Argument(metavar="RUN", help="Number of the print run, 10 to 249.")],
) -> None:
    """Print the table of colours around skin that is proposed for a print run."""
    from skinscan.cards.layout import FIRST_RUN, LAST_RUN
    from skinscan.cards.print_run import design_table

    if not FIRST_RUN <= run <= LAST_RUN:
        raise UsageError(f"print runs have numbers {FIRST_RUN} to {LAST_RUN}", "choose one of them")
    print_data(design_table(run).rstrip())


def register_card(
    table: Annotated[Path, typer.Argument(metavar="CSV", help="Colours measured on the print run.")],
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Keep the measured colours of a print run where scans find them."""
    from skinscan.cards.print_run import load_run, register_run

    run = load_run(table, measured=True)
    kept = register_run(run)
    if as_json:
        print_json({"run": run.run, "sha256": run.digest, "file": str(kept)})
    elif not quiet:
        note(f"print run {run.run} registered in {kept}")


def guide(
    out: Annotated[Path, typer.Option(metavar="HTML", help="Where to write the page.")],
    lang: Annotated[Literal["zh", "en"], typer.Option(help="Language it opens in.")] = "zh",
    quiet: QuietOption = False,
) -> None:
    """Write the photo guide for consumers: one page, in Chinese and English."""
    from skinscan.output.report.guide import save_guide

    save_guide(out, lang)
    if not quiet:
        note(f"{out} written")
