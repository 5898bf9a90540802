"""The JSON that others build on: keys, precision, and what is never in it."""

import dataclasses
import json
import math
from types import MappingProxyType
from typing import Any

import pytest

from skinscan.errors import NoFace, SkinScanError
from skinscan.measure.reportable import given, withheld
from skinscan.output.records.common import error_to_dict, to_json
from skinscan.output.records.scan import scan_to_dict
from skinscan.scanner import Scanner
from skinscan.types import METRICS, Measure, Metric, Scan
from tests.paths import SAMPLES

SAMPLE = SAMPLES / "face_medium.jpg"

MEASURE = ["value", "low", "high", "unit", "n_pixels", "at_least"]
SCORE = [
    "status", "value", "low", "high", "repeat_low", "repeat_high", "unit", "range", "direction", "reason",
    "n_pixels", "at_least", "parts",
]  # fmt: skip
LAB = ["L", "a", "b"]
KEYS: dict[str, list[str]] = {
    "": [
        "schema",
        "photo",
        "face",
        "view",
        "light",
        "quality",
        "scores",
        "blemishes",
        "zones",
        "zones_withheld",
        "zones_not_measured",
        "tone",
        "run",
    ],
    "photo": ["name", "sha256", "width", "height", "reduction", "format", "icc", "capture"],
    "photo.capture": ["make", "model", "software", "taken_at"],
    "face": ["count", "index", "pose", "interocular_px"],
    "face.pose": ["yaw", "pitch", "roll"],
    "view": ["name", "side", "yaw", "zones_not_seen"],
    "light": [
        "reference",
        "residual",
        "gain",
        "key_light",
        "reference_od",
        "exposure_sigma_od",
        "scatter_od",
        "n_pixels",
        "card",
    ],
    "light.residual": ["red_green", "green_blue", "unit"],
    "quality": ["usable", "checks"],
    "quality.checks.0": ["name", "value", "limit", "unit", "ok", "code", "disables", "advice"],
    "quality.checks.0.advice": ["zh", "en"],
    "scores": ["redness", "redness_local", "oil_balance", "sensitivity", "pigmentation", "blemishes"],
    "scores.redness": SCORE,
    "scores.pigmentation": SCORE,
    "zones.left_cheek": [
        "erythema_index",
        "erythema_contrast",
        "melanin_index",
        "shine",
        "lightness",
        "blemishes",
    ],
    "zones.left_cheek.erythema_index": MEASURE,
    "zones.left_cheek.lightness": MEASURE,
    "tone": [
        "status",
        "reason",
        "lab",
        "ita",
        "ita_class",
        "ita_classes",
        "hue_angle",
        "undertone",
        "monk",
        "sites",
    ],
    "tone.lab": LAB,
    "tone.lab.L": MEASURE,
    "tone.ita": MEASURE,
    "tone.undertone": ["cool", "neutral", "warm"],
    "tone.monk": [],  # not told without a white reference
    "tone.sites.cheek.lab": LAB,
    "run": ["version", "device", "provider", "fallback", "models", "timings_ms"],
    "run.models.0": ["name", "sha256"],
}


@pytest.fixture(scope="module")
def scan() -> Scan:
    return Scanner("cpu").scan(SAMPLE)


def failing(scan: Scan, metric: Metric | None = None) -> Scan:
    """The scan with its first check failed, which forbids one metric, or all."""
    metrics = (metric,) if metric else METRICS
    first, *rest = scan.quality.checks
    first = dataclasses.replace(first, ok=False, code="SPOILT", disables=metrics)
    return dataclasses.replace(scan, quality=dataclasses.replace(scan.quality, checks=(first, *rest)))


def at(tree: Any, path: str) -> Any:
    for key in filter(None, path.split(".")):
        tree = tree[int(key) if isinstance(tree, list) else key]
    return tree


def leaves(tree: Any) -> list[Any]:
    if isinstance(tree, dict | list):
        return [
            leaf for child in (tree.values() if isinstance(tree, dict) else tree) for leaf in leaves(child)
        ]
    return [tree]


@pytest.mark.parametrize("path", KEYS)
def test_keys_are_pinned_with_their_order(scan: Scan, path: str) -> None:
    assert list(at(scan_to_dict(scan), path)) == KEYS[path]


def test_zones_come_in_their_fixed_order_and_none_is_lost(scan: Scan) -> None:
    out = scan_to_dict(scan)
    assert sorted([*out["zones"], *out["zones_not_measured"]]) == sorted(scan.zone_masks)
    assert list(out["zones"]) == [name for name in scan.zone_masks if name in out["zones"]]


