"""Scans before and after in, what changed out: per zone, in the claimed area, and over the whole face."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

import cv2
import numpy as np

from skinscan.change.affected_areas import find_affected, smooth_change
from skinscan.change.alignment import Alignments
from skinscan.change.alignment import turned as is_turned
from skinscan.change.blemish_change import compare_blemishes
from skinscan.change.pair_checks import check_pairs, no_control
from skinscan.change.reconcile import Reconciled, reconcile
from skinscan.change.types import (
    Affected,
    Change,
    ChangeMap,
    Delta,
    FaceChange,
    Finding,
    ZoneChange,
)
from skinscan.change.withhold import withhold
from skinscan.change.zone_change import (
    CombinedPairs,
    adjust,
    measure,
    settle,
    spot_sigma,
    unsettled,
    with_affected,
)
from skinscan.errors import UsageError
from skinscan.facemesh.canonical_face import load_canonical
from skinscan.facemesh.zones import AREAS, SKIN_ZONES, ZONE_GAP
from skinscan.runtime.interpreter_exit import computing
from skinscan.skin_indices import EI_PER_GB, EI_PER_RG
from skinscan.stats import two_sided_p
from skinscan.types import BoolMap, ChangeVerdict, FloatMap, Scan

__all__ = ["ClaimedArea", "compare"]

ClaimedArea = str | BoolMap
"""Names of zones and areas joined by commas, or a mask (S, S) on the UV square."""


_CLAIMED = "claimed"  # beside the zones, while they are judged together
_MOVED: tuple[ChangeVerdict, ...] = ("increase", "decrease")
_MOST_PHOTOS = 4  # a side: sixteen pairs; more add little, since the light's error stays
_MIN_CONTROL = 0.2  # of the skin that must lie outside the claimed area
_LEAST_UNTOUCHED = 0.5  # of the skin; with less nobody can say which part is the one that changed
_TOLERATED_SPOT = 2.0  # EI, anywhere between and around the zones, for "no change" of the whole face
_OPPOSED = 0.6  # part of the surest change's sigmas that another has which went the other way
_BESIDE_RED = 0.4  # part of its sigmas that another zone may have redder for "decrease" of a whole face
_WHOLE_FACE_SHARE = 0.6  # of the skin zones that must be equivalent for "no change" anywhere


@computing()
def compare(
    before: Sequence[Scan],
    after: Sequence[Scan],
    area: ClaimedArea | None = None,
    *,
    allow_copies: bool = False,
    alignments: Alignments | None = None,
) -> Change:
    """Compare one or several scans of each side.

    `before` and `after`: scans of one face, the first four of each side are used; differences are after minus
    before. `area`: where the change is claimed; that skin takes no part in matching the two lights.
    `allow_copies` switches off the refusal of one photo given twice. `alignments`: those of the comparisons
    before, where the same photos take part in several; they say whether a network may compare the faces.
    Where it is not certain that both sides show one person, no verdict is given. Swapping the sides negates
    every difference exactly: pairs are always worked in one order, by the photos' SHA-256, and the sign is
    put on at the end.

    Raises UsageError for an unknown area or an empty side. What forbids a comparison is not raised: it is
    the result's `status` and `findings`.
    """
    if not before or not after:
        raise UsageError("a comparison needs a photo before and a photo after", "give at least one of each")
    before, after = tuple(before[:_MOST_PHOTOS]), tuple(after[:_MOST_PHOTOS])
    name, mask = _resolve(area)
    alignments = alignments or Alignments()
    findings = check_pairs(before, after, alignments, allow_copies=allow_copies)
    identity = _identity(before, after, alignments)
    if any(finding.refuses for finding in findings):
        return _refused(before, after, name, findings, identity)
    turned = is_turned(before, after)
    sides = (after, before) if turned else (before, after)
    control, findings = _control(mask, findings)
    pairs = _work(alignments, *sides, control)
    if not pairs:
        return _refused(before, after, name, (*findings, no_control(0.0, refuses=True)), identity)
    evidence = _evidence(pairs, (len(sides[0]), len(sides[1])), -1 if turned else 1)
    measured = _measured(evidence)
    if mask is not None and (found := measure(evidence, mask)) is not None:
        measured[_CLAIMED] = found
    named = _named(mask, measured)
    zones = adjust(measured, named)
    evidence, affected = _with_areas(evidence, mask, zones)
    masks = dict(load_canonical().zones) if mask is None else {**load_canonical().zones, _CLAIMED: mask}
    zones = {z: settle(with_affected(zone, evidence, masks[z]), z in named) for z, zone in zones.items()}
    claimed = zones.pop(_CLAIMED, None)
    share = _untouched(pairs, zones, evidence)
    if share < _LEAST_UNTOUCHED:
        findings = (*findings, no_control(share, refuses=False))
        zones = {z: unsettled(zone) for z, zone in zones.items()}
        claimed = unsettled(claimed) if claimed else None
    local = _overall(zones, evidence)
    zones = _one_way(zones, named)
    if (
        local != "no_change"
    ):  # alone, a zone said so wrongly in 13 of 496 cases; all skin together in 0 of 255
        zones = {z: unsettled(zone) for z, zone in zones.items()}
        claimed = unsettled(claimed) if claimed else None
    verdict = local if name is None else claimed.erythema_index.verdict if claimed else "inconclusive"
    worst = max(pairs, key=lambda pair: pair.posterior.cell_sigma())
    return withhold(Change(
        status="ok", findings=findings, verdict=verdict, zones=MappingProxyType(zones), area_name=name,
        area=claimed, face=_face(evidence, pairs, turned, local), affected=affected,
        maps=ChangeMap(erythema=evidence.erythema, affected=evidence.affected, valid=evidence.valid),
        identity_distance=identity,
        registration=tuple(pair.aligned.registration for pair in pairs), noise=worst.noise,
        aligned=alignments.of(before[0], after[0]), before=before, after=after, run=before[0].run,
        blemishes=compare_blemishes(alignments.of(sides[0][0], sides[1][0]), turned=turned),
    ))  # fmt: skip


def _resolve(area: ClaimedArea | None) -> tuple[str | None, BoolMap | None]:
    """Name and mask of the claimed area."""
    if area is None:
        return None, None
    mesh = load_canonical()
    if isinstance(area, np.ndarray):
        if area.shape != mesh.on_mesh.shape or area.dtype != bool:
            raise UsageError(f"an area mask is bool {mesh.on_mesh.shape}", "or give names of zones")
        return "mask", area & mesh.skin
    zones: list[str] = []
    for part in area.replace(" ", "").split(","):
        if part not in AREAS and part not in SKIN_ZONES:
            raise UsageError(f"there is no area {part!r}", f"choose from {', '.join((*SKIN_ZONES, *AREAS))}")
        zones += [z for z in AREAS.get(part, (part,)) if z not in zones]
    return area.replace(" ", ""), np.logical_or.reduce([mesh.zones[z] for z in zones])


def _named(mask: BoolMap | None, measured: Mapping[str, ZoneChange]) -> set[str]:
    """The claimed area and the measured zones that it covers."""
    if mask is None:
        return set()
    zones = load_canonical().zones
    return {z for z in measured if z == _CLAIMED or not (zones[z] & ~mask).any()}


def _one_way(zones: Mapping[str, ZoneChange], named: set[str]) -> dict[str, ZoneChange]:
    """Take back what went the other way than the surest change, and is much less sure.

    Skin that changed and was not found is part of the control of all other skin: beside a zone that turned
    red the rest seems to fade.
    """
    surest = {verdict: 0.0 for verdict in _MOVED}
    for zone in zones.values():
        delta = zone.erythema_index
        if delta.verdict in surest:
            surest[delta.verdict] = max(surest[delta.verdict], _sigmas(delta))
    weaker = min(_MOVED, key=lambda verdict: surest[verdict])
    if surest[weaker] > _OPPOSED * max(surest.values()):
        return dict(zones)
    return {
        name: replace(zone, erythema_index=replace(zone.erythema_index, verdict="inconclusive"))
        if zone.erythema_index.verdict == weaker and name not in named
        else zone
        for name, zone in zones.items()
    }


def _control(mask: BoolMap | None, findings: tuple[Finding, ...]) -> tuple[BoolMap, tuple[Finding, ...]]:
    """Skin that may serve as unchanged: all but the claimed area, unless that leaves too little."""
    mesh = load_canonical()
    if mask is None:
        return mesh.skin, findings
    rest = mesh.skin & ~mask
    share = float(mesh.area_cm2[rest].sum() / mesh.area_cm2[mesh.skin].sum())
    if share < _MIN_CONTROL:
        return mesh.skin, (*findings, no_control(share, refuses=False))
    return rest, findings


def _work(
    alignments: Alignments, first: Sequence[Scan], second: Sequence[Scan], control: BoolMap
) -> list[Reconciled]:
    """Every pair of photos under one light, in the order of their SHA-256."""
    one, other = (sorted(side, key=lambda scan: scan.photo.sha256) for side in (first, second))
    found = (reconcile(pair, control) for pair in alignments.across(one, other))
    return [pair for pair in found if pair is not None]


def _evidence(pairs: Sequence[Reconciled], counts: tuple[int, int], sign: int) -> CombinedPairs:
    """Mean of all pairs per texel, with the sign that "after minus before" asks for."""
    seen = np.stack([pair.valid for pair in pairs])
    times = np.maximum(seen.sum(axis=0), 1)

    def mean(name: str) -> FloatMap:
        planes = np.stack([np.where(pair.valid, getattr(pair, name), 0) for pair in pairs])
        total: FloatMap = (sign * planes.sum(axis=0) / times).astype(np.float32)
        return total

    valid: BoolMap = np.logical_or.reduce(seen)
    erythema = mean("erythema")
    return CombinedPairs(
        pairs=pairs, counts=counts, sign=sign, erythema=erythema, melanin=mean("melanin"),
        shine=mean("shine"), spots=smooth_change(erythema, valid), spot_sigma=spot_sigma(pairs, counts),
        valid=valid, affected=np.zeros_like(valid),
    )  # fmt: skip


def _untouched(
    pairs: Sequence[Reconciled], zones: Mapping[str, ZoneChange], evidence: CombinedPairs
) -> float:
    """Share 0..1 of the skin that can be called control: it follows the fit, and its zone did not change."""
    mesh = load_canonical()
    area = {z: float(mesh.area_cm2[mesh.zones[z] & evidence.valid].sum()) for z in zones}
    moved = sum(
        area[z] for z, zone in zones.items() if zone.erythema_index.verdict in ("increase", "decrease")
    )
    return min(*(pair.share for pair in pairs), 1 - moved / max(sum(area.values()), 1e-6))


def _measured(evidence: CombinedPairs) -> dict[str, ZoneChange]:
    """Every zone that is seen well enough on both sides."""
    zones = load_canonical().zones
    return {name: found for name in SKIN_ZONES if (found := measure(evidence, zones[name]))}


def _with_areas(
    evidence: CombinedPairs, claimed: BoolMap | None, zones: Mapping[str, ZoneChange]
) -> tuple[CombinedPairs, Affected]:
    """Find the affected areas, with more trust in zones that changed and in the claimed area."""
    mesh = load_canonical()
    changed = [np.zeros_like(evidence.valid) if claimed is None else claimed.copy() for _ in range(2)]
    for name, zone in zones.items():
        if name == _CLAIMED:
            continue  # known already, both ways
        for verdict, known in zip(("increase", "decrease"), changed, strict=True):
            if zone.erythema_index.verdict == verdict:
                known |= mesh.zones[name]
    affected, where = find_affected(
        evidence.erythema, evidence.valid, evidence.spot_sigma, (changed[0], changed[1])
    )
    return replace(evidence, affected=where), affected


def _overall(zones: Mapping[str, ZoneChange], evidence: CombinedPairs) -> ChangeVerdict:
    """What all zones say together: the surest change, if none as sure went the other way.

    "Decrease" only where no zone rose, nor may have risen: beside a zone that turned red and was not found
    the rest seems to fade. "No change" only if all the skin says so.
    """
    moved = [zone.erythema_index for zone in zones.values()]
    certain = [delta for delta in moved if delta.verdict in ("increase", "decrease")]
    if certain:
        sure = {v: max((_sigmas(d) for d in certain if d.verdict == v), default=0.0) for v in _MOVED}
        low, high = sorted(sure, key=lambda verdict: sure[verdict])
        redder = max((_sigmas(delta) for delta in moved if delta.delta > 0), default=0.0)
        beside_red = high == "decrease" and (sure["increase"] > 0 or redder > _BESIDE_RED * sure[high])
        return "inconclusive" if beside_red or sure[low] > _OPPOSED * sure[high] else high
    mesh = load_canonical()
    sound = [z for z, zone in zones.items() if zone.erythema_index.verdict == "no_change"]
    seen = sum(float(mesh.area_cm2[mesh.zones[z] & evidence.valid].sum()) for z in sound)
    enough = seen >= _WHOLE_FACE_SHARE * float(mesh.area_cm2[mesh.skin].sum())
    # A reaction may lie between zones too.
    around = cv2.dilate(mesh.skin.astype(np.uint8), np.ones((ZONE_GAP, ZONE_GAP))) > 0
    spots = evidence.spots[around & evidence.valid]
    quiet = not evidence.affected.any() and float(np.abs(spots).max(initial=0)) < _TOLERATED_SPOT
    return "no_change" if enough and quiet else "inconclusive"


def _sigmas(delta: Delta) -> float:
    return abs(delta.delta) / max(delta.sdc, 1e-6)


def _face(
    evidence: CombinedPairs,
    pairs: Sequence[Reconciled],
    turned: bool,
    local: ChangeVerdict,
) -> FaceChange:
    """The whole face by each photo's own calibration: absolute, so as wide as the light's error."""
    sign = -1 if turned else 1
    skin = load_canonical().skin & evidence.valid
    moves, sigmas, offsets = [], [], []
    for pair in pairs:
        first, second = pair.aligned.first, pair.aligned.second
        where = skin & first.maps.valid & second.maps.valid
        move = float(np.median((second.maps.erythema - first.maps.erythema)[where])) if where.any() else 0.0
        moves.append(sign * move)
        sigmas.append(math.hypot(*(_light_sigma(scan) for scan in (first, second))))
        offsets.append(sign * pair.offset)
    value, sigma = float(np.mean(moves)), float(np.mean(sigmas))
    p = two_sided_p(value / sigma)
    verdict: ChangeVerdict = "inconclusive" if p >= 0.05 else "increase" if value > 0 else "decrease"
    count = int(np.count_nonzero(skin))
    delta = Delta(
        delta=round(value, 2), low=round(value - 1.645 * sigma, 2), high=round(value + 1.645 * sigma, 2),
        sdc=round(1.96 * sigma, 2), p=round(p, 6), verdict=verdict, unit="EI", n_pixels=count,
    )  # fmt: skip
    return FaceChange(erythema_index=delta, erythema_offset=round(float(np.mean(offsets)), 2), local=local)


def _light_sigma(scan: Scan) -> float:
    """EI: what white balance and contrast leave unsure; the formula's error is the person's own."""
    light = scan.light
    red, blue = (math.hypot(light.white_balance.residual[k], light.chroma_sigma[k]) for k in (0, 1))
    return math.hypot(EI_PER_RG * red, EI_PER_GB * blue)


def _identity(before: Sequence[Scan], after: Sequence[Scan], alignments: Alignments) -> float | None:
    """How far apart the faces of the worst pair are."""
    if alignments.identities is None:
        return None
    return round(max(alignments.identities.distance(a, b) for a in before for b in after), 3)


def _refused(
    before: tuple[Scan, ...],
    after: tuple[Scan, ...],
    name: str | None,
    findings: tuple[Finding, ...],
    identity: float | None,
) -> Change:
    return Change(
        status="refused", findings=findings, verdict="inconclusive", zones=MappingProxyType({}),
        area_name=name, area=None, face=None, affected=None, maps=None,
        identity_distance=identity, registration=(), noise=None,
        aligned=None, before=before, after=after, run=before[0].run,
    )  # fmt: skip
