"""Scores and zone measures: what moves them, how far, how sure they are, and when they are withheld."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from models.training.fit.fit_people import read_scales
from skinscan import runtime
from skinscan.color import linear_to_lab
from skinscan.facemesh.canonical_face import load_canonical
from skinscan.facemesh.zones import SKIN_ZONES, T_ZONE, U_ZONE, ZONES
from skinscan.measure.score_features import FEATURES
from skinscan.measure.scores import SCORES, score
from skinscan.types import (
    METRICS,
    Advice,
    BoolMap,
    FaceTexture,
    Measure,
    Metric,
    Quality,
    QualityCheck,
    Scores,
    SkinMaps,
)
from tests.faces import FINE, PERSON, S, light, maps, texture, zone_masks

MESH = load_canonical()
V, U = np.mgrid[:S, :S] / S
PEOPLE = read_scales()["scores"]
TYPICAL = {
    "erythema_index": 28.0, "melanin_index": 35.0, "erythema_peak": 4.0, "erythema_central": 1.0,
    "erythema_patchiness": 0.5, "highlights": 3.0, "spot_strength": 1.0, "blemish_density": 0.2,
}  # fmt: skip
SURE = dict.fromkeys(FEATURES, 0.0)
METRIC_OF = {name: "redness" if name == "redness_local" else name for name in SCORES}


def graph(features: dict[str, float], sigma: dict[str, float] = SURE) -> dict[str, NDArray[np.float32]]:
    """The graph alone: value, low, high by score, the percentile, the other interval."""
    rows = [np.array([[given[name] for name in FEATURES]], np.float32) for given in (features, sigma)]
    out = runtime.open_onnx("scores", "cpu").run({"features": rows[0], "sigma": rows[1]})
    others = {name: out[name][0] for name in ("percentile", "repeat")}
    return {**dict(zip(SCORES, out["scores"][0], strict=True)), **others}


def scored(
    skin: SkinMaps, seen: Mapping[str, BoolMap] | None = None, quality: Quality = FINE, **of_light: Any
) -> Scores:
    return score(texture(), skin, seen or zone_masks(), light(**of_light), quality, "cpu")


def value(scores: Scores, name: str) -> float:
    found = scores.scores[name].value
    assert found is not None
    return found


def covering(*names: str) -> Mapping[str, BoolMap]:
    """All zones but these."""
    return {name: mask & (name not in names) for name, mask in zone_masks().items()}


def disc(u: float, v: float, texels: float) -> BoolMap:
    return np.asarray(np.hypot(U - u, V - v) * S < texels)


@contextmanager
def at_most_one_point() -> Iterator[list[float]]:
    values: list[float] = []
    yield values
    assert np.ptp(values) <= 1


# ---- the graph: properties

FEATURE_VALUES = {name: st.floats(-30, 60) for name in FEATURES} | {
    "erythema_index": st.floats(-20, 90), "melanin_index": st.floats(-10, 150),
    "highlights": st.floats(0, 100),
    "spot_strength": st.floats(0, 30), "blemish_density": st.floats(0, 30),
}  # fmt: skip
any_features = st.fixed_dictionaries(FEATURE_VALUES)
any_sigma = st.fixed_dictionaries(dict.fromkeys(FEATURES, st.floats(0, 40)))


@given(features=any_features, sigma=any_sigma)
def test_whatever_comes_there_is_a_number_within_its_interval(
    features: dict[str, float], sigma: dict[str, float]
) -> None:
    out = graph(features, sigma)
    for name in SCORES:
        middle, low, high = out[name]
        assert 0 <= low <= middle <= high <= 100, name
        again_low, again_high = out["repeat"][SCORES.index(name)]
        assert 0 <= again_low <= middle <= again_high <= 100, name
    assert 1 <= out["percentile"][0] <= 99


RISES_WITH = {
    "redness": ("erythema_index", "erythema_peak", "erythema_central"),
    "redness_local": ("erythema_peak",),
    "oil_balance": ("highlights",),
    "sensitivity": ("erythema_central", "erythema_peak", "erythema_patchiness"),
    "pigmentation": ("spot_strength",),
    "blemishes": ("blemish_density",),
}
"""What a score is made of; it rises with each."""


@given(features=any_features, data=st.data())
def test_scores_never_fall_as_what_they_stand_for_rises(
    features: dict[str, float], data: st.DataObject
) -> None:
    for name, causes in RISES_WITH.items():
        cause = data.draw(st.sampled_from(causes))
        more = features | {cause: features[cause] + data.draw(st.floats(0, 20))}
        assert graph(more)[name][0] >= graph(features)[name][0] - 1e-3, (name, cause)


@given(features=any_features, data=st.data())
def test_scores_depend_on_nothing_else(features: dict[str, float], data: st.DataObject) -> None:
    """No shine in redness, no redness in oil."""
    for name, causes in RISES_WITH.items():
        used = {*causes, "melanin_index"} if name == "redness" else set(causes)
        other = {k: v if k in used else data.draw(FEATURE_VALUES[k]) for k, v in features.items()}
        assert graph(other)[name][0] == pytest.approx(float(graph(features)[name][0]), abs=1e-3), name


@given(features=any_features, sigma=any_sigma, factor=st.floats(1, 5))
def test_the_interval_widens_with_what_is_unsure(
    features: dict[str, float], sigma: dict[str, float], factor: float
) -> None:
    wider = {name: factor * s for name, s in sigma.items()}
    narrow_out, wide_out = graph(features, sigma), graph(features, wider)
    for name in ("redness_local", "pigmentation", "blemishes"):
        assert wide_out[name][1] <= narrow_out[name][1] + 1e-3, name
        assert wide_out[name][2] >= narrow_out[name][2] - 1e-3, name


@given(peak=st.floats(0, 30), rise=st.floats(0, 6))
def test_one_visible_step_is_five_points_of_local_redness(peak: float, rise: float) -> None:
    def local(height: float) -> float:
        return float(graph(TYPICAL | {"erythema_peak": height})["redness_local"][0])

    assert local(peak + rise) - local(peak) == pytest.approx(5 * rise / 1.8, abs=1e-2)


@pytest.mark.parametrize("name", ["redness", "oil_balance", "pigmentation"])
def test_the_scale_of_people_is_their_deciles(name: str) -> None:
    """50 at the median adult, 10 points a decile, and room at both ends for what they do not have."""
    scale = PEOPLE[name]
    assert scale["points"] == [0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100]
    assert (np.diff(scale["at"]) > 0).all()
    assert scale["at"][-1] - scale["at"][-2] > scale["at"][-2] - scale["at"][5]
    assert scale["sd"] >= 15


def test_severities_leave_healthy_adults_below_20_and_end_at_the_worst_grade() -> None:
    for name in ("sensitivity", "blemishes"):
        scale = PEOPLE[name]
        assert scale["points"][0] == 0
        assert scale["points"][-1] == 100
        assert (np.diff(scale["at"]) > 0).all()
    sensitivity, spots = graph(TYPICAL | {"erythema_central": 16.0, "erythema_peak": 16.0}), graph(TYPICAL)
    assert sensitivity["sensitivity"][0] > 40
    assert spots["blemishes"][0] < 20


@given(features=any_features)
def test_scores_are_the_raw_numbers_on_the_scale_of_people(features: dict[str, float]) -> None:
    row = {"features": [list(features.values())], "sigma": [[0.0] * len(FEATURES)]}
    feeds = {name: np.array(values, np.float32) for name, values in row.items()}
    out = runtime.open_onnx("scores", "cpu").run(feeds)
    for number, name in enumerate(SCORES):
        expected = np.interp(out["raw"][0, number], PEOPLE[name]["at"], PEOPLE[name]["points"])
        assert out["scores"][0, number, 0] == pytest.approx(expected, abs=0.02), name


@pytest.mark.parametrize("melanin", [20, 25, 30, 35, 42, 60, 75, 90])
def test_the_percentile_is_that_of_the_same_melanin(melanin: float) -> None:
    grid = np.arange(14.0, 46.0, 0.1)
    rows = [graph(TYPICAL | {"melanin_index": melanin, "erythema_index": float(e)}) for e in grid]
    percentiles = np.array([row["percentile"][0] for row in rows])
    assert (np.diff(percentiles) >= -1e-3).all()
    assert percentiles[0] == 1
    assert percentiles[-1] == 99


# ---- redness of whole faces


def test_even_skin_is_not_locally_red_spotty_or_oily() -> None:
    scores = scored(maps())
    assert value(scores, "redness_local") < 3
    assert value(scores, "pigmentation") < 5
    assert value(scores, "oil_balance") <= value(oiled(0.02), "oil_balance")
    assert scores.scores["redness"].parts["erythema_index"] == pytest.approx(28)


def test_a_redder_face_is_redder_and_not_locally() -> None:
    plain, redder = scored(maps(erythema=28.0)), scored(maps(erythema=36.0))
    assert value(redder, "redness") > value(plain, "redness")
    assert value(redder, "redness_local") == value(plain, "redness_local")
    assert value(redder, "sensitivity") == value(plain, "sensitivity")
    for zone in SKIN_ZONES:
        assert redder.zones[zone].erythema_index.value == pytest.approx(36)
        assert redder.zones[zone].erythema_contrast.value == pytest.approx(0, abs=0.01)


def test_a_red_cheek_is_that_zone_against_the_own_face() -> None:
    red = np.where(MESH.zones["left_cheek"], 34.0, 28.0)
    scores = scored(maps(erythema=red))
    contrast = {zone: m.erythema_contrast.value for zone, m in scores.zones.items() if zone in SKIN_ZONES}
    share = MESH.area_cm2[MESH.zones["left_cheek"]].sum() / MESH.area_cm2[MESH.skin].sum()
    assert contrast.pop("left_cheek") == pytest.approx(6 * (1 - share), abs=0.02)
    assert list(contrast.values()) == pytest.approx([-6 * share] * len(contrast), abs=0.02)
    assert value(scores, "redness_local") > value(scored(maps()), "redness_local") + 10
    assert value(scores, "sensitivity") > value(scored(maps()), "sensitivity")


def test_lips_are_no_part_of_the_own_face() -> None:
    lips = MESH.zones["upper_lip"] | MESH.zones["lower_lip"]
    painted = scored(maps(erythema=np.where(lips, 60.0, 28.0)))
    plain = scored(maps())
    assert {n: s.value for n, s in painted.scores.items()} == {n: s.value for n, s in plain.scores.items()}
    assert painted.zones["upper_lip"].erythema_contrast.value == pytest.approx(32)


def test_redness_is_the_same_whether_a_zone_is_covered() -> None:
    """A face of even colour with a beard is as red as without."""
    with at_most_one_point() as values:
        for hidden in ((), ("chin", "perioral", "left_jaw", "right_jaw"), ("forehead", "left_cheek")):
            values.append(value(scored(maps(), covering(*hidden)), "redness"))


def test_a_larger_shared_error_widens_redness_and_not_contrast() -> None:
    narrow, wide = (scored(maps(erythema_shared_sigma=s)) for s in (1.0, 4.0))
    spans = []
    for scores in (narrow, wide):
        redness, zone = scores.scores["redness"], scores.zones["nose"]
        assert redness.high is not None
        assert redness.low is not None
        spans.append((redness.high - redness.low, _span(zone.erythema_index), _span(zone.erythema_contrast)))
    assert spans[1][0] > 3 * spans[0][0]
    assert spans[1][1] > 2 * spans[0][1]
    assert spans[1][2] == spans[0][2]


def test_an_unsure_zone_is_unsure_alone() -> None:
    doubtful = MappingProxyType(dict.fromkeys(SKIN_ZONES, 0.5) | {"chin": 6.0})
    measured = scored(maps(), zone_sigma=doubtful).zones
    assert _span(measured["chin"].erythema_contrast) > 15
    assert _span(measured["nose"].erythema_contrast) < 6


def _span(measure: Measure) -> float:
    return measure.high - measure.low


# ---- oil


def glossy(gloss: float, where: BoolMap | bool = True) -> FaceTexture:
    """A face with white highlights of 2 texels, `gloss` in linear light, every 10 texels of a place."""
    lattice = (np.arange(S) % 10 < 2)[:, None] & (np.arange(S) % 10 < 2)
    return texture(np.array(PERSON) + gloss * (lattice & where)[..., None])


def oiled(gloss: float, where: BoolMap | bool = True) -> Scores:
    return score(glossy(gloss, where), maps(), zone_masks(), light(), FINE, "cpu")


def test_oil_rises_with_highlights_and_tells_t_from_u() -> None:
    values = [value(oiled(gloss), "oil_balance") for gloss in (0.0, 0.1, 0.2, 0.4)]
    assert 0 <= values[0] < values[1] < values[2] < values[3] <= 100
    where = np.logical_or.reduce([MESH.zones[zone] for zone in T_ZONE])
    parts = oiled(0.05, where).scores["oil_balance"].parts
    assert parts["highlights_t_zone_percent"] > 1
    assert parts["highlights_u_zone_percent"] == pytest.approx(0, abs=0.3)
    shiny = scored(maps(shine=np.where(where, 6.0, 0.0))).scores["oil_balance"].parts
    assert shiny["shine_t_zone_percent"] == pytest.approx(6, abs=0.05)
    assert shiny["shine_u_zone_percent"] == pytest.approx(0, abs=0.05)
    assert not set(T_ZONE) & set(U_ZONE)


# ---- spots


def spots_at(places: list[tuple[float, float]], texels: float, contrast: float) -> SkinMaps:
    melanin = np.full((S, S), 35.0)
    for u, v in places:
        melanin[disc(u, v, texels)] += contrast
    return maps(melanin=melanin)


CHEEK_PLACES = [(0.28, 0.53), (0.33, 0.6), (0.25, 0.62), (0.72, 0.53), (0.67, 0.58)]


@pytest.mark.parametrize("count", [1, 3, 5])
def test_spots_are_counted_and_measured(count: int) -> None:
    parts = scored(spots_at(CHEEK_PLACES[:count], 3.0, 15.0)).scores["pigmentation"].parts
    assert parts["spot_count"] == count
    one = scored(spots_at(CHEEK_PLACES[:1], 3.0, 15.0)).scores["pigmentation"].parts
    assert parts["spot_area_percent"] == pytest.approx(count * one["spot_area_percent"], rel=0.15)
    assert 3 < parts["spot_contrast_mi"] < 15


def test_more_or_darker_spots_score_higher() -> None:
    few, many, darker, darkest = (
        value(scored(spots_at(CHEEK_PLACES[:n], 4.0, c)), "pigmentation")
        for n, c in ((2, 9), (5, 9), (2, 12), (2, 16))
    )
    assert value(scored(maps()), "pigmentation") <= few < many
    assert few < darker < darkest


@pytest.mark.parametrize(
    ("name", "where"),
    [
        ("hair", (np.abs(V - 0.17) * S < 0.6) & (np.abs(U - 0.5) < 0.15)),
        ("grain", np.random.default_rng(3).random((S, S)) > 0.5),
        ("faint", 0.15 * disc(0.28, 0.55, 4)),
        ("mole on the lip", disc(0.5, 0.645, 2)),
    ],
)
def test_what_is_no_spot_is_not_counted(name: str, where: BoolMap) -> None:
    melanin = 35.0 + 8.0 * where
    assert scored(maps(melanin=melanin)).scores["pigmentation"].parts["spot_count"] == 0


def test_dark_spots_are_the_same_in_a_mirror_and_on_any_tone() -> None:
    """Contrast is against the skin around."""
    skin = spots_at(CHEEK_PLACES, 3.0, 12.0).melanin
    plain, mirrored, deep = (
        scored(maps(melanin=melanin)).scores["pigmentation"] for melanin in (skin, skin[:, ::-1], skin + 40)
    )
    assert plain.value == pytest.approx(mirrored.value, abs=1.0)
    assert plain.value == pytest.approx(deep.value, abs=0.2)


def test_grain_hardly_moves_pigmentation() -> None:
    """What JPEG and noise do from texel to texel is finer than the scale that counts."""
    skin = spots_at(CHEEK_PLACES, 4.0, 15.0).melanin
    noise = np.random.default_rng(5).normal(0, 3.0, (S, S))
    plain, noisy = (value(scored(maps(melanin=m)), "pigmentation") for m in (skin, skin + noise))
    assert noisy == pytest.approx(plain, abs=8)


# ---- zone measures


def test_zones_carry_unit_interval_and_the_texels_they_stand_on() -> None:
    rng = np.random.default_rng(0)
    noisy = scored(maps(erythema=28 + rng.normal(0, 2, (S, S)), shine=2.0))
    assert tuple(noisy.zones) == ZONES
    for name, zone in noisy.zones.items():
        assert zone.erythema_index.n_pixels == MESH.zones[name].sum()
        for measure, unit in (
            (zone.erythema_index, "EI"), (zone.erythema_contrast, "EI"), (zone.melanin_index, "MI"),
            (zone.shine, "% of the light"), (zone.lightness, "L*"),
        ):  # fmt: skip
            assert measure.unit == unit
            assert measure.low <= measure.value <= measure.high
        assert zone.shine.low >= 0
        assert zone.erythema_index.value == pytest.approx(28, abs=0.5)


def test_lightness_is_that_of_the_photo() -> None:
    zone = scored(maps()).zones["nose"].lightness
    assert zone.value == pytest.approx(float(linear_to_lab(PERSON)[0]), abs=0.06)


def test_a_little_skin_is_not_a_zone() -> None:
    """Less than a third of a zone, or a handful of texels, is not measured."""
    validity = np.ones((S, S))
    for zone, share in (("left_cheek", 0.25), ("right_cheek", 0.4)):
        texels = np.argwhere(MESH.zones[zone])
        hidden = texels[: round((1 - share) * len(texels))]
        validity[tuple(hidden.T)] = 0
    measured = scored(maps(validity=validity)).zones
    assert "left_cheek" not in measured
    assert measured["right_cheek"].erythema_index.n_pixels == pytest.approx(
        0.4 * MESH.zones["right_cheek"].sum(), abs=1
    )


def test_invalid_texels_count_for_nothing() -> None:
    spoilt = disc(0.72, 0.56, 12) | disc(0.5, 0.5, 6)
    skin = {
        "erythema": np.where(spoilt, 90.0, 28.0), "melanin": np.where(spoilt, 200.0, 35.0),
        "shine": np.where(spoilt, 100.0, 0.0), "validity": np.where(spoilt, 0.0, 1.0),
    }  # fmt: skip
    found, plain = scored(maps(**skin)), scored(maps())
    assert {n: s.value for n, s in found.scores.items()} == {n: s.value for n, s in plain.scores.items()}
    assert found.zones["left_cheek"].erythema_index.value == 28
    assert found.zones["left_cheek"].shine.value == 0


# ---- abstention


def failed(code: str, *disables: Metric) -> QualityCheck:
    return QualityCheck(
        name=code.lower(), value=1.0, limit=0.0, unit="", ok=False, code=code, disables=disables,
        advice=Advice(zh="重拍", en="again"),
    )  # fmt: skip


@pytest.mark.parametrize("metric", [m for m in METRICS if m != "tone"])
def test_a_failed_check_withholds_its_metric_and_no_other(metric: Metric) -> None:
    found = scored(maps(), quality=Quality(checks=(failed("SOME_REASON", metric),))).scores
    for name, given_score in found.items():
        if METRIC_OF[name] == metric:
            assert (given_score.status, given_score.reason) == ("abstained", "SOME_REASON")
            assert given_score.value is given_score.low is given_score.high is None
            assert not given_score.parts
        else:
            assert (given_score.status, given_score.reason) == ("ok", None)


def test_the_first_check_that_forbids_is_the_reason() -> None:
    checks = (failed("FIRST", "redness"), failed("SECOND", "redness", "sensitivity"))
    found = scored(maps(), quality=Quality(checks=checks)).scores
    assert found["redness"].reason == "FIRST"
    assert found["sensitivity"].reason == "SECOND"


COVERED: dict[str, tuple[tuple[str, ...], set[str]]] = {
    "mask": (
        ("nose", "left_cheek", "right_cheek", "perioral", "chin"),
        {"redness", "sensitivity"},
    ),
    "middle only": (("forehead", "chin", "left_jaw", "right_jaw"), {"redness", "sensitivity"}),
    "no T-zone": (T_ZONE, {"oil_balance"}),
    "no U-zone": (U_ZONE, {"oil_balance"}),
    "one cheek": (("left_cheek", "left_jaw", "left_under_eye"), set()),
}


@pytest.mark.parametrize("name", COVERED)
def test_covered_zones_withhold_what_rests_on_them(name: str) -> None:
    hidden, lost = COVERED[name]
    found = scored(maps(), covering(*hidden))
    for score_name, one in found.scores.items():
        gone = METRIC_OF[score_name] in lost
        assert (one.status, one.reason) == (("abstained", "ZONES_COVERED") if gone else ("ok", None)), (
            score_name
        )
    assert not set(found.zones) & set(hidden)


def test_a_failed_check_speaks_before_covered_zones() -> None:
    quality = Quality(checks=(failed("TOO_DARK", "redness"),))
    assert scored(maps(), covering(*SKIN_ZONES), quality).scores["redness"].reason == "TOO_DARK"


def test_a_face_without_valid_skin_gives_reasons_and_no_numbers() -> None:
    found = scored(maps(validity=0.0))
    assert not found.zones
    assert {s.reason for s in found.scores.values()} == {"ZONES_COVERED"}
    assert {s.value for s in found.scores.values()} == {None}


# ---- never a NaN


@given(
    erythema=st.floats(-50, 120), melanin=st.floats(-30, 250), shine=st.floats(0, 100),
    seed=st.integers(0, 99), hidden=st.sets(st.sampled_from(ZONES)), spread=st.floats(0, 30),
)  # fmt: skip
def test_no_score_or_measure_is_ever_nan(
    erythema: float, melanin: float, shine: float, seed: int, hidden: set[str], spread: float
) -> None:
    noise = spread * np.random.default_rng(seed).standard_normal((S, S))
    skin = maps(erythema=erythema + noise, melanin=melanin + noise, shine=np.clip(shine + noise, 0, 100))
    found = scored(skin, covering(*hidden))
    assert set(found.scores) == set(SCORES)
    for one in found.scores.values():
        numbers = [v for v in (one.value, one.low, one.high) if v is not None] + list(one.parts.values())
        assert all(map(math.isfinite, numbers))
        assert one.status == "abstained" or len(numbers) >= 3
    for zone in found.zones.values():
        for measure in (
            zone.erythema_index,
            zone.erythema_contrast,
            zone.melanin_index,
            zone.shine,
            zone.lightness,
        ):
            assert all(map(math.isfinite, (measure.value, measure.low, measure.high)))
