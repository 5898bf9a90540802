"""Photos of one claim that are one and the same: nothing compares with itself, and another is asked for.

Most often the wrong picture was picked; none of this is an accusation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from skinscan.casework.case_file import CasePhoto
from skinscan.change.types import Change

__all__ = ["without_copies"]

_COPIES = ("SAME_PHOTO", "MIRRORED_COPY", "NEAR_DUPLICATE")


def without_copies(photos: Sequence[CasePhoto], comparisons: Sequence[Change]) -> tuple[CasePhoto, ...]:
    """The photos; an after photo that is a before photo again carries the code and the name of that one."""
    found: dict[str, tuple[str, str]] = {}  # SHA-256 and role of the photo -> code, path of the other
    for change in comparisons:
        code = next((f.code for f in change.findings if f.code in _COPIES), "")
        if code:
            before = change.before[0].photo.sha256
            other = next(p.ref.path for p in photos if p.sha256 == before and p.ref.role == "before")
            found |= {scan.photo.sha256: (code, other) for scan in change.after}
    return tuple(_marked(photo, found) for photo in photos)


def _marked(photo: CasePhoto, found: dict[str, tuple[str, str]]) -> CasePhoto:
    if photo.ref.role != "after" or photo.sha256 not in found:
        return photo
    code, other = found[photo.sha256]
    return replace(photo, code=code, same_as=other, problem=f"{photo.ref.path} shows the moment of {other}")
