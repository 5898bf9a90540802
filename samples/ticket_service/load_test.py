"""Load: `python -m samples.ticket_service.load_test URL OPERATOR_KEY PHOTO [SENDERS SECONDS]`.

Senders upload at the same time, each to a case of its own, and wait as Retry-After says. Printed is what was
accepted, how long that took, and whether every accepted photo is there once with an end.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import httpx

_CLAIM = {
    "kind": "texture",
    "received_at": "2026-12-01T08:00:00+08:00",
    "order": {"id": "load"},
    "complaints": ["pilling"],
    "product": {"sku": "load", "category": "cream", "stays_on": True, "areas": ["cheek"]},
}


async def _ask(client: httpx.AsyncClient, method: str, path: str, **more: Any) -> httpx.Response:
    while True:
        answer = await client.request(method, path, **more)
        if answer.status_code != 429:
            return answer
        _turned_away["429"] += 1
        await asyncio.sleep(float(answer.headers["retry-after"]))


_turned_away: Counter[str] = Counter()


async def _send(
    client: httpx.AsyncClient, key: str, photo: bytes, name: str, until: float
) -> tuple[Any, list[float], list[str]]:
    desk = {"Authorization": f"Bearer {key}"}
    opened = (await _ask(client, "POST", "/v1/cases", json=_CLAIM | {"case_id": name}, headers=desk)).json()
    own = {"Authorization": f"Bearer {opened['token']}"}
    took: list[float] = []
    kept: list[str] = []
    while time.monotonic() < until and len(kept) < 20:
        files, began = {"photo": ("x.jpg", photo)}, time.monotonic()
        path = f"/v1/cases/{opened['id']}/photos"
        answer = await client.post(path, files=files, data={"role": "label"}, headers=own)
        if answer.status_code == 429:
            _turned_away["429"] += 1
            await asyncio.sleep(float(answer.headers["retry-after"]))
            continue
        answer.raise_for_status()
        took.append(time.monotonic() - began)
        kept.append(answer.json()["id"])
    while True:  # to the end
        found = (await client.get(f"/v1/cases/{opened['id']}", headers=own)).json()
        if all(one["state"] != "waiting" for one in found["photos"]):
            return Counter(one["id"] for one in found["photos"]), took, kept
        await asyncio.sleep(2)


async def _load(url: str, key: str, photo: Path, senders: int, seconds: float) -> dict[str, Any]:
    limits = httpx.Limits(max_connections=senders)
    data, run, began = photo.read_bytes(), f"{time.time():.0f}", time.monotonic()
    async with httpx.AsyncClient(base_url=url, timeout=120, limits=limits) as client:
        sent = [_send(client, key, data, f"load-{run}-{n}", began + seconds) for n in range(senders)]
        done = await asyncio.gather(*sent)
    took = sorted(one for _, times, _ in done for one in times)
    there = sum((rows for rows, _, _ in done), Counter[str]())
    kept = [one for _, _, ids in done for one in ids]
    return {
        "senders": senders,
        "accepted": len(kept),
        "lost": len(set(kept) - set(there)),
        "doubled": sum(there.values()) - len(set(kept)),
        "turned_away": _turned_away["429"],
        "p50_s": round(took[len(took) // 2], 2),
        "p95_s": round(took[int(len(took) * 0.95)], 2),
        "wall_s": round(time.monotonic() - began, 1),
    }


def main() -> None:
    """Run and print one line of JSON."""
    url, key, photo, *more = sys.argv[1:]
    senders, seconds = (int(more[0]), float(more[1])) if more else (200, 120.0)
    sys.stdout.write(json.dumps(asyncio.run(_load(url, key, Path(photo), senders, seconds))) + "\n")


if __name__ == "__main__":
    main()
