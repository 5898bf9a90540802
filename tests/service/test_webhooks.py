"""What leaves the service: signed, neutral, the same id at each attempt."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, ClassVar

from standardwebhooks.webhooks import Webhook

from tests.service.running import serving

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


class Receiver(BaseHTTPRequestHandler):
    """Refuses the first delivery."""

    got: ClassVar[list[tuple[dict[str, str], bytes]]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
        self.send_response(500 if len(self.got) == 1 else 204)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


def test_a_verdict_is_told_signed_and_without_the_person(tmp_path: Path) -> None:
    server = HTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}/"
    with serving(tmp_path / "data", webhook_url=url, webhook_secret=SECRET) as service:
        case = service.open("W-1")
        service.until(lambda: len(Receiver.got) == 2)
    server.shutdown()
    server.server_close()
    (first, body), (again, _) = Receiver.got
    assert first["webhook-id"] == again["webhook-id"]
    told = Webhook(SECRET).verify(body, first)
    assert set(told) == {"type", "timestamp", "data"}
    assert told["data"] == {
        "case": case["id"],
        "ticket": "W-1",
        "state": "asks",
        "outcome": "needs_info",
        "revision": 1,
    }
