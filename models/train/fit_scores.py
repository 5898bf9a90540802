"""Fit scores.onnx on rendered people whose truth is known, against whatever models/skinmaps.onnx is there.

    python -m models.train.fit_scores --people 400 --seed 0

Renders what is not yet in `.cache/scores` (1.5 s a person), scans everything, fits the designs on some of
the training people, picks per score the one that is best on people left out in turn, calibrates its
intervals on people that no fit has seen, and writes models/train/data/scores.json, of which
`models.train.export` makes the graph. Test people take no part. Prints the comparison of designs.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import pickle
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from scipy.optimize import lsq_linear, minimize

from models.train.fit_issa import Constants, fit_constants
from models.train.score_faces import CACHE, facts, is_calibration, score_faces
from models.train.scores_graph import MOST, RULES, build_scores, points_of
from skinscan import face, features, light, photo, quality, skinmaps, texture, zones
from skinscan.bench.agreement import correlation, rank_correlation
from skinscan.errors import FaceError, PhotoError
from skinscan.face import find_face
from skinscan.features import CONDITIONS, FEATURES, face_features, visible
from skinscan.light import estimate_light
from skinscan.photo import open_photo
from skinscan.quality import check_quality
from skinscan.scores import METRIC, SCORES
from skinscan.skinmaps import map_skin
from skinscan.texture import unwrap
from skinscan.types import FloatArray
from skinscan.weights import resolve
from skinscan.zones import cut_zones

__all__ = ["DATA", "fit_scores"]

DATA = Path(__file__).parent / "data" / "scores.json"

# What each learned score may look at, and which way it must go: 1 rises, -1 falls.
INPUTS: dict[str, dict[str, int]] = {
    "oil_balance": {
        "shine_t_zone": 1, "shine_u_zone": 1, "shine_t_top": 1, "shine_u_top": 1, "glow_t": 1, "glow_u": 1,
        "lobe_forehead": 1, "lobe_cheeks": 1, "wash_t": 1, "wash_u": 1,
    },
    "sensitivity": {
        "erythema_central": 1, "erythema_cheeks": 1, "erythema_patches": 1, "erythema_vessels": 1,
        "erythema_patchiness": 1, "erythema_peak": 1, "pale_flakes": 1, "grain": -1,
    },
    "pigmentation": {"spot_area": 1, "spot_contrast": 1, "spot_count": 1, "spot_fine": 1, "grain": -1},
}  # fmt: skip
_QUANTILES = (0.02, 0.15, 0.35, 0.6, 0.8, 0.92, 0.99)  # of a feature, where its curve may bend
_HIDDEN = 6
_RIDGE = 3.0
_FOLDS = 5
_CLASSES = 5  # of measured melanin, equally many calibration faces each
_LEVEL = 0.9
_LEAST_GAIN = 0.03  # share of the rule's error that a learned score must save to replace it


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Scanned faces as columns; N faces."""

    features: FloatArray  # (N, FEATURES)
    sigma: FloatArray  # (N, FEATURES)
    conditions: FloatArray  # (N, CONDITIONS)
    truth: FloatArray  # (N, SCORES) points
    usable: FloatArray  # (N, SCORES) 1 where no check forbids the score
    tone: Any  # (N,) class of the measured cheek
    fold: FloatArray  # (N,) 0.. by person; -1 calibration

    def take(self, which: Any) -> Rows:
        """The faces of a mask."""
        return Rows(**{name: getattr(self, name)[which] for name in self.__slots__})


def fit_scores(people: int, seed: int) -> dict[str, Any]:
    """Everything `build_scores` needs beside the constants of ISSA, as plain numbers."""
    constants = fit_constants()
    rows, refused = _collect(people, seed, constants)
    edges, scores = _melanin_classes(rows), {}
    for number, name in enumerate(SCORES):
        scores[name] = _fit_one(name, number, rows, edges, constants)
    return {
        "made_by": f"python -m models.train.fit_scores --people {people} --seed {seed}",
        "skinmaps_sha256": resolve("skinmaps").sha256,
        "faces": len(rows.tone),
        "refused": refused,
        "calibration_faces": int((rows.fold < 0).sum()),
        "melanin": [round(v, 2) for v in edges.tolist()],
        "scores": scores,
    }


