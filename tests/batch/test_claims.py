"""Batches of claims with everything on (catalogue, index, reports, evidence): the same bytes always."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from skinscan.batch import EngineOptions, Job, Plan, plan, run_batch
from skinscan.batch.journal import Journal
from skinscan.errors import DataError, PhotoMissing, UsageError
from skinscan.evidence import keygen, load_keys, verify_evidence
from tests.batch.cases import CATALOG, lay_out_cases
from tests.conftest import Run
from tests.paths import SAMPLES


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Cases and keys."""
    root = tmp_path_factory.mktemp("root")
    lay_out_cases(root / "cases")
    keygen(root / "keys")
    return root


def work(root: Path, out: Path) -> Plan:
    """The cases with everything on, all that is made in the folder `out`."""
    job = Job(
        kind="claims", device="cpu", catalog=str(CATALOG), index=str(out / "index.db"), lang="en",
        report=str(out / "reports"), evidence=str(out / "evidence"),
    )  # fmt: skip
    return plan(str(root / "cases"), job)


def read(rows: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in rows.splitlines()]


def made(out: Path) -> dict[str, bytes]:
    """Every file of the run that must not differ, by its path; of sealed cases their names."""
    files = {path.relative_to(out).as_posix(): path for path in out.rglob("*") if path.is_file()}
    return {
        name: b"" if name.endswith(".bundle") else path.read_bytes()
        for name, path in files.items()
        if name.startswith("reports/") or name == "rows.jsonl" or name.endswith(".bundle")
    }


