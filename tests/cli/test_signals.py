"""`skinscan signals` from a file to a table, JSON and a page."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from skinscan.cli import run
from tests.signals.test_read import verdict
from tests.streams import stream


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, str]:
    """A file of verdicts with one bad product, and all orders."""
    lines, orders = [], ["order,sku,sold_at,batch"]
    for report in stream(100, bad=0.6):
        sku, level = report.about["product"][0], "likely" if report.reaction else "unlikely"
        lines.append(
            json.dumps(
                verdict(
                    report.case_id, received_at=report.day.isoformat(), causality={"level": level},
                    product={"sku": sku, "brand": "<b>", "batch": "L1", "category": "cream"},
                    order={"id": report.order, "tenant": "", "channel": "", "streamer": "=1+1"},
                )
            )
        )  # fmt: skip
        orders += [f"{report.order}{n},{sku},{report.day},L1" for n in ("", "+a", "+b")]
    (tmp_path / "v.jsonl").write_text("\n".join(lines), encoding="utf-8")
    (tmp_path / "o.csv").write_text("\n".join(orders), encoding="utf-8")
    return str(tmp_path / "v.jsonl"), str(tmp_path / "o.csv")


def test_the_bad_product_comes_first_everywhere(
    files: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    verdicts, orders = files
    assert run(["signals", verdicts, "--orders", orders, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["schema"] == "skinscan.signals/1"
    assert found["signals"][0]["name"].startswith("P0")
    assert found["signals"][0]["flagged"]
    assert found["signals"][0]["tell"]
    assert not [signal for signal in found["signals"] if signal["kind"] == "product"][1]["flagged"]
    assert run(["signals", verdicts, "--orders", orders, "--lang", "en", "--check"]) == 1
    text = capsys.readouterr().out
    assert "product P0" in text.split("Not enough")[0]
    assert "should be told" in text
    assert (
        run(["signals", verdicts, "--orders", orders, "--report", str(tmp_path / "r"), "--lang", "zh"]) == 0
    )
    assert "须处理" in capsys.readouterr().out
    page = (tmp_path / "r" / "signals.html").read_text(encoding="utf-8")
    assert "&lt;b&gt;" in page
    assert "<b>" not in page


def test_a_file_that_is_no_list_of_verdicts_is_refused_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "v.jsonl").write_text("hello\n")
    assert run(["signals", str(tmp_path / "v.jsonl")]) == 7
    assert capsys.readouterr().err.count("\n") == 1
