"""Batches: every input is one row, in order, whatever happens to single ones or to the run itself."""

from __future__ import annotations

import io
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pytest

from skinscan.batch import EngineOptions, Job, Plan, make_rows, plan, pool, run_batch, worker
from skinscan.batch.journal import Journal
from skinscan.batch.plan import Unit
from skinscan.batch.rows import Row
from skinscan.errors import DataError, DeviceError, PhotoMissing, UsageError
from tests.claims.cases import CLEAR_REACTION
from tests.paths import SAMPLES

PHOTOS = Job(kind="photos", device="cpu")
HOSTILE = {
    "cut.jpg": (SAMPLES / "face_dark.jpg").read_bytes()[:9000],
    "empty.jpg": b"",
    "text.png": b"no photo",
}
NAMES = ["below/face_dark.jpg", "below/face_light.jpg", "below/no_face.jpg", *HOSTILE]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six photos, half of them hostile, in a folder with a subfolder."""
    root = tmp_path_factory.mktemp("photos")
    (root / "below").mkdir()
    for name in NAMES[:3]:
        shutil.copy(SAMPLES / Path(name).name, root / name)
    for name, data in HOSTILE.items():
        (root / name).write_bytes(data)
    (root / ".hidden.jpg").write_bytes(b"")
    (root / "notes.txt").write_text("no photo")
    return root


@pytest.fixture(scope="module")
def rows(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The folder's rows by one worker."""
    out = tmp_path_factory.mktemp("out") / "rows.jsonl"
    run_batch(plan(str(folder), PHOTOS), out, EngineOptions(workers=1))
    return out.read_bytes()


def read(rows: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in rows.splitlines()]


def lines(found: Sequence[Row]) -> bytes:
    return b"".join(row.line for row in found)


def here(planned: Plan) -> bytes:
    """The rows by this very process, which saves the start of others."""
    scanning = worker.Worker(planned.job)
    return lines([scanning.row(unit) for unit in planned.units()])


def start(*arguments: object, **options: Any) -> subprocess.Popen[bytes]:
    words = [sys.executable, "-m", "skinscan", "batch", *map(str, arguments), "--device", "cpu"]
    return subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)


# Rows


def test_every_input_is_a_row_in_order(rows: bytes, folder: Path) -> None:
    found = read(rows)
    assert [row["source"]["photo"] for row in found] == [str(folder / name) for name in NAMES]
    assert [row["index"] for row in found] == list(range(6))
    assert [row["status"] for row in found] == ["done", "done"] + ["refused"] * 4
    assert [row["code"] for row in found[2:]] == ["NO_FACE"] + ["PHOTO_UNDECODABLE"] * 3
    for row in found:
        assert row["provider"] == "CPUExecutionProvider"
        assert (row["result"] is None) == (row["error"] is not None)


@pytest.mark.parametrize("means", [EngineOptions(workers=2), EngineOptions(workers=2, batch_size=2)])
def test_rows_depend_on_neither_workers_nor_batches(
    means: EngineOptions, rows: bytes, folder: Path, tmp_path: Path
) -> None:
    tally = run_batch(plan(str(folder), PHOTOS), tmp_path / "two.jsonl", means)
    assert (tmp_path / "two.jsonl").read_bytes() == rows
    assert (tally.done, dict(tally.refused), tally.failed.total()) == (
        2,
        {"NO_FACE": 1, "PHOTO_UNDECODABLE": 3},
        0,
    )
    assert [path.name for path in tmp_path.iterdir()] == ["two.jsonl"]


def test_pairs_are_compared(tmp_path: Path) -> None:
    for name in ("face_light.jpg", "face_dark.jpg"):
        shutil.copy(SAMPLES / name, tmp_path / name)
    listing = tmp_path / "pairs.csv"
    listing.write_text("before,after,note\nface_light.jpg,face_light.jpg,same\nface_light.jpg,gone.jpg,\n")
    job = Job(kind="pairs", device="cpu")
    copy, missing = read(here(plan(str(listing), job)))
    assert copy["result"]["schema"] == "skinscan.compare/1"
    assert (copy["status"], copy["code"]) == ("refused", copy["result"]["findings"][0]["code"])
    assert missing["code"] == "PHOTO_MISSING"
    assert missing["source"] == {
        "before": str(tmp_path / "face_light.jpg"),
        "after": str(tmp_path / "gone.jpg"),
    }


