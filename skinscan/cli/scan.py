"""`skinscan scan`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from skinscan.cli.console import note, print_json, print_page, write_report
from skinscan.cli.options import (
    CHECK_NOT_MET,
    DeviceOption,
    FaceOption,
    JsonOption,
    LangOption,
    PdfOption,
    QuietOption,
    ReportOption,
    check_folder,
    check_target,
    face_choice,
    rectangle,
)
from skinscan.measure.reportable import given
from skinscan.output.records.scan import scan_to_dict

__all__ = ["scan"]


def scan(
    photo: Annotated[str, typer.Argument(metavar="PHOTO", help="A face photo; - reads standard input.")],
    as_json: JsonOption = False,
    face: FaceOption = "only",
    device: DeviceOption = "auto",
    overlay: Annotated[
        Path | None, typer.Option(metavar="PNG", help="Draw zones, spots, erythema and shine on the face.")
    ] = None,
    report: ReportOption = None,
    pdf: PdfOption = False,
    ss10: Annotated[
        str | None,
        typer.Option(
            metavar="N,N,...",
            help="Answers to the Sensitive Scale-10: ten numbers 0-10 in the order irritability, tingling,"
            " burning, heat, tautness, itching, pain, discomfort, flushes, redness.",
        ),
    ] = None,
    white: Annotated[
        str | None,
        typer.Option(
            metavar="X,Y,W,H",
            help="White paper in the photo, px from its top left: the white of colour only.",
        ),
    ] = None,
    lang: LangOption = None,
    quiet: QuietOption = False,
    check: Annotated[
        bool, typer.Option("--check", help="Exit 1 unless every metric could be given.")
    ] = False,
) -> None:
    """Measure the skin in one photo."""
    choice = face_choice(face)
    paper = None if white is None else rectangle(white)
    if overlay:
        check_target(overlay, photo)
    check_folder(report, pdf)
    from skinscan.scanner import Scanner
    from skinscan.sensitive_scale import read_answers

    answers = None if ss10 is None else read_answers(ss10)
    result = Scanner(device).scan(
        sys.stdin.buffer if photo == "-" else photo, face=choice, ss10=answers, white=paper
    )
    if overlay:
        from skinscan.output.pictures.scan import save_overlay

        save_overlay(result, overlay)
        if not quiet:
            note(f"overlay written to {overlay}")
    if report:
        from skinscan.output.report import report_scan

        write_report([report_scan(result, lang or "zh")], report, pdf=pdf, quiet=quiet)
    if as_json:
        print_json(scan_to_dict(result))
    elif not quiet:
        from skinscan.output.terminal.layout import locale_language, shape
        from skinscan.output.terminal.scan import summarise

        print_page(summarise(result, lang or locale_language(), *shape(sys.stdout)))
    if check and not all(given(result).values()):
        raise typer.Exit(CHECK_NOT_MET)
