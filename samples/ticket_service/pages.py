"""The consumer's page: what to send, what is wrong with what was sent, where the case stands."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, File, Form, Path, Request, Response, UploadFile
from fastapi.responses import HTMLResponse, RedirectResponse

from samples.ticket_service import cases
from samples.ticket_service.access import Who, digest
from samples.ticket_service.api import erase_case, keep_photo, report_of, status_of
from samples.ticket_service.faults import Fault
from samples.ticket_service.forms import field_of, patch_of, role_of
from samples.ticket_service.models import Role
from samples.ticket_service.results import FOLLOWED
from samples.ticket_service.service import Service, find_case, service_of
from samples.ticket_service.view import language_of, render, texts

__all__ = ["router", "same_site", "show_fault"]

_ROLES = (
    "before",
    "after",
    "recovery",
    "label",
    "product",
    "received",
    "swatch",
    "document",
    "parcel",
    "area",
)


def same_site(request: Request) -> None:
    """Refuse a form that another site sends. Raises Fault 403."""
    if request.method == "POST" and request.headers.get("sec-fetch-site", "none") not in (
        "none",
        "same-origin",
    ):
        raise Fault(403, "OTHER_SITE", "This form was sent by another site.")


router = APIRouter(prefix="/c/{case_id}", include_in_schema=False, dependencies=[Depends(same_site)])
Id = Annotated[str, Path(pattern="^[0-9a-f]{24}$")]
Here = Annotated[Service, Depends(service_of)]


def _consumer(request: Request) -> Who:
    token = request.query_params.get("key") or request.cookies.get("case", "")
    return Who(role="consumer", name="consumer", token=digest(token))


Consumer = Annotated[Who, Depends(_consumer)]


def _back(case_id: str, part: str = "") -> Response:
    return RedirectResponse(f"/c/{case_id}{part}", 303)


@router.get("")
def show(request: Request, here: Here, who: Consumer, case_id: Id, key: str = "") -> Response:
    """The whole page; a link with a key becomes a cookie, so that the key leaves the address bar."""
    if key:
        with here.database.read() as session:
            find_case(session, case_id, who)
        answer = _back(case_id, f"?lang={language_of(request)}")
        answer.set_cookie(
            "case",
            key,
            path=f"/c/{case_id}",
            httponly=True,
            samesite="lax",
            secure=here.settings.https,
            max_age=90 * 86_400,
        )
        return answer
    return _page(request, here, who, case_id, "consumer.html")


@router.get("/state")
def state(request: Request, here: Here, who: Consumer, case_id: Id) -> Response:
    """The part of the page that changes."""
    return _page(request, here, who, case_id, "state.html")


def _page(request: Request, here: Service, who: Who, case_id: str, template: str) -> HTMLResponse:
    with here.database.read() as session:
        status = status_of(session, find_case(session, case_id, who))
    asked = [
        item | {"field": field_of(item["what"]), "role": role_of(item["what"])} for item in status["missing"]
    ]
    busy = status["state"] == "working" or any(photo["state"] == "waiting" for photo in status["photos"])
    return render(
        request,
        template,
        case=status,
        asked=asked,
        busy=busy,
        roles=_ROLES,
        followed=FOLLOWED,
        today=date.today().isoformat(),
        report=bool(status["judged"]),
    )


@router.post("/photo")
def photo(
    here: Here,
    who: Consumer,
    case_id: Id,
    photo: Annotated[UploadFile, File()],
    role: Annotated[Role, Form()],
    taken_at: Annotated[str, Form()] = "",
) -> Response:
    """A photo from the camera or the gallery."""
    try:
        day = date.fromisoformat(taken_at) if taken_at else None
    except ValueError:
        raise Fault(422, "CLAIM_INVALID", "Give a date.") from None
    keep_photo(here, who, case_id, photo, role, day, None)
    return _back(case_id, "#state")


@router.post("/answer")
def answer(
    request: Request,
    here: Here,
    who: Consumer,
    case_id: Id,
    what: Annotated[str, Form(max_length=60)],
    value: Annotated[str, Form(max_length=20_000)] = "",
    cannot: Annotated[str, Form()] = "",
) -> Response:
    """An answer to what was asked, or that it cannot be had."""
    with here.database.write() as session:
        case = find_case(session, case_id, who, lock=True)
        patch = cases.cannot_provide(case, what) if cannot else patch_of(what, value)
        cases.answer(session, case, patch, who, language_of(request), here.settings.queue)
    here.pool.wake()
    return _back(case_id, "#state")


@router.post("/follow")
def follow(here: Here, who: Consumer, case_id: Id, on: Annotated[bool, Form()]) -> Response:
    """Ask again, or not any more."""
    with here.database.write() as session:
        cases.follow(session, find_case(session, case_id, who, lock=True), who, here.settings, on=on)
    return _back(case_id)


@router.post("/erase")
def erase(request: Request, here: Here, who: Consumer, case_id: Id, sure: Annotated[str, Form()]) -> Response:
    """Leave nothing."""
    erase_case(here, who, case_id)
    page = render(request, "erased.html")
    page.delete_cookie("case", path=f"/c/{case_id}")
    return page


@router.get("/report/consumer")
def report(here: Here, who: Consumer, case_id: Id) -> Response:
    """The consumer's report."""
    return report_of(here, who, case_id, "consumer")


def show_fault(request: Request, fault: Fault) -> Response:
    """A refusal as a page, in the reader's words."""
    key = f"fault {fault.code}"
    return render(request, "fault.html", fault.status, key=key if key in texts() else "", detail=fault.detail)
