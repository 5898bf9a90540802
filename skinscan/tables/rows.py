"""Text of a table in, its rows out: CSV as spreadsheets of several countries write it, and lists of lines."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["Table", "decimal", "fold_head", "lines_of", "read_table", "tidy"]

_WIDEST_CELL = 1 << 20
_DELIMITERS = ",;\t|"
_SEP = re.compile(r'\s{0,9}"?sep=(.)"?[ \t]{0,9}(?:\r\n|\n|\r)', re.IGNORECASE)
_INVISIBLE = re.compile("[\u200b\u2060\ufeff\u00ad]")  # zero width, byte order mark, soft hyphen
_EDGES = " \t\r\n\v\f\u00a0\u3000\u1680\u2000-\u200f\u2028-\u202f\u2060-\u206f\ufeff"
_STRIP = re.compile(f"^[{_EDGES}]+|[{_EDGES}]+$")
_COMMA_NUMBER = re.compile(r"\s*[-+−]?\d{1,15},\d{1,15}\s*")
Row = tuple[int, dict[str, str] | ValueError]
"""Line on which a row ends, and its cells by head, or why it cannot be read."""


@dataclass(frozen=True, slots=True)
class Table:
    """A CSV file."""

    heads: tuple[str, ...]  # tidy, as written otherwise
    rows: tuple[Row, ...]


def tidy(cell: str) -> str:
    """The cell without blanks and invisible characters at its edges and without zero-width ones inside."""
    if cell.isascii():
        return cell.strip()
    return _STRIP.sub("", _INVISIBLE.sub("", cell))


def fold_head(head: str) -> str:
    """A column's name with case, width and the kind of blank folded: "Advertised Hex" is advertised_hex."""
    return re.sub(r"[\s_-]+", "_", tidy(unicodedata.normalize("NFKC", head)).casefold())


def decimal(cell: str) -> str:
    """The text of a number with a decimal point, where a comma stood for one; anything else unchanged."""
    text = cell.replace("−", "-")
    return text.replace(",", ".") if _COMMA_NUMBER.fullmatch(text) else text


def lines_of(text: str) -> Iterator[str]:
    """Lines, ended by CR, LF or both and by nothing else; empty ones do not count."""
    return (line for line in re.split(r"\r\n|\n|\r", text) if tidy(line))


def read_table(text: str) -> Table:
    """Read CSV: the delimiter is that of a `sep=` line or the commonest in the head.

    Rows without any text are left out, and cells that a row lacks at its end are empty. A row with more text
    than the head has columns comes as the ValueError that says so. Raises ValueError, in one phrase, for a
    head that is empty or names a column twice, and for broken quotes.
    """
    marked = _SEP.match(text)
    body = text[marked.end() :] if marked else text
    first = 1 if marked else 0
    csv.field_size_limit(_WIDEST_CELL)
    delimiter = marked[1] if marked else _delimiter(body)
    reader = csv.reader(io.StringIO(body, newline=""), delimiter=delimiter, strict=True)
    try:
        heads = _heads(next((cells for cells in reader if any(map(tidy, cells))), []))
        rows = [(reader.line_num + first, [tidy(cell) for cell in cells]) for cells in reader]
    except csv.Error as error:
        raise ValueError(f"line {reader.line_num + first}: {error}") from error
    return Table(heads, tuple((line, _named(heads, cells)) for line, cells in rows if any(cells)))


def _delimiter(text: str) -> str:
    head = next(lines_of(text[:_WIDEST_CELL]), "")
    bare = re.sub(r'"[^"]*"', "", head)  # a quoted head may hold any of them
    return max(_DELIMITERS, key=bare.count)


def _heads(cells: list[str]) -> tuple[str, ...]:
    heads = tuple(tidy(cell) for cell in cells)
    twice = [name for name, count in Counter(filter(None, heads)).items() if count > 1]
    if twice:
        raise ValueError(f"column {twice[0]} comes twice")
    if not any(heads):
        raise ValueError("it is empty")
    return heads


def _named(heads: tuple[str, ...], cells: list[str]) -> dict[str, str] | ValueError:
    if any(cells[len(heads) :]):
        return ValueError(f"{len(cells)} cells where the head has {len(heads)}")
    padded = cells + [""] * (len(heads) - len(cells))
    return {head: cell for head, cell in zip(heads, padded, strict=False) if head}
