"""Before every request: its size. After: headers. A body is counted as it comes, whatever its head says."""

from __future__ import annotations

import contextlib
import json

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from samples.ticket_service import metrics
from samples.ticket_service.faults import Fault

__all__ = ["Guard"]

_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cache-control", b"no-store"),
    (b"x-frame-options", b"DENY"),
)
_POLICY = (
    b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    b"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


class Guard:
    """ASGI middleware."""

    def __init__(self, app: ASGIApp, most: int) -> None:
        """`most`: bytes of a body."""
        self._app, self._most = app, most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        had, over = 0, False

        async def counted() -> Message:
            nonlocal had, over
            message = await receive()
            had += len(message.get("body", b""))
            if had > self._most:
                over = True
                raise Fault(413, "BODY_TOO_LARGE", "The request is too large.")
            return message

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                metrics.ANSWERS.labels(str(message["status"])).inc()
                headers = list(message.get("headers", ()))
                html = any(
                    name == b"content-type" and value.startswith(b"text/html") for name, value in headers
                )
                own = html and not scope["path"].rstrip("/").endswith(
                    ("/consumer", "/arbitration")
                )  # reports have theirs
                message["headers"] = [
                    *headers,
                    *_HEADERS,
                    *([(b"content-security-policy", _POLICY)] if own else []),
                ]
            await send(message)

        async def unless_over(message: Message) -> None:
            if not over:  # what the application says about a body that it did not get is not sent
                await guarded(message)

        with contextlib.suppress(Fault):
            await self._app(scope, counted, unless_over)
        if over:
            fault = Fault(413, "BODY_TOO_LARGE", "The request is too large.")
            head = [(b"content-type", b"application/problem+json"), (b"connection", b"close")]
            await guarded({"type": "http.response.start", "status": 413, "headers": head})
            await guarded({"type": "http.response.body", "body": json.dumps(fault.body()).encode()})
