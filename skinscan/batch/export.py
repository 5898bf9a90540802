"""Finished rows in, the file that was asked for out: JSONL as it is, tables with a fixed list of columns."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from skinscan.errors import InternalError, UsageError
from skinscan.files import insist_replaceable, replacing

if TYPE_CHECKING:  # they load numpy, which a run into JSON Lines does not need
    from skinscan.batch.columns import Column, Value
    from skinscan.batch.plan import Plan

__all__ = ["FORMATS", "check_format", "export"]

FORMATS = (".jsonl", ".csv", ".parquet", ".xlsx")
_LIBRARIES = {".parquet": ("pyarrow", "parquet"), ".xlsx": ("xlsxwriter", "xlsx")}
"""Format -> the library that writes it, and the extra that brings that."""
_MOST_ROWS = {".xlsx": 1_048_575}  # Excel's, under the head
_ROWS_AT_ONCE = 512
_FORMULA = ("=", "+", "-", "@", "\t", "\n", "＝", "＋", "－", "＠", "−")
_TYPES = {"text": str, "int": int, "float": float, "bool": bool}


def check_format(out: Path, plan: Plan) -> None:
    """Raise UsageError, before any work is done, for a file that could not be written."""
    suffix = out.suffix.lower()
    if suffix not in FORMATS:
        raise UsageError(f"{out} is not named {', '.join(FORMATS)}", "the name decides the format")
    if not out.parent.is_dir():
        raise UsageError(f"{out} lies in no existing folder", "make the folder first")
    insist_replaceable(out)
    if len(plan.paths) > _MOST_ROWS.get(suffix, len(plan.paths)):
        raise UsageError(f"Excel holds {_MOST_ROWS[suffix]:,} rows, not {len(plan.paths):,}", "write CSV")
    if suffix in _LIBRARIES:
        library, extra = _LIBRARIES[suffix]
        try:
            __import__(library)
        except ImportError as error:
            raise UsageError(f"{suffix} needs {library}", f"`pip install 'skinscan[{extra}]'`") from error


def export(rows: Path, out: Path, columns: Sequence[Column] = ()) -> None:
    """Turn the JSONL file `rows` into `out`, all or nothing; as JSONL it is moved there.

    `columns`: of a table. Raises UsageError when `out` cannot be written.
    """
    write = {".csv": _write_csv, ".parquet": _write_parquet, ".xlsx": _write_xlsx}
    try:
        if out.suffix.lower() == ".jsonl":
            insist_replaceable(out)
            rows.replace(out)
            return
        with replacing(out) as part:
            write[out.suffix.lower()](rows, part, columns)
    except OSError as error:
        raise UsageError(
            f"{out} cannot be written: {error.strerror}", "make room; the same command goes on from its rows"
        ) from error


def _write_csv(rows: Path, path: Path, columns: Sequence[Column]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:  # with the mark that Excel wants
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(column.name for column in columns)
        writer.writerows([_harmless(cell) for cell in cells] for cells in _cells(rows, columns))
        file.flush()
        os.fsync(file.fileno())


def _harmless(cell: Value) -> Value:
    """Text that a spreadsheet would run as a formula, behind an apostrophe; numbers as they are.

    Names of files and what cameras write are a stranger's words: `=HYPERLINK(...)` would go out with the
    values beside it. Full-width signs count, since spreadsheets in Chinese and Japanese take them for signs.
    A carriage return becomes a line feed: Python's writer does not quote it, and it would begin a new row.
    """
    if not isinstance(cell, str):
        return cell
    text = cell.replace("\r\n", "\n").replace("\r", "\n")
    return f"'{text}" if text.startswith(_FORMULA) else text


def _write_parquet(rows: Path, path: Path, columns: Sequence[Column]) -> None:
    import pyarrow
    from pyarrow import parquet

    types = {"text": pyarrow.string(), "int": pyarrow.int64(), "float": pyarrow.float64()}
    schema = pyarrow.schema(
        pyarrow.field(
            column.name, types.get(column.type, pyarrow.bool_()),
            metadata={"unit": column.unit, "meaning": column.meaning},
        )
        for column in columns
    )  # fmt: skip
    cells = _cells(rows, columns)
    with parquet.ParquetWriter(path, schema) as writer:
        while some := list(islice(cells, _ROWS_AT_ONCE)):
            arrays = [
                pyarrow.array(each, field.type)
                for each, field in zip(zip(*some, strict=True), schema, strict=True)
            ]
            writer.write_table(pyarrow.Table.from_arrays(arrays, schema=schema))


def _write_xlsx(rows: Path, path: Path, columns: Sequence[Column]) -> None:
    """Two sheets: the rows, and what each column is. Text stays text, also where it looks like a formula."""
    import xlsxwriter

    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(path, options) as book:
        book.set_properties({"created": datetime(2000, 1, 1)})  # the same rows give the same bytes
        bold = book.add_format({"bold": True})
        sheet = book.add_worksheet("rows")
        sheet.freeze_panes(1, 0)
        sheet.write_row(0, 0, [column.name for column in columns], bold)
        for number, cells in enumerate(_cells(rows, columns), 1):
            for place, cell in enumerate(cells):
                if isinstance(cell, str):
                    sheet.write_string(number, place, cell)
                elif cell is not None:
                    sheet.write(number, place, cell)
        about = book.add_worksheet("columns")
        about.write_row(0, 0, ["name", "type", "unit", "meaning"], bold)
        for number, column in enumerate(columns, 1):
            about.write_row(number, 0, [column.name, column.type, column.unit, column.meaning])


def _cells(rows: Path, columns: Sequence[Column]) -> Iterator[list[Value]]:
    """The cells of each row, each of its column's type. Raises InternalError for one that is not."""
    with rows.open("rb") as file:
        for line in file:
            row = json.loads(line)
            yield [_cast(column.get(row), column) for column in columns]


def _cast(value: Value, column: Column) -> Value:
    if value is None or type(value) is _TYPES[column.type]:
        return value
    if column.type == "float" and type(value) is int:
        return float(value)
    raise InternalError(f"the column {column.name} holds {column.type}, not {type(value).__name__}")
