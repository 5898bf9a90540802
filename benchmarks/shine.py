"""`shine`: the same faces with ever more oil, in lights of their own: what zone shine and oil balance say.

Whole pipeline from the JPEG, people never fitted on. Lights, cameras, heads and poses are the same for
every tone, so that at equal oil only the skin differs.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import numpy as np

from benchmarks.scanned import scanned
from benchmarks.score_rows import Judged, against_truth, by_tone, rounded
from models.renderer import graded_faces, people, sittings, subject
from models.training import issa_constants
from models.training.fit import fit_people
from models.training.graphs import scores_graph
from skinscan.bench.agreement import correlation, rank_correlation
from skinscan.color import ITA_CLASSES
from skinscan.facemesh.zones import T_ZONE, U_ZONE
from skinscan.scanner import Scanner
from skinscan.types import Device, Scan

__all__ = ["shine"]

_LIGHTS = 6  # a light, camera, head and pose each
_DOSES = ((0.0, 0.0), (0.5, 0.0), (0.5, 0.5), (1.0, 0.5), (1.0, 1.0))  # oil of T and of U, 0 matt .. 1 greasy
_REPEATED = 2  # the dose photographed twice
_SEED = 8_000_000
Row = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shot:
    tone: str
    light: int
    dose: int
    truth: dict[str, float]  # score_faces.facts
    points: float  # what the score should be
    scan: Scan | None  # None: refused
    again: Scan | None = None  # the same again, head and hand moved


def shine(device: Device) -> list[Row]:
    """Rows: oil balance against shine and oil, in one light and over lights; equality of tones; the SDC."""
    shots = _taken(device)
    seen = [shot for shot in shots if shot.scan is not None]
    sdc = _sdc(seen)
    return [
        *against_truth("score: oil_balance, against rendered shine", _judged(seen)),
        *by_tone(seen, _one_light_row, "median_r_in_one_light", 1.0),
        *by_tone(seen, _oil_row, "r", 1.0),
        *by_tone(seen, _zone_row, "r", 1.0),
        *_equality(seen, sdc["sdc"]),
        sdc,
        {"what": "photos refused", "photos": len(shots), "refused": len(shots) - len(seen)},
    ]


def _taken(device: Device) -> list[_Shot]:
    constants = issa_constants.fit_constants()
    everybody = people.people(test=True)
    scanner = Scanner(device)
    shots = []
    for (row, (tone, _)), light in product(enumerate(ITA_CLASSES), range(_LIGHTS)):
        group = [person for person in everybody if person.tone == tone]
        person = group[int(np.random.default_rng([_SEED, row, light]).integers(len(group)))]
        shot = graded_faces.usual_shot(np.random.default_rng([_SEED, light]))
        again = sittings.again(shot, np.random.default_rng([_SEED, light, 1]))
        matt = graded_faces.draw_states(
            person, 0.0, graded_faces.even_oil(0.0, 0.0), np.random.default_rng([_SEED, light, 2])
        )
        for dose, (t_zone, u_zone) in enumerate(_DOSES):
            oil = graded_faces.even_oil(t_zone, u_zone)
            rough = subject.roughness_map(oil, np.random.default_rng([_SEED, light, 3]))
            oiled = replace(matt, rough=rough)
            picture = graded_faces.render(oiled, shot, np.random.default_rng([_SEED, light, dose]))
            truth = graded_faces.facts(graded_faces.truth_of(picture, 0.0, oil))
            second = None
            if dose == _REPEATED:
                rng = np.random.default_rng([_SEED, light, 9])
                second = scanned(scanner, graded_faces.render(oiled, again, rng).jpeg)
            shots.append(
                _Shot(
                    tone=tone, light=light, dose=dose, truth=truth,
                    points=scores_graph.points_of(truth, constants, fit_people.read_scales())["oil_balance"],
                    scan=scanned(scanner, picture.jpeg), again=second,
                )
            )  # fmt: skip
    return shots


def _value(scan: Scan | None) -> float | None:
    return None if scan is None else scan.scores["oil_balance"].value


def _judged(shots: Sequence[_Shot]) -> list[Judged]:
    return [
        Judged(tone=shot.tone, truth=shot.points, score=shot.scan.scores["oil_balance"])
        for shot in shots
        if shot.scan is not None
    ]


def _one_light_row(tone: str, of: Sequence[_Shot]) -> Row | None:
    """r over the doses of one person in one light: what a series of photos at one place can tell."""
    series: dict[tuple[str, int], list[tuple[float, float]]] = defaultdict(list)
    for shot in of:
        value = _value(shot.scan)
        if value is not None:
            series[shot.tone, shot.light].append((value, shot.truth["oil_t"] + shot.truth["oil_u"]))
    likes = [r for s in series.values() if (r := correlation(*zip(*s, strict=True))) is not None]
    if not likes:
        return None
    return {
        "what": "oil_balance against the dose, one person in one light",
        "tone": tone,
        "n": len(likes),
        "median_r_in_one_light": rounded(np.median(likes), 3),
        "worst_tenth": rounded(np.quantile(likes, 0.1), 3),
    }


def _zone_row(tone: str, of: Sequence[_Shot]) -> Row | None:
    """Mean shine of T and of U against the light that the skin really mirrors, and against the oil."""
    found, mirrored, oil = [], [], []
    for shot in of:
        if shot.scan is None:
            continue
        for side, group in (("t", T_ZONE), ("u", U_ZONE)):
            zones = [shot.scan.zones[z].shine.value for z in group if z in shot.scan.zones]
            if zones and np.isfinite(shot.truth[f"shine_{side}"]):
                found.append(float(np.mean(zones)))
                mirrored.append(shot.truth[f"shine_{side}"])
                oil.append(shot.truth[f"oil_{side}"])
    if not found:
        return None
    return {
        "what": "zone shine against rendered shine",
        "tone": tone,
        "n": len(found),
        "r": rounded(correlation(found, mirrored), 3),
        "rank_r": rounded(rank_correlation(found, mirrored), 3),
        "r_oil": rounded(correlation(found, oil), 3),
        "bias_percent_of_light": rounded(float(np.mean(found) - np.mean(mirrored)), 2),
    }


def _oil_row(tone: str, of: Sequence[_Shot]) -> Row | None:
    """The score against the oil that was put on, over all lights; and what even the true shine says of it."""
    given = [(v, s) for s in of if (v := _value(s.scan)) is not None]
    if not given:
        return None
    oil = [s.truth["oil_t"] + s.truth["oil_u"] for _, s in given]
    return {
        "what": "oil_balance against the oil, over all lights",
        "tone": tone,
        "n": len(given),
        "r": rounded(correlation([v for v, _ in given], oil), 3),
        "r_of_true_shine": rounded(correlation([s.points for _, s in given], oil), 3),
    }


def _equality(shots: Sequence[_Shot], sdc: float | None) -> list[Row]:
    """Mean score of each class at equal oil, in the same lights, and the lightest against the deepest."""
    tones = [name for name, _ in ITA_CLASSES]
    rows = []
    for dose in (*range(len(_DOSES)), None):
        means = {}
        for tone in tones:
            values = [
                v
                for shot in shots
                if shot.tone == tone and dose in (None, shot.dose) and (v := _value(shot.scan)) is not None
            ]
            means[tone] = float(np.mean(values)) if values else np.nan
        apart = means[tones[0]] - means[tones[-1]]
        rows.append(
            {
                "what": "equal dose, mean oil_balance",
                "dose_t_u": "all" if dose is None else "{} {}".format(*_DOSES[dose]),
                **{tone: rounded(mean, 1) for tone, mean in means.items()},
                "lightest_minus_deepest": rounded(apart, 1),
                "within_sdc": None if sdc is None else bool(abs(apart) < sdc),
            }
        )
    return rows


def _sdc(shots: Sequence[_Shot]) -> Row:
    """Smallest detectable change: 2.77 SEM, from pairs of photos of the same face in the same light."""
    sittings = [
        (a, b) for s in shots if (a := _value(s.scan)) is not None and (b := _value(s.again)) is not None
    ]
    sem = float(np.sqrt(np.mean([(a - b) ** 2 / 2 for a, b in sittings]))) if sittings else None
    return {
        "what": "the same face twice, oil_balance",
        "n": len(sittings),
        "sem": rounded(sem, 2),
        "sdc": rounded(None if sem is None else 2.77 * sem, 1),
    }
