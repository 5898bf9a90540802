"""`change`: what a comparison says when nothing changed, and when a known amount of erythema was added.

Rendered: sittings of test people, twice in each of two lights, plain and with a rendered reaction. Injected:
a soft or sharp patch of known rise put into the texture of the second photo of a plain pair, rendered or
real, which is then calibrated, mapped and compared as any other.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.scanned import register_rendered_run
from models.renderer.sittings import Held, sittings
from skinscan.change.compare import compare
from skinscan.change.types import Change
from skinscan.color import ITA_CLASSES
from skinscan.errors import SkinScanError
from skinscan.facemesh.canonical_face import load_canonical
from skinscan.facemesh.zones import SKIN_ZONES
from skinscan.measure.light import estimate_light
from skinscan.measure.skinmaps import map_skin
from skinscan.scanner import Scanner
from skinscan.types import JUST_VISIBLE, Device, FloatMap, Scan

__all__ = ["change", "inject"]

_ROUNDS = 3  # test people of each tone class
_HELD: Mapping[Held, tuple[int, str]] = {
    None: (_ROUNDS, ""),
    "sheet": (2, ", sheet"),
    "parcel_card": (2, ", parcel card"),
}
"""Beside the cheek in every photo -> rounds, and what the names of groups end in."""
_SHAPES = 1  # of injected patches a pair
_SAFETY_SHAPES = 24  # more of them a pair in the same light, where alone "no change" can be said
_SAFETY_RISE = 3.6  # EI: a change that must never be called none
_RISES = (JUST_VISIBLE, 2 * JUST_VISIBLE, 7.0)  # EI
_PER_EI = np.array([0.230, 0.918, 0.782]) / 100  # log10 of R, G, B lost per EI: within-person fits on ISSA
_RESPONSE = 1.25  # cameras stretch differences of colour by so much, as exposure.py has it
_PLACES = ((0.28, 0.57), (0.72, 0.57), (0.5, 0.17), (0.5, 0.86), (0.26, 0.76), (0.74, 0.76))  # (u, v)
_RADIUS = (0.05, 0.14)  # of the UV square
_COVERED = (0.02, 0.40)  # of the skin
_NAMED = 1 / 3  # of a zone, from where somebody would name it
_SERIES = 8
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Trial:
    """One comparison and its truth."""

    group: str  # "same light", "other light" or "real session"
    tone: str
    rise: float  # EI at the middle of the patches; 0 without
    truth: FloatMap  # (S, S) EI added
    kind: str  # "plain", "rendered", "injected" (to be found), "claimed" (the area given) or "safety"
    change: Change


def _trial(group: str, tone: str, rise: float, truth: FloatMap, kind: str, change: Change) -> _Trial:
    """A trial without the scans, of which thousands would not fit in memory."""
    return _Trial(group, tone, rise, truth, kind, replace(change, before=(), after=()))


def change(photos: Path, device: Device) -> list[Row]:
    """Rows of false alarms, detection, area, coverage; each over everybody, then per tone class."""
    cache = Path(os.environ.get("SKINSCAN_BENCH_CACHE", tempfile.gettempdir())) / "skinscan-pairs" / "test"
    scanner = Scanner(device)
    trials: list[_Trial] = []
    register_rendered_run()
    for held, (rounds, suffix) in _HELD.items():
        for number, sitting in enumerate(sittings(rounds, test=True, cache=cache, held=held)):
            scans = dict(_scanned(scanner, sitting.jpeg))
            if held:  # a photo whose card does not serve is compared without, as any other
                scans = {name: scan for name, scan in scans.items() if scan.light.white_balance.by_card}
            trials += _rendered(sitting, scans, suffix, np.random.default_rng(number), device)
    trials += _real(scanner, photos, np.random.default_rng(99), device)
    return [*_false_alarms(trials), *_detection(trials), *_equivalence(trials), *_coverage(trials)]


def inject(scan: Scan, rise: FloatMap, device: Device = "cpu") -> Scan:
    """The scan as it would be with `rise` (S, S) EI more erythema in its texture; landmarks stay."""
    stretched = 1.0 if scan.light.white_balance.by_card else _RESPONSE
    rgb = scan.texture.rgb * 10 ** (-rise[..., None] * _PER_EI * stretched)
    texture = replace(scan.texture, rgb=rgb.astype(np.float32))
    light = estimate_light(scan.photo, scan.face, texture, scan.light.card)
    return replace(scan, texture=texture, light=light, maps=map_skin(texture, light, device))


def _patches(rng: np.random.Generator) -> FloatMap:
    """(S, S) 0..1: one to three patches, sharp or soft, on one or both sides, over 2 to 40 % of the skin."""
    mesh = load_canonical()
    while True:
        shape = _draw_patches(rng)
        share = float(mesh.area_cm2[mesh.skin & (shape > 0.5)].sum() / mesh.area_cm2[mesh.skin].sum())
        if _COVERED[0] <= share <= _COVERED[1]:
            return shape


def _draw_patches(rng: np.random.Generator) -> FloatMap:
    mesh = load_canonical()
    at = (np.arange(mesh.on_mesh.shape[0], dtype=np.float32) + 0.5) / mesh.on_mesh.shape[0]
    u, v = np.meshgrid(at, at)
    total = np.zeros_like(u)
    softness = rng.uniform(0.1, 1.0)
    for k in rng.choice(len(_PLACES), int(rng.integers(1, 4)), replace=False):
        radius = rng.uniform(*_RADIUS)
        far = np.hypot(u - _PLACES[k][0], v - _PLACES[k][1])
        out = (far - radius) / (0.25 * softness * radius + 0.002)
        total = np.maximum(total, 1 / (1 + np.exp(np.clip(out, -60, 60))))
    return np.asarray(total, np.float32)


def _scanned(scanner: Scanner, jpeg: Any) -> Iterator[tuple[str, Scan]]:
    for name, data in jpeg.items():
        try:
            yield name, scanner.scan(data)
        except SkinScanError:
            continue


def _rendered(
    sitting: Any, scans: dict[str, Scan], suffix: str, rng: np.random.Generator, device: Device
) -> Iterator[_Trial]:
    none = np.zeros_like(sitting.rise)
    for a, b in combinations(scans, 2):
        if a.endswith("reaction"):
            continue
        group = ("same light" if a[:4] == b[:4] else "other light") + suffix
        reacted = b.endswith("reaction")
        truth = sitting.rise if reacted else none
        kind, size = ("rendered", float(truth.max())) if reacted else ("plain", 0.0)
        yield _trial(group, sitting.tone, size, truth, kind, compare([scans[a]], [scans[b]]))
        if not reacted:
            yield from _injected(group, sitting.tone, scans[a], scans[b], rng, device)
            if group == "same light":
                yield from _safety(group, sitting.tone, scans[a], scans[b], rng, device)


def _injected(
    group: str, tone: str, first: Scan, second: Scan, rng: np.random.Generator, device: Device
) -> Iterator[_Trial]:
    for _ in range(_SHAPES):
        shape = _patches(rng)
        for rise in _RISES:
            done = inject(second, rise * shape, device)
            for kind, area in (("injected", None), ("claimed", _signs(shape))):
                yield _trial(group, tone, rise, rise * shape, kind, compare([first], [done], area))


def _safety(
    group: str, tone: str, first: Scan, second: Scan, rng: np.random.Generator, device: Device
) -> Iterator[_Trial]:
    """What must be seen, in the light where most is seen: is "no change" ever said?"""
    for number in range(_SAFETY_SHAPES):
        shape = _patches(rng)
        done = inject(second, _SAFETY_RISE * shape, device)
        area = _signs(shape) if number % 2 else None
        yield _trial(
            group, tone, _SAFETY_RISE, _SAFETY_RISE * shape, "safety", compare([first], [done], area)
        )


def _signs(shape: FloatMap) -> str:
    """Zones that a claim would name: those covered to a third or more, else the one covered most."""
    mesh = load_canonical()
    covered = {zone: float((shape[mesh.zones[zone]] > 0.5).mean()) for zone in SKIN_ZONES}
    named = [zone for zone, share in covered.items() if share >= _NAMED]
    return ",".join(named or [max(covered, key=lambda zone: covered[zone])])


def _real(scanner: Scanner, photos: Path, rng: np.random.Generator, device: Device) -> Iterator[_Trial]:
    """Every pair of the repeat session, in both orders, if its photos are there."""
    files = [path for n in range(1, _SERIES + 1) if (path := photos / f"series_{n}.jpg").exists()]
    scans = [scan for _, scan in _scanned(scanner, {path.name: path for path in files})]
    for a, b in combinations(scans, 2):
        none = np.zeros(a.maps.valid.shape, np.float32)
        for first, second in ((a, b), (b, a)):
            yield _trial("real session", "real", 0.0, none, "plain", compare([first], [second]))
        yield from _injected("real session", "real", a, b, rng, device)
        yield from _safety("real session", "real", a, b, rng, device)


def _by_tone(trials: Sequence[_Trial]) -> Iterator[tuple[str, list[_Trial]]]:
    yield "all", list(trials)
    for name, _ in ITA_CLASSES:
        if own := [trial for trial in trials if trial.tone == name]:
            yield name, own


def _groups(trials: Sequence[_Trial], kind: str) -> Iterator[tuple[str, str, list[_Trial]]]:
    """Group, tone and trials of a kind that were not refused."""
    lights = [f"{light}{suffix}" for _, suffix in _HELD.values() for light in ("same light", "other light")]
    for group in (*lights, "real session"):
        of = [t for t in trials if t.group == group and t.kind == kind and t.change.status == "ok"]
        for tone, own in _by_tone(of):
            if own:
                yield group, tone, own


def _zones(trial: _Trial) -> Iterator[tuple[float, Any]]:
    """True mean rise and measured change of each zone."""
    maps, mesh = trial.change.maps, load_canonical()
    assert maps is not None
    for name, zone in trial.change.zones.items():
        yield float(trial.truth[mesh.zones[name] & maps.valid].mean()), zone


def _false_alarms(trials: Sequence[_Trial]) -> list[Row]:
    rows = []
    refused = [t for t in trials if t.kind == "plain" and t.change.status == "refused"]
    for group, tone, own in _groups(trials, "plain"):
        verdicts = [zone.erythema_index.verdict for trial in own for _, zone in _zones(trial)]
        wrong = sum(verdict in ("increase", "decrease") for verdict in verdicts)
        said = sum(trial.change.verdict in ("increase", "decrease") for trial in own)
        sdc = [zone.erythema_index.sdc for trial in own for _, zone in _zones(trial)]
        rows.append(
            {
                "what": "nothing changed",
                "group": group,
                "tone": tone,
                "pairs": len(own),
                "zones": len(verdicts),
                "zone_alarms_percent": round(100 * wrong / len(verdicts), 2),
                "pair_alarms_percent": round(100 * said / len(own), 1),
                "zones_no_change_percent": round(100 * verdicts.count("no_change") / len(verdicts), 1),
                "median_sdc": round(float(np.median(sdc)), 2),
            }
        )
    return [*rows, {"what": "nothing changed, pairs refused", "pairs": len(refused)}]


def _detection(trials: Sequence[_Trial]) -> list[Row]:
    """Detected: any zone or area says increase. Wrong sign: the verdict says decrease."""
    rows = []
    for kind, rises in (("injected", _RISES), ("claimed", _RISES), ("rendered", (None,))):
        for group, tone, own in _groups(trials, kind):
            for rise in rises:
                some = [t for t in own if rise is None or t.rise == rise]
                hits = sum(t.change.verdict == "increase" for t in some)
                wrong = sum(t.change.verdict == "decrease" for t in some)
                errors = [abs(e) for t in some if (e := _area_error(t)) is not None]
                rows.append(
                    {
                        "what": f"{kind} reaction",
                        "group": group,
                        "tone": tone,
                        "rise_ei": "1.5-9" if rise is None else f"{rise}",
                        "n": len(some),
                        "detected_percent": round(100 * hits / len(some), 1),
                        "wrong_sign_percent": round(100 * wrong / len(some), 1),
                        "median_area_error_percent": round(float(np.median(errors)), 1) if errors else None,
                    }
                )
    return rows


def _area_error(trial: _Trial) -> float | None:
    """Relative error of the affected area, %; None where no change was seen. True: above half of the rise."""
    maps, mesh = trial.change.maps, load_canonical()
    if maps is None or trial.change.verdict != "increase":
        return None
    skin = maps.valid & mesh.skin
    truth = float(mesh.area_cm2[skin & (trial.truth > 0.5 * trial.rise)].sum())
    found = float(mesh.area_cm2[skin & maps.affected].sum())
    return 100 * (found / truth - 1) if truth > 0 else None


def _equivalence(trials: Sequence[_Trial]) -> list[Row]:
    """`no_change` where +3.6 EI and more were added: by the whole verdict, and in a zone that rose by 1.8."""
    of = [
        t
        for t in trials
        if t.kind in ("injected", "claimed", "safety") and t.rise >= _SAFETY_RISE and t.change.status == "ok"
    ]
    zones = [zone for trial in of for rise, zone in _zones(trial) if rise >= JUST_VISIBLE]
    rows = []
    for what, verdicts in (
        ("no_change said, +3.6 EI and more", [t.change.verdict for t in of]),
        ("no_change said in a zone, +1.8 EI mean and more", [z.erythema_index.verdict for z in zones]),
    ):
        wrong = verdicts.count("no_change")
        bound = 300 / max(len(verdicts), 1) if wrong == 0 else None  # rule of three
        rows.append({"what": what, "n": len(verdicts), "wrong": wrong, "upper_95_percent": bound})
    return rows


def _coverage(trials: Sequence[_Trial]) -> list[Row]:
    rows = []
    for kind in ("plain", "rendered", "injected", "claimed"):
        for group, tone, own in _groups(trials, kind):
            pairs = [(rise, z.erythema_index) for trial in own for rise, z in _zones(trial)]
            inside = [delta.low <= rise <= delta.high for rise, delta in pairs]
            bias = [delta.delta - rise for rise, delta in pairs]
            rows.append(
                {
                    "what": f"90 % interval, {kind}",
                    "group": group,
                    "tone": tone,
                    "zones": len(inside),
                    "coverage": round(float(np.mean(inside)), 3),
                    "bias_ei": round(float(np.mean(bias)), 2),
                    "rms_ei": round(float(np.sqrt(np.mean(np.square(bias)))), 2),
                }
            )
    return rows
