"""Times as people report them: sometimes to the minute, often only the day.

A bare date means "some time on that day" in China, so the time between two moments is an interval, and
nothing is concluded from the part of a day that nobody wrote down.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import date, datetime, time, timedelta, timezone
from typing import Annotated, Any, NamedTuple

from pydantic import AfterValidator, AwareDatetime, BeforeValidator
from pydantic_core import PydanticCustomError

__all__ = ["CHINA", "Hours", "Instant", "Moment", "hours_between"]

CHINA = timezone(timedelta(hours=8), "Asia/Shanghai")
"""The zone of a bare date. China has one zone and no summer time."""


def _parse(text: Any) -> object:
    """One clear reason instead of one per member of the union."""
    if isinstance(text, date):
        return text
    moment: date | None = None
    with suppress(TypeError, ValueError):
        moment = date.fromisoformat(text) if len(text) <= len("2026-11-01") else datetime.fromisoformat(text)
    if moment is None or (isinstance(moment, datetime) and moment.tzinfo is None):
        raise PydanticCustomError(
            "moment", "give a date (2026-11-01) or a date-time with its zone (2026-11-01T09:30:00+08:00)"
        )
    return moment


def _in_living_memory(moment: date) -> date:
    """Years outside it are typing errors, and would overflow the arithmetic of dates."""
    if not 1950 <= moment.year <= 2150:
        raise PydanticCustomError("moment_year", "the year must lie between 1950 and 2150")
    return moment


Instant = Annotated[AwareDatetime, AfterValidator(_in_living_memory)]
"""A zoned date-time."""

Moment = Annotated[AwareDatetime | date, BeforeValidator(_parse), AfterValidator(_in_living_memory)]
"""A zoned date-time, or a date."""


class Hours(NamedTuple):
    """How long it was, in hours: somewhere from `low` to `high`."""

    low: float
    high: float


def hours_between(start: Moment, end: Moment) -> Hours:
    """Hours from `start` to `end`; negative if `end` came first."""
    start_low, start_high = _span(start)
    end_low, end_high = _span(end)
    hour = timedelta(hours=1)
    return Hours((end_low - start_high) / hour, (end_high - start_low) / hour)


def _span(moment: Moment) -> tuple[datetime, datetime]:
    if isinstance(moment, datetime):
        return moment, moment
    midnight = datetime.combine(moment, time.min, tzinfo=CHINA)
    return midnight, midnight + timedelta(days=1)
