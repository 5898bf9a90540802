"""Fit scores.onnx on rendered people whose truth is known, against whatever models/skinmaps.onnx is there.

    python -m models.training.fit.fit_scores --people 300 --seed 0

Renders what is not yet in `.cache/scores` (three seconds of CPU a person), scans everything, fits curves on
some of the training people, keeps them where they beat the rule on people left out in turn, calibrates the
intervals on people that no fit has seen, and writes models/train/data/scores.json, of which
`models.training.export` makes the graph. Test people take no part. Prints the comparison of designs.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime

from models.renderer.graded_faces import CACHE, facts, is_calibration, score_faces
from models.training.fit.score_curves import fit_curves, predict
from models.training.fit.score_errors import NEVER, expected_error, fit_error, limit_of, reach_of, risk_curve
from models.training.graphs.scores_graph import RAW, RULES, build_scores, raw_of
from models.training.issa_constants import Constants, fit_constants
from skinscan import color, stats
from skinscan.bench.agreement import correlation, rank_correlation
from skinscan.errors import FaceError, PhotoError, QualityError
from skinscan.facemesh import canonical_face
from skinscan.measure import (
    blemishes,
    face,
    light,
    photo,
    quality,
    score_features,
    shading,
    skinmaps,
    texture,
)
from skinscan.measure.face import find_face
from skinscan.measure.light import estimate_light
from skinscan.measure.photo import open_photo
from skinscan.measure.quality import check_quality
from skinscan.measure.score_features import CONDITIONS, FEATURES
from skinscan.measure.scores import METRIC, SCORES, measure_face
from skinscan.measure.skinmaps import map_skin
from skinscan.measure.texture import unwrap, visible_zones
from skinscan.runtime.model_files import resolve
from skinscan.types import Z90, FloatArray

__all__ = ["DATA", "INPUTS", "UNTIED", "card", "fit_scores"]


DATA = Path(__file__).parents[1] / "data" / "scores.json"

# What each learned score looks at, and which way it must go: 1 rises, -1 falls. What did not lower the error
# on people left out was dropped. None today: a curve is level beyond what rendered people have, and portraits
# by flash have more highlights than they do.
INPUTS: dict[str, dict[str, int]] = {}
_FOLDS = 5
_CLASSES = 5  # of measured melanin, equally many calibration faces each
UNTIED = ("sensitivity", "blemishes")
"""Scores whose truth no rendered photo tells: `fit_people` ties them to painted faces."""
_LEAST_ERROR = 1e-3  # of a raw number
_LEAST_GAIN = 0.03  # share of the rule's error that a learned score must save to replace it


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Scanned faces as columns; N faces."""

    features: FloatArray  # (N, FEATURES)
    sigma: FloatArray  # (N, FEATURES)
    conditions: FloatArray  # (N, CONDITIONS)
    truth: FloatArray  # (N, SCORES) raw: before the scale of people
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
        "made_by": f"python -m models.training.fit.fit_scores --people {people} --seed {seed}",
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
        raw = raw_of(facts(one.truth), constants)
        columns["truth"].append([raw[name] for name in SCORES])
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
        stages = (
            blemishes, canonical_face, color, face, light, photo, quality, score_features, shading, skinmaps,
            stats,
            texture,
        )  # fmt: skip
        code = b"".join(Path(str(stage.__file__)).read_bytes() for stage in stages)
        digest = hashlib.sha256(code + resolve("skinmaps").sha256.encode()).hexdigest()[:16]
        self._file = CACHE / f"rows-{digest}.json"
        self._known: dict[str, Any] = {}
        if self._file.exists():
            self._known = json.loads(self._file.read_bytes())

    def __call__(self, jpeg: bytes) -> dict[str, Any] | None:
        key = hashlib.sha256(jpeg).hexdigest()
        if key not in self._known:
            self._known[key] = _row(jpeg)
        row: dict[str, Any] | None = self._known[key]
        return row

    def keep(self) -> None:
        """Write what is known, whole or not at all."""
        part = self._file.with_suffix(".part")
        part.write_text(json.dumps(self._known, default=float))
        part.replace(self._file)


def _row(jpeg: bytes) -> dict[str, Any] | None:
    """What the stages before the scores say of a photo; None if it is refused."""
    try:
        picture = open_photo(jpeg)
        head = find_face(picture)
        unwrapped = unwrap(picture, head, None)
        lit = estimate_light(picture, head, unwrapped, None)
    except (PhotoError, FaceError, QualityError):
        return None
    maps = map_skin(unwrapped, lit, "cpu")
    checks = check_quality(picture, head, unwrapped, lit, maps)
    found = measure_face(unwrapped, maps, visible_zones(unwrapped), lit, checks).found
    if not found.values:
        return None
    return {
        "features": [found.values[name][0] for name in FEATURES],
        "sigma": [found.values[name][1] for name in FEATURES],
        "conditions": [found.conditions[name] for name in CONDITIONS],
        "usable": [float(METRIC[n] not in {*found.blocked, *checks.disabled}) for n in SCORES],
    }