def _collect(people: int, seed: int, constants: Constants) -> tuple[Rows, int]:
    refused, rows = 0, _Measured()
    columns: dict[str, list[Any]] = {name: [] for name in Rows.__slots__}
    for done, one in enumerate(score_faces(seed, 0, people), start=1):
        row = rows(one.jpeg)
        if row is None:
            refused += 1
            continue
        points = points_of(facts(one.truth), constants)
        columns["truth"].append([points[name] for name in SCORES])
        columns["tone"].append(one.tone)
        columns["fold"].append(-1 if is_calibration(one.person) else sum(one.person.encode()) % _FOLDS)
        for name, value in row.items():
            columns[name].append(value)
        if done % 100 == 0:
            rows.keep()
            print(f"{done} photos", flush=True)
    rows.keep()
    return Rows(**{name: np.array(values) for name, values in columns.items()}), refused


class _Measured:
    """Rows of photos, kept from run to run for as long as model and stages stay the same."""

    def __init__(self) -> None:
        stages = (face, features, light, photo, quality, skinmaps, texture, zones)
        code = b"".join(Path(str(stage.__file__)).read_bytes() for stage in stages)
        digest = hashlib.sha256(code + resolve("skinmaps").sha256.encode()).hexdigest()[:16]
        self._file = CACHE / f"rows-{digest}.pickle"
        self._known: dict[str, Any] = {}
        if self._file.exists():
            self._known = pickle.loads(self._file.read_bytes())

    def __call__(self, jpeg: bytes) -> dict[str, Any] | None:
        key = hashlib.sha256(jpeg).hexdigest()
        if key not in self._known:
            self._known[key] = _row(jpeg)
        row: dict[str, Any] | None = self._known[key]
        return row

    def keep(self) -> None:
        """Write what is known, whole or not at all."""
        part = self._file.with_suffix(".part")
        part.write_bytes(pickle.dumps(self._known))
        part.replace(self._file)


def _row(jpeg: bytes) -> dict[str, Any] | None:
    """What the stages before the scores say of a photo; None if it is refused."""
    try:
        picture = open_photo(jpeg)
        head = find_face(picture)
    except (PhotoError, FaceError):
        return None
    unwrapped = unwrap(picture, head, None)
    lit = estimate_light(picture, head, unwrapped, None)
    maps = map_skin(unwrapped, lit, "cpu")
    checks = check_quality(picture, head, unwrapped, lit, maps)
    found = face_features(unwrapped, maps, visible(cut_zones(unwrapped), maps.valid), lit, checks)
    if not found.values:
        return None
    return {
        "features": [found.values[name][0] for name in FEATURES],
        "sigma": [found.values[name][1] for name in FEATURES],
        "conditions": [found.conditions[name] for name in CONDITIONS],
        "usable": [float(METRIC[n] not in {*found.blocked, *checks.disabled}) for n in SCORES],
    }


# ---- designs: features (N, F) in, points (N,) out


Predict = Callable[[FloatArray], FloatArray]


def curves(design: dict[str, Any], features: FloatArray) -> FloatArray:
    """Sum of monotone piecewise-linear curves, level outside the range that was seen."""
    total = np.full(len(features), float(design["offset"]))
    for name, curve in design["curves"].items():
        x = features[:, FEATURES.index(name)]
        total += np.interp(x, curve["at"], curve["points"])
    return total


def net(design: dict[str, Any], features: FloatArray) -> FloatArray:
    """Monotone network: positive weights throughout after each input has its sign."""
    given = [FEATURES.index(name) for name in design["inputs"]]
    centre, scale = np.array(design["centre"]), np.array(design["scale"])
    x = np.clip((features[:, given] - centre) / scale, -MOST, MOST)
    hidden = np.tanh(x @ np.array(design["first"]) + np.array(design["bias"]))
    return np.asarray(hidden @ np.array(design["second"]) + design["offset"])


