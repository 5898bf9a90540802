"""The queue under load and under kill -9: bounded, nothing lost, nothing twice."""

from __future__ import annotations

import sqlite3
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.service.running import ADMIN, SAMPLES, Running, bearer, serving

PHOTO = (SAMPLES / "no_face.jpg").read_bytes()


def jobs(service: Running) -> list[tuple[str, str, str]]:
    rows = sqlite3.connect(service.folder / "tickets.sqlite")
    try:
        return rows.execute("SELECT kind, photo_id, state FROM jobs").fetchall()
    finally:
        rows.close()


def test_a_full_queue_turns_away_and_takes_again(tmp_path: Path) -> None:
    with serving(tmp_path / "data", queue=6, photos=40) as service:
        case = service.open("Q-1")
        with ThreadPoolExecutor(24) as many:
            answers = list(many.map(lambda _: service.photo(case, "label", PHOTO), range(24)))
        codes = Counter(answer.status_code for answer in answers)
        assert set(codes) == {202, 429}
        assert all(int(answer.headers["retry-after"]) > 0 for answer in answers if answer.status_code == 429)
        kept = service.settled(case)["photos"]
        assert len(kept) == codes[202] == len(list((service.folder / "cases" / case["id"]).glob("*.jpg")))
        done = [photo for kind, photo, state in jobs(service) if kind == "photo" and state == "done"]
        assert sorted(done) == sorted(photo["id"] for photo in kept)
        assert service.photo(case, "label", PHOTO).status_code == 202
        assert "tickets_queue_depth" in service.http.get("/metrics", headers=bearer(ADMIN)).text


def test_killed_in_the_middle_every_accepted_job_ends_once(tmp_path: Path) -> None:
    with serving(tmp_path / "data", photos=40) as service:
        case = service.open("Q-2")
        for _ in range(6):
            assert service.photo(case, "label", PHOTO).status_code == 202
        service.until(lambda: any(state == "running" for _, _, state in jobs(service)))
        service.kill()
        assert any(state in ("waiting", "running") for _, _, state in jobs(service))
        service.start()
        found = service.settled(case)
        assert [photo["state"] for photo in found["photos"]] == ["good"] * 6
        photos = [photo for kind, photo, state in jobs(service) if kind == "photo" and state == "done"]
        assert len(photos) == len(set(photos)) == 6
        service.until(lambda: {state for _, _, state in jobs(service)} == {"done"})
