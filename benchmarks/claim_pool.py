"""Photo evidence for `bench claims`: rendered pairs of test people, scanned, compared and read as in a claim.

Nothing here is drawn from an error model. A pair is compared with the area that the claim would name; the way
back, from the after photo to one taken later, is a comparison of its own.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np

from benchmarks.change import inject
from models.renderer.sittings import sittings
from skinscan.casework.areas import ZONES_OF, claimed_zones
from skinscan.casework.image_evidence import image_evidence
from skinscan.change.compare import compare
from skinscan.claims.image_evidence import ImageEvidence
from skinscan.claims.vocabulary import Area
from skinscan.errors import SkinScanError
from skinscan.facemesh.canonical_face import load_canonical
from skinscan.measure.scores import score
from skinscan.scanner import Scanner
from skinscan.types import JUST_VISIBLE, ChangeVerdict, Device, FloatMap, Scan

__all__ = ["Condition", "Shown", "make_pool"]

Condition = Literal["reacted", "unchanged", "standing", "other_person"]
"""reacted: erythema was added. unchanged: nothing was; the light may differ. standing: there before.
other_person: the photo after shows somebody else, red where the claim says so."""

_ROUNDS = 5  # test people of each tone class
_VISIBLE = JUST_VISIBLE / 2  # EI, mean over a zone from which the person would name it
_REVERSED: dict[str, ChangeVerdict] = {
    "increase": "decrease",
    "decrease": "increase",
    "no_change": "no_change",
    "inconclusive": "inconclusive",
}
_NAMED: tuple[tuple[Area, ...], ...] = (("cheek",), ("forehead",), ("chin",), ("cheek", "chin"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What the photos of one pair show in a claim about these areas."""

    tone: str
    condition: Condition
    areas: tuple[Area, ...]
    image: ImageEvidence  # without a recovery photo
    back: ImageEvidence  # the same with one: a reaction has faded, a standing sign stands
    apart: float | None  # distance of the faces, see skinscan/change/identity.py


def make_pool(device: Device) -> list[Shown]:
    """Render or read the sittings, scan and compare them; about six minutes on one core."""
    cache = Path(os.environ.get("SKINSCAN_BENCH_CACHE", tempfile.gettempdir())) / "skinscan-pairs" / "test"
    scanner = Scanner(device)
    pool: list[Shown] = []
    people: list[_Sitter] = []
    for number, sitting in enumerate(sittings(_ROUNDS, test=True, cache=cache)):
        scans = _scanned(scanner, sitting.jpeg)
        pool += _pairs(sitting, scans, np.random.default_rng([number, 5]), device)
        people += _sitter(sitting, scans)
    return [*pool, *_wrong_people(people)]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sitter:
    """One photo of a test person before and one after a reaction, in one light."""

    tone: str
    before: Scan
    after: Scan
    areas: tuple[Area, ...]


def _sitter(sitting: Any, scans: Mapping[str, Scan]) -> list[_Sitter]:
    red, kept = _named(sitting.rise), {"home", "home_reaction"}
    if not red or not kept <= set(scans):
        return []
    return [
        _Sitter(tone=sitting.tone, before=scans["home"], after=scans["home_reaction"], areas=red)
    ]  # fmt: skip


def _wrong_people(people: list[_Sitter]) -> Iterator[Shown]:
    """Photos before of everybody, red ones of others: all of the own tone, and one of another."""
    for number, person in enumerate(people):
        alike = [other for other in people if other is not person and other.tone == person.tone]
        unlike = [other for other in people if other.tone != person.tone]
        for other in (*alike, *unlike[number % len(unlike) :][:1]):
            change = compare([person.before], [other.after], claimed_zones(other.areas))
            image = image_evidence((), [change], None)
            yield Shown(
                tone=person.tone, condition="other_person", areas=other.areas, image=image,
                back=replace(image, recovery="decrease"), apart=change.identity_distance,
            )  # fmt: skip


def _scanned(scanner: Scanner, jpeg: Mapping[str, bytes]) -> dict[str, Scan]:
    scans = {}
    for name, data in jpeg.items():
        try:
            scans[name] = scanner.scan(data, name=name)
        except SkinScanError:
            continue
    return scans


def _pairs(
    sitting: Any, scans: Mapping[str, Scan], rng: np.random.Generator, device: Device
) -> Iterator[Shown]:
    plain = {name: scan for name, scan in scans.items() if not name.endswith("reaction")}
    reacted = {name: scan for name, scan in scans.items() if name.endswith("reaction")}
    yield from _shown(sitting.tone, "unchanged", _NAMED[int(rng.integers(len(_NAMED)))], plain, plain)
    red = _named(sitting.rise)
    if red:
        yield from _shown(sitting.tone, "reacted", red, plain, reacted)
        standing = {name: _with_rise(scan, sitting.rise, device) for name, scan in plain.items()}
        yield from _shown(sitting.tone, "standing", red, standing, standing)


def _with_rise(scan: Scan, rise: FloatMap, device: Device) -> Scan:
    done = inject(scan, rise, device)
    scores = score(done.texture, done.maps, done.zone_masks, done.light, done.quality, device)
    return replace(done, scores=scores.scores, zones=scores.zones)


def _named(rise: FloatMap) -> tuple[Area, ...]:
    """Where the person would say that it is red."""
    zones = load_canonical().zones
    return tuple(
        area
        for area, its in ZONES_OF.items()
        if any(float(rise[zones[zone]].mean()) >= _VISIBLE for zone in its)
    )


def _shown(
    tone: str,
    condition: Condition,
    areas: tuple[Area, ...],
    befores: Mapping[str, Scan],
    afters: Mapping[str, Scan],
) -> Iterator[Shown]:
    """Every pair of a before and an after photo; the photo after that is another of the befores."""
    zones = claimed_zones(areas)
    pairs = [(a, b) for a in befores for b in afters if a != b]
    changes = {(a, b): compare([befores[a]], [afters[b]], zones) for a, b in pairs}
    for (a, b), change in changes.items():
        image = image_evidence((), [change], None)
        # Swapping the sides negates a comparison exactly: the way back is a pair read from its other end.
        later = sorted((c for c, d in pairs if d == b and c != a), key=lambda c: c[:4] != b[:4])
        back = changes[later[0], b] if later else None
        recovery = _REVERSED[back.verdict] if back and back.status == "ok" else None
        yield Shown(
            tone=tone, condition=condition, areas=areas, image=image,
            back=replace(image, recovery=recovery), apart=change.identity_distance,
        )  # fmt: skip
