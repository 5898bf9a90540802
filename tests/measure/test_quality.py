"""Quality checks: each fails when provoked and only then, says what to do, and withholds what it must."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import cv2
import numpy as np
import pytest

from models.renderer.render import render
from skinscan.errors import QualityError, SkinScanError
from skinscan.facemesh.canonical_face import load_canonical
from skinscan.measure.face import find_face
from skinscan.measure.photo import open_photo
from skinscan.measure.quality import check_quality
from skinscan.scanner import Scanner
from skinscan.types import METRICS, Capture, Face, FloatMap, Metric, Quality, Scan
from tests.faces import (
    PERSON,
    Pixels,
    S,
    encoded,
    face,
    grain,
    light,
    maps,
    photo,
    relit,
    resized,
    sample_pixels,
    scanned,
    shot,
    subject,
    texture,
)
from tests.marks import covered_eyes, draw

MESH = load_canonical()
ALL = set(METRICS)
DISABLES: dict[str, set[Metric]] = {
    "FACE_TOO_SMALL": {*METRICS},
    "FACE_LACKS_DETAIL": {"oil_balance", "pigmentation", "blemishes", "sensitivity"},
    "HEAD_TURNED": {*METRICS},
    "HEAD_TILTED": {*METRICS},
    "BLURRED": {"pigmentation", "blemishes"},
    "TOO_DARK": {*METRICS},
    "OVEREXPOSED": {*METRICS},
    "UNEVEN_LIGHT": {"redness", "sensitivity", "pigmentation"},
    "NO_COLOUR": {*METRICS},
    "COLOUR_CAST": {"redness", "sensitivity", "tone"},
    "SKIN_COVERED": {*METRICS},
    "BEAUTY_FILTER": {"redness", "sensitivity", "pigmentation", "oil_balance", "blemishes"},
    "SCREENSHOT": set(),
    "CARD_UNUSABLE": set(),
    "DRAWN_ON": set(),
    "EYES_COVERED": set(),
    "FILE_END_MISSING": set(),
    "LIPSTICK": set(),
    "BLUSHER": set(),
    "GLASSES": set(),
    "MASK": set(),
}


def failures(quality: Quality) -> set[str]:
    return {check.code for check in quality.checks if not check.ok}


def with_lips(rgb: Any) -> FloatMap:
    """Skin of one colour, redder lips, cheeks, nose, lit from the side: else bright says all about colour."""
    redder = {"lip": (0.8, 0.4, 0.5), "cheek": (1.0, 0.8, 0.85), "nose": (1.0, 0.8, 0.85)}
    face = np.broadcast_to(rgb, (S, S, 3)).astype(np.float32).copy()
    for zone, mask in MESH.zones.items():
        face[mask] *= np.array(redder.get(zone.rsplit("_", 1)[-1], (1, 1, 1)), np.float32)
    return face * np.geomspace(0.7, 1.4, S, dtype=np.float32)[:, None]


def checked(**changes: Any) -> Quality:
    """Checks on bare values; by default a good photo."""
    given = {
        "photo": photo(), "face": face(), "texture": texture(with_lips(PERSON) * grain(0.8)),
        "light": light(), "maps": maps(),
    }  # fmt: skip
    return check_quality(**{**given, **changes})


@cache
def eyes_and_mouth() -> tuple[Pixels, Face]:
    """A sample, and the face in it."""
    pixels = sample_pixels("face_medium")
    return pixels, find_face(open_photo(pixels))


def value_of(scan: Scan, code: str) -> float:
    return next(check.value for check in scan.quality.checks if check.code == code)


# ---- photos that are as they should be


@pytest.mark.parametrize("name", ["face_light", "face_medium", "face_dark", "face_red_cheek", "face_shiny"])
def test_good_photos_pass_every_check_on_every_tone(name: str) -> None:
    assert not failures(scanned(name).quality)


def test_every_check_is_there_in_a_fixed_order_with_advice_in_both_languages() -> None:
    quality = checked()
    assert [check.code for check in quality.checks] == list(DISABLES)
    assert not failures(quality)
    for check in quality.checks:
        assert set(check.disables) == DISABLES[check.code], check.code
        assert any("一" <= sign <= "鿿" for sign in check.advice.zh), check.code
        assert check.advice.en.isascii(), check.code
        assert len(check.advice.en) > 10, check.code
        assert "\n" not in check.advice.zh + check.advice.en
    assert len({check.advice.zh for check in quality.checks}) == len(quality.checks)


# ---- the limits, on bare values

NARROW: list[tuple[str, Callable[[float], dict[str, Any]], float, float]] = [
    ("FACE_TOO_SMALL", lambda v: {"face": face(interocular_px=v)}, 28.5, 27.5),
    ("FACE_LACKS_DETAIL", lambda v: {"face": face(interocular_px=v)}, 60.5, 59.5),
    ("HEAD_TURNED", lambda v: {"face": face(yaw=v)}, 79.5, 80.5),
    ("HEAD_TURNED", lambda v: {"face": face(yaw=-v)}, 79.5, 80.5),
    ("HEAD_TILTED", lambda v: {"face": face(pitch=v)}, 34.5, 35.5),
    ("HEAD_TILTED", lambda v: {"face": face(pitch=-v)}, 34.5, 35.5),
    ("TOO_DARK", lambda v: {"light": light(key_light=v)}, 0.041, 0.039),
    ("COLOUR_CAST", lambda v: {"light": light(chroma=(14.0 - v, 15.0))}, 5.9, 6.1),
    ("COLOUR_CAST", lambda v: {"light": light(chroma=(25.0, 30.0 + v))}, 5.9, 6.1),
    ("COLOUR_CAST", lambda v: {"light": light(chroma=(25.0, 4.0 - v))}, 5.9, 6.1),
]


@pytest.mark.parametrize(("code", "given", "good", "bad"), NARROW)
def test_limits(code: str, given: Callable[[float], dict[str, Any]], good: float, bad: float) -> None:
    assert code not in failures(checked(**given(good)))
    assert code in failures(checked(**given(bad)))


def test_roll_is_no_fault() -> None:
    assert not failures(checked(face=face(roll=170.0)))


@pytest.mark.parametrize(("color", "counts"), [((1.0, 1.0, 0.9), True), ((1.0, 0.7, 0.5), False)])
def test_the_share_of_burnt_skin_counts_what_red_alone_does_not(
    color: tuple[float, float, float], counts: bool
) -> None:
    skin = np.argwhere(MESH.skin)
    for share, burnt in ((0.48, False), (0.52, True)):
        given = texture(PERSON * grain(0.8))
        clipped, rgb = np.zeros((S, S), np.float32), given.rgb.copy()
        where = tuple(skin[: round(share * len(skin))].T)
        clipped[where], rgb[where] = 1, color
        found = failures(checked(texture=replace(given, clipped=clipped, rgb=rgb)))
        assert ("OVEREXPOSED" in found) == (burnt and counts)


def test_the_share_of_covered_skin_is_by_area() -> None:
    areas = np.where(MESH.skin, MESH.area_cm2, 0).ravel()
    order = np.argsort(-areas)
    for share, covered in ((0.36, False), (0.34, True)):
        seen = order[: int(np.searchsorted(np.cumsum(areas[order]), share * areas.sum()))]
        validity = np.zeros(S * S, np.float32)
        validity[seen] = 1
        found = checked(maps=maps(validity=validity.reshape(S, S)))
        assert ("SKIN_COVERED" in failures(found)) == covered
        check = next(c for c in found.checks if c.code == "SKIN_COVERED")
        assert check.value == pytest.approx(share, abs=0.005)


def test_light_from_one_side() -> None:
    across = np.mgrid[:S, :S][1] / S
    for stops, uneven in ((2.0, False), (9.0, True)):
        shade = 2.0 ** (stops * (across - 0.8))[..., None]
        found = failures(checked(texture=texture(PERSON * shade * grain(0.8))))
        assert ("UNEVEN_LIGHT" in found) == uneven


def test_a_phones_screen_shape_without_camera_is_a_screenshot() -> None:
    tall = np.full((220, 100, 3), 150, np.uint8)

    def found(**changes: Any) -> bool:
        return "SCREENSHOT" in failures(checked(photo=photo(tall, **{"format": "PNG", **changes})))

    assert found()
    assert found(width=220, height=100)
    assert not found(format="JPEG")
    assert not found(capture=Capture(model="Phone 12"))
    assert not found(width=100, height=133)
    assert not found(width=100, height=300)


@pytest.mark.parametrize(
    "broken",
    [
        {"maps": maps(validity=0.0)},
        {"texture": texture(inside=np.zeros((S, S), bool))},
        {"photo": photo(np.zeros((1, 1, 3), np.uint8)), "face": face(interocular_px=0.5)},
    ],
    ids=["nothing valid", "nothing inside", "one pixel"],
)
def test_hopeless_input_gives_finite_checks_that_forbid_everything(broken: dict[str, Any]) -> None:
    quality = checked(**broken)
    assert all(np.isfinite(check.value) for check in quality.checks)
    assert set(quality.disabled) == ALL


# ---- provoked on photos, from the file to what is withheld


def blurred(pixels: Pixels) -> Pixels:
    return np.asarray(cv2.GaussianBlur(pixels, (0, 0), 4 * eyes_and_mouth()[1].interocular_px / 90), np.uint8)


def side_lit(pixels: Pixels) -> Pixels:
    """Seven stops from cheek to cheek."""
    landmarks = eyes_and_mouth()[1].landmarks
    across = (np.arange(pixels.shape[1]) - landmarks[234, 0]) / (landmarks[454, 0] - landmarks[234, 0])
    return relit(pixels, 2.0 ** (-7 * (1 - np.clip(across, 0, 1)))[None, :, None])


def beautified(pixels: Pixels) -> Pixels:
    """Skin without pores, eyes, brows and mouth as they were."""
    landmarks = eyes_and_mouth()[1].landmarks[:, :2]
    keep = np.zeros(pixels.shape[:2], np.float32)
    for corners in ((33, 133, 159, 145, 70, 107), (263, 362, 386, 374, 300, 336), (61, 291, 0, 17)):
        cv2.fillConvexPoly(keep, cv2.convexHull(landmarks[list(corners)].astype(np.int32)), 1.0)
    keep = cv2.GaussianBlur(cv2.dilate(keep, np.ones((9, 9), np.uint8)), (0, 0), 3)[..., None]
    smooth = cv2.GaussianBlur(pixels, (0, 0), 4)
    return np.asarray(np.round(pixels * keep + smooth * (1 - keep)), np.uint8)


def screen(pixels: Pixels) -> Pixels:
    """The photo on the screen of a phone, 1 : 2.1."""
    height, width = pixels.shape[:2]
    edge = round(2.1 * width) - height
    return np.pad(pixels, ((edge // 2, edge - edge // 2), (0, 0), (0, 0)), constant_values=20)


def grey(pixels: Pixels) -> Pixels:
    return np.repeat(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)[..., None], 3, axis=2)


def toned(dark: tuple[int, int, int], light: tuple[int, int, int]) -> Callable[[Pixels], Pixels]:
    """Black is given one colour, white another: sepia, duotone."""

    def tone(pixels: Pixels) -> Pixels:
        bright = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)[..., None] / 255
        return np.asarray(np.round((1 - bright) * dark + bright * light), np.uint8)

    return tone


def file_without_end(pixels: Pixels) -> bytes:
    return encoded(pixels, "JPEG", quality=95, subsampling=0)[:-2]


def arrow(pixels: Pixels) -> Pixels:
    return draw(pixels, find_face(open_photo(pixels)).landmarks, "arrow", "red")


def barred(pixels: Pixels) -> Pixels:
    return covered_eyes(pixels, find_face(open_photo(pixels)).landmarks, (0, 0, 0))


# What is done to a photo, the code it must fail, and codes that may fail with it.
PROVOKED: dict[str, tuple[Callable[[Pixels], Pixels], str, set[str]]] = {
    "blur": (blurred, "BLURRED", set()),
    "arrow": (arrow, "DRAWN_ON", set()),
    "bar over the eyes": (barred, "EYES_COVERED", set()),
    "red lamp": (lambda p: relit(p, (1.0, 0.5, 0.35)), "COLOUR_CAST", set()),
    "blue lamp": (lambda p: relit(p, (0.3, 0.65, 1.3)), "COLOUR_CAST", set()),
    "candle": (lambda p: relit(p, (1.0, 0.9, 0.25)), "COLOUR_CAST", set()),
    "lamp from the side": (side_lit, "UNEVEN_LIGHT", set()),
    "far away": (lambda p: resized(p, 0.23), "FACE_LACKS_DETAIL", set()),
    "beauty filter": (beautified, "BEAUTY_FILTER", set()),
    "screenshot": (screen, "SCREENSHOT", set()),
}
REFUSED: dict[str, tuple[Callable[[], Pixels], str]] = {
    "no colour": (lambda: grey(sample_pixels("face_medium")), "NO_COLOUR"),
    "sepia": (lambda: toned((8, 4, 0), (255, 233, 186))(sample_pixels("face_medium")), "NO_COLOUR"),
    "duotone": (lambda: toned((40, 10, 60), (255, 200, 90))(sample_pixels("face_medium")), "NO_COLOUR"),
    "dark": (lambda: relit(sample_pixels("face_medium"), 0.05), "TOO_DARK"),
    "tiny": (lambda: resized(sample_pixels("face_medium"), 0.125), "FACE_TOO_SMALL"),
    "tilted": (lambda: turned(pitch=-45.0), "HEAD_TILTED"),
}


def turned(**pose: float) -> Pixels:
    return np.asarray(render(subject(), shot(**pose), np.random.default_rng(0)).photo)


def provoked(name: str) -> tuple[Scan, str, set[str]]:
    change, code, others = PROVOKED[name]
    return Scanner("cpu").scan(encoded(change(eyes_and_mouth()[0]))), code, others


@pytest.mark.parametrize("name", PROVOKED)
def test_what_is_wrong_is_named_and_what_it_spoils_is_withheld(name: str) -> None:
    scan, code, others = provoked(name)
    assert code in failures(scan.quality)
    assert failures(scan.quality) <= {code, *others}
    forbidden = scan.quality.disabled
    assert DISABLES[code] <= forbidden.keys()
    for score_name, score in scan.scores.items():
        metric = "redness" if score_name == "redness_local" else score_name
        reason = next((c.code for m, c in forbidden.items() if m == metric), None)
        assert score.reason == reason, score_name
        assert (score.value is None) == (reason is not None), score_name
    assert scan.tone.reason in (
        (forbidden["tone"].code,) if "tone" in forbidden else (None, "NEEDS_WHITE_REFERENCE")
    )
    assert (scan.tone.lab is None) == ("tone" in forbidden)


def test_a_file_without_its_end_is_measured_with_a_note() -> None:
    scan = Scanner("cpu").scan(file_without_end(eyes_and_mouth()[0]))
    assert failures(scan.quality) == {"FILE_END_MISSING"}
    assert not scan.quality.disabled


@pytest.mark.parametrize(("name", "sigma"), [("face_light", 2.0), ("face_light", 4.0), ("face_dark", 4.0)])
def test_blur_is_not_called_a_beauty_filter(name: str, sigma: float) -> None:
    """What it does to pores, it does to the eyes. (A slight blur cannot be told from a filter.)"""
    soft = np.asarray(cv2.GaussianBlur(sample_pixels(name), (0, 0), sigma * 195 / 90), np.uint8)
    assert "BEAUTY_FILTER" not in failures(Scanner("cpu").scan(soft).quality)


@pytest.mark.parametrize("name", ["face_light", "face_dark"])
@pytest.mark.parametrize("interocular", [40, 55, 65])
def test_a_small_photo_is_not_called_a_beauty_filter(name: str, interocular: int) -> None:
    small = resized(sample_pixels(name), interocular / 195)
    assert failures(Scanner("cpu").scan(small).quality) <= {"FACE_LACKS_DETAIL"}


def test_sharpness_falls_steadily_and_crosses_its_limit() -> None:
    pixels, found = eyes_and_mouth()
    values = []
    for sigma in (0.1, 1, 2, 3, 5):
        soft = np.asarray(cv2.GaussianBlur(pixels, (0, 0), sigma * found.interocular_px / 90), np.uint8)
        values.append(value_of(Scanner("cpu").scan(soft), "BLURRED"))
    assert values == sorted(values, reverse=True)
    assert values[1] > 0.18 > values[3]


@pytest.mark.parametrize("name", REFUSED)
def test_what_leaves_nothing_to_measure_is_refused_by_name(name: str) -> None:
    make, code = REFUSED[name]
    with pytest.raises(QualityError, match=code) as caught:
        Scanner("cpu").scan(make())
    assert caught.value.exit_code == 4
    assert caught.value.advice


def test_a_burnt_face_is_refused() -> None:
    with pytest.raises(SkinScanError) as caught:
        Scanner("cpu").scan(relit(sample_pixels("face_light"), 5.0))
    assert caught.value.exit_code == 4


def test_of_several_faults_the_first_speaks() -> None:
    """A metric names the first check that forbids it, in the order of the checks."""
    quality = checked(face=face(yaw=50.0, interocular_px=20.0))
    assert {check.code for check in quality.disabled.values()} == {"FACE_TOO_SMALL"}


def test_a_weak_sign_forbids_nothing() -> None:
    tall = photo(np.full((630, 300, 3), 128, np.uint8), format="PNG")
    quality = checked(photo=tall)
    assert failures(quality) == {"SCREENSHOT"}
    assert not quality.disabled
