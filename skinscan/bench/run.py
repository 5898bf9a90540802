"""One benchmark by its name, or a labelled folder, in; its rows out, with machine, models and commit."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from skinscan._version import __version__
from skinscan.bench.requirements import CHECKOUT, pairs_folder, photos_folder
from skinscan.errors import DataError, UsageError
from skinscan.files import replacing
from skinscan.types import Device

__all__ = ["NAMES", "run"]

_INSTALLED = (
    "faces",
    "fairness",
    "growth",
    "models",
    "peak",
    "real",
    "repeat",
    "shared",
    "signals",
    "speed",
)  # the others need a checkout: they render
_NO_PHOTOS = ("physics", "sensitivity", "shine", "signals", "validity")  # what they need they render
NAMES = (
    "change", "claims", "faces", "fairness", "growth", "models", "peak", "physics", "real", "repeat",
    "sensitivity", "shade", "shared", "shine", "signals", "speed", "validity",
)  # fmt: skip
_RESULTS = CHECKOUT / "benchmarks" / "results"
"""Where a checkout keeps the results that `fairness` reads."""


def run(
    name: str, photos: Path | None = None, out: Path | None = None, device: Device = "auto"
) -> dict[str, Any]:
    """Run one benchmark, or measure a folder with `labels.csv`.

    `name`: one of NAMES, or the path of such a folder. `device`: that the networks run on. `photos`: folder
    of real photos with `photos.csv`, by default the one that SKINSCAN_PHOTOS names, or ../shared/photos
    beside the checkout; `real` reads one with `pairs.csv`, `faces` one of portraits, by default the folder
    `real` beside it. `out`: folder for NAME.json, and NAME.svg where the benchmark draws one; fairness reads
    the other results there, by default benchmarks/results.

    Returns {"schema", "benchmark", "rows", "context"}; every row is flat and
    has a "what". Raises UsageError for an unknown name, DataError when data is missing or wrong.
    """
    own = name not in NAMES
    if own and not Path(name).is_dir():
        raise UsageError(
            f"there is no benchmark and no folder {name}", f"choose from {', '.join(NAMES)}, or give a folder"
        )
    draw: Callable[[list[dict[str, Any]]], str] | None = None
    if own:
        from skinscan.bench.folder import folder

        name, rows = Path(name).resolve().name, folder(Path(name), device)
    else:
        module = _module(name)
        draw = getattr(module, "draw", None)
        folder_of = pairs_folder if name in ("faces", "real") else photos_folder
        rows = _rows(module, name, out)(folder_of(photos), device)
    result = {
        "schema": "skinscan.bench/1",
        "benchmark": name,
        "rows": rows,
        "context": _context(),
    }
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        text = json.dumps(result, indent=1, ensure_ascii=False)
        with replacing(out / f"{name}.json", 0o644) as part:
            part.write_text(text + "\n", encoding="utf-8")
        if draw is not None:
            with replacing(out / f"{name}.svg", 0o644) as part:
                part.write_text(draw(rows), encoding="utf-8")
    return result


def _rows(module: ModuleType, name: str, out: Path | None) -> Callable[[Path, Device], list[dict[str, Any]]]:
    measure = getattr(module, name)
    if name == "fairness":
        return lambda _photos, _device: measure(out or _RESULTS)
    return (lambda _photos, device: measure(device)) if name in _NO_PHOTOS else measure


def _module(name: str) -> ModuleType:
    """The module of a benchmark: in this package, or in the folder `benchmarks` of a checkout.

    Raises DataError where there is no checkout, or where a library that it needs is not installed.
    """
    home = __package__
    if name not in _INSTALLED:
        home = "benchmarks"
        if not (CHECKOUT / home / f"{name}.py").is_file():
            raise DataError(
                f"the benchmark {name} is not installed with skinscan:"
                f" there is no {home}/{name}.py beside it",
                "run it in a checkout of the repository with `pip install -e '.[bench]'`",
            )
        if str(CHECKOUT) not in sys.path:
            sys.path.insert(0, str(CHECKOUT))
    try:
        return import_module(f"{home}.{name}")
    except ModuleNotFoundError as error:
        raise DataError(
            f"this benchmark needs {error.name}, which is not installed", "type `pip install -e '.[bench]'`"
        ) from error


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
    git = ["git", "-C", str(CHECKOUT)]
    try:
        head = subprocess.run(
            [*git, "rev-parse", "--short=12", "HEAD"], capture_output=True, text=True, check=True
        )
        dirty = subprocess.run([*git, "status", "--porcelain"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return head.stdout.strip() + ("+" if dirty.stdout.strip() else "")
