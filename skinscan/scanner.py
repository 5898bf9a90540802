"""The wiring: one photo through all stages, in order. Only this file knows the order."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from types import MappingProxyType
from typing import get_args

from skinscan._version import __version__
from skinscan.change.alignment import Alignments
from skinscan.change.compare import ClaimedArea
from skinscan.change.compare import compare as compare_scans
from skinscan.change.pair_checks import from_collage
from skinscan.change.trend import follow
from skinscan.change.types import Change, Trend
from skinscan.errors import QualityError, UsageError
from skinscan.measure.collage import split_collage
from skinscan.measure.face import FaceChoice, find_face
from skinscan.measure.graphics import leave_out_graphics
from skinscan.measure.light import estimate_light
from skinscan.measure.photo import Source, is_decoded, open_photo, read_source
from skinscan.measure.quality import check_quality
from skinscan.measure.reference import Rectangle, find_reference, white_paper
from skinscan.measure.scores import score
from skinscan.measure.skinmaps import map_skin
from skinscan.measure.texture import unwrap, visible_zones
from skinscan.measure.tone import measure_tone
from skinscan.runtime.interpreter_exit import computing, rest
from skinscan.runtime.model_files import LANDMARKER, resolve
from skinscan.sensitive_scale import SensitiveScale, with_answers
from skinscan.types import METRICS, Card, Device, Face, FloatArray, Photo, Quality, Run, Scan

__all__ = ["Scanner", "compare", "scan", "trend"]

_FULL_SCALE_BELOW = 120.0  # px between the eyes: below, a reduced photo is decoded again at full scale


class Scanner:
    """Scans photos; models are loaded once and shared by the process.

    `device`: "cpu", "cuda" or "tensorrt" (DeviceError if a session does not really run there), or "auto".
    `identity`: whether comparisons ask a face verification network if both sides show one person. Without it
    every comparison has the finding PERSON_NOT_CHECKED, and in a claim a person looks.
    Nothing is loaded before the first scan. Raises UsageError for a device of another name.
    """

    def __init__(self, device: Device = "auto", *, identity: bool = True) -> None:
        if device not in get_args(Device):
            raise UsageError(f"no device is called {device!r}", "use auto, cpu, cuda or tensorrt")
        self.device: Device = device
        self.identity = identity

    @computing()
    def scan(
        self,
        source: Source,
        *,
        face: FaceChoice = "only",
        name: str | None = None,
        ss10: SensitiveScale | None = None,
        white: Rectangle | None = None,
        opened: Photo | None = None,
    ) -> Scan:
        """Scan one photo.

        Args:
            source: a path, bytes, a binary file object, uint8 RGB pixels (H, W, 3) or a PIL image.
            face: "only" insists on a single face, "largest" takes the largest, a number that one by size.
            name: stands for the photo in messages; by default the file's name.
            ss10: the person's answers to the Sensitive Scale-10; they add the score
                `sensitivity_with_answers`.
            white: left, top, width and height of white paper in px of the upright photo: the white of colour,
                where no card or sheet is found.
            opened: what `open_photo` made of this source and name, if somebody has needed it already.

        Raises:
            PhotoError, FaceError, QualityError: the photo, the face in it or its quality does not do.
            UsageError: there is no even, unclipped paper where `white` says.
            ModelError, DeviceError: nothing can be measured here.
        """
        clock = _Clock()
        if not is_decoded(source):
            name, source = read_source(source, name)  # once, since the photo may be decoded twice
        with clock("decode"):
            photo = opened or open_photo(source, name=name)
        with clock("landmarks"):
            found = find_face(photo, face)
        if photo.reduction > 1 and found.interocular_px < _FULL_SCALE_BELOW:
            with clock("decode"):
                photo = open_photo(source, name=name, full_scale=True)
            with clock("landmarks"):
                found = find_face(photo, face)
        with clock("card"):
            card = find_reference(photo, found)
            paper = None if white is None else white_paper(photo, white)
        return self._measure(photo, found, card, paper, ss10, clock)

    def _measure(
        self,
        photo: Photo,
        found: Face,
        card: Card | None,
        paper: FloatArray | None,
        ss10: SensitiveScale | None,
        clock: _Clock,
    ) -> Scan:
        """The stages after face and card are found."""
        with clock("texture"):
            texture = leave_out_graphics(photo, found, unwrap(photo, found, card))
        with clock("light"):
            light = estimate_light(photo, found, texture, card, paper)
        with clock("zones"):
            zone_masks = visible_zones(texture)
        with clock("skinmaps"):
            maps = map_skin(texture, light, self.device)
        with clock("quality"):
            quality = check_quality(photo, found, texture, light, maps)
        with clock("scores"):
            scores = score(texture, maps, zone_masks, light, quality, self.device)
        if ss10 is not None:
            scores = with_answers(scores, ss10)
        with clock("tone"):
            tone = measure_tone(photo, found, texture, maps, zone_masks, light, quality)
        _insist_on_something(photo, quality)
        run = Run(
            version=__version__,
            device=self.device,
            provider=maps.provider,
            fallback=maps.fallback,
            models=(
                (LANDMARKER, resolve(LANDMARKER).sha256),
                ("skinmaps", maps.model_sha256),
                ("scores", scores.model_sha256),
            ),
            timings_ms=clock.timings(),
        )
        return Scan(
            photo=photo, face=found, texture=texture, light=light, zone_masks=zone_masks, quality=quality,
            maps=maps, scores=scores.scores, zones=scores.zones, blemishes=scores.blemishes,
            blemish_relief=scores.blemish_relief, tone=tone,
            run=run,
        )  # fmt: skip

    @computing()
    def compare(
        self,
        before: Source | Scan | Sequence[Source | Scan],
        after: Source | Scan | Sequence[Source | Scan],
        *,
        area: ClaimedArea | None = None,
        allow_copies: bool = False,
        alignments: Alignments | None = None,
    ) -> Change:
        """Compare one or several photos, or scans of them, of one face before and after.

        Args:
            before: one photo or scan, or several of the same day.
            after: the same of the later day.
            area: where a change is claimed, such as "left_cheek,chin".
            allow_copies: take two files of one shot for two photos.
            alignments: shared by comparisons in which the same scans take part, so that no face is worked
                through twice; by default each comparison has its own.

        Colours are those by cards and sheets if every photo holds one, else none of them are.

        Raises what `scan` raises, and UsageError for an unknown area; a pair that must not be compared gives
        a refused Change.
        """
        first, second = self._alike(
            [[self._scanned(photo) for photo in _several(side)] for side in (before, after)]
        )
        alignments = alignments or Alignments(identity=self.identity)
        return compare_scans(first, second, area, allow_copies=allow_copies, alignments=alignments)

    @computing()
    def compare_collage(
        self,
        source: Source,
        *,
        area: ClaimedArea | None = None,
        after_first: bool = False,
        name: str | None = None,
    ) -> Change:
        """Compare before and after out of one picture that shows both, side by side or one above the other.

        The finding COLLAGE and the names of the photos say which part was taken for which.

        Args:
            source: the picture, as `scan` takes it.
            area: where a change is claimed, such as "left_cheek,chin".
            after_first: the left or upper part is the after-photo; otherwise it is taken for before.
            name: stands for the picture in messages, instead of the file's own.

        Raises what `compare` raises, and NotCollage where it is not sure that the picture is one.
        """
        photo = open_photo(source, name=name, full_scale=True)
        collage = split_collage(photo)
        parts = [(side, self.scan(part, name=f"{photo.name} ({side})")) for side, part in collage.parts]
        (side, before), (_, after) = reversed(parts) if after_first else parts
        [before], [after] = self._alike([[before], [after]])
        change = compare_scans([before], [after], area)
        return replace(change, findings=(*change.findings, from_collage(side)))

    @computing()
    def trend(
        self,
        dates: Sequence[Source | Scan | Sequence[Source | Scan]],
        *,
        area: ClaimedArea | None = None,
        taken_at: Sequence[str] | None = None,
    ) -> Trend:
        """Follow one face over several dates: one photo, or several, of each, the first date first.

        `taken_at`: ISO dates, one a date, rising; otherwise EXIF is asked. Raises what `compare` raises, and
        UsageError for fewer than two dates or dates that do not rise.
        """
        sides = self._alike([[self._scanned(photo) for photo in _several(date)] for date in dates])
        return follow(sides, area, taken_at, identity=self.identity)

    def _alike(self, sides: Sequence[Sequence[Scan]]) -> list[list[Scan]]:
        """The scans by their cards if every photo has one, else all without: the two kinds are no pair."""
        by_card = [scan.light.white_balance.by_card for side in sides for scan in side]
        if all(by_card) or not any(by_card):
            return [list(side) for side in sides]
        return [[self._without_card(scan) for scan in side] for side in sides]

    def _without_card(self, scan: Scan) -> Scan:
        if not scan.light.white_balance.by_card:
            return scan
        return self._measure(scan.photo, scan.face, None, None, None, _Clock())

    def _scanned(self, photo: Source | Scan) -> Scan:
        return photo if isinstance(photo, Scan) else self.scan(photo)


def _several(side: Source | Scan | Sequence[Source | Scan]) -> Sequence[Source | Scan]:
    return side if isinstance(side, list | tuple) else [side]  # type: ignore[list-item]


def scan(
    source: Source, *, device: Device = "auto", face: FaceChoice = "only", ss10: SensitiveScale | None = None
) -> Scan:
    """Scan one photo; shorthand for `Scanner(device).scan(source)`.

    Args:
        source: a path, bytes, a binary file object, uint8 RGB pixels (H, W, 3) or a PIL image.
        device: "auto", "cpu", "cuda" or "tensorrt".
        face: "only", "largest", or its number by falling size.
        ss10: the person's answers to the Sensitive Scale-10.
    """
    return Scanner(device).scan(source, face=face, ss10=ss10)


def compare(
    before: Source | Scan | Sequence[Source | Scan],
    after: Source | Scan | Sequence[Source | Scan],
    *,
    area: ClaimedArea | None = None,
    device: Device = "auto",
) -> Change:
    """Compare photos, or scans of them, of one face; shorthand for `Scanner(device).compare(before, after)`.

    Args:
        before: one photo or scan, or several of the same day.
        after: the same of the later day.
        area: where a change is claimed, such as "left_cheek,chin".
        device: "auto", "cpu", "cuda" or "tensorrt".
    """
    return Scanner(device).compare(before, after, area=area)


def trend(
    dates: Sequence[Source | Scan | Sequence[Source | Scan]],
    *,
    area: ClaimedArea | None = None,
    taken_at: Sequence[str] | None = None,
    device: Device = "auto",
) -> Trend:
    """Follow one face over several dates; shorthand for `Scanner(device).trend(dates)`.

    Args:
        dates: one photo or scan, or several, of each date, the first date first.
        area: where a change is claimed, such as "left_cheek,chin".
        taken_at: ISO dates, one a date, rising; otherwise EXIF is asked.
        device: "auto", "cpu", "cuda" or "tensorrt".
    """
    return Scanner(device).trend(dates, area=area, taken_at=taken_at)


class _Clock:
    """Remembers how long each stage took."""

    def __init__(self) -> None:
        self._spent: dict[str, float] = {}

    @contextmanager
    def __call__(self, stage: str) -> Iterator[None]:
        rest()
        start = time.perf_counter()
        yield
        self._spent[stage] = self._spent.get(stage, 0.0) + (time.perf_counter() - start) * 1e3

    def timings(self) -> MappingProxyType[str, float]:
        return MappingProxyType({stage: round(ms, 1) for stage, ms in self._spent.items()})


def _insist_on_something(photo: Photo, quality: Quality) -> None:
    """Refuse a photo on which no metric is left, with the first reason."""
    if quality.disabled.keys() >= set(METRICS):
        worst = next(c for c in quality.checks if not c.ok and c.disables)
        covers = [c for c in quality.checks if not c.ok and c.code in ("MASK", "GLASSES")]
        named = covers[0] if covers and worst.code == "SKIN_COVERED" else worst
        raise QualityError(f"nothing can be measured in {photo.name}: {worst.code}", named.advice.en)
