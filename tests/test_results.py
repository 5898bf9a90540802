"""What every result can do in a caller's hand: tell itself, be equal, be copied, cross to another process."""

from __future__ import annotations

import copy
import json
import multiprocessing
import pickle
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import fields, is_dataclass, replace
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
import pytest

import skinscan
from skinscan.value import WRITERS, Result, Value
from tests.evidence.cases import key_folder, sealed
from tests.paths import SAMPLES
from tests.streams import stream

PAIR = [str(SAMPLES / "pairs" / f"a_{name}.jpg") for name in ("before", "strong")]


@cache
def scan() -> skinscan.Scan:
    return skinscan.scan(SAMPLES / "face_medium.jpg", device="cpu")


@cache
def catalog() -> skinscan.Catalog:
    return skinscan.load_catalog(SAMPLES / "catalog_foundations.csv")


@cache
def change() -> skinscan.Change:
    return skinscan.compare(*PAIR, area="left_cheek", device="cpu")


@cache
def case() -> skinscan.CaseFile:
    file = SAMPLES / "claims" / "clear_reaction_zh" / "claim.json"
    return skinscan.work_case(
        skinscan.load_claim(file),
        folder=file.parent,
        policy=skinscan.load_policy(),
        scanner=skinscan.Scanner("cpu"),
    )


@pytest.fixture(scope="module")
def verification(tmp_path_factory: pytest.TempPathFactory) -> skinscan.Verification:
    """Of a folder with one bundle that holds and one that does not."""
    home = tmp_path_factory.mktemp("evidence")
    keys = key_folder(home / "keys")
    sealed(home / "sealed", keys)
    path = sealed(home / "sealed", keys, case_id="other").path
    path.write_bytes(path.read_bytes()[:-1])
    return skinscan.verify_evidence(home / "sealed", keys)


MADE: dict[str, Callable[[], Result]] = {
    "CaseFile": case,
    "Catalog": catalog,
    "Change": change,
    "Scan": scan,
    "ShadeMatch": lambda: skinscan.match_shades(scan(), catalog(), purchased=catalog().shades[0].sku),
    "Signals": lambda: skinscan.find_signals(stream(days=60, rate=0.5)),
    "Trend": lambda: skinscan.trend(
        [change().before[0], change().after[0]], taken_at=["2026-03-01", "2026-03-04"], device="cpu"
    ),
    "TryOn": lambda: skinscan.try_on(scan(), catalog().shades[0]),
    "Verdict": lambda: case().verdict,
}


@pytest.fixture(params=sorted(WRITERS))
def result(request: pytest.FixtureRequest) -> Result:
    """One of each."""
    name: str = request.param
    made = request.getfixturevalue("verification") if name == "Verification" else MADE[name]()
    assert type(made).__name__ == name
    assert isinstance(made, Result)
    return made


def test_each_result_has_a_writer_and_each_writer_a_result() -> None:
    for name in skinscan.__all__:
        getattr(skinscan, name)  # so that every module is loaded
    assert {cls.__name__ for cls in Result.__subclasses__()} == set(WRITERS)
    assert set(WRITERS) <= set(skinscan.__all__)


def test_it_tells_itself(result: Result) -> None:
    told = result.to_dict()
    assert json.loads(result.to_json()) == json.loads(json.dumps(told))
    english, chinese = result.summary(), result.summary(lang="zh")
    assert english != chinese
    assert max(map(len, english.splitlines())) <= 80
    assert "\x1b" not in english
    assert result._repr_html_().startswith(("<table>", "<img ", "<pre>"))


def test_its_repr_is_short_and_shows_no_array(result: Result) -> None:
    text = repr(result)
    assert text.startswith(type(result).__name__ + "(")
    assert len(text) < 400
    assert "array" not in text


@pytest.mark.parametrize("copied", [lambda x: pickle.loads(pickle.dumps(x)), copy.deepcopy])
def test_it_can_be_copied(result: Result, copied: Callable[[Any], Any]) -> None:
    again = copied(result)
    assert again is not result
    assert again == result
    assert again.to_json() == result.to_json()
    assert frozen(again) == frozen(result)


def frozen(thing: Any, path: str = "") -> dict[str, bool]:
    """Whether each array in a value is read-only."""
    if isinstance(thing, np.ndarray):
        return {path: not thing.flags.writeable}
    if is_dataclass(thing):
        parts = {field.name: getattr(thing, field.name) for field in fields(thing)}
    elif isinstance(thing, dict | MappingProxyType):
        parts = dict(thing)
    elif isinstance(thing, tuple):
        parts = {str(k): part for k, part in enumerate(thing)}
    else:
        return {}
    return {at: flag for name, part in parts.items() for at, flag in frozen(part, f"{path}.{name}").items()}


def test_a_scan_keeps_its_photo_read_only() -> None:
    again = pickle.loads(pickle.dumps(scan()))
    with pytest.raises(ValueError, match="read-only"):
        again.photo.pixels[0, 0] = 0
    with pytest.raises(TypeError):
        again.scores["redness"] = None


def test_one_pixel_or_one_texel_more_is_another_value() -> None:
    photo = scan().photo
    pixels = photo.pixels.copy()
    pixels[0, 0, 0] ^= 1
    assert replace(photo, pixels=photo.pixels.copy()) == photo
    assert replace(photo, pixels=pixels) != photo
    assert replace(scan(), photo=replace(photo, pixels=pixels)) != scan()
    assert scan() != change()


def test_what_is_not_a_number_equals_itself() -> None:
    first, second = (np.array([np.nan, 1.0]) for _ in range(2))
    curve = scan().light.tone_curve
    assert replace(curve, knots=first, level=float("nan")) == replace(curve, knots=second, level=float("nan"))
    assert replace(curve, knots=first) != replace(curve, knots=first.astype(np.float32))


def test_a_value_shows_arrays_by_their_shape() -> None:
    assert isinstance(scan().photo, Value)
    assert "pixels=uint8[1200, 900, 3]" in repr(scan().photo)


def scanned_there(path: Path) -> skinscan.Scan:
    return skinscan.Scanner("cpu").scan(path)


def test_a_scan_comes_back_from_another_process() -> None:
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=spawn) as pool:
        there = pool.submit(scanned_there, SAMPLES / "face_medium.jpg").result()
    here = replace(scan(), run=replace(scan().run, timings_ms=there.run.timings_ms))
    assert there == here


@pytest.mark.parametrize("name", ["redness", "redness_local", "oil_balance", "sensitivity", "pigmentation"])
def test_the_scores_are_attributes(name: str) -> None:
    assert getattr(scan(), name) == scan().scores[name].value
    assert getattr(scan(), name) is not None


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_summary_is_what_the_command_line_prints(
    language: Literal["en", "zh"], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from skinscan.cli import run

    monkeypatch.setenv("COLUMNS", "80")
    path = str(SAMPLES / "face_medium.jpg")
    assert run(["scan", path, "--device", "cpu", "--lang", language]) == 0
    assert capsys.readouterr().out == scan().summary(language) + "\n"


def test_a_refused_comparison_tells_itself_too() -> None:
    refused = skinscan.compare(scan(), scan(), device="cpu")
    assert refused.status == "refused"
    assert refused.findings[0].code in repr(refused)
    assert refused._repr_html_().startswith("<pre>")
    assert pickle.loads(pickle.dumps(refused)) == refused
