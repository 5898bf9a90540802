"""`skinscan tryon`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from skinscan.cli.console import note, note_guess, print_json, write_report
from skinscan.cli.options import (
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
    check_target,
    face_choice,
)
from skinscan.errors import UsageError

__all__ = ["tryon"]

_MOST = 4


def tryon(
    photo: Annotated[str, typer.Argument(metavar="PHOTO", help="A face photo; - reads standard input.")],
    catalog: Annotated[Path, typer.Option(metavar="FILE", help="Catalogue: CSV, JSON or JSON Lines.")],
    sku: Annotated[
        list[str], typer.Option(metavar="SKU", help="Shade to try on; may repeat, as bought and recommended.")
    ],
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="PNG", help="The picture to write.")
    ] = None,
    photo_only: Annotated[
        bool, typer.Option("--photo-only", help="With one --sku: the whole painted photo, nothing beside it.")
    ] = False,
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
) -> None:
    """Show shades of a catalogue on the face, beside the bare face."""
    choice = face_choice(face)
    if out is None and report is None:
        raise UsageError("tryon needs somewhere to draw", "give -o PNG, --report DIR or both")
    if out:
        check_target(out, photo, "--out")
    check_folder(report, pdf)
    if len(sku) > _MOST or (photo_only and len(sku) > 1):
        raise UsageError(f"tryon shows at most {_MOST} shades, --photo-only one", "give fewer --sku")
    from skinscan.output.pictures.canvas import save_png
    from skinscan.output.pictures.tryon import draw_sheet
    from skinscan.scanner import Scanner
    from skinscan.shades import load_catalog
    from skinscan.tryon import try_on

    shades = load_catalog(catalog, format=format, skip_bad=skip_bad, encoding=encoding)
    if not quiet:
        note_guess(shades.name, shades.guessed_encoding)
    wanted = [shades.shades[shades.find(name)] for name in sku]
    scan = Scanner(device).scan(sys.stdin.buffer if photo == "-" else photo, face=choice)
    worn = [try_on(scan, shade) for shade in wanted]
    if out:
        save_png(worn[0].pixels if photo_only else draw_sheet(scan, worn), out)
        if not (quiet or as_json):
            note(f"picture written to {out}")
    if report:
        from skinscan.output.report import report_tryon

        write_report([report_tryon(scan, worn, catalog.name, lang or "zh")], report, pdf=pdf, quiet=quiet)
    if as_json:
        from skinscan.output.records.tryon import tryon_to_dict

        print_json(tryon_to_dict(*worn))
