"""Tables of model files, of what the doctor found, of benchmarks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

from rich.console import RenderableType
from rich.text import Text

from skinscan.output.terminal.layout import fact_grid, plain_table, render

if TYPE_CHECKING:
    from skinscan.runtime.doctor import InstallCheck
    from skinscan.runtime.model_files import ModelRow
from skinscan.output.terminal.scan import _HASH

__all__ = ["tabulate_bench", "tabulate_checks", "tabulate_models"]


def tabulate_models(rows: Sequence[ModelRow], width: int = 80, color: bool = False) -> str:
    """State of the model files."""
    table = plain_table("name", "file", "size", "sha256", "status", "source", right=("size",))
    for row in rows:
        entry, style = row.entry, "green" if row.status == "ok" else "bold red"
        size = f"{entry.bytes / 1e6:.1f} MB" if entry.bytes >= 1e5 else f"{entry.bytes / 1e3:.1f} kB"
        cells = (
            entry.name,
            entry.file,
            size,
            entry.sha256[:_HASH],
            Text(row.status, style),
            row.source or "-",
        )
        table.add_row(*cells)
    return render([table], width, color)


def tabulate_checks(checks: Sequence[InstallCheck], width: int = 80, color: bool = False) -> str:
    """What the doctor found, and under each fault what to type."""
    table = plain_table("", "check", "found")
    for check in checks:
        verdict = Text("ok", "green") if check.ok else Text("fault", "bold red")
        mend = f"\n-> {check.mend}" if check.mend else ""
        table.add_row(verdict, check.name, Text(check.found).append(mend, "bold"))
    return render([table], width, color)


def tabulate_bench(result: Mapping[str, Any], width: int = 80, color: bool = False) -> str:
    """A benchmark: what it ran on, then its rows; a table for each run of rows with the same columns."""
    context = {"benchmark": result["benchmark"], **result["context"]}
    facts = [(key, _cell(value)) for key, value in context.items() if isinstance(value, str | int | float)]
    parts: list[RenderableType] = [fact_grid(facts)]
    for columns, rows in groupby(result["rows"], key=tuple):
        heads = [key.replace("_", " ") for key in columns]
        cells = [[_cell(row[key]) for key in columns] for row in rows]
        parts.append("")
        if _narrowest(heads, cells) > width:  # too many columns: one block a row
            parts += [block for row in cells for block in (fact_grid(list(zip(heads, row, strict=True))), "")]
            continue
        words = [k for k, column in enumerate(zip(*cells, strict=True)) if not all(map(_is_number, column))]
        table = plain_table(*heads, right=[head for k, head in enumerate(heads) if k not in words])
        for k, column in enumerate(table.columns):
            column.no_wrap = k in words  # heads of numbers wrap at their spaces
        for row in cells:
            table.add_row(*row)
        parts.append(table)
    return render(parts, width, color)


def _narrowest(heads: Sequence[str], cells: Sequence[Sequence[str]]) -> int:
    """Columns of the terminal below which a table would cut numbers or words of its heads."""
    longest = [max(map(len, head.split())) for head in heads]
    return sum(max(n, *(len(row[k]) for row in cells)) + 2 for k, n in enumerate(longest))


def _is_number(cell: str) -> bool:
    return cell == "-" or cell.lstrip("-").replace(".", "").replace("e", "").isdigit()


def _cell(value: object) -> str:
    if value is None:
        return "-"
    return f"{value:.4g}" if isinstance(value, float) else str(value)
