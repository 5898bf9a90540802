"""One person or two: the network's numbers, what may not move them, and that they stay where they are."""

from __future__ import annotations

import csv
import json
import pickle
from dataclasses import replace
from functools import cache
from itertools import combinations

import numpy as np
import pytest

from skinscan.change.alignment import Alignments
from skinscan.change.compare import compare
from skinscan.change.identity import DOUBTED_PERSON, PLAINLY_ONE, Identities, _embed, cut_out
from skinscan.change.same_person import tone_gap
from skinscan.change.trend import follow
from skinscan.change.types import PERSON_DOUBTS
from skinscan.errors import SkinScanError
from skinscan.output.records.change import compare_to_dict
from skinscan.output.terminal.change import summarise_change
from skinscan.scanner import Scanner
from skinscan.types import FloatMap, Scan
from tests.faces import resized
from tests.paths import PHOTOS, SAMPLES, real_photos
from tests.sittings import jpeg, pixels_of, scan_of, scanned

REAL = PHOTOS.parent / "real"
REFERENCE = (-0.0377, 0.0887, 0.0327, -0.0442, -0.077, -0.0177)


@cache
def sample(name: str) -> Scan:
    return Scanner("cpu").scan(SAMPLES / f"{name}.jpg")


def distance(first: Scan, second: Scan) -> float:
    return Identities().distance(first, second)


def test_the_numbers_are_those_of_the_package() -> None:
    """First numbers of a rendered face, by a NumPy pass through the layers that the package states."""
    scan = sample("face_medium")
    found = _embed(cut_out(scan.photo, scan.face))
    assert np.linalg.norm(found) == pytest.approx(1, abs=1e-5)
    assert found[:6] == pytest.approx(REFERENCE, abs=2e-3)


def test_the_face_is_cut_out_where_eyes_and_mouth_are() -> None:
    scan = scanned("home")
    marked = scan.photo.pixels.copy()
    points = [scan.face.landmarks[list(pair), :2].mean(axis=0) for pair in ((33, 133), (263, 362), (61, 291))]
    for x, y in np.round(points).astype(int):
        marked[y - 2 : y + 3, x - 2 : x + 3] = (0, 255, 0)
    cut = cut_out(replace(scan.photo, pixels=marked), scan.face).astype(int)
    green = (cut[..., 1] > 140) & (cut[..., 0] < 110) & (cut[..., 2] < 110)
    upper, lower = green[:75], green[75:]
    right, left, mouth = (
        np.argwhere(part).mean(axis=0) + corner
        for part, corner in ((upper[:, :75], (0, 0)), (upper[:, 75:], (0, 75)), (lower, (75, 0)))
    )
    assert (right + left + mouth) / 3 == pytest.approx([0.43 * 150, 75], abs=1.5)
    assert abs(right[0] - left[0]) < 1.5  # level
    reach = (np.hypot(*(mouth - right)) + np.hypot(*(mouth - left))) / 2
    assert reach == pytest.approx(0.45 * 150, abs=2)


def test_a_copy_in_another_size_or_quality_stays_near() -> None:
    home = scanned("home")
    for copy in (resized(pixels_of("home"), 0.5), jpeg(pixels_of("home"), "2026:03:02 09:00:00")):
        assert distance(home, scan_of(copy)) < 0.1


def test_a_mirror_image_is_the_same_face() -> None:
    scan = scanned("home")
    cut = cut_out(scan.photo, scan.face)
    assert _embed(cut) == pytest.approx(_embed(np.ascontiguousarray(cut[:, ::-1])), abs=1e-5)


def test_one_rendered_person_is_never_doubted() -> None:
    for first, second in combinations(("home", "home_again", "away", "home_reaction"), 2):
        assert distance(scanned(first), scanned(second)) < DOUBTED_PERSON / 2


def test_two_tones_are_two_people() -> None:
    light, dark = sample("face_light"), sample("face_dark")
    assert tone_gap(light, dark) > 15
    for change in (compare([light], [dark]), compare([dark], [light])):
        assert change.verdict == "inconclusive"
        assert change.doubt is not None
        assert {zone.erythema_index.verdict for zone in change.zones.values()} <= {"inconclusive"}
        assert change.face is None or change.face.erythema_index.verdict == "inconclusive"
        if change.status == "ok":
            assert change.doubt.reason.en in " ".join(summarise_change(change, "en", 300).splitlines()[:3])


def test_a_dim_photo_without_a_white_is_no_other_tone() -> None:
    light, dark = sample("face_light"), sample("face_dark")
    unknown = replace(dark.light, white_balance=replace(dark.light.white_balance, reference="none"))
    assert tone_gap(light, replace(dark, light=unknown)) == 0


