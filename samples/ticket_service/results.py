"""A job -> the call of a worker, and what it gave -> rows, in one transaction with the end of the job."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from samples.ticket_service import jobs
from samples.ticket_service.database import Case, Event, Photo
from samples.ticket_service.settings import Settings
from samples.ticket_service.store import case_folder, forget_files
from samples.ticket_service.worker import judge_case, look_at

__all__ = ["FOLLOWED", "Call", "Work", "claim_of", "prepare", "save", "tell"]

FOLLOWED = ("after", "recovery")
"""Roles of the photos that the course of a followed case is read from."""

_RANKS = {"urgent": 0, "high": 1, "normal": 2}
_STATES = {"needs_info": "asks", "human_review": "desk"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A function of the worker and its values."""

    function: Callable[..., Any]
    values: tuple[Any, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What came of a job."""

    value: Any = None
    lost: bool = False  # no process survived it, or it failed
    code: str = "WORKER_LOST"


def claim_of(case: Case, photos: list[Photo]) -> dict[str, Any]:
    """The claim as skinscan reads it, with the photos that were uploaded."""
    claim: dict[str, Any] = json.loads(case.claim)
    claim["photos"] = [
        {"path": f"{photo.id}.{photo.kind}", "role": photo.role}
        | ({"taken_at": photo.taken_at} if photo.taken_at else {})
        for photo in photos
    ]
    return claim


def prepare(session: Session, job: jobs.Taken, settings: Settings) -> Call | None:
    """The call for a job; None: there is nothing left to do, such as for a case that was erased."""
    case = session.get(Case, job.case_id)
    if case is None or case.erased_at:
        return None
    folder = case_folder(settings, case.id)
    if job.kind == "photo":
        photo = session.get(Photo, job.photo_id)
        return (
            Call(function=look_at, values=(str(folder / f"{photo.id}.{photo.kind}"), photo.role))
            if photo
            else None
        )
    photos = list(session.scalars(select(Photo).where(Photo.case_id == case.id).order_by(Photo.at, Photo.id)))
    follow = []
    if case.follow_at:
        follow = [
            (
                photo.taken_at[:10] or f"{datetime.fromtimestamp(photo.at):%F}",
                f"{photo.id}.{photo.kind}",
                photo.role,
            )
            for photo in photos
            if photo.role in ("before", *FOLLOWED)
        ]
    values = (claim_of(case, photos), str(folder), follow, str(folder / f"report-{case.revision}"))
    return Call(function=_with_revision, values=(case.revision, *values))


def _with_revision(revision: int, *values: Any) -> tuple[int, str, str]:
    return (revision, *judge_case(*values))


def save(session: Session, job: jobs.Taken, work: Work, settings: Settings) -> None:
    """End the job and save what it gave, if it still is this attempt's and the case still there."""
    case = session.get(Case, job.case_id, with_for_update=True)
    if not jobs.end(session, job, "lost" if work.lost else "done"):
        return
    if case is None or case.erased_at:
        forget_files(settings, job.case_id)
        return
    if job.kind == "photo":
        _save_photo(session, job, work)
    else:
        _save_case(session, case, job, work)


def _save_photo(session: Session, job: jobs.Taken, work: Work) -> None:
    photo = session.get(Photo, job.photo_id)
    if photo is None:
        return
    if work.lost or work.value is None:
        photo.state, photo.findings = "refused", json.dumps([_UNREADABLE], ensure_ascii=False)
    else:
        photo.state, findings = work.value
        photo.findings = json.dumps(findings, ensure_ascii=False)


_UNREADABLE = {
    "code": "WORKER_LOST",
    "zh": "这张照片无法处理：请换一张，或发送原图。",
    "en": "This photo cannot be worked on: send another, or the original file.",
}


def _save_case(session: Session, case: Case, job: jobs.Taken, work: Work) -> None:
    case.changed_at = time.time()
    if work.lost or work.value is None:
        case.state, case.priority = "desk", min(case.priority, 1)  # a person looks, rather than nobody
        tell(session, case, f"job-{job.id}", "case.to_person")
        return
    revision, verdict, course = work.value
    found = json.loads(verdict)
    # A hurry that was on stays until the course is read as over.
    urgent = case.due if case.course == "worsening" else None
    case.verdict, case.judged, case.queue = verdict, revision, found["queue"]
    case.priority = _RANKS[found["priority"]]
    case.due = datetime.fromisoformat(found["due"]["decision"]).timestamp()
    if case.state not in ("decided", "held"):
        case.state = _STATES.get(found["outcome"], "decided")
    if course:
        case.course = course
    if case.course == "worsening":
        case.priority, case.due = 0, min(case.due, urgent or time.time() + 3600)
    if course == "worsening":
        case.state = "desk"
        tell(session, case, f"job-{job.id}-worse", "case.worsening")
    if revision < case.revision:  # something came while it was judged
        jobs.put(session, "case", case)
        if case.state not in ("decided", "held") and case.course != "worsening":
            case.state = "working"
    tell(session, case, f"job-{job.id}", "case.judged")


def tell(session: Session, case: Case, event: str, kind: str) -> None:
    """Put a webhook into the outbox: neutral, no word of what was claimed, no photo, no measurement.

    `case`: whose. `event`: id, the same at every delivery. `kind`: what happened, e.g. "case.judged".
    """
    now = time.time()
    outcome = json.loads(case.verdict)["outcome"] if case.verdict else None
    if case.decision:
        outcome = json.loads(case.decision)["outcome"]
    data = {
        "case": case.id,
        "ticket": case.ticket,
        "state": case.state,
        "outcome": outcome,
        "revision": case.judged,
    }
    body = {
        "type": kind,
        "timestamp": f"{datetime.fromtimestamp(now).astimezone().isoformat()}",
        "data": data,
    }
    session.add(Event(id=event, case_id=case.id, payload=json.dumps(body), at=now, next_at=now))
