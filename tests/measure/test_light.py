"""The photo's nuisances against photos whose nuisances are known."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skinscan import color
from skinscan.errors import QualityError
from skinscan.facemesh.canonical_face import load_canonical
from skinscan.facemesh.landmarks import EYES, IRIS_CENTRES
from skinscan.facemesh.zones import SKIN_ZONES
from skinscan.measure import exposure as exposure_module
from skinscan.measure import white_balance
from skinscan.measure.exposure import AS_SHOT
from skinscan.measure.light import estimate_light
from skinscan.measure.redness import redness
from skinscan.measure.tone_curve import KNOTS
from skinscan.types import Face, FaceTexture, FloatArray, Light, Photo
from tests.faces import MIRRORED_ZONE, S, encoded, face, photo, redder, sample_pixels, texture

MESH = load_canonical()
EXPOSURE_SIGMA = AS_SHOT.exposure_sigma
DARK = photo(np.full((S, S, 3), 8, np.uint8))
"""A photo whose eyes are too dark to be a white reference."""
OFFSETS = dict(zip(SKIN_ZONES, (2.0, -1.0, 3.0, 1.0, -2.0, 2.5, -2.5, 0.0, -3.0, 1.5, -1.5), strict=True))
"""OD of log R/G that each zone is above the face."""

Curve = Callable[[FloatArray], FloatArray]
CURVES: dict[str, Curve] = {
    "straight": lambda level: 0 * level,
    "slope": lambda level: 8 * (level + 0.5),
    "shoulder": lambda level: -25 * np.maximum(level + 0.3, 0),
    "toe and shoulder": lambda level: 20 * np.minimum(level + 0.25, 0) - 45 * np.maximum(level + 0.2, 0),
}


def made(
    curve: Curve, *, od: tuple[float, float] = (22.0, 14.0), exposure: float = 1.0, seed: int = 0
) -> FaceTexture:
    """Skin of these log R/G and log G/B, zones apart by OFFSETS, shaded by 1.3 EV, bent by `curve`."""
    rng = np.random.default_rng(0)
    v, u = np.mgrid[:S, :S] / S
    soft = cv2.GaussianBlur(rng.normal(0, 1, (S, S)), (0, 0), 9)
    shade = -0.25 + 0.14 * np.sin(7 * u + 1) * np.cos(5 * v) + 0.06 * soft / soft.std()
    level = np.clip(shade, -0.5, -0.06) + math.log10(exposure)
    offset = np.zeros((S, S))
    for zone, value in OFFSETS.items():
        offset[MESH.zones[zone]] = value
    rg = od[0] + offset + curve(level) + rng.normal(0, 1.0, (S, S))
    gb = od[1] + 0.5 * curve(level) + rng.normal(0, 1.0, (S, S))
    return texture(10 ** (np.stack([100 * level, 100 * level - rg, 100 * level - rg - gb], axis=-1) / 100))


def straightened(made: FaceTexture, light: Light) -> FloatArray:
    """log R/G of the texture after gain and trend, OD."""
    level = np.log10(made.rgb[..., 0].astype(np.float64) * light.white_balance.gain[0])
    hinges = np.maximum(level[..., None] - light.tone_curve.knots, 0) - np.maximum(
        light.tone_curve.level - light.tone_curve.knots, 0
    )
    rg: FloatArray = 100 * (level - np.log10(made.rgb[..., 1])) - hinges @ light.tone_curve.slopes[:, 0]
    return rg


def slope_left(made: FaceTexture, light: Light) -> float:
    """What is left of the trend: range over the face of its part in log R/G, OD (5..95 % of brightness)."""
    rg, level = straightened(made, light), np.log10(made.rgb[..., 0])
    for zone, value in OFFSETS.items():
        rg[MESH.zones[zone]] -= value
    ends = np.quantile(level[MESH.skin], np.linspace(0.05, 0.95, 9))
    bins = [rg[MESH.skin & (level >= a) & (level < b)].mean() for a, b in pairwise(ends)]
    return float(np.ptp(bins))


# ---- tone curve and zones


@pytest.mark.parametrize("name", CURVES)
def test_the_trend_is_found_and_zones_keep_their_differences(name: str) -> None:
    skin = made(CURVES[name])
    light = estimate_light(DARK, face(), skin)
    assert slope_left(skin, light) < 1.0
    rg = straightened(skin, light)
    area = {zone: MESH.zones[zone].sum() for zone in SKIN_ZONES}
    own = np.average(list(OFFSETS.values()), weights=list(area.values()))
    found = {zone: float(np.median(rg[MESH.zones[zone]])) for zone in SKIN_ZONES}
    found_own = np.average(list(found.values()), weights=list(area.values()))
    for zone, value in OFFSETS.items():
        reach = 2.5 * light.zone_sigma[zone] / 1.26
        assert found[zone] - found_own == pytest.approx(value - own, abs=min(1.0, reach + 0.2)), zone
    assert light.scatter == pytest.approx(1.0, rel=0.3)


def test_without_the_estimate_the_trend_is_plain() -> None:
    """The test above has something to find."""
    skin = made(CURVES["toe and shoulder"])
    light = estimate_light(DARK, face(), skin)
    flat = replace(light, tone_curve=replace(light.tone_curve, slopes=np.zeros((len(KNOTS), 2))))
    assert slope_left(skin, flat) > 2.5


def test_the_faces_own_color_is_found_less_the_cameras_contrast() -> None:
    light = estimate_light(DARK, face(), made(CURVES["straight"]))
    own = np.average(list(OFFSETS.values()), weights=[MESH.zones[z].sum() for z in SKIN_ZONES])
    whole = np.add(light.chroma, light.excess)
    np.testing.assert_allclose(whole, (22.0 + own, 14.0), atol=0.5)
    assert np.all(np.array(light.excess) > 0)
    assert np.all(np.array(light.chroma_sigma) > 0.5)


def test_a_red_patch_that_lies_in_the_light_is_not_taken_for_the_curve() -> None:
    """Redness that goes with brightness within one zone keeps nine tenths of its height at least."""
    skin = made(CURVES["straight"])
    cheek = MESH.zones["left_cheek"]
    level = np.log10(skin.rgb[..., 0])
    ends = np.quantile(level[cheek], (0.1, 0.9))
    rise = 6 * np.clip((cv2.GaussianBlur(level, (0, 0), 9) - ends[0]) / np.ptp(ends), 0, 1) * cheek
    red = replace(skin, rgb=redder(skin.rgb, rise).astype(np.float32))
    before, after = (straightened(made, estimate_light(DARK, face(), made)) for made in (skin, red))
    painted = redder(np.ones((1, 1, 3)), np.ones((1, 1)))[0, 0]
    per_ei = float(100 * np.log10(painted[0] / painted[1]))
    reading = float((after - before)[cheek].mean()) / per_ei
    assert reading == pytest.approx(float(rise[cheek].mean()), rel=0.1)


def test_calm_skin_and_contrast_leave_redness_as_it_is() -> None:
    """A patch over both cheeks moves the calm colour little; a flush moves it and the face by its height."""
    skin = made(CURVES["straight"])
    cheeks = MESH.zones["left_cheek"] | MESH.zones["right_cheek"] | MESH.zones["nose"]
    calm = estimate_light(DARK, face(), skin)
    patched, flushed = (
        estimate_light(DARK, face(), replace(skin, rgb=redder(skin.rgb, 8.0 * where).astype(np.float32)))
        for where in (cheeks, np.ones_like(cheeks))
    )

    def rise(light: Light, of: str) -> float:
        return float(redness(np.array(getattr(light, of)), np.array(getattr(calm, of))))

    assert abs(rise(patched, "calm")) < 1.0
    assert rise(flushed, "calm") == pytest.approx(8.0, rel=0.1)
    assert rise(flushed, "chroma") == pytest.approx(8.0, rel=0.1)


@pytest.mark.parametrize("exposure", [0.25, 0.5, 2**-0.5])
def test_exposure_alone_changes_density_and_nothing_else(exposure: float) -> None:
    full, less = (estimate_light(DARK, face(), made(CURVES["straight"], exposure=e)) for e in (1.0, exposure))
    np.testing.assert_allclose(less.chroma, full.chroma, atol=0.3)
    assert less.exposure.key_light == pytest.approx(full.exposure.key_light * exposure, rel=1e-3)
    assert less.exposure.reference_od > full.exposure.reference_od
    for zone in SKIN_ZONES:
        assert less.zone_sigma[zone] == pytest.approx(full.zone_sigma[zone], rel=0.2)


def test_a_mirrored_face_has_the_same_light() -> None:
    skin = made(CURVES["shoulder"])
    mirrored = replace(skin, rgb=np.ascontiguousarray(skin.rgb[:, ::-1]))
    light, other = (estimate_light(DARK, face(), t) for t in (skin, mirrored))
    np.testing.assert_allclose(light.chroma, other.chroma, atol=0.3)
    assert light.exposure.key_light == pytest.approx(other.exposure.key_light, rel=0.01)
    for zone in SKIN_ZONES:
        assert light.zone_sigma[zone] == pytest.approx(other.zone_sigma[MIRRORED_ZONE[zone]], rel=0.1)


def test_a_zone_seen_in_one_shade_only_is_less_sure() -> None:
    """What shading and zone cannot tell apart is in zone_sigma."""
    even = made(CURVES["straight"])
    dark = even.rgb.copy()
    dark[MESH.zones["chin"]] *= 0.25
    shaded = estimate_light(DARK, face(), replace(even, rgb=dark))
    assert shaded.zone_sigma["chin"] > 1.5 * estimate_light(DARK, face(), even).zone_sigma["chin"]


@pytest.mark.parametrize("what", ["clipped", "inside", "cosine"])
def test_texels_that_are_not_to_be_believed_do_not_count(what: str) -> None:
    """A third of the face is painted green, and flagged."""
    skin = made(CURVES["shoulder"])
    rgb, spoilt = skin.rgb.copy(), np.zeros((S, S), bool)
    spoilt[::3] = True
    rgb[spoilt] = (0.30, 0.28, 0.10)
    flags: dict[str, Any] = {
        "clipped": np.float32(spoilt),
        "inside": skin.inside & ~spoilt,
        "cosine": np.float32(~spoilt),
    }
    flagged = replace(skin, rgb=rgb, **{what: flags[what]})
    removed = replace(skin, inside=skin.inside & ~spoilt)
    light, without = (estimate_light(DARK, face(), t) for t in (flagged, removed))
    assert light.chroma == without.chroma
    assert light.n_pixels == without.n_pixels


# ---- white


def eyes(codes: tuple[int, int, int]) -> tuple[Photo, Face]:
    """A photo with painted whites of the eye round dark irises."""
    pixels = np.full((4 * S, 4 * S, 3), 8, np.uint8)
    points = face().landmarks.copy()
    points[:, :2] = (points[:, :2] + 0.5) * 4 - 0.5
    for contour, iris in zip(EYES, IRIS_CENTRES, strict=True):
        outline = points[list(contour), :2]
        cv2.fillPoly(pixels, [np.round(outline).astype(np.int32)], codes)
        middle = outline.mean(axis=0)
        cv2.circle(pixels, np.round(middle).astype(int).tolist(), 24, (30, 25, 20), -1)
        points[iris : iris + 5, :2] = middle + np.array([(0, 0), (24, 0), (0, 24), (-24, 0), (0, -24)])
    return photo(pixels), face(landmarks=points, interocular_px=360.0)


def white(cast: tuple[float, float] = (0.0, 0.0), key: float = 0.5) -> tuple[int, int, int]:
    """Code of a healthy sclera under a cast of (log R/G, log G/B) in OD, about as bright as `key`."""
    rg, gb = white_balance._SCLERA_COLOR + cast
    linear = key * 10 ** (np.array([rg, 0, -gb]) / 100)
    red, green, blue = np.round(255 * color.srgb_encode(linear)).astype(int)
    return int(red), int(green), int(blue)


def test_a_healthy_sclera_in_white_light_moves_nothing_and_reassures() -> None:
    skin = made(CURVES["straight"])
    without, witnessed = estimate_light(DARK, face(), skin), estimate_light(*eyes(white()), skin)
    assert (without.white_balance.reference, without.white_balance.gain) == ("none", (1.0, 1.0, 1.0))
    assert witnessed.white_balance.reference == "sclera"
    np.testing.assert_allclose(witnessed.white_balance.gain, 1, atol=0.01)
    assert np.all(np.array(witnessed.white_balance.residual) < without.white_balance.residual)


@pytest.mark.parametrize("cast", [(6.0, 0.0), (-6.0, 0.0), (0.0, 6.0), (5.0, -5.0)], ids=str)
def test_a_cast_is_pulled_back_by_the_sclera(cast: tuple[float, float]) -> None:
    """Towards white, by no more than the whole of it."""
    skin = made(CURVES["straight"], od=(22.0 + cast[0], 14.0 + cast[1]))
    plain = estimate_light(*eyes(white()), made(CURVES["straight"]))
    light = estimate_light(*eyes(white(cast)), skin)
    off = np.subtract(np.add(light.chroma, light.excess), np.add(plain.chroma, plain.excess))
    for left, true in zip(off, cast, strict=True):
        if true:
            assert 0.3 < left / true < 0.95
        else:
            assert abs(left) < 0.3
    assert light.white_balance.gain[1] == 1.0
    assert (light.white_balance.gain[0] < 1) == (cast[0] > 0) or cast[0] == 0


def test_a_sclera_in_the_shade_is_no_witness() -> None:
    skin = made(CURVES["straight"])
    lit = estimate_light(*eyes(white(key=0.5)), skin)
    shaded = estimate_light(*eyes(white((20, 0), key=0.15)), skin)
    assert (lit.white_balance.reference, shaded.white_balance.reference) == ("sclera", "none")
    assert shaded.white_balance.gain == (1.0, 1.0, 1.0)


def test_a_burnt_sclera_is_no_witness() -> None:
    assert estimate_light(*eyes((255, 255, 255)), made(CURVES["straight"])).white_balance.reference == "none"


# ---- too little


@pytest.mark.parametrize(
    "skin",
    [
        texture(inside=np.zeros((S, S), bool)),
        texture(clipped=np.ones((S, S), np.float32)),
        texture(cosine=np.full((S, S), 0.3, np.float32)),
        texture((0.1, 0.2, 0.5)),
        texture((0.003, 0.002, 0.001)),
    ],
    ids=["hidden", "burnt", "turned", "blue", "black"],
)
def test_without_skin_there_is_nothing_to_calibrate_on(skin: FaceTexture) -> None:
    with pytest.raises(QualityError, match="too little evenly lit skin is visible in test") as caught:
        estimate_light(DARK, face(), skin)
    assert caught.value.exit_code == 4
    assert caught.value.advice


def test_skin_of_one_even_color_is_calibrated_without_numbers_running_off() -> None:
    light = estimate_light(DARK, face(), texture())
    assert np.isfinite(light.tone_curve.slopes).all()
    assert np.abs(light.tone_curve.slopes).max() < 1
    np.testing.assert_allclose(np.add(light.chroma, light.excess), (24.3, 15.0), atol=0.1)


# ---- exposure


@given(measured=st.floats(-500, 600))
@settings(max_examples=200, deadline=None)
def test_density_stays_within_what_skin_has(measured: float) -> None:
    low, high = exposure_module._SKIN_OD
    mean, sigma = exposure_module._skin_density(measured, EXPOSURE_SIGMA)
    assert low <= mean <= high
    assert 0 < sigma <= EXPOSURE_SIGMA


@given(a=st.floats(-500, 600), b=st.floats(-500, 600))
@settings(max_examples=200, deadline=None)
def test_density_is_monotone_in_the_exposure(a: float, b: float) -> None:
    means = [exposure_module._skin_density(measured, EXPOSURE_SIGMA)[0] for measured in sorted((a, b))]
    assert means[0] <= means[1] + 1e-6


def test_density_in_mid_range_is_what_was_measured() -> None:
    mean, sigma = exposure_module._skin_density(64.5, EXPOSURE_SIGMA)
    assert mean == pytest.approx(64.5, abs=0.2)
    assert sigma > 0.9 * EXPOSURE_SIGMA


def test_density_does_not_jump_where_the_normal_runs_out() -> None:
    low, high = exposure_module._SKIN_OD
    grid = np.linspace(low - 120, high + 120, 2000)
    means = np.array([exposure_module._skin_density(float(m), EXPOSURE_SIGMA)[0] for m in grid])
    assert np.abs(np.diff(means)).max() < EXPOSURE_SIGMA / 3


def test_a_sample_photo_has_the_sclera_as_witness() -> None:
    """Whole stages on a rendered photo: white balance is neutral there, so the gain is within its sigma."""
    from skinscan.scanner import Scanner

    light = Scanner("cpu").scan(encoded(sample_pixels("face_medium"))).light
    assert light.white_balance.reference == "sclera"
    assert abs(100 * math.log10(light.white_balance.gain[0])) < 2 * light.white_balance.residual[0]
    assert abs(100 * math.log10(light.white_balance.gain[2])) < 2 * light.white_balance.residual[1]
