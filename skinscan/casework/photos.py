"""Photo references of a claim in, photos opened and measured out. None of them can lose the case."""

from __future__ import annotations

from pathlib import Path

from skinscan.casework.case_file import CasePhoto
from skinscan.casework.duplicates import DuplicateIndex, perceptual_hash
from skinscan.claims.claim import Claim, PhotoRef
from skinscan.claims.photo_origin.labels import read_labels
from skinscan.claims.photo_origin.signals import PhotoMarks
from skinscan.errors import FaceError, PhotoError, QualityError
from skinscan.measure.photo import open_photo, read_source
from skinscan.scanner import Scanner
from skinscan.shades.swatch_photo import measure_swatch
from skinscan.types import DiffuseColor, Photo, Scan

__all__ = ["open_photos"]

_MEASURED_ROLES = ("before", "after", "recovery")
"""Roles of photos that show the person's face: bare, with the complaint or the shade worn, and healed."""

_SHARED_ROLES = ("product", "label", "advertised")
"""Roles of photos that many honest cases have in common."""


def open_photos(
    claim: Claim, folder: Path, scanner: Scanner, index: DuplicateIndex | None = None
) -> tuple[CasePhoto, ...]:
    """Open every photo of a claim, and scan those that show the face.

    With an index, each photo is looked up in it and then remembered. Raises ModelError and DeviceError, which
    are no fault of a photo, and DataError if the index cannot be used.
    """
    photos = tuple(_open(ref, claim, folder, scanner, index) for ref in claim.photos)
    if index:
        own = [photo for photo in photos if photo.sha256 and photo.ref.role not in _SHARED_ROLES]
        index.add(claim.case_id, [(photo.sha256, photo.phash) for photo in own])
    return photos


def _photo_path(ref: PhotoRef, folder: Path) -> Path | None:
    """Where the photo lies; None if the path leaves the folder of the claim: claims come from strangers."""
    try:
        path = (folder / ref.path).resolve()
        return path if path.is_relative_to(folder.resolve()) else None
    except (OSError, ValueError):  # a loop of links, a NUL
        return None


def _open(
    ref: PhotoRef, claim: Claim, folder: Path, scanner: Scanner, index: DuplicateIndex | None
) -> CasePhoto:
    path = _photo_path(ref, folder)
    if path is None:
        return CasePhoto(ref=ref, code="PHOTO_OUTSIDE", problem=f"{ref.path} leaves the folder of the claim")
    try:
        _, data = read_source(path, ref.path)  # told as the claim names it, not where the desk keeps it
        photo = open_photo(data, name=Path(ref.path).name)
    except PhotoError as error:
        return CasePhoto(ref=ref, code=error.code, problem=str(error))
    phash = perceptual_hash(photo.pixels)
    marks = PhotoMarks(
        ref=ref,
        taken_at=photo.capture.taken_at,
        software=photo.capture.software,
        labels=read_labels(data),
        twins=index.twins(claim.case_id, photo.sha256, phash)
        if index and ref.role not in _SHARED_ROLES
        else (),
    )
    scan, code, problem = _measure(ref, marks, data, photo, scanner)
    return CasePhoto(
        ref=ref, scan=scan, code=code, problem=problem, sha256=photo.sha256, phash=phash, marks=marks,
        swatch=_swatch(photo) if ref.role == "swatch" and marks.labels.ai != "made" else None,
    )  # fmt: skip


def _swatch(photo: Photo) -> DiffuseColor | None:
    """Colour of the product; None without a card, as most photos of swatches are."""
    try:
        return measure_swatch(photo)
    except QualityError:
        return None


def _measure(
    ref: PhotoRef, marks: PhotoMarks, data: bytes, photo: Photo, scanner: Scanner
) -> tuple[Scan | None, str, str]:
    """The scan, or code and words of why there is none; neither where nothing is measured."""
    if ref.role not in _MEASURED_ROLES:
        return None, "", ""
    if marks.labels.ai == "made":
        return None, "AI_MADE", f"{photo.name} is labelled as made by AI"
    try:
        return scanner.scan(data, name=photo.name), "", ""
    except (PhotoError, FaceError, QualityError) as error:
        return None, error.code, str(error)
