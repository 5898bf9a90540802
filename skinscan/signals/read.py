"""Verdicts and orders as early warning takes them, out of files that skinscan and a shop write."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from skinscan.errors import DataError
from skinscan.files import read_bounded
from skinscan.signals.types import Kind, Order, Report
from skinscan.tables import SAY_ENCODING, decode, fold_head, lines_of, parse_json, read_table

__all__ = ["read_orders", "read_verdicts"]

_VERDICT, _ROW = "skinscan.verdict/1", "skinscan.row/1"
_POSSIBLE = frozenset({"very_likely", "likely", "not_clearly_attributable"})
_MOST_BYTES = 1 << 30
_NEEDED = ("order", "sku", "sold_at")


def read_verdicts(path: Path) -> tuple[tuple[Report, ...], int]:
    """Read a file of verdicts, one JSON object a line: `skinscan claim --json`, or rows of `skinscan batch`.

    Returns the reports by day, and how many lines told nothing: rows that were refused, results of other
    kinds, and
    verdicts of a case that comes again further down, since only its last one counts. Raises DataError,
    naming the line, where a line is no JSON object or a verdict lacks its day.
    """
    reports: dict[str, Report] = {}
    lines = 0
    for number, line in enumerate(lines_of(_text(path, None)), 1):
        lines += 1
        try:
            verdict = _verdict(parse_json(line))
            if verdict is not None:
                report = _report(verdict)
                reports.pop(report.case_id, None)
                reports[report.case_id] = report
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            reason = f"it lacks {error}" if isinstance(error, KeyError) else error
            raise DataError(
                f"{path.name}:{number} is no verdict: {reason}",
                "give the rows of a batch of claims, or verdicts as JSON, one a line",
            ) from error
    return tuple(sorted(reports.values(), key=lambda report: report.day)), lines - len(reports)


def read_orders(path: Path, encoding: str | None = None) -> tuple[Order, ...]:
    """Read a table of sales: columns order, sku, sold_at, and if known batch, brand and streamer; one row an
    order.

    Raises DataError, naming the line, where a column lacks or a cell cannot be read.
    """
    try:
        table = read_table(_text(path, encoding))
    except ValueError as error:
        raise DataError(f"{path.name} is no table: {error}", "give CSV with a head") from error
    lacking = set(_NEEDED) - {fold_head(head) for head in table.heads}
    if lacking:
        raise DataError(
            f"{path.name} lacks the column {sorted(lacking)[0]}", f"it needs {', '.join(_NEEDED)}"
        )
    orders = []
    for line, cells in table.rows:
        try:
            if isinstance(cells, ValueError):
                raise cells
            row = {fold_head(head): cell for head, cell in cells.items()}
            empty = next((name for name in _NEEDED if not row[name]), None)
            if empty:
                raise ValueError(f"{empty} is empty")
            orders.append(Order(id=row["order"], day=_day(row["sold_at"]), about=_about(row)))
        except ValueError as error:
            raise DataError(f"{path.name}:{line}: {error}", "correct the row") from error
    return tuple(orders)


def _text(path: Path, encoding: str | None) -> str:
    try:
        return decode(read_bounded(path, _MOST_BYTES), path.name, encoding, advice=SAY_ENCODING).text
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise DataError(
            f"{path} cannot be read: {reason}", "give the path of a file of at most 1 GiB"
        ) from error


def _verdict(value: Any) -> Mapping[str, Any] | None:
    """The verdict that a line holds; None for other results of skinscan."""
    if not isinstance(value, dict):
        raise ValueError("it is no JSON object")
    inner = value.get("result") if value.get("schema") == _ROW else value
    return inner if isinstance(inner, dict) and inner.get("schema") == _VERDICT else None


def _report(verdict: Mapping[str, Any]) -> Report:
    causality = verdict["causality"]
    ingredients = tuple(dict.fromkeys(item["inci"] for item in verdict["ingredients"]))
    order = verdict["order"]
    about = _about({**verdict["product"], "streamer": order["streamer"]})
    return Report(
        case_id=verdict["case_id"],
        day=_day(verdict["received_at"]),
        reaction=causality is not None and causality["level"] in _POSSIBLE,
        serious=verdict["seriousness"] == "serious",
        about={**about, "ingredient": ingredients} if ingredients else about,
        skin_type="" if verdict["skin_type"] == "unknown" else verdict["skin_type"],
        order=order["id"],
    )


def _about(row: Mapping[str, str]) -> dict[Kind, tuple[str, ...]]:
    return dict(_named(row))


def _named(row: Mapping[str, str]) -> Iterator[tuple[Kind, tuple[str, ...]]]:
    yield "product", (row["sku"],)
    if row.get("batch"):
        yield "batch", (f"{row['sku']} / {row['batch']}",)
    if row.get("brand"):
        yield "brand", (row["brand"],)
    if row.get("streamer"):
        yield "streamer", (row["streamer"],)


def _day(text: str) -> date:
    """The UTC day of a date or of a time with its zone."""
    try:
        if len(text) <= len("2026-01-31"):
            return date.fromisoformat(text)
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f'"{text}" is no date; write 2026-01-31') from None
    return (moment.astimezone(UTC) if moment.tzinfo else moment).date()
