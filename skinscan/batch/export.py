"""Finished rows in, the file that was asked for out: JSONL as it is, CSV and Parquet one column a number."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from skinscan.errors import UsageError
from skinscan.files import insist_replaceable, replacing

__all__ = ["FORMATS", "check_format", "export"]

FORMATS = (".jsonl", ".csv", ".parquet")
_NOT_COLUMNS = frozenset({"schema", "unit", "range", "direction", "advice"})  # alike in every row, or prose
_BY_NAME = frozenset({"checks", "models"})  # lists that hold the same names in every row
_ROWS_AT_ONCE = 512
_FORMULA = ("=", "+", "-", "@", "\t", "\n", "＝", "＋", "－", "＠", "−")
Value = str | int | float | bool | None


def check_format(out: Path) -> None:
    """Raise UsageError, before any work is done, for a file that could not be written."""
    if out.suffix.lower() not in FORMATS:
        raise UsageError(f"{out} is not named {', '.join(FORMATS)}", "the name decides the format")
    if not out.parent.is_dir():
        raise UsageError(f"{out} lies in no existing folder", "make the folder first")
    insist_replaceable(out)
    if out.suffix.lower() == ".parquet":
        try:
            import pyarrow  # noqa: F401
        except ImportError as error:
            raise UsageError("Parquet needs pyarrow", "`pip install 'skinscan[parquet]'`") from error


def export(rows: Path, out: Path) -> None:
    """Turn the JSONL file `rows` into `out`, all or nothing; as JSONL it is moved there.

    Raises UsageError when `out` cannot be written.
    """
    try:
        if out.suffix.lower() == ".jsonl":
            insist_replaceable(out)
            rows.replace(out)
            return
        with replacing(out) as part:
            (_write_csv if out.suffix.lower() == ".csv" else _write_parquet)(rows, part)
    except OSError as error:
        raise UsageError(
            f"{out} cannot be written: {error.strerror}", "make room; the same command goes on from its rows"
        ) from error


def _write_csv(rows: Path, path: Path) -> None:
    columns = list(_columns(rows))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(map(_harmless, columns))
        writer.writerows([_harmless(row.get(name)) for name in columns] for row in _flat_rows(rows))
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


def _write_parquet(rows: Path, path: Path) -> None:
    import pyarrow
    from pyarrow import parquet

    kinds = {bool: pyarrow.bool_(), int: pyarrow.int64(), float: pyarrow.float64(), str: pyarrow.string()}
    columns = _columns(rows)
    schema = pyarrow.schema([(name, kinds[kind]) for name, kind in columns.items()])
    with parquet.ParquetWriter(path, schema) as writer:
        for chunk in _chunks(_flat_rows(rows)):
            full = [{name: _cast(row.get(name), kind) for name, kind in columns.items()} for row in chunk]
            writer.write_table(pyarrow.Table.from_pylist(full, schema))


def _cast(value: Value, kind: type) -> Value:
    return None if value is None else kind(value)


def _chunks(rows: Iterator[dict[str, Value]]) -> Iterator[list[dict[str, Value]]]:
    chunk: list[dict[str, Value]] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == _ROWS_AT_ONCE:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _columns(rows: Path) -> dict[str, type]:
    """Every column and the narrowest type that holds it, in the order in which they first appear."""
    kinds: dict[str, type] = {}
    for row in _flat_rows(rows):
        for name, value in row.items():
            before = kinds.get(name, type(None))
            kinds[name] = before if value is None else _wider(before, type(value))
    return {name: str if kind is type(None) else kind for name, kind in kinds.items()}


def _wider(first: type, second: type) -> type:
    if first in (second, type(None)):
        return second
    return float if {first, second} == {int, float} else str


def _flat_rows(rows: Path) -> Iterator[dict[str, Value]]:
    """Rows as leaves by their path, "scores.redness.value"; source and result without their own names."""
    with rows.open("rb") as file:
        for line in file:
            row = json.loads(line)
            error = row["error"] or {}
            flat: dict[str, Value] = {"index": row["index"], "kind": row["kind"], **row["source"]}
            flat |= {key: row[key] for key in ("status", "code", "device", "provider")}
            flat |= {f"error.{key}": error.get(key) for key in ("message", "advice")}
            _flatten("", row["result"] or {}, flat)
            yield flat


def _flatten(prefix: str, fields: Mapping[str, Any], flat: dict[str, Value]) -> None:
    """Put the leaves of an object into `flat`; a list of checks or models counts as an object of them."""
    for key, value in fields.items():
        if key in _NOT_COLUMNS:
            continue
        if isinstance(value, list):
            if key not in _BY_NAME:
                flat.setdefault(prefix + key, json.dumps(value, ensure_ascii=False))
                continue
            value = {each["name"]: {k: v for k, v in each.items() if k != "name"} for each in value}
        if isinstance(value, dict):
            _flatten(f"{prefix}{key}.", value, flat)
        else:
            flat.setdefault(prefix + key, value)  # what the row says of itself goes first
