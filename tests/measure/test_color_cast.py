"""Colour casts: found by what is not inflamed skin; redness alone never makes one."""

from __future__ import annotations

from functools import cache
from itertools import islice
from typing import Any

import cv2
import numpy as np
import pytest

from skinscan.facemesh.canonical_face import load_canonical
from skinscan.measure.face import find_face
from skinscan.measure.photo import open_photo
from skinscan.scanner import Scanner
from skinscan.types import FloatMap, Scan
from tests.faces import Pixels, encoded, real_faces, relit, sample_pixels
from tests.paths import real_photos

MESH = load_canonical()
PER_EI = 0.01 * np.array([0.230, 0.918, 0.782])  # log10 that +1 EI takes from R, G, B
KINDS = {
    "cheeks": ("left_cheek", "right_cheek"),
    "butterfly": ("left_cheek", "right_cheek", "nose"),
    "flush": tuple(name for name in MESH.zones if not name.endswith("lip")),
}


def inflamed(pixels: Pixels, kind: str, ei: float) -> Pixels:
    """Skin of some zones redder by `ei`, softly, pores and shade as they were."""
    rise: FloatMap = np.zeros(MESH.skin.shape, np.float32)
    for zone in KINDS[kind]:
        rise[MESH.zones[zone]] = ei
    uv = np.clip(MESH.uv.round().astype(int), 0, rise.shape[0] - 1)
    at_vertices = cv2.GaussianBlur(rise, (0, 0), 6)[uv[:, 1], uv[:, 0]]
    points = find_face(open_photo(pixels), "largest").landmarks[:468, :2]
    painted: FloatMap = np.zeros(pixels.shape[:2], np.float32)
    for corners in MESH.triangles:
        cv2.fillConvexPoly(
            painted, points[corners].round().astype(np.int32), float(at_vertices[corners].mean())
        )
    painted = cv2.GaussianBlur(painted, (0, 0), 3)
    return relit(pixels, 10.0 ** (-painted[..., None] * PER_EI))


def scan(pixels: Pixels) -> Scan:
    return Scanner("cpu", identity=False).scan(encoded(pixels), face="largest")


@cache
def healthy(name: str) -> Scan:
    return scan(sample_pixels(name))


def reasons(found: Scan) -> set[str | None]:
    return {score.reason for score in found.scores.values()} | {found.tone.reason}


@pytest.mark.parametrize("name", ["face_light", "face_medium", "face_dark"])
@pytest.mark.parametrize("kind", KINDS)
def test_redness_is_no_reason_to_withhold_redness(name: str, kind: str) -> None:
    found = scan(inflamed(sample_pixels(name), kind, 22.0))
    assert reasons(found) <= {None, "NEEDS_WHITE_REFERENCE"}
    before, after = healthy(name).redness, found.redness
    assert before is not None
    assert after is not None
    assert after > before + (6 if kind == "flush" else 3)


@real_photos
def test_redness_is_no_reason_on_real_faces() -> None:
    for photo, _ in islice(real_faces(), 0, None, 5):
        if photo.name in ("wild_1.jpg", "grayscale.jpg"):
            continue  # a red lamp at night, no colour
        found = scan(inflamed(photo.pixels, "butterfly", 18.0))
        assert "COLOUR_CAST" not in reasons(found), photo.name
        assert "BEAUTY_FILTER" not in reasons(found), photo.name


@pytest.mark.parametrize("gel", [(2.6, 1.0, 0.9), (1.0, 1.6, 0.9), (0.6, 0.9, 1.7), (1.4, 0.8, 1.5)])
@pytest.mark.parametrize("name", ["face_light", "face_dark"])
def test_a_coloured_lamp_is_found_whatever_its_colour(name: str, gel: tuple[float, float, float]) -> None:
    found = scan(relit(sample_pixels(name), 0.6 * np.array(gel)))
    assert "COLOUR_CAST" in reasons(found)


def test_a_lamp_of_another_colour_on_one_side_is_found() -> None:
    pixels = sample_pixels("face_medium")
    side = np.linspace(0, 1, pixels.shape[1])[None, :, None] > 0.5
    mixed: Any = np.where(side, np.array([1.0, 0.3, 0.3]), np.ones(3))
    assert "COLOUR_CAST" in reasons(scan(relit(pixels, mixed)))
