"""Load: `python -m samples.ticket_service.load_test [--out FILE] [--database URL]`.

Starts the service in a folder of its own and uploads faces of samples/ from all senders at once, each to
a case of its own, under idempotency keys, waiting as Retry-After says. In the middle the service is ended by
SIGKILL and started again. At the end every accepted photo must be there once, and its job have ended once.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import select

from samples.ticket_service.database import Case, Database, Job
from samples.ticket_service.settings import Settings

_ROOT = Path(__file__).parents[2]
_PHOTOS = ("face_light.jpg", "face_medium.jpg", "face_dark.jpg", "face_shiny.jpg", "face_red_cheek.jpg")
_CLAIM = {
    "kind": "texture",
    "received_at": "2026-12-01T08:00:00+08:00",
    "order": {"id": "load"},
    "complaints": ["pilling"],
    "product": {"sku": "load", "category": "cream", "stays_on": True, "areas": ["cheek"]},
}
_MOST_DRAIN = 900.0  # s after the last upload until every job must have ended


class _Server:
    """The service as its own process, which can be killed and started again."""

    def __init__(self, settings: Settings) -> None:
        with socket.socket() as found:
            found.bind(("127.0.0.1", 0))
            self.port = found.getsockname()[1]
        self.key = secrets.token_urlsafe(24)
        self._env = os.environ | {
            "TICKETS_FOLDER": str(settings.folder),
            "TICKETS_PORT": str(self.port),
            "TICKETS_OPERATORS": f"load:{self.key}",
            "TICKETS_DATABASE": settings.database,
            "TICKETS_WORKERS": str(settings.workers),
        }
        self.start()

    def start(self) -> None:
        command = [sys.executable, "-m", "samples.ticket_service"]
        self.process = subprocess.Popen(command, cwd=_ROOT, env=self._env, stdout=subprocess.DEVNULL)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(300)

    def memory(self) -> float:
        """MiB that the process and its workers hold; shared pages count for each."""
        pids, pages = [self.process.pid], 0
        for pid in pids:
            try:
                pages += int(Path(f"/proc/{pid}/statm").read_text().split()[1])
                tasks = Path(f"/proc/{pid}/task").iterdir()
                pids += [int(one) for task in tasks for one in (task / "children").read_text().split()]
            except OSError:
                continue
        return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


@dataclass(slots=True)
class _Tally:
    """What the senders saw."""

    took: list[float] = field(default_factory=list)  # s of each upload that was accepted
    kept: list[str] = field(default_factory=list)  # ids of accepted photos
    codes: Counter[str] = field(default_factory=Counter)
    memory: list[float] = field(default_factory=list)  # MiB, twice a second


async def _ask(client: httpx.AsyncClient, tally: _Tally, path: str, **more: Any) -> httpx.Response:
    """One request until it is answered for good: again under the same key after 429 and a lost connection."""
    more["headers"] = more["headers"] | {"Idempotency-Key": secrets.token_hex(16)}
    while True:
        began = time.monotonic()
        try:
            answer = await client.post(path, **more)
        except httpx.TransportError:
            tally.codes["no answer"] += 1
            await asyncio.sleep(1)
            continue
        tally.codes[str(answer.status_code)] += 1
        if answer.status_code == 202:
            tally.took.append(time.monotonic() - began)
        if answer.status_code not in (429, 503):
            return answer
        await asyncio.sleep(float(answer.headers.get("retry-after", 2)))


async def _send(client: httpx.AsyncClient, tally: _Tally, key: str, name: str, until: float) -> None:
    desk = {"Authorization": f"Bearer {key}"}
    opened = (await _ask(client, tally, "/v1/cases", json=_CLAIM | {"case_id": name}, headers=desk)).json()
    own = {"Authorization": f"Bearer {opened['token']}"}
    sent = 0
    while time.monotonic() < until and sent < 20:
        data = (_ROOT / "samples" / _PHOTOS[sent % len(_PHOTOS)]).read_bytes()
        more = {"files": {"photo": ("x.jpg", data)}, "data": {"role": "after"}}
        answer = await _ask(client, tally, f"/v1/cases/{opened['id']}/photos", headers=own, **more)
        if answer.status_code == 202:
            tally.kept.append(answer.json()["id"])
        sent += 1


async def _watch(server: _Server, tally: _Tally) -> None:
    while True:
        tally.memory.append(server.memory())
        await asyncio.sleep(0.5)


async def _kill_once(server: _Server, after: float) -> None:
    await asyncio.sleep(after)
    server.kill()
    await asyncio.sleep(2)
    server.start()


async def _load(server: _Server, senders: int, seconds: float) -> _Tally:
    tally, limits = _Tally(), httpx.Limits(max_connections=senders)
    async with httpx.AsyncClient(
        base_url=f"http://127.0.0.1:{server.port}", timeout=120, limits=limits
    ) as client:
        while True:
            try:
                if (await client.get("/ready")).status_code == 200:
                    break
            except httpx.TransportError:
                await asyncio.sleep(0.2)
        watch, until = asyncio.create_task(_watch(server, tally)), time.monotonic() + seconds
        kill = asyncio.create_task(_kill_once(server, seconds / 2))
        run = secrets.token_hex(4)
        await asyncio.gather(
            *(_send(client, tally, server.key, f"load-{run}-{n}", until) for n in range(senders))
        )
        await kill
        watch.cancel()
    return tally


def _ends(database: Database, server: _Server, tally: _Tally) -> dict[str, int]:
    """Wait until every job has ended, then count what there is of each accepted photo."""
    end = time.monotonic() + _MOST_DRAIN
    while True:
        with database.read() as session:
            rows = session.execute(select(Job.kind, Job.photo_id, Job.state)).all()
        left = sum(state in ("waiting", "running") for _, _, state in rows)
        tally.memory.append(server.memory())
        if not left or time.monotonic() > end:
            break
        time.sleep(2)
    ended = Counter(photo for kind, photo, state in rows if kind == "photo" and state == "done")
    with database.read() as session:
        behind = sum(case.judged != case.revision for case in session.scalars(select(Case)))
    accepted = set(tally.kept)
    return {
        "accepted": len(tally.kept),
        "lost": len(accepted - set(ended)),
        "doubled": sum(ended.values()) - len(set(ended)) + len(set(ended) - accepted),
        "jobs_done": sum(state == "done" for _, _, state in rows),
        "jobs_lost": sum(state == "lost" for _, _, state in rows),
        "jobs_left": left,
        "cases_not_judged": behind,
    }


def measure(database: str, senders: int, seconds: float, workers: int) -> dict[str, Any]:
    """One run on `database` (a URL of SQLAlchemy; empty: SQLite); the database is to be empty."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(folder=Path(folder) / "tickets", database=database, workers=workers)
        server, began = _Server(settings), time.monotonic()
        try:
            tally = asyncio.run(_load(server, senders, seconds))
            rows = Database(settings.database_url)
            found = _ends(rows, server, tally)
            rows.close()
        finally:
            server.stop()
    took, memory = sorted(tally.took), tally.memory
    return {
        "database": (database or "sqlite").split(":")[0].split("+")[0],
        "senders": senders,
        "seconds": seconds,
        "workers": workers,
        **found,
        "turned_away": tally.codes["429"],
        "faults": sum(number for code, number in tally.codes.items() if code.startswith("5")),
        "p50_s": round(took[len(took) // 2], 2),
        "p95_s": round(took[int(len(took) * 0.95)], 2),
        "memory_start_mib": round(memory[0]),
        "memory_peak_mib": round(max(memory)),
        "memory_end_mib": round(memory[-1]),
        "wall_s": round(time.monotonic() - began),
    }


def main() -> int:
    """Run, print the numbers, put them into the file; 1 if a job was lost, doubled or left, or for a 5xx."""
    parser = argparse.ArgumentParser(prog="python -m samples.ticket_service.load_test")
    parser.add_argument("--database", default="", help="URL of an empty database; without: SQLite")
    parser.add_argument("--senders", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=120.0)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--out", type=Path, help="JSON file of results, by database")
    given = parser.parse_args()
    found = measure(given.database, given.senders, given.seconds, given.workers)
    sys.stdout.write("".join(f"{name:18} {value}\n" for name, value in found.items()))
    if given.out:
        rows = json.loads(given.out.read_text())["rows"] if given.out.exists() else []
        rows = [row for row in rows if row["database"] != found["database"]] + [{"what": "load"} | found]
        given.out.write_text(json.dumps({"rows": rows}, indent=2) + "\n")
    return int(any(found[name] for name in ("lost", "doubled", "jobs_lost", "jobs_left", "faults")))


if __name__ == "__main__":
    sys.exit(main())
