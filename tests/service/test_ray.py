"""Work handed to Ray gives what a process here gives, and a lost one is told as such."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Iterator
from concurrent.futures.process import BrokenProcessPool

import pytest

from samples.ticket_service import worker
from samples.ticket_service.settings import Settings
from tests.paths import SAMPLES

ray = pytest.importorskip("ray")
CASE = SAMPLES / "claims" / "clear_reaction_zh"


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    from samples.ticket_service.ray_process import connect

    connect("local")
    yield Settings(folder=tmp_path_factory.mktemp("ray"), ray="local")
    ray.shutdown()


def test_a_case_judged_on_ray_is_the_same(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    from samples.ticket_service.ray_process import RayProcess

    monkeypatch.setattr(worker, "_state", {})
    worker.start(settings)
    claim = json.loads((CASE / "claim.json").read_text(encoding="utf-8"))
    process = RayProcess(settings)
    for function, values in (
        (worker.look_at, (str(SAMPLES / "face_red_cheek.jpg"), "after")),
        (worker.judge_case, (claim, str(CASE), [], str(settings.folder / "report"))),
    ):
        there = process.submit(function, *values).result(240)
        shutil.rmtree(settings.folder / "report", ignore_errors=True)
        assert there == function(*values)
    with pytest.raises(BrokenProcessPool):
        process.submit(os._exit, 1).result(60)
    process.end()


def test_a_stuck_process_is_given_up(settings: Settings) -> None:
    from samples.ticket_service.ray_process import RayProcess

    process = RayProcess(settings)
    with pytest.raises(TimeoutError):
        process.submit(time.sleep, 60).result(0.5)
    process.end()
