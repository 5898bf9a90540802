"""Photo references of a claim in, photos opened and measured out. None of them can lose the case."""

from __future__ import annotations

import contextlib
import hashlib
from dataclasses import dataclass, replace
from pathlib import Path

from skinscan.casework.case_file import CasePhoto
from skinscan.casework.duplicates import DuplicateIndex, perceptual_hash
from skinscan.claims.children import is_infant
from skinscan.claims.claim import Claim, PhotoRef
from skinscan.claims.consent import check_consent
from skinscan.claims.photo_origin.labels import PhotoLabels, read_labels
from skinscan.claims.photo_origin.signals import PhotoMarks
from skinscan.errors import FaceError, PhotoError, PhotoMissing, QualityError, SkinScanError
from skinscan.files import inside, waits
from skinscan.measure.photo import open_photo, read_source
from skinscan.scanner import Scanner
from skinscan.shades.swatch_photo import measure_swatch
from skinscan.types import Capture, DiffuseColor, Photo, Scan

__all__ = ["fingerprints", "open_photos"]

_MEASURED_ROLES = ("before", "after", "recovery")
"""Roles of photos that show the person's face: bare, with the complaint or the shade worn, and healed."""

_SHARED_ROLES = ("product", "label", "advertised")
"""Roles of photos that many honest cases have in common."""


def open_photos(
    claim: Claim, folder: Path, scanner: Scanner, index: DuplicateIndex | None = None
) -> tuple[CasePhoto, ...]:
    """Open every photo of a claim, and scan those that show the face; a file named twice is scanned once.

    `claim`: names the photos; `folder`: what their paths are relative to, and must not leave. `scanner`:
    scans them. `index`: photos of other cases; None: nothing is looked up or remembered.

    Without consent none is opened. With an index, each photo is looked up in it and then remembered. Raises
    ModelError and DeviceError, which are no fault of a photo, and DataError if the index cannot be used.
    """
    if not check_consent(claim).photos_allowed:
        problem = "there is no consent to look at it"
        return tuple(CasePhoto(ref=ref, code="NO_CONSENT", problem=problem) for ref in claim.photos)
    opened = _Opened(scanner)
    photos = tuple(_open(ref, claim, folder, opened, index) for ref in claim.photos)
    if index:
        own = [photo for photo in photos if photo.sha256 and photo.ref.role not in _SHARED_ROLES]
        index.add(claim.case_id, [(photo.sha256, photo.phash) for photo in own])
    return photos


def fingerprints(claim: Claim, folder: Path) -> list[tuple[str, int]]:
    """(SHA-256, perceptual hash) of the photos that `open_photos` would remember; none is measured.

    For a batch, which puts the photos of all its claims into the index before any of them is judged.
    """
    if not check_consent(claim).photos_allowed:
        return []
    opened = _Opened(None)
    found = [_look(ref, folder, opened) for ref in claim.photos if ref.role not in _SHARED_ROLES]
    return [(file.sha256, file.phash) for file, _ in found if isinstance(file, _File)]


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    """What is known of the bytes of a photo, whoever named them and for what; without its pixels."""

    sha256: str
    capture: Capture
    phash: int
    labels: PhotoLabels