def test_a_date_that_may_show_somebody_else_takes_no_part() -> None:
    found = follow([[sample("face_light")], [sample("face_dark")]], taken_at=["2026-01-01", "2026-01-08"])
    assert found.status == "refused"
    assert not found.points[1].usable


def test_nothing_but_a_distance_leaves() -> None:
    change = compare([scanned("home")], [scanned("away")])
    out = compare_to_dict(change)
    assert out["identity"] == {"distance": change.identity_distance, "doubted_above": DOUBTED_PERSON}
    assert out["summary"]["doubt"] is None
    vector = _embed(cut_out(change.before[0].photo, change.before[0].face))
    assert not any(holds(part, vector) for part in walk(change))
    assert "embedding" not in json.dumps(out)
    assert max(len(part) for part in walk(out) if isinstance(part, list)) < 20
    alignments = Alignments()
    compare([scanned("home")], [scanned("away")], alignments=alignments)
    for thing in (alignments, alignments.identities):
        with pytest.raises(TypeError, match="never stored"):
            pickle.dumps(thing)


def walk(value: object, depth: int = 0) -> list[object]:
    """All values that hang on a value."""
    found = [value]
    if depth < 9:
        names = getattr(value, "__dataclass_fields__", {})
        parts = [getattr(value, name) for name in names]
        parts += list(value) if isinstance(value, tuple | list) else []
        parts += list(value.values()) if hasattr(value, "values") and hasattr(value, "keys") else []
        for part in parts:
            found += walk(part, depth + 1)
    return found


def holds(value: object, vector: FloatMap) -> bool:
    return isinstance(value, np.ndarray) and value.shape == vector.shape


def test_switched_off_the_network_is_not_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(name: str, device: str) -> None:
        pytest.fail(f"{name} was opened")

    monkeypatch.setattr("skinscan.change.identity.open_onnx", refuse)
    change = Scanner("cpu", identity=False).compare(scanned("home"), scanned("away"))
    assert change.identity_distance is None
    assert compare_to_dict(change)["identity"] is None
    assert "PERSON_NOT_CHECKED" in {finding.code for finding in change.findings}
    assert change.verdict != "increase"


# ---- real photos


@cache
def real(path: str) -> Scan | None:
    try:
        return Scanner("cpu").scan(PHOTOS.parent / path)
    except SkinScanError:
        return None


def doubts(first: Scan, second: Scan) -> dict[str, bool]:
    change = compare([first], [second], allow_copies=True)
    return {f.code: f.refuses for f in change.findings if f.code in PERSON_DOUBTS}


@real_photos
def test_one_real_person_on_other_days_is_not_refused_and_hardly_doubted() -> None:
    with (PHOTOS / "photos.csv").open(encoding="utf-8") as stream:
        rows = [row for row in csv.DictReader(stream) if row["person"]]
    pairs = [(a, b) for a, b in combinations(rows, 2) if a["person"] == b["person"]]
    alignments, apart = Alignments(), []
    for a, b in pairs:
        first, second = real(f"photos/{a['file']}"), real(f"photos/{b['file']}")
        if first and second:
            assert alignments.identities
            apart.append(alignments.identities.distance(first, second))
    assert len(apart) >= 40
    assert max(apart) < DOUBTED_PERSON
    assert sum(one <= PLAINLY_ONE for one in apart) >= 5  # a claim with such photos can be paid by a machine


@pytest.mark.skipif(not REAL.exists(), reason=f"the folder of real photos is not here: {REAL}")
def test_real_people_are_told_apart() -> None:
    """Odd ids of three groups, each neutral, and the same people smiling."""
    with (REAL / "people.csv").open(encoding="utf-8") as stream:
        ids = [row["id"] for row in csv.DictReader(stream)][:16]
    scans = {(i, kind): real(f"real/london/{i}_{kind}.jpg") for i in ids for kind in ("neutral", "smiling")}
    network, wrong = Identities(), 0
    for (i, a), (j, b) in combinations(scans, 2):
        first, second = scans[i, a], scans[j, b]
        if first is None or second is None:
            continue
        near = network.distance(first, second) <= DOUBTED_PERSON
        if i == j:
            assert near, (i, a, b)
        else:
            wrong += near
    assert wrong <= 4
    first, second = real(f"real/london/{ids[0]}_neutral.jpg"), real(f"real/london/{ids[1]}_neutral.jpg")
    assert first
    assert second
    assert compare([first], [second]).verdict == "inconclusive"
    assert doubts(first, second)
