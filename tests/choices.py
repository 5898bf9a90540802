"""Write docs/choices.md: every constant that the code marks as our own choice, `[design]`.

    python -m tests.choices

A mark stands in the comment of a constant, on its line or right above it; in the string below it; or in the
docstring of a module or function, for what has no name of its own. "all [design]" above a block of constants
is for each of them.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.paths import ROOT

PAGE = ROOT / "docs" / "choices.md"
_PACKAGES = ("skinscan", "models", "benchmarks")
_MARK = "[design]"
_LONGEST = 44  # characters of a value that is shown; a longer one is a table to be read in the code
_HEAD = """# Constants that are our own choice

Marked `[design]` in the code: no measurement and no published source stands behind them yet. What they are
part of is explained in `docs/measuring.md`, `docs/changes.md`, `docs/shades.md` and `docs/claims.md`. Written
by `make choices` from the marks; a test holds that it is current.
"""


@dataclass(frozen=True, slots=True)
class _Source:
    """One file, taken apart."""

    text: str
    tree: ast.Module
    comments: dict[int, str]  # line -> comment without its "#"
    alone: frozenset[int]  # lines that hold nothing but a comment


def main() -> None:
    """Write the page."""
    PAGE.write_text(page())


def page() -> str:
    """The page as it should be."""
    parts = [_HEAD]
    for package in _PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            rows = list(_rows(_read(path)))
            if rows:
                name = path.relative_to(ROOT).as_posix()
                parts += [f"\n`{name}`\n\n| constant | value | is |\n|---|---|---|\n", *rows]
    return "".join(parts)


def _read(path: Path) -> _Source:
    text = path.read_text()
    comments, alone = {}, set()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            comments[token.start[0]] = token.string.lstrip("#").strip()
            if not token.line[: token.start[1]].strip():
                alone.add(token.start[0])
    return _Source(text, ast.parse(text), comments, frozenset(alone))


def _rows(source: _Source) -> Iterator[str]:
    if _MARK not in source.text:
        return
    yield from _prose(source)
    for before, statement, after in _assignments(source.tree):
        meaning = _meaning(source, before, statement, after)
        if meaning is not None:
            yield _row(_names(statement), _value(source, statement), meaning)


def _assignments(tree: ast.Module) -> Iterator[tuple[ast.stmt | None, ast.Assign | ast.AnnAssign, str]]:
    """Statement before, constant, and the string below it."""
    below: list[ast.stmt | None] = [*tree.body[1:], None]
    above: list[ast.stmt | None] = [None, *tree.body]
    for before, statement, after in zip(above, tree.body, below, strict=False):
        if isinstance(statement, ast.Assign | ast.AnnAssign):
            yield before, statement, _string(after)


def _string(statement: ast.stmt | None) -> str:
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
        return str(statement.value.value)
    return ""


def _meaning(source: _Source, before: ast.stmt | None, one: ast.stmt, after: str) -> str | None:
    """What the marked comment or string says of a constant; None if nothing marks it."""
    beside = _beside(source, one)
    above = _block(source, one.lineno - 1)
    if f"all {_MARK}" not in above and before is not None:
        group = _group(source, one.lineno)
        if f"all {_MARK}" in group:
            return beside or group
    marked = [text for text in (beside, after, above) if _MARK in text]
    if not marked:
        return None
    return beside if f"all {_MARK}" in above and beside else marked[0]


def _beside(source: _Source, one: ast.stmt) -> str:
    """The comment on the line of a constant; of one that takes several lines, those that are marked."""
    lines = range(one.lineno, (one.end_lineno or 0) + 1)
    if len(lines) == 1:
        return source.comments.get(one.lineno, "")
    ends = [n for n in lines if n in source.comments and not (n in source.alone and n + 1 in source.alone)]
    texts = [_block(source, n) if n in source.alone else source.comments[n] for n in ends]
    return "; ".join(text for text in texts if _MARK in text)


def _block(source: _Source, last: int) -> str:
    """The lines of comment that end at `last`."""
    first = last
    while first in source.alone:
        first -= 1
    return " ".join(source.comments[n] for n in range(first + 1, last + 1))


def _group(source: _Source, line: int) -> str:
    """The comment above a block of constants without blank lines between them."""
    lines = source.text.splitlines()
    while line > 1 and lines[line - 2].strip() and line - 1 not in source.alone:
        line -= 1
    return _block(source, line - 1)


def _prose(source: _Source) -> Iterator[str]:
    """Marked sentences of the docstrings of the module and its functions."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef):
            for sentence in re.split(r"(?<=[.;])\s+", ast.get_docstring(node) or ""):
                if _MARK in sentence:
                    yield _row("" if isinstance(node, ast.Module) else f"`{node.name}`", "", sentence)


def _names(statement: ast.Assign | ast.AnnAssign) -> str:
    targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
    return ", ".join(f"`{node.id}`" for t in targets for node in ast.walk(t) if isinstance(node, ast.Name))


def _value(source: _Source, statement: ast.Assign | ast.AnnAssign) -> str:
    if statement.value is None:
        return ""
    value = " ".join((ast.get_source_segment(source.text, statement.value) or "").split())
    value = re.sub(r"^np\.array\(\[(.*)\]\)$", r"\1", value).strip("()") if len(value) <= _LONGEST else ""
    return value or "in the code"


def _row(name: str, value: str, meaning: str) -> str:
    text = re.sub(r"\b(are|all) \[design\]", r"\1 our own choice", " ".join(meaning.split()))
    text = re.sub(r"\s*\[design\]", "", text)
    text = re.sub(r"\s+([.,;:])", r"\1", text).strip(" .,;").replace("|", "\\|")
    return f"| {name} | {value} | {text} |\n"


if __name__ == "__main__":
    main()