@pytest.fixture(scope="module")
def whole(root: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What one worker makes undisturbed."""
    out = tmp_path_factory.mktemp("whole")
    planned = work(root, out)
    run_batch(planned, out / "rows.jsonl", EngineOptions(workers=1), keys=load_keys(root / "keys"))
    return made(out)


def test_every_case_is_a_row_with_its_report_and_its_bundle(whole: dict[str, bytes]) -> None:
    rows = read(whole["rows.jsonl"])
    assert [row["status"] for row in rows] == ["done"] * 5 + ["refused"]
    assert [(row["result"] or {}).get("case_id") for row in rows] == [f"case {n}" for n in range(5)] + [None]
    assert rows[5]["code"] == "DATA_INVALID"
    assert rows[4]["result"]["evidence"]["photos"][0]["code"] == "PHOTO_UNDECODABLE"
    assert [row["report"] for row in rows] == [f"{n:06}" for n in range(5)] + [None]
    pages = {name for name in whole if name.startswith("reports/")}
    expected = {f"reports/{n:06}/{page}.html" for n in range(5) for page in ("consumer", "arbitration")}
    assert pages == {"reports/index.html", *expected}
    sealed = [row["sealed"] for row in rows]
    assert {f"evidence/{bundle}.bundle" for bundle in sealed[:5]} == {n for n in whole if "bundle" in n}
    assert len(set(sealed)) == 6
    assert sealed[5] is None


def test_cases_that_share_a_photo_are_seen_in_both(whole: dict[str, bytes]) -> None:
    rows = read(whole["rows.jsonl"])
    seen = [[s["code"] for s in row["result"]["signals"]].count("SEEN_IN_ANOTHER_CASE") for row in rows[:5]]
    assert seen == [5, 0, 0, 5, 4]  # three photos of 0 and 3 are one; two of them are in case 4 as well


def test_the_shade_is_measured(whole: dict[str, bytes]) -> None:
    row = read(whole["rows.jsonl"])[2]
    assert row["result"]["evidence"]["shade"] is not None


def test_the_overview_leads_to_every_report(whole: dict[str, bytes]) -> None:
    page = whole["reports/index.html"].decode()
    for number in range(5):
        assert page.count(f'href="{number:06}/arbitration.html"') == 2  # zh and en
    assert page.count("DATA_INVALID") == 2


def test_rows_are_those_of_single_commands(
    root: Path, whole: dict[str, bytes], tmp_path: Path, run: Run
) -> None:
    """Of cases that are all in the index."""
    options = ("--catalog", CATALOG, "--index", tmp_path / "index.db", "--device", "cpu", "--json")
    for number in (3, 4, 0):
        (file,) = (root / "cases").glob(f"{number}_*/claim.json")
        single = json.loads(run("claim", file, *options).out)
    del single["sealed"]
    assert single == read(whole["rows.jsonl"])[0]["result"]


def test_a_run_killed_and_taken_up_by_more_workers_makes_the_same_and_seals_nothing_twice(
    root: Path, whole: dict[str, bytes], tmp_path: Path
) -> None:
    words = [sys.executable, "-m", "skinscan", "batch", root / "cases", "-o", tmp_path / "rows.jsonl"]
    words += ["--kind", "claims", "--catalog", CATALOG, "--index", tmp_path / "index.db", "--lang", "en"]
    words += ["--report", tmp_path / "reports", "--evidence", tmp_path / "evidence", "--keys", root / "keys"]
    words += ["--device", "cpu", "--quiet", "--workers"]
    with subprocess.Popen([*map(str, words), "1"], stderr=subprocess.PIPE) as first:
        while first.poll() is None and not list(tmp_path.glob("evidence/*.bundle")):
            time.sleep(0.01)
        first.kill()
        first.communicate()
    assert not (tmp_path / "rows.jsonl").exists()
    with Journal(tmp_path / "rows.jsonl", work(root, tmp_path).sha256) as journal:
        assert journal.tally.rows < 6
    done = subprocess.run([*map(str, words), "2"], check=False)
    assert done.returncode == 1
    assert made(tmp_path) == whole
    found = verify_evidence(tmp_path / "evidence", load_keys(root / "keys"))
    assert not found.faults


# What is refused before any work


def test_bad_tables_end_the_run_before_it_begins(root: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text("name,colour\nx,y\n")
    for option in ("catalog", "products", "policy"):
        named: dict[str, Any] = {option: str(bad)}
        with pytest.raises(DataError):
            plan(str(root / "cases"), Job(kind="claims", device="cpu", **named))
    job = Job(kind="claims", device="cpu", index=str(bad))
    with pytest.raises(DataError, match="index"):
        run_batch(plan(str(root / "cases"), job), tmp_path / "rows.jsonl")
    assert {path.name for path in tmp_path.iterdir()} == {"bad.csv"}


def test_options_that_would_change_nothing_are_refused(root: Path) -> None:
    photos, claims = Job(kind="photos", device="cpu"), Job(kind="claims", device="cpu")
    for job in (
        replace(photos, index="i"), replace(photos, evidence="e"), replace(photos, products="p"),
        replace(photos, kind="pairs", catalog="c"), replace(claims, keep_photos=True),
    ):  # fmt: skip
        with pytest.raises(UsageError, match="for"):
            plan(str(root / "cases"), job)
    with pytest.raises(PhotoMissing, match="names no claim"):
        plan(str(SAMPLES / "pairs"), claims)


# The command


def test_the_command_says_what_it_needs(root: Path, tmp_path: Path, run: Run) -> None:
    cases, out = root / "cases", tmp_path / "rows.csv"
    refused = {
        "a source and a file": ("batch",),
        "need a file of rows": ("batch", cases, "-o", "-", "--kind", "claims", "--report", tmp_path / "r"),
        "no signing key": ("batch", cases, "-o", out, "--kind", "claims", "--evidence", tmp_path / "e"),
        "index is for claims": ("batch", cases, "-o", out, "--index", tmp_path / "i"),
        "hold everything": (
            "batch",
            cases,
            "-o",
            tmp_path / "a.jsonl",
            "--kind",
            "claims",
            "--columns",
            "summary",
        ),
        "names no photo": ("batch", cases / "5_damaged", "-o", out),
    }
    for said, words in refused.items():
        found = run(*words)
        assert found.code in (2, 3, 8), found
        assert (said in found.err.lower(), found.err.count("\n")) == (True, 1), found.err
    assert not list(tmp_path.iterdir())


def test_one_claim_is_named_by_its_file_and_told_in_a_table(root: Path, tmp_path: Path, run: Run) -> None:
    (file,) = (root / "cases").glob("1_*/claim.json")
    options = ("--columns", "summary", "--device", "cpu", "--workers", "1", "--quiet")
    assert run("batch", file, "-o", tmp_path / "rows.csv", *options).code == 0
    with (tmp_path / "rows.csv").open(encoding="utf-8-sig", newline="") as table:
        (row,) = csv.DictReader(table)
    assert (row["case_id"], row["status"], row["evidence.photos.usable"]) == ("case 1", "done", "0")
