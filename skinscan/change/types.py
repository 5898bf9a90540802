"""Values of a comparison. Conventions as in types.py; every difference is after minus before.

"Against untouched skin" means that whatever the whole face shares (lamp, camera, flush, filter) is taken off.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from skinscan.stats import normal_half_width
from skinscan.types import Advice, Blemish, BoolMap, ChangeVerdict, FloatMap, Measure, Run, Scan
from skinscan.value import Result, Value

if TYPE_CHECKING:
    from skinscan.change.alignment import AlignedPair

__all__ = [
    "PERSON_DOUBTS",
    "VERDICT_DOUBTS",
    "Affected",
    "BlemishChange",
    "Change",
    "ChangeMap",
    "Delta",
    "FaceChange",
    "Finding",
    "PairConditions",
    "Pattern",
    "Recovery",
    "Region",
    "Registration",
    "Trend",
    "TrendPoint",
    "ZoneChange",
    "ZoneTrend",
]

PERSON_DOUBTS = frozenset({"PROBABLY_ANOTHER_PERSON", "MAYBE_ANOTHER_PERSON", "SKIN_TONE_DIFFERS"})
"""Codes of findings by which it is not certain that both sides show one person: nothing is said then."""

VERDICT_DOUBTS = PERSON_DOUBTS | {
    "FILTER_ON_ONE_SIDE",
    "SKIN_FINISH_DIFFERS",
    "DRAWN_ON",
    "EXPRESSION_DIFFERS",
    "NO_CONTROL",
}
"""Codes of findings that leave a comparison without a verdict, whatever was measured."""

Pattern = Literal["none", "diffuse", "patchy", "papular", "spots"]
Recovery = Literal["returned", "improving", "persisting", "worsening", "no_change", "inconclusive"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Registration(Value):
    """How the second texture lies on the first."""

    flow: FloatMap  # (2, S, S) texels to the right and down: where a texel of the first lies in the second
    shift: float  # texels, RMS of that over the skin
    residual: float  # texels, RMS of what a second pass would still move
    correlation: float  # -1..1, of the relief of both after the shift


@dataclass(frozen=True, slots=True, kw_only=True)
class PairConditions:
    """What the noise of a pair depends on; see uncertainty.py for what each is worth."""

    shading: float  # OD, robust SD of the difference of log R over the skin: light from elsewhere
    cast: float  # OD, distance of the two photos' skin in (log R/G, log G/B): another lamp or camera
    pose: float  # degrees, angle between the two head poses, without roll
    coarseness: float  # 60 px over the smaller inter-ocular distance
    misfit: float  # texels, residual of the registration
    depth: float  # optical density of the skin in R over 50 OD: dark skin sits on fewer 8-bit codes
    expression: float  # inter-ocular distances, RMS of how far landmarks moved against the rigid ones
    framing: float  # natural log, >= 0, of how much larger the face is in one frame: camera distance or zoom


@dataclass(frozen=True, slots=True, kw_only=True)
class Delta:
    """A difference with its 90 % interval, its smallest detectable change and its test."""

    delta: float
    low: float
    high: float
    sdc: float  # smallest detectable change at 95 %: 1.96 sigma of the difference
    p: float  # two-sided, of "nothing changed", adjusted over zones and claimed area (Benjamini-Hochberg)
    verdict: ChangeVerdict
    unit: str
    n_pixels: int  # texels

    @property
    def at_most(self) -> float:
        """Size of the change that is not exceeded, either way, in its unit, >= 0; 90 % confidence.

        |delta| + 1.28 sigma: two one-sided tests of equivalence at 10 % (Schuirmann 1987).
        """
        sigma = (self.high - self.low) / 2 / normal_half_width(0.90)
        return round(abs(self.delta) + normal_half_width(0.80) * sigma, 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneChange:
    """What changed in a zone or in the claimed area, against untouched skin."""

    erythema_index: Delta
    melanin_index: Delta
    shine: Delta
    lab: tuple[Delta, Delta, Delta]  # L*, a*, b* as a matte surface under the before-photo's light
    delta_e00: Measure  # size of the colour difference
    affected_percent: float  # of the zone's measured skin
    affected_cm2: float  # on the canonical face: no scale is in the photo
    peak: float  # EI, largest change of a spot of 5 mm in the zone, with its sign
    peak_sdc: float  # EI, smallest such peak that chance hardly gives


@dataclass(frozen=True, slots=True, kw_only=True)
class FaceChange:
    """The whole face: what zones are measured against. Wide, because it carries the light's error."""

    erythema_index: Delta  # absolute; a warmer lamp, a flush and make-up look alike here
    erythema_offset: float  # EI, what the lamps and cameras seem to have added, taken off above
    local: ChangeVerdict  # any zone against untouched skin


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """One connected area that changed."""

    centre: tuple[float, float]  # (u, v) 0..1 of the UV square
    zones: tuple[str, ...]
    area_cm2: float
    erythema_index: float  # EI, mean change inside
    peak: float  # EI