def test_claims_are_judged(tmp_path: Path) -> None:
    shutil.copy(SAMPLES / "face_light.jpg", tmp_path / "before.jpg")
    shutil.copy(SAMPLES / "face_red_cheek.jpg", tmp_path / "after.jpg")
    (tmp_path / "a.json").write_text(json.dumps(CLEAR_REACTION), "utf-8")
    (tmp_path / "b.json").write_text("{}")
    job = Job(kind="claims", device="cpu")
    claim, nonsense = read(here(plan(f"{tmp_path}/*.json", job)))
    assert (claim["status"], claim["result"]["case_id"]) == ("done", "case-1")
    assert (nonsense["status"], nonsense["code"]) == ("refused", "DATA_INVALID")


def test_a_fault_of_ours_is_a_failed_row(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "scan_to_dict", lambda *_, **__: {"value": float("nan")})
    row = read(here(plan(str(folder), PHOTOS, limit=1)))[0]
    assert (row["status"], row["code"], row["result"]) == ("failed", "INTERNAL", None)
    assert "report it" in row["error"]["advice"]


# Plans


def test_lists_globs_and_standard_input_name_the_same_photos(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listing = folder / "photos.txt"
    listing.write_text("\n".join(NAMES[:2]) + "\n\n")
    expected = tuple((str(folder / name),) for name in NAMES[:2])
    assert plan(str(listing), PHOTOS).paths == expected
    assert plan(f"{folder}/**/face_*.jpg", PHOTOS).paths == expected
    assert plan(str(folder), PHOTOS, limit=2).paths == expected
    monkeypatch.chdir(folder)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(listing.read_bytes())))
    assert plan("-", PHOTOS).paths == tuple((name,) for name in NAMES[:2])
    listing.unlink()


def test_a_plan_knows_what_its_rows_depend_on(folder: Path) -> None:
    cuda = Job(kind="photos", device="auto")
    plans = [plan(str(folder), PHOTOS), plan(str(folder), PHOTOS, limit=3), plan(str(folder), cuda)]
    assert len({each.sha256 for each in plans}) == 3
    assert plan(str(folder), PHOTOS).sha256 == plans[0].sha256


@pytest.mark.parametrize(
    ("source", "kind", "error"),
    [
        ("nowhere", "photos", PhotoMissing),
        ("pairs.csv", "photos", UsageError),
        ("pairs.csv", "pairs", DataError),
        ("gone.csv", "pairs", PhotoMissing),
    ],
)
def test_sources_that_name_nothing_are_refused(
    source: str, kind: Any, error: type[Exception], tmp_path: Path
) -> None:
    (tmp_path / "pairs.csv").write_text("first,second\na,b\n")
    with pytest.raises(error):
        plan(str(tmp_path / source), Job(kind=kind, device="cpu"))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_lists_and_pairs_are_read_in_the_encodings_of_the_trade(tmp_path: Path, encoding: str) -> None:
    names = ["照片一.jpg", "使用后照片.jpg"]
    listing, table = tmp_path / "list.txt", tmp_path / "pairs.csv"
    listing.write_bytes("\r\n".join([*names, ""]).encode(encoding))
    text = f"Before; After;note\n{names[0]};{names[1]};红\u2028肿\n;;\n"
    table.write_bytes(text.replace("\u2028", " " if encoding == "gb18030" else "\u2028").encode(encoding))
    whole = tuple(str(tmp_path / name) for name in names)
    assert plan(str(listing), PHOTOS).paths == tuple((path,) for path in whole)
    assert plan(str(table), Job(kind="pairs", device="cpu")).paths == (whole,)