def _fit_curves(inputs: dict[str, int], features: FloatArray, goal: FloatArray) -> dict[str, Any]:
    """Least absolute error by reweighting, slopes held to their signs, a little ridge."""
    knots = {n: _knots(features[:, FEATURES.index(n)]) for n in inputs}
    ramps, owner = [np.ones(len(goal))], [""]
    for name, at in knots.items():
        x = features[:, FEATURES.index(name)]
        for low, high in pairwise(at):
            ramps.append(np.clip((x - low) / (high - low), 0, 1))
            owner.append(name)
    design = np.stack(ramps, axis=1)
    least = np.array([-np.inf, *(0.0 if inputs[n] > 0 else -np.inf for n in owner[1:])])
    most = np.array([np.inf, *(0.0 if inputs[n] < 0 else np.inf for n in owner[1:])])
    ridge = np.sqrt(_RIDGE) * np.eye(len(owner))
    ridge[0] = 0
    weight = np.ones(len(goal))
    for _ in range(12):
        root = np.sqrt(weight)[:, None]
        system = np.concatenate([design * root, ridge])
        solution = lsq_linear(
            system, np.concatenate([goal * root[:, 0], np.zeros(len(owner))]), (least, most)
        ).x
        weight = 1 / np.maximum(np.abs(goal - design @ solution) / 5.0, 1.0)
    found: dict[str, Any] = {"offset": round(float(solution[0]), 3), "curves": {}}
    for name, at in knots.items():
        steps = [solution[k] for k in range(1, len(owner)) if owner[k] == name]
        if np.abs(steps).sum() < 0.05:
            continue  # no use
        points = np.concatenate([[0.0], np.cumsum(steps)])
        found["curves"][name] = {
            "at": [float(f"{v:.5g}") for v in at],
            "points": [round(float(v), 3) for v in points],
        }
    return found


def _knots(x: FloatArray) -> FloatArray:
    at = np.quantile(x, _QUANTILES)
    keep = np.concatenate([[True], np.diff(at) > 1e-6 * max(float(np.ptp(x)), 1e-9)])
    return np.asarray(at[keep] if keep.sum() > 1 else [at[0], at[0] + 1.0])


def _fit_net(inputs: dict[str, int], features: FloatArray, goal: FloatArray) -> dict[str, Any]:
    """Smooth absolute error by L-BFGS from a fixed seed."""
    given = features[:, [FEATURES.index(n) for n in inputs]]
    signs = np.array(list(inputs.values()), float)
    centre, scale = given.mean(axis=0), np.maximum(given.std(axis=0), 1e-6)
    x = np.clip((given - centre) / scale, -MOST, MOST)
    rng = np.random.default_rng(0)
    count = x.shape[1]
    start = np.concatenate(
        [
            rng.normal(-2.0, 0.5, count * _HIDDEN),
            rng.normal(0, 1, _HIDDEN),
            rng.normal(2.0, 0.3, _HIDDEN),
            [30.0],
        ]
    )

    def unpack(p: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray, float]:
        first = p[: count * _HIDDEN].reshape(count, _HIDDEN)
        rest = p[count * _HIDDEN :]
        return first, rest[:_HIDDEN], rest[_HIDDEN : 2 * _HIDDEN], float(rest[-1])

    def loss(p: FloatArray) -> tuple[float, FloatArray]:
        first, bias, second, offset = unpack(p)
        into, out = signs[:, None] * np.exp(first), np.exp(second)
        hidden = np.tanh(x @ into + bias)
        residual = hidden @ out + offset - goal
        root = np.sqrt(residual**2 + 25.0)
        down = residual / root / len(goal)
        back = (down[:, None] * out) * (1 - hidden**2)
        gradient = [
            (x.T @ back * into).ravel() + 2e-4 * into.ravel() * into.ravel(),
            back.sum(axis=0),
            hidden.T @ down * out,
            [down.sum()],
        ]
        return float(root.mean() + 1e-4 * (into**2).sum()), np.concatenate(gradient)

    first, bias, second, offset = unpack(
        minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 400}).x
    )
    return {
        "inputs": list(inputs),
        "centre": [float(f"{v:.5g}") for v in centre],
        "scale": [float(f"{v:.5g}") for v in scale],
        "first": [[float(f"{v:.5g}") for v in row] for row in signs[:, None] * np.exp(first)],
        "bias": [float(f"{v:.5g}") for v in bias],
        "second": [float(f"{v:.5g}") for v in np.exp(second)],
        "offset": round(offset, 3),
    }


