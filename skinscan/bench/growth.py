"""`growth`: batches of 10,000 photos and of 2,000 comparisons; rate and memory on the way."""

from __future__ import annotations

import itertools
import tempfile
import time
from pathlib import Path
from typing import Any

from skinscan.batch import BatchSummary, EngineOptions, Job, Plan, plan, run_batch
from skinscan.bench.meter import Meter, lay_out, portraits
from skinscan.bench.picture import draw_curves
from skinscan.bench.requirements import NAME_PHOTOS
from skinscan.errors import DataError
from skinscan.types import Device

__all__ = ["draw", "growth"]

_CURVES = (
    ("photos_per_s", "Photos a second since the start"),
    ("memory_mib", "Memory of all processes, MiB"),
)

_MILESTONES = (10, 30, 100, 300, 1_000, 2_000, 5_000, 10_000)
_PAIR_MILESTONES = (10, 30, 100, 300, 1_000, 2_000)
_SESSION = "series_*.jpg"  # of one person in one session


def growth(
    photos: Path,
    device: Device,
    milestones: tuple[int, ...] = _MILESTONES,
    pair_milestones: tuple[int, ...] = _PAIR_MILESTONES,
) -> list[dict[str, Any]]:
    """One row for each milestone: seconds since the start, the rate since then, memory at that moment.

    Args:
        photos: the folder of real photos.
        device: that the networks run on.
        milestones: counts of photos, rising.
        pair_milestones: counts of comparisons of photos of one session, rising.
    """
    with tempfile.TemporaryDirectory() as folder:
        inputs = Path(folder) / "photos"
        inputs.mkdir()
        lay_out(portraits(photos), inputs, milestones[-1])
        scans = _course(plan(str(inputs), Job(kind="photos", device=device)), folder, "photos", milestones)
        listing = Path(folder) / "pairs.csv"
        listing.write_text(_pairs(photos, pair_milestones[-1]), encoding="utf-8")
        pairs = plan(str(listing), Job(kind="pairs", device=device))
        return [*scans, *_course(pairs, folder, "comparisons", pair_milestones)]


def _course(work: Plan, folder: str, what: str, milestones: tuple[int, ...]) -> list[dict[str, Any]]:
    """Rows of one batch, `what` in it, and one of how it ended."""
    meter = Meter(first=1, last=milestones[-1], milestones=milestones)
    seconds: dict[int, float] = {}
    start = time.monotonic()

    def on_row(tally: BatchSummary) -> None:
        meter(tally.rows)
        if tally.rows in milestones:
            seconds[tally.rows] = time.monotonic() - start

    tally = run_batch(work, Path(folder) / f"{what}.jsonl", EngineOptions(workers=2), on_row=on_row)
    return [
        {
            "what": f"{what}, 2 workers",
            what: count,
            "s": round(seconds[count], 1),
            f"{what}_per_s": round(count / seconds[count], 2),
            "memory_mib": round(meter.memory[count]),
        }
        for count in milestones
    ] + [
        {
            "what": f"all {what}",
            "done": tally.done,
            "refused": tally.refused.total(),
            "failed": tally.failed.total(),
        }
    ]


def _pairs(photos: Path, count: int) -> str:
    """CSV of so many pairs: each two photos of the session in turn."""
    session = sorted(photos.resolve().glob(_SESSION))
    if len(session) < 2:
        raise DataError(f"{photos} holds no two photos {_SESSION}", NAME_PHOTOS)
    rows = itertools.islice(itertools.cycle(itertools.combinations(session, 2)), count)
    return "before,after\n" + "".join(f"{before},{after}\n" for before, after in rows)


def draw(rows: list[dict[str, Any]]) -> str:
    """Rate and memory over the number of photos, as SVG."""
    points = [row for row in rows if "photos_per_s" in row]
    return draw_curves([(points, "photos", key, title) for key, title in _CURVES])
