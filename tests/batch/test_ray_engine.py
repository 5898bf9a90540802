"""The engine ray gives the rows of the local one, even when its processes are killed."""

from __future__ import annotations

import os
import signal
import warnings
from pathlib import Path

import pytest

from skinscan.batch import EngineOptions, Job, make_rows, plan, ray_engine
from tests.evidence.cases import THOROUGH
from tests.paths import SAMPLES

NAMES = ("face_light.jpg", "gone.jpg", "face_dark.jpg", "none.jpg")
TIMES, AT_ONCE = (50, 16) if THOROUGH else (3, 4)  # all names so often; photos in one call of an actor


def actors() -> list[int]:
    """Process numbers of Ray's actors that hold pools."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if b"ray::MapWorker" in (folder / "cmdline").read_bytes():
                found.append(int(folder.name))
        except OSError:  # it has ended
            continue
    return found


@pytest.mark.filterwarnings("ignore")  # Ray's own
def test_ray_gives_the_same_rows_and_an_actor_killed_loses_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ray = pytest.importorskip("ray")
        pytest.importorskip("ray.data")
    listing = tmp_path / "photos.txt"
    listing.write_text("\n".join(str(SAMPLES / name) for name in NAMES * TIMES))
    monkeypatch.setattr(ray_engine, "_UNITS_AT_ONCE", AT_ONCE)
    work = plan(str(listing), Job(kind="photos", device="cpu"))
    ray.init(
        num_cpus=2, include_dashboard=False, log_to_driver=False, logging_level="ERROR",
        object_store_memory=100 << 20,
    )  # fmt: skip
    try:
        supply = make_rows(work, EngineOptions(engine="ray", workers=1))
        found = [next(supply)]
        os.kill(actors()[0], signal.SIGKILL)
        found += supply
    finally:
        ray.shutdown()
    assert [row.line for row in found] == [row.line for row in make_rows(work, EngineOptions(workers=2))]
