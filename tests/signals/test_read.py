"""Verdicts and tables of orders as they are written, and as they should not be."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from skinscan.errors import DataError
from skinscan.signals.read import read_orders, read_verdicts
from skinscan.signals.types import Order


def verdict(case: str = "c1", **more: Any) -> dict[str, Any]:
    return {
        "schema": "skinscan.verdict/1", "case_id": case, "received_at": "2026-03-01T23:30:00-05:00",
        "product": {"sku": "S1", "brand": "B", "batch": "L7", "category": "cream"},
        "order": {"id": "O1", "tenant": "", "channel": "live", "streamer": "A"},
        "skin_type": "dry", "causality": {"level": "likely"}, "seriousness": "serious",
        "ingredients": [{"inci": "Limonene"}, {"inci": "Limonene"}, {"inci": "Linalool"}], **more,
    }  # fmt: skip


def lines(path: Path, *values: Any) -> Path:
    path.write_text("".join(json.dumps(value) + "\n" for value in values), encoding="utf-8")
    return path


def test_a_verdict_is_read_as_it_stands_or_in_a_row_of_a_batch(tmp_path: Path) -> None:
    alone, _ = read_verdicts(lines(tmp_path / "a.jsonl", verdict()))
    row = {"schema": "skinscan.row/1", "status": "done", "result": verdict()}
    assert read_verdicts(lines(tmp_path / "b.jsonl", row)) == (alone, 0)
    (report,) = alone
    assert report.day == date(2026, 3, 2)  # UTC
    assert report.reaction
    assert report.serious
    assert report.about == {
        "product": ("S1",), "batch": ("S1 / L7",), "brand": ("B",), "streamer": ("A",),
        "ingredient": ("Limonene", "Linalool"),
    }  # fmt: skip
    assert (report.skin_type, report.order) == ("dry", "O1")


@pytest.mark.parametrize(
    ("level", "reaction"),
    [
        ("very_likely", True), ("likely", True), ("not_clearly_attributable", True), ("unlikely", False),
        ("excluded", False), ("insufficient", False), (None, False),
    ],
)  # fmt: skip
def test_a_reaction_is_where_the_product_is_at_least_a_possible_cause(
    tmp_path: Path, level: str | None, reaction: bool
) -> None:
    causality = None if level is None else {"level": level}
    (report,), _ = read_verdicts(lines(tmp_path / "a.jsonl", verdict(causality=causality)))
    assert report.reaction is reaction


def test_the_last_verdict_of_a_case_counts_and_other_lines_do_not(tmp_path: Path) -> None:
    refused = {"schema": "skinscan.row/1", "status": "refused", "result": None}
    scan = {"schema": "skinscan.row/1", "status": "done", "result": {"schema": "skinscan.scan/1"}}
    later = verdict(causality={"level": "unlikely"})
    reports, skipped = read_verdicts(
        lines(tmp_path / "a.jsonl", verdict(), refused, verdict("c2"), scan, later)
    )
    assert {report.case_id: report.reaction for report in reports} == {"c1": False, "c2": True}
    assert skipped == 3


def test_what_is_not_told_is_not_a_name(tmp_path: Path) -> None:
    bare = verdict(
        product={"sku": "S1", "brand": "", "batch": "", "category": "cream"}, skin_type="unknown",
        ingredients=[],
        order={"id": "O1", "tenant": "", "channel": "", "streamer": ""},
    )  # fmt: skip
    (report,), _ = read_verdicts(lines(tmp_path / "a.jsonl", bare))
    assert report.about == {"product": ("S1",)}
    assert report.skin_type == ""


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "a.jsonl:2 is no verdict: line 1"),
        ("3", "a.jsonl:2 is no verdict: it is no JSON object"),
        ('{"a":1,"a":2}', 'a.jsonl:2 is no verdict: the key "a" is given twice'),
        ('{"schema": "skinscan.verdict/1"}', "a.jsonl:2 is no verdict: it lacks 'causality'"),
        (json.dumps(verdict(received_at="soon")), 'a.jsonl:2 is no verdict: "soon" is no date'),
        (json.dumps(verdict(order=None)), "a.jsonl:2 is no verdict"),
    ],
)  # fmt: skip
def test_a_bad_line_is_named(tmp_path: Path, line: str, said: str) -> None:
    path = lines(tmp_path / "a.jsonl", verdict())
    path.write_text(path.read_text() + line + "\n", encoding="utf-8")
    with pytest.raises(DataError, match=said.replace("(", "\\(")) as caught:
        read_verdicts(path)
    assert "\n" not in caught.value.message


def test_orders_are_read_as_spreadsheets_write_them(tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_text(
        "Order;SKU;Sold At;批号;Batch;streamer\nO1;S1;2026-03-01;x;L7;小美的直播间\nO2;S2;2026-03-02;;;\n",
        "utf-8-sig",
    )
    assert read_orders(path) == (
        Order(
            id="O1", day=date(2026, 3, 1),
            about={"product": ("S1",), "batch": ("S1 / L7",), "streamer": ("小美的直播间",)},
        ),
        Order(id="O2", day=date(2026, 3, 2), about={"product": ("S2",)}),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("order,sku\n1,2\n", "lacks the column sold_at"),
        ("order,sku,sold_at\n1,2,3\n", 'orders.csv:2: "3" is no date'),
        ("order,sku,sold_at\n1,2,2026-01-01,x\n", "orders.csv:2: 4 cells"),
        ("order,sku,sold_at\n,S,2026-01-01\n", "orders.csv:2: order is empty"),
        ("", "is no table"),
    ],
)
def test_a_bad_table_of_orders_is_refused_by_line(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "orders.csv"
    path.write_text(text)
    with pytest.raises(DataError, match=said):
        read_orders(path)


def test_no_file_no_traceback(tmp_path: Path) -> None:
    for read in (read_verdicts, read_orders):
        with pytest.raises(DataError, match="cannot be read"):
            read(tmp_path / "none")
        with pytest.raises(DataError, match="cannot be read"):
            read(tmp_path)
