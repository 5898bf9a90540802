"""Photo references of a claim in, scans out. A photo that cannot be read never loses the case."""

from __future__ import annotations

from pathlib import Path

from skinscan.casework.case_file import CasePhoto
from skinscan.claims.model import Claim, PhotoRef
from skinscan.errors import FaceError, PhotoError, QualityError
from skinscan.pipeline import Scanner

__all__ = ["MEASURED_ROLES", "open_photos", "photo_path"]

MEASURED_ROLES = ("before", "after", "recovery")
"""Roles of photos that show the person's face as evidence of a reaction."""


def open_photos(claim: Claim, folder: Path, scanner: Scanner) -> tuple[CasePhoto, ...]:
    """Scan every photo of a measured role.

    Raises ModelError and DeviceError, which are no fault of a photo.
    """
    return tuple(_open(ref, folder, scanner) for ref in claim.photos if ref.role in MEASURED_ROLES)


def photo_path(ref: PhotoRef, folder: Path) -> Path | None:
    """Where the photo lies; None if the path leaves the folder of the claim: claims come from strangers."""
    try:
        path = (folder / ref.path).resolve()
    except (OSError, ValueError):  # a loop of links, a NUL
        return None
    return path if path.is_relative_to(folder.resolve()) else None


def _open(ref: PhotoRef, folder: Path, scanner: Scanner) -> CasePhoto:
    path = photo_path(ref, folder)
    if path is None:
        return CasePhoto(
            ref=ref, scan=None, code="PHOTO_OUTSIDE", problem=f"{ref.path} leaves the case folder"
        )
    try:
        return CasePhoto(ref=ref, scan=scanner.scan(path))
    except (PhotoError, FaceError, QualityError) as error:
        return CasePhoto(ref=ref, scan=None, code=error.code, problem=str(error))
