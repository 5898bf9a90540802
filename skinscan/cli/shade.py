"""`skinscan shade`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from skinscan.cli.console import note, note_guess, print_json, print_page, write_report
from skinscan.cli.options import (
    CHECK_NOT_MET,
    DeviceOption,
    EncodingOption,
    FaceOption,
    FormatOption,
    JsonOption,
    LangOption,
    PdfOption,
    QuietOption,
    ReportOption,
    SkipBadOption,
    check_folder,
    face_choice,
)
from skinscan.errors import UsageError

__all__ = ["shade"]


def shade(
    photo: Annotated[str, typer.Argument(metavar="PHOTO", help="A face photo; - reads standard input.")],
    catalog: Annotated[Path, typer.Option(metavar="FILE", help="Catalogue: CSV, JSON or JSON Lines.")],
    category: Annotated[
        Literal["foundation", "concealer", "lipstick"] | None,
        typer.Option(help="What to match.  [default: foundation and concealer]"),
    ] = None,
    site: Annotated[
        Literal["jaw", "cheek", "neck", "forehead"], typer.Option(help="Where foundation is to fit.")
    ] = "jaw",
    top: Annotated[int, typer.Option(min=1, max=100, help="How many shades to list.")] = 10,
    purchased: Annotated[
        str | None, typer.Option(metavar="SKU", help="Judge this shade: does it suit the skin?")
    ] = None,
    advertised: Annotated[
        bool, typer.Option("--advertised", help="Judge whether --purchased has the colour that was shown.")
    ] = False,
    swatch: Annotated[
        str | None,
        typer.Option(metavar="PHOTO", help="With --advertised: a swatch of what came, beside a colour card."),
    ] = None,
    known: Annotated[
        str | None, typer.Option(metavar="SKU", help="A foundation the customer wears in: narrows the error.")
    ] = None,
    format: FormatOption = "auto",
    encoding: EncodingOption = None,
    skip_bad: SkipBadOption = False,
    face: FaceOption = "only",
    as_json: JsonOption = False,
    device: DeviceOption = "auto",
    report: ReportOption = None,
    pdf: PdfOption = False,
    lang: LangOption = None,
    quiet: QuietOption = False,
    check: Annotated[bool, typer.Option("--check", help="Exit 1 unless the verdict is match.")] = False,
) -> None:
    """Find the shades that fit a face, or judge one that was bought."""
    choice = face_choice(face)
    check_folder(report, pdf)
    from skinscan.measure.photo import open_photo
    from skinscan.scanner import Scanner
    from skinscan.shades import load_catalog, match_shades
    from skinscan.shades.swatch_photo import measure_swatch, shown_color

    shades = load_catalog(catalog, format=format, skip_bad=skip_bad, encoding=encoding)
    if not quiet:
        note_guess(shades.name, shades.guessed_encoding)
    if shades.problems and not quiet:
        note(f"{len({p.row for p in shades.problems})} rows of {shades.name} left out")
    for sku in (purchased, known):
        if sku is not None:
            shades.find(sku)  # before any work is done
    if swatch is not None and not (advertised and purchased):
        raise UsageError("--swatch shows what came", "ask with --purchased SKU --advertised about it")
    received = None if swatch is None else measure_swatch(open_photo(swatch))
    shown = (
        shown_color(shades.shades[shades.find(purchased)], catalog.parent)
        if advertised and purchased
        else None
    )
    scan = Scanner(device).scan(sys.stdin.buffer if photo == "-" else photo, face=choice)
    found = match_shades(
        scan, shades, category=category, site=site, top=top, purchased=purchased, advertised=advertised,
        received=received, shown=shown, known=known,
    )  # fmt: skip
    if report:
        from skinscan.output.report import report_shade
        from skinscan.output.report.replay import shade_command

        command = shade_command(
            found, category=category, top=top, swatch=swatch, format=format, encoding=encoding,
            skip_bad=skip_bad, face=face,
        )  # fmt: skip
        write_report([report_shade(found, lang or "zh", replay=command)], report, pdf=pdf, quiet=quiet)
    if as_json:
        from skinscan.output.records.shade import shade_to_dict

        print_json(shade_to_dict(found))
    elif not quiet:
        from skinscan.output.terminal.layout import locale_language, shape
        from skinscan.output.terminal.shade import summarise_shades

        language = lang or locale_language()
        print_page(summarise_shades(found, language, *shape(sys.stdout)))
    if check and not (found.claim and found.claim.verdict == "match"):
        raise typer.Exit(CHECK_NOT_MET)
