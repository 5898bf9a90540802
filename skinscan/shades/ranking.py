"""A scan and a catalogue in, the shades that fit out: ranked by the probability that nobody would object.

The measured colour is a cloud of points, not one point; so is each shade. A shade's probability is the share
of points at which the worn colour is within the acceptable difference of the skin, so that a wide error of
the photo shows as low probabilities and not as a false order.
"""

from __future__ import annotations

import numpy as np

from skinscan.color import delta_e_2000
from skinscan.shades.catalog import Catalog
from skinscan.shades.color_samples import normal_points
from skinscan.shades.direction import components, name_direction
from skinscan.shades.kubelka_munk import body_of, mix
from skinscan.shades.types import Candidate, Difference
from skinscan.types import FloatArray, Indices

__all__ = ["MANY", "acceptable_delta_e00", "compare_clouds", "judge_shades", "rank_shades", "worn_cloud"]

MANY = 1024
"""Points for what is told."""

_FEW = 64  # points while searching
_SPARE = 3  # shades looked at beyond those asked for: the coarse order may be a little off
_LONG_LIST, _SHORT_LIST = 3000, 120  # shades whose worn colour is predicted; that are looked at closely
_DIGITS = 2


def acceptable_delta_e00(lightness: float) -> float:
    """Largest dE00 that counts as fitting: 3.0, on deep skin up to 3.5.

    50 % acceptance of skin-coloured samples: dE*ab 1.8 on fair, 2.6 on dark (Leow 2006); dE00 4.0 in denture
    acrylic; 2.1 and 3.1 in maxillofacial silicone (Paravina 2009). The limits 3.0 and 3.5 are ours [design];
    between L* 55 and 40 they are joined by a straight line.
    """
    return float(np.interp(lightness, (40.0, 55.0), (3.5, 3.0)))


def rank_shades(
    points: FloatArray, catalog: Catalog, rows: Indices, top: int, limit: float | None = None
) -> list[Candidate]:
    """The `top` shades among `rows` (n,) that most probably fit a colour given by points (MANY, 3) L*a*b*.

    `points`: what the colour may be, each as likely as the next. `catalog`: that the rows are of. `rows`:
    those that may be named. `limit`: acceptable dE00; None: that of this skin.
    """
    limit = _limit(points, limit)
    coarse = points[:: MANY // _FEW]
    few = _short_list(coarse, catalog, rows)
    best = few[np.lexsort((few, -_acceptance(coarse, catalog, few, limit)))[: top + _SPARE]]
    found = judge_shades(points, catalog, best, limit)
    found.sort(key=lambda one: (-one.difference.probability_acceptable, one.difference.delta_e00))
    return found[:top]


def judge_shades(
    points: FloatArray, catalog: Catalog, rows: Indices, limit: float | None = None
) -> list[Candidate]:
    """Each of a few shades against a colour given by points (MANY, 3) L*a*b*, in the order given.

    `points`: what the colour may be. `catalog`: that `rows` (K,) are of. `limit`: acceptable dE00; None: that
    of this skin.
    """
    middle = points.mean(axis=0)
    worn = worn_cloud(middle[None], catalog, rows, errors=False)[:, 0].round(1)
    found = compare_clouds(points, worn_cloud(points, catalog, rows), _limit(points, limit))
    return [
        Candidate(
            shade=catalog.shades[row],
            worn=(float(lightness), float(a), float(b)),
            difference=difference,
        )
        for row, (lightness, a, b), difference in zip(rows, worn, found, strict=True)
    ]


def compare_clouds(reference: FloatArray, colors: FloatArray, limit: float) -> list[Difference]:
    """K colours given by points (K, N, 3) L*a*b* against one of points (N, 3); `limit`: acceptable dE00."""
    distance = delta_e_2000(reference, colors)
    spread = np.quantile(distance, (0.05, 0.5, 0.95), axis=1).round(_DIGITS)
    acceptable = (distance <= limit).mean(axis=1)
    moves = components(reference, colors)
    return [
        Difference(
            delta_e00=float(middle),
            low=float(low),
            high=float(high),
            probability_acceptable=round(float(share), 4),
            direction=name_direction(move),
        )
        for (low, middle, high), share, move in zip(spread.T, acceptable, moves, strict=True)
    ]


def worn_cloud(points: FloatArray, catalog: Catalog, rows: Indices, *, errors: bool = True) -> FloatArray:
    """(K, N, 3) L*a*b* worn, of K rows on bare skin (N, 3) L*a*b*, with the errors of catalogue and model.

    `points`: bare skin. `catalog`: that `rows` (K,) are of. `errors`: False leaves out the errors of
    catalogue and model: the expected colour alone.
    """
    worn = mix(
        body_of(points), catalog.body[rows, None], catalog.scatter[rows, None], catalog.surface[rows, None]
    )
    if errors:
        worn += normal_points(len(points))[:, 3:] * catalog.sigma[rows, None]
    return worn


def _limit(points: FloatArray, limit: float | None) -> float:
    return acceptable_delta_e00(points[:, 0].mean()) if limit is None else limit


def _acceptance(points: FloatArray, catalog: Catalog, rows: Indices, limit: float) -> FloatArray:
    """Share of acceptable points of each row, by a smooth step: where none fits, nearer still comes first."""
    distance = delta_e_2000(points, worn_cloud(points, catalog, rows))
    share: FloatArray = (1 / (1 + np.exp(np.clip(4 * (distance - limit), -50, 50)))).mean(axis=1)
    return share


def _short_list(points: FloatArray, catalog: Catalog, rows: Indices) -> Indices:
    """The rows whose worn colour is likeliest as the skin's, by a normal density over L*a*b*.

    First by a straight line from skin to product, which is quick, then by the mixing model.
    """
    middle = points.mean(axis=0)
    metric = np.linalg.cholesky(np.linalg.inv(np.cov(points.T) + np.eye(3)))
    whole = len(rows) == len(catalog.shades)
    lab, hiding = (catalog.lab, catalog.hiding) if whole else (catalog.lab[rows], catalog.hiding[rows])
    for wanted in (_LONG_LIST, _SHORT_LIST):
        if len(rows) <= wanted:
            continue
        if wanted == _SHORT_LIST:
            gap = (
                mix(body_of(middle), catalog.body[rows], catalog.scatter[rows], catalog.surface[rows])
                - middle
            )
        else:
            gap = hiding * (lab - middle)
        far = ((gap @ metric) ** 2).sum(axis=1)
        rows = rows[np.sort(np.argpartition(far, wanted)[:wanted])]
    return rows
