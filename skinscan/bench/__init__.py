"""Benchmarks: what the numbers are worth. Results carry machine, provider, model hashes and commit."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

from skinscan._version import __version__
from skinscan.bench.picture import draw
from skinscan.errors import DataError, UsageError
from skinscan.types import Device

__all__ = ["NAMES", "RESULTS", "run"]

_NO_PHOTOS = ("physics", "sensitivity", "shine", "validity")  # what they need they render
NAMES = (
    "change", "claims", "fairness", "growth", "models", "physics", "repeat", "sensitivity", "shade", "shine",
    "speed", "validity",
)  # fmt: skip
RESULTS = Path("benchmarks/results")
"""Where a checkout keeps the results that `fairness` reads."""


def run(
    name: str, photos: Path | None = None, out: Path | None = None, device: Device = "auto"
) -> dict[str, Any]:
    """Run one benchmark, or measure a folder with `labels.csv`.

    `photos`: folder of real photos with `photos.csv` (growth, repeat, speed), by default ../shared/photos
    beside the checkout. `out`: folder for NAME.json and, for claims, growth and speed, NAME.svg; fairness
    reads the other results there, by default RESULTS. Returns {"schema", "benchmark", "rows", "context"};
    every row is flat and has a "what". Raises UsageError for an unknown name, DataError when data is
    missing or wrong.
    """
    own = name not in NAMES
    if own and not Path(name).is_dir():
        raise UsageError(
            f"there is no benchmark and no folder {name}", f"choose from {', '.join(NAMES)}, or give a folder"
        )
    if own:
        from skinscan.bench.folder import folder

        name, rows = Path(name).resolve().name, folder(Path(name), device)
    else:
        rows = _rows(name, out)(photos or Path("../shared/photos"), device)
    result = {
        "schema": "skinscan.bench/1",
        "benchmark": name,
        "rows": rows,
        "context": _context(),
    }
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        text = json.dumps(result, indent=1, ensure_ascii=False)
        (out / f"{name}.json").write_text(text + "\n", encoding="utf-8")
        if picture := draw(name, rows):
            (out / f"{name}.svg").write_text(picture, encoding="utf-8")
    return result


def _rows(name: str, out: Path | None) -> Callable[[Path, Device], list[dict[str, Any]]]:
    measure = getattr(import_module(f"skinscan.bench.{name}"), name)
    if name == "fairness":
        return lambda _photos, _device: measure(out or RESULTS)
    return (lambda _photos, device: measure(device)) if name in _NO_PHOTOS else measure


def _context() -> dict[str, Any]:
    """What the numbers depend on."""
    from skinscan.runtime.model_files import list_models

    return {
        "version": __version__,
        "commit": _commit(),
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "python": platform.python_version(),
        "machine": platform.machine(),
        "cores": os.cpu_count(),
        "models": {row.entry.name: row.entry.sha256 for row in list_models()},
    }


def _commit() -> str:
    """Commit of the checkout, with "+" for uncommitted changes; "unknown" in an installed package."""
    git = ["git", "-C", str(Path(__file__).parent)]
    try:
        head = subprocess.run(
            [*git, "rev-parse", "--short=12", "HEAD"], capture_output=True, text=True, check=True
        )
        dirty = subprocess.run([*git, "status", "--porcelain"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return head.stdout.strip() + ("+" if dirty.stdout.strip() else "")


@contextmanager
def need_checkout(what: str) -> Iterator[None]:
    """Turn the absence of what only a checkout has into a DataError that says so."""
    try:
        yield
    except ModuleNotFoundError as error:
        raise DataError(
            f"this benchmark needs {what}, which is not here ({error.name})",
            "run it in a checkout of the repository with `pip install -e '.[bench]'`",
        ) from error


def need(path: Path, hint: str) -> Path:
    """Return the path, or raise DataError with the hint when it is not there."""
    if not path.exists():
        raise DataError(f"benchmark data is missing: {path}", hint)
    return path
