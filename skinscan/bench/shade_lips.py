"""Lipsticks on rendered lips: is the right one of all among the first five?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from skinscan.bench.shade_measure import Measured, to_od
from skinscan.bench.shade_photos import spectrum_of
from skinscan.color import ITA_CLASSES, delta_e_2000, linear_to_lab
from skinscan.matte import od_to_lab
from skinscan.shades.advertised import judge_received
from skinscan.shades.belief import lab_points
from skinscan.shades.catalog import Catalog, make_catalog
from skinscan.shades.shade import Shade
from skinscan.types import FloatArray, Matte

__all__ = ["lip_rows"]

_FIRST = 5
_POINTS = 96
_NEAR = 60  # colours nearest to the middle, looked at closely
_LIMIT = 3.0  # dE00
_OFF, _OTHERS = 6.0, 8
_TOLD = ("match", "inconclusive", "mismatch")
Row = dict[str, Any]


def lip_rows(measured: Sequence[Measured], catalog: Catalog) -> list[Row]:
    """Rendered lipsticks as measured; and every lipstick with the errors of the lips of each tone."""
    from models.train.issa import linear_srgb

    colours = linear_to_lab(linear_srgb(np.array([spectrum_of(lab) for lab in catalog.lab])))
    rows: list[Row] = []
    for way in ("card", "photo"):
        known = [(one, matte) for one in measured if (matte := getattr(one, f"{way}_lips")) is not None]
        painted = [(one, matte) for one, matte in known if one.portrait.worn is not None]
        places = [_place(matte, colours, _row_of(one, colours)) for one, matte in painted]
        error = [delta_e_2000(od_to_lab(np.array(matte.od)), od_to_lab(one.lips)) for one, matte in painted]
        rows.append(_row("lipstick rendered", way, "all", places, float(np.median(error))))
        rows += _verdicts(way, painted, colours)
        tones = []
        for tone, _ in ITA_CLASSES:
            own = [(one, matte) for one, matte in known if one.portrait.tone == tone]
            places = [_transferred(number, own, colours) for number in range(len(colours))]
            tones.append(_row("every lipstick, errors of such lips", way, tone, places, None))
        rows += sorted(tones, key=lambda row: float(row["top5"]))
    return rows


def _verdicts(way: str, painted: Sequence[tuple[Measured, Matte]], colours: FloatArray) -> list[Row]:
    """Is the lipstick that is worn as advertised? And others, 6 dE00 away and more?"""
    lipsticks = [
        Shade(sku=str(k), brand="b", product="p", shade=str(k), lab=tuple(colour), category="lipstick")
        for k, colour in enumerate(colours.tolist())
    ]
    catalog = make_catalog(lipsticks)
    rows: list[Row] = []
    for what, right in (("the lipstick worn", True), ("another, 6 dE00 off and more", False)):
        told: list[str] = []
        for number, (one, matte) in enumerate(painted):
            distance = delta_e_2000(od_to_lab(one.lips), colours)
            rng = np.random.default_rng(number)
            wrong = rng.choice(np.flatnonzero(distance >= _OFF), _OTHERS)
            chosen = [int(distance.argmin())] if right else wrong.tolist()
            told += [judge_received(matte, catalog, row).verdict for row in chosen]
        shares = {name: round(100 * told.count(name) / len(told), 1) for name in _TOLD}
        rows.append({"what": f"as advertised: {what}", "by": way, "n": len(told), **shares})
    return rows


def _row_of(one: Measured, colours: FloatArray) -> int:
    return int(delta_e_2000(od_to_lab(one.lips), colours).argmin())


def _transferred(number: int, own: Sequence[tuple[Measured, Matte]], colours: FloatArray) -> int:
    """Place of a lipstick measured with the error that one of these photos made."""
    one, matte = own[number % len(own)]
    seen = to_od(colours[number]) + np.array(matte.od) - one.lips
    moved = Matte(od=(seen[0], seen[1], seen[2]), sigma=matte.sigma, n_pixels=matte.n_pixels)
    return _place(moved, colours, number)


def _place(matte: Matte, colours: FloatArray, right: int) -> int:
    """Place of the right colour, from 0, by the share of points within _LIMIT (a smooth step)."""
    near = np.argsort(delta_e_2000(od_to_lab(np.array(matte.od)), colours), kind="stable")[:_NEAR]
    if right not in near:
        return _NEAR
    distance = delta_e_2000(lab_points(matte, _POINTS), colours[near, None])
    share = (1 / (1 + np.exp(np.clip(2 * (distance - _LIMIT), -50, 50)))).mean(axis=1)
    return int((share > share[near == right]).sum())


def _row(what: str, way: str, tone: str, places: Sequence[int], error: float | None) -> Row:
    place = np.array(places)
    return {
        "what": what,
        "by": way,
        "tone": tone,
        "n": len(place),
        "top1": round(100 * float((place < 1).mean()), 1),
        "top5": round(100 * float((place < _FIRST).mean()), 1),
        "top20": round(100 * float((place < 20).mean()), 1),
        "median_de00": None if error is None else round(error, 2),
    }
