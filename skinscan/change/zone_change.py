"""Reconciled pairs in, what changed in a zone out: differences, intervals, tests, verdicts."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from skinscan.change.reconcile import Reconciled
from skinscan.change.types import Delta, ZoneChange
from skinscan.change.uncertainty import Quantity, Sigma, erythema_sigma, real_sigma, sigma_of, variance_terms
from skinscan.color import delta_e_2000, linear_to_lab
from skinscan.facemesh.canonical_face import load_canonical
from skinscan.facemesh.zones import SKIN_ZONES
from skinscan.skin_indices import EI_PER_RG
from skinscan.stats import normal_half_width, trimmed_mean, two_sided_p
from skinscan.types import (
    CONTRAST_SIGMA,
    JUST_VISIBLE,
    LEAST_ZONE_SHARE,
    LEAST_ZONE_TEXELS,
    BoolMap,
    ChangeVerdict,
    FloatArray,
    FloatMap,
    Measure,
)

__all__ = [
    "CombinedPairs",
    "adjust",
    "measure",
    "settle",
    "spot_sigma",
    "unsettled",
    "with_affected",
]

_FALSE_ALARMS = 0.10  # of a claim: its 90 % interval leaves out 0
_FALSE_ZONES = 0.15  # false discovery rate of erythema over zones that nobody named: docs/changes.md
_FALSE_TONES = 0.05  # false discovery rate of melanin and shine over the zones
_TOLERATED_SPOT = JUST_VISIBLE  # EI: with a 7 mm spot that changed by more in it, no zone is called unchanged
_SPOT_POWER = 4.0  # sigmas of a spot that must be less than two just-visible steps for "no change"
_RED_PER_MI, _RED_PER_EI = 1.03, 0.27  # density of R per index: ISSA training people


@dataclass(frozen=True, slots=True)
class CombinedPairs:
    """All pairs of one comparison, every map on the texels of its before-photo."""

    pairs: Sequence[Reconciled]
    counts: tuple[int, int]  # photos before and after
    sign: int  # of "after minus before" on the pairs
    erythema: FloatMap  # mean over the pairs
    melanin: FloatMap
    shine: FloatMap
    spots: FloatMap  # erythema, mean over 7 mm
    spot_sigma: float  # EI, of one spot
    valid: BoolMap
    affected: BoolMap


def measure(evidence: CombinedPairs, mask: BoolMap) -> ZoneChange | None:
    """Measure one zone or area, p not adjusted, affected skin not known; None where too little is seen."""
    texels = mask & evidence.valid
    count = int(np.count_nonzero(texels))
    pairs = [pair for pair in evidence.pairs if pair.posterior.sees(mask)]
    if not pairs or count < max(LEAST_ZONE_TEXELS, LEAST_ZONE_SHARE * np.count_nonzero(mask)):
        return None
    quantities: tuple[Quantity, ...] = ("melanin", "shine")
    share = _shares(texels)
    sigma = {str(q): _sigma(evidence, share, count, q) for q in quantities}
    moved = {str(q): trimmed_mean(getattr(evidence, q)[texels]) for q in quantities}
    moved["erythema"], sigma["erythema"] = _erythema(evidence, pairs, texels, share)
    erythema = _delta(moved["erythema"], sigma["erythema"], "EI", count, CONTRAST_SIGMA)
    lab, colour = _lab(evidence, moved, sigma, count)
    spots = evidence.spots[texels]
    return ZoneChange(
        erythema_index=erythema,
        melanin_index=_delta(moved["melanin"], sigma["melanin"], "MI", count),
        shine=_delta(moved["shine"], sigma["shine"], "% of the light", count),
        lab=lab,
        delta_e00=colour,
        affected_percent=0.0,
        affected_cm2=0.0,
        peak=round(float(spots[np.argmax(np.abs(spots))]), 2),
        peak_sdc=round(_SPOT_POWER * evidence.spot_sigma, 2),
    )


def adjust(zones: Mapping[str, ZoneChange], claimed: Collection[str] = ()) -> dict[str, ZoneChange]:
    """Benjamini-Hochberg over the zones that nobody named, for each quantity; then the verdicts.

    `claimed`: the claimed area and its zones. They are one question, asked before anybody looked: their p is
    not adjusted, and a zone says the same when it is the claimed area.
    """
    adjusted: dict[str, dict[str, Delta]] = {name: {} for name in zones}
    for quantity in ("erythema_index", "melanin_index", "shine"):
        for name in claimed:
            adjusted[name][quantity] = getattr(zones[name], quantity)
        order = sorted(zones.keys() - claimed, key=lambda name: (getattr(zones[name], quantity).p, name))
        least = 1.0
        for rank in range(len(order), 0, -1):
            delta = getattr(zones[order[rank - 1]], quantity)
            least = min(least, delta.p * len(order) / rank)
            adjusted[order[rank - 1]][quantity] = replace(delta, p=round(least, 6))
    return {
        name: settle(
            replace(
                zones[name],
                erythema_index=new["erythema_index"],
                melanin_index=new["melanin_index"],
                shine=new["shine"],
            ),
            name in claimed,
        )
        for name, new in adjusted.items()
    }


def settle(zone: ZoneChange, claimed: bool) -> ZoneChange:
    """Give every difference of a zone its verdict; of a claim with less doubt than of any of many zones."""
    melanin, shine, *lab = (
        replace(delta, verdict=_moved(delta)) for delta in (zone.melanin_index, zone.shine, *zone.lab)
    )
    erythema = zone.erythema_index
    verdict = _moved(erythema, _FALSE_ALARMS if claimed else _FALSE_ZONES)
    if verdict == "inconclusive" and _equivalent(zone):
        verdict = "no_change"
    return replace(
        zone,
        erythema_index=replace(erythema, verdict=verdict),
        melanin_index=melanin,
        shine=shine,
        lab=(lab[0], lab[1], lab[2]),
    )


def unsettled(zone: ZoneChange) -> ZoneChange:
    """Take back "no change": there is too little untouched skin to say so."""
    erythema = zone.erythema_index
    verdict: ChangeVerdict = "inconclusive" if erythema.verdict == "no_change" else erythema.verdict
    return replace(zone, erythema_index=replace(erythema, verdict=verdict))


def _moved(delta: Delta, level: float = _FALSE_TONES) -> ChangeVerdict:
    if delta.p >= level:
        return "inconclusive"
    return "increase" if delta.delta > 0 else "decrease"


def _equivalent(zone: ZoneChange) -> bool:
    """Whether a just-visible change would have shown, in the whole zone or in a spot of it, and did not."""
    delta = zone.erythema_index
    sure = delta.sdc < JUST_VISIBLE and delta.low > -JUST_VISIBLE and delta.high < JUST_VISIBLE
    even = zone.affected_percent == 0 and abs(zone.peak) < _TOLERATED_SPOT
    return sure and even and zone.peak_sdc < 2 * JUST_VISIBLE


def spot_sigma(pairs: Sequence[Reconciled], counts: tuple[int, int]) -> float:
    """Sigma of the change of an 8 mm spot, EI: the same for all skin."""
    parts = [erythema_sigma(pair.posterior.cell_sigma(), pair.posterior.light_share, 0.0) for pair in pairs]
    return _mean_sigma(parts).of_mean(*counts)


def with_affected(zone: ZoneChange, evidence: CombinedPairs, mask: BoolMap) -> ZoneChange:
    """Put in how much of the zone lies in the areas found."""
    texels = mask & evidence.valid
    area = load_canonical().area_cm2
    changed = float(area[texels & evidence.affected].sum())
    return replace(
        zone,
        affected_percent=round(100 * changed / float(area[texels].sum()), 1),
        affected_cm2=round(changed, 2),
    )


def _erythema(
    evidence: CombinedPairs, pairs: Sequence[Reconciled], mask: BoolMap, share: Mapping[str, float]
) -> tuple[float, float]:
    """Change of erythema in `mask` and its sigma, EI: mean over the pairs that see it."""
    found = [(pair.posterior.change(mask), pair) for pair in pairs]
    parts = []
    for (_, sigma), pair in found:
        real = math.sqrt(sum(s * real_sigma(z, pair.noise) ** 2 for z, s in share.items()))
        parts.append(erythema_sigma(sigma, pair.posterior.light_share, real))
    value = evidence.sign * float(np.mean([value for (value, _), _ in found]))
    counts = evidence.counts if len(pairs) == len(evidence.pairs) else (1, 1)
    return value, _mean_sigma(parts).of_mean(*counts)


def _shares(texels: BoolMap) -> dict[str, float]:
    """How much of `texels` (S, S) lies in each of the skin zones that it touches, 0..1."""
    label = load_canonical().label[texels]
    counts = np.bincount(label[label >= 0], minlength=len(SKIN_ZONES))[: len(SKIN_ZONES)].tolist()
    return {zone: count / sum(counts) for zone, count in zip(SKIN_ZONES, counts, strict=True) if count}


def _sigma(evidence: CombinedPairs, share: Mapping[str, float], count: int, quantity: Quantity) -> float:
    """Sigma of the mean over all pairs of `count` texels, by their share of the zones."""
    parts = []
    for pair in evidence.pairs:
        row = variance_terms(pair.noise, count)
        each = [(s, sigma_of(quantity, row, zone)) for zone, s in share.items()]
        parts.append(Sigma(sum(s * of.photo for s, of in each), sum(s * of.light for s, of in each)))
    return _mean_sigma(parts).of_mean(*evidence.counts)


def _mean_sigma(parts: Sequence[Sigma]) -> Sigma:
    """Root mean square of both parts."""
    photo, light = (math.sqrt(np.mean([getattr(s, k) ** 2 for s in parts])) for k in ("photo", "light"))
    return Sigma(photo, light)


def _delta(value: float, sigma: float, unit: str, count: int, relative: float = 0.0) -> Delta:
    reach = normal_half_width(0.90) * math.hypot(sigma, relative * value)
    return Delta(
        delta=round(value, 2), low=round(value - reach, 2), high=round(value + reach, 2),
        sdc=round(normal_half_width(0.95) * sigma, 2), p=round(two_sided_p(value / sigma), 6),
        verdict="inconclusive", unit=unit, n_pixels=count,
    )  # fmt: skip


def _lab(
    evidence: CombinedPairs, moved: Mapping[str, float], sigma: Mapping[str, float], count: int
) -> tuple[tuple[Delta, Delta, Delta], Measure]:
    """Change of L*, a*, b* and dE00 of matte skin about the face's own colour, from the change of EI and MI.

    Brightness itself is shading: L* moves only with the melanin and blood that were measured.
    """
    scans = [scan for pair in evidence.pairs for scan in (pair.aligned.first, pair.aligned.second)]
    own = np.mean([[s.light.exposure.reference_od, *s.light.chroma] for s in scans], axis=0)
    red = _RED_PER_MI * moved["melanin"] + _RED_PER_EI * moved["erythema"]
    chroma = moved["erythema"] / EI_PER_RG
    step = np.array([red, chroma, 0.0])
    noise = np.diag([_RED_PER_MI * sigma["melanin"], sigma["erythema"] / EI_PER_RG, sigma["erythema"]])
    # Before, after, the own color, that moved by each error, and moved by half of it either way.
    moves = np.vstack([-step / 2, step / 2, 0 * step, noise, noise / 2, -noise / 2])
    colors = _color(own + moves)
    before, after, centre = colors[:3]
    spread = np.sqrt(((colors[6:9] - colors[9:12]) ** 2).sum(axis=0))
    deltas = [
        _delta(float(v), float(s), unit, count)
        for v, s, unit in zip(after - before, spread, ("L*", "a*", "b*"), strict=True)
    ]
    value = float(delta_e_2000(before, after))
    reach = normal_half_width(0.90) * float(delta_e_2000(centre, colors[3:6]).mean())
    colour = Measure(
        value=round(value, 2), low=round(max(value - reach, 0), 2), high=round(value + reach, 2), unit="dE00",
        n_pixels=count,
    )  # fmt: skip
    return (deltas[0], deltas[1], deltas[2]), colour


def _color(states: FloatArray) -> FloatArray:
    """Lab (n, 3) of (density of R, log R/G, log G/B) (n, 3), OD."""
    red, rg, gb = states.T
    return linear_to_lab(10 ** (np.stack([-red, -red - rg, -red - rg - gb], axis=1) / 100))
