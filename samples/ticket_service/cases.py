"""What can be done with a case. Every function works inside the caller's transaction."""

from __future__ import annotations

import hashlib
import json
import re
import secrets
import time
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from samples.ticket_service import jobs
from samples.ticket_service.access import Who, digest
from samples.ticket_service.database import Action, Case, Event, Job, Photo, Reply
from samples.ticket_service.faults import Fault
from samples.ticket_service.results import FOLLOWED, claim_of, tell
from samples.ticket_service.settings import Settings
from skinscan import DataError, load_claim
from skinscan.claims.claim import CLAIM
from skinscan.claims.load import field_errors
from skinscan.texts.bilingual import Language

__all__ = [
    "add_photo",
    "answer",
    "ask_again",
    "decide",
    "erase",
    "follow",
    "hold",
    "once",
    "open_case",
    "second_opinion",
]

CONSUMER_ANSWERS = frozenset(
    {
        "timeline",
        "symptoms",
        "signs",
        "alarms",
        "usage",
        "person",
        "ss10",
        "consent",
        "cannot_provide",
        "wears",
        "complaints",
        "used_with",
        "other_damage",
        "seriousness",
        "product",
    }
)
"""Fields of a claim that its consumer may fill in; of `product` only the ingredients."""

_FIXED = {"case_id", "received_at", "kind", "photos"}


def once(
    session: Session,
    key: str | None,
    who: Who,
    asked: bytes,
    work: Callable[[], dict[str, Any]],
    case_id: str = "",
) -> dict[str, Any]:
    """Do `work` once for an idempotency key, and give the same answer again.

    `key`: of the header; None: no such promise is asked for. `who`: keys of two callers never meet.
    `asked`: the request; another one under the same key is Fault 422. `work`: in this transaction.
    `case_id`: whose erasure takes the answer along; empty for a case that is opened.
    """
    if key is None:
        return work()
    row = hashlib.sha256(f"{who.role}:{who.name}:{who.token}:{case_id}:{key}".encode()).hexdigest()
    fingerprint = hashlib.sha256(asked).hexdigest()
    known = session.get(Reply, row)
    if known is not None:
        if known.asked != fingerprint:
            raise Fault(422, "KEY_REUSED", "This idempotency key was used for another request.")
        return dict(json.loads(known.answer))
    answer = work()
    session.add(
        Reply(
            key=row,
            case_id=case_id or answer["id"],
            asked=fingerprint,
            answer=json.dumps(answer),
            at=time.time(),
        )
    )
    return answer


def checked(claim: Mapping[str, Any], language: Language) -> dict[str, Any]:
    """The claim in the words of the schema. Raises Fault 422 with every bad field."""
    from pydantic import ValidationError

    try:
        text = json.dumps(dict(claim), ensure_ascii=False)
        return dict(CLAIM.validate_json(text).model_dump(mode="json", exclude_defaults=False))
    except ValidationError as error:
        told = field_errors(error, language)
        raise Fault(422, "CLAIM_INVALID", "Some fields of the claim cannot be used.", fields=told) from None
    except (DataError, ValueError, RecursionError):
        raise Fault(422, "CLAIM_INVALID", "The claim cannot be read.") from None


def open_case(session: Session, claim: dict[str, Any], who: Who, settings: Settings) -> dict[str, Any]:
    """Open a case and judge it as it stands. Raises Fault 409 for a ticket that has one, Busy."""
    if claim.get("photos"):
        raise Fault(
            422,
            "PHOTOS_BY_UPLOAD",
            "Photos are uploaded to the open case.",
            fields=[("photos", "leave it empty")],
        )
    if session.scalar(select(Case.id).where(Case.ticket == claim["case_id"])):
        raise Fault(409, "TICKET_EXISTS", "There is a case for this case_id.")
    load_claim(claim)
    token, now = secrets.token_urlsafe(24), time.time()
    case = Case(
        id=secrets.token_hex(12),
        ticket=claim["case_id"],
        token=digest(token),
        state="working",
        priority=2,
        revision=1,
        judged=0,
        claim=json.dumps(claim, ensure_ascii=False),
        opened_at=now,
        changed_at=now,
    )
    session.add(case)
    session.flush()
    jobs.put(session, "case", case, most=settings.queue)
    note(session, case, who, "opened")
    return {"id": case.id, "token": token, "page": f"/c/{case.id}?key={token}"}


def add_photo(session: Session, case: Case, photo: Photo, settings: Settings) -> dict[str, Any]:
    """Keep a photo whose file is written, to be looked at first and judged with its case next.

    Raises Fault 409 for more photos than a case may have, 422 for a bad date, Busy.
    """
    photos = list(session.scalars(select(Photo).where(Photo.case_id == case.id)))
    if len(photos) >= settings.photos:
        raise Fault(409, "TOO_MANY_PHOTOS", f"A case takes {settings.photos} photos.")
    checked(claim_of(case, [*photos, photo]), "en")
    jobs.put(session, "photo", case, photo.id, most=settings.queue)
    session.add(photo)
    if case.follow_at and photo.role in FOLLOWED:
        case.follow_at, case.asked_at = _next_day(settings), None
    _changed(session, case)
    return {"id": photo.id, "state": photo.state, "role": photo.role, "findings": []}


