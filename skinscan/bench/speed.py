"""`speed`: milliseconds per stage of a warm scan, against the floor of decoding and landmarks alone."""

from __future__ import annotations

import io
import statistics
import time
from pathlib import Path
from typing import Any

from PIL import Image

from skinscan.bench import need
from skinscan.face import find_face
from skinscan.photo import open_photo
from skinscan.pipeline import Scanner
from skinscan.types import Device

__all__ = ["speed"]

_REPEATS = 15
_PHOTO = "founder_a_1.jpg"  # brought to 2 megapixels below


def speed(photos: Path, device: Device) -> list[dict[str, Any]]:
    """One row per photo size: floor, whole scan, their ratio, and each stage."""
    need(photos / _PHOTO, "give the folder of test photos with --photos")
    scanner = Scanner(device)
    rows = []
    for megapixels in (1, 2, 12):
        data = _resized(photos / _PHOTO, megapixels * 1_000_000)
        scanner.scan(data, name="warm-up")
        floor, whole, stages = [], [], []
        for _ in range(_REPEATS):  # turn about, so that both meet the same load
            floor.append(_milliseconds(lambda data=data: find_face(open_photo(data))))
            start = time.perf_counter()
            scan = scanner.scan(data)
            whole.append((time.perf_counter() - start) * 1e3)
            stages.append(scan.run.timings_ms)
        least, most = statistics.median(floor), statistics.median(whole)
        rows.append(
            {
                "what": f"{megapixels} MP photo",
                "floor_ms": round(least, 1),
                "scan_ms": round(most, 1),
                "ratio": round(statistics.median(w / f for w, f in zip(whole, floor, strict=True)), 2),
                **{
                    f"{stage}_ms": round(statistics.median(s[stage] for s in stages), 1)
                    for stage in stages[0]
                },
            }
        )
    return rows


def _milliseconds(work: Any) -> float:
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1e3


def _resized(path: Path, pixels: int) -> bytes:
    """The photo as a JPEG of about so many pixels."""
    with Image.open(path) as image:
        scale = (pixels / (image.width * image.height)) ** 0.5
        smaller = image.convert("RGB").resize((round(image.width * scale), round(image.height * scale)))
    out = io.BytesIO()
    smaller.save(out, "JPEG", quality=92)
    return out.getvalue()
