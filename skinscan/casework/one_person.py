"""Whether the face photos of one claim can show one skin: clearly different tones are a doubt by themselves.

A comparison asks this of its two sides; here every photo is held against every other, whatever it is for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from skinscan.casework.case_file import CasePhoto
from skinscan.change.same_person import TONE_GAP, tone_gap

__all__ = ["set_apart"]


def set_apart(photos: Sequence[CasePhoto]) -> tuple[CasePhoto, ...]:
    """The photos, each with the one before it in the claim from which its tone differs most, if clearly."""
    faces: list[CasePhoto] = []
    out: list[CasePhoto] = []
    for photo in photos:
        told = _differs(photo, faces)
        marks = replace(photo.marks, other_tone=told) if told and photo.marks else photo.marks
        out.append(replace(photo, marks=marks))
        if photo.scan:
            faces.append(photo)
    return tuple(out)


def _differs(photo: CasePhoto, faces: Sequence[CasePhoto]) -> str:
    """The face that is furthest from this one and by how many degrees; empty if none clearly is."""
    scan = photo.scan
    if scan is None:
        return ""
    gaps = {other.ref.path: tone_gap(other.scan, scan) for other in faces if other.scan}
    worst = max(gaps, key=lambda path: gaps[path], default="")
    if not worst or gaps[worst] <= TONE_GAP:
        return ""
    return f"{gaps[worst]:.0f} degrees of ITA from {worst}"
