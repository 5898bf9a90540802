"""How text is laid out for a terminal or a pipe."""

from __future__ import annotations

import io
import os
import shutil
from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal, TextIO

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.segment import Segment, Segments
from rich.table import Table
from rich.text import Text

from skinscan.texts.bilingual import Language
from skinscan.texts.visible_text import visible_lines

if TYPE_CHECKING:
    pass

__all__ = [
    "Facts",
    "fact_grid",
    "heading",
    "indented",
    "locale_language",
    "plain_table",
    "remark",
    "render",
    "shape",
]

_WIDEST = 120  # columns the text fills at most
_LABEL = 12  # cells of the labels on the left
Facts = list[tuple[str, str]]  # label, text


def locale_language() -> Language:
    """Chinese where the locale says so, else English."""
    named = (os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return "zh" if next(filter(None, named), "").startswith("zh") else "en"


def shape(stream: TextIO) -> tuple[int, bool]:
    """Columns to fill, and whether colours are wanted there."""
    color = stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return shutil.get_terminal_size().columns, color


def plain_table(*columns: str, right: Iterable[str] = ()) -> Table:
    """A table without a frame."""
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    for column in columns:
        justify: Literal["left", "right"] = "right" if column in right else "left"
        table.add_column(column, justify=justify, no_wrap=justify == "right", overflow="fold")
    return table


def fact_grid(rows: Facts) -> Table:
    """Labels on the left, their text wrapped beside them."""
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(style="bold", no_wrap=True, min_width=_LABEL)
    table.add_column(overflow="fold")  # Chinese has no blanks to break at
    for row in rows:
        table.add_row(*row)
    return table


def heading(text: str) -> Text:
    """Set a bold line after an empty one."""
    return Text(f"\n{text}", "bold")


def indented(part: RenderableType) -> Padding:
    """Move in by two."""
    return Padding(part, (0, 0, 0, 2))


def remark(text: str) -> Padding:
    """Set small print."""
    return indented(Text(text, "dim"))


def render(parts: Iterable[RenderableType], width: int, color: bool) -> str:
    """Lay the parts out; lines do not end in blanks, the text does not end in a line break.

    Names, fields and messages are a stranger's: what is laid out passes `visible` here, the one way to a
    terminal, so that the only control characters left are the colours set here.
    """
    page = io.StringIO()
    console = Console(
        file=page, width=min(width, _WIDEST), force_terminal=color, no_color=not color,
        color_system="standard" if color else None, highlight=False, markup=False, emoji=False,
    )  # fmt: skip
    for part in parts:
        console.print(Segments(_harmless(console.render(part))), end="")
    return "\n".join(line.rstrip() for line in page.getvalue().splitlines())


def _harmless(segments: Iterable[Segment]) -> Iterable[Segment]:
    return (
        segment if segment.control else Segment(visible_lines(segment.text), segment.style)
        for segment in segments
    )
