"""A followed case: it is asked again on its day, and getting worse cannot wait."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from samples.ticket_service import cases, jobs
from samples.ticket_service.access import Who
from samples.ticket_service.database import Case, Database, Event
from samples.ticket_service.results import Work, save
from samples.ticket_service.settings import Settings
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


def test_a_followed_case_is_asked_once_on_its_day(database: Database, tmp_path: Path) -> None:
    settings = Settings(folder=tmp_path)
    with database.write() as session:
        opened = cases.open_case(session, claim("F-3"), WHO, settings)
    with database.write() as session:
        case = session.get(Case, opened["id"])
        assert case is not None
        cases.follow(session, case, WHO, settings, on=True)
        assert cases.ask_again(session, settings) == 0
        case.follow_at = time.time() - 1
        session.flush()
        assert [cases.ask_again(session, settings) for _ in range(2)] == [1, 0]