_DESIGNS: dict[
    str, tuple[Callable[..., dict[str, Any]], Callable[[dict[str, Any], FloatArray], FloatArray]]
] = {
    "curves": (_fit_curves, curves),
    "net": (_fit_net, net),
}


def predict(design: str, fitted: dict[str, Any], features: FloatArray) -> FloatArray:
    """Points 0..100 of a learned design."""
    return np.clip(_DESIGNS[design][1](fitted, features), 0, 100)


# ---- one score


def _fit_one(name: str, number: int, rows: Rows, edges: FloatArray, constants: Constants) -> dict[str, Any]:
    """Choose the design by people left out in turn, fit it on all, then its error, then its intervals."""
    usable = rows.take(rows.usable[:, number] > 0)
    fit, held = usable.take(usable.fold >= 0), usable.take(usable.fold < 0)
    rule, rule_error = ([_by_rule(constants, part)[k][:, number] for part in (fit, held)] for k in (0, 1))
    left_out = {"rule": rule[0]}
    for design in _DESIGNS if name in INPUTS else ():
        left_out[design] = _left_out(design, INPUTS[name], fit, number)
    errors = {design: float(np.abs(v - fit.truth[:, number]).mean()) for design, v in left_out.items()}
    best = min(errors, key=lambda design: errors[design])
    design = best if errors[best] < (1 - _LEAST_GAIN) * errors["rule"] else "rule"
    fitted = {
        d: _DESIGNS[d][0](INPUTS[name], fit.features, fit.truth[:, number]) for d in left_out if d != "rule"
    }
    values = {d: rule[1] if d == "rule" else predict(d, fitted[d], held.features) for d in left_out}
    if design == "rule":
        learned, expected = {}, rule_error
    else:
        error = _fit_error(left_out[design], fit, number)
        learned = {"fitted": fitted[design], "error": error}
        pairs = ((fit, left_out[design]), (held, values[design]))
        expected = [expected_error(error, part.conditions, value) for part, value in pairs]
    ratio = np.abs(values[design] - held.truth[:, number]) / expected[1]
    found = {
        "design": design,
        **learned,
        "reach": _reach(ratio, held.features[:, FEATURES.index("melanin_index")], edges),
        "limit": _limit(expected[0], left_out[design], fit.truth[:, number]),
        "left_out": {d: _judge(v, fit.truth[:, number]) for d, v in left_out.items()},
        "held_out": {d: _judge(v, held.truth[:, number]) for d, v in values.items()},
    }
    print(
        name,
        design,
        found["left_out"],
        found["held_out"],
        "limit",
        found["limit"],
        "reach",
        found["reach"],
        flush=True,
    )
    return found


def _by_rule(constants: Constants, rows: Rows) -> tuple[FloatArray, FloatArray]:
    """Points 0..100 and sigma of every score's rule, (N, SCORES), by the graph itself."""
    session = onnxruntime.InferenceSession(build_scores(constants, RULES).SerializeToString())
    feeds = {name: getattr(rows, name).astype(np.float32) for name in ("features", "sigma", "conditions")}
    scores, error = session.run(["scores", "error"], feeds)
    return scores[..., 0].astype(np.float64), np.maximum(error.astype(np.float64), 0.5)


def _left_out(design: str, inputs: dict[str, int], fit: Rows, number: int) -> FloatArray:
    """Predictions for each face by a fit that has not seen its person."""
    values = np.empty(len(fit.tone))
    make = _DESIGNS[design][0]
    for fold in range(_FOLDS):
        other, own = fit.take(fit.fold != fold), fit.fold == fold
        values[own] = predict(design, make(inputs, other.features, other.truth[:, number]), fit.features[own])
    return values


def _judge(values: FloatArray, truth: FloatArray) -> dict[str, float]:
    return {
        "n": len(values),
        "mae": round(float(np.abs(values - truth).mean()), 2),
        "r": round(correlation(values, truth) or 0.0, 3),
        "rank_r": round(rank_correlation(values, truth) or 0.0, 3),
    }