@dataclass(frozen=True, slots=True, kw_only=True)
class Affected:
    """Where erythema changed, found without being told."""

    percent: float  # of the skin measured in both photos
    area_cm2: float  # on the canonical face
    pattern: Pattern
    regions: tuple[Region, ...]  # largest first


@dataclass(frozen=True, slots=True, kw_only=True)
class BlemishChange:
    """Inflamed spots between the first photo before and the first after."""

    new: tuple[Blemish, ...]  # of the after-photo, where the before-photo shows nothing like them
    gone: tuple[Blemish, ...]  # of the before-photo
    kept: int  # in both
    by_chance: float  # new spots to expect though nothing changed, and as many gone
    verdict: ChangeVerdict  # increase or decrease where more came or went than chance gives


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something about the pair that forbids or weakens the comparison."""

    code: str  # UPPER_SNAKE
    refuses: bool
    value: float  # what was measured
    limit: float
    reason: Advice
    advice: Advice


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class ChangeMap(Value):
    """Maps on the UV square, (S, S)."""

    erythema: FloatMap  # EI against untouched skin; 0 where not valid
    affected: BoolMap
    valid: BoolMap  # bare skin in a before- and an after-photo


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Change(Result, Value):
    """A comparison, or why there is none."""

    status: Literal["ok", "refused"]
    findings: tuple[Finding, ...]
    verdict: ChangeVerdict  # of the claimed area, or of everything that could be seen
    zones: Mapping[str, ZoneChange]
    area_name: str | None
    area: ZoneChange | None  # the claimed area
    face: FaceChange | None
    affected: Affected | None
    maps: ChangeMap | None
    identity_distance: float | None  # 0..2, largest over the pairs; see identity.py. None: not asked
    registration: tuple[Registration, ...]  # of each pair of photos
    noise: PairConditions | None  # of the worst pair
    aligned: AlignedPair | None  # the first photos of both sides, the after-photo on the before-photo
    before: tuple[Scan, ...]
    after: tuple[Scan, ...]
    run: Run
    blemishes: BlemishChange | None = None  # None: refused, or a photo does not show spots

    @property
    def doubt(self) -> Finding | None:
        """What leaves this comparison without a verdict, whatever was measured; None if nothing does."""
        return next((finding for finding in self.findings if finding.code in VERDICT_DOUBTS), None)

    @property
    def at_most(self) -> float | None:
        """EI, in the mean, that the claimed area or without one any measured zone changed by no more than.

        90 % confidence: the zone that changed most keeps to its own `at_most`, so all keep to the largest.
        None: refused, doubted, or the claimed area is not seen.
        """
        parts = [self.area] if self.area_name else list(self.zones.values())
        if self.doubt is not None:
            return None
        return max((part.erythema_index.at_most for part in parts if part), default=None)

    def __repr__(self) -> str:
        told: list[str] = [self.verdict if self.status == "ok" else self.status]
        if self.area:
            delta = self.area.erythema_index
            told.append(f"{self.area_name} {delta.delta:+.1f} [{delta.low:+.1f}, {delta.high:+.1f}] EI")
        told += [f"{len(self.zones)} zones", *(finding.code for finding in self.findings)]
        return f"Change({_names(self.before)} -> {_names(self.after)}: {', '.join(told)})"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrendPoint:
    """One date of a series."""

    taken_at: str | None  # ISO 8601 without zone, as told or by EXIF
    day: float | None  # days since the first date; None if any date is unknown
    photos: tuple[Scan, ...]
    change: Change | None  # against the first date; None for the first date itself
    findings: tuple[Finding, ...]  # against the first and the previous date

    @property
    def usable(self) -> bool:
        """Whether this date may be compared with the others."""
        return not any(finding.refuses or finding.code in PERSON_DOUBTS for finding in self.findings)


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneTrend:
    """The course of erythema in a zone or in the claimed area."""

    deltas: tuple[Delta | None, ...]  # each later date minus the first; None: not seen, or not comparable
    recovery: Recovery
    peak: int | None  # number of the earlier date (0 is the first) at which it was furthest from the first
    step: Delta | None  # last date minus that date; None: nothing was found before, or nothing is seen now


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Trend(Result, Value):
    """A series of dates against the first of them."""

    status: Literal["ok", "refused"]  # refused: no later date may be compared with the first
    points: tuple[TrendPoint, ...]  # first date first
    recovery: Recovery  # of the claimed area, or of all skin that could be seen
    area_name: str | None
    area: ZoneTrend | None  # the claimed area
    zones: Mapping[str, ZoneTrend]  # zones that were seen at one later date at least
    run: Run

    def __repr__(self) -> str:
        course = self.recovery if self.status == "ok" else self.status
        told = [
            f"{_names(point.photos)} {point.change.verdict if point.change else ''}".strip()
            for point in self.points
        ]
        return f"Trend({course}{f' in {self.area_name}' if self.area_name else ''}: {' -> '.join(told)})"


def _names(scans: tuple[Scan, ...]) -> str:
    return " + ".join(scan.photo.name for scan in scans)
