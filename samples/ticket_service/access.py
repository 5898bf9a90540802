"""Who may do what: a token for one case, a key for an operator, a key for the administrator."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from dataclasses import dataclass
from typing import Literal

from fastapi import Request

from samples.ticket_service.database import Case, Database, Visit
from samples.ticket_service.faults import Fault
from samples.ticket_service.settings import Settings

__all__ = ["Who", "digest", "may_see", "operator_of", "sign_in", "who_of"]

_VISIT = 12 * 3600.0  # s that an operator stays signed in


@dataclass(frozen=True, slots=True, kw_only=True)
class Who:
    """Whoever asks."""

    role: Literal["consumer", "operator", "admin"]
    name: str
    token: str = ""  # SHA-256 of a consumer's


def digest(secret: str) -> str:
    """SHA-256 in hex: tokens are 192 random bits, so that nothing slower is needed."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _is(given: str, known: str) -> bool:
    return bool(known) and hmac.compare_digest(given.encode(), known.encode())


def who_of(request: Request, settings: Settings) -> Who:
    """Whoever sent ``Authorization: Bearer KEY``. Raises Fault 401 without one."""
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not key:
        raise Fault(401, "KEY_MISSING", "Send a key: Authorization: Bearer KEY.")
    if _is(key, settings.admin_key):
        return Who(role="admin", name="admin")
    name = next((name for name, known in settings.operators.items() if _is(key, known)), "")
    return (
        Who(role="operator", name=name) if name else Who(role="consumer", name="consumer", token=digest(key))
    )


def may_see(who: Who, case: Case | None) -> Case:
    """The case, for its consumer or the desk. Raises Fault 404 to others: they learn of no case."""
    if case is None or (who.role == "consumer" and not _is(who.token, case.token)):
        raise Fault(404, "NO_SUCH_CASE", "There is no such case for this key.")
    if case.erased_at:
        raise Fault(410, "CASE_ERASED", "This case was erased.")
    return case


def sign_in(database: Database, settings: Settings, key: str) -> str:
    """The cookie for an operator's key. Raises Fault 401."""
    name = next((name for name, known in settings.operators.items() if _is(key, known)), "")
    if not name:
        raise Fault(401, "KEY_WRONG", "No operator has this key.")
    cookie = secrets.token_urlsafe(24)
    with database.write() as session:
        session.add(Visit(id=digest(cookie), name=name, until=time.time() + _VISIT))
    return cookie


def operator_of(database: Database, cookie: str) -> Who | None:
    """The operator who is signed in with this cookie."""
    with database.read() as session:
        visit = session.get(Visit, digest(cookie)) if cookie else None
        return Who(role="operator", name=visit.name) if visit and visit.until > time.time() else None
