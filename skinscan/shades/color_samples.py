"""A measured colour as points: where the true one may lie, each point as likely as the next.

Points are a fixed low-discrepancy set, so that the same photo gives the same answer to the last digit.

**What is known of skin.** A skin of given depth has its ratios R/G and G/B within narrow bounds, on every
tone. That is used (`skin_points`): points that no skin has are dropped. Depth itself has no prior, so nobody
is pulled towards a population's usual tone; where a shade is known that the customer wears, it is the prior.
Lips, which may be painted, have none (`lab_points`).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from statistics import NormalDist

import numpy as np

from skinscan.skin_indices import od_to_lab
from skinscan.types import DiffuseColor, FloatArray, Indices

__all__ = ["lab_points", "lip_points", "normal_points", "skin_points"]

_RANGE_OD = (
    15.0,
    140.0,
)  # of density: darker and lighter than any measured skin or lip colour (ISSA 23..103)
_SPARE, _SPARE_KNOWN = 4, 12  # candidates a point is drawn from; with a known shade few of them are left
# Errors that skin and lips of one photo share, and their columns of the normal points: one for exposure, one
# for each ratio's white, one for each ratio's contrast; density has no part in the last two.
_SHARED = {"exposure": [0, 1, 2], "light": [0, 1, 2], "camera": [0, 3, 4]}
_DOUBT = 1e-6  # of a known shade: where no point goes with it, the photo alone counts

# Faces and necks of training people of ISSA (Lu et al. 2025), in windows of 5 OD (SD) over density:
# density, mean log R/G, mean log G/B, their SD, their correlation.
_SKIN = np.array([
    (20.0, 21.1, 13.1, 4.2, 3.5, -0.12),
    (30.0, 22.8, 14.3, 4.4, 4.1, -0.17),
    (40.0, 24.4, 16.6, 4.2, 4.5, -0.11),
    (50.0, 25.8, 19.2, 3.8, 4.7, 0.05),
    (60.0, 26.9, 20.7, 4.0, 4.6, 0.33),
    (70.0, 27.9, 20.3, 3.6, 4.0, 0.40),
    (80.0, 27.5, 17.7, 3.1, 3.8, 0.27),
    (90.0, 25.8, 14.5, 3.3, 4.6, 0.62),
    (100.0, 22.8, 11.8, 4.0, 5.0, 0.77),
    (110.0, 19.4, 9.7, 4.1, 3.4, 0.59),
    (120.0, 17.0, 8.8, 3.5, 3.2, 0.54),
])  # fmt: skip


@cache
def normal_points(count: int, dimensions: int = 6) -> FloatArray:
    """(count, dimensions) standard normal points, evenly spread: Kronecker sequence (Roberts 2018)."""
    phi = 2.0
    for _ in range(40):
        phi = (1 + phi) ** (1 / (dimensions + 1))
    steps = phi ** -np.arange(1.0, dimensions + 1)
    shares = (0.5 + np.arange(1, count + 1)[:, None] * steps) % 1
    inverse = np.vectorize(NormalDist().inv_cdf, otypes=[float])
    points: FloatArray = inverse(np.clip(shares, 1e-6, 1 - 1e-6))
    points.setflags(write=False)
    return points


def lab_points(matte: DiffuseColor, count: int) -> FloatArray:
    """(count, 3) L*a*b* that the site may have by the photo alone."""
    return od_to_lab(_od_points(matte, count))


def skin_points(
    matte: DiffuseColor, count: int, fits: Callable[[FloatArray], FloatArray] | None = None
) -> FloatArray:
    """(count, 3) L*a*b* that the site may have, being skin.

    `fits`: probability (N,) that skins (N, 3) L*a*b* go with a shade that the customer is known to wear.
    """
    od = _od_points(matte, (_SPARE_KNOWN if fits else _SPARE) * count)
    return od_to_lab(od[_drawn(_log_skin(od, fits), count)])


def lip_points(
    lips: DiffuseColor, skin: DiffuseColor, count: int, fits: Callable[[FloatArray], FloatArray] | None = None
) -> FloatArray:
    """(count, 3) L*a*b* that lips may have, painted or not, in the same photo as skin.

    `lips` and `skin`: colours measured in that photo, with their errors by source. `count`: points wanted.
    `fits`: as for `skin_points`, of the skin.

    Both share the errors of exposure, white and camera, and the skin tells what these may be.
    """
    points = normal_points((_SPARE_KNOWN if fits else _SPARE) * count, 12)
    skin_od, lip_od = (np.tile(np.array(matte.od), (len(points), 1)) for matte in (skin, lips))
    for name, columns in _SHARED.items():
        skin_od += points[:, columns] * skin.sigma.get(name, (0.0,) * 3)
        lip_od += points[:, columns] * lips.sigma.get(name, (0.0,) * 3)
    for od, matte, first in ((skin_od, skin, 5), (lip_od, lips, 8)):
        own = [sigma for name, sigma in matte.sigma.items() if name not in _SHARED]
        od += points[:, first : first + 3] * np.sqrt(np.square(own).sum(axis=0))
    for od in (skin_od, lip_od):
        od[:, 0] = np.clip(od[:, 0], *_RANGE_OD)
    return od_to_lab(lip_od[_drawn(_log_skin(skin_od, fits), count)])


def _log_skin(od: FloatArray, fits: Callable[[FloatArray], FloatArray] | None) -> FloatArray:
    """Logarithm (n,) of how likely skin is to have these densities and ratios (n, 3)."""
    density, *columns = _SKIN.T
    rg, gb, rg_sigma, gb_sigma, together = (np.interp(od[:, 0], density, column) for column in columns)
    x, y = (od[:, 1] - rg) / rg_sigma, (od[:, 2] - gb) / gb_sigma
    free = 1 - together**2
    log_prior: FloatArray = -(x * x - 2 * together * x * y + y * y) / (2 * free)
    log_prior -= np.log(rg_sigma * gb_sigma * np.sqrt(free))
    if fits:
        log_prior += np.log(fits(od_to_lab(od)) + _DOUBT)
    return log_prior


def _drawn(log_weight: FloatArray, count: int) -> Indices:
    """(count,) rows drawn as often as their weight asks for: systematic resampling."""
    share = np.cumsum(np.exp(log_weight - log_weight.max()))
    rows: Indices = np.searchsorted(share / share[-1], (np.arange(count) + 0.5) / count)
    return rows


def _od_points(matte: DiffuseColor, count: int) -> FloatArray:
    """(count, 3) density, log R/G and log G/B, OD."""
    sigma = np.sqrt(np.square(list(matte.sigma.values())).sum(axis=0))
    od: FloatArray = np.array(matte.od) + normal_points(count, 3) * sigma
    od[:, 0] = np.clip(od[:, 0], *_RANGE_OD)
    return od
