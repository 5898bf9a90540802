"""`shared`: one scanner for 32 threads at once: the bytes of a serial run, and memory that does not grow."""

from __future__ import annotations

import json
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from skinscan.bench.meter import Meter, lay_out, portraits
from skinscan.errors import SkinScanError
from skinscan.output.records.common import error_to_dict
from skinscan.output.records.scan import scan_to_dict
from skinscan.scanner import Scanner
from skinscan.types import Device

__all__ = ["shared"]

_THREADS, _SCANS = 32, 200
_MILESTONES = (100, 500, 1_000, 2_000, 4_000)


def shared(
    photos: Path, device: Device, threads: int = _THREADS, scans: int = _SCANS
) -> list[dict[str, Any]]:
    """A row for the serial run over every portrait, one for all threads, and memory at some counts.

    `photos`: the folder of real photos. `device`: that the networks run on. `threads`: at once, each doing so
    many `scans`, each beginning with another photo.
    """
    scanner, count = Scanner(device), threads * scans
    milestones = tuple(number for number in _MILESTONES if number < count)
    with tempfile.TemporaryDirectory() as folder:
        sources = portraits(photos)
        paths = lay_out(sources, Path(folder), len(sources))
        serial, expected = Meter(first=0, last=len(paths)), list[bytes]()
        _bytes(scanner, paths[0])  # opens the models
        serial(0)
        for number, path in enumerate(paths, 1):
            expected.append(_bytes(scanner, path))
            serial(number)
        meter = Meter(first=threads, last=count, milestones=milestones)
        lock, done, different = threading.Lock(), 0, 0

        def work(thread: int) -> None:
            nonlocal done, different
            for number in range(thread, thread + scans):
                own = _bytes(scanner, paths[number % len(paths)])
                with lock:
                    done += 1
                    different += own != expected[number % len(paths)]
                    meter(done)

        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(work, range(threads)))
    return [
        {"what": "serial", "threads": 1, "scans": len(paths), "different": None, **serial.rates()},
        {"what": "one scanner", "threads": threads, "scans": count, "different": different, **meter.rates()},
        *(
            {"what": f"memory after {number:,} scans", "memory_mib": round(meter.memory[number])}
            for number in (*milestones, count)
        ),
    ]


def _bytes(scanner: Scanner, path: Path) -> bytes:
    try:
        return json.dumps(scan_to_dict(scanner.scan(path), timings=False)).encode()
    except SkinScanError as error:
        return json.dumps(error_to_dict(error)).encode()