# ---- how far off, and when to say nothing


def covariates(conditions: FloatArray, value: FloatArray, scale: dict[str, Any]) -> FloatArray:
    """(N, 1 + C + 2): one, standardised conditions, the score and how far it is from both ends."""
    standard = (conditions - np.array(scale["centre"])) / np.array(scale["scale"])
    v = value[:, None] / 100
    return np.concatenate([np.ones_like(v), np.clip(standard, -MOST, MOST), v, v * (1 - v)], axis=1)


def expected_error(error: dict[str, Any], conditions: FloatArray, value: FloatArray) -> FloatArray:
    """Mean absolute error to expect, points."""
    return np.asarray(np.exp(covariates(conditions, value, error) @ np.array(error["weights"])))


def _scale(conditions: FloatArray) -> dict[str, Any]:
    centre, spread = np.median(conditions, axis=0), np.maximum(conditions.std(axis=0), 1e-6)
    return {"centre": [float(f"{v:.5g}") for v in centre], "scale": [float(f"{v:.5g}") for v in spread]}


def _fit_error(left_out: FloatArray, fit: Rows, number: int) -> dict[str, Any]:
    """Laplace likelihood of the left-out errors, log-linear in conditions and score, shrunk towards none."""
    scale = _scale(fit.conditions)
    design = covariates(fit.conditions, left_out, scale)
    size = np.abs(left_out - fit.truth[:, number])
    start = np.zeros(design.shape[1])
    start[0] = np.log(size.mean())

    def loss(weights: FloatArray) -> tuple[float, FloatArray]:
        log = design @ weights
        relative = size * np.exp(-log)
        shrink = 0.02 * weights
        shrink[0] = 0.0
        value = float((log + relative).mean() + 0.5 * (shrink @ weights))
        return value, design.T @ (1 - relative) / len(size) + shrink

    weights = minimize(loss, start, jac=True, method="L-BFGS-B").x
    return {**scale, "weights": [float(f"{v:.4g}") for v in weights]}


def _melanin_classes(rows: Rows) -> FloatArray:
    """(K,) median measured MI of classes that hold equally many calibration faces."""
    melanin = np.sort(rows.features[rows.fold < 0, FEATURES.index("melanin_index")])
    return np.array([np.median(part) for part in np.array_split(melanin, _CLASSES)])


def _reach(ratio: FloatArray, melanin: FloatArray, edges: FloatArray) -> list[float]:
    """Split conformal: per melanin class, what the expected error is multiplied by so that 90 % are held."""
    borders = (edges[1:] + edges[:-1]) / 2
    number = np.digitize(melanin, borders)
    reach = []
    for k in range(len(edges)):
        own = np.sort(ratio[number == k])
        rank = min(int(np.ceil((len(own) + 1) * _LEVEL)), len(own))
        reach.append(round(float(own[rank - 1]), 3))
    return reach


def _limit(expected: FloatArray, value: FloatArray, truth: FloatArray) -> float:
    """Expected error from which a score is withheld: where an answer is worth no more than the usual one.

    The usual answer is the median of all truths. Going down from the surest photo, the last point at which
    the twentieth part of the photos just accepted is still nearer to the truth than that.
    """
    usual = float(np.abs(truth - np.median(truth)).mean())
    order = np.argsort(expected)
    off = np.abs(value - truth)[order]
    part = max(len(off) // 10, 10)
    tail = np.convolve(off, np.ones(part) / part, mode="valid")  # mean over the part that ends at each photo
    bad = np.flatnonzero(tail > usual)
    last = len(off) - 1 if not len(bad) else max(int(bad[0]) - 1 + part // 2, part)
    return float(f"{expected[order][last]:.4g}")


def main() -> None:
    """Fit and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--people", type=int, default=400)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    fitted = fit_scores(given.people, given.seed)
    part = DATA.with_suffix(".part")
    part.write_text(json.dumps(fitted, indent=1) + "\n")
    part.replace(DATA)


if __name__ == "__main__":
    main()
