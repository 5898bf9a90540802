"""The operator's desk: what waits, a case with its reasons first, and who has what until when."""

from __future__ import annotations

import json
from typing import Annotated, Any, get_args

from fastapi import APIRouter, Depends, Form, Path, Request, Response
from fastapi.responses import FileResponse, RedirectResponse
from sqlalchemy import delete, select

from samples.ticket_service import cases
from samples.ticket_service.access import Who, digest, operator_of, sign_in
from samples.ticket_service.api import report_of
from samples.ticket_service.database import Action, Case, Photo, Visit
from samples.ticket_service.faults import Fault
from samples.ticket_service.pages import same_site
from samples.ticket_service.service import Service, find_case, service_of
from samples.ticket_service.store import case_folder
from samples.ticket_service.view import render
from skinscan.claims.policy.model import Outcome, Party

__all__ = ["router"]

router = APIRouter(prefix="/desk", include_in_schema=False, dependencies=[Depends(same_site)])
Id = Annotated[str, Path(pattern="^[0-9a-f]{24}$")]
Here = Annotated[Service, Depends(service_of)]
PRIORITIES = ("urgent", "high", "normal")
_TYPES = {"jpg": "image/jpeg", "png": "image/png", "webp": "image/webp", "avif": "image/avif"}
_WITH = {
    "asks": "with consumer",
    "desk": "with desk",
    "held": "with desk",
    "working": "with machine",
    "decided": "with nobody",
}


def _operator(request: Request) -> Who:
    who = operator_of(service_of(request).database, request.cookies.get("desk", ""))
    if who is None:
        raise Fault(401, "SIGN_IN", "Sign in first.")
    return who


Operator = Annotated[Who, Depends(_operator)]


@router.get("")
def desk(request: Request, here: Here) -> Response:
    """What waits for a person, the most urgent first, then what is due first."""
    if operator_of(here.database, request.cookies.get("desk", "")) is None:
        return render(request, "sign_in.html")
    with here.database.read() as session:
        waiting = session.scalars(
            select(Case)
            .where(Case.state.in_(("desk", "held")))
            .order_by(Case.priority, Case.due, Case.opened_at)
            .limit(200)
        )
        rows = [_row(case) for case in waiting]
    return render(request, "desk.html", rows=rows, title="desk")


@router.get("/tracking")
def tracking(request: Request, here: Here, who: Operator) -> Response:
    """Every open case: who has it until when."""
    with here.database.read() as session:
        found = session.scalars(
            select(Case)
            .where(Case.erased_at.is_(None))
            .order_by(Case.state == "decided", Case.due, Case.opened_at)
            .limit(500)
        )
        rows = [_row(case) for case in found]
    return render(request, "desk.html", rows=rows, title="tracking")


def _row(case: Case) -> dict[str, Any]:
    reasons = json.loads(case.verdict)["reasons"] if case.verdict else []
    return {
        "id": case.id,
        "ticket": case.ticket,
        "state": case.state,
        "priority": PRIORITIES[case.priority],
        "queue": case.queue,
        "due": case.due,
        "with": _WITH[case.state],
        "reason": reasons[0] if reasons else None,
        "course": case.course,
    }


@router.post("/in")
def enter(here: Here, key: Annotated[str, Form(max_length=200)]) -> Response:
    """Sign in with a key."""
    answer = RedirectResponse("/desk", 303)
    cookie = sign_in(here.database, here.settings, key)
    answer.set_cookie(
        "desk", cookie, path="/desk", httponly=True, samesite="strict", secure=here.settings.https
    )
    return answer


@router.post("/out")
def leave(request: Request, here: Here) -> Response:
    """Sign out."""
    with here.database.write() as session:
        session.execute(delete(Visit).where(Visit.id == digest(request.cookies.get("desk", ""))))
    return RedirectResponse("/desk", 303)


@router.get("/{case_id}")
def show(request: Request, here: Here, who: Operator, case_id: Id) -> Response:
    """One case."""
    with here.database.read() as session:
        case = find_case(session, case_id, who)
        photos = list(session.scalars(select(Photo).where(Photo.case_id == case.id).order_by(Photo.at)))
        actions = list(session.scalars(select(Action).where(Action.case_id == case.id).order_by(Action.id)))
    verdict = json.loads(case.verdict) if case.verdict else None
    proposed = (
        {share["party"]: share["basis_points"] for share in verdict["responsibility"]} if verdict else {}
    )
    return render(
        request,
        "desk_case.html",
        case=_row(case),
        verdict=verdict,
        second_by=case.second_by,
        shares=proposed,
        decision=json.loads(case.decision) if case.decision else None,
        parties=get_args(Party),
        outcomes=[name for name in get_args(Outcome) if name not in ("needs_info", "human_review")],
        actions=actions,
        photos=[(photo, json.loads(photo.findings)) for photo in photos],
    )


@router.get("/{case_id}/photo/{photo_id}")
def photo(here: Here, who: Operator, case_id: Id, photo_id: Id) -> Response:
    """A photo as it was sent."""
    with here.database.read() as session:
        case = find_case(session, case_id, who)
        found = session.get(Photo, photo_id)
    if found is None or found.case_id != case.id:
        raise Fault(404, "NO_SUCH_PHOTO", "There is no such photo.")
    kind = _TYPES.get(found.kind, "application/octet-stream")  # what browsers cannot show is downloaded
    return FileResponse(case_folder(here.settings, case.id) / f"{found.id}.{found.kind}", media_type=kind)


@router.get("/{case_id}/report/{name}")
def report(
    here: Here, who: Operator, case_id: Id, name: Annotated[str, Path(pattern="^(consumer|arbitration)$")]
) -> Response:
    """A report."""
    return report_of(here, who, case_id, name)


@router.post("/{case_id}/decide")
async def decide(request: Request, here: Here, who: Operator, case_id: Id) -> Response:
    """Confirm or change."""
    form = await request.form(max_files=0, max_fields=20)
    given = {party: str(form.get(f"share_{party}") or "0") for party in get_args(Party)}
    if not all(part.isdigit() and len(part) < 6 for part in given.values()):
        raise Fault(422, "SHARES_WRONG", "Shares are whole numbers.")
    outcome, shares = (
        str(form.get("outcome", "")),
        {party: int(part) for party, part in given.items() if int(part)},
    )
    if outcome not in get_args(Outcome):
        raise Fault(422, "REQUEST_INVALID", "There is no such outcome.")
    with here.database.write() as session:
        case = find_case(session, case_id, who, lock=True)
        cases.decide(session, case, outcome, shares, str(form.get("why", ""))[:2000], who)
    return RedirectResponse(f"/desk/{case_id}", 303)


@router.post("/{case_id}/{what}")
def act(
    here: Here,
    who: Operator,
    case_id: Id,
    what: Annotated[str, Path(pattern="^(hold|resume|second)$")],
    why: Annotated[str, Form(max_length=2_000)],
) -> Response:
    """Hold, take up again, or ask for a second opinion."""
    with here.database.write() as session:
        case = find_case(session, case_id, who, lock=True)
        if what == "second":
            cases.second_opinion(session, case, why, who)
        else:
            cases.hold(session, case, why, who, on=what == "hold")
    return RedirectResponse(f"/desk/{case_id}", 303)
