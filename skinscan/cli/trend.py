"""`skinscan trend`."""

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

__all__ = ["trend"]


def trend(
    photos: Annotated[
        list[str],
        typer.Argument(metavar="DAY0 DAY3 DAY14...", help="Photos of one face, the first date first."),
    ],
    dates: Annotated[
        str | None,
        typer.Option(
            metavar="DATES",
            help="2026-03-01,2026-03-04,...: one a photo; equal ones are one date. [default: EXIF]",
        ),
    ] = None,
    area: AreaOption = None,
    as_json: JsonOption = False,
    device: DeviceOption = "auto",
    overlay: Annotated[
        Path | None,
        typer.Option(metavar="PNG", help="Draw all photos aligned, the changes and their course."),
    ] = None,
    report: ReportOption = None,
    pdf: PdfOption = False,
    lang: LangOption = None,
    quiet: QuietOption = False,
    check: Annotated[
        bool, typer.Option("--check", help="Exit 1 unless the skin is back or never changed.")
    ] = False,
) -> None:
    """Follow a face over several dates: did the change go back, and could these photos have shown it?"""
    if len(photos) < 2:
        raise UsageError("trend takes photos of two dates or more", "give the first date first")
    check_folder(report, pdf)
    check_photos(photos, overlay)
    groups, taken_at = _grouped(photos, dates)
    from skinscan.output.records.trend import trend_to_dict
    from skinscan.output.terminal.layout import locale_language, shape
    from skinscan.scanner import Scanner

    result = Scanner(device).trend(groups, area=area, taken_at=taken_at)
    language = lang or locale_language()
    if overlay and result.status == "ok":
        from skinscan.output.pictures.trend import save_trend_overlay

        save_trend_overlay(result, overlay, language)
        if not quiet:
            note(f"overlay written to {overlay}")
    if report:
        from skinscan.output.report import report_trend

        write_report([report_trend(result, lang or "zh")], report, pdf=pdf, quiet=quiet)
    if as_json:
        print_json(trend_to_dict(result))
    elif not quiet:
        from skinscan.output.terminal.trend import summarise_trend

        print_page(summarise_trend(result, language, *shape(sys.stdout)))
    if result.status == "refused":
        refuse_comparison(next(finding for point in result.points for finding in point.findings))
    if check and result.recovery not in ("returned", "no_change"):
        raise typer.Exit(CHECK_NOT_MET)


def _grouped(photos: list[str], dates: str | None) -> tuple[list[list[str]], list[str] | None]:
    """Photos by date, and the dates; without dates every photo is a date of its own."""
    if dates is None:
        return [[photo] for photo in photos], None
    given = [date.strip() for date in dates.split(",")]
    if len(given) != len(photos):
        raise UsageError(f"{len(given)} dates for {len(photos)} photos", "give one date a photo, with commas")
    groups: dict[str, list[str]] = {}
    for photo, date in zip(photos, given, strict=True):
        groups.setdefault(date, []).append(photo)
    return list(groups.values()), list(groups)