class _Opened:
    """The files of one claim by their SHA-256: each is looked at once, however often it is named."""

    def __init__(self, scanner: Scanner | None) -> None:
        """`scanner`: None if nothing is measured."""
        self._scanner = scanner
        self._files: dict[str, _File | PhotoError] = {}
        self._scans: dict[str, Scan | SkinScanError] = {}
        self._swatches: dict[str, DiffuseColor | None] = {}
        self._at_hand: Photo | None = None  # the one decoded last, which is most often scanned next

    def look(self, data: bytes, name: str) -> _File:
        """Decode. Raises PhotoError, with the name under which the file was first met."""
        sha256 = hashlib.sha256(data).hexdigest()
        if sha256 not in self._files:
            try:
                photo = self._at_hand = open_photo(data, name=name)
                phash, labels = perceptual_hash(photo.pixels), read_labels(data)
                self._files[sha256] = _File(sha256=sha256, capture=photo.capture, phash=phash, labels=labels)
            except PhotoError as error:
                self._files[sha256] = error
        found = self._files[sha256]
        if isinstance(found, PhotoError):
            raise found
        return found

    def scan(self, file: _File, data: bytes, name: str) -> Scan:
        """Measure. Raises PhotoError, FaceError, QualityError."""
        if file.sha256 not in self._scans:
            assert self._scanner
            photo = self._at_hand
            same = photo is not None and (photo.sha256, photo.name) == (file.sha256, name)
            try:
                self._scans[file.sha256] = self._scanner.scan(data, name=name, opened=photo if same else None)
            except (PhotoError, FaceError, QualityError) as error:
                self._scans[file.sha256] = error
        found = self._scans[file.sha256]
        if isinstance(found, SkinScanError):
            raise found
        return found if found.photo.name == name else replace(found, photo=replace(found.photo, name=name))

    def swatch(self, file: _File, data: bytes, name: str) -> DiffuseColor | None:
        """Colour of the product; None without a card, as most photos of swatches are."""
        if file.sha256 not in self._swatches:
            with contextlib.suppress(QualityError):
                self._swatches[file.sha256] = measure_swatch(open_photo(data, name=name))
        return self._swatches.setdefault(file.sha256, None)


def _look(ref: PhotoRef, folder: Path, opened: _Opened) -> tuple[_File | CasePhoto, bytes]:
    """What is known of a photo's bytes, and these; a CasePhoto that says why where it cannot be used."""
    path = inside(folder, ref.path)
    if path is None:  # claims come from strangers
        problem = f"{ref.path} leaves the folder of the claim"
        return CasePhoto(ref=ref, code="PHOTO_OUTSIDE", problem=problem), b""
    if waits(path):
        problem = f"{ref.path} is not an ordinary file"
        return CasePhoto(ref=ref, code=PhotoMissing.code, problem=problem), b""
    try:
        _, data = read_source(path, ref.path)  # told as the claim names it, not where the desk keeps it
        return opened.look(data, Path(ref.path).name), data
    except PhotoError as error:
        return CasePhoto(ref=ref, code=error.code, problem=str(error)), b""


def _open(
    ref: PhotoRef, claim: Claim, folder: Path, opened: _Opened, index: DuplicateIndex | None
) -> CasePhoto:
    file, data = _look(ref, folder, opened)
    if isinstance(file, CasePhoto):
        return file
    name = Path(ref.path).name
    marks = PhotoMarks(
        ref=ref,
        taken_at=file.capture.taken_at,
        software=file.capture.software,
        labels=file.labels,
        twins=index.twins(claim.case_id, file.sha256, file.phash)
        if index and ref.role not in _SHARED_ROLES
        else (),
    )
    scan, code, problem = _measure(ref, claim, file, data, name, opened)
    swatch = opened.swatch(file, data, name) if ref.role == "swatch" and not code else None
    if ref.role == "swatch" and not code and swatch is None:
        code, problem = "NO_SWATCH", f"{ref.path} shows no swatch on white paper beside a colour card"
    return CasePhoto(
        ref=ref, scan=scan, code=code, problem=problem, sha256=file.sha256, phash=file.phash, marks=marks,
        swatch=swatch,
    )  # fmt: skip


def _measure(
    ref: PhotoRef, claim: Claim, file: _File, data: bytes, name: str, opened: _Opened
) -> tuple[Scan | None, str, str]:
    """The scan, or code and words of why there is none; neither where nothing is measured."""
    if file.labels.ai == "made" and ref.role in (*_MEASURED_ROLES, "swatch"):
        return None, "AI_MADE", f"{name} is labelled as made by AI"
    if ref.role not in _MEASURED_ROLES or is_infant(claim):
        return None, "", ""
    try:
        return opened.scan(file, data, name), "", ""
    except (PhotoError, FaceError, QualityError) as error:
        return None, error.code, str(error)
