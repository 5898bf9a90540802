"""Lay the scales of scores on real people: 50, a tenth of adults, what is healthy, what repeats.

    python -m models.training.fit.fit_people ../shared/real

Measures openly licensed portraits (people_photos.py) up to the raw numbers of scores.onnx, five minutes of
one core with what is painted on them, and writes models/training/data/people.json, of which
`models.training.export` makes the graph. After fit_scores and fit_blemishes; again whenever maps change.

Redness, oil and pigmentation: 10 to 90 points are the deciles of these adults, and the ends leave room for
what healthy people do not have. Sensitivity and blemishes: 95 % of healthy adults lie below 18, and 100 is
the worst grade, reactivity of severity 1 painted on these faces, or 5 EI/cm2 of spots. Intervals of another
photo come from the neutral and the smiling photo of the London people.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime

from models.renderer.reactivity import reactive, reactive_blood
from models.training.fit.fit_blemishes import paint_spots
from models.training.fit.fit_scores import DATA as SCORES_DATA
from models.training.fit.people_photos import SOURCES, PersonPhoto, people_photos
from models.training.graphs.scores_graph import RAW, build_scores
from models.training.issa_constants import fit_constants
from skinscan.facemesh.canonical_face import load_canonical
from skinscan.measure.blemishes import blemish_skin, find_candidates
from skinscan.measure.score_features import FEATURES
from skinscan.measure.scores import METRIC, SCORES, measure_face
from skinscan.types import JUST_VISIBLE, FloatArray, FloatMap, SkinMaps

__all__ = ["DATA", "fit_people", "read_scales"]

DATA = Path(__file__).parents[1] / "data" / "people.json"

_BY_DECILES = ("redness", "oil_balance", "pigmentation")
_DECILES = np.arange(0.1, 0.95, 0.1)
_BELOW, _ABOVE = (
    0.6,
    1.5,
)  # of the way from the median to the outer decile, beyond it, to 0 and to 100 [design]
_HEALTHY = 18.0  # points below which 95 % of healthy adults lie: 20 with a margin for other people [design]
_WORST_BLEMISHES = 5.0  # EI/cm2: a spot of +10 EI on every 2 cm2, fifty on half a face [design]
_MORE_WITH_SIZE = 0.2  # of a severity: how much of its repeatability goes with it [design]
_PAINTED = 3  # times each photo is painted
_LEVEL = 0.9


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """Raw numbers of one photo, or of one painted."""

    set: str
    person: str
    kind: str
    severity: float  # of painted reactivity; 0 as it is
    truth: float  # EI/cm2 of spots, own and painted
    raw: FloatArray  # (SCORES,)
    error: FloatArray  # (SCORES,) of it, as the graph expects
    usable: tuple[bool, ...]  # by score


class _Graph:
    """Features to raw numbers, by the graph as it is built now."""

    def __init__(self) -> None:
        model = build_scores(fit_constants(), json.loads(SCORES_DATA.read_text()), RAW)
        self._session = onnxruntime.InferenceSession(model.SerializeToString())

    def __call__(self, photo: PersonPhoto, maps: SkinMaps, severity: float, truth: float) -> _Row | None:
        found = measure_face(photo.texture, maps, photo.zone_masks, photo.light).found
        if not found.values:
            return None
        columns = [[found.values[name][k] for name in FEATURES] for k in (0, 1)]
        feeds = dict(zip(("features", "sigma"), columns, strict=True))
        raw, error = self._session.run(
            ["raw", "error"], {name: np.array([row], np.float32) for name, row in feeds.items()}
        )
        blocked = {*found.blocked, *photo.quality.disabled}
        return _Row(
            set=photo.set, person=photo.person, kind=photo.kind, severity=severity, truth=truth,
            raw=raw[0].astype(np.float64), error=error[0].astype(np.float64),
            usable=tuple(METRIC[name] not in blocked for name in SCORES),
        )  # fmt: skip


def read_scales() -> dict[str, Any]:
    """What was fitted last."""
    scales: dict[str, Any] = json.loads(DATA.read_text())
    return scales


def fit_people(folder: Path) -> dict[str, Any]:
    """Scales, repeatability, and the reach of scores that no rendered photo tells, as plain numbers."""
    own, reactions, spotted = _measured(folder)
    scores: dict[str, Any] = {}
    for number, name in enumerate(SCORES):
        healthy = [row for row in own if row.usable[number]]
        scale = _scale(name, number, healthy, reactions)
        share = _MORE_WITH_SIZE if name in ("sensitivity", "blemishes") else 0.0
        pairs = _pairs(healthy, number, scale)
        level = _quantile(np.abs(pairs[:, 0] - pairs[:, 1]) - share * pairs.mean(axis=1))
        scores[name] = {**scale, "repeat": [round(max(level, 0.5), 2), share], **_told(pairs)}
    scores["sensitivity"]["reach"] = _reach(
        SCORES.index("sensitivity"),
        [(row, float(np.interp(100 * row.severity, *_turned(scores["sensitivity"])))) for row in reactions],
    )
    scores["blemishes"]["reach"] = _reach(SCORES.index("blemishes"), [(row, row.truth) for row in spotted])
    return {
        "made_by": "python -m models.training.fit.fit_people",
        "sources": list(SOURCES),
        "photos": len(own),
        "people": len({(row.set, row.person) for row in own}),
        "scores": scores,
    }


def _measured(folder: Path) -> tuple[list[_Row], list[_Row], list[_Row]]:
    """Photos as they are, with reactivity painted on their maps, and with spots painted on them."""
    graph, rng = _Graph(), np.random.default_rng(0)
    own: list[_Row] = []
    reactions: list[_Row] = []
    spotted: list[_Row] = []
    for photo in people_photos(folder):
        maps = photo.maps
        plain = graph(photo, maps, 0.0, 0.0)
        if plain is None:
            continue
        own.append(plain)
        density = float(plain.raw[SCORES.index("blemishes")])
        for _ in range(_PAINTED):
            severity = float(rng.random())
            blood = reactive_blood(rng, reactive(severity, rng))
            red = replace(maps, erythema=(maps.erythema + blood).astype(np.float32))
            reactions += [row] if (row := graph(photo, red, severity, 0.0)) else []
        rise, darker, mole = paint_spots(maps.valid & blemish_skin(), rng)
        painted = replace(maps, erythema=maps.erythema + rise, melanin=maps.melanin + darker + mole)
        truth = density + _painted_density(rise, photo)
        spotted += [row] if (row := graph(photo, painted, 0.0, truth)) else []
        print(f"{photo.set} {photo.person} {photo.kind}", flush=True)
    return own, reactions, spotted


def _painted_density(rise: FloatMap, photo: PersonPhoto) -> float:
    """EI/cm2 of the painted spots alone, were each found and nothing else."""
    found = find_candidates(rise, np.zeros_like(rise), photo.maps.valid, photo.texture.cosine)
    return float(found.height.sum() / max(load_canonical().area_cm2[found.skin].sum(), 1e-6))


def _scale(name: str, number: int, healthy: list[_Row], reactions: list[_Row]) -> dict[str, Any]:
    """Where raw numbers lie in points."""
    values, weights = _by_person(healthy, number)
    if name in _BY_DECILES:
        at = _weighted(values, weights, _DECILES)
        middle, low, high = at[4], at[0], at[-1]
        at = np.concatenate([[low - _BELOW * (middle - low)], at, [high + _ABOVE * (high - middle)]])
        points = np.concatenate([[0.0], 100 * _DECILES, [100.0]])
    elif name == "redness_local":
        at, points = np.array([0.0, 20 * JUST_VISIBLE]), np.array([0.0, 100.0])
    elif name == "sensitivity":
        worst = [row.raw[number] for row in reactions if row.severity > 0.9]
        low, high = _weighted(values, weights, np.array([0.02, 0.95]))
        at, points = np.array([low, high, np.quantile(worst, 0.9)]), np.array([0.0, _HEALTHY, 100.0])
    else:
        studio = [row for row in healthy if row.set == "london"]  # Canada faces have spots
        [usual] = _weighted(*_by_person(studio, number), np.array([0.95]))
        power = np.log(_HEALTHY / 100) / np.log(usual / _WORST_BLEMISHES)
        at = _WORST_BLEMISHES * np.array([0.0, 0.01, 0.03, 0.06, 0.12, 0.25, 0.5, 1.0])
        points = 100 * (at / _WORST_BLEMISHES) ** power
    at = np.maximum.accumulate(at + 1e-6 * np.arange(len(at)))
    return {"at": [float(f"{v:.5g}") for v in at], "points": [round(float(p), 2) for p in points]}


def _by_person(rows: list[_Row], number: int) -> tuple[FloatArray, FloatArray]:
    """Raw numbers and weights: every person counts the same, however many photos there are."""
    people = [(row.set, row.person) for row in rows]
    return (
        np.array([row.raw[number] for row in rows]),
        np.array([1 / people.count(person) for person in people]),
    )


def _weighted(values: FloatArray, weights: FloatArray, shares: FloatArray) -> FloatArray:
    """Quantiles of weighted values."""
    order = np.argsort(values)
    passed = np.cumsum(weights[order]) - weights[order] / 2
    return np.interp(shares, passed / weights.sum(), values[order])


def _pairs(rows: list[_Row], number: int, scale: dict[str, Any]) -> FloatArray:
    """(P, 2) points of the neutral and the smiling photo of a person."""
    by_kind = {
        kind: {
            row.person: float(np.interp(row.raw[number], scale["at"], scale["points"]))
            for row in rows
            if row.kind == kind
        }
        for kind in ("neutral", "smiling")
    }
    both = sorted(by_kind["neutral"].keys() & by_kind["smiling"].keys())
    return np.array([[by_kind[kind][person] for kind in by_kind] for person in both])


def _told(pairs: FloatArray) -> dict[str, float]:
    """Spread between these people, points, and intraclass correlation ICC(1,1) of their two photos."""
    between = 2 * pairs.mean(axis=1).var(ddof=1)
    within = float(np.square(pairs[:, 0] - pairs[:, 1]).mean() / 2)
    icc = (between - within) / (between + within)
    return {"pairs": len(pairs), "sd": round(float(pairs.std(ddof=1)), 2), "icc": round(float(icc), 3)}


def _turned(scale: dict[str, Any]) -> tuple[list[float], list[float]]:
    return scale["points"], scale["at"]


def _reach(number: int, rows: list[tuple[_Row, float]]) -> float:
    """What the expected error is multiplied by so that 90 % are held."""
    ratio = [abs(row.raw[number] - truth) / row.error[number] for row, truth in rows if row.usable[number]]
    return round(_quantile(np.array(ratio)), 3)


def _quantile(values: FloatArray) -> float:
    """The quantile that holds 90 % of what comes next."""
    rank = min(int(np.ceil((len(values) + 1) * _LEVEL)), len(values))
    return float(np.sort(values)[rank - 1])


def main() -> None:
    """Fit, write, and print what the card says."""
    fitted = fit_people(Path(sys.argv[1]))
    part = DATA.with_suffix(".part")
    part.write_text(json.dumps(fitted, indent=1) + "\n")
    part.replace(DATA)
    print("| score | ICC, two photos | SD between people | another photo within |\n|---|---|---|---|")
    for name, own in fitted["scores"].items():
        level, share = own["repeat"]
        more = f" and {100 * share:.0f} %" if share else ""
        print(f"| {name} | {own['icc']} | {own['sd']} | {level}{more} |")


if __name__ == "__main__":
    main()
