"""The notebook: its cells run in order, each shows what it says, and no output is stored.

The cells are plain Python, so `exec` runs them; nbclient would need a kernel and its 25 packages.
"""

from __future__ import annotations

import ast
import json
import re
from typing import Any

import pytest

import skinscan
from tests.paths import ROOT

NOTEBOOK: dict[str, Any] = json.loads((ROOT / "samples" / "notebook.ipynb").read_text(encoding="utf-8"))
CODE = [cell for cell in NOTEBOOK["cells"] if cell["cell_type"] == "code"]


def run_cell(source: str, names: dict[str, Any]) -> Any:
    """Run a cell; its value is that of a last expression, as in a notebook."""
    tree = ast.parse(source)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "cell", "exec"), names)
    return None if last is None else eval(compile(ast.unparse(last), "cell", "eval"), names)


def test_the_notebook_runs_from_top_to_bottom(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT / "samples")
    names: dict[str, Any] = {}
    shown = [run_cell("".join(cell["source"]), names) for cell in CODE]
    kinds = [type(value) for value in shown]
    for kind in (skinscan.Scan, skinscan.Change, skinscan.ShadeMatch):
        assert re.match("<(img|pre|table) ?", shown[kinds.index(kind)]._repr_html_())
    assert names["change"].verdict == "increase"
    assert names["other_light"].verdict != "increase"
    assert names["case"].verdict.outcome in repr(names["case"].verdict)
    out = capsys.readouterr()
    assert "against the own face" in out.out
    assert out.err == ""


def test_the_notebook_stores_no_output_and_stays_short() -> None:
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in CODE)
    assert len(NOTEBOOK["cells"]) <= 20
    assert NOTEBOOK["nbformat"] == 4
    assert len({cell["id"] for cell in NOTEBOOK["cells"]}) == len(NOTEBOOK["cells"])
