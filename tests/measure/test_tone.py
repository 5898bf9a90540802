"""Skin tone: the colour that is there, classes that follow from it, and probabilities that add up."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from models.renderer.issa import linear_srgb
from models.renderer.people import Person, committed_people
from skinscan import color
from skinscan.color import ITA_CLASSES, delta_e_2000, ita, ita_class, lab_to_linear, linear_to_lab
from skinscan.facemesh.canonical_face import load_canonical
from skinscan.measure.tone import measure_tone
from skinscan.types import Advice, Measure, Quality, QualityCheck, Tone
from tests.faces import FINE, PERSON, S, face, grain, light, maps, photo, scanned, texture, truth, zone_masks

MESH = load_canonical()
PEOPLE = committed_people()
NAMES = [name for name, _ in ITA_CLASSES]
Rgb = NDArray[np.float64]


def cheek(person: Person) -> Rgb:
    return np.asarray(linear_srgb(person.sites["cheek"]))


def toned(own: Rgb = PERSON, **changes: Any) -> Tone:
    """Tone of a face of one colour whose light is known; `light_of` changes the light."""
    of_light = changes.pop("light_of", {})
    given_values = {
        "photo": photo(), "face": face(), "texture": texture(own), "maps": maps(), "zone_masks": zone_masks(),
        "light": light(own, **of_light), "quality": FINE,
    }  # fmt: skip
    return measure_tone(**{**given_values, **changes})


def lab_of(tone: Tone) -> NDArray[np.float64]:
    assert tone.lab
    return np.array([measure.value for measure in tone.lab])


def known(measure: Measure | None) -> Measure:
    assert measure is not None
    return measure


# ---- the colour


@pytest.mark.parametrize("person", PEOPLE, ids=lambda p: f"{p.tone}-{p.key}")
def test_even_skin_in_known_light_has_its_own_lab(person: Person) -> None:
    own = cheek(person)
    tone = toned(own)
    expected = linear_to_lab(own)
    assert float(delta_e_2000(lab_of(tone), expected)) < 0.2
    assert known(tone.ita).value == pytest.approx(float(ita(expected)), abs=0.3)
    assert tone.ita_class == person.tone if tone.status == "ok" else len(tone.ita_classes) > 2
    for site in ("cheek", "jaw", "forehead"):
        np.testing.assert_allclose([m.value for m in tone.sites[site].lab], expected, atol=0.2)


@given(lightness=st.floats(25, 75), a=st.floats(3, 22), b=st.floats(5, 28))
def test_any_skin_color_comes_back(lightness: float, a: float, b: float) -> None:
    own = np.maximum(lab_to_linear([lightness, a, b]), 2e-3)
    tone = toned(own)
    assert float(delta_e_2000(lab_of(tone), linear_to_lab(own))) < 0.3
    ends = known(tone.ita)
    assert ends.low <= ends.value <= ends.high
    assert tone.ita_class in (ita_class(ends.value), None)


def test_sites_differ_as_their_color_does() -> None:
    """A jaw yellower than the cheek is yellower in the result; brightness of a site counts for a fifth."""
    rgb = np.broadcast_to(PERSON, (S, S, 3)).copy()
    jaw = MESH.zones["left_jaw"] | MESH.zones["right_jaw"]
    rgb[jaw] = PERSON * (1.0, 1.0, 0.8)
    rgb[MESH.zones["forehead"]] = PERSON * 0.8
    tone = toned(texture=texture(rgb))
    cheek_lab, jaw_lab, forehead_lab = (
        [m.value for m in tone.sites[site].lab] for site in ("cheek", "jaw", "forehead")
    )
    assert jaw_lab[2] - cheek_lab[2] == pytest.approx(
        float(linear_to_lab(PERSON * (1, 1, 0.8))[2] - linear_to_lab(PERSON)[2]), abs=0.5
    )
    darker = float(linear_to_lab(PERSON * 0.8)[0] - linear_to_lab(PERSON)[0])
    assert 0.1 < (forehead_lab[0] - cheek_lab[0]) / darker < 0.3
    np.testing.assert_allclose(lab_of(tone), cheek_lab)


@pytest.mark.parametrize("exposure", [0.4, 1.0, 1.6])
def test_how_bright_the_photo_is_does_not_count_where_the_density_is_known(exposure: float) -> None:
    of_light = {"key_light": PERSON[0] * exposure, "level": math.log10(PERSON[0] * exposure)}
    tone = toned(texture=texture(PERSON * exposure), light_of=of_light)
    assert float(delta_e_2000(lab_of(tone), lab_of(toned()))) < 0.1


def test_the_white_balance_gain_is_applied() -> None:
    cast = np.array([1.15, 1.0, 0.85])
    of_light = {"gain": tuple(1 / cast), "key_light": PERSON[0] * cast[0]}
    tone = toned(texture=texture(PERSON * cast), light_of=of_light)
    assert float(delta_e_2000(lab_of(tone), lab_of(toned()))) < 0.1


def test_shading_and_noise_do_not_count() -> None:
    u = np.mgrid[:S, :S][1] / S
    shaded = PERSON * (0.6 + 0.4 * u)[..., None] * grain(2.0)
    assert float(delta_e_2000(lab_of(toned(texture=texture(shaded))), lab_of(toned()))) < 1.5


def test_invalid_texels_do_not_count() -> None:
    rgb = np.broadcast_to(PERSON, (S, S, 3)).copy()
    spoilt = MESH.zones["left_cheek"]
    rgb[spoilt] = (0.1, 0.5, 0.9)
    tone = toned(texture=texture(rgb), maps=maps(validity=np.where(spoilt, 0.0, 1.0)))
    np.testing.assert_allclose(lab_of(tone), lab_of(toned()))


# ---- how sure


def test_the_interval_grows_with_each_thing_unsure_and_along_the_right_axis() -> None:
    sure = toned()

    def span(tone: Tone, axis: int) -> float:
        assert tone.lab
        return tone.lab[axis].high - tone.lab[axis].low

    dim = toned(light_of={"sigma": 15.0})
    cast = toned(light_of={"residual": (3.0, 0.001)})
    yellow = toned(light_of={"chroma_sigma": (0.0, 4.0)})
    assert span(dim, 0) > 2 * span(sure, 0)
    assert span(cast, 1) > 3 * span(sure, 1)
    assert span(yellow, 2) > 3 * span(sure, 2)
    assert span(yellow, 0) < 1.3 * span(sure, 0)
    assert known(dim.ita).high - known(dim.ita).low > 20


def test_a_90_percent_interval_of_exposure_is_1_645_sigma() -> None:
    sigma = 8.0
    tone = toned(light_of={"sigma": sigma})
    assert tone.lab
    reach = 1.645 * math.hypot(sigma, 4.0)  # 4 OD are left between a site and the key light
    ends = [float(linear_to_lab(PERSON * 10 ** (sign * reach / 100))[0]) for sign in (-1, 1)]
    np.testing.assert_allclose([tone.lab[0].low, tone.lab[0].high], ends, atol=0.1)


def test_the_interval_of_ita_is_as_lopsided_as_ita_is() -> None:
    """Dark skin: half a stop brighter moves ITA twice as far as half a stop darker."""
    own, sigma = cheek(PEOPLE[-1]), 10.0
    angle = known(toned(own, light_of={"sigma": sigma}).ita)
    reach = 1.645 * math.hypot(sigma, 4.0)
    ends = [float(ita(linear_to_lab(own * 10 ** (sign * reach / 100)))) for sign in (-1, 1)]
    np.testing.assert_allclose([angle.low, angle.high], ends, atol=0.3)
    assert angle.high - angle.value > 1.3 * (angle.value - angle.low)


# ---- classes and probabilities


@given(lightness=st.floats(20, 80), b=st.floats(6, 26), exposure=st.floats(0, 20), cast=st.floats(0, 6))
def test_class_interval_and_probabilities_agree(
    lightness: float, b: float, exposure: float, cast: float
) -> None:
    own = np.maximum(lab_to_linear([lightness, 12.0, b]), 2e-3)
    tone = toned(own, light_of={"sigma": exposure, "residual": (cast, cast)})
    angle = known(tone.ita)
    told = len(tone.ita_classes) <= 2
    assert (tone.status, tone.reason) == (("ok", None) if told else ("uncertain", "NEEDS_WHITE_REFERENCE"))
    assert tone.ita_class == (ita_class(angle.value) if told else None)
    assert ita_class(angle.value) in tone.ita_classes
    assert tone.ita_classes[0] == ita_class(angle.high)
    assert tone.ita_classes[-1] == ita_class(angle.low)
    first = NAMES.index(tone.ita_classes[0])
    assert list(tone.ita_classes) == NAMES[first : first + len(tone.ita_classes)]
    for shares in (tone.undertone, tone.monk) if told else (tone.undertone,):
        assert sum(shares.values()) == pytest.approx(1, abs=0.006)
        assert min(shares.values()) >= 0
    assert list(tone.monk) == ([str(n) for n in range(1, 11)] if told else [])
    assert list(tone.undertone) == ["cool", "neutral", "warm"]


def test_monk_runs_from_light_to_dark() -> None:
    means = []
    for lightness in np.linspace(78, 22, 15):
        monk = toned(np.maximum(lab_to_linear([lightness, 12.0, 16.0]), 2e-3)).monk
        means.append(sum(int(tone) * share for tone, share in monk.items()))
    assert (np.diff(means) > 0).all()
    assert means[0] < 2.5
    assert means[-1] > 8.5


def test_monk_and_class_agree_on_the_measured_people() -> None:
    monks = [monk for person in PEOPLE if (monk := toned(cheek(person)).monk)]
    order = [int(max(monk, key=monk.__getitem__)) for monk in monks]
    assert order == sorted(order)
    assert order[0] <= 3
    assert order[-1] >= 9


def test_undertone_follows_the_hue() -> None:
    def undertone(angle: float) -> str:
        own = lab_to_linear([60, 20 * math.cos(math.radians(angle)), 20 * math.sin(math.radians(angle))])
        shares = toned(np.asarray(own)).undertone
        return max(shares, key=lambda name: shares[name])

    assert [undertone(angle) for angle in (40, 55, 70)] == ["cool", "neutral", "warm"]


def test_an_unsure_white_leaves_the_undertone_open() -> None:
    sure, unsure = toned().undertone, toned(light_of={"residual": (6.0, 6.0)}).undertone
    assert max(unsure.values()) < max(sure.values())
    assert min(unsure.values()) > 0.1


# ---- abstention


def test_a_failed_check_forbids_it_by_its_code() -> None:
    check = QualityCheck(
        name="x", value=1, limit=0, unit="", ok=False, code="NO_COLOUR", disables=("tone",),
        advice=Advice(zh="重拍", en="again"),
    )  # fmt: skip
    tone = toned(quality=Quality(checks=(check,)))
    assert (tone.status, tone.reason) == ("abstained", "NO_COLOUR")
    assert {tone.lab, tone.ita, tone.ita_class, tone.hue_angle} == {None}
    assert not tone.sites
    assert not tone.monk
    other = replace(check, disables=("redness",))
    assert toned(quality=Quality(checks=(other,))).status == "ok"


def test_covered_cheeks_leave_no_tone_and_one_cheek_is_enough() -> None:
    both = MESH.zones["left_cheek"] | MESH.zones["right_cheek"]
    hidden = toned(maps=maps(validity=np.where(both, 0.0, 1.0)))
    assert (hidden.status, hidden.reason) == ("abstained", "ZONES_COVERED")
    one = toned(maps=maps(validity=np.where(MESH.zones["left_cheek"], 0.0, 1.0)))
    assert one.status == "ok"


def test_a_beard_costs_the_jaw_only() -> None:
    jaw = MESH.zones["left_jaw"] | MESH.zones["right_jaw"]
    tone = toned(maps=maps(validity=np.where(jaw, 0.0, 1.0)))
    assert "jaw" not in tone.sites
    assert {"cheek", "forehead"} <= tone.sites.keys()


# ---- neck


def with_neck(colour: Any) -> Tone:
    """The face fills the upper part of a photo; below the chin there is something of this colour."""
    codes = np.round(255 * color.srgb_encode(np.broadcast_to(np.asarray(colour), (2 * S, S, 3)))).astype(
        np.uint8
    )
    return toned(photo=photo(np.ascontiguousarray(codes)))


def test_a_bare_neck_is_a_site_of_its_own_color() -> None:
    paler = PERSON * (1.0, 1.05, 1.02)
    tone = with_neck(paler)
    assert "neck" in tone.sites
    assert tone.sites["neck"].lab[1].value < tone.sites["cheek"].lab[1].value


@pytest.mark.parametrize(
    "colour", [(0.05, 0.1, 0.4), (0.7, 0.7, 0.7), PERSON * 0.1, (1.0, 0.9, 0.85)],
    ids=["blue scarf", "white collar", "deep shadow", "burnt"],
)  # fmt: skip
def test_what_is_no_neck_is_no_site(colour: Any) -> None:
    assert "neck" not in with_neck(colour).sites


# ---- from the photo


@pytest.mark.parametrize("name", ["face_light", "face_medium", "face_dark"])
def test_the_truth_of_the_samples_is_within_the_interval(name: str) -> None:
    tone = scanned(name).tone
    angle = known(tone.ita)
    assert angle.low <= float(truth(name)["ita"]) <= angle.high
    assert truth(name)["tone_class"] in tone.ita_classes


def test_the_samples_are_in_order() -> None:
    angles = [known(scanned(f"face_{tone}").tone.ita).value for tone in ("light", "medium", "dark")]
    assert angles == sorted(angles, reverse=True)
