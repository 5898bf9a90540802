"""Runs, workers at work and workers just starting are killed: the bytes are those of a quiet run.

SKINSCAN_THOROUGH kills sixty times instead of three.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PIL import Image

from skinscan.batch import EngineOptions, Job, make_rows, plan, pool
from skinscan.batch.plan import Plan
from tests.evidence.cases import THOROUGH
from tests.paths import SAMPLES

PHOTOS = Job(kind="photos", device="cpu")
KILLS = 20 if THOROUGH else 1  # of each kind
BETWEEN = 40  # rows; more than a pool of two is ahead, so that no photo is met twice
WORKERS = 2


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    """Small pictures with and without a face, and files that are none."""
    folder = tmp_path_factory.mktemp("photos")
    with Image.open(SAMPLES / "face_light.jpg") as picture:
        picture.convert("RGB").resize((240, 240 * picture.height // picture.width)).save(folder / "face.jpg")
    Image.new("RGB", (48, 64), (180, 140, 120)).save(folder / "plain.png")
    (folder / "cut.jpg").write_bytes((folder / "face.jpg").read_bytes()[:900])
    names = ["face.jpg", "plain.png", "cut.jpg", *["none.jpg"] * 5] * (10 * KILLS + 10)
    listing = folder / "photos.txt"
    listing.write_text("\n".join(str(folder / name) for name in names))
    return plan(str(listing), PHOTOS)


@pytest.fixture(scope="module")
def whole(photos: Plan) -> bytes:
    return b"".join(row.line for row in make_rows(photos, EngineOptions(workers=1)))


def killed(workers: pool.Pool, number: int) -> int:
    """Kill that worker; returns its process number."""
    pid = workers.pids[number]
    os.kill(pid, signal.SIGKILL)
    return pid


@pytest.mark.parametrize("starting", [False, True], ids=["at work", "starting"])
def test_killed_workers_change_no_byte(starting: bool, photos: Plan, whole: bytes) -> None:
    """One that is starting is the successor of one that was killed at work."""
    chance, found, kills, successor = random.Random(18), [], 0, 0
    with pool.Pool(PHOTOS, WORKERS) as workers:
        for row in workers.run(photos.units()):
            found.append(row.line)
            if successor and successor not in workers.pids:  # it has been buried, the next one is starting
                time.sleep(chance.uniform(0, 0.5))
                killed(workers, -1 if kills % 2 else 0)
                kills, successor = kills + 1, 0
            elif len(found) % BETWEEN == 0 and not successor and kills < KILLS:
                time.sleep(chance.uniform(0, 0.02))
                dead = killed(workers, -1 if kills % 2 else 0)
                successor, kills = (dead, kills) if starting else (0, kills + 1)
    assert kills == KILLS
    assert b"".join(found) == whole


def test_runs_killed_at_any_moment_are_taken_up(photos: Plan, whole: bytes, tmp_path: Path) -> None:
    listing = Path(next(photos.units()).paths[0]).parent / "photos.txt"
    out, part = tmp_path / "rows.jsonl", tmp_path / "rows.jsonl.part"
    words = [sys.executable, "-m", "skinscan", "batch", str(listing), "-o", str(out), "--device", "cpu"]
    words += ["--workers", str(WORKERS)]
    chance = random.Random(18)
    for _ in range(KILLS):
        wanted = (part.stat().st_size if part.exists() else 0) + chance.uniform(0, len(whole) / KILLS / 2)
        run = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        while run.poll() is None and not (part.exists() and part.stat().st_size > wanted):
            time.sleep(0.001)
        assert run.poll() is None, "it ended before it could be killed"
        run.kill()
        run.communicate()
        assert not out.exists()
    subprocess.run(words, capture_output=True, check=False)
    assert out.read_bytes() == whole
