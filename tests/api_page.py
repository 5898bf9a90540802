"""Write docs/api.md: every public name with its signature, fields, units and errors, as the code has them.

    python -m tests.api_page

Fields are told by the comments beside them, which no generator of documents reads; hence this one.
"""

from __future__ import annotations

import ast
import inspect
import io
import re
import textwrap
import tokenize
import types
from collections.abc import Iterator
from typing import Any, get_args

import skinscan
from skinscan.errors import SkinScanError
from tests.paths import ROOT

__all__ = ["PAGE", "main", "page"]

PAGE = ROOT / "docs" / "api.md"
_HEAD = """# Python API

Every name that `import skinscan` offers, written by `make reference` from the code. Names load on first use.

Conventions: photos are gamma-coded sRGB, height before width; L*a*b* is D65, 2 degrees; an interval is 90 %;
every difference is after minus before; left and right are the person's own; `None` means that the photo
cannot tell, and `reason` says why. Values are frozen and equal by value.

Threads, asyncio and processes: [in Python](python.md). The same values as JSON: [JSON](json.md).
"""
_PARTS = {
    "Scan, compare, follow": ("scanner",),
    "What a scan gives": ("types", "sensitive_scale"),
    "What a comparison gives": ("change",),
    "Match and try on shades": ("shades", "tryon"),
    "Judge claims": ("claims", "casework"),
    "Seal and verify evidence": ("evidence",),
    "Early warning": ("signals",),
    "Errors": ("errors",),
}


def main() -> None:
    """Write the page."""
    PAGE.write_text(page())


def page() -> str:
    """The page as it should be."""
    parts = [_HEAD]
    for title, homes in _PARTS.items():
        names = [name for home in homes for name in _names(home)]
        parts.append(f"\n## {title}\n")
        if title == "Errors":
            parts += _errors(names)
        else:
            named = sorted(names, key=lambda name: not inspect.isroutine(getattr(skinscan, name)))
            parts += [part for name in named for part in _entry(name)]
    return "".join(parts).replace("L*a*b*", r"L\*a\*b\*")  # else Markdown takes the stars for italics


def _names(home: str) -> list[str]:
    return [name for name, module in skinscan._HOME.items() if module.partition(".")[0] == home]


def _entry(name: str) -> Iterator[str]:
    thing = getattr(skinscan, name)
    yield f"\n### {name}\n\n"
    if isinstance(thing, types.UnionType):
        yield f"One of {', '.join(f'`{each.__name__}`' for each in get_args(thing))}.\n"
    elif isinstance(thing, type):
        yield f"{_prose(thing)}\n"
        if "__init__" in vars(thing) and not (hasattr(thing, "model_fields") or _is_value(thing)):
            yield f"\n```python\n{_signature(name, vars(thing)['__init__'])}\n```\n"
        yield from _fields(thing)
        yield from _methods(thing)
    else:
        yield f"```python\n{_signature(name, thing)}\n```\n\n{_prose(thing)}\n"


def _is_value(thing: type) -> bool:
    return hasattr(thing, "__dataclass_fields__")


class _Bare(str):
    """An annotation that shows itself without quotes."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def _signature(name: str, function: Any, widest: int = 100) -> str:
    """On one line where it fits, else a parameter a line."""
    signature = inspect.signature(function)
    own = [
        each.replace(annotation=_Bare(each.annotation))
        for each in signature.parameters.values()
        if each.name != "self"
    ]
    given = "" if signature.return_annotation == "None" else f" -> {signature.return_annotation}"
    line = f"{name}{signature.replace(parameters=own, return_annotation=signature.empty)}{given}"
    if len(line) <= widest:
        return line
    lines, starred = [f"{name}("], False
    for each in own:
        if each.kind is each.KEYWORD_ONLY and not starred:
            lines, starred = [*lines, "    *,"], True
        lines.append(f"    {each},")
    return "\n".join([*lines, f"){given}"])


def _prose(thing: Any) -> str:
    """A docstring as Markdown: the lists of arguments and errors as lists."""
    out, inside = [], False
    for line in (inspect.getdoc(thing) or "").splitlines():
        if re.fullmatch(r"(Args|Raises|Returns|Yields):", line):
            inside = True
            out += [f"**{line[:-1].replace('Args', 'Parameters')}**", ""]
        elif inside and (found := re.match(r"    ([\w, ]+): (.*)", line)):
            out.append(f"- `{found[1]}`: {found[2]}")
        elif inside and line.startswith("    "):
            out[-1] += f" {line.strip()}"
        else:
            inside = False
            out.append(line)
    return "\n".join(out).strip()


def _fields(thing: type) -> Iterator[str]:
    """Fields, each with the comment or string that explains it."""
    rows = [row for row in _annotated(thing) if not row[0].startswith("_")]
    if rows:
        yield "\n| field | type | is |\n|---|---|---|\n"
        yield from (f"| `{name}` | `{_cell(kind)}` | {_cell(meaning)} |\n" for name, kind, meaning in rows)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _annotated(thing: type) -> Iterator[tuple[str, str, str]]:
    source = textwrap.dedent(inspect.getsource(thing))
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    comments = {t.start[0]: t.string.lstrip("# ") for t in tokens if t.type == tokenize.COMMENT}
    (body,) = (node.body for node in ast.parse(source).body if isinstance(node, ast.ClassDef))
    for node, after in zip(body, [*body[1:], None], strict=True):
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            last = node.end_lineno or node.lineno
            text = [comments[line] for line in range(node.lineno, last + 1) if line in comments]
            if isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant):
                text.append(str(after.value.value))
            yield node.target.id, _plain(node.annotation), "; ".join(text)


def _plain(annotation: ast.expr) -> str:
    """A type without what only checks it: `Annotated[int, Field(...)]` is an int."""
    text = ast.unparse(annotation)
    if isinstance(annotation, ast.Subscript) and ast.unparse(annotation.value) == "Annotated":
        first = annotation.slice.elts[0] if isinstance(annotation.slice, ast.Tuple) else annotation.slice
        text = ast.unparse(first)
    return text


def _methods(thing: type) -> Iterator[str]:
    """Public methods and properties that skinscan gives it, with the first line of what each says."""
    rows: dict[str, str] = {}
    for owner in thing.__mro__:
        if not owner.__module__.startswith("skinscan"):
            continue
        for name, member in vars(owner).items():
            if name.startswith("_") or name in rows or _is_hidden(member):
                continue
            told = (inspect.getdoc(member) or "").partition("\n\n")[0]
            head = name if isinstance(member, property) else _signature(name, getattr(thing, name), 1000)
            rows[name] = f"- `{head}`" + (f": {_cell(told)}" if told else "") + "\n"
    if rows:
        yield "\n"
        yield from rows.values()


def _is_hidden(member: Any) -> bool:
    """Fields, validators of fields and the like are no methods."""
    return not isinstance(member, property | staticmethod | classmethod | types.FunctionType)


def _lineage(name: str) -> list[str]:
    return [each.__name__ for each in reversed(getattr(skinscan, name).__mro__)]


def _errors(names: list[str]) -> Iterator[str]:
    """The tree of errors, a row each, indented as it is."""
    yield f"\n{_prose(SkinScanError)}\n\n| error | is a | code | exit code | means |\n|---|---|---|---|---|\n"
    for name in sorted(names, key=_lineage):
        error = getattr(skinscan, name)
        told = _cell((inspect.getdoc(error) or "").partition("\n\n")[0])
        yield f"| `{name}` | `{error.__base__.__name__}` | `{error.code}` | {error.exit_code} | {told} |\n"


if __name__ == "__main__":
    main()
