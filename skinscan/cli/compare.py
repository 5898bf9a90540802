"""`skinscan compare`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from skinscan.cli.console import note, print_json, print_page, refuse_comparison, write_report
from skinscan.cli.options import (
    CHECK_NOT_MET,
    AreaOption,
    DeviceOption,
    JsonOption,
    LangOption,
    PdfOption,
    QuietOption,
    ReportOption,
    check_folder,
    check_photos,
)
from skinscan.errors import UsageError

__all__ = ["compare"]


def compare(
    before: Annotated[
        list[str],
        typer.Argument(
            metavar="BEFORE AFTER", help="Two photos of one face, or one picture with both in it."
        ),
    ],
    more_before: Annotated[
        list[str] | None, typer.Option("--before", metavar="PHOTO", help="One more photo before; may repeat.")
    ] = None,
    more_after: Annotated[
        list[str] | None, typer.Option("--after", metavar="PHOTO", help="One more photo after; may repeat.")
    ] = None,
    swap: Annotated[
        bool,
        typer.Option("--swap", help="Of one picture with both, the left or upper part is the after-photo."),
    ] = False,
    area: AreaOption = None,
    as_json: JsonOption = False,
    device: DeviceOption = "auto",
    overlay: Annotated[
        Path | None, typer.Option(metavar="PNG", help="Draw both photos aligned and the change between them.")
    ] = None,
    report: ReportOption = None,
    pdf: PdfOption = False,
    lang: LangOption = None,
    quiet: QuietOption = False,
    check: Annotated[bool, typer.Option("--check", help="Exit 1 unless the verdict is no_change.")] = False,
) -> None:
    """Judge whether skin changed between two photos, and whether these photos could have shown it."""
    more = [*(more_before or []), *(more_after or [])]
    _check_sides(before, more, swap=swap)
    check_folder(report, pdf)
    check_photos([*before, *more], overlay)
    from skinscan.output.records.change import compare_to_dict
    from skinscan.output.terminal.layout import locale_language, shape
    from skinscan.scanner import Scanner

    scanner = Scanner(device)
    if len(before) == 1:
        result = scanner.compare_collage(before[0], area=area, after_first=swap)
    else:
        sides = [before[0], *(more_before or [])], [before[1], *(more_after or [])]
        result = scanner.compare(*sides, area=area)
    language = lang or locale_language()
    if overlay and result.status == "ok":
        from skinscan.output.pictures.change import save_change_overlay

        save_change_overlay(result, overlay, language)
        if not quiet:
            note(f"overlay written to {overlay}")
    if report:
        from skinscan.output.report import report_change

        write_report([report_change(result, lang or "zh")], report, pdf=pdf, quiet=quiet)
    if as_json:
        print_json(compare_to_dict(result))
    elif not quiet:
        from skinscan.output.terminal.change import summarise_change

        print_page(summarise_change(result, language, *shape(sys.stdout)))
    if result.status == "refused":
        refuse_comparison(result.findings[0])
    if check and result.verdict != "no_change":
        raise typer.Exit(CHECK_NOT_MET)


def _check_sides(photos: list[str], more: list[str], *, swap: bool) -> None:
    """Refuse what is neither two photos nor one picture with both in it."""
    if len(photos) > 2 or (len(photos) == 1 and more):
        raise UsageError("compare takes two photos, BEFORE and AFTER", "add more with --before and --after")
    if swap and len(photos) == 2:
        raise UsageError(
            "--swap is for one picture with both in it", "give the two photos the other way round"
        )
