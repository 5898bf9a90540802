"""`peak`: a day of claims in one batch with shades, index, reports and evidence on; where its time goes."""

from __future__ import annotations

import csv
import io
import json
import pickle
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import cv2
import numpy as np
from PIL import Image

from skinscan.batch import BatchSummary, EngineOptions, Job, plan, run_batch
from skinscan.batch.look_ahead import Looker
from skinscan.batch.plan import Unit
from skinscan.batch.rows import Output, result_row
from skinscan.bench.meter import Meter, of_megapixels, portraits
from skinscan.casework import CaseFile, DuplicateIndex, work_case
from skinscan.change.types import Change
from skinscan.claims import load_claim, load_policy
from skinscan.evidence import Keys, keygen
from skinscan.evidence.collect import collect
from skinscan.evidence.sealer import Sealer
from skinscan.output.records.claim import case_to_dict
from skinscan.output.report import report_claim, save_pages
from skinscan.scanner import Scanner
from skinscan.shades import load_catalog
from skinscan.types import Device, Scan

__all__ = ["peak"]

_CLAIMS = 600
_DISTINCT = 300  # cases; later ones are the same with other ids, so that the index has something to find
_STAGED = 40  # cases whose stages are timed
_WARM = 20  # rows that are not measured
_SHADE = 4  # every fourth claim is about a shade
_MEGAPIXELS = 1.5
_NOW = datetime(2026, 11, 11, tzinfo=UTC)
_REACTION: dict[str, Any] = {
    "kind": "reaction",
    "received_at": "2026-11-10T10:00:00+08:00",
    "product": {
        "sku": "cream-1", "name": "cream", "category": "cream", "stays_on": True, "areas": ["cheek"],
        "batch": "20260801A",
        "ingredients": "Aqua, Glycerin, Sodium Lauryl Sulfate, Cetearyl Alcohol, Phenoxyethanol, Parfum",
    },
    "timeline": {
        "first_use": "2026-11-01T08:00:00+08:00", "last_use_before_onset": "2026-11-01T08:00:00+08:00",
        "onset": "2026-11-02T20:00:00+08:00", "stopped": "2026-11-03T08:00:00+08:00", "still_using": False,
        "course": "improved", "course_seen": "2026-11-08", "treated": "no", "reuse": "not_tried",
    },
    "symptoms": ["itch"],
    "signs": [{"sign": "erythema", "areas": ["cheek"]}],
    "usage": {"followed_instructions": "yes", "strong_sun": "no"},
    "person": {"age": 30, "pregnant": "no"},
    "photos": [
        {"path": "before.jpg", "role": "before", "taken_at": "2026-10-30"},
        {"path": "after.jpg", "role": "after", "taken_at": "2026-11-03T12:00:00+08:00"},
    ],
}  # fmt: skip
_SHADE_CLAIM: dict[str, Any] = {
    "kind": "shade",
    "received_at": "2026-11-10T10:00:00+08:00",
    "product": {
        "sku": "shade-7",
        "name": "foundation",
        "category": "foundation",
        "stays_on": True,
        "areas": ["cheek"],
    },
    "question": "does_not_suit",
    "photos": [{"path": "before.jpg", "role": "before", "taken_at": "2026-11-09"}],
}
T = TypeVar("T")
P = ParamSpec("P")


def peak(photos: Path, device: Device, claims: int = _CLAIMS, staged: int = _STAGED) -> list[dict[str, Any]]:
    """Rows of a whole batch by two workers, and of the stages of a claim in one process.

    `photos`: the folder of real photos. `device`: that the networks run on. `claims`: in the batch.
    `staged`: whose stages are timed.
    """
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        _lay_out(portraits(photos), folder / "cases", claims)
        catalog = _write_catalog(folder / "catalog.csv")
        keys = keygen(folder / "keys")
        return [
            *_stages(folder, catalog, keys, device, staged),
            *_whole(folder, catalog, keys, device, claims),
        ]


