"""Write docs/columns.md: every column of the tables of a batch, as the code has them.

python -m tests.columns_page
"""

from __future__ import annotations

from collections.abc import Iterator

from skinscan.batch import Kind
from skinscan.batch.columns import Column, columns
from tests.paths import ROOT

PAGE = ROOT / "docs" / "columns.md"
_COMPARISON = "evidence.comparison."
_HEAD = """# Columns of tables

What `skinscan batch -o rows.csv`, `.xlsx` and `.parquet` write: the same columns in the same order for any
input, any options and any outcome (`docs/batch.md`). `skinscan batch --describe --kind KIND` prints one line
a column; this page, written by `make columns` from the same list, has one for those that differ only in a
name, which stands in capitals. Columns in bold are those of `--columns summary`, or some of them are.

A cell is empty where there is no value. Why there is none stands in the column `reason` beside it, as a code
of `docs/measuring.md` or the code of the row. A list is one cell, its entries joined by `; `. Names are the
paths of `docs/json.md`, without `result`.
"""
_TITLES: dict[Kind, str] = {"photos": "Photos", "pairs": "Pairs", "claims": "Claims"}


def main() -> None:
    """Write the page."""
    PAGE.write_text(page())


def page() -> str:
    """The page as it should be."""
    return _HEAD + "".join(part for kind in _TITLES for part in _table(kind))


def _table(kind: Kind) -> Iterator[str]:
    families: dict[str, list[Column]] = {}
    for column in columns(kind):
        families.setdefault(column.family, []).append(column)
    some = len(columns(kind, "summary"))
    yield f"\n## {_TITLES[kind]}\n\n{len(columns(kind))} columns, {some} in the summary.\n"
    yield "\n| column | type | unit | is |\n|---|---|---|---|\n"
    for family, members in families.items():
        if family.startswith(_COMPARISON):
            continue
        first = members[0]
        name = f"**`{family}`**" if any(column.summary for column in members) else f"`{family}`"
        meanings = " · ".join(dict.fromkeys(column.meaning for column in members))
        yield f"| {name} | {first.type} | {first.unit} | {meanings} |\n"
    if kind == "claims":
        yield f"| `{_COMPARISON}*` | | | the columns of a pair: the comparison that the claim rests on |\n"


if __name__ == "__main__":
    main()
