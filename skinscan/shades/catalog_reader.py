"""A catalogue file in, a Catalog out; every row that cannot be used is refused with field and reason."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from skinscan.errors import DataError
from skinscan.files import read_bounded
from skinscan.shades.catalog import Catalog, Problem, make_catalog
from skinscan.shades.catalog_formats import FORMATS, Row, recognise, table_of
from skinscan.shades.plausible import one_color
from skinscan.shades.shade import Shade
from skinscan.tables import SAY_ENCODING, decode

__all__ = ["load_catalog"]

_MOST_BYTES = 256 << 20
_MANY = 1000  # refused rows after which a file whose rows are nearly all bad is read no further
_NEARLY_ALL = 0.9


def load_catalog(
    path: str | Path, *, format: str = "auto", skip_bad: bool = False, encoding: str | None = None
) -> Catalog:
    """Read a catalogue.

    Args:
        path: CSV, JSON or JSON Lines.
        format: the layout of docs/shades.md ("skinscan"), another of FORMATS, or "auto": by its columns.
        skip_bad: leave out rows that cannot be used.
        encoding: of the file; overrules the guess of `skinscan.tables.decode`.

    Raises:
        DataError: the file cannot be read, a row is bad and `skip_bad` is not set, none is good, or the first
            thousand refused rows are nine in ten of those before them: then the file is no catalogue.
    """
    place = Path(path)
    data = _bytes(place)
    text = decode(data, place.name, encoding, advice=SAY_ENCODING)
    try:
        rows = table_of(text.text, place.name)
        chosen = recognise(rows) if format == "auto" else format
        if chosen not in FORMATS:
            raise DataError(f"there is no catalogue format {chosen}", f"choose from {', '.join(FORMATS)}")
        shades, problems = _validated(FORMATS[chosen](rows), place.name)
    except (ValueError, RecursionError) as error:
        raise DataError(f"{place.name} is no table: {error}", "give CSV, JSON or JSON Lines") from error
    if problems and not (skip_bad and shades):
        first = problems[0]
        more = f", and {len(problems) - 1} more" if len(problems) > 1 else ""
        raise DataError(
            f"{place.name}: row {first.row}, {first.field}: {first.reason}{more}",
            "correct the rows (`skinscan catalog check` lists them) or leave them out with skip_bad=True",
        )
    sha256 = hashlib.sha256(data).hexdigest()
    return make_catalog(
        shades, name=place.name, sha256=sha256, format=chosen, problems=problems,
        guessed_encoding=text.encoding if text.guessed else "",
    )  # fmt: skip


def _bytes(place: Path) -> bytes:
    try:
        return read_bounded(place, _MOST_BYTES)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise DataError(
            f"the catalogue {place} cannot be read: {reason}", "give the path of a file of at most 256 MiB"
        ) from error


def _validated(rows: Sequence[Row], name: str) -> tuple[list[Shade], list[Problem]]:
    shades: list[Shade] = []
    problems: list[Problem] = []
    seen: dict[str, int] = {}
    for done, (number, values) in enumerate(rows):
        refused = done - len(shades)
        if refused >= _MANY and refused >= _NEARLY_ALL * done:
            first = problems[0]
            raise DataError(
                f"{name} is no catalogue: {refused} of its first {done} rows cannot be used; "
                f"row {first.row}, {first.field}: {first.reason}",
                "see docs/shades.md for the columns, or name the layout with format",
            )
        if isinstance(values, ValueError):
            problems.append(Problem(row=number, field="row", reason=str(values)))
            continue
        try:
            shade = Shade.model_validate(values)
        except ValidationError as error:
            problems += [_problem(number, fault) for fault in error.errors(include_url=False)]
            continue
        if shade.sku in seen:
            reason = f"{shade.sku} is the sku of row {seen[shade.sku]} already"
            problems.append(Problem(row=number, field="sku", reason=reason))
            continue
        seen[shade.sku] = number
        shades.append(shade)
    if alike := one_color(shades):
        problems += [Problem(row=number, field="row", reason=alike) for number in seen.values()]
        return [], problems
    return shades, problems


def _problem(row: int, fault: Mapping[str, Any]) -> Problem:
    field = ".".join(str(part) for part in fault["loc"]) or "row"
    reason = str(fault["msg"]).removeprefix("Value error, ")
    given = fault.get("input")
    if isinstance(given, str | int | float):
        reason = f"{reason}; found {json.dumps(given, ensure_ascii=False)[:60]}"
    return Problem(row=row, field=field, reason=reason)
