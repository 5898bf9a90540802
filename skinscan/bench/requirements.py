"""What a benchmark needs before it starts."""

from __future__ import annotations

from pathlib import Path

from skinscan.errors import DataError

__all__ = ["need"]


def need(path: Path, hint: str) -> Path:
    """Return the path, or raise DataError with the hint when it is not there."""
    if not path.exists():
        raise DataError(f"benchmark data is missing: {path}", hint)
    return path
