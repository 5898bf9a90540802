"""A rendered photo through the whole pipeline, as the benchmarks need it: a refusal is a result."""

from __future__ import annotations

from skinscan.errors import FaceError, QualityError
from skinscan.scanner import Scanner
from skinscan.types import Scan

__all__ = ["scanned"]


def scanned(scanner: Scanner, jpeg: bytes) -> Scan | None:
    """Scan a JPEG; None where the face or its quality is refused."""
    try:
        return scanner.scan(jpeg)
    except (FaceError, QualityError):
        return None
