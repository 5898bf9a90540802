"""`sensitivity`: rendered people of every tone, healthy and ever more reactive, with and without dark spots.

Whole pipeline from the JPEG, people never fitted on, every photo in a light of its own. The truth of each
score is known, so this also says how far redness, oil and pigmentation are off and whether their intervals
hold.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.scanned import scanned
from benchmarks.score_rows import Judged, against_truth, by_tone, rounded
from models.renderer import graded_faces, people
from models.training import issa_constants
from models.training.fit import fit_people
from models.training.graphs import scores_graph
from skinscan.bench.agreement import correlation, rank_correlation
from skinscan.color import ITA_CLASSES
from skinscan.measure.scores import SCORES
from skinscan.scanner import Scanner
from skinscan.types import Device, Score

__all__ = ["sensitivity"]

_HEALTHY, _GRADED = 20, 12  # photos of a tone class; severities evenly between 0 and 1
_KNOWN = tuple(name for name in SCORES if name != "blemishes")  # whose truth is known
_BAND = 20.0  # points: healthy faces should stay below
_SEED = 7_000_000
Row = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Photo:
    tone: str
    severity: float
    truth: dict[str, float]  # as rendered
    points: dict[str, float]  # what each score should be
    scores: Mapping[str, Score] | None  # None: refused


def sensitivity(device: Device) -> list[Row]:
    """Rows: severity, healthy faces under the band, spots, then every score against its truth."""
    photos = _taken(device)
    seen = [photo for photo in photos if photo.scores is not None]
    return [
        *by_tone(seen, _severity_row, "rank_r", 1.0),
        *by_tone([p for p in seen if p.severity == 0], _healthy_row, "under_band_percent", 1.0),
        *by_tone(seen, _spot_row, "r", 1.0),
        *(row for name in _KNOWN for row in against_truth(f"score: {name}", _judged(seen, name))),
        {"what": "photos refused", "photos": len(photos), "refused": len(photos) - len(seen)},
    ]


def _taken(device: Device) -> list[_Photo]:
    constants = issa_constants.fit_constants()
    everybody = people.people(test=True)
    scanner = Scanner(device)
    photos = []
    for row, (tone, _) in enumerate(ITA_CLASSES):
        group = [person for person in everybody if person.tone == tone]
        for number in range(_HEALTHY + _GRADED):
            severity = 0.0 if number < _HEALTHY else (number - _HEALTHY + 0.5) / _GRADED
            rng = np.random.default_rng([_SEED, row, number])
            oil = graded_faces.draw_dose(rng)
            person = group[int(rng.integers(len(group)))]
            subject = graded_faces.draw_states(person, severity, oil, rng)
            picture = graded_faces.photograph(subject, rng)
            truth = graded_faces.facts(graded_faces.truth_of(picture, severity, oil))
            scan = scanned(scanner, picture.jpeg)
            photos.append(
                _Photo(
                    tone=tone,
                    severity=severity,
                    truth=truth,
                    points=scores_graph.points_of(truth, constants, fit_people.read_scales()),
                    scores=scan.scores if scan else None,
                )
            )
    return photos


def _judged(photos: Sequence[_Photo], name: str) -> list[Judged]:
    return [
        Judged(tone=photo.tone, truth=photo.points[name], score=photo.scores[name])
        for photo in photos
        if photo.scores is not None
    ]


def _values(photos: Sequence[_Photo], name: str) -> list[tuple[float, _Photo]]:
    found = []
    for photo in photos:
        value = photo.scores[name].value if photo.scores is not None else None
        if value is not None:
            found.append((value, photo))
    return found


def _severity_row(tone: str, of: Sequence[_Photo]) -> Row | None:
    given = _values(of, "sensitivity")
    values, severity = [value for value, _ in given], [photo.severity for _, photo in given]
    graded = [(value, photo.severity) for value, photo in given if photo.severity > 0]
    return {
        "what": "sensitivity against rendered severity",
        "tone": tone,
        "n": len(given),
        "rank_r": rounded(rank_correlation(values, severity), 3),
        "rank_r_reactive_only": rounded(rank_correlation(*zip(*graded, strict=True)) if graded else None, 3),
        "r": rounded(correlation(values, severity), 3),
        "withheld": len(of) - len(given),
    }


def _healthy_row(tone: str, of: Sequence[_Photo]) -> Row | None:
    values = np.array([value for value, _ in _values(of, "sensitivity")])
    if not len(values):
        return None
    return {
        "what": f"healthy faces under {_BAND:.0f} points of sensitivity",
        "tone": tone,
        "n": len(values),
        "under_band_percent": rounded(100 * (values < _BAND).mean(), 1),
        "median": rounded(np.median(values), 1),
        "q95": rounded(np.quantile(values, 0.95), 1),
    }


def _spot_row(tone: str, of: Sequence[_Photo]) -> Row | None:
    given = [(value, photo) for value, photo in _values(of, "pigmentation")]
    if not given:
        return None
    area = [photo.truth["spot_area"] for _, photo in given]
    found = [photo.scores["pigmentation"].parts["spot_area_percent"] for _, photo in given if photo.scores]
    count = [photo.scores["pigmentation"].parts["spot_count"] for _, photo in given if photo.scores]
    values = [value for value, _ in given]
    return {
        "what": "pigmentation against rendered spots",
        "tone": tone,
        "n": len(given),
        "r": rounded(correlation(found, area), 3),
        "rank_r": rounded(rank_correlation(values, area), 3),
        "r_score": rounded(correlation(values, [photo.points["pigmentation"] for _, photo in given]), 3),
        "r_count": rounded(correlation(count, [photo.truth["spot_count"] for _, photo in given]), 3),
        "bias_area": rounded(float(np.mean(found) - np.mean(area)), 2),
    }
