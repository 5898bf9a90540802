"""`growth`: one batch of 10,000 photos; rate, CPU time and memory on the way."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

from skinscan.batch import BatchSummary, EngineOptions, Job, plan, run_batch
from skinscan.bench.meter import Meter, lay_out, portraits
from skinscan.bench.picture import draw_curves
from skinscan.types import Device

__all__ = ["draw", "growth"]

_CURVES = (
    ("photos_per_s", "Photos a second since the start"),
    ("memory_mib", "Memory of all processes, MiB"),
)

_MILESTONES = (10, 30, 100, 300, 1_000, 2_000, 5_000, 10_000)


def growth(photos: Path, device: Device, milestones: tuple[int, ...] = _MILESTONES) -> list[dict[str, Any]]:
    """One row for each milestone: seconds since the start, photos/s since then, memory at that moment."""
    meter = Meter(first=1, last=milestones[-1], milestones=milestones)
    seconds: dict[int, float] = {}

    def on_row(tally: BatchSummary) -> None:
        meter(tally.rows)
        if tally.rows in milestones:
            seconds[tally.rows] = time.monotonic() - start

    with tempfile.TemporaryDirectory() as folder:
        inputs = Path(folder) / "photos"
        inputs.mkdir()
        lay_out(portraits(photos), inputs, milestones[-1])
        work = plan(str(inputs), Job(kind="photos", device=device))
        start = time.monotonic()
        tally = run_batch(work, Path(folder) / "rows.jsonl", EngineOptions(workers=2), on_row=on_row)
    return [
        {
            "what": "batch, 2 workers",
            "photos": count,
            "s": round(seconds[count], 1),
            "photos_per_s": round(count / seconds[count], 2),
            "memory_mib": round(meter.memory[count]),
        }
        for count in milestones
    ] + [
        {"what": "all", "done": tally.done, "refused": tally.refused.total(), "failed": tally.failed.total()}
    ]


def draw(rows: list[dict[str, Any]]) -> str:
    """Rate and memory over the number of photos, as SVG."""
    points = [row for row in rows if "photos_per_s" in row]
    return draw_curves([(points, "photos", key, title) for key, title in _CURVES])
