"""The service as its users meet it: a process of its own, asked over HTTP."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from tests.paths import ROOT

OPERATORS = {"anna": "anna-key-0123456789", "bo": "bo-key-0123456789ab"}
ADMIN = "admin-key-0123456789"
SAMPLES = ROOT / "samples"


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


DESK = bearer(OPERATORS["anna"])


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


class Running:
    """One process, which can be killed and started again on the same folder."""

    def __init__(self, folder: Path, **settings: object) -> None:
        self.folder, self.port = folder, free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        given = {f"TICKETS_{name.upper()}": str(value) for name, value in settings.items()}
        self._environment = {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "TICKETS_FOLDER": str(folder),
            "TICKETS_PORT": str(self.port),
            "TICKETS_ADMIN_KEY": ADMIN,
            "TICKETS_OPERATORS": ",".join(f"{name}:{key}" for name, key in OPERATORS.items()),
            **given,
        }
        self.http = httpx.Client(base_url=self.url, timeout=60)
        self.start()

    def start(self) -> None:
        command = [sys.executable, "-m", "samples.ticket_service"]
        with (self.folder.parent / "service.log").open("ab") as log:
            self.process = subprocess.Popen(command, cwd=ROOT, env=self._environment, stdout=log, stderr=log)
        self.until(self._ready)

    def _ready(self) -> bool:
        assert self.process.poll() is None, (self.folder.parent / "service.log").read_text()
        try:
            return self.http.get("/ready").status_code == 200
        except httpx.TransportError:
            return False

    def until(self, true: Any, seconds: float = 90) -> None:
        end = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < end, (self.folder.parent / "service.log").read_text()[-3000:]
            time.sleep(0.1)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        self.http.close()
        self.process.terminate()
        self.process.wait(60)

    def open(self, ticket: str, sample: str = "clear_reaction_zh", **headers: str) -> dict[str, Any]:
        answer = self.http.post("/v1/cases", json=claim(ticket, sample), headers=DESK | headers)
        assert answer.status_code == 201, answer.text
        opened: dict[str, Any] = answer.json()
        return opened

    def photo(
        self, case: dict[str, Any], role: str, data: bytes, taken: str = "", **headers: str
    ) -> httpx.Response:
        return self.http.post(
            f"/v1/cases/{case['id']}/photos",
            files={"photo": ("x.jpg", data)},
            data={"role": role} | ({"taken_at": taken} if taken else {}),
            headers=bearer(case["token"]) | headers,
        )

    def status(self, case: dict[str, Any]) -> dict[str, Any]:
        answer = self.http.get(f"/v1/cases/{case['id']}", headers=bearer(case["token"]))
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def settled(self, case: dict[str, Any]) -> dict[str, Any]:
        """The status once everything that was accepted is done."""

        def done() -> bool:
            found = self.status(case)
            return found["judged"] == found["revision"] and all(
                p["state"] != "waiting" for p in found["photos"]
            )

        self.until(done)
        return self.status(case)


def claim(ticket: str, sample: str = "clear_reaction_zh") -> dict[str, Any]:
    found: dict[str, Any] = json.loads(
        (SAMPLES / "claims" / sample / "claim.json").read_text(encoding="utf-8")
    )
    return found | {"case_id": ticket, "photos": []}


@contextmanager
def serving(folder: Path, **settings: object) -> Iterator[Running]:
    service = Running(folder, **settings)
    try:
        yield service
    finally:
        service.stop()