def test_values_are_those_of_the_scan(scan: Scan) -> None:
    out = scan_to_dict(scan)
    assert out["schema"] == "skinscan.scan/1"
    assert out["photo"]["sha256"] == scan.photo.sha256
    assert (out["photo"]["width"], out["photo"]["height"]) == (900, 1200)
    assert out["scores"]["redness"]["value"] == scan.scores["redness"].value
    assert out["zones"]["nose"]["shine"]["value"] == scan.zones["nose"].shine.value
    assert out["tone"]["ita"]["n_pixels"] > 0
    assert out["quality"]["usable"] is True
    assert {"name": "skinmaps", "sha256": scan.maps.model_sha256} in out["run"]["models"]


def test_distance_of_the_eyes_is_at_full_scale(scan: Scan) -> None:
    halved = dataclasses.replace(scan.photo, width=1800, height=2400, reduction=2)
    twice = scan_to_dict(dataclasses.replace(scan, photo=halved))["face"]["interocular_px"]
    assert twice == pytest.approx(2 * scan_to_dict(scan)["face"]["interocular_px"], abs=0.1)


def test_numbers_are_plain_and_short(scan: Scan) -> None:
    for leaf in leaves(scan_to_dict(scan)):
        assert type(leaf) in (str, int, float, bool, type(None))
        if isinstance(leaf, float):
            assert math.isfinite(leaf)
            assert str(leaf) != "-0.0"
            assert len(str(leaf).partition(".")[2]) <= 4


def test_json_round_trips_and_keeps_chinese_readable(scan: Scan) -> None:
    out = scan_to_dict(scan)
    text = to_json(out)
    assert json.loads(text) == out
    assert out["quality"]["checks"][0]["advice"]["zh"] in text


def test_a_second_scan_gives_the_same_bytes_but_for_the_timings(scan: Scan) -> None:
    again = Scanner("cpu").scan(SAMPLE)
    assert to_json(scan_to_dict(scan, timings=False)) == to_json(scan_to_dict(again, timings=False))
    assert scan_to_dict(scan, timings=False)["run"]["timings_ms"] == {}
    assert scan_to_dict(scan)["run"]["timings_ms"].keys() == scan.run.timings_ms.keys()


def test_what_a_check_forbids_is_not_printed(scan: Scan) -> None:
    out = scan_to_dict(failing(scan, "redness"))
    assert out["zones_withheld"] == {"erythema_index": "SPOILT", "erythema_contrast": "SPOILT"}
    for zone in out["zones"].values():
        assert zone["erythema_index"] is None
        assert zone["erythema_contrast"] is None
        assert zone["shine"]["value"] >= 0
    assert withheld(scan) == {}


def test_a_measure_without_a_number_is_null(scan: Scan) -> None:
    lost = Measure(value=math.nan, low=math.nan, high=math.nan, unit="EI", n_pixels=80)
    nose = dataclasses.replace(scan.zones["nose"], erythema_contrast=lost)
    zones = MappingProxyType({**scan.zones, "nose": nose})
    spoilt = dataclasses.replace(scan, zones=zones)
    assert scan_to_dict(spoilt)["zones"]["nose"]["erythema_contrast"] is None


def test_not_usable_when_no_metric_is_left(scan: Scan) -> None:
    none = MappingProxyType(
        {
            name: dataclasses.replace(
                score, status="abstained", value=None, low=None, high=None, reason="SPOILT"
            )
            for name, score in scan.scores.items()
        }
    )
    tone = dataclasses.replace(scan.tone, status="abstained", reason="SPOILT", lab=None, ita=None)
    nothing = dataclasses.replace(scan, scores=none, tone=tone)
    assert not any(given(nothing).values())
    out = scan_to_dict(nothing)
    assert out["quality"]["usable"] is False
    assert out["scores"]["redness"]["value"] is None
    assert out["scores"]["redness"]["reason"] == "SPOILT"
    assert out["tone"]["lab"] is None


def test_json_refuses_what_json_has_not() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        to_json({"value": math.inf})


def test_error_object() -> None:
    error = NoFace("no face found in a.jpg", "take it from the front")
    assert error_to_dict(error) == {
        "schema": "skinscan.error/1",
        "code": "NO_FACE",
        "message": "no face found in a.jpg",
        "advice": "take it from the front",
    }
    assert list(error_to_dict(SkinScanError("x"))) == ["schema", "code", "message", "advice"]
