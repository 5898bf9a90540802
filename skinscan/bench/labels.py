"""A folder with `labels.csv` in, its rows out: photos and pairs with what is known of them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from skinscan.color import ITA_CLASSES
from skinscan.errors import DataError
from skinscan.facemesh.zones import ZONES
from skinscan.tables import decimal, decode, fold_head, read_table

__all__ = ["GRADED", "INDICES", "LabelledPair", "LabelledPhoto", "Labels", "read_labels"]

INDICES = ("erythema_index", "melanin_index")
GRADED = ("redness", "redness_local", "oil_balance", "sensitivity", "pigmentation", "blemishes")
_TONES = tuple(name for name, _ in ITA_CLASSES)
_SHOWN = 5  # bad rows named in the message

Value = Annotated[float, Field(ge=-200, le=200)]
Grade = Annotated[int, Field(ge=0, le=100)]


class _Row(BaseModel):
    """What photos and pairs have in common."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    line: int
    person: str | None = None
    tone: str | None = None
    groups: Mapping[str, str] = {}

    @field_validator("tone")
    @classmethod
    def _known_tone(cls, tone: str | None) -> str | None:
        if tone is not None and tone not in _TONES:
            raise ValueError(f"is none of {', '.join(_TONES)}")
        return tone


class LabelledPhoto(_Row):
    """One photo and what is known of the face; zones "" is the whole face."""

    file: Path
    ita: Annotated[float, Field(ge=-90, le=90)] | None = None
    lab: tuple[Value, Value, Value] | None = None
    erythema_index: Mapping[str, Value] = {}
    melanin_index: Mapping[str, Value] = {}
    grades: Mapping[str, Grade] = {}

    @model_validator(mode="after")
    def _says_something(self) -> LabelledPhoto:
        known = (self.tone, self.ita, self.lab, self.erythema_index, self.melanin_index, self.grades)
        if not any(known) and self.ita is None:
            raise ValueError("carries no label")
        return self


class LabelledPair(_Row):
    """A photo before, one after, and the change of EI between them; zone "" is `area`, or the whole face."""

    before: Path
    after: Path
    area: str | None = None
    delta_erythema_index: Value


class Labels(BaseModel):
    """A labelled folder."""

    photos: tuple[LabelledPhoto, ...]
    pairs: tuple[LabelledPair, ...]


def read_labels(folder: Path) -> Labels:
    """Read and check `labels.csv`.

    Raises DataError, naming the lines, when a row cannot be right; nothing is measured then.
    """
    path = folder / "labels.csv"
    header, rows = _cells(path)
    _check_header(header, path)
    photos: list[LabelledPhoto] = []
    pairs: list[LabelledPair] = []
    bad: list[str] = []
    for line, cells in rows:
        try:
            if cells.get("before") or cells.get("after"):
                pairs.append(_pair(line, cells, folder))
            else:
                photos.append(_photo(line, cells, folder))
        except (ValidationError, ValueError) as error:
            bad.append(f"line {line}: {_reason(error)}")
    if bad:
        more = f"; and {len(bad) - _SHOWN} more" if len(bad) > _SHOWN else ""
        raise DataError(
            f"{path}: {'; '.join(bad[:_SHOWN])}{more}", "correct them; docs/own_photos.md has the columns"
        )
    if not photos and not pairs:
        raise DataError(f"{path} has no rows", "add one row per photo or pair")
    return Labels(photos=tuple(photos), pairs=tuple(pairs))


def _cells(path: Path) -> tuple[list[str], list[tuple[int, dict[str, str]]]]:
    """Header and non-empty cells of each row, with the line the row ends on."""
    try:
        table = read_table(decode(path.read_bytes(), str(path)).text)
    except (OSError, ValueError) as error:
        raise DataError(f"{path} cannot be read ({error})", "save it as CSV in UTF-8") from error
    rows = []
    for line, cells in table.rows:
        if isinstance(cells, ValueError):
            raise DataError(f"{path}: line {line}: {cells}", "quote cells that hold commas")
        rows.append((line, {_column(head): cell for head, cell in cells.items() if cell}))
    return [_column(head) for head in table.heads if head], rows


