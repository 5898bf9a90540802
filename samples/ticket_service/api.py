"""The REST interface, /v1."""

from __future__ import annotations

import hashlib
import json
import secrets
import time
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, File, Form, Header, Path, Query, Request, Response, UploadFile
from fastapi.security import HTTPBearer
from sqlalchemy import select
from sqlalchemy.orm import Session

from samples.ticket_service import cases, jobs
from samples.ticket_service.access import Who, who_of
from samples.ticket_service.database import Action, Case, Photo
from samples.ticket_service.faults import Busy, Fault
from samples.ticket_service.models import Decision, NewCase, Opened, PhotoState, Problem, Role, Status, Why
from samples.ticket_service.service import Service, desk_only, find_case, service_of
from samples.ticket_service.store import case_folder, forget_files, put_file
from samples.ticket_service.uploads import read_upload
from skinscan.texts.bilingual import Language

__all__ = ["keep_photo", "report_of", "router", "status_of"]

_PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"model": Problem} for status in (400, 401, 403, 404, 409, 410, 413, 415, 422, 429)
}
router = APIRouter(prefix="/v1", responses=_PROBLEMS, dependencies=[Depends(HTTPBearer(auto_error=False))])

Id = Annotated[str, Path(pattern="^[0-9a-f]{24}$")]
Key = Annotated[str | None, Header(alias="Idempotency-Key", pattern=r"^[\x21-\x7e]{1,200}$")]
Here = Annotated[Service, Depends(service_of)]
Desk = Annotated[Who, Depends(desk_only)]


def _anyone(request: Request) -> Who:
    return who_of(request, service_of(request).settings)


Anyone = Annotated[Who, Depends(_anyone)]


@router.post("/cases", status_code=201, response_model=Opened)
def open_case(
    here: Here, who: Desk, claim: NewCase, lang: Language = "en", key: Key = None
) -> dict[str, Any]:
    """Open a case from a claim without photos. The token for the consumer is told this once."""
    filed = cases.checked(claim.model_dump(mode="json"), lang)
    with here.database.write() as session:
        opened = cases.once(
            session,
            key,
            who,
            json.dumps(filed, sort_keys=True).encode(),
            lambda: cases.open_case(session, filed, who, here.settings),
        )
    here.pool.wake()
    return opened


@router.post("/cases/{case_id}/photos", status_code=202, response_model=PhotoState)
def add_photo(
    here: Here,
    who: Anyone,
    case_id: Id,
    photo: Annotated[UploadFile, File()],
    role: Annotated[Role, Form()],
    taken_at: Annotated[date | None, Form()] = None,
    key: Key = None,
) -> dict[str, Any]:
    """Add a photo; more can be added at any time. What is wrong with it is in the status soon after."""
    return keep_photo(here, who, case_id, photo, role, taken_at, key)


def keep_photo(
    here: Service,
    who: Who,
    case_id: str,
    photo: UploadFile,
    role: str,
    taken_at: date | None,
    key: str | None,
) -> dict[str, Any]:
    """Check and keep an upload.

    `here`: the service. `who`: sends it. `case_id`, `role`, `taken_at`: as in the request. `photo`: the
    upload. `key`: its idempotency key. Raises Fault: no such case, no photo, too large, too many, Busy.
    """
    with here.database.read() as session:
        find_case(session, case_id, who)
        if (waiting := jobs.depth(session)) >= here.settings.queue and key is None:
            raise Busy(waiting)
    data, kind = read_upload(photo.file, here.settings)
    sha256, day = hashlib.sha256(data).hexdigest(), taken_at.isoformat() if taken_at else ""
    row = Photo(
        id=secrets.token_hex(12),
        case_id=case_id,
        role=role,
        taken_at=day,
        sha256=sha256,
        kind=kind,
        state="waiting",
        findings="[]",
        at=time.time(),
    )
    name, kept = f"{row.id}.{kind}", False
    put_file(here.settings, case_id, name, data)  # before its row: a row without a file would be a lost photo
    try:
        with here.database.write() as session:
            case = find_case(session, case_id, who, lock=True)
            answer = cases.once(
                session,
                key,
                who,
                f"{sha256} {role} {day}".encode(),
                lambda: cases.add_photo(session, case, row, here.settings),
                case_id,
            )
        kept = answer["id"] == row.id
    finally:
        if not kept:
            (case_folder(here.settings, case_id) / name).unlink(missing_ok=True)
    here.pool.wake()
    return answer


@router.patch("/cases/{case_id}", response_model=Status)
def answer(
    here: Here, who: Anyone, case_id: Id, patch: dict[str, Any], lang: Language = "en"
) -> dict[str, Any]:
    """Answer what was asked: a JSON merge patch (RFC 7396) on the claim, e.g. {"person": {"age": 30}}."""
    with here.database.write() as session:
        case = find_case(session, case_id, who, lock=True)
        cases.answer(session, case, patch, who, lang, here.settings.queue)
        session.flush()
        status = status_of(session, case)
    here.pool.wake()
    return status


@router.get("/cases/{case_id}", response_model=Status)
def status(here: Here, who: Anyone, case_id: Id) -> dict[str, Any]:
    """Where the case stands, what is missing, what is wrong with which photo."""
    with here.database.read() as session:
        return status_of(session, find_case(session, case_id, who))


