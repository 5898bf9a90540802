"""Batches among damaged journals, planted links, closed folders, and workers killed as they start."""

from __future__ import annotations

import json
import os
import pickle
import shutil
import signal
import subprocess
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from skinscan.batch import EngineOptions, Job, make_rows, plan, pool, run_batch
from skinscan.batch.delivery import Delivery
from skinscan.batch.journal import Journal
from skinscan.batch.rows import Output, Row
from skinscan.batch.worker import Worker
from skinscan.errors import DeviceError, UsageError
from skinscan.output.report import Page
from tests.paths import SAMPLES

PHOTOS = Job(kind="photos", device="cpu")
ROWS = [json.dumps({"index": k, "status": "done", "code": None}).encode() + b"\n" for k in range(6)]
HEADER = b'{"schema": "skinscan.journal/2", "plan": "plan"}\n'


def begun(out: Path, rows: int = 4) -> tuple[Path, Path]:
    """What a run that was stopped leaves: a commit after every row."""
    with Journal(out, "plan") as journal:
        for row in ROWS[:rows]:
            journal.add("done", None, row)
            journal.commit()
    return out.with_name(f"{out.name}.part"), out.with_name(f"{out.name}.part.journal")


def ended(out: Path) -> bytes:
    """Take the run up and do the rest; the rows."""
    with Journal(out, "plan") as journal:
        for row in ROWS[journal.tally.rows :]:
            journal.add("done", None, row)
        journal.commit()
        return journal.path.read_bytes()


@pytest.mark.parametrize(
    "body",
    [
        b"garbage\n", b"[]\n", b"{}\n", b"null\n", b"\xff\xfe\n", b"\0\0\0\0\n", b"[" * 100_000 + b"\n",
        b'{"schema": "skinscan.journal/1", "plan": "plan"}\n', HEADER.replace(b"plan\"}", b"other\"}"),
    ],
)  # fmt: skip
def test_a_journal_that_is_not_ours_is_refused_by_name_and_can_be_overwritten(
    body: bytes, tmp_path: Path
) -> None:
    rows, journal = begun(tmp_path / "o.jsonl")
    journal.write_bytes(body)
    before = rows.read_bytes()
    with pytest.raises(UsageError, match=r"journal|left by a run"):
        Journal(tmp_path / "o.jsonl", "plan")
    assert (rows.read_bytes(), journal.read_bytes()) == (before, body), "nothing of it is touched"
    with Journal(tmp_path / "o.jsonl", "plan", afresh=True) as again:
        assert again.tally.rows == 0


@pytest.mark.parametrize(
    "commit",
    [
        b'{"rows":1}\n', b'{"bytes":-5,"sha256":""}\n', b'{"bytes":99999999999999999999,"sha256":""}\n',
        b'{"bytes":4611686018427387903,"sha256":""}\n', b'{"bytes":true,"sha256":""}\n', b"[1]\n", b"\0\0\n",
        b'{"bytes":10,"sha256":"00"}\n', b'{"rows": 4, "bytes"',
    ],
)  # fmt: skip
def test_a_commit_that_does_not_fit_its_rows_is_not_believed(commit: bytes, tmp_path: Path) -> None:
    _, journal = begun(tmp_path / "o.jsonl")
    journal.write_bytes(HEADER + commit)
    assert ended(tmp_path / "o.jsonl") == b"".join(ROWS)


@pytest.mark.parametrize("suffix", [".part", ".part.journal", ""])
@pytest.mark.parametrize("kind", ["link", "dangling link", "second name", "pipe", "device"])
def test_nothing_is_written_through_a_link(suffix: str, kind: str, tmp_path: Path) -> None:
    victim, out = tmp_path / "victim", tmp_path / "o.jsonl"
    victim.write_bytes(b"precious")
    planted = out.with_name(out.name + suffix)
    {
        "link": lambda: planted.symlink_to(victim),
        "dangling link": lambda: planted.symlink_to(tmp_path / "new"),
        "second name": lambda: planted.hardlink_to(victim),
        "pipe": lambda: os.mkfifo(planted),
        "device": lambda: planted.symlink_to("/dev/full"),
    }[kind]()
    for overwrite in (False, True):
        if kind == "second name" and not suffix and overwrite:
            continue  # another file takes the name, and the other name keeps its file
        with pytest.raises(UsageError):
            run_batch(plan(str(SAMPLES / "no_face.jpg"), PHOTOS), out, overwrite=overwrite)
    assert victim.read_bytes() == b"precious"
    assert not (tmp_path / "new").exists()