def _whole(folder: Path, catalog: Path, keys: Keys, device: Device, claims: int) -> Iterator[dict[str, Any]]:
    """Everything on, from the plan to the last file; CPU time of all processes, those that ended too."""
    warm = min(_WARM, claims // 2)
    meter, first_row = Meter(first=warm, last=claims, milestones=(warm,)), list[float]()

    def on_row(tally: BatchSummary) -> None:
        meter(tally.rows)
        if tally.rows == 1 and not first_row:
            first_row.append(time.monotonic())

    job = Job(
        kind="claims", device=device, catalog=str(catalog), index=str(folder / "index.db"),
        report=str(folder / "reports"), evidence=str(folder / "evidence"),
    )  # fmt: skip
    began, cpu = time.monotonic(), _cpu()
    work = plan(str(folder / "cases"), job)
    tally = run_batch(work, folder / "rows.parquet", EngineOptions(workers=2), keys=keys, on_row=on_row)
    seconds, cpu = time.monotonic() - began, _cpu() - cpu
    rates = meter.rates()
    made = [path for name in ("reports", "evidence") for path in (folder / name).rglob("*")]
    size = sum(path.stat().st_size for path in made)
    yield {
        "what": "batch of claims, everything on",
        "workers": 2,
        "claims": claims,
        "done": tally.done,
        "s": round(seconds),
        "claims_per_s": rates["photos_per_s"],
        "cpu_ms_per_claim": round(cpu / claims * 1e3),
        "claims_per_core_hour": round(3600 * claims / cpu),
        "core_hours_per_10000": round(cpu / claims * 1e4 / 3600, 2),
        "s_to_first_row": round(first_row[0] - began, 1),
        "memory_mib_at_first": round(meter.memory[warm]),
        "memory_mib": rates["memory_mib"],
        "kib_written_per_claim": round(size / claims / 1024),
        "stolen_percent": rates["stolen_percent"],
    }


def _cpu() -> float:
    """CPU time of this process and of its children that have ended, s."""
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


class _Timed(Scanner):
    """A scanner that adds up the CPU time of scans and comparisons."""

    scans = compares = 0.0

    def scan(self, *arguments: Any, **options: Any) -> Scan:
        start = time.process_time()
        try:
            return super().scan(*arguments, **options)
        finally:
            self.scans += time.process_time() - start

    def compare(self, *arguments: Any, **options: Any) -> Change:
        start = time.process_time()
        try:
            return super().compare(*arguments, **options)
        finally:
            self.compares += time.process_time() - start


def _stages(folder: Path, catalog: Path, keys: Keys, device: Device, count: int) -> Iterator[dict[str, Any]]:
    """CPU time of each stage of a claim, its mean over so many; the first of them warms up."""
    files = sorted((folder / "cases").glob("*/claim.json"))[: count + 1]
    spent: dict[str, float] = {}

    def timed(stage: str, do: Callable[P, T], *arguments: P.args, **options: P.kwargs) -> T:
        start = time.process_time()
        result = do(*arguments, **options)
        spent[stage] = spent.get(stage, 0.0) + time.process_time() - start
        return result

    cv2.setNumThreads(1)
    job = Job(kind="claims", device=device)
    policy, shades, scanner = load_policy(None), load_catalog(catalog), _Timed(device)
    index, looker = DuplicateIndex(folder / "stages.db"), Looker(job)
    with tempfile.TemporaryDirectory() as place:
        sealer = Sealer(Path(place) / "evidence", keys, _NOW)
        for number, file in enumerate(files):
            unit = Unit(index=number, paths=(str(file),))
            if number == 1:
                spent.clear()
                scanner.scans = scanner.compares = 0.0
            timed("fingerprints of photos", looker.row, unit)
            claim = timed("claim read", load_claim, file)
            case: CaseFile = timed(
                "work", work_case, claim,
                folder=file.parent, policy=policy, scanner=scanner, catalog=shades, index=index,
            )  # fmt: skip
            pages = timed("reports", report_claim, case)
            reports = {page.name: page.encode() for page in pages}
            dossier = timed("dossier", collect, case, policy, reports=reports)
            output = Output(pages=pages, dossier=dossier)
            result = timed("record", case_to_dict, case)
            row = timed("row", result_row, job, unit, result, None, "CPUExecutionProvider", output)
            timed("handed over", pickle.loads, row.output)
            timed("reports written", save_pages, pages, Path(place) / f"{number}")
            timed("sealed", sealer.seal, dossier, _NOW)
    work = spent.pop("work")
    spent |= {
        "photos measured": scanner.scans,
        "photos compared": scanner.compares,
        "decoded, looked up, shades, judged": work - scanner.scans - scanner.compares,
    }
    total = sum(spent.values())
    for stage, seconds in sorted(spent.items(), key=lambda item: -item[1]):
        yield {
            "what": stage,
            "claims": count,
            "cpu_ms_per_claim": round(seconds / count * 1e3, 1),
            "share_percent": round(100 * seconds / total, 1),
        }


def _lay_out(sources: list[Path], folder: Path, count: int) -> None:
    """`count` folders of cases, each person before another wall, so that no picture is like another's."""
    people: dict[str, list[bytes]] = {}
    for source in sources:
        person = source.stem.rpartition("_")[0]
        people.setdefault(person, []).append(of_megapixels(source, _MEGAPIXELS))
    several = [shots for shots in people.values() if len(shots) > 1]
    for number in range(count):
        place = folder / f"{number:06}"
        place.mkdir(parents=True)
        filed = _SHADE_CLAIM if number % _SHADE == _SHADE - 1 else _REACTION
        claim = filed | {"case_id": f"case-{number:06}", "order": {"id": f"order-{number:06}"}}
        (place / "claim.json").write_text(json.dumps(claim), "utf-8")
        shots = several[number % len(several)]
        chance = np.random.default_rng(number % _DISTINCT)
        for photo, shot in zip(filed["photos"], chance.permutation(len(shots)), strict=False):
            path = place / photo["path"]
            twin = folder / f"{number % _DISTINCT:06}" / photo["path"]
            if number >= _DISTINCT and twin.exists():
                path.hardlink_to(twin)
            else:
                path.write_bytes(_framed(shots[shot], chance))


def _framed(jpeg: bytes, chance: np.random.Generator) -> bytes:
    """The photo in front of a wall of large random fields."""
    with Image.open(io.BytesIO(jpeg)) as photo:
        photo.load()
    size = photo.width * 5 // 4, photo.height * 5 // 4
    fields = chance.integers(0, 256, (5, 4, 3), dtype=np.uint8)
    wall = Image.fromarray(fields).resize(size, Image.Resampling.NEAREST)
    wall.paste(photo, ((size[0] - photo.width) // 2, (size[1] - photo.height) // 2))
    out = io.BytesIO()
    wall.save(out, "JPEG", quality=90)
    return out.getvalue()


def _write_catalog(path: Path) -> Path:
    """A hundred foundations over the range of skin."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("sku", "brand", "product", "shade", "category", "coverage", "finish", "L", "a", "b"))
        for number in range(100):
            lab = 30 + 0.5 * number, 8 + number % 5, 12 + number % 9
            writer.writerow(
                (f"shade-{number}", "brand", "foundation", number, "foundation", "medium", "matte", *lab)
            )
    return path
