"""Delivers the outbox, signed by the Standard Webhooks scheme, and asks followed cases again."""

from __future__ import annotations

import logging
import threading
import time
from datetime import UTC, datetime

import httpx
from sqlalchemy import select
from standardwebhooks.webhooks import Webhook

from samples.ticket_service import cases, metrics
from samples.ticket_service.database import Database, Event
from samples.ticket_service.settings import Settings

__all__ = ["Outbox"]

_WAITS = (5, 300, 1800, 7200, 18000, 36000, 50400)  # s; the scheme's own proposal
_log = logging.getLogger("tickets")


class Outbox:
    """A thread that looks at the outbox every second: at least once, with the same id each time."""

    def __init__(self, settings: Settings, database: Database) -> None:
        """Nothing is started yet."""
        self._settings, self._database = settings, database
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="outbox", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End after the delivery at hand."""
        self._stop.set()
        self._thread.join(15)

    def _run(self) -> None:
        with httpx.Client(timeout=10, follow_redirects=False) as client:
            while not self._stop.wait(1.0):
                try:
                    with self._database.write() as session:
                        cases.ask_again(session, self._settings)
                    if self._settings.webhook_url:
                        self._deliver(client)
                except Exception:  # the next round tries again  # noqa: BLE001
                    _log.exception("the outbox was not delivered")

    def _deliver(self, client: httpx.Client) -> None:
        with self._database.read() as session:
            due = list(
                session.scalars(
                    select(Event).where(Event.state == "waiting", Event.next_at <= time.time()).limit(20)
                )
            )
        for event in due:
            sent = self._send(client, event)
            metrics.WEBHOOKS.labels("delivered" if sent else "failed").inc()
            with self._database.write() as session:
                row = session.get(Event, event.id)
                if row is None:  # its case was erased
                    continue
                row.attempts += 1
                if sent:
                    row.state = "done"
                elif row.attempts > len(_WAITS):
                    row.state = "given up"
                else:
                    row.next_at = time.time() + _WAITS[row.attempts - 1]

    def _send(self, client: httpx.Client, event: Event) -> bool:
        now = datetime.now(UTC)
        signature = Webhook(self._settings.webhook_secret).sign(event.id, now, event.payload)
        headers = {
            "webhook-id": event.id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": signature,
            "content-type": "application/json",
        }
        try:
            answer = client.post(self._settings.webhook_url, content=event.payload.encode(), headers=headers)
        except httpx.HTTPError:
            return False
        return answer.is_success
