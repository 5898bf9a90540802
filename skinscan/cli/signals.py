"""`skinscan signals`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from skinscan.cli.console import print_json, print_page, write_report
from skinscan.cli.options import CHECK_NOT_MET, EncodingOption, JsonOption, LangOption, QuietOption

__all__ = ["signals"]


def signals(
    verdicts: Annotated[
        Path,
        typer.Argument(metavar="FILE.jsonl", help="Verdicts, one a line: rows of `skinscan batch`."),
    ],
    orders: Annotated[
        Path | None,
        typer.Option(
            metavar="CSV", help="All sales: order, sku, sold_at, and if known batch, brand, streamer."
        ),
    ] = None,
    encoding: EncodingOption = None,
    as_json: JsonOption = False,
    report: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Write the page signals.html there.")
    ] = None,
    lang: LangOption = None,
    quiet: QuietOption = False,
    check: Annotated[bool, typer.Option("--check", help="Exit 1 if there is something to act on.")] = False,
) -> None:
    """Early warning: which product, batch, brand, streamer or ingredient leads to more reactions than
    others?"""
    from skinscan.output.terminal.layout import locale_language, shape
    from skinscan.signals.find_signals import find_signals
    from skinscan.signals.read import read_orders, read_verdicts

    reports, skipped = read_verdicts(verdicts)
    sold = None if orders is None else read_orders(orders, encoding)
    found = find_signals(reports, sold, skipped=skipped)
    language = lang or locale_language()
    if report:
        from skinscan.output.report.signals import report_signals

        write_report([report_signals(found, language)], report, pdf=False, quiet=quiet)
    if as_json:
        from skinscan.output.records.signals import signals_to_dict

        print_json(signals_to_dict(found))
    elif not quiet:
        from skinscan.output.terminal.signals import summarise_signals

        print_page(summarise_signals(found, language, *shape(sys.stdout)))
    if check and found.flagged:
        raise typer.Exit(CHECK_NOT_MET)