def answer(
    session: Session, case: Case, patch: Mapping[str, Any], who: Who, language: Language, most: int
) -> None:
    """Fill in fields of the claim: a JSON merge patch (RFC 7396). Raises Fault 403, 422, Busy."""
    refused = sorted(
        (set(patch) & _FIXED) | (set(patch) - CONSUMER_ANSWERS if who.role == "consumer" else set())
    )
    product = patch.get("product")
    if (
        who.role == "consumer"
        and "product" in patch
        and not (isinstance(product, Mapping) and set(product) <= {"ingredients"})
    ):
        refused.append("product")
    if refused:
        raise Fault(
            403,
            "FIELD_FIXED",
            "Some fields cannot be changed with this key.",
            fields=[(name, "fixed") for name in refused],
        )
    claim = checked(_merged(json.loads(case.claim), patch), language)
    case.claim = json.dumps(claim, ensure_ascii=False)
    _changed(session, case, most)
    note(session, case, who, "answered", ", ".join(sorted(patch)))


def _merged(old: Any, patch: Any) -> Any:
    if not isinstance(patch, Mapping):
        return patch
    out = dict(old) if isinstance(old, Mapping) else {}
    for key, value in patch.items():
        if value is None:
            out.pop(key, None)
        else:
            out[key] = _merged(out.get(key), value)
    return out


def _changed(session: Session, case: Case, most: int | None = None) -> None:
    case.revision += 1
    case.changed_at = time.time()
    if case.state not in ("held", "decided"):
        case.state = "working"
    jobs.put(session, "case", case, most=most)


def decide(session: Session, case: Case, outcome: str, shares: Mapping[str, int], why: str, who: Who) -> None:
    """A person's decision, with the shares in basis points. Raises Fault 409 or 422."""
    if not case.verdict:
        raise Fault(409, "NOT_JUDGED", "The case has not been judged yet.")
    if case.second_by == who.name:
        raise Fault(409, "SECOND_OPINION", "Somebody else decides: you asked for a second opinion.")
    if not why.strip():
        raise Fault(422, "REASON_MISSING", "Give a reason.", fields=[("why", "missing")])
    if shares and (sum(shares.values()) != 10_000 or min(shares.values()) < 0):
        raise Fault(
            422, "SHARES_WRONG", "Shares are basis points and sum to 10000.", fields=[("shares", "sum")]
        )
    proposed = {share["party"]: share["basis_points"] for share in json.loads(case.verdict)["responsibility"]}
    case.decision = json.dumps(
        {
            "outcome": outcome,
            "shares": dict(shares),
            "why": why,
            "by": who.name,
            "at": time.time(),
            "changed": bool(proposed) and proposed != {party: part for party, part in shares.items() if part},
        },
        ensure_ascii=False,
    )
    case.state, case.second_by, case.changed_at = "decided", "", time.time()
    note(session, case, who, "decided", why)
    session.flush()
    tell(session, case, f"decided-{case.id}-{secrets.token_hex(4)}", "case.decided")


def hold(session: Session, case: Case, why: str, who: Who, *, on: bool) -> None:
    """Stop a case until it is taken up again. Raises Fault 422 without a reason."""
    if not why.strip():
        raise Fault(422, "REASON_MISSING", "Give a reason.", fields=[("why", "missing")])
    case.state = "held" if on else ("decided" if case.decision else "desk")
    note(session, case, who, "held" if on else "resumed", why)


def second_opinion(session: Session, case: Case, why: str, who: Who) -> None:
    """Let somebody else decide. Raises Fault 422 without a reason."""
    if not why.strip():
        raise Fault(422, "REASON_MISSING", "Give a reason.", fields=[("why", "missing")])
    case.state, case.second_by, case.priority = "desk", who.name, min(case.priority, 1)
    note(session, case, who, "second opinion", why)


def follow(session: Session, case: Case, who: Who, settings: Settings, *, on: bool) -> None:
    """Ask for a photo again and again, and read the course of the skin."""
    case.follow_at, case.asked_at = _next_day(settings) if on else None, None
    note(session, case, who, "followed" if on else "no longer followed")


def ask_again(session: Session, settings: Settings) -> int:
    """Ask for the next photo of every followed case whose day has come; returns how many."""
    now, asked = time.time(), 0
    for case in session.scalars(select(Case).where(Case.follow_at <= now, Case.erased_at.is_(None))):
        tell(session, case, f"follow-{case.id}-{int(case.follow_at or 0)}", "case.follow_due")
        case.follow_at, case.asked_at, asked = _next_day(settings), now, asked + 1
    return asked


def _next_day(settings: Settings) -> float:
    """When a followed case is asked for its next photo, counted from now."""
    return time.time() + settings.follow_days * 86_400


def erase(session: Session, case: Case, who: Who) -> None:
    """Leave nothing of a case but that there was one; the caller removes its files."""
    for table in (Photo, Job, Event, Reply):
        session.execute(delete(table).where(table.case_id == case.id))
    session.execute(update(Action).where(Action.case_id == case.id).values(why=""))
    case.claim = case.verdict = case.decision = case.token = case.course = ""
    case.ticket, case.state, case.erased_at = f"erased-{case.id}", "erased", time.time()
    case.follow_at = case.asked_at = None
    note(session, case, who, "erased")


def note(session: Session, case: Case, who: Who, what: str, why: str = "") -> None:
    """Write down who did what."""
    session.add(Action(case_id=case.id, who=who.name, what=what, why=why, at=time.time()))


def count(session: Session, state: str) -> int:
    """Cases in a state."""
    return session.scalar(select(func.count()).where(Case.state == state)) or 0


IDEMPOTENCY_KEY = re.compile(r"[\x21-\x7e]{1,200}")


def cannot_provide(case: Case, what: str) -> dict[str, Any]:
    """The merge patch that says that something cannot be had. Raises Fault 422 for what was not asked."""
    asked = {item["what"] for item in json.loads(case.verdict)["missing"]} if case.verdict else set()
    if what not in asked:
        raise Fault(422, "NOT_ASKED", "That was not asked for.")
    return {"cannot_provide": [*json.loads(case.claim).get("cannot_provide", []), what]}
