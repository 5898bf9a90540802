"""CPU time of a scan above its floor, of a comparison beside its scans, of a claim, and what photos cost.

CPU time of the process, all of its threads, and not the clock: it hardly depends on what else runs.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from skinscan.bench.meter import of_megapixels
from skinscan.bench.requirements import NAME_PHOTOS, need
from skinscan.casework import work_case
from skinscan.claims.load import load_claim
from skinscan.claims.policy.load import load_policy
from skinscan.measure.face import find_face
from skinscan.measure.photo import open_photo
from skinscan.scanner import Scanner
from skinscan.types import Device

__all__ = ["cpu_cost"]

_REPEATS = 9
_SERIES = ("series_1.jpg", "series_2.jpg", "series_3.jpg")  # one person, one session
_PAIRS = (("series_1.jpg", "series_2.jpg"), ("official_a_1.jpg", "official_a_2.jpg"))
_USD_PER_CORE_HOUR = 0.05  # about what one virtual core of a general-purpose machine costs on demand [design]
_CLAIM = {
    "kind": "reaction",
    "case_id": "speed",
    "received_at": "2026-11-10T10:00:00+08:00",
    "order": {"id": "speed"},
    "product": {"sku": "speed", "name": "cream", "category": "cream", "stays_on": True, "areas": ["cheek"]},
    "timeline": {"first_use": "2026-11-01", "onset": "2026-11-02"},
    "photos": [
        {"path": _SERIES[0], "role": "before", "taken_at": "2026-10-30"},
        {"path": _SERIES[1], "role": "after", "taken_at": "2026-11-03"},
        {"path": _SERIES[2], "role": "recovery", "taken_at": "2026-11-08"},
    ],
}


def cpu_cost(photo: Path, photos: Path, device: Device) -> Iterator[dict[str, Any]]:
    """Rows: scans of `photo` by its size, comparisons and a claim of photos of the folder `photos`.

    What is compared takes turns, so that both meet the same load; each row has medians over the turns.
    """
    scanner = Scanner(device)
    for megapixels in (2, 12):
        data = of_megapixels(photo, megapixels)
        floor, whole = _turns(partial(_least, data), partial(scanner.scan, data))
        yield {
            "what": f"CPU of a {megapixels} MP photo",
            "floor_cpu_ms": floor,
            "scan_cpu_ms": whole,
            "cpu_ratio": round(whole / floor, 2),
            "usd_per_1000": round(whole * _USD_PER_CORE_HOUR / 3600, 4),
        }
    for names in _PAIRS:
        before, after = (_bytes(photos, name) for name in names)
        compare = partial(scanner.compare, scanner.scan(before), scanner.scan(after))
        scans, beside = _turns(partial(_scan_all, scanner, (before, after)), compare)
        yield {
            "what": f"CPU of comparing {names[0]} and {names[1]}",
            "scans_cpu_ms": scans,
            "compare_cpu_ms": beside,
        }
    yield _claim(scanner, photos)


def _claim(scanner: Scanner, photos: Path) -> dict[str, Any]:
    """A claim with a photo before, one after and one of recovery."""
    claim, policy = load_claim(_CLAIM), load_policy()
    data = [_bytes(photos, name) for name in _SERIES]
    with tempfile.TemporaryDirectory() as folder:
        for name, content in zip(_SERIES, data, strict=True):
            (Path(folder) / name).write_bytes(content)
        scans, whole = _turns(
            partial(_scan_all, scanner, data),
            partial(work_case, claim, folder=Path(folder), policy=policy, scanner=scanner),
        )
    return {
        "what": "CPU of a claim of three photos",
        "scans_cpu_ms": scans,
        "claim_cpu_ms": whole,
        "cpu_ratio": round(whole / scans, 2),
        "usd_per_1000": round(whole * _USD_PER_CORE_HOUR / 3600, 4),
    }


def _least(data: bytes) -> None:
    find_face(open_photo(data))


def _scan_all(scanner: Scanner, photos: Sequence[bytes]) -> None:
    for photo in photos:
        scanner.scan(photo)


def _bytes(photos: Path, name: str) -> bytes:
    return need(photos / name, NAME_PHOTOS).read_bytes()


def _turns(one: Callable[[], object], other: Callable[[], object]) -> tuple[float, float]:
    """Median CPU ms of each."""
    one()
    other()
    spent: tuple[list[float], list[float]] = ([], [])
    for _ in range(_REPEATS):
        for work, times in zip((one, other), spent, strict=True):
            start = time.process_time()
            work()
            times.append((time.process_time() - start) * 1e3)
    return round(statistics.median(spent[0]), 1), round(statistics.median(spent[1]), 1)
