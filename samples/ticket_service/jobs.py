"""The queue, kept in the database: bounded, and each job ends once however often the service dies."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass

from sqlalchemy import CursorResult, func, select, update
from sqlalchemy.orm import Session

from samples.ticket_service.database import RUNS, WAITS, Case, Job
from samples.ticket_service.faults import Busy

__all__ = ["MOST_ATTEMPTS", "Taken", "depth", "end", "put", "release", "take"]

MOST_ATTEMPTS = 3
"""A process may die for reasons that are not the job's."""

_FIRST = {"photo": 0, "case": 10}  # somebody stands before the camera and waits for the first


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A job that a worker has, until its lease ends."""

    id: int
    kind: str
    case_id: str
    photo_id: str
    attempts: int
    lease: str


def depth(session: Session) -> int:
    """Jobs that wait or run."""
    return session.scalar(select(func.count()).where(Job.state.in_((WAITS, RUNS)))) or 0


def put(session: Session, kind: str, case: Case, photo_id: str = "", *, most: int | None = None) -> None:
    """Add a job in the caller's transaction. A case that already waits to be judged is not added again.

    `kind`: "photo" or "case". `case`: whose. `photo_id`: of kind "photo". `most`: jobs that may be open;
    None: what follows from a job already accepted is never turned away. Raises Busy.
    """
    now = time.time()
    if kind == "case" and session.scalar(
        select(Job.id).where(Job.case_id == case.id, Job.kind == "case", Job.state == WAITS)
    ):
        return
    if most is not None and (waiting := depth(session)) >= most:
        raise Busy(waiting)
    session.add(Job(kind=kind, case_id=case.id, photo_id=photo_id, rank=_FIRST[kind] + case.priority, at=now))


def take(session: Session, seconds: float) -> Taken | None:
    """The next job, for `seconds`; one whose lease has ended is taken again. None: nothing to do."""
    now = time.time()
    session.execute(
        update(Job).where(Job.state == RUNS, Job.leased_until < now).values(state=WAITS, leased_until=None)
    )
    job = session.scalar(
        select(Job)
        .where(Job.state == WAITS)
        .order_by(Job.rank, Job.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    if job is None:
        return None
    job.state, job.attempts, job.lease = RUNS, job.attempts + 1, secrets.token_hex(16)
    job.leased_until = now + seconds
    return Taken(
        id=job.id,
        kind=job.kind,
        case_id=job.case_id,
        photo_id=job.photo_id,
        attempts=job.attempts,
        lease=job.lease,
    )


def end(session: Session, job: Taken, state: str) -> bool:
    """End a job in the transaction that saves its result; False: somebody else has it, save nothing."""
    done = session.execute(
        update(Job)
        .where(Job.id == job.id, Job.state == RUNS, Job.lease == job.lease)
        .values(state=state, ended_at=time.time(), leased_until=None)
    )
    assert isinstance(done, CursorResult)
    return done.rowcount == 1


def release(session: Session) -> int:
    """Hand every running job back: for the start of the only service on this database."""
    done = session.execute(update(Job).where(Job.state == RUNS).values(state=WAITS, leased_until=None))
    assert isinstance(done, CursorResult)
    return done.rowcount