def test_a_list_of_names_that_are_no_text_keeps_their_bytes(tmp_path: Path) -> None:
    names = [b"\xff\xfa.jpg", b"\x81.jpg"]
    with open(os.fsencode(tmp_path) + b"/" + names[0], "wb") as file:  # noqa: PTH123  (a name that is no text)
        file.write(b"x")
    listing = tmp_path / "list.txt"
    listing.write_bytes(b"\n".join(names))
    assert [os.fsencode(Path(path).name) for (path,) in plan(str(listing), PHOTOS).paths] == names
    with pytest.raises(DataError, match="not in cp932"):
        plan(str(listing), PHOTOS, encoding="cp932")


def test_odd_names_and_pipes_are_rows_too(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")
    odd = os.fsencode(tmp_path) + b"/\xff\n.jpg"
    with open(odd, "wb") as file:  # noqa: PTH123  (a name that is no text)
        file.write(b"x")
    found = read(here(plan(str(tmp_path), PHOTOS)))
    assert {row["code"] for row in found} == {"PHOTO_MISSING", "PHOTO_UNDECODABLE"}
    assert any("\\xff" in row["source"]["photo"] for row in found)


# What happens to a run


def test_a_killed_run_is_taken_up_and_loses_nothing(rows: bytes, folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "rows.jsonl"
    first = start(folder, "-o", out, "--workers", 1)
    journal = tmp_path / "rows.jsonl.part.journal"
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and not (journal.exists() and b'"rows"' in journal.read_bytes()):
        time.sleep(0.01)
    first.kill()
    first.communicate()
    assert not out.exists()
    with (tmp_path / "rows.jsonl.part").open("ab") as torn:  # the power fails in the middle of a row
        torn.write(rows[:100])
    with journal.open("ab") as torn:
        torn.write(b'{"rows": 1')
    second = start(folder, "-o", out, "--workers", 2)
    assert b"2 done, 4 refused (PHOTO_UNDECODABLE 3, NO_FACE 1)" in second.communicate()[1]
    assert second.returncode == 1
    assert out.read_bytes() == rows
    assert [path.name for path in tmp_path.iterdir()] == ["rows.jsonl"]


def test_a_full_disk_stops_the_run_until_there_is_room(rows: bytes, folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "rows.jsonl"

    def small_disk() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))

    first = start(folder, "-o", out, "--workers", 1, preexec_fn=small_disk)
    told = first.communicate()[1].decode()
    assert (first.returncode, told.count("\n")) == (2, 1)
    assert "cannot be written" in told
    assert not out.exists()
    second = start(folder, "-o", out, "--workers", 1)
    second.communicate()
    assert out.read_bytes() == rows


def test_a_reader_that_has_gone_ends_the_run_quietly(folder: Path) -> None:
    with start(folder, "-o", "-", "--workers", 1) as run:
        assert run.stdout
        assert run.stderr
        run.stdout.readline()
        run.stdout.close()
        assert (run.stderr.read(), run.wait()) == (b"", 141)


def test_what_exists_or_belongs_to_another_run_is_left_alone(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "rows.jsonl"
    out.write_text("precious")
    with pytest.raises(UsageError, match="exists"):
        run_batch(plan(str(folder), PHOTOS), out)
    out.unlink()
    with Journal(out, "another") as ledger:
        ledger.add("done", None, b'{"index":0,"status":"done","code":null}\n')
        with pytest.raises(UsageError, match="another run"):
            Journal(out, "another")
    with pytest.raises(UsageError, match="other photos"):
        run_batch(plan(str(folder), PHOTOS), out)
    with Journal(out, "another") as ledger:
        assert ledger.tally.done == 1


def test_rows_that_cannot_be_written_are_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl.part").mkdir()
    with pytest.raises(UsageError, match="Is a directory"):
        Journal(tmp_path / "rows.jsonl", "plan")


def test_a_run_that_cannot_work_leaves_nothing(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(DeviceError):
        run_batch(
            plan(str(folder), Job(kind="photos", device="cuda")),
            tmp_path / "a.jsonl",
            EngineOptions(workers=1),
        )
    with pytest.raises(UsageError, match="named"):
        run_batch(plan(str(folder), PHOTOS), tmp_path / "a.ods")
    assert list(tmp_path.iterdir()) == []


def dying(connection: Connection, job: Job, owner: str | None) -> None:
    """A worker that dies on one photo, and on another the first time."""
    real = worker.Worker.row

    def row(self: worker.Worker, unit: Unit) -> Row:
        flag = Path(unit.paths[0]).with_suffix(".died")
        if "cut" in unit.paths[0] or ("text" in unit.paths[0] and not flag.exists()):
            flag.touch()
            os.kill(os.getpid(), signal.SIGSEGV)
        return real(self, unit)

    worker.Worker.row = row  # type: ignore[method-assign]
    serve(connection, job, owner)


serve = pool._serve


def test_a_photo_that_kills_workers_is_one_row(
    rows: bytes, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "_serve", dying)
    found = read(lines(list(make_rows(plan(str(folder), PHOTOS), EngineOptions(workers=2)))))
    expected = read(rows)
    assert (found[3]["status"], found[3]["code"]) == ("failed", "WORKER_LOST")
    assert "SIGSEGV" in found[3]["error"]["message"]
    assert found[:3] + found[4:] == expected[:3] + expected[4:]
    for flag in folder.glob("*.died"):
        flag.unlink()


def spinning(connection: Connection, job: Job, owner: str | None) -> None:
    """A worker that one photo keeps busy for ever, in C code that no exception reaches."""
    real = worker.Worker.row

    def row(self: worker.Worker, unit: Unit) -> Row:
        if "cut" in unit.paths[0]:
            sum(iter(int, 1))  # for ever
        return real(self, unit)

    worker.Worker.row = row  # type: ignore[method-assign]
    pool._CPU_SECONDS["photos"] = 3.0
    serve(connection, job, owner)


def test_a_photo_that_takes_too_long_is_one_refused_row(
    rows: bytes, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "_serve", spinning)
    found = read(lines(list(make_rows(plan(str(folder), PHOTOS), EngineOptions(workers=2)))))
    expected = read(rows)
    assert (found[3]["status"], found[3]["code"]) == ("refused", "TOO_COSTLY")
    assert "processor time" in found[3]["error"]["message"]
    assert found[:3] + found[4:] == expected[:3] + expected[4:]


def test_workers_keep_to_a_core_each_if_there_is_one_for_each() -> None:
    cores = os.sched_getaffinity(0)
    with subprocess.Popen(["sleep", "60"]) as other:
        pool.keep_to_core(other.pid, 0, len(cores) + 1)
        assert os.sched_getaffinity(other.pid) == cores
        seats = []
        for number in range(len(cores)):
            pool.keep_to_core(other.pid, number, len(cores))
            seats.append(os.sched_getaffinity(other.pid))
        other.kill()
    assert sorted(seats, key=min) == [{core} for core in sorted(cores)]
    pool.keep_to_core(other.pid, 0, len(cores))  # it has ended: nothing happens


def test_a_worker_killed_from_outside_loses_nothing(rows: bytes, folder: Path) -> None:
    work_list: Plan = plan(str(folder), PHOTOS)
    with pool.Pool(PHOTOS, 2) as workers:
        supply = workers.run(work_list.units())
        found = [next(supply)]
        os.kill(workers.pids[0], signal.SIGKILL)
        found += supply
    assert lines(found) == rows


def test_without_the_owner_of_the_models_no_row_is_written(folder: Path) -> None:
    units = plan(str(folder), PHOTOS).units()
    with pool.Pool(PHOTOS, 1, batch_size=2) as workers:
        supply = workers.run(units)
        next(supply)
        assert workers._owner
        workers._owner.process.kill()
        with pytest.raises(DeviceError, match="has ended"):
            list(supply)


# The command


def test_the_command_counts_and_says_so(folder: Path, tmp_path: Path) -> None:
    run = start(folder, "-o", tmp_path / "a.csv", "--limit", 3, "--json", "--batch-size", "auto")
    summary = json.loads(run.communicate()[0])
    assert (summary["rows"], summary["done"], summary["refused"]) == (3, 2, {"NO_FACE": 1})
    assert run.returncode == 1
    wrong = start(folder, "-o", tmp_path / "b.csv", "--batch-size", "many")
    assert b"--batch-size" in wrong.communicate()[1]
    assert wrong.returncode == 2
