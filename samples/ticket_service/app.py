"""Puts the service together."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.staticfiles import StaticFiles
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import text
from starlette.exceptions import HTTPException

from samples.ticket_service import api, jobs, metrics, pages, pages_desk
from samples.ticket_service.access import who_of
from samples.ticket_service.database import Database
from samples.ticket_service.faults import Fault
from samples.ticket_service.guard import Guard
from samples.ticket_service.pool import Pool
from samples.ticket_service.service import Service, service_of
from samples.ticket_service.settings import Settings
from samples.ticket_service.webhooks import Outbox
from skinscan import __version__
from skinscan.files import private_folder

__all__ = ["create_app"]

_log = logging.getLogger("tickets")


def create_app(settings: Settings) -> FastAPI:
    """The application; its workers start and end with it."""
    _ = settings.follow_days  # a policy that cannot be used is told at the start
    private_folder(settings.folder)
    database = Database(settings.database_url)
    pool, outbox = Pool(settings, database), Outbox(settings, database)

    @asynccontextmanager
    async def running(_app: FastAPI) -> AsyncIterator[None]:
        pool.start()
        outbox.start()
        yield
        outbox.stop()
        pool.stop()
        database.close()

    app = FastAPI(
        title="Ticket service on skinscan",
        version=__version__,
        lifespan=running,
        docs_url=None,
        redoc_url=None,
    )
    app.state.service = Service(settings=settings, database=database, pool=pool)
    app.add_middleware(Guard, most=settings.photo_mb * 1_000_000 + 100_000)
    app.include_router(api.router)
    app.include_router(pages.router)
    app.include_router(pages_desk.router)
    app.mount("/static", StaticFiles(directory=Path(__file__).parent / "static"), name="static")
    app.add_exception_handler(Fault, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _plain)
    app.add_exception_handler(Exception, _broken)
    app.add_api_route("/health", _health, methods=["GET"])
    app.add_api_route("/ready", _ready, methods=["GET"])
    app.add_api_route("/metrics", _metrics, methods=["GET"])
    return app


def _health() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


def _ready(request: Request) -> dict[str, str]:
    """The database answers and the workers are there."""
    here = service_of(request)
    with here.database.read() as session:
        session.execute(text("SELECT 1"))
    if not here.pool.ready:
        raise Fault(503, "NOT_READY", "The workers are not there yet.")
    return {"status": "ok"}


def _metrics(request: Request) -> Response:
    """For Prometheus, with the key of the administrator."""
    here = service_of(request)
    if who_of(request, here.settings).role != "admin":
        raise Fault(403, "ADMIN_ONLY", "This takes the key of the administrator.")
    with here.database.read() as session:
        metrics.DEPTH.set(jobs.depth(session))
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


def _answer(request: Request, fault: Fault) -> Response:
    if not request.url.path.startswith(("/c/", "/desk")):
        headers = {"Retry-After": str(fault.after)} if fault.after else {}
        headers |= {"WWW-Authenticate": "Bearer"} if fault.status == 401 else {}
        return JSONResponse(fault.body(), fault.status, headers, media_type="application/problem+json")
    return pages.show_fault(request, fault)


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Fault)
    return _answer(request, error)


async def _invalid(request: Request, error: Exception) -> Response:
    """Where and why, never what was sent."""
    assert isinstance(error, RequestValidationError)
    fields = [
        (".".join(str(step) for step in told["loc"][1:])[:200] or "body", str(told["msg"])[:200])
        for told in error.errors()
    ]
    return _answer(request, Fault(422, "REQUEST_INVALID", "Some fields cannot be used.", fields=fields[:50]))


async def _plain(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    codes = {404: "NOT_FOUND", 405: "METHOD_NOT_ALLOWED", 400: "REQUEST_INVALID"}
    code = codes.get(error.status_code, "REFUSED")
    return _answer(request, Fault(error.status_code, code, "This request cannot be answered."))


async def _broken(request: Request, _error: Exception) -> Response:
    return _answer(request, Fault(500, "INTERNAL", "The service failed. The fault is in its log."))