def status_of(session: Session, case: Case) -> dict[str, Any]:
    """The status of a case."""
    photos = session.scalars(select(Photo).where(Photo.case_id == case.id).order_by(Photo.at, Photo.id))
    found = json.loads(case.verdict) if case.verdict else {}
    outcome = json.loads(case.decision)["outcome"] if case.decision else found.get("outcome")
    return {
        "id": case.id,
        "ticket": case.ticket,
        "state": case.state,
        "revision": case.revision,
        "judged": case.judged,
        "outcome": outcome,
        "missing": found.get("missing", []),
        "due": case.due,
        "course": case.course,
        "follow_at": case.follow_at,
        "follow_due": case.asked_at is not None,
        "photos": [
            {"id": photo.id, "state": photo.state, "role": photo.role, "findings": json.loads(photo.findings)}
            for photo in photos
        ],
    }


@router.get("/cases/{case_id}/verdict")
def verdict(here: Here, who: Desk, case_id: Id) -> dict[str, Any]:
    """The verdict, skinscan.verdict/1, with what a person decided. For the desk."""
    with here.database.read() as session:
        case = find_case(session, case_id, who)
        if not case.verdict:
            raise Fault(409, "NOT_JUDGED", "The case has not been judged yet.")
        return {
            "verdict": json.loads(case.verdict),
            "decision": json.loads(case.decision) if case.decision else None,
        }


@router.get(
    "/cases/{case_id}/reports/{name}",
    response_class=Response,
    responses={200: {"content": {"text/html": {}}}},
)
def report(
    here: Here, who: Anyone, case_id: Id, name: Annotated[str, Path(pattern="^(consumer|arbitration)$")]
) -> Response:
    """A report as one HTML page; that of the board is for the desk."""
    return report_of(here, who, case_id, name)


def report_of(here: Service, who: Who, case_id: str, name: str) -> Response:
    """The page of a report. Raises Fault 403 or 409."""
    if name != "consumer" and who.role == "consumer":
        raise Fault(403, "DESK_ONLY", "This report takes the key of an operator.")
    with here.database.read() as session:
        case = find_case(session, case_id, who)
    path = case_folder(here.settings, case.id) / f"report-{case.judged}" / f"{name}.html"
    if not path.is_file():
        raise Fault(409, "NOT_JUDGED", "The case has not been judged yet.")
    return Response(path.read_bytes(), media_type="text/html")


@router.post("/cases/{case_id}/decision", response_model=Status)
def decide(here: Here, who: Desk, case_id: Id, decision: Decision) -> dict[str, Any]:
    """Confirm or change what was proposed."""
    with here.database.write() as session:
        case = find_case(session, case_id, who, lock=True)
        cases.decide(
            session,
            case,
            decision.outcome,
            {str(party): part for party, part in decision.shares.items()},
            decision.why,
            who,
        )
        return status_of(session, case)


@router.post("/cases/{case_id}/hold", response_model=Status)
def hold(here: Here, who: Desk, case_id: Id, why: Why, on: Annotated[bool, Query()] = True) -> dict[str, Any]:
    """Stop a case, or with on=false take it up again."""
    with here.database.write() as session:
        case = find_case(session, case_id, who, lock=True)
        cases.hold(session, case, why.why, who, on=on)
        return status_of(session, case)


@router.post("/cases/{case_id}/second-opinion", response_model=Status)
def second_opinion(here: Here, who: Desk, case_id: Id, why: Why) -> dict[str, Any]:
    """Let another operator decide."""
    with here.database.write() as session:
        case = find_case(session, case_id, who, lock=True)
        cases.second_opinion(session, case, why.why, who)
        return status_of(session, case)


@router.post("/cases/{case_id}/follow", response_model=Status)
def follow(here: Here, who: Anyone, case_id: Id, on: Annotated[bool, Query()] = True) -> dict[str, Any]:
    """Ask for a photo again after the days that the policy names, and read the course."""
    with here.database.write() as session:
        case = find_case(session, case_id, who, lock=True)
        cases.follow(session, case, who, here.settings, on=on)
        return status_of(session, case)


@router.delete("/cases/{case_id}", status_code=204)
def erase(here: Here, who: Anyone, case_id: Id) -> None:
    """Erase claim, photos, verdict and reports."""
    erase_case(here, who, case_id)


def erase_case(here: Service, who: Who, case_id: str) -> None:
    """Rows first, then files; also from the index of other cases' photos."""
    with here.database.write() as session:
        case = find_case(session, case_id, who, lock=True)
        ticket = case.ticket
        cases.erase(session, case, who)
    forget_files(here.settings, case_id)
    if here.settings.index:
        from skinscan.casework import DuplicateIndex

        DuplicateIndex(here.settings.index).forget(ticket)


@router.get("/audit")
def audit(
    here: Here, request: Request, after: Annotated[int, Query(ge=0, le=2**31 - 1)] = 0
) -> list[dict[str, Any]]:
    """Who did what, oldest first, 200 at a time. For the administrator."""
    if who_of(request, here.settings).role != "admin":
        raise Fault(403, "ADMIN_ONLY", "This takes the key of the administrator.")
    with here.database.read() as session:
        rows = session.scalars(select(Action).where(Action.id > after).order_by(Action.id).limit(200))
        return [
            {"id": row.id, "case": row.case_id, "who": row.who, "what": row.what, "at": row.at}
            for row in rows
        ]
