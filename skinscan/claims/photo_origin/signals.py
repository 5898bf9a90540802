"""Signs that a photo may not be what it is said to be.

A signal weakens a photo or calls a person; none ever decides. What is missing is neutral: chat programs strip
every metadata, so a photo without a date or label is as good as any other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from skinscan.claims.claim import Claim, PhotoRef, ReactionClaim
from skinscan.claims.photo_origin.labels import PhotoLabels
from skinscan.claims.reported_times import CHINA, Moment, hours_between
from skinscan.claims.terms import Weight

__all__ = ["PhotoMarks", "Signal", "Twin", "find_signals"]


CLOCK_HOURS = 24.0
"""A camera's clock has no zone, and a claim often only a day: less than this is no contradiction. [design]"""

_EDITORS = (
    "meitu", "美图", "beautycam", "美颜", "faceu", "b612", "snow", "ulike", "轻颜", "facetune", "faceapp",
    "photoshop", "lightroom", "snapseed", "picsart", "xingtu", "醒图",
)  # fmt: skip
"""Programs that retouch, as they sign the software field of EXIF. [design]"""


_FACE_ROLES = ("before", "after", "recovery")
"""Photos whose skin decides: an edit of a picture of a parcel hides no reaction."""

_SILENT = PhotoLabels()


@dataclass(frozen=True, slots=True, kw_only=True)
class Twin:
    """The same photo in another case."""

    case_id: str
    exact: bool  # the same bytes; else the same picture by perceptual hash
    distance: int  # bits of 64 that differ


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoMarks:
    """What one photo's file says besides the picture."""

    ref: PhotoRef
    taken_at: str | None = None  # EXIF, ISO 8601 without zone
    software: str | None = None  # EXIF
    labels: PhotoLabels = _SILENT
    failed_checks: tuple[str, ...] = ()  # codes of quality checks
    twins: tuple[Twin, ...] = ()
    other_tone: str = ""  # another photo of the claim with clearly another skin tone, and how far apart


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """One sign on one photo."""

    code: str  # a key of the group `signal` in ``messages.csv``
    weight: Weight
    photo: str  # path as in the claim
    detail: str  # what was found


def find_signals(claim: Claim, photos: Sequence[PhotoMarks]) -> tuple[Signal, ...]:
    """Every signal, photo by photo in the order of the claim."""
    befores = [marks for marks in photos if marks.ref.role == "before"]
    found: list[Signal] = []
    for marks in photos:
        found += _origin(marks)
        found += _dates(claim, marks, befores)
        found += _copies(marks)
        found += _finish(marks)
    return tuple(found)


def _signal(marks: PhotoMarks, code: str, weight: Weight, detail: str) -> Signal:
    return Signal(code=code, weight=weight, photo=marks.ref.path, detail=detail)


def _origin(marks: PhotoMarks) -> Iterator[Signal]:
    if marks.ref.role == "advertised":  # an advertisement may be drawn by a machine
        return
    if marks.labels.ai == "made":
        yield _signal(marks, "AI_MADE", "escalates", marks.labels.ai_source)
    elif marks.labels.ai:
        yield _signal(marks, "AI_SUSPECTED", "escalates", f"{marks.labels.ai}, {marks.labels.ai_source}")
    if marks.labels.credentials:
        yield _signal(marks, "CONTENT_CREDENTIALS", "noted", "C2PA manifest present, signature not checked")


def _dates(claim: Claim, marks: PhotoMarks, befores: Iterable[PhotoMarks]) -> Iterator[Signal]:
    """The file's own date against the dates of the claim and of the before photos."""
    taken = _moment(marks.taken_at)
    if taken is None:
        return
    contradictions = [
        why for why, early, late in _orders(claim, marks, taken) if _before_by_a_day(late, early)
    ]
    if marks.ref.role in ("after", "recovery"):
        own = [before for before in befores if before.taken_at and before.taken_at > (marks.taken_at or "")]
        contradictions += [f"earlier than the before photo {before.ref.path}" for before in own]
    for why in contradictions:
        yield _signal(marks, "FILE_DATE_CONTRADICTS", "escalates", f"{marks.taken_at}: {why}")


def _orders(
    claim: Claim, marks: PhotoMarks, taken: datetime
) -> Iterator[tuple[str, Moment | None, Moment | None]]:
    """(what it would contradict, what must come first, what must come after)."""
    yield "later than the claim was received", taken, claim.received_at
    stated = marks.ref.taken_at
    yield "later than stated", taken, stated
    yield "earlier than stated", stated, taken
    if not isinstance(claim, ReactionClaim):
        return
    if marks.ref.role == "before":
        yield "later than the onset", taken, claim.timeline.onset
    if marks.ref.role in ("after", "recovery"):
        yield "earlier than the first use", claim.timeline.first_use, taken


def _before_by_a_day(late: Moment | None, early: Moment | None) -> bool:
    """What must come after came first, by more than clocks are off."""
    return late is not None and early is not None and hours_between(early, late).high < -CLOCK_HOURS


def _moment(taken_at: str | None) -> datetime | None:
    """The camera's local time, read as China's; years no phone has lived through are a dead clock."""
    if taken_at is None:
        return None
    taken = datetime.fromisoformat(taken_at).replace(tzinfo=CHINA)
    return taken if 2000 <= taken.year <= 2149 else None


def _copies(marks: PhotoMarks) -> Iterator[Signal]:
    for twin in marks.twins:
        kind = "same file" if twin.exact else f"same picture, {twin.distance} of 64 bits differ"
        yield _signal(marks, "SEEN_IN_ANOTHER_CASE", "escalates", f"{twin.case_id}: {kind}")


def _finish(marks: PhotoMarks) -> Iterator[Signal]:
    if "BEAUTY_FILTER" in marks.failed_checks:
        yield _signal(marks, "BEAUTY_FILTER", "weakens", "skin without texture")
    if "DRAWN_ON" in marks.failed_checks and marks.ref.role != "advertised":
        yield _signal(marks, "DRAWN_ON", "escalates", "ink on the skin, left out of measuring")
    if "EYES_COVERED" in marks.failed_checks:
        yield _signal(marks, "EYES_COVERED", "noted", "no white of the eyes to tell the light by")
    if "SCREENSHOT" in marks.failed_checks:
        yield _signal(marks, "SCREENSHOT", "noted", "shape and format of a phone's screen")
    software = (marks.software or "").casefold()
    if any(editor in software for editor in _EDITORS):
        weight: Weight = "escalates" if marks.ref.role in _FACE_ROLES else "noted"
        yield _signal(marks, "EDITING_SOFTWARE", weight, marks.software or "")
    if marks.other_tone:
        yield _signal(marks, "SKIN_TONES_DIFFER", "escalates", marks.other_tone)
