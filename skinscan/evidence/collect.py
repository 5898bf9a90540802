"""A worked case in, what of it is worth keeping out."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

from skinscan.casework import CaseFile, CasePhoto
from skinscan.claims import Policy
from skinscan.errors import PhotoError
from skinscan.evidence.dossier import Dossier
from skinscan.evidence.pictures import skin_pictures
from skinscan.measure.photo import read_source

__all__ = ["collect"]

_SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff", ".bmp", ".heic", ".heif", ".avif")


def collect(
    case: CaseFile,
    policy: Policy,
    *,
    reports: Mapping[str, bytes] | None = None,
    photos_from: Path | None = None,
) -> Dossier:
    """What a board needs to judge the case again, and the least of its pictures.

    Args:
        case: worked and judged.
        policy: the one that judged.
        reports: files by name, such as "consumer.zh.html"; they are kept and erased with the pictures,
            because they show skin.
        photos_from: the folder of the claim, if the photos themselves are to be kept.

    Raises:
        PhotoError: a photo is no longer what was opened.
    """
    images = {f"reports/{name}": data for name, data in (reports or {}).items()}
    if case.comparison:
        images |= skin_pictures(case.comparison)
    opened = dict(_numbered(case))
    if photos_from:
        for name, photo in opened.items():
            images[f"photos/{name}{_suffix(photo)}"] = _bytes(photo, photos_from)
    scans = [photo.scan for photo in opened.values() if photo.scan]
    return Dossier(
        claim=case.claim,
        image_evidence=case.image,
        shade_evidence=case.shade,
        signals=case.signals,
        policy=policy,
        verdict=case.verdict,
        images=images,
        photos={name: photo.sha256 for name, photo in opened.items()},
        models=tuple(sorted({model for scan in scans for model in scan.run.models})),
    )


def _numbered(case: CaseFile) -> Iterator[tuple[str, CasePhoto]]:
    """The photos that could be opened, named before-1, after-1, ...: never by the names they came with."""
    seen: Counter[str] = Counter()
    for photo in case.photos:
        if photo.sha256:
            seen[photo.ref.role] += 1
            yield f"{photo.ref.role}-{seen[photo.ref.role]}", photo


def _suffix(photo: CasePhoto) -> str:
    """The kind of file by its name, if the name tells nothing else."""
    suffix = Path(photo.ref.path).suffix.lower()
    return suffix if suffix in _SUFFIXES else ".bin"


def _bytes(photo: CasePhoto, folder: Path) -> bytes:
    """The file that was opened, to the bounds of a photo; that it lies in the claim's folder was seen to."""
    _, data = read_source(folder / photo.ref.path, photo.ref.path)
    if hashlib.sha256(data).hexdigest() != photo.sha256:
        raise PhotoError(f"{photo.ref.path} changed while the case was worked", "work the case again")
    return data
