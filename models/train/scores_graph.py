"""scores.onnx: face statistics with their sigma in, scores with 90 % intervals out.

All scores are monotone in what they are made of. Redness counts just-visible steps (+1.8 EI, Park 1997)
from the median of healthy faces of the same melanin class: 50 is that median on every tone, 5 points are
one step. The other scales are [design]: no open set pairs face photos with graded oil or sensitivity
(science.md, point 10), so they are stated in physical units and never as accuracy.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx

from models.train.fit_issa import Constants
from models.train.graph import Graph
from skinscan.scores import FEATURES, SCORES
from skinscan.types import Z90, FloatArray

__all__ = ["SCORES_ROW", "build_scores"]

_STEP = 1.8  # EI, just-visible erythema (Park 1997, science.md §1.1)
_POINTS = 5.0  # points a step
_FULL_SHINE = 15.0  # % of the light, mean over the zone, that scores 100 [design]
_SPOT_SCALE = 80.0  # (% of area) x (MI of contrast) that scores 63 [design]

SCORES_ROW: dict[str, Any] = {
    "name": "scores",
    "file": "scores.onnx",
    "inputs": [
        {
            "name": "features",
            "shape": ["faces", len(FEATURES)],
            "dtype": "float32",
            "unit": "; ".join(FEATURES),
        },
        {"name": "sigma", "shape": ["faces", len(FEATURES)], "dtype": "float32", "unit": "as features"},
    ],
    "outputs": [
        {
            "name": "scores",
            "shape": ["faces", len(SCORES), 3],
            "dtype": "float32",
            "unit": f"value, low, high of {', '.join(SCORES)}",
            "range": [0, 100],
        },
        {"name": "percentile", "shape": ["faces", 1], "dtype": "float32", "unit": "%", "range": [1, 99]},
    ],
    "trained_on": "percentiles of ISSA (Lu et al. 2025, CC BY 4.0), face records of training people",
    "licence": "Apache-2.0",
    "url": None,
}


def build_scores(constants: Constants) -> onnx.ModelProto:
    """Build the graph: scores at the features, and at each feature one sigma up and down."""
    g = Graph("scores")
    count = len(FEATURES)
    features = g("Unsqueeze", g.input("features", ("faces", count)), g.const([1], np.int64))
    sigma = g("Unsqueeze", g.input("sigma", ("faces", count)), g.const([1], np.int64))
    moves = np.concatenate([np.zeros((1, count)), np.eye(count), -np.eye(count)])[None]
    moved = g("Add", features, g("Mul", sigma, g.const(moves)))  # (faces, 1 + 2F, F)
    points = _points(g, constants, moved)  # (faces, 1 + 2F, M)
    centre, up, down = (
        _rows(g, points, *ends) for ends in ((0, 1), (1, 1 + count), (1 + count, 1 + 2 * count))
    )
    half = g("Mul", g("Abs", g("Sub", up, down)), 0.5)
    spread = g("Sqrt", g("ReduceSum", g("Mul", half, half), g.const([1], np.int64), keepdims=1))
    reach = g("Mul", spread, Z90)
    stacked = g("Concat", centre, g("Sub", centre, reach), g("Add", centre, reach), axis=1)
    bounded = g("Clip", g("Transpose", stacked, perm=[0, 2, 1]), 0.0, 100.0)
    g.output("scores", bounded, ("faces", len(SCORES), 3))
    g.output("percentile", _percentile(g, constants, features), ("faces", 1))
    return g.model("Rules with stated constants. See models/README.md.")


def _points(g: Graph, constants: Constants, features: str) -> str:
    """Unbounded scores, (faces, rows, M), of features (faces, rows, F)."""
    f = {name: _column(g, features, name) for name in FEATURES}
    usual = _by_melanin(g, constants, f["melanin_index"], constants.class_erythema[:, None])
    above = g("Sub", f["erythema_index"], usual)
    steps = _POINTS / _STEP
    reactive = g(
        "Sum",
        g("Mul", g("Relu", above), 0.5),
        g("Mul", g("Relu", f["erythema_central"]), 0.5),
        g("Relu", f["erythema_patchiness"]),
    )
    shine = g("Add", f["shine_t_zone"], f["shine_u_zone"])
    spots = g("Mul", g("Relu", f["spot_area"]), g("Relu", f["spot_contrast"]))
    by_name = {
        "redness": g("Add", g("Mul", above, steps), 50.0),
        "redness_local": g("Mul", f["erythema_peak"], steps),
        "oil_balance": g("Mul", shine, 50 / _FULL_SHINE),
        "sensitivity": g("Mul", reactive, steps),
        "pigmentation": g("Mul", g("Sub", 1.0, g("Exp", g("Mul", spots, -1 / _SPOT_SCALE))), 100.0),
    }
    return g("Concat", *(by_name[name] for name in SCORES), axis=2)


def _by_melanin(g: Graph, constants: Constants, melanin: str, table: FloatArray) -> str:
    """Row of a table (classes, C) interpolated between the melanin classes: (faces, rows, C)."""
    edges = constants.class_melanin
    way = g("Div", g("Sub", melanin, g.const(edges[:-1])), g.const(np.diff(edges)))
    way = g("Clip", way, 0.0, 1.0)  # (faces, rows, classes - 1): how far past each class
    return g("Add", g("MatMul", way, g.const(np.diff(table, axis=0))), g.const(table[0]))


def _percentile(g: Graph, constants: Constants, features: str) -> str:
    """Percent of healthy faces of the same melanin class that are less red, 1..99."""
    quantiles = _by_melanin(g, constants, _column(g, features, "melanin_index"), constants.class_quantiles)
    low = g("Slice", quantiles, g.const([0], np.int64), g.const([98], np.int64), g.const([2], np.int64))
    high = g("Slice", quantiles, g.const([1], np.int64), g.const([99], np.int64), g.const([2], np.int64))
    past = g(
        "Div", g("Sub", _column(g, features, "erythema_index"), low), g("Max", g("Sub", high, low), 1e-3)
    )
    count = g("ReduceSum", g("Clip", past, 0.0, 1.0), g.const([2], np.int64), keepdims=0)
    return g("Add", count, 1.0)


def _column(g: Graph, features: str, name: str) -> str:
    return g("Gather", features, g.const([FEATURES.index(name)], np.int64), axis=2)


def _rows(g: Graph, value: str, start: int, stop: int) -> str:
    ends = (g.const([n], np.int64) for n in (start, stop, 1))
    return g("Slice", value, *ends)
