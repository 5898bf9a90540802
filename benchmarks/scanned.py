"""A rendered photo through the whole pipeline, as the benchmarks need it: a refusal is a result."""

from __future__ import annotations

import os
import tempfile

from models.renderer.sheet import parcel_run
from skinscan.cards.print_run import FOLDER_VARIABLE, register_run
from skinscan.errors import FaceError, QualityError
from skinscan.scanner import Scanner
from skinscan.types import Scan

__all__ = ["register_rendered_run", "scanned"]


def scanned(scanner: Scanner, jpeg: bytes) -> Scan | None:
    """Scan a JPEG; None where the face or its quality is refused."""
    try:
        return scanner.scan(jpeg)
    except (FaceError, QualityError):
        return None


def register_rendered_run() -> None:
    """Let scans know the print run of rendered parcel cards, in a folder of this process alone."""
    os.environ[FOLDER_VARIABLE] = tempfile.mkdtemp(prefix="skinscan-card-runs-")
    register_run(parcel_run())