def test_no_report_is_written_through_a_planted_folder(tmp_path: Path) -> None:
    victim, reports = tmp_path / "victim", tmp_path / "reports"
    victim.mkdir()
    reports.mkdir()
    (reports / "000000").symlink_to(victim)
    brought = pickle.dumps(Output(pages=(Page(name="scan.html", html="of somebody"),)))
    row = Row(index=0, status="done", code=None, line=b"{}\n", output=brought)
    with pytest.raises(UsageError, match="link"):
        Delivery(Job(kind="photos", device="cpu", report=str(reports)), None).deliver(row)
    assert not list(victim.iterdir())


def test_a_disk_that_fills_while_reports_are_saved_ends_the_run_with_its_rows_in_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: Delivery, row: Row) -> Row:
        if row.index == 7:
            raise UsageError("No space left on device")
        return row

    monkeypatch.setattr(Delivery, "deliver", full)
    delivery = Delivery(Job(kind="photos", device="cpu", report=str(tmp_path)), None)
    rows = (Row(index=k, status="done", code=None, line=b"{}\n") for k in range(20))
    found: list[int] = []
    with pytest.raises(UsageError, match="No space"):
        found.extend(row.index for row in delivery.run(rows))
    assert found == list(range(7))


def test_the_files_of_a_run_are_private(tmp_path: Path) -> None:
    for path in begun(tmp_path / "o.jsonl"):
        assert path.stat().st_mode & 0o777 == 0o600


# Folders


def test_a_folder_that_cannot_be_listed_is_one_refused_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a.jpg", "z.jpg"):
        shutil.copy(SAMPLES / "no_face.jpg", tmp_path / name)
    closed = tmp_path / "closed"
    closed.mkdir()
    scandir = os.scandir

    def denied(path: str | Path) -> object:
        if str(path) == str(closed):
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", denied)  # root may list everything
    work = plan(str(tmp_path), PHOTOS)
    assert work.paths == tuple((str(tmp_path / name),) for name in ("a.jpg", "closed", "z.jpg"))
    row = json.loads(Worker(PHOTOS).row(list(work.units())[1]).line)
    assert (row["status"], row["code"]) == ("refused", "PHOTO_MISSING")
    assert "closed cannot be listed: Permission denied" in row["error"]["message"]


@pytest.fixture
def nested(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A folder 2,100 deep in the current one, a photo half-way down and one at its top."""
    (tmp_path / "deep" / "z").mkdir(parents=True)
    (tmp_path / "deep" / "z.jpg").touch()
    monkeypatch.chdir(tmp_path / "deep" / "z")
    for depth in range(2100):
        Path("a").mkdir()
        os.chdir("a")
        if depth == 1200:
            Path("b.jpg").touch()
    os.chdir(tmp_path)
    yield
    subprocess.run(["rm", "-rf", str(tmp_path / "deep")], check=True)  # pytest would recurse


@pytest.mark.usefixtures("nested")
def test_folders_nested_by_the_thousand_are_walked() -> None:
    closed, photo, last = (path for (path,) in plan("deep", PHOTOS).paths)
    assert closed.endswith("/a")  # its path is longer than the system takes
    assert photo.endswith("/a/b.jpg")
    assert last == "deep/z.jpg"
    with pytest.raises(UsageError, match="nested"):
        plan("deep/**/*.jpg", PHOTOS)


# Workers


serve = pool._serve


def killed_at_first(connection: Connection, job: Job, owner: str | None) -> None:
    """The first worker of all is killed while it starts, as by the system when memory is short."""
    flag = Path(os.environ["SKINSCAN_TEST_FLAG"])
    if not flag.exists():
        flag.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    serve(connection, job, owner)


def killed_always(connection: Connection, job: Job, owner: str | None) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def test_a_worker_killed_while_it_starts_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = plan(str(SAMPLES / "no_face.jpg"), PHOTOS)
    monkeypatch.setenv("SKINSCAN_TEST_FLAG", str(tmp_path / "killed"))
    monkeypatch.setattr(pool, "_serve", killed_at_first)
    (row,) = make_rows(work, EngineOptions(workers=1))
    assert (tmp_path / "killed").exists()
    assert row.line == Worker(PHOTOS).row(next(work.units())).line


def test_workers_that_never_start_end_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "_serve", killed_always)
    with pytest.raises(DeviceError, match="while starting, the last by SIGKILL"):
        list(make_rows(plan(str(SAMPLES / "no_face.jpg"), PHOTOS), EngineOptions(workers=1)))
