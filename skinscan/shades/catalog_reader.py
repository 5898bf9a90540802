"""A catalogue file in, a Catalog out; every row that cannot be used is refused with field and reason."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from skinscan.errors import DataError
from skinscan.shades.catalog import Catalog, Problem, make_catalog
from skinscan.shades.catalog_formats import FORMATS, Row, recognise, table_of
from skinscan.shades.shade import Shade

__all__ = ["load_catalog"]

_MOST_BYTES = 256 << 20


def load_catalog(path: str | Path, *, format: str = "auto", skip_bad: bool = False) -> Catalog:
    """Read a catalogue: CSV, JSON or JSON Lines in the layout of docs/shades.md, or one of FORMATS.

    Raises DataError when the file cannot be read, a row is bad and `skip_bad` is not set, or none is good.
    """
    place = Path(path)
    text, sha256 = _text(place)
    try:
        rows = table_of(text, place.name)
    except (ValueError, RecursionError) as error:
        raise DataError(f"{place.name} is no table: {error}", "give CSV, JSON or JSON Lines") from error
    chosen = recognise(rows) if format == "auto" else format
    if chosen not in FORMATS:
        raise DataError(f"there is no catalogue format {chosen}", f"choose from {', '.join(FORMATS)}")
    shades, problems = _validated(FORMATS[chosen](rows))
    if problems and not (skip_bad and shades):
        first = problems[0]
        more = f", and {len(problems) - 1} more" if len(problems) > 1 else ""
        raise DataError(
            f"{place.name}: row {first.row}, {first.field}: {first.reason}{more}",
            "mend the rows (`skinscan catalog check` lists them) or leave them out with skip_bad=True",
        )
    return make_catalog(shades, name=place.name, sha256=sha256, format=chosen, problems=problems)


def _text(place: Path) -> tuple[str, str]:
    try:
        if place.stat().st_size > _MOST_BYTES:
            raise DataError(f"{place.name} is larger than 256 MiB", "split the catalogue")
        data = place.read_bytes()
    except OSError as error:
        raise DataError(
            f"the catalogue {place} cannot be read: {error.strerror}", "give the path of a file"
        ) from error
    for encoding in ("utf-8-sig", "gb18030"):  # Excel in Chinese writes the latter
        try:
            return data.decode(encoding), hashlib.sha256(data).hexdigest()
        except UnicodeDecodeError:
            continue
    raise DataError(f"{place.name} is not text", "save it as UTF-8")


def _validated(rows: Sequence[Row]) -> tuple[list[Shade], list[Problem]]:
    shades: list[Shade] = []
    problems: list[Problem] = []
    seen: dict[str, int] = {}
    for number, values in rows:
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
    return shades, problems


def _problem(row: int, fault: Mapping[str, Any]) -> Problem:
    field = ".".join(str(part) for part in fault["loc"]) or "row"
    reason = str(fault["msg"]).removeprefix("Value error, ")
    given = fault.get("input")
    if isinstance(given, str | int | float):
        reason = f"{reason}; found {json.dumps(given, ensure_ascii=False)[:60]}"
    return Problem(row=row, field=field, reason=reason)
