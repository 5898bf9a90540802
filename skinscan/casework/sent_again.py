"""Photos with a filter or a drawing that were sent again without: the first ones are set aside.

Without this the request for the original would be made again however often it is met.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from skinscan.casework.case_file import CasePhoto

__all__ = ["without_replaced"]

_MENDED_BY_ANOTHER = {"BEAUTY_FILTER", "DRAWN_ON"}
"""Quality checks whose request asks for the same photo as the camera took it."""


def without_replaced(photos: Sequence[CasePhoto]) -> tuple[CasePhoto, ...]:
    """The photos; one with a filter or a drawing carries the code `SENT_AGAIN` if a photo after it, in the
    order of the claim, has its role and neither. Its `problem` names the first such photo.
    """
    return tuple(_marked(photo, photos[place + 1 :]) for place, photo in enumerate(photos))


def _marked(photo: CasePhoto, later: Sequence[CasePhoto]) -> CasePhoto:
    if photo.scan is None or _as_taken(photo):
        return photo
    instead = next((p.ref.path for p in later if p.ref.role == photo.ref.role and _as_taken(p)), "")
    if not instead:
        return photo
    told = f"{photo.ref.path} was sent again as {instead}, without filter or drawing"
    return replace(photo, code="SENT_AGAIN", problem=told)


def _as_taken(photo: CasePhoto) -> bool:
    """It could be measured, and shows neither."""
    if photo.scan is None or photo.code:
        return False
    return _MENDED_BY_ANOTHER.isdisjoint(photo.scan.quality.failed_checks)
