"""Bars, boxes, mosaic and blur over the eyes are told from eyes, and the rest of the face is measured."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
import pytest

from skinscan.measure.covered_eyes import are_eyes_covered, hidden_by_cover
from skinscan.measure.face import find_face
from skinscan.measure.photo import open_photo
from skinscan.scanner import Scanner
from skinscan.types import FloatMap, Scan
from tests.faces import Pixels, encoded, real_faces, resized, sample_pixels
from tests.marks import covered_eyes, mosaic
from tests.paths import real_photos

COLORS = {"black": (0, 0, 0), "white": (255, 255, 255), "grey": (128, 128, 128), "red": (200, 20, 30)}
NAMES = ("face_light", "face_dark")


@cache
def portrait(name: str) -> tuple[Pixels, FloatMap]:
    pixels = resized(sample_pixels(name), 0.6)
    return pixels, find_face(open_photo(pixels)).landmarks


def covered(pixels: Pixels, quality: int = 80) -> bool:
    photo = open_photo(encoded(pixels, "JPEG", quality=quality, subsampling=2))
    return are_eyes_covered(photo, find_face(photo))


def scan(pixels: Pixels) -> Scan:
    return Scanner("cpu").scan(encoded(pixels, "JPEG", quality=90))


@pytest.mark.parametrize("two", [False, True], ids=["bar", "boxes"])
@pytest.mark.parametrize("color", COLORS)
@pytest.mark.parametrize("name", NAMES)
def test_bars_and_boxes_cover_eyes(name: str, color: str, two: bool) -> None:
    pixels, landmarks = portrait(name)
    assert covered(covered_eyes(pixels, landmarks, COLORS[color], two=two))


@pytest.mark.parametrize("cell", [0.12, 0.2])
@pytest.mark.parametrize("name", NAMES)
def test_mosaic_covers_eyes(name: str, cell: float) -> None:
    pixels, landmarks = portrait(name)
    assert covered(mosaic(pixels, landmarks, cell), quality=90)


@pytest.mark.parametrize("name", ["face_light", "face_medium", "face_dark", "face_shiny"])
@pytest.mark.parametrize("change", ["none", "small", "soft", "dim", "low quality"])
def test_eyes_are_not_covered(name: str, change: str) -> None:
    pixels = resized(sample_pixels(name), 0.2 if change == "small" else 0.6)
    if change == "soft":
        pixels = np.asarray(cv2.GaussianBlur(pixels, (0, 0), 1.5), np.uint8)
    if change == "dim":
        pixels = pixels // 2
    assert not covered(pixels, quality=40 if change == "low quality" else 85)


def test_the_bar_is_left_out_and_nothing_else() -> None:
    """Wherever the bar ends, the forehead above and the cheeks below it are kept."""
    pixels, landmarks = portrait("face_medium")
    plain, barred = scan(pixels), scan(covered_eyes(pixels, landmarks, (0, 0, 0)))
    dark = barred.texture.rgb.max(axis=2) < 0.01
    assert not (barred.texture.inside & dark).any()
    for zone in ("forehead", "left_cheek", "right_cheek", "chin"):
        kept = barred.texture.inside & plain.zone_masks[zone]
        assert kept.sum() > 0.8 * plain.zone_masks[zone].sum(), zone


@pytest.mark.parametrize("name", ["face_light", "face_red_cheek", "face_dark"])
def test_skin_below_a_bar_is_measured_without_the_sclera(name: str) -> None:
    """Named for what it is, no filter is suspected, the interval is wider, the redness the same."""
    pixels, landmarks = portrait(name)
    plain, barred = scan(pixels), scan(covered_eyes(pixels, landmarks, (0, 0, 0)))
    assert {check.code for check in barred.quality.checks if not check.ok} == {"EYES_COVERED"}
    assert not barred.quality.disabled
    assert barred.light.white_balance.reference == "none"
    assert barred.light.white_balance.residual[0] >= plain.light.white_balance.residual[0]
    for zone in ("left_cheek", "right_cheek", "chin"):
        before, after = plain.zones[zone].erythema_contrast, barred.zones[zone].erythema_contrast
        assert after.value == pytest.approx(before.value, abs=2.0), zone


def test_a_cover_of_one_color_is_followed_beyond_the_eyes() -> None:
    rgb = np.full((256, 256, 3), 0.4, np.float32)
    rgb[60:138, 40:216] = 0.0
    hidden = hidden_by_cover(rgb)
    assert hidden[60:138, 60:190].all()
    assert not hidden[150:].any()


@real_photos
def test_no_real_eyes_are_called_covered() -> None:
    seen = 0
    for photo, face in real_faces():
        seen += 1
        assert not are_eyes_covered(photo, face), photo.name
    assert seen > 30
