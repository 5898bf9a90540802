"""`speed`: stages of a scan, throughput by workers and batches, the floor below it, cold start, peers."""

from __future__ import annotations

import json
import multiprocessing
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from skinscan.batch import EngineOptions, Job, make_rows, plan
from skinscan.batch.pool import keep_to_core, tuned
from skinscan.bench.cpu_cost import cpu_cost
from skinscan.bench.meter import Meter, lay_out, of_megapixels, portraits
from skinscan.bench.picture import draw_bars
from skinscan.bench.requirements import NAME_PHOTOS, need
from skinscan.errors import SkinScanError
from skinscan.measure.face import find_face
from skinscan.measure.photo import open_photo
from skinscan.scanner import Scanner
from skinscan.types import Device

__all__ = ["draw", "speed"]

draw = draw_bars

_PEERS = Path(".cache/peers/bin/python")
"""Where `make peers` puts the tools that skinscan is measured against."""

_REPEATS = 15
_PHOTO = "founder_a_1.jpg"
_PHOTOS, _WARM = 80, 8  # in a run, for each worker up to the number of cores; the first are not measured
_TURNS = 3
_PEER_PHOTOS = 24
_PEER = """
import json, sys, time, warnings
warnings.simplefilter("ignore")
import stone
failed, spent = 0, []
for path in sys.argv[1:]:
    start = time.process_time()
    try:
        stone.process(path, image_type="color")
    except Exception:
        failed += 1
    spent.append(time.process_time() - start)
print(json.dumps({"failed": failed, "spent": spent[1:]}))
"""


def speed(photos: Path, device: Device) -> list[dict[str, Any]]:
    """Rows of each of these, all on the same photos; the floor is decoding and landmarks alone.

    Workers: one, two, and one per core. On a GPU their models are computed in batches of as many faces, and
    the same machine's CPU is measured beside it.
    """
    cores = max(2, len(os.sched_getaffinity(0)))
    counts = sorted({1, 2, cores})
    devices: list[Device] = [device, "cpu"] if device in ("cuda", "tensorrt") else [device]
    runs = [
        *((EngineOptions(workers=workers), on) for on in devices for workers in counts),
        *((EngineOptions(workers=cores, batch_size=size), device) for size in (1, cores)),
        (EngineOptions(workers=2 * cores, batch_size=2 * cores), device),
    ]
    with tempfile.TemporaryDirectory() as folder:
        paths = lay_out(portraits(photos), Path(folder), _PHOTOS * cores)
        photo = need(photos / _PHOTO, NAME_PHOTOS)
        return [
            *_stages(photo, device),
            *cpu_cost(photo, photos, device),
            *_throughput(paths, folder, counts, runs),
            *_cold_starts(paths[0], device),
            *_peers(paths[:_PEER_PHOTOS]),
        ]


def _stages(photo: Path, device: Device) -> Iterator[dict[str, Any]]:
    """Floor, whole scan, their ratio, and each stage, by size of the photo."""
    scanner = Scanner(device)
    for megapixels in (1, 2, 12):
        data = of_megapixels(photo, megapixels)
        scanner.scan(data, name="warm-up")
        floor, whole, stages = [], [], []
        for _ in range(_REPEATS):  # turn about, so that both meet the same load
            start = time.perf_counter()
            find_face(open_photo(data))
            middle = time.perf_counter()
            stages.append(scanner.scan(data).run.timings_ms)
            floor.append((middle - start) * 1e3)
            whole.append((time.perf_counter() - middle) * 1e3)
        yield {
            "what": f"{megapixels} MP photo",
            "floor_ms": round(statistics.median(floor), 1),
            "scan_ms": round(statistics.median(whole), 1),
            "ratio": round(statistics.median(w / f for w, f in zip(whole, floor, strict=True)), 2),
            **{f"{name}_ms": round(statistics.median(s[name] for s in stages), 1) for name in stages[0]},
        }


def _throughput(
    paths: list[Path], folder: str, counts: list[int], runs: list[tuple[EngineOptions, Device]]
) -> list[dict[str, Any]]:
    """Floors and whole scans turn about, each the quickest of its turns: other guests of a host only slow."""
    turns = [
        [
            *(_floor(paths, workers) for workers in counts),
            *(_end_to_end(folder, means, on) for means, on in runs),
        ]
        for _ in range(_TURNS)
    ]
    return [max(rows, key=lambda row: float(row["photos_per_s"])) for rows in zip(*turns, strict=True)]


def _floor(paths: list[Path], workers: int) -> dict[str, Any]:
    """Decoding and landmarks by so many processes, tuned and placed as those of a batch."""
    paths = paths[: max(2, workers) * _PHOTOS]
    meter = Meter(first=max(2, workers) * _WARM, last=len(paths))
    with tuned():
        pool = multiprocessing.get_context("spawn").Pool(workers, _one_thread)
    for number, process in enumerate(multiprocessing.active_children()):
        keep_to_core(process.pid or 0, number, workers)
    with pool:
        for count, _ in enumerate(pool.imap(_least, map(str, paths)), start=1):
            meter(count)
    pool.join()
    return {"what": "decode + landmarks", "workers": workers, "batch_size": None, **meter.rates()}


def _one_thread() -> None:
    import cv2

    cv2.setNumThreads(1)


def _least(path: str) -> None:
    find_face(open_photo(path))


def _end_to_end(folder: str, means: EngineOptions, device: Device) -> dict[str, Any]:
    assert means.workers
    busy = min(max(2, means.workers), len(os.sched_getaffinity(0)))
    work = plan(folder, Job(kind="photos", device=device), limit=busy * _PHOTOS)
    meter = Meter(first=busy * _WARM, last=len(work.paths))
    for count, _ in enumerate(make_rows(work, means), start=1):
        meter(count)
    sizes = {"device": device, "workers": means.workers, "batch_size": means.batch_size}
    return {"what": "end to end", **sizes, **meter.rates()}


def _cold_starts(photo: Path, device: Device) -> Iterator[dict[str, Any]]:
    """A process that does one photo, from nothing to its exit."""
    for command in ("scan", "batch"):
        more = ["--quiet"] if command == "scan" else ["-o", "-", "--quiet"]
        before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
        words = [sys.executable, "-m", "skinscan", command, str(photo), "--device", device, *more]
        subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
        seconds, after = time.monotonic() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        yield {"what": f"cold {command} of one photo", "s": round(seconds, 2), "cpu_s": round(cpu, 2)}


def _peers(paths: list[Path]) -> Iterator[dict[str, Any]]:
    """What other tools take for the same photos, one process; nothing if they are not installed."""
    if not _PEERS.exists():
        return
    words = [str(_PEERS), "-c", _PEER, *map(str, paths)]
    found = json.loads(
        subprocess.run(words, check=True, capture_output=True, text=True).stdout.splitlines()[-1]
    )
    yield {
        "what": "skin-tone-classifier",
        "photos": len(paths),
        "failed": found["failed"],
        "cpu_ms_per_photo": round(statistics.mean(found["spent"]) * 1e3, 1),
    }
    scanner, spent, failed = Scanner("cpu"), [], 0
    for path in paths:
        start = time.process_time()
        try:
            scanner.scan(path)
        except SkinScanError:
            failed += 1
        spent.append(time.process_time() - start)
    yield {
        "what": "skinscan, one process",
        "photos": len(paths),
        "failed": failed,
        "cpu_ms_per_photo": round(statistics.mean(spent[1:]) * 1e3, 1),
    }
