"""A followed case: it is asked again on its day, and getting worse cannot wait."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from samples.ticket_service import cases, jobs, worker
from samples.ticket_service.access import Who
from samples.ticket_service.api import status_of
from samples.ticket_service.database import Case, Database, Event, Photo
from samples.ticket_service.results import Work, save
from samples.ticket_service.settings import Settings
from skinscan import Scanner
from tests.paths import ROOT, SAMPLES
from tests.service.running import claim

WHO = Who(role="operator", name="anna")
VERDICT = {
    "outcome": "uphold",
    "queue": "general",
    "priority": "normal",
    "due": {"decision": "2099-01-01T00:00:00Z"},
    "missing": [],
}


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    found = Database(f"sqlite:///{tmp_path / 'x.sqlite'}")
    yield found
    found.close()


@pytest.mark.parametrize(
    ("course", "state", "priority"), [("worsening", "desk", 0), ("improving", "decided", 2)]
)
def test_worse_is_urgent_and_due_within_the_hour(
    database: Database, tmp_path: Path, course: str, state: str, priority: int
) -> None:
    settings = Settings(folder=tmp_path)
    with database.write() as session:
        opened = cases.open_case(session, claim("F-1"), WHO, settings)
    with database.write() as session:
        job = jobs.take(session, 60)
        assert job is not None
        save(session, job, Work(value=(1, json.dumps(VERDICT), course)), settings)
    with database.read() as session:
        case = session.get(Case, opened["id"])
        assert case is not None
        assert (case.state, case.priority) == (state, priority)
        assert ((case.due or 0) < time.time() + 3601) == (course == "worsening")
        told = {json.loads(event.payload)["type"] for event in session.scalars(select(Event))}
        assert ("case.worsening" in told) == (course == "worsening")


def test_a_job_whose_lease_ran_out_is_saved_once(database: Database, tmp_path: Path) -> None:
    settings = Settings(folder=tmp_path)
    with database.write() as session:
        cases.open_case(session, claim("F-2"), WHO, settings)
    with database.write() as session:
        slow = jobs.take(session, -1)
    with database.write() as session:
        quick = jobs.take(session, 60)
    assert slow is not None
    assert quick is not None
    assert slow.id == quick.id
    work = Work(value=(1, json.dumps(VERDICT), ""))
    for job in (quick, slow):
        with database.write() as session:
            save(session, job, work, settings)
    with database.read() as session:
        assert len(list(session.scalars(select(Event)))) == 1


def test_a_followed_case_is_asked_on_the_day_of_its_policy(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (ROOT / "skinscan" / "claims" / "data" / "policy_default.yaml").read_text(encoding="utf-8")
    assert "follow_days: 3" in text
    policy = tmp_path / "policy.yaml"
    policy.write_text(text.replace("follow_days: 3", "follow_days: 5"), encoding="utf-8")
    settings = Settings(folder=tmp_path, policy=str(policy))
    start = time.time()
    now = [start]
    monkeypatch.setattr(time, "time", lambda: now[0])
    with database.write() as session:
        opened = cases.open_case(session, claim("F-3"), WHO, settings)
        case = session.get(Case, opened["id"])
        assert case is not None
        cases.follow(session, case, WHO, settings, on=True)

        def asked(day: float) -> tuple[int, bool]:
            now[0] = start + day * 86_400
            number = cases.ask_again(session, settings)
            session.flush()
            return number, status_of(session, case)["follow_due"]

        assert [asked(day) for day in (4.9, 5.1, 5.2)] == [(0, False), (1, True), (0, True)]
        photo = Photo(
            id="p", case_id=case.id, role="recovery", sha256="", kind="jpg", state="waiting", findings="[]",
            at=now[0],
        )  # fmt: skip
        cases.add_photo(session, case, photo, settings)
        assert [asked(day) for day in (5.3, 10.1, 10.3)] == [(0, False), (0, False), (1, True)]


def test_a_hurry_stays_until_the_skin_is_better(database: Database, tmp_path: Path) -> None:
    settings = Settings(folder=tmp_path)
    with database.write() as session:
        opened = cases.open_case(session, claim("F-4"), WHO, settings)
        case = session.get(Case, opened["id"])
        assert case is not None
        due = []
        for number, course in enumerate(("worsening", "", "improving")):
            if number:
                jobs.put(session, "case", case)
            session.flush()
            job = jobs.take(session, 60)
            assert job is not None
            save(session, job, Work(value=(1, json.dumps(VERDICT), course)), settings)
            due.append(case.due)
            assert case.priority == (0 if number < 2 else 2)
        assert due[0] == due[1]
        assert due[2] == datetime.fromisoformat("2099-01-01T00:00:00Z").timestamp()


def test_healing_is_no_worsening_and_the_complaint_itself_no_course(monkeypatch: pytest.MonkeyPatch) -> None:
    folder = SAMPLES / "claims" / "clear_reaction_zh"
    monkeypatch.setitem(worker._state, "scanner", Scanner("cpu"))
    before, red, pale = "before.jpg", "after.jpg", "recovery.jpg"

    def read(*photos: tuple[str, str]) -> str:
        return worker._course(folder, [(f"2026-11-{n + 1:02}", *photo) for n, photo in enumerate(photos)])

    assert read((before, "before"), (red, "after"), (pale, "recovery")) == "improving"
    assert read((before, "before"), (pale, "after"), (red, "recovery")) == "worsening"
    assert read((red, "after"), (pale, "recovery")) == "improving"
    assert read((pale, "after"), (red, "recovery")) == "worsening"
    assert read((before, "before"), (red, "after")) == ""
