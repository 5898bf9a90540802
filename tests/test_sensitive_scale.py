"""Answers to the Sensitive Scale-10 beside what the photo shows."""

from __future__ import annotations

import json
from itertools import pairwise
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from skinscan.cli import app
from skinscan.errors import UsageError
from skinscan.output.records.scan import scan_to_dict
from skinscan.scanner import Scanner
from skinscan.sensitive_scale import CUT_OFF, FUSED, SensitiveScale, answer_points, fuse, read_answers
from skinscan.types import Score
from tests.faces import sample
from tests.paths import SAMPLES

CALM, SORE = "0,0,0,0,0,0,0,0,0,0", "8,7,6,7,8,5,4,7,6,8"
numbers = st.floats(0, 100)


def seen(value: float, low: float, high: float) -> Score:
    return Score(
        status="ok", value=value, low=low, high=high, unit="points", range=(0.0, 100.0), direction="",
        reason=None, n_pixels=9, parts=MappingProxyType({}),
    )  # fmt: skip


def answers(total: int) -> SensitiveScale:
    each = [min(10, max(0, total - 10 * k)) for k in range(10)]
    return SensitiveScale(**dict(zip(SensitiveScale.model_fields, each, strict=True)))


def test_the_cut_off_is_50_points_and_points_rise_throughout() -> None:
    assert answer_points(CUT_OFF) == 50
    assert (answer_points(0), answer_points(100)) == (0, 100)
    assert all(a < b for a, b in pairwise(answer_points(t) for t in range(101)))


@given(photo=st.lists(numbers, min_size=3, max_size=3).map(sorted), total=st.integers(0, 100))
def test_a_photo_adds_to_answers_and_never_takes_from_them(photo: list[float], total: int) -> None:
    low, value, high = photo
    fused = fuse(seen(value, low, high), answers(total))
    assert fused.value is not None
    assert fused.low is not None
    assert fused.high is not None
    assert 0 <= fused.low <= fused.value <= fused.high <= 100
    assert fused.value >= round(answer_points(total), 1) - 0.05
    assert fused.value <= max(answer_points(total), value) + 0.05
    assert fused.parts["photo_points"] == value


@given(value=numbers, more=numbers, total=st.integers(0, 99))
def test_more_of_either_is_never_less(value: float, more: float, total: int) -> None:
    low, high = sorted((value, more))
    assert _value(low, total) <= _value(high, total)
    assert _value(value, total) <= _value(value, total + 1)


def _value(photo: float, total: int) -> float:
    value = fuse(seen(photo, photo, photo), answers(total)).value
    assert value is not None
    return value


def test_an_abstained_photo_stays_abstained() -> None:
    blank = Score(
        status="abstained", value=None, low=None, high=None, unit="points", range=(0.0, 100.0), direction="",
        reason="BLURRED", n_pixels=0, parts=MappingProxyType({}),
    )  # fmt: skip
    fused = fuse(blank, answers(60))
    assert (fused.status, fused.value, fused.reason) == ("abstained", None, "BLURRED")


@pytest.mark.parametrize(
    "text", ["", "1,2,3", "11,0,0,0,0,0,0,0,0,0", "-1,0,0,0,0,0,0,0,0,0", "a" * 999, "1.5" + ",0" * 9]
)
def test_what_is_no_answer_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(UsageError, match="ten whole numbers") as caught:
        read_answers(text)
    assert "irritability, tingling" in caught.value.advice
    assert "\n" not in str(caught.value)


def test_the_photos_own_score_stays_beside_the_fused_one() -> None:
    plain = Scanner("cpu").scan(sample("face_medium"))
    asked = Scanner("cpu").scan(sample("face_medium"), ss10=read_answers(SORE))
    assert FUSED not in plain.scores
    assert asked.scores["sensitivity"] == plain.scores["sensitivity"]
    out = scan_to_dict(asked)["scores"]
    assert list(out)[:6] == list(scan_to_dict(plain)["scores"])
    assert out[FUSED]["value"] > 50
    assert out[FUSED]["parts"]["ss10_total"] == 66


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_command_takes_answers(language: str) -> None:
    photo = str(SAMPLES / "face_medium.jpg")
    run = CliRunner().invoke(app, ["scan", photo, "--ss10", CALM, "--lang", language, "--device", "cpu"])
    assert run.exit_code == 0
    assert ("问卷" if language == "zh" else "answers") in run.stdout
    run = CliRunner().invoke(app, ["scan", photo, "--ss10", CALM, "--json", "--device", "cpu"])
    assert json.loads(run.stdout)["scores"][FUSED]["parts"]["ss10_cut_off"] == CUT_OFF
