"""What documents and comments name exists: files, modules, constants; and what is generated is current."""

from __future__ import annotations

import ast
import importlib
import io
import re
import subprocess
import sys
import tokenize
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest
import typer

import skinscan
from skinscan.cli import app
from tests import api_page, choices, cli_page
from tests.paths import ROOT

PACKAGES = ("skinscan", "models", "benchmarks", "tests")
DOCUMENTS = sorted(
    path
    for pattern in ("*.md", "docs/*.md", *(f"{top}/**/*.md" for top in (*PACKAGES, "samples")))
    for path in ROOT.glob(pattern)
)
PROGRAMS = sorted(path for top in (*PACKAGES, "samples") for path in (ROOT / top).rglob("*.py"))


@cache
def _files() -> frozenset[str]:
    """Every file, by its path and by each end of it: "skinscan/measure/light.py", "light.py"."""
    found = [path for top in (*PACKAGES, "docs", "samples") for path in (ROOT / top).rglob("*.*")]
    parts = [path.relative_to(ROOT).parts for path in [*found, *ROOT.glob("*.*")]]
    return frozenset("/".join(own[start:]) for own in parts for start in range(len(own)))


@cache
def _words() -> frozenset[str]:
    """Every name in the code."""
    return frozenset(
        word for path in PROGRAMS for word in re.findall(r"\w+", path.read_text()) if path != Path(__file__)
    )


def _comments(path: Path) -> str:
    """Comments and docstrings of a program."""
    text = path.read_text()
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    strings = [
        node.value.value
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    ]
    return "\n".join([t.string for t in tokens if t.type == tokenize.COMMENT] + [str(s) for s in strings])


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_document_names_files_modules_and_constants_that_exist(path: Path) -> None:
    text = path.read_text()
    names = set(re.findall(r"[\w./-]*\w\.(?:py|npz)\b", text))
    names |= set(re.findall(rf"\b(?:{'|'.join(PACKAGES)}|docs|samples)/[\w./-]*\w\.\w+", text))
    names = {name.removeprefix("./") for name in names if "/.cache" not in name and "NAME" not in name}
    assert not {name for name in names if name not in _files()}
    modules = set(re.findall(r"python -m ((?:skinscan|models|benchmarks|tests)[\w.]*\w)", text))
    assert not {name for name in modules if not _is_module(name)}
    constants = set(re.findall(r"`(_[A-Z][A-Z0-9_]+)`", text)) | set(
        re.findall(r"`([A-Z]+_[A-Z0-9_]+)`", text)
    )
    assert not constants - _words()


def _is_module(name: str) -> bool:
    path = ROOT / Path(*name.split("."))
    return path.with_suffix(".py").exists() or (path / "__init__.py").exists()


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_what_a_document_imports_can_be_imported(path: Path) -> None:
    for module, names in re.findall(
        r"^from (skinscan[\w.]*) import ([\w, ]+)$", path.read_text(), re.MULTILINE
    ):
        home = importlib.import_module(module)
        assert all(hasattr(home, name.strip()) for name in names.split(",")), (module, names)
    for name in re.findall(r"`(skinscan\.[\w.]+\.\w+)\b(?!/)", path.read_text()):
        module, _, own = name.rpartition(".")
        assert _is_module(name) or hasattr(importlib.import_module(module), own), name


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: str(path.relative_to(ROOT)))
def test_comments_name_files_that_exist(path: Path) -> None:
    named = set(re.findall(r"[\w./-]*\w\.py\b", _comments(path)))
    assert not {name for name in named if name not in _files()}


def test_the_list_of_own_choices_is_current() -> None:
    assert choices.PAGE.read_text() == choices.page(), "type `make choices`"


@pytest.mark.parametrize("generated", [api_page, cli_page], ids=["api", "cli"])
def test_the_reference_made_from_the_code_is_current(generated: ModuleType) -> None:
    assert generated.PAGE.read_text() == generated.page(), "type `make reference`"


def test_the_reference_has_every_public_name_and_every_command() -> None:
    names = set(re.findall(r"^(?:### |\| `)(\w+)", api_page.PAGE.read_text(), re.MULTILINE))
    assert set(skinscan.__all__) - names == {"__version__"}
    commands = re.findall(r"^## skinscan ([a-z ]+)$", cli_page.PAGE.read_text(), re.MULTILINE)
    assert {"scan", "claim", "batch", "evidence verify", "models list"} <= set(commands)
    assert {name.split()[0] for name in commands} == set(typer.main.get_command(app).commands)  # type: ignore[attr-defined]


