"""A print run of the parcel card: the colours that were measured on it, kept where scans find them.

A table has the columns run, patch, L, a and b: CIELAB, D65, 2 degrees, of the twelve patches and of the bare
paper, if measured also of the solid black. Runs that are registered lie as JSON, one a file, in the folder of
SKINSCAN_CARD_RUNS, else in the user's data folder.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from hashlib import sha256
from importlib import resources
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from skinscan.cards.layout import FIRST_RUN, LAST_RUN, PATCHES
from skinscan.errors import DataError
from skinscan.files import private_folder, read_bounded, replacing
from skinscan.tables import decimal, decode, read_table

__all__ = ["PrintRun", "design_colors", "design_table", "find_run", "load_run", "register_run"]

FOLDER_VARIABLE = "SKINSCAN_CARD_RUNS"
_SCHEMA = "skinscan.card_run/1"
_COLUMNS = ("run", "patch", "l", "a", "b")
_NAMES = (*map(str, range(1, PATCHES + 1)), "paper", "black")
_MOST_BYTES = 1 << 16
_LEAST_PAPER = 75.0  # L*: darker is no white paper

Lab = tuple[
    Annotated[float, Field(ge=0, le=100)],
    Annotated[float, Field(ge=-128, le=128)],
    Annotated[float, Field(ge=-128, le=128)],
]


class PrintRun(BaseModel):
    """Colours of one print run, CIELAB, D65, 2 degrees."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    run: Annotated[int, Field(ge=FIRST_RUN, le=LAST_RUN)]
    patches: Annotated[tuple[Lab, ...], Field(min_length=PATCHES, max_length=PATCHES)]
    paper: Lab | None = None  # the bare paper; None before it is measured
    black: Lab | None = None  # the solid black

    @property
    def digest(self) -> str:
        """SHA-256 of the colours, for the record of a scan."""
        return sha256(json.dumps(self.model_dump(), sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class _Rows:
    run: int
    colors: dict[str, Lab]


def design_colors() -> tuple[Lab, ...]:
    """L*a*b* of the patches that skinscan proposes to print: around skin of every tone."""
    rows = (resources.files("skinscan.cards") / "data" / "parcel_patches.csv").read_text().split()[1:]
    colors = [[float(cell) for cell in row.split(",")[1:]] for row in rows]
    return tuple((lightness, a, b) for lightness, a, b in colors)


def design_table(run: int) -> str:
    """The proposed colours as the table that `load_run` reads."""
    rows = [f"{run},{number},{L:g},{a:g},{b:g}" for number, (L, a, b) in enumerate(design_colors(), start=1)]
    return "\n".join(["run,patch,L,a,b", *rows]) + "\n"


def load_run(path: Path, *, measured: bool) -> PrintRun:
    """Read the table of a print run.

    `measured`: the paper's colour must be there, as on a card that was printed and measured. Raises DataError
    for a file that cannot be read or says something impossible.
    """
    try:
        data = read_bounded(path, _MOST_BYTES)
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}", "give the path of a CSV file") from error
    rows = _rows(path, data)
    missing = [name for name in _NAMES[:PATCHES] if name not in rows.colors]
    if measured and "paper" not in rows.colors:
        missing.append("paper")
    if missing:
        raise DataError(
            f"{path}: no row for patch {', '.join(missing)}", "one row a patch, see docs/sheet.md"
        )
    try:
        found = PrintRun(
            run=rows.run, patches=tuple(rows.colors[name] for name in _NAMES[:PATCHES]),
            paper=rows.colors.get("paper"), black=rows.colors.get("black"),
        )  # fmt: skip
    except ValidationError as error:
        where = ".".join(str(part) for part in error.errors()[0]["loc"])
        raise DataError(
            f"{path}: {where}: {error.errors()[0]['msg']}",
            f"runs are {FIRST_RUN} to {LAST_RUN}, colours CIELAB under D65",
        ) from error
    if found.paper is not None and found.paper[0] < _LEAST_PAPER:
        raise DataError(f"{path}: paper has L* {found.paper[0]:g}", "measure the bare white of the card")
    return found


def register_run(run: PrintRun) -> Path:
    """Keep the run where scans find it; an earlier one of its number is replaced. Returns the file.

    Raises DataError where the folder cannot be written.
    """
    path = _file(run.run)
    try:
        private_folder(path.parent)
        with replacing(path) as part:
            part.write_text(json.dumps({"schema": _SCHEMA, **run.model_dump()}, indent=1) + "\n")
    except OSError as error:
        raise DataError(
            f"{path} cannot be written: {error.strerror}", f"name a folder in {FOLDER_VARIABLE}"
        ) from error
    return path


def find_run(number: int) -> PrintRun | None:
    """The run that was registered; None if none was. Raises DataError if its file is damaged."""
    path = _file(number)
    try:
        kept = json.loads(path.read_text())
        if kept.pop("schema") != _SCHEMA:
            raise ValueError
        return PrintRun.model_validate(kept)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, AttributeError) as error:
        raise DataError(
            f"{path} is damaged", "register the print run again: `skinscan card register`"
        ) from error


def _file(number: int) -> Path:
    data = os.environ.get("XDG_DATA_HOME")
    home = Path(data) if data else Path.home() / ".local" / "share"
    folder = os.environ.get(FOLDER_VARIABLE)
    return (Path(folder) if folder else home / "skinscan" / "card-runs") / f"run-{number}.json"


def _rows(path: Path, data: bytes) -> _Rows:
    advice = "a CSV with the columns run, patch, L, a, b, see docs/sheet.md"
    if len(data) > _MOST_BYTES:
        raise DataError(f"{path} is longer than a print run can be", advice)
    try:
        table = read_table(decode(data, str(path)).text)
        heads = {head.casefold(): head for head in table.heads}
        lacking = [name for name in _COLUMNS if name not in heads]
        if lacking:
            raise ValueError(f"no column {', '.join(lacking)}")
        runs, colors = set(), {}
        for line, cells in table.rows:
            if isinstance(cells, ValueError):
                raise ValueError(f"line {line}: {cells}")
            run, name, *lab = (cells[heads[column]] for column in _COLUMNS)
            if name.casefold() not in _NAMES or name.casefold() in colors:
                raise ValueError(f"line {line}: patch {name!r} is unknown or twice there")
            runs.add(int(run))
            lightness, a, b = (float(decimal(value)) for value in lab)
            colors[name.casefold()] = (lightness, a, b)
        if len(runs) != 1:
            raise ValueError("one file has one run")
    except ValueError as error:
        raise DataError(f"{path}: {error}", advice) from error
    return _Rows(runs.pop(), colors)
