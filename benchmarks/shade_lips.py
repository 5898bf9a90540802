"""Lipsticks on rendered lips: is the right one of all among the first five?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from benchmarks.shade_measure import Measured
from models.renderer.issa import linear_srgb, spectrum_of
from skinscan.color import ITA_CLASSES, delta_e_2000, linear_to_lab
from skinscan.shades.advertised import judge_received
from skinscan.shades.catalog import Catalog, make_catalog
from skinscan.shades.color_samples import lab_points, lip_points
from skinscan.shades.ranking import MANY
from skinscan.shades.shade import Shade
from skinscan.skin_indices import od_to_lab
from skinscan.types import FloatArray

__all__ = ["lip_rows"]

_FIRST = 5
_POINTS = 128
_SMALLER = (0.5, 0.25)
_NEAR = 60  # colours nearest to the middle, looked at closely
_LIMIT = 3.0  # dE00
_OFF, _OTHERS = 6.0, 8
_TOLD = ("match", "inconclusive", "mismatch")
Row = dict[str, Any]
Known = tuple[Measured, FloatArray]


def lip_rows(measured: Sequence[Measured], catalog: Catalog) -> list[Row]:
    """Rendered lipsticks as measured; and every lipstick with the errors of the lips of each tone.

    With smaller errors too: what a better measurement could reach among so many colours.
    """

    colors = linear_to_lab(linear_srgb(np.array([spectrum_of(lab) for lab in catalog.lab])))
    rows: list[Row] = []
    for way in ("card", "photo"):
        known = [(one, points) for one in measured if (points := _points(one, way, skin=True)) is not None]
        alone = [(one, points) for one in measured if (points := _points(one, way, skin=False)) is not None]
        for how, found in (("", known), (", lips alone", alone)):
            painted = [(one, points) for one, points in found if one.portrait.worn is not None]
            places = [_place(points, colors, _row_of(one, colors)) for one, points in painted]
            error = [float(delta_e_2000(points.mean(axis=0), od_to_lab(one.lips))) for one, points in painted]
            rows.append(_row("lipstick rendered", way + how, "all", places, float(np.median(error))))
        rows += _verdicts(
            way, [(one, points) for one, points in known if one.portrait.worn is not None], colors
        )
        tones = []
        for tone, _ in ITA_CLASSES:
            own = [(one, points) for one, points in known if one.portrait.tone == tone]
            places = [_transferred(number, own, colors, 1.0) for number in range(len(colors))]
            tones.append(_row("every lipstick, errors of such lips", way, tone, places, None))
        rows += sorted(tones, key=lambda row: float(row["top5"]))
        for share in _SMALLER:
            places = [_transferred(number, known, colors, share) for number in range(len(colors))]
            rows.append(_row(f"every lipstick, {share:g} of the errors", way, "all", places, None))
    return rows


def _points(one: Measured, way: str, *, skin: bool) -> FloatArray | None:
    """What the lips may be, by the skin beside them or alone."""
    lips, beside = getattr(one, f"{way}_lips"), getattr(one, way)
    if lips is None or beside is None:
        return None
    return lip_points(lips, beside, MANY) if skin else lab_points(lips, MANY)


def _verdicts(way: str, painted: Sequence[Known], colors: FloatArray) -> list[Row]:
    """Is the lipstick that is worn as advertised? And others, 6 dE00 away and more?"""
    lipsticks = [
        Shade(sku=str(k), brand="b", product="p", shade=str(k), lab=tuple(colour), category="lipstick")
        for k, colour in enumerate(colors.tolist())
    ]
    catalog = make_catalog(lipsticks)
    rows: list[Row] = []
    for what, right in (("the lipstick worn", True), ("another, 6 dE00 off and more", False)):
        told: list[str] = []
        for number, (one, points) in enumerate(painted):
            matte = getattr(one, f"{way}_lips")
            distance = delta_e_2000(od_to_lab(one.lips), colors)
            rng = np.random.default_rng(number)
            wrong = rng.choice(np.flatnonzero(distance >= _OFF), _OTHERS)
            chosen = [int(distance.argmin())] if right else wrong.tolist()
            told += [judge_received(matte, points, catalog, row).verdict for row in chosen]
        shares = {name: round(100 * told.count(name) / len(told), 1) for name in _TOLD}
        rows.append({"what": f"as advertised: {what}", "by": way, "n": len(told), **shares})
    return rows


def _row_of(one: Measured, colors: FloatArray) -> int:
    return int(delta_e_2000(od_to_lab(one.lips), colors).argmin())


def _transferred(number: int, own: Sequence[Known], colors: FloatArray, share: float) -> int:
    """Place of a lipstick measured with that share of the error that one of these photos made."""
    one, points = own[number % len(own)]
    return _place(colors[number] + share * (points - od_to_lab(one.lips)), colors, number)


def _place(points: FloatArray, colors: FloatArray, right: int) -> int:
    """Place of the right colour, from 0, by the share of points within _LIMIT (a smooth step)."""
    near = np.argsort(delta_e_2000(points.mean(axis=0), colors), kind="stable")[:_NEAR]
    if right not in near:
        return _NEAR
    distance = delta_e_2000(points[:: MANY // _POINTS], colors[near, None])
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
