"""Benchmarks of scores, and fairness, on inputs so small that their result is known."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from benchmarks import sensitivity, shine
from benchmarks.score_rows import Judged, against_truth
from skinscan.bench import run as bench
from skinscan.bench.fairness import fairness
from skinscan.color import ITA_CLASSES
from skinscan.errors import DataError
from skinscan.types import Score
from tests.faces import scanned

TONES = [name for name, _ in ITA_CLASSES]


def given(value: float, low: float, high: float, **parts: float) -> Score:
    return Score(
        status="ok", value=value, low=low, high=high, unit="points", range=(0.0, 100.0), direction="",
        reason=None, n_pixels=9, parts=MappingProxyType(parts),
    )  # fmt: skip


WITHHELD = Score(
    status="abstained", value=None, low=None, high=None, unit="points", range=(0.0, 100.0), direction="",
    reason="ZONES_COVERED", n_pixels=0, parts=MappingProxyType({}),
)  # fmt: skip


def stored(folder: Path, name: str, rows: list[dict[str, Any]]) -> None:
    (folder / f"{name}.json").write_text(json.dumps({"benchmark": name, "rows": rows}))


# ---- rows


def test_everybody_comes_first_and_then_the_worst_class() -> None:
    judged = [Judged(tone="dark", truth=t, score=given(t + 8, t, t + 16)) for t in (10.0, 20.0, 40.0)]
    judged += [Judged(tone="light", truth=t, score=given(t - 2, t - 1, t + 1)) for t in (10.0, 20.0, 40.0)]
    judged += [Judged(tone="light", truth=50.0, score=WITHHELD)]
    rows = against_truth("a score", judged)
    assert [row["tone"] for row in rows] == ["all", "dark", "light"]
    assert [row["mae"] for row in rows] == [5.0, 8.0, 2.0]
    assert [row["bias"] for row in rows] == [3.0, 8.0, -2.0]
    assert [row["coverage_90"] for row in rows] == [1.0, 1.0, 1.0]
    assert [row["withheld"] for row in rows] == [1, 0, 1]
    assert rows[1]["r"] == 1.0
    assert rows[1]["width"] == 16.0


def photo(tone: str, severity: float, value: float) -> sensitivity._Photo:
    base = scanned("face_medium")
    spots = given(value, 0, 100, spot_count=value, spot_area_percent=value / 10)
    scores = {**base.scores, "sensitivity": given(value, value - 5, value + 5), "pigmentation": spots}
    return sensitivity._Photo(
        tone=tone,
        severity=severity,
        truth={"spot_area": value / 5, "spot_count": value},
        points={"pigmentation": 2 * value},
        scores=scores,
    )


def test_severity_is_judged_by_rank_and_healthy_faces_by_the_band() -> None:
    photos = [photo("tan", s, 100 * s**2) for s in (0.1, 0.4, 0.5, 0.9)]
    row = sensitivity._severity_row("tan", photos)
    assert row is not None
    assert (row["rank_r"], row["rank_r_reactive_only"], row["withheld"]) == (1.0, 1.0, 0)
    assert 0.9 < row["r"] < 1.0
    healthy = [photo("tan", 0.0, v) for v in (2, 4, 6, 30)]
    row = sensitivity._healthy_row("tan", healthy)
    assert row is not None
    assert (row["under_band_percent"], row["median"]) == (75.0, 5.0)
    row = sensitivity._spot_row("tan", healthy)
    assert row is not None
    assert (row["r"], row["r_count"], row["bias_area"]) == (1.0, 1.0, -1.05)


def shot(tone: str, light: int, dose: int, value: float, again: float | None = None) -> shine._Shot:
    def scan(points: float) -> Any:
        base = scanned("face_medium")
        scores = {**base.scores, "oil_balance": given(points, 0, 100)}
        return replace(base, scores=scores)

    truth = {"oil_t": dose / 4, "oil_u": dose / 4, "shine_t": dose / 2, "shine_u": dose / 4}
    return shine._Shot(
        tone=tone, light=light, dose=dose, truth=truth, points=12.5 * dose, scan=scan(value),
        again=None if again is None else scan(again),
    )  # fmt: skip


def test_the_smallest_detectable_change_is_that_of_repeats() -> None:
    pairs = [shot("tan", 0, 2, 50, 54), shot("tan", 1, 2, 40, 36)]
    row = shine._sdc(pairs)
    assert row["n"] == 2
    assert row["sem"] == pytest.approx((16 / 2) ** 0.5, abs=0.01)
    assert row["sdc"] == pytest.approx(2.77 * 8**0.5, abs=0.1)


def test_equal_dose_compares_the_lightest_with_the_deepest() -> None:
    shots = [shot("very_light", 0, 1, 30), shot("dark", 0, 1, 24), shot("tan", 0, 1, 90)]
    rows = {row["dose_t_u"]: row for row in shine._equality(shots, 7.0)}
    assert rows["all"]["lightest_minus_deepest"] == 6.0
    assert rows["all"]["within_sdc"] is True
    assert shine._equality(shots, 5.0)[-1]["within_sdc"] is False


def test_one_light_is_judged_by_itself() -> None:
    shots = [shot("tan", 0, dose, 10 * dose) for dose in range(5)]
    shots += [shot("tan", 1, dose, 60 - 10 * dose) for dose in range(5)]
    row = shine._one_light_row("tan", shots)
    assert row is not None
    assert (row["n"], row["median_r_in_one_light"]) == (2, 0.0)


# ---- fairness


def test_the_worst_class_comes_first_whichever_way_is_bad(tmp_path: Path) -> None:
    numbers = dict(zip(TONES, (1.0, 2.0, 3.0, 4.0, 5.0, 6.0), strict=True))
    rows = [
        {"what": "a", "tone": tone, "mae": v, "r": v / 10, "coverage_90": 0.8 + v / 40, "n": 7}
        for tone, v in numbers.items()
    ]
    stored(tmp_path, "physics", [{"what": "a", "tone": "all", "mae": 9.0}, *rows])
    stored(tmp_path, "fairness", [{"what": "its own", "tone": "tan", "mae": 99.0}])
    found = fairness(tmp_path)
    by_number = {row["number"]: row for row in found[1:]}
    assert set(by_number) == {"mae", "r", "coverage_90"}
    assert by_number["mae"]["ratio"] == by_number["r"]["ratio"] == 6.0
    assert by_number["mae"]["worst_first"].startswith("dark 6, brown 5")
    assert by_number["r"]["worst_first"].startswith("very_light 0.1")
    assert by_number["coverage_90"]["ratio"] is None
    assert by_number["coverage_90"]["worst_first"].startswith("very_light 0.825")
    assert found[0] == {
        "what": "times the worst class",
        "of": 3,
        **dict.fromkeys(TONES, 0),
        "very_light": 2,
        "dark": 1,
    }


def test_rows_that_differ_in_a_text_are_not_one_comparison(tmp_path: Path) -> None:
    rows = [
        {"what": "a", "group": group, "tone": tone, "mae": v}
        for group, v in (("home", 1.0), ("away", 4.0))
        for tone in ("tan", "dark")
    ]
    stored(tmp_path, "change", rows)
    assert [row["ratio"] for row in fairness(tmp_path)[1:]] == [1.0, 1.0]


def test_nothing_to_compare_and_what_is_no_result_are_said(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="missing"):
        fairness(tmp_path / "nowhere")
    stored(tmp_path, "speed", [{"what": "a", "ms": 1.0}])
    with pytest.raises(DataError, match=r"no result .* per tone class"):
        fairness(tmp_path)
    (tmp_path / "broken.json").write_text("[]")
    with pytest.raises(DataError, match=r"broken\.json is no benchmark result"):
        fairness(tmp_path)


def test_the_command_reads_the_folder_it_writes_to(tmp_path: Path) -> None:
    stored(tmp_path, "a", [{"what": "x", "tone": tone, "mae": 1.0} for tone in TONES])
    first = bench.run("fairness", out=tmp_path, device="cpu")
    assert bench.run("fairness", out=tmp_path, device="cpu")["rows"] == first["rows"]