def _fit_one(name: str, number: int, rows: Rows, edges: FloatArray, constants: Constants) -> dict[str, Any]:
    """Rule or curves by people left out in turn, curves fitted on all, their error, then the intervals."""
    if name in UNTIED:
        return {"design": "rule", "reach": [round(Z90, 3)] * len(edges), "limit": NEVER}
    known = np.isfinite(rows.truth[:, number])  # nobody knows the shine of what is covered
    usable = rows.take(known & (rows.usable[:, number] > 0))
    fit, held = usable.take(usable.fold >= 0), usable.take(usable.fold < 0)
    rule, rule_error = ([_by_rule(constants, part)[k][:, number] for part in (fit, held)] for k in (0, 1))
    left_out, values, fitted = {"rule": rule[0]}, {"rule": rule[1]}, {}
    if name in INPUTS:
        left_out["curves"] = _left_out(INPUTS[name], fit, number)
        fitted = fit_curves(INPUTS[name], fit.features, fit.truth[:, number])
        values["curves"] = predict(fitted, held.features)
    errors = {design: float(np.abs(v - fit.truth[:, number]).mean()) for design, v in left_out.items()}
    learnt = errors.get("curves", np.inf) < (1 - _LEAST_GAIN) * errors["rule"]
    design = "curves" if learnt else "rule"
    if learnt:
        error = fit_error(fit.conditions, left_out[design], fit.truth[:, number])
        learned = {"fitted": fitted, "error": error}
        pairs = ((fit, left_out[design]), (held, values[design]))
        expected = [expected_error(error, part.conditions, value) for part, value in pairs]
    else:
        learned, expected = {}, rule_error
    ratio = np.abs(values[design] - held.truth[:, number]) / expected[1]
    reach = reach_of(ratio, held.features[:, FEATURES.index("melanin_index")], edges)
    return {
        "design": design,
        **learned,
        "reach": reach,
        "limit": limit_of(expected[0], left_out[design], fit.truth[:, number]) if learnt else NEVER,
        "risk": risk_curve(expected[1], values[design], held.truth[:, number]),
        "left_out": {d: _judge(v, fit.truth[:, number]) for d, v in left_out.items()},
        "held_out": {d: _judge(v, held.truth[:, number]) for d, v in values.items()},
    }


def _by_rule(constants: Constants, rows: Rows) -> tuple[FloatArray, FloatArray]:
    """Raw numbers and sigma of every score's rule, (N, SCORES), by the graph itself."""
    session = onnxruntime.InferenceSession(build_scores(constants, RULES, RAW).SerializeToString())
    feeds = {name: getattr(rows, name).astype(np.float32) for name in ("features", "sigma", "conditions")}
    raw, error = session.run(["raw", "error"], feeds)
    return raw.astype(np.float64), np.maximum(error.astype(np.float64), _LEAST_ERROR)


def _left_out(inputs: dict[str, int], fit: Rows, number: int) -> FloatArray:
    """Predictions for each face by curves that have not seen its person."""
    values = np.empty(len(fit.tone))
    for fold in range(_FOLDS):
        other, own = fit.take(fit.fold != fold), fit.fold == fold
        values[own] = predict(fit_curves(inputs, other.features, other.truth[:, number]), fit.features[own])
    return values


def _judge(values: FloatArray, truth: FloatArray) -> dict[str, float]:
    return {
        "n": len(values),
        "mae": float(f"{np.abs(values - truth).mean():.3g}"),
        "r": round(correlation(values, truth) or 0.0, 3),
        "rank_r": round(rank_correlation(values, truth) or 0.0, 3),
    }


def _melanin_classes(rows: Rows) -> FloatArray:
    """(K,) median measured MI of classes that hold equally many calibration faces."""
    melanin = np.sort(rows.features[rows.fold < 0, FEATURES.index("melanin_index")])
    return np.array([np.median(part) for part in np.array_split(melanin, _CLASSES)])


def card(fitted: dict[str, Any]) -> str:
    """The comparison of designs as rows of the card: people left out of the fit, and calibration people."""
    lines = [
        "| score | design | photos left out | MAE | r | rank r | calibration photos | MAE | r | rank r |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for name, own in fitted["scores"].items():
        for design, by_fit in own.get("left_out", {}).items():
            numbers = [found[key] for found in (by_fit, own["held_out"][design]) for key in by_fit]
            kept = f"**{design}**" if design == own["design"] else design
            lines.append(f"| {name} | {kept} | " + " | ".join(map(str, numbers)) + " |")
    return "\n".join(lines)


def main() -> None:
    """Fit, write, and print the card's rows."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--people", type=int, default=300)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    fitted = fit_scores(given.people, given.seed)
    part = DATA.with_suffix(".part")
    part.write_text(json.dumps(fitted, indent=1) + "\n")
    part.replace(DATA)
    print(card(fitted))


if __name__ == "__main__":
    main()
