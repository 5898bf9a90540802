"""What a benchmark needs before it starts: the checkout, real photos, data."""

from __future__ import annotations

import os
from pathlib import Path

import skinscan
from skinscan.errors import DataError

__all__ = ["CHECKOUT", "NAME_PHOTOS", "need", "pairs_folder", "photos_folder"]

CHECKOUT = Path(skinscan.__file__).resolve().parents[1]
"""The checkout; of an installed package the folder beside it, in which nothing of a checkout lies."""
_PHOTOS_VARIABLE = "SKINSCAN_PHOTOS"
NAME_PHOTOS = f"name the folder of real photos with photos=FOLDER or {_PHOTOS_VARIABLE}"


def photos_folder(given: Path | None = None) -> Path:
    """The folder of real photos: as given, as SKINSCAN_PHOTOS says, or that beside the checkout."""
    return given or Path(os.environ.get(_PHOTOS_VARIABLE) or CHECKOUT.parent / "shared" / "photos")


def pairs_folder(given: Path | None = None) -> Path:
    """The folder of real pairs with `pairs.csv`: as given, or `real` beside the folder of real photos."""
    return given or photos_folder().parent / "real"


def need(path: Path, hint: str) -> Path:
    """Return the path, or raise DataError with the hint when it is not there."""
    if not path.exists():
        raise DataError(f"benchmark data is missing: {path}", hint)
    return path
