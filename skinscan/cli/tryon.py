"""`skinscan tryon`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from skinscan.cli.console import note, note_guess, print_json
from skinscan.cli.options import (
    DeviceOption,
    EncodingOption,
    FaceOption,
    FormatOption,
    JsonOption,
    QuietOption,
    SkipBadOption,
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
    out: Annotated[Path, typer.Option("--out", "-o", metavar="PNG", help="The picture to write.")],
    photo_only: Annotated[
        bool, typer.Option("--photo-only", help="With one --sku: the whole painted photo, nothing beside it.")
    ] = False,
    format: FormatOption = "auto",
    encoding: EncodingOption = None,
    skip_bad: SkipBadOption = False,
    face: FaceOption = "only",
    as_json: JsonOption = False,
    device: DeviceOption = "auto",
    quiet: QuietOption = False,
) -> None:
    """Show shades of a catalogue on the face, beside the bare face."""
    choice = face_choice(face)
    check_target(out, photo, "--out")
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
    save_png(worn[0].pixels if photo_only else draw_sheet(scan, worn), out)
    if as_json:
        from skinscan.output.records.tryon import tryon_to_dict

        print_json(tryon_to_dict(*worn))
    elif not quiet:
        note(f"picture written to {out}")
