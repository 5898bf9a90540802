"""scores.onnx: numbers of a face in, scores with their intervals out.

Every score is monotone in what it is made of. A rule with stated constants gives a raw number in units of its
own (EI, % of the light, MI); a scale laid on real people turns it into points
(models/training/fit/fit_people.py): 50 the median adult and 10 a tenth of adults for redness, oil and
pigmentation, 0 nothing visible and 100 the worst grade for sensitivity and blemishes. The absolute interval
is that of the raw number, laid on the same scale; the other one is of another photo in this light.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnx

from models.training.graphs.graph import Graph
from models.training.issa_constants import Constants
from skinscan.measure.score_features import FEATURES
from skinscan.measure.scores import SCORES
from skinscan.types import FloatArray

__all__ = ["RAW", "RULES", "SCORES_ROW", "build_scores", "points_of", "raw_of"]

# Raw redness, EI: how far the face is above its melanin class, which a camera may shift by several EI, and
# how far its reddest skin and its centre stand out, which no camera shifts [design].
_ABOVE, _PEAK, _CENTRAL = 0.5, 0.5, 0.5
_REACTIVE_PEAK, _REACTIVE_PATCHES = (
    0.5,
    1.0,
)  # of either beside central redness, raw sensitivity in EI [design]

RULES: dict[str, Any] = {
    "scores": {name: {"reach": [1.0]} for name in SCORES},
    "melanin": [0.0],
}
"""Intervals of one sigma."""

RAW: dict[str, Any] = {
    "scores": {name: {"at": [0.0, 100.0], "points": [0.0, 100.0], "repeat": [0.0, 0.0]} for name in SCORES}
}
"""Points are the raw numbers."""

_ROW = {"dtype": "float32"}
SCORES_ROW: dict[str, Any] = {
    "name": "scores",
    "file": "scores.onnx",
    "inputs": [
        {"name": "features", "shape": ["faces", len(FEATURES)], **_ROW, "unit": "; ".join(FEATURES)},
        {"name": "sigma", "shape": ["faces", len(FEATURES)], **_ROW, "unit": "as features"},
    ],
    "outputs": [
        {
            "name": "scores",
            "shape": ["faces", len(SCORES), 3],
            "dtype": "float32",
            "unit": f"value, low, high of {', '.join(SCORES)}",
            "range": [0, 100],
        },
        {
            "name": "repeat",
            "shape": ["faces", len(SCORES), 2],
            "dtype": "float32",
            "unit": "low, high of the same scores in another photo in this light",
            "range": [0, 100],
        },
        {"name": "raw", "shape": ["faces", len(SCORES)], "dtype": "float32", "unit": "before the scale"},
        {"name": "percentile", "shape": ["faces", 1], "dtype": "float32", "unit": "%", "range": [1, 99]},
        {"name": "error", "shape": ["faces", len(SCORES)], "dtype": "float32", "unit": "as raw, to expect"},
    ],
    "trained_on": "rendered portraits of training people; percentiles of ISSA (Lu et al. 2025, CC BY 4.0),"
    " face records of training people; scales of openly licensed portraits: Face Research Lab London Set (odd"
    " ids) and Young Adult White Faces (DeBruine and Jones 2017, CC BY 4.0)",
    "licence": "Apache-2.0",
    "url": None,
}


def raw_of(truth: Mapping[str, float], constants: Constants) -> dict[str, float]:
    """What the raw number of each score should be, from the truth of a rendered photo (graded_faces.facts).

    NaN where the truth of a photo does not tell: sensitivity, whose scale is severity itself, and blemishes.
    """
    usual = float(np.interp(truth["melanin"], constants.class_melanin, constants.class_erythema))
    above, peak, central = truth["erythema"] - usual, truth["peak"], truth["central"]
    raw = {
        "redness": _ABOVE * above + _PEAK * peak + _CENTRAL * central,
        "redness_local": peak,
        "oil_balance": truth["highlights"],
        "sensitivity": np.nan,
        "pigmentation": truth["spot_strength"],
        "blemishes": np.nan,
    }
    return {name: float(raw[name]) for name in SCORES}


def points_of(
    truth: Mapping[str, float], constants: Constants, people: Mapping[str, Any]
) -> dict[str, float]:
    """What each score should be, 0..100, from the truth of a rendered photo; blemishes are not told: NaN."""
    points = {
        name: float(np.interp(raw, people["scores"][name]["at"], people["scores"][name]["points"]))
        for name, raw in raw_of(truth, constants).items()
    }
    return points | {"sensitivity": 100 * truth["severity"], "blemishes": float("nan")}


def build_scores(
    constants: Constants, fitted: Mapping[str, Any], people: Mapping[str, Any]
) -> onnx.ModelProto:
    """Build the graph from ISSA's constants, what `fit_scores` found (or RULES) and `fit_people` (or RAW)."""
    g = Graph("scores")
    count = len(FEATURES)
    features = g.input("features", ("faces", count))
    sigma = g.input("sigma", ("faces", count))
    raw, error = _rules(g, constants, features, sigma)
    melanin = _column(g, features, "melanin_index")  # (faces, 1)
    reaches = []
    for name in SCORES:
        reach = people["scores"][name].get("reach")
        by_class = fitted["scores"][name]["reach"] if reach is None else [reach] * len(fitted["melanin"])
        reaches.append(_between(g, melanin, np.array(fitted["melanin"]), np.array(by_class)[:, None]))
    reach = g("Mul", error, g("Concat", *reaches, axis=1))
    scales = [people["scores"][name] for name in SCORES]
    points, low, high = (_scaled(g, end, scales) for end in (raw, g("Sub", raw, reach), g("Add", raw, reach)))
    g.output("scores", _stacked(g, points, low, high), ("faces", len(SCORES), 3))
    level, share = (g.const([[scale["repeat"][k] for scale in scales]]) for k in (0, 1))
    again = g("Add", level, g("Mul", points, share))
    less, more = (g("Clip", g(sign, points, again), 0.0, 100.0) for sign in ("Sub", "Add"))
    g.output("repeat", _stacked(g, less, more), ("faces", len(SCORES), 2))
    g.output("raw", raw, ("faces", len(SCORES)))
    g.output("percentile", _percentile(g, constants, features), ("faces", 1))
    g.output("error", error, ("faces", len(SCORES)))
    return g.model("Rules with stated constants. See models/README.md.")