def _column(head: str) -> str:
    """A column by its own name; that of a group is the caller's word."""
    folded = fold_head(head)
    return f"group_{head[6:]}" if folded.startswith("group_") else folded


def _check_header(header: list[str], path: Path) -> None:
    plain = {"file", "before", "after", "area", "person", "tone", "ita", "delta_erythema_index"}
    plain |= {f"lab_{axis}" for axis in "lab"} | {f"grade_{name}" for name in GRADED} | set(INDICES)
    plain |= {f"{index}.{zone}" for index in INDICES for zone in ZONES}
    unknown = [name for name in header if name not in plain and not name.startswith("group_")]
    if unknown or len(set(header)) != len(header):
        what = f"unknown columns {', '.join(unknown)}" if unknown else "a column appears twice"
        raise DataError(f"{path}: {what}", "rename or remove them; docs/own_photos.md lists the columns")


def _common(line: int, cells: Mapping[str, str]) -> dict[str, Any]:
    groups = {name.removeprefix("group_"): cell for name, cell in cells.items() if name.startswith("group_")}
    return {"line": line, "person": cells.get("person"), "tone": cells.get("tone"), "groups": groups}


def _photo(line: int, cells: Mapping[str, str], folder: Path) -> LabelledPhoto:
    for name in ("area", "delta_erythema_index"):
        if name in cells:
            raise ValueError(f"{name} belongs to a pair, and before and after are empty")
    axes = [_number(cells, f"lab_{axis}") for axis in "lab"]
    if any(axis is None for axis in axes) and any(axis is not None for axis in axes):
        raise ValueError("lab_l, lab_a and lab_b come together")
    return LabelledPhoto(
        **_common(line, cells),
        file=_existing(cells, "file", folder),
        ita=_number(cells, "ita"),
        lab=None if axes[0] is None else tuple(axes),  # type: ignore[arg-type]
        erythema_index=_by_zone(cells, "erythema_index"),
        melanin_index=_by_zone(cells, "melanin_index"),
        grades={name: cells[f"grade_{name}"] for name in GRADED if f"grade_{name}" in cells},  # type: ignore[misc]
    )


def _pair(line: int, cells: Mapping[str, str], folder: Path) -> LabelledPair:
    delta = _number(cells, "delta_erythema_index")
    if delta is None:
        raise ValueError("delta_erythema_index is missing")
    area = cells.get("area")
    for name in (area or "").split(",") if area else ():
        if name.strip() not in ZONES:
            raise ValueError(f"area: {name.strip()} is none of {', '.join(ZONES)}")
    before, after = (_existing(cells, name, folder) for name in ("before", "after"))
    return LabelledPair(
        **_common(line, cells), before=before, after=after, area=area, delta_erythema_index=delta
    )


def _existing(cells: Mapping[str, str], name: str, folder: Path) -> Path:
    if name not in cells:
        raise ValueError(f"{name} is missing")
    path = (folder / cells[name]).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise ValueError(f"{name}: {cells[name]} lies outside the folder")
    if not path.is_file():
        raise ValueError(f"{name}: there is no {cells[name]}")
    return path


def _by_zone(cells: Mapping[str, str], index: str) -> dict[str, float]:
    """Zone to value; "" is the whole face."""
    columns = {"": index} | {zone: f"{index}.{zone}" for zone in ZONES}
    numbers = {zone: _number(cells, name) for zone, name in columns.items()}
    return {zone: number for zone, number in numbers.items() if number is not None}


def _number(cells: Mapping[str, str], name: str) -> float | None:
    if name not in cells:
        return None
    try:
        number = float(decimal(cells[name]))
    except ValueError:
        raise ValueError(f"{name}: {cells[name]} is no number") from None
    if not math.isfinite(number):
        raise ValueError(f"{name}: {cells[name]} is no number")
    return number


def _reason(error: ValueError) -> str:
    """The first complaint, in one phrase."""
    if not isinstance(error, ValidationError):
        return str(error)
    first = error.errors(include_url=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    return f"{where}: {first['msg']}".removeprefix(": ")
