"""`shade`: does the right shade come first, do verdicts err, are probabilities what they say, how fast is it?

Measured skin of people never fitted on is rendered into photos and measured: by the photo alone ("photo"), by
a card found and read in it ("card"), with a shade known that the customer wears ("..., known shade"); with
the light given ("given") as the bound of what a card can do. Shades enter after the measurement, so each
photo serves many catalogues. Catalogues of worn colours are spread evenly over the skin of training people.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.shade_lips import lip_rows
from benchmarks.shade_measure import Measured, measure_portraits
from benchmarks.shade_photos import draw_portraits
from benchmarks.shade_swatches import swatch_rows
from benchmarks.shade_truth import at_distance, random_misses
from models.renderer import issa
from skinscan.bench.requirements import CHECKOUT
from skinscan.color import ITA_CLASSES, delta_e_2000, ita, ita_class
from skinscan.scanner import Scanner
from skinscan.shades.catalog import Catalog, make_catalog
from skinscan.shades.catalog_reader import load_catalog
from skinscan.shades.color_samples import lab_points, skin_points
from skinscan.shades.direction import WORDS, components
from skinscan.shades.known_shade import goes_with
from skinscan.shades.ranking import (
    MANY,
    acceptable_delta_e00,
    compare_clouds,
    judge_shades,
    rank_shades,
    worn_cloud,
)
from skinscan.shades.shade import Shade
from skinscan.shades.verdict import decide, least_difference
from skinscan.types import Device, DiffuseColor, FloatArray

__all__ = ["shade"]

_PER_TONE = 20
_RANGES = (8, 12, 20, 40)  # shades a catalogue has: live rooms sell the first two, the widest brands the last
_PER_CLASS = 300  # skins drawn of each ITA class, for catalogues that serve all tones alike
_MISS = 3.0  # dE00 of a shade whose direction is asked
_FITS, _MISSES = 3.0, 6.0  # dE00 up to which a mismatch is wrong, from which a match is
_BANDS = (
    (0.0, 1.5), (1.5, 3.0), (3.0, 6.0), (6.0, 8.0), (8.0, 10.0), (10.0, 12.0), (12.0, 15.0), (15.0, 20.0),
)  # fmt: skip
_PER_PORTRAIT = (19, 4, 4, 6, 4, 4, 4, 4)  # shades of each band a portrait is tried with
_KNOWN_RANGE, _KNOWN_REACH = 20, 3.5  # shades of the brand that is worn; dE00 that nobody is content beyond
_NEAREST = 2 / 3  # of customers wear the nearest of them, the others the next
_BIG = 100_000
_PAIRS = 1_000_000
Row = dict[str, Any]
Points = list[tuple[Measured, FloatArray]]
Ways = Mapping[str, Points]


def shade(photos: Path, device: Device) -> list[Row]:
    """Rows of formula, retrieval, direction, verdicts, calibration, lips and speed.

    `photos`: folder of real photos; the lipsticks are read from `catalogs` beside it if that is there.
    """
    cache = Path(issa.CACHE).parent / "bench-shade"
    lipsticks = photos.parent / "catalogs" / "lipstick_287.json"
    catalog = load_catalog(
        lipsticks if lipsticks.exists() else CHECKOUT / "samples" / "catalog_lipsticks.csv"
    )
    portraits = draw_portraits(_PER_TONE, test=True, cache_dir=cache, lipsticks=list(catalog.lab))
    measured = measure_portraits(portraits, Scanner(device))
    skins = _training_skins(issa.load_issa())
    ways = dict(_ways(measured, skins))
    return [
        *_formula(),
        *_cards(measured),
        *_measurement(measured),
        *_retrieval(ways, skins),
        *_direction(ways),
        *_verdicts(ways),
        *_calibration(ways, skins),
        *swatch_rows(catalog.lab, skins),
        *lip_rows(measured, catalog),
        *_speed(ways, skins),
    ]


def _formula() -> list[Row]:
    """Our CIEDE2000 against that of colour-science."""
    import colour

    rng = np.random.default_rng(0)
    first, second = (rng.uniform((0, -128, -128), (100, 128, 128), (_PAIRS, 3)) for _ in range(2))
    worst = np.abs(delta_e_2000(first, second) - colour.delta_E(first, second, method="CIE 2000")).max()
    return [{"what": "dE00 against colour-science", "pairs": _PAIRS, "largest_difference": float(worst)}]


def _training_skins(issa: Any) -> FloatArray:
    """(N, 3) L*a*b* of faces and necks of training people, as many of each ITA class."""
    records = issa.select((issa.is_face | (issa.site == "neck")) & ~issa.is_test)
    tones = np.array([ita_class(angle) for angle in ita(records.lab)])
    rng = np.random.default_rng(0)
    drawn = [records.lab[rng.choice(np.flatnonzero(tones == tone), _PER_CLASS)] for tone, _ in ITA_CLASSES]
    return np.concatenate(drawn)


def _range_of(skins: FloatArray, count: int) -> Catalog:
    """A catalogue of so many worn colours, spread over skins: k-means from the farthest points."""
    centres = skins[:1]
    for _ in range(count - 1):
        gap = np.linalg.norm(skins[:, None] - centres, axis=-1).min(axis=1)
        centres = np.concatenate([centres, skins[gap.argmax()][None]])
    for _ in range(30):
        nearest = np.linalg.norm(skins[:, None] - centres, axis=-1).argmin(axis=1)
        centres = np.array([skins[nearest == k].mean(axis=0) for k in range(count)])
    return worn_catalog(centres)


def worn_catalog(colors: FloatArray) -> Catalog:
    """A catalogue of worn colours (N, 3) L*a*b*."""
    rows = [
        Shade(sku=str(k), brand="b", product="p", shade=str(k), lab=tuple(colour), basis="worn")
        for k, colour in enumerate(colors.tolist())
    ]
    return make_catalog(rows)


def _mattes(measured: Sequence[Measured]) -> Iterator[tuple[str, list[tuple[Measured, DiffuseColor]]]]:
    yield "given", [(one, one.given) for one in measured if one.given]
    yield "card", [(one, one.card) for one in measured if one.card]
    yield "photo", [(one, one.photo) for one in measured if one.photo]


def _ways(measured: Sequence[Measured], skins: FloatArray) -> Iterator[tuple[str, Points]]:
    """Each way of measuring -> who, and what the jaw may be (MANY, 3) L*a*b*."""
    worn = _range_of(skins[::-1], _KNOWN_RANGE)
    for way, known in _mattes(measured):
        yield way, [(one, skin_points(matte, MANY)) for one, matte in known]
        if way != "given":
            yield (
                f"{way}, known shade",
                [
                    (one, points)
                    for number, (one, matte) in enumerate(known)
                    if (points := _anchored(number, one, matte, worn)) is not None
                ],
            )


def _anchored(number: int, one: Measured, matte: DiffuseColor, worn: Catalog) -> FloatArray | None:
    """Points with a shade known that this person wears; None for those whom no shade fits."""
    apart = delta_e_2000(_truth(one), worn.lab)
    nearest, second = np.argsort(apart)[:2]
    chosen = int(nearest if np.random.default_rng(number).random() < _NEAREST else second)
    return skin_points(matte, MANY, goes_with(worn, chosen)) if apart[chosen] <= _KNOWN_REACH else None


def _cards(measured: Sequence[Measured]) -> list[Row]:
    read = sum(one.card is not None for one in measured)
    return [{"what": "card read in the photo", "photos": len(measured), "read": read}]


def _truth(one: Measured) -> FloatArray:
    return one.portrait.lab["jaw"]


def _measurement(measured: Sequence[Measured]) -> list[Row]:
    rows: list[Row] = []
    for way, known in _mattes(measured):
        for belief, points_of in (("", skin_points), (", skin not known", lab_points)):
            middle = [points_of(matte, MANY).mean(axis=0) for _, matte in known]
            error = delta_e_2000(np.array(middle), np.array([_truth(one) for one, _ in known]))
            rows.append(
                {
                    "what": "dE00 of the measured jaw",
                    "by": way + belief,
                    "photos": len(known),
                    "refused": len(measured) - len(known),
                    "median": round(float(np.median(error)), 2),
                    "q90": round(float(np.quantile(error, 0.9)), 2),
                }
            )
    return rows


def _retrieval(ways: Ways, skins: FloatArray) -> list[Row]:
    rows: list[Row] = []
    for count in _RANGES:
        catalog = _range_of(skins, count)
        apart = np.sort(delta_e_2000(catalog.lab[:, None], catalog.lab), axis=1)[:, 1]
        every = np.arange(count)
        for way, known in ways.items():
            hits: list[tuple[str, bool, bool, bool]] = []
            for one, points in known:
                distance = delta_e_2000(_truth(one), catalog.lab)
                found = rank_shades(points, catalog, every, 3)
                order = [catalog.number[candidate.shade.sku] for candidate in found]
                best = int(distance.argmin())
                as_good = bool(distance[order[0]] <= distance[best] + 1)
                hits.append((one.portrait.tone, order[0] == best, best in order, as_good))
            rows += _by_tone(f"retrieval among {count}", way, float(np.median(apart)), hits)
    return rows


def _by_tone(what: str, way: str, apart: float, hits: Sequence[tuple[str, bool, bool, bool]]) -> list[Row]:
    """All, then per tone class, worst first."""

    def row(tone: str, of: Sequence[tuple[str, bool, bool, bool]]) -> Row:
        shares = 100 * np.mean([hit[1:] for hit in of], axis=0)
        return {
            "what": what,
            "by": way,
            "tone": tone,
            "n": len(of),
            "apart_de00": round(apart, 1),
            "top1": round(float(shares[0]), 1),
            "top3": round(float(shares[1]), 1),
            "top1_within_1_of_best": round(float(shares[2]), 1),
        }

    each = [row(tone, own) for tone, _ in ITA_CLASSES if (own := [hit for hit in hits if hit[0] == tone])]
    return [row("all", hits), *sorted(each, key=lambda r: float(r["top3"]))]


def _direction(ways: Ways) -> list[Row]:
    """Shades that miss by _MISS along one component only: is it named, and rightly?"""
    rows: list[Row] = []
    for way, known in ways.items():
        right, named, wrong = [], 0, 0
        for one, points in known:
            limit = acceptable_delta_e00(points[:, 0].mean())
            for axis, pair in enumerate(WORDS):
                for sign, word in zip((1, -1), pair, strict=True):
                    colour = _missing_by(_truth(one), axis, sign)
                    moves = np.median(components(points, colour), axis=0)
                    lead = int(np.abs(moves).argmax())
                    right.append(WORDS[lead][0 if moves[lead] > 0 else 1] == word)
                    told = compare_clouds(points, np.broadcast_to(colour, (1, MANY, 3)), limit)[0].direction
                    named += bool(told)
                    wrong += bool(told) and word not in told
        rows.append(
            {
                "what": f"direction of a miss of {_MISS:g} dE00",
                "by": way,
                "n": len(right),
                "largest_component_right": round(100 * float(np.mean(right)), 1),
                "named": round(100 * named / len(right), 1),
                "right_where_named": round(100 * (1 - wrong / max(named, 1)), 1),
            }
        )
    return rows


def _missing_by(truth: FloatArray, axis: int, sign: int) -> FloatArray:
    """L*a*b* that lies _MISS from the truth in lightness, hue or chroma alone."""
    lightness, chroma, hue = truth[0], np.hypot(truth[1], truth[2]), np.arctan2(truth[2], truth[1])

    def at(step: FloatArray) -> FloatArray:
        moved = [lightness + 0 * step, hue + 0 * step, chroma + 0 * step]
        moved[axis] = moved[axis] + sign * step / (chroma if axis == 1 else 1)
        return np.stack([moved[0], moved[2] * np.cos(moved[1]), moved[2] * np.sin(moved[1])], axis=-1)

    found: FloatArray = at_distance(truth, at, np.array([_MISS]))[0]
    return found


def _verdicts(ways: Ways) -> list[Row]:
    """Verdicts by true difference. Shades of a photo share its error, so the bound counts photos."""
    rows: list[Row] = []
    for way, known in ways.items():
        for (low, high), each in zip(_BANDS, _PER_PORTRAIT, strict=True):
            by_photo: list[list[str]] = []
            for number, (one, points) in enumerate(known):
                rng = np.random.default_rng(number)
                shades = random_misses(_truth(one), rng.uniform(low, high, each), rng)
                by_photo.append(_told(points, worn_catalog(shades)))
            told = [verdict for photo in by_photo for verdict in photo]
            row: Row = {"what": "verdict", "by": way, "true_de00": f"{low:g} to {high:g}", "n": len(told)}
            for verdict in ("match", "inconclusive", "mismatch"):
                row[verdict] = round(100 * told.count(verdict) / len(told), 1)
            harm = "mismatch" if high <= _FITS else "match" if low >= _MISSES else None
            photos = sum(harm in photo for photo in by_photo)
            row["wrong"] = None if harm is None else told.count(harm)
            row["photos"] = len(known)
            row["photos_wrong_at_most"] = None if harm is None else round(100 * _upper(photos, len(known)), 1)
            rows.append(row)
    return rows


def _told(points: FloatArray, catalog: Catalog) -> list[str]:
    """Verdict on each shade."""
    rows = np.arange(len(catalog.shades))
    limit = acceptable_delta_e00(points[:, 0].mean())
    least = least_difference(points, worn_cloud(points, catalog, rows))
    judged = judge_shades(points, catalog, rows)
    return [decide(one.difference, lower, limit) for one, lower in zip(judged, least, strict=True)]


def _upper(wrong: int, count: int) -> float:
    """Upper end of the one-sided 95 % interval of a share (Wilson); 3/n where none was wrong."""
    if wrong == 0:
        return 3 / count
    z, share = 1.645, wrong / count
    middle = share + z * z / (2 * count)
    half = z * float(np.sqrt(share * (1 - share) / count + z * z / (4 * count * count)))
    return (middle + half) / (1 + z * z / count)


def _calibration(ways: Ways, skins: FloatArray) -> list[Row]:
    """Probabilities told of random skin colours, in ten bins, against how often they were right."""
    rows: list[Row] = []
    for way, known in ways.items():
        told, right = [], []
        for number, (one, points) in enumerate(known):
            rng = np.random.default_rng(number)
            limit = acceptable_delta_e00(float(_truth(one)[0]))
            near = skins[delta_e_2000(points.mean(axis=0), skins) < 12]
            shades = near[rng.choice(len(near), 24)]
            judged = judge_shades(points, worn_catalog(shades), np.arange(len(shades)))
            told += [candidate.difference.probability_acceptable for candidate in judged]
            right += (delta_e_2000(_truth(one), shades) <= limit).tolist()
        share, hit = np.array(told), np.array(right)
        bins = np.minimum((share * 10).astype(int), 9)
        off = [abs(share[bins == k].mean() - hit[bins == k].mean()) for k in range(10) if (bins == k).any()]
        weight = [(bins == k).mean() for k in range(10) if (bins == k).any()]
        rows.append(
            {
                "what": "calibration of probability_acceptable",
                "by": way,
                "n": len(share),
                "reliability_error": round(float(np.dot(off, weight)), 3),
                "worst_bin": round(float(max(off)), 3),
            }
        )
    return rows


def _speed(ways: Ways, skins: FloatArray) -> list[Row]:
    rng = np.random.default_rng(0)
    chosen = skins[rng.integers(len(skins), size=_BIG)] + rng.normal(0, 2, (_BIG, 3))
    catalog, every = worn_catalog(chosen), np.arange(_BIG)
    _, points = ways["given"][0]
    spent = []
    for _ in range(15):
        start, work = time.perf_counter(), time.process_time()
        rank_shades(points, catalog, every, 10)
        spent.append((time.perf_counter() - start, time.process_time() - work))
    wall, cpu = 1e3 * np.median(spent, axis=0)
    return [
        {"what": "speed", "rows": _BIG, "median_ms": round(float(wall), 1), "cpu_ms": round(float(cpu), 1)}
    ]
