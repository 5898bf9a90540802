"""How fast, with how much memory and CPU time, a run over many photos goes; and the photos for it."""

from __future__ import annotations

import csv
import io
import multiprocessing
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PIL import Image

from skinscan.bench.requirements import NAME_PHOTOS, need

__all__ = ["Meter", "lay_out", "of_megapixels", "portraits"]

_SIZES = (1.0, 1.5, 2.0)  # megapixels, in turn
_TICKS = os.sysconf("SC_CLK_TCK")
_Times = tuple[float, float, int, int]


def portraits(photos: Path) -> list[Path]:
    """Photos of one person by `photos.csv`, at least as large as the smallest size used here."""
    listing = need(photos / "photos.csv", NAME_PHOTOS)
    with listing.open(encoding="utf-8", newline="") as file:
        names = [row["file"] for row in csv.DictReader(file) if row["faces"] == "1"]
    return [photos / name for name in names if _pixels(photos / name) >= _SIZES[0] * 1e6]


def of_megapixels(path: Path, megapixels: float) -> bytes:
    """The photo as a JPEG of about so many pixels."""
    with Image.open(path) as image:
        scale = (megapixels * 1e6 / (image.width * image.height)) ** 0.5
        resized = image.convert("RGB").resize((round(image.width * scale), round(image.height * scale)))
    out = io.BytesIO()
    resized.save(out, "JPEG", quality=92)
    return out.getvalue()


def lay_out(sources: list[Path], folder: Path, count: int) -> list[Path]:
    """`count` photos of 1, 1.5 and 2 megapixels in a folder: each of the sources in turn, as hard links."""
    originals: list[Path] = []
    for number, source in enumerate(sources):
        originals.append(folder / f"original_{number:03d}.part")
        originals[-1].write_bytes(of_megapixels(source, _SIZES[number % len(_SIZES)]))
    paths = [folder / f"{number:06d}.jpg" for number in range(count)]
    for number, path in enumerate(paths):
        path.hardlink_to(originals[number % len(originals)])
    return paths


@dataclass(slots=True, kw_only=True)
class Meter:
    """Called with the count of finished photos; measures from the `first` on, when processes are warm.

    CPU time and memory are those of this process and its children. What a host gives to its other guests is
    measured too: on a rented machine it may be a quarter, and no run is faster than what is left.
    """

    first: int
    last: int
    milestones: tuple[int, ...] = ()  # counts at which memory is noted down
    memory: dict[int, float] = field(default_factory=dict)  # MiB by count
    _start: _Times = (0.0, 0.0, 0, 0)
    _end: _Times = (0.0, 0.0, 0, 0)

    def __call__(self, count: int) -> None:
        """Take note."""
        if count == self.first:
            self._start = _times()
        if count in (*self.milestones, self.last):
            self.memory[count] = _memory_mib()
            self._end = _times()

    def rates(self) -> dict[str, Any]:
        """Photos/s by the clock, CPU time of a photo, memory at the end, and the share of the machine's
        time that its host gave to others.
        """
        seconds, cpu, stolen, ticks = (end - start for end, start in zip(self._end, self._start, strict=True))
        count = self.last - self.first
        return {
            "photos_per_s": round(count / seconds, 2),
            "cpu_ms_per_photo": round(cpu / count * 1e3, 1),
            "memory_mib": round(self.memory[self.last]),
            "stolen_percent": round(100 * stolen / max(ticks, 1)),
        }


def _pixels(path: Path) -> int:
    with Image.open(path) as image:
        return image.width * image.height


def _times() -> _Times:
    """Clock and CPU time of all processes so far, s; the machine's stolen and whole time, ticks."""
    total = 0
    for pid in _processes():
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        total += int(fields[11]) + int(fields[12])
    machine = [int(word) for word in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    return time.monotonic(), total / _TICKS, machine[7], sum(machine)


def _processes() -> Iterator[int]:
    yield os.getpid()
    for child in multiprocessing.active_children():
        if child.pid:
            yield child.pid


def _memory_mib() -> float:
    """Resident memory of all processes; what several share counts once."""
    kib = 0
    for pid in _processes():
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        kib += next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return kib / 1024
