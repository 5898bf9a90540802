"""A map of change in, the areas that changed out, and the pattern they make."""

from __future__ import annotations

import cv2
import numpy as np

from skinscan.change.types import Affected, Pattern, Region
from skinscan.facemesh.canonical_face import load_canonical
from skinscan.types import JUST_VISIBLE, BoolMap, FloatMap

__all__ = ["find_affected", "smooth_change"]

_SMOOTH = 6.0  # texels, sigma: spots of 7 mm and more stand out, pores and hair do not
_SUPPORT = 0.5  # of that window that must be measured skin
_LEAST = JUST_VISIBLE / 2  # EI; fainter is never called affected
# Sigmas, within a zone that changed and elsewhere: 9 in 10 rendered pairs without change show no spot of 9.
_SUPPORTED, _ALONE = 3.0, 9.0
_OF_PEAK = 0.5  # an area ends where the change has fallen to half: as wide as it looks
_PEAK_QUANTILE = 0.9
_SMALLEST_CM2 = 0.15
_PAPULE_CM2 = 1.0  # an area smaller than this is a papule or a spot [design]
_PAPULES = 3
_DIFFUSE_PERCENT = 25.0  # of the measured skin in one area [design]


def smooth_change(change: FloatMap, valid: BoolMap) -> FloatMap:
    """Mean over spots of 7 mm of valid skin; 0 where too little of it is near.

    A spot at the edge of hair or lips is judged by what is bare.
    """
    weight = cv2.GaussianBlur(valid.astype(np.float32), (0, 0), _SMOOTH)
    total = cv2.GaussianBlur(np.where(valid, change, 0).astype(np.float32), (0, 0), _SMOOTH)
    supported = valid & (weight > _SUPPORT)
    return np.where(supported, total / np.maximum(weight, 1e-3), 0).astype(np.float32)


def find_affected(
    change: FloatMap, valid: BoolMap, sigma: float, changed: tuple[BoolMap, BoolMap]
) -> tuple[Affected, BoolMap]:
    """Find areas whose 7 mm mean changed; each reaches to half of its own peak.

    `change` (S, S): EI, after minus before. `valid` (S, S): where it was measured. `sigma`: EI, of such a
    mean where nothing changed. `changed`: skin known to have gone up, and down: there a weaker sign is
    enough.
    """
    mesh = load_canonical()
    skin = valid & mesh.skin
    measured = float(mesh.area_cm2[skin].sum())
    affected = np.zeros_like(skin)
    regions: list[Region] = []
    smooth = smooth_change(change, skin)
    for sign, known in zip((1, -1), changed, strict=True):
        rise = smooth * sign
        for area in _areas(rise, max(_SUPPORTED * sigma, _LEAST)):
            size = float(mesh.area_cm2[area].sum())
            alone = float(rise[area].max()) > _ALONE * sigma
            if size >= _SMALLEST_CM2 and (alone or (area & known).any()):
                affected |= area
                regions.append(_region(area, rise, change, size, sign))
    regions.sort(key=lambda region: -region.area_cm2)
    area_cm2 = float(mesh.area_cm2[affected].sum())
    percent = 100 * area_cm2 / measured if measured else 0.0
    found = Affected(
        percent=round(percent, 1),
        area_cm2=round(area_cm2, 1),
        pattern=_pattern(regions, measured),
        regions=tuple(regions),
    )
    return found, affected


def _areas(rise: FloatMap, least: float) -> list[BoolMap]:
    """Connected areas around what rises by `least`, down to half of the peak of each."""
    count, label = cv2.connectedComponents((rise > _OF_PEAK * least).astype(np.uint8), connectivity=4)
    areas = []
    for number in range(1, count):
        inside = label == number
        core = rise[inside & (rise > least)]
        if core.size:
            peak = float(np.quantile(core, _PEAK_QUANTILE))
            areas.append(inside & (rise > _OF_PEAK * peak))
    return areas


def _region(area: BoolMap, rise: FloatMap, change: FloatMap, size: float, sign: int) -> Region:
    zones = load_canonical().zones
    row, column = np.nonzero(area)
    side = area.shape[0]
    return Region(
        centre=(round((column.mean() + 0.5) / side, 3), round((row.mean() + 0.5) / side, 3)),
        zones=tuple(name for name, mask in zones.items() if (mask & area).any()),
        area_cm2=round(size, 2),
        erythema_index=round(float(change[area].mean()), 2),
        peak=round(sign * float(rise[area].max()), 2),
    )


def _pattern(regions: list[Region], measured: float) -> Pattern:
    if not regions:
        return "none"
    if 100 * regions[0].area_cm2 >= _DIFFUSE_PERCENT * measured:
        return "diffuse"
    small = [region for region in regions if region.area_cm2 < _PAPULE_CM2]
    if len(small) == len(regions):
        return "papular" if len(small) >= _PAPULES else "spots"
    return "patchy"
