"""Every key that code and templates ask the catalogue for, as written."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import jinja2
from jinja2 import nodes

import skinscan

__all__ = ["codes", "uses"]

_ROOT = Path(skinscan.__file__).parent
_TEMPLATES = Path(str(files("skinscan.output.report"))) / "templates"


def uses() -> Iterator[tuple[str, str]]:
    """(file, key) of each use. What is put in when the program runs is "{expression}"."""
    for path in sorted(_ROOT.rglob("*.py")):
        source = path.read_text(encoding="utf-8")
        if "skinscan.texts.bilingual import" in source or path.name == "bilingual.py":
            name = path.relative_to(_ROOT).as_posix()
            yield from ((name, key) for node in ast.walk(ast.parse(source)) for key in _in_code(node))
    environment = jinja2.Environment(autoescape=True)
    for path in sorted(_TEMPLATES.glob("*.html")):
        page = environment.parse(path.read_text(encoding="utf-8"))
        for call in page.find_all(nodes.Call):
            if isinstance(call.node, nodes.Name) and call.node.name == "t":
                yield from ((path.name, key) for key in _in_template(call.args[0]))


def codes(file: str, function: str, place: int) -> tuple[str, ...]:
    """The constants that calls of a function in a file have at a place of their arguments."""
    calls = ast.walk(ast.parse((_ROOT / file).read_text(encoding="utf-8")))
    named = (call for call in calls if isinstance(call, ast.Call) and _name(call.func) == function)
    return tuple(str(found.value) for call in named if isinstance(found := call.args[place], ast.Constant))


def _in_code(node: ast.AST) -> Iterator[str]:
    """The keys in `texts[...]`, `texts(...)` and `advise(...)`."""
    if isinstance(node, ast.Subscript) and _name(node.value) in ("texts", "t", "self"):
        yield from _written(node.slice)
    elif isinstance(node, ast.Call) and _name(node.func) in ("texts", "t", "self", "advise"):
        yield from _written(node.args[0])


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _written(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant):
        yield str(node.value)
    elif isinstance(node, ast.IfExp):
        yield from (*_written(node.body), *_written(node.orelse))
    elif isinstance(node, ast.JoinedStr):
        yield "".join(
            f"{{{ast.unparse(part.value)}}}" if isinstance(part, ast.FormattedValue) else next(_written(part))
            for part in node.values
        )
    else:
        yield f"{{{ast.unparse(node)}}}"


def _in_template(node: nodes.Expr) -> Iterator[str]:
    if isinstance(node, nodes.Const):
        yield str(node.value)
    elif isinstance(node, nodes.CondExpr):
        yield from (*_in_template(node.expr1), *(_in_template(node.expr2) if node.expr2 else ()))
    elif isinstance(node, nodes.Concat):
        yield "".join(next(_in_template(part)) for part in node.nodes)
    elif isinstance(node, nodes.Mod):
        yield next(_in_template(node.left))
    else:
        yield f"{{{_expression(node)}}}"


def _expression(node: nodes.Expr) -> str:
    if isinstance(node, nodes.Getattr):
        return f"{_expression(node.node)}.{node.attr}"
    assert isinstance(node, nodes.Name), node
    return node.name
