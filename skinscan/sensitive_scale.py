"""The ten answers of the Sensitive Scale-10, and how they join what a photo shows.

Sensitive skin is a sensation: it is asked. The photo shows whether the skin looks reactive, which most
sensitive skin does not (Berardesca 2012, Inamadar 2013). So a photo may add to the answers and never takes
from them.
"""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from skinscan.errors import UsageError
from skinscan.types import Score, Scores

__all__ = ["CUT_OFF", "FUSED", "SensitiveScale", "answer_points", "fuse", "read_answers", "with_answers"]

FUSED = "sensitivity_with_answers"
"""Name of the score that both photo and answers make."""

CUT_OFF = 12.7
"""Total from which skin counts as sensitive: sensitivity 72.4 %, specificity 90.3 % (Misery 2014)."""

# Total of the answers -> points: 5 slightly sensitive and 12.7 sensitive (Legeas 2021), 37 the mean of
# people who
# call their skin sensitive (Misery 2014). The points are [design]: 20 is where the photo's healthy band ends.
_TOTALS = (0.0, 5.0, CUT_OFF, 37.0, 100.0)
_POINTS = (0.0, 20.0, 50.0, 75.0, 100.0)
_ROUNDING = 1.5  # of a total: 90 % of the error of ten answers in whole numbers, 1.645 sqrt(10 / 12)
_DIRECTION = (
    "higher: more sensation reported, or more visible reactivity; 50 at the SS-10 cut-off; not a diagnosis"
)


class SensitiveScale(BaseModel):
    """Sensitive Scale-10 (Misery 2014): ten answers from 0, none, to 10, worst. Item list unverified."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    irritability: int = Field(ge=0, le=10)
    tingling: int = Field(ge=0, le=10)
    burning: int = Field(ge=0, le=10)
    heat: int = Field(ge=0, le=10)
    tautness: int = Field(ge=0, le=10)
    itching: int = Field(ge=0, le=10)
    pain: int = Field(ge=0, le=10)
    discomfort: int = Field(ge=0, le=10)
    flushes: int = Field(ge=0, le=10)
    redness: int = Field(ge=0, le=10)

    @property
    def total(self) -> int:
        """Sum of the answers, 0..100."""
        return sum(self.model_dump().values())


def answer_points(total: float) -> float:
    """Points 0..100 of a total 0..100: 50 at the cut-off, rising throughout."""
    return float(np.interp(total, _TOTALS, _POINTS))


def fuse(photo: Score, answers: SensitiveScale) -> Score:
    """Visible reactivity of a photo and the answers as one score, 0..100.

    The answers' points, or halfway from them to the photo's where the photo shows more. An abstained photo
    stays abstained: the answers alone are no measurement. The interval holds the photo's and the rounding
    of answers.
    """
    if photo.value is None or photo.low is None or photo.high is None:
        return replace(photo, direction=_DIRECTION)
    total = answers.total
    value, low, high = (
        round(max(asked, (asked + seen) / 2), 1)
        for asked, seen in (
            (answer_points(total), photo.value),
            (answer_points(total - _ROUNDING), photo.low),
            (answer_points(total + _ROUNDING), photo.high),
        )
    )
    parts = {
        "ss10_total": float(total),
        "ss10_cut_off": CUT_OFF,
        "ss10_points": round(answer_points(total), 1),
        "photo_points": photo.value,
    }
    return replace(
        photo, value=value, low=low, high=high, direction=_DIRECTION, parts=MappingProxyType(parts)
    )


def with_answers(scores: Scores, answers: SensitiveScale) -> Scores:
    """The same scores and one more, FUSED; what the photo alone says stays as it is."""
    fused = fuse(scores.scores["sensitivity"], answers)
    return replace(scores, scores=MappingProxyType({**scores.scores, FUSED: fused}))


def read_answers(text: str) -> SensitiveScale:
    """Ten whole numbers 0..10 with commas between, in the order of the fields. Raises UsageError."""
    names = tuple(SensitiveScale.model_fields)
    given = [part.strip() for part in text.split(",")]
    if len(given) != len(names) or not all(part.isdecimal() and int(part) <= 10 for part in given):
        raise UsageError(
            f"ss10 takes ten whole numbers from 0 to 10 with commas between, not {text}",
            f"give them in this order: {', '.join(names)}",
        )
    return SensitiveScale(**dict(zip(names, map(int, given), strict=True)))
