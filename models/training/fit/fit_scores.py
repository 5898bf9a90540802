"""Fit the intervals of scores.onnx on rendered people, against whatever models/skinmaps.onnx is there.

    python -m models.training.fit.fit_scores --people 300 --seed 0

Renders what is not yet in `.cache/scores` (three seconds of CPU a person), scans everything, calibrates the
intervals of the rules on calibration people and writes models/training/data/scores.json, of which
`models.training.export` makes the graph. Test people take no part. Prints how near the rules come.
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
from models.training.fit.score_errors import reach_of
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
from skinscan.measure.score_features import FEATURES
from skinscan.measure.scores import METRIC, SCORES, measure_face
from skinscan.measure.skinmaps import map_skin
from skinscan.measure.texture import unwrap, visible_zones
from skinscan.runtime.model_files import resolve
from skinscan.types import Z90, FloatArray

__all__ = ["DATA", "UNTIED", "card", "fit_scores"]


DATA = Path(__file__).parents[1] / "data" / "scores.json"

_CLASSES = 5  # of measured melanin, equally many calibration faces each
UNTIED = ("sensitivity", "blemishes")
"""Scores whose truth no rendered photo tells: `fit_people` ties them to painted faces."""
_LEAST_ERROR = 1e-3  # of a raw number


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Scanned faces as columns; N faces."""

    features: FloatArray  # (N, FEATURES)
    sigma: FloatArray  # (N, FEATURES)
    truth: FloatArray  # (N, SCORES) raw: before the scale of people
    usable: FloatArray  # (N, SCORES) 1 where no check forbids the score
    tone: Any  # (N,) class of the measured cheek
    calibrates: FloatArray  # (N,) 1 for calibration people

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
        "calibration_faces": int(rows.calibrates.sum()),
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
        columns["calibrates"].append(float(is_calibration(one.person)))
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
    found = measure_face(unwrapped, maps, visible_zones(unwrapped), lit).found
    if not found.values:
        return None
    return {
        "features": [found.values[name][0] for name in FEATURES],
        "sigma": [found.values[name][1] for name in FEATURES],
        "usable": [float(METRIC[n] not in {*found.blocked, *checks.disabled}) for n in SCORES],
    }


def _fit_one(name: str, number: int, rows: Rows, edges: FloatArray, constants: Constants) -> dict[str, Any]:
    """The reach of a rule's interval by calibration people, and how near the rule comes on all others."""
    if name in UNTIED:
        return {"reach": [round(Z90, 3)] * len(edges)}
    known = np.isfinite(rows.truth[:, number])  # nobody knows the shine of what is covered
    usable = rows.take(known & (rows.usable[:, number] > 0))
    other, held = usable.take(usable.calibrates == 0), usable.take(usable.calibrates > 0)
    values, error = (array[:, number] for array in _by_rule(constants, held))
    ratio = np.abs(values - held.truth[:, number]) / error
    reach = reach_of(ratio, held.features[:, FEATURES.index("melanin_index")], edges)
    return {
        "reach": reach,
        "others": _judge(_by_rule(constants, other)[0][:, number], other.truth[:, number]),
        "calibration": _judge(values, held.truth[:, number]),
    }


def _by_rule(constants: Constants, rows: Rows) -> tuple[FloatArray, FloatArray]:
    """Raw numbers and sigma of every score's rule, (N, SCORES), by the graph itself."""
    session = onnxruntime.InferenceSession(build_scores(constants, RULES, RAW).SerializeToString())
    feeds = {name: getattr(rows, name).astype(np.float32) for name in ("features", "sigma")}
    raw, error = session.run(["raw", "error"], feeds)
    return raw.astype(np.float64), np.maximum(error.astype(np.float64), _LEAST_ERROR)


def _judge(values: FloatArray, truth: FloatArray) -> dict[str, float]:
    return {
        "n": len(values),
        "mae": float(f"{np.abs(values - truth).mean():.3g}"),
        "r": round(correlation(values, truth) or 0.0, 3),
        "rank_r": round(rank_correlation(values, truth) or 0.0, 3),
    }


def _melanin_classes(rows: Rows) -> FloatArray:
    """(K,) median measured MI of classes that hold equally many calibration faces."""
    melanin = np.sort(rows.features[rows.calibrates > 0, FEATURES.index("melanin_index")])
    return np.array([np.median(part) for part in np.array_split(melanin, _CLASSES)])


def card(fitted: dict[str, Any]) -> str:
    """How near the rules come to the truth of rendered people, as rows of the card."""
    lines = [
        "| score | photos | MAE | r | rank r | calibration photos | MAE | r | rank r |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for name, own in fitted["scores"].items():
        if name not in UNTIED:
            numbers = [value for judged in (own["others"], own["calibration"]) for value in judged.values()]
            lines.append(f"| {name} | " + " | ".join(map(str, numbers)) + " |")
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