def test_every_page_is_in_the_menu_of_the_site() -> None:
    menu = re.findall(r"^ +- .*: (\S+\.md)$", (ROOT / "mkdocs.yml").read_text(), re.MULTILINE)
    pages = {path.relative_to(ROOT / "docs").as_posix() for path in (ROOT / "docs").rglob("*.md")}
    assert sorted(menu) == sorted(pages)


def test_links_of_the_site_stay_inside_it() -> None:
    """MkDocs says nothing of a picture outside `docs/`, which the site then lacks."""
    pages = {path: path.read_text() for path in (ROOT / "docs").glob("*.md")}
    found = {(p, link) for p, text in pages.items() for link in re.findall(r"\]\(([\w./-]+)[#)]", text)}
    assert len(found) > 20
    assert not {link for p, link in found if link.startswith("..") or not (p.parent / link).is_file()}


def test_tables_and_outputs_are_current() -> None:
    command = [
        sys.executable,
        "-m",
        "cogapp",
        "--check",
        "-P",
        "README.md",
        "README.zh.md",
        "docs/benchmarks.md",
        "docs/changes.md",
        "docs/claims.md",
        "docs/service.md",
        *sorted(str(path) for path in (ROOT / "models" / "cards").glob("*.md")),
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, "type `make tables`: " + done.stdout + done.stderr


def test_every_mark_of_an_own_choice_is_listed() -> None:
    listed = choices.PAGE.read_text()
    marked = [path for path in PROGRAMS if "tests" not in path.parts and "[design]" in _comments(path)]
    assert len(marked) > 20
    assert not [path for path in marked if f"`{path.relative_to(ROOT).as_posix()}`" not in listed]


def test_the_tree_names_every_package_and_every_module_at_the_root() -> None:
    tree = (ROOT / "CONTRIBUTING.md").read_text().partition("## Where things stand")[2].split("```")[1]
    packages = {path.parent for path in (ROOT / "skinscan").rglob("__init__.py")} - {ROOT / "skinscan"}
    modules = set((ROOT / "skinscan").glob("*.py"))
    named = set(re.findall(r"\w+/|\w+\.py", tree))
    assert not {path.name for path in packages} - {name.removesuffix("/") for name in named}
    assert not {path.name for path in modules} - named
    here = _files() | {path.name for path in ROOT.rglob("*") if path.is_dir()}
    assert not {name for name in named if name.removesuffix("/") not in here}


def test_each_folder_of_tests_is_named_after_a_package() -> None:
    packages = {path.parent.name for path in (ROOT / "skinscan").glob("*/__init__.py")}
    folders = {path.parent.name for path in (ROOT / "tests").glob("*/__init__.py")}
    assert folders <= packages | {"models", "benchmarks", "fuzz", "service"}


@pytest.mark.parametrize(
    "path",
    [path for path in PROGRAMS if path.is_relative_to(ROOT / "skinscan") and "cli" not in path.parts],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_a_public_function_of_four_parameters_or_more_documents_each(path: Path) -> None:
    """In backticks, or in a list of arguments; the options of the command line carry texts of their own."""
    assert not {
        f"{function.name}({name})"
        for function in _public_functions(path)
        if len(names := _parameters(function)) >= 4
        for name in names
        if not re.search(rf"`{name}`|^ *{name}: ", ast.get_docstring(function) or "", re.MULTILINE)
    }


def _public_functions(path: Path) -> list[ast.FunctionDef]:
    """Functions of a module and methods of its public classes, without a leading underscore."""
    body = ast.parse(path.read_text()).body
    for node in [node for node in body if isinstance(node, ast.ClassDef)]:
        body += [] if node.name.startswith("_") else node.body
    return [node for node in body if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")]


def _parameters(function: ast.FunctionDef) -> list[str]:
    own = function.args
    names = [each.arg for each in (*own.posonlyargs, *own.args, *own.kwonlyargs)]
    return [name for name in names if name not in ("self", "cls")]
