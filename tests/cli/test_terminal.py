"""Nothing that a stranger wrote is obeyed by a terminal."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rich.table import Table
from rich.text import Text

from skinscan.cli import run
from skinscan.cli.console import complain, note, print_data, print_json
from skinscan.output.terminal.layout import fact_grid, heading, remark, render
from tests.claims.cases import CLEAR_REACTION
from tests.signals.test_read import verdict

OBEYED = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
SGR = re.compile(r"\x1b\[[0-9;]*m")
WILD = "\x1b[31mPWN\x1b]0;title\x07\u202eabc\x9b31m\r\x08"


@pytest.mark.parametrize("color", [False, True])
def test_what_is_laid_out_has_no_control_but_its_own_colours(color: bool) -> None:
    table = Table(WILD)
    table.add_row(WILD)
    page = render([heading(WILD), fact_grid([(WILD, WILD)]), remark(WILD), table, Text(WILD)], 80, color)
    assert not OBEYED.search(SGR.sub("", page))
    assert "\x1b[31m" not in page
    assert "PWN" in page


def test_a_harmless_page_is_laid_out_as_before() -> None:
    assert render([heading("a"), fact_grid([("b", "c")]), Text("红斑 d")], 40, False).split("\n") == [
        "",
        "a",
        "b             c",
        "红斑 d",
    ]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(min_size=1, max_size=40))
def test_no_way_out_lets_a_control_through(capsys: pytest.CaptureFixture[str], text: str) -> None:
    note(text)
    print_data(text)
    complain(f"cannot read {text}", text)
    print_json({"name": text})
    out, err = capsys.readouterr()
    assert not OBEYED.search(out + err)
    printed = out[out.index("{") :] if text.count("{") == 0 else None
    assert printed is None or json.loads(printed) == {"name": text}


@pytest.mark.parametrize(
    "arguments",
    [
        ["scan", f"no{WILD}.jpg"],
        ["batch", f"no{WILD}", "-o", "x.jsonl"],
        ["policy", "check", f"pol{WILD}.yaml"],
        ["shade", "a.jpg", "--catalog", f"cat{WILD}.csv"],
        ["catalog", "check", f"c{WILD}.csv"],
        [f"x{WILD}"],
        ["evidence", "show", f"ev{WILD}", "--keys", f"k{WILD}"],
        ["claim", f"c{WILD}.json"],
        ["claim", f"c{WILD}.json", "--json"],
    ],
)
def test_no_message_of_a_command_is_obeyed(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(arguments) not in (0, 70)
    out, err = capsys.readouterr()
    assert not OBEYED.search(out + err)
    assert "PWN" in out + err


def wild_verdict() -> dict[str, Any]:
    names = {"sku": f"S{WILD}", "brand": f"B{WILD}", "batch": f"L{WILD}", "category": "cream"}
    order = {"id": f"O{WILD}", "tenant": "", "channel": "", "streamer": f"A{WILD}"}
    return verdict(product=names, order=order, ingredients=[{"inci": f"I{WILD}"}])


PRODUCTS = f"""sku,name,brand,category,ingredients,price,claims
P1,"n{WILD}","b{WILD}",cream,"水、甘油{WILD}",9,"c{WILD}"
"P2{WILD}",n,b,"x{WILD}",水,9,
"""
WILD_FILES: dict[str, Callable[[], str]] = {
    "signals.jsonl": lambda: "\n".join(
        json.dumps({**wild_verdict(), "case_id": f"c{number}"}) for number in range(30)
    ),
    "bad.jsonl": lambda: json.dumps({**wild_verdict(), "received_at": WILD}),
    "orders.csv": lambda: f'order,sku,sold_at\nO1,S1,"{WILD}"\n'.replace("\x07", "").replace("\x08", ""),
    "products.csv": lambda: re.sub("[\x07\x08\r]", "", PRODUCTS),
    "words.json": lambda: json.dumps(
        {
            **CLEAR_REACTION, "photos": [], "case_id": f"c{WILD}", "symptoms": [f"痒{WILD}"],
            "promises": [{"kind": "free_of", "words": f"p{WILD}"}], "note": WILD,
        }
    ),
    "claim.json": lambda: json.dumps(
        {
            **CLEAR_REACTION, "photos": [], "case_id": f"c{WILD}",
            "product": {**CLEAR_REACTION["product"], "name": f"n{WILD}", "ingredients": f"水、x{WILD}、甘油"},
        }
    ),
    "photos.txt": lambda: "none\x1b[31mPWN\u202e.jpg\n",
}  # fmt: skip


@pytest.mark.parametrize(
    "arguments",
    [
        ["signals", "signals.jsonl", "--lang", "zh"],
        ["signals", "signals.jsonl", "--lang", "en"],
        ["signals", "signals.jsonl", "--json"],
        ["signals", "bad.jsonl"],
        ["signals", "signals.jsonl", "--orders", "orders.csv"],
        ["claim", "words.json", "--lang", "zh"],
        ["claim", "words.json", "--json"],
        ["claim", "claim.json", "--lang", "zh", "--products", "products.csv"],
        ["claim", "claim.json", "--lang", "en", "--products", "products.csv"],
        ["claim", "claim.json", "--json", "--products", "products.csv"],
        ["catalog", "check", "products.csv"],
        ["batch", "photos.txt", "-o", "-", "--workers", "1"],
    ],
)  # fmt: skip
def test_no_field_of_a_file_is_obeyed(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    for name, text in WILD_FILES.items():
        (tmp_path / name).write_text(text(), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert run(arguments) != 70
    out, err = capfd.readouterr()
    assert out + err
    assert not OBEYED.search(out + err)