def _stacked(g: Graph, *planes: str) -> str:
    """(faces, scores) each, to (faces, scores, planes)."""
    return g("Concat", *(g("Unsqueeze", plane, g.const([2], np.int64)) for plane in planes), axis=2)


def _scaled(g: Graph, raw: str, scales: Sequence[Mapping[str, Any]]) -> str:
    """Points 0..100 of raw numbers (faces, scores)."""
    points = (
        _between(g, _nth(g, raw, number), np.array(scale["at"]), np.array(scale["points"])[:, None])
        for number, scale in enumerate(scales)
    )
    return g("Clip", g("Concat", *points, axis=1), 0.0, 100.0)


def _rules(g: Graph, constants: Constants, features: str, sigma: str) -> tuple[str, str]:
    """Raw numbers by the rules and their sigma, both (faces, scores).

    The sigma is half of what each feature's moves by one sigma up and down change, in quadrature.
    """
    count = len(FEATURES)
    moves = np.concatenate([np.zeros((1, count)), np.eye(count), -np.eye(count)])[None]
    one = g.const([1], np.int64)
    moved = g("Add", g("Unsqueeze", features, one), g("Mul", g("Unsqueeze", sigma, one), g.const(moves)))
    points = _points(g, constants, moved)  # (faces, 1 + 2F, scores)
    centre, up, down = (
        _rows(g, points, *ends) for ends in ((0, 1), (1, 1 + count), (1 + count, 1 + 2 * count))
    )
    half = g("Mul", g("Abs", g("Sub", up, down)), 0.5)
    spread = g("Sqrt", g("ReduceSum", g("Mul", half, half), one, keepdims=0))
    return g("Squeeze", centre, one), spread


def _points(g: Graph, constants: Constants, features: str) -> str:
    """Raw numbers by the rules, (faces, rows, scores), of features (faces, rows, F)."""
    f = {name: _column(g, features, name, axis=2) for name in FEATURES}
    usual = _by_melanin(g, constants, f["melanin_index"], constants.class_erythema[:, None])
    above = g("Sub", f["erythema_index"], usual)
    peak, central, patches = (f[f"erythema_{name}"] for name in ("peak", "central", "patchiness"))
    by_name = {
        "redness": g("Sum", g("Mul", above, _ABOVE), g("Mul", peak, _PEAK), g("Mul", central, _CENTRAL)),
        "redness_local": peak,
        "oil_balance": f["highlights"],
        "sensitivity": g(
            "Sum", central, g("Mul", peak, _REACTIVE_PEAK), g("Mul", g("Relu", patches), _REACTIVE_PATCHES)
        ),
        "pigmentation": f["spot_strength"],
        "blemishes": f["blemish_density"],
    }
    return g("Concat", *(by_name[name] for name in SCORES), axis=2)


def _between(g: Graph, position: str, at: FloatArray, table: FloatArray) -> str:
    """Row of a table (K, C) interpolated at `position` (..., 1) between the K places `at`: (..., C)."""
    if len(at) == 1:
        return g.const(table)
    way = g("Div", g("Sub", position, g.const(at[:-1])), g.const(np.diff(at)))
    way = g("Clip", way, 0.0, 1.0)  # (..., K - 1): how far past each place
    return g("Add", g("MatMul", way, g.const(np.diff(table, axis=0))), g.const(table[0]))


def _by_melanin(g: Graph, constants: Constants, melanin: str, table: FloatArray) -> str:
    """Row of a table (classes, C) interpolated between the melanin classes of ISSA."""
    return _between(g, melanin, constants.class_melanin, table)


def _percentile(g: Graph, constants: Constants, features: str) -> str:
    """Percent of healthy faces of the same melanin class that are less red, 1..99."""
    quantiles = _by_melanin(g, constants, _column(g, features, "melanin_index"), constants.class_quantiles)
    low = g("Slice", quantiles, g.const([0], np.int64), g.const([98], np.int64), g.const([1], np.int64))
    high = g("Slice", quantiles, g.const([1], np.int64), g.const([99], np.int64), g.const([1], np.int64))
    past = g(
        "Div", g("Sub", _column(g, features, "erythema_index"), low), g("Max", g("Sub", high, low), 1e-3)
    )
    count = g("ReduceSum", g("Clip", past, 0.0, 1.0), g.const([1], np.int64), keepdims=1)
    return g("Add", count, 1.0)


def _column(g: Graph, features: str, name: str, axis: int = 1) -> str:
    return g("Gather", features, g.const([FEATURES.index(name)], np.int64), axis=axis)


def _nth(g: Graph, values: str, number: int) -> str:
    return g("Gather", values, g.const([number], np.int64), axis=1)


def _rows(g: Graph, value: str, start: int, stop: int) -> str:
    ends = (g.const([n], np.int64) for n in (start, stop, 1))
    return g("Slice", value, *ends)
