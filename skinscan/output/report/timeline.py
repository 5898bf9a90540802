"""What happened when, as a line and a list."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from skinscan.claims.claim import ReactionClaim
from skinscan.claims.reported_times import CHINA, Moment, hours_between
from skinscan.texts.bilingual import Texts

__all__ = ["draw_timeline", "local"]

_FIRST, _LAST = 4.0, 96.0  # % of the width between which events stand
_APART = 7.5  # % of the width: two numbers in circles do not touch on a phone
_EASE = 0.5  # how far distances are evened out: 0 true to time, 1 all alike


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineEvent:
    """Something with a date."""

    name: str
    detail: str  # such as the photo's name; may be empty
    when: str
    after: str  # time since the first use in words; empty if not known
    kind: str  # "use", "onset" or "other": how it is drawn
    at: float  # % of the width: where it stands on the line
    placed: float  # % of the width: where its number stands


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelinePicture:
    """The dated events in order, and what has no date."""

    events: tuple[TimelineEvent, ...]
    use: tuple[float, float] | None  # % of the width: from first to last use
    undated: tuple[str, ...]


def local(moment: Moment) -> str:
    """A moment in China's time, to the minute if it is known."""
    if isinstance(moment, datetime):
        return f"{moment.astimezone(CHINA):%Y-%m-%d %H:%M}"
    return moment.isoformat()


def draw_timeline(claim: ReactionClaim, t: Texts) -> TimelinePicture:
    """Lay the claim's dates out. Distances are eased, so that close ones stay apart on a long line."""
    rows = sorted(_rows(claim, t), key=lambda row: _middle(row[2]))
    places = _ease([_middle(row[2]) for row in rows])
    numbers = _spread(places)
    first = claim.timeline.first_use
    events = tuple(
        TimelineEvent(
            name=name, detail=detail, when=local(moment), after=_since(first, moment, t), kind=kind,
            at=round(place, 2), placed=round(number, 2),
        )
        for (name, detail, moment, kind), place, number in zip(rows, places, numbers, strict=True)
    )  # fmt: skip
    uses = [event.at for event in events if event.kind == "use"]
    timeline = claim.timeline
    undated = {
        "first_use": first,
        "onset": timeline.onset,
        "stopped": timeline.stopped or timeline.still_using,
    }
    return TimelinePicture(
        events=events,
        use=(min(uses), max(uses)) if len(uses) > 1 else None,
        undated=tuple(t(f"event {name}") for name, moment in undated.items() if moment is None),
    )


_Row = tuple[str, str, Moment, str]


def _rows(claim: ReactionClaim, t: Texts) -> Iterator[_Row]:
    timeline = claim.timeline
    facts: tuple[tuple[str, Moment | None, str, str], ...] = (
        ("first_use", timeline.first_use, "use", ""),
        ("last_use", timeline.last_use_before_onset, "use", ""),
        ("onset", timeline.onset, "onset", ""),
        ("stopped", timeline.stopped, "use", ""),
        ("course", timeline.course_seen, "other", t(f"course {timeline.course}")),
        ("doctor", claim.doctor.seen if claim.doctor else None, "other", ""),
        ("received", claim.received_at, "other", ""),
    )
    for name, moment, kind, detail in facts:
        if moment is not None and not (name == "last_use" and moment == timeline.first_use):
            yield t(f"event {name}"), detail, moment, kind
    for photo in claim.photos:
        if photo.taken_at is not None:
            yield t(f"event photo {photo.role}"), photo.path, photo.taken_at, "other"


def _middle(moment: Moment) -> datetime:
    """The moment, or noon of a day without an hour."""
    return moment if isinstance(moment, datetime) else datetime.combine(moment, time(12), tzinfo=CHINA)


def _ease(moments: Sequence[datetime]) -> list[float]:
    if len(moments) < 2:
        return [(_FIRST + _LAST) / 2 for _ in moments]
    span = (moments[-1] - moments[0]) or timedelta(seconds=1)
    last = len(moments) - 1
    shares = [
        (1 - _EASE) * ((moment - moments[0]) / span) + _EASE * number / last
        for number, moment in enumerate(moments)
    ]
    return [_FIRST + (_LAST - _FIRST) * share for share in shares]


def _spread(places: Sequence[float]) -> list[float]:
    """Sorted places moved apart, within the line."""
    apart = min(_APART, (_LAST - _FIRST) / max(len(places) - 1, 1))
    moved: list[float] = []
    for place in places:
        moved.append(max(place, moved[-1] + apart if moved else _FIRST))
    limit = _LAST
    for number in reversed(range(len(moved))):
        moved[number] = min(moved[number], limit)
        limit = moved[number] - apart
    return moved


def _since(first: Moment | None, moment: Moment, t: Texts) -> str:
    """How long after the first use: in hours up to three days, then in days; a range for bare dates."""
    if first is None or moment is first:
        return ""
    span = hours_between(first, moment)
    if span.high <= 0:
        return t("before first use")
    size, unit = (1, "hours") if span.high <= 72 else (24, "days")
    low, high = round(max(span.low, 0) / size), round(span.high / size)
    count = str(high) if low == high else f"{low}–{high}"
    return t("after first use", t(unit, count))
