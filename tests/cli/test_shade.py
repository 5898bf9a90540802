"""`skinscan shade` and `skinscan catalog check` as a shell sees them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from skinscan.cli import run
from tests.paths import SAMPLES

FOUNDATIONS = str(SAMPLES / "catalog_foundations.csv")
LIGHT = str(SAMPLES / "face_light.jpg")
BAD = "sku,brand,product,shade,hex\nA,b,p,s,#c68642\nB,b,p,s,red\n"


def test_check_lists_bad_rows_and_exits_7(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "c.csv"
    path.write_text(BAD, encoding="utf-8")
    assert run(["catalog", "check", str(path), "--json"]) == 7
    found = json.loads(capsys.readouterr().out)
    assert (found["schema"], found["ok"], found["rows"], found["rows_refused"]) == (
        "skinscan.catalog/1", False, 1, 1,
    )  # fmt: skip
    assert found["problems"][0]["row"] == 3
    assert found["problems"][0]["field"] == "hex"
    assert run(["catalog", "check", str(path), "--lang", "zh"]) == 7
    assert "拒收" in capsys.readouterr().out
    assert run(["catalog", "check", FOUNDATIONS, "--quiet"]) == 0
    assert capsys.readouterr().out == ""


def test_a_bad_catalogue_or_sku_is_refused_before_the_photo_is_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "c.csv"
    path.write_text(BAD, encoding="utf-8")
    assert run(["shade", "no_such_photo.jpg", "--catalog", str(path)]) == 7
    assert "row 3, hex" in capsys.readouterr().err
    assert run(["shade", "no_such_photo.jpg", "--catalog", FOUNDATIONS, "--purchased", "none"]) == 7
    assert run(["shade", "no_such_photo.jpg", "--catalog", FOUNDATIONS]) == 3
    assert run(["shade", "no_such_photo.jpg", "--catalog", str(path), "--skip-bad"]) == 3
    assert "1 rows of c.csv left out" in capsys.readouterr().err


def test_a_verdict_is_data_unless_it_is_checked(capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["shade", LIGHT, "--catalog", FOUNDATIONS, "--purchased", "HAR-120N", "--json"]
    assert run([*asked, "--check"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert found["schema"] == "skinscan.shade/1"
    assert found["purchased"]["verdict"] == "mismatch"
    assert "deeper" in found["purchased"]["direction"]["en"]
    assert (found["matches"], found["reason"]) == ([], "NEEDS_WHITE_REFERENCE")  # told, but not ranked
