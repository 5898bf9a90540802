"""The parts of one running service, and how a request reaches them."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import Request
from sqlalchemy.orm import Session

from samples.ticket_service.access import Who, may_see, who_of
from samples.ticket_service.database import Case, Database
from samples.ticket_service.faults import Fault
from samples.ticket_service.pool import Pool
from samples.ticket_service.settings import Settings

__all__ = ["Service", "desk_only", "find_case", "service_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One for each process."""

    settings: Settings
    database: Database
    pool: Pool


def service_of(request: Request) -> Service:
    """The service that answers."""
    service: Service = request.app.state.service
    return service


def find_case(session: Session, case_id: str, who: Who, *, lock: bool = False) -> Case:
    """The case, if the caller may see it; `lock`: until the transaction ends."""
    return may_see(who, session.get(Case, case_id, with_for_update=lock))


def desk_only(request: Request) -> Who:
    """The operator or administrator who asks. Raises Fault 403 for a consumer's token."""
    who = who_of(request, service_of(request).settings)
    if who.role == "consumer":
        raise Fault(403, "DESK_ONLY", "This takes the key of an operator.")
    return who
