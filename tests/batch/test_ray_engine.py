"""The engine ray gives the rows of the local one, even when its processes are killed."""

from __future__ import annotations

import json
import os
import pickle
import shutil
import signal
import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import get_args

import numpy as np
import pytest

from skinscan.batch import Engine, EngineOptions, Job, Unit, make_rows, plan, ray_engine, run_batch
from skinscan.batch.rows import Row
from skinscan.batch.worker import Worker
from skinscan.evidence import keygen
from tests.batch.cases import CATALOG, lay_out_cases
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


class _Here:
    """A pool that works in this process."""

    def __init__(self, job: Job, *_: object) -> None:
        self._worker = Worker(job)

    def __enter__(self) -> _Here:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def run(self, units: Iterable[Unit]) -> Iterator[Row]:
        return map(self._worker.row, units)


def test_an_actor_keeps_the_area_of_a_pair_and_what_comes_with_its_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ray_engine, "Pool", _Here)
    job = Job(kind="pairs", device="cpu", report=str(tmp_path))
    paths = tuple(str(SAMPLES / "pairs" / f"a_{name}.jpg") for name in ("before", "strong"))
    unit = Unit(index=3, paths=paths, area="left_cheek")
    actor = ray_engine._actor(job, 1, None)()
    batch = {"index": np.array([3]), "paths": [list(paths)], "area": np.array(["left_cheek"])}
    found = {name: values[0] for name, values in actor(batch).items()}
    row = Worker(job).row(unit)
    assert Row(**found) == row
    assert json.loads(row.line)["result"]["area"]["name"] == "left_cheek"
    (page,) = pickle.loads(row.output).pages
    assert page.name == "compare.html"


@pytest.mark.filterwarnings("ignore")  # Ray's own
@pytest.mark.skipif(not THOROUGH, reason="SKINSCAN_THOROUGH is not set: it takes a minute")
def test_ray_seals_and_reports_claims_as_one_machine_does(tmp_path: Path) -> None:
    pytest.importorskip("ray")
    lay_out_cases(tmp_path / "cases")
    keys, made = keygen(tmp_path / "keys"), []
    job = Job(
        kind="claims", device="cpu", catalog=str(CATALOG), index=str(tmp_path / "index.db"),
        report=str(tmp_path / "reports"), evidence=str(tmp_path / "evidence"),
    )  # fmt: skip
    work = plan(str(tmp_path / "cases"), job)
    for engine in get_args(Engine):
        run_batch(work, tmp_path / f"{engine}.jsonl", EngineOptions(engine=engine, workers=1), keys=keys)
        pages = {path: path.read_bytes() for path in sorted((tmp_path / "reports").rglob("*.html"))}
        bundles = {path.name for path in (tmp_path / "evidence").glob("*.bundle")}
        made.append(((tmp_path / f"{engine}.jsonl").read_bytes(), pages, bundles))
        shutil.rmtree(tmp_path / "reports")
    assert made[0] == made[1]
    assert len(made[0][2]) == 5


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
