"""What is drawn on a face is found and left out of measuring; what skin and make-up do is no drawing."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
import pytest

from models.renderer.coverings import Coverings, draw_worn
from models.renderer.render import render
from models.renderer.subject import Subject, dressed
from skinscan.facemesh.canonical_face import load_canonical
from skinscan.measure.face import find_face
from skinscan.measure.graphics import fill_drawn, find_drawn, leave_out_graphics
from skinscan.measure.photo import open_photo
from skinscan.measure.texture import unwrap
from skinscan.scanner import Scanner
from skinscan.types import Face, FaceTexture, Photo, Scan
from tests.faces import (
    PERSON,
    Pixels,
    S,
    encoded,
    grain,
    real_faces,
    redder,
    resized,
    sample_pixels,
    shot,
    subject,
)
from tests.marks import COLORS, KINDS, draw
from tests.paths import real_photos

MESH = load_canonical()
NAMES = ("face_light", "face_medium", "face_dark", "face_red_cheek", "face_shiny")


@cache
def small(name: str) -> tuple[Pixels, Face]:
    """At 90 px between the eyes, as chat programs send photos."""
    pixels = resized(sample_pixels(name), 0.46)
    return pixels, find_face(open_photo(pixels))


def unwrapped(pixels: Pixels, face: Face, quality: int = 80) -> FaceTexture:
    """Through the JPEG of a chat program, chroma at half resolution."""
    return clean(open_photo(encoded(pixels, "JPEG", quality=quality, subsampling=2)), face)


def clean(photo: Photo, face: Face) -> FaceTexture:
    return leave_out_graphics(photo, face, unwrap(photo, face))


def under_ink(pixels: Pixels, marked: Pixels, face: Face) -> FaceTexture:
    """The texture of a photo that is white where ink changed much and black elsewhere."""
    changed = np.abs(marked.astype(int) - pixels).max(axis=2, keepdims=True) > 60
    return unwrap(open_photo(np.where(changed, 255, 0).astype(np.uint8).repeat(3, axis=2)), face)


@pytest.mark.parametrize("color", COLORS)
@pytest.mark.parametrize("kind", KINDS)
def test_marks_of_every_kind_and_color_are_left_out(kind: str, color: str) -> None:
    for name in ("face_light", "face_dark"):
        pixels, face = small(name)
        marked = draw(pixels, face.landmarks, kind, color)
        found = unwrapped(marked, face)
        ink = (under_ink(pixels, marked, face).rgb[..., 0] > 0.6) & MESH.zones["left_cheek"]
        assert ink.sum() > 20
        assert np.mean(found.drawn[ink]) > 0.95, name
        assert not found.inside[found.drawn].any()
        assert found.inside[MESH.zones["right_cheek"]].mean() > 0.95


@pytest.mark.parametrize("quality", [60, 75, 95])
@pytest.mark.parametrize("thick", [0.015, 0.03, 0.08])
def test_thin_and_thick_lines_survive_compression(thick: float, quality: int) -> None:
    pixels, face = small("face_medium")
    marked = draw(pixels, face.landmarks, "rings", "red", thick=thick)
    assert unwrapped(marked, face, quality).drawn.sum() > 100


@pytest.mark.parametrize("color", ["yellow", "green", "cyan"])
def test_translucent_highlighter_is_ink(color: str) -> None:
    pixels, face = small("face_light")
    marked = draw(pixels, face.landmarks, "dot", color, opacity=0.4)
    assert unwrapped(marked, face).drawn.sum() > 100


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_drawn_on_the_samples(name: str) -> None:
    pixels, face = small(name)
    assert not unwrapped(pixels, face).drawn.any()


@pytest.mark.parametrize("rise", [6.0, 15.0, 25.0])
@pytest.mark.parametrize("person", [(0.42, 0.24, 0.17), (0.25, 0.14, 0.09), (0.08, 0.045, 0.03)], ids=str)
def test_vivid_redness_is_skin(person: tuple[float, float, float], rise: float) -> None:
    """Papules with sharp rims, a whole cheek, a whole face."""
    y, x = np.mgrid[:S, :S]
    papules = np.zeros((S, S))
    for k in range(30):
        papules += np.hypot(x - 50 - 5 * k, y - 130 - 7 * (k % 7)) < 3
    for where in (np.minimum(papules, 1), MESH.zones["left_cheek"], MESH.on_mesh):
        face = redder(np.array(person) * grain(1.5), rise * where).astype(np.float32)
        assert not find_drawn(face, MESH.on_mesh, np.ones((S, S), np.float32)).any()


@pytest.mark.parametrize(
    "kind", ["lipstick", "blusher", "eye_shadow", "foundation", "glasses", "beard", "fringe"]
)
def test_make_up_glasses_and_hair_are_not_drawings(kind: str) -> None:
    for seed in range(3):
        worn = draw_worn(np.random.default_rng(seed), [kind])
        picture = render(subject_with(worn), shot(), np.random.default_rng(seed))
        photo = open_photo(picture.photo)
        assert not clean(photo, find_face(photo)).drawn.any(), seed


def subject_with(worn: Coverings) -> Subject:

    return dressed(subject(), worn)


def test_the_color_of_the_light_is_no_ink() -> None:
    for lamp in ((1.0, 0.7, 0.4), (0.7, 0.9, 1.3)):
        face = (PERSON * np.array(lamp) * grain(1.5)).astype(np.float32)
        assert not find_drawn(face, MESH.on_mesh, np.ones((S, S), np.float32)).any()


def test_cloth_and_background_at_the_edge_are_not_drawings() -> None:
    face = np.broadcast_to(PERSON, (S, S, 3)).astype(np.float32).copy()
    edge = MESH.on_mesh & (cv2.distanceTransform(MESH.on_mesh.astype(np.uint8), cv2.DIST_L2, 3) < 8)
    face[edge & (np.arange(S)[:, None] > 200)] = (0.1, 0.2, 0.8)
    assert not find_drawn(face, MESH.on_mesh, np.ones((S, S), np.float32)).any()


def test_what_lies_around_is_filled_in() -> None:
    drawn = np.zeros((S, S), bool)
    drawn[100:130, 60:90] = True
    face = np.broadcast_to(PERSON, (S, S, 3)).astype(np.float32).copy()
    face[drawn] = (1, 0, 0)
    filled = fill_drawn(face, drawn, MESH.on_mesh)
    np.testing.assert_allclose(
        filled[drawn & MESH.on_mesh], np.broadcast_to(PERSON, (S, S, 3))[drawn & MESH.on_mesh], rtol=0.01
    )
    np.testing.assert_array_equal(filled[~drawn], face[~drawn])


# ---- what is measured beside the marks


def scan(pixels: Pixels) -> Scan:
    return Scanner("cpu").scan(encoded(pixels, "JPEG", quality=85, subsampling=2))


@pytest.mark.parametrize("kind", ["rings", "arrow", "text", "scribble"])
def test_red_ink_is_no_redness(kind: str) -> None:
    """Neither the cheek under it nor the whole face reads redder, and the check says that it was drawn on."""
    pixels, face = small("face_medium")
    plain, marked = scan(pixels), scan(draw(pixels, face.landmarks, kind, "red"))
    failed = {check.code for check in marked.quality.checks if not check.ok}
    assert failed == {"DRAWN_ON"}
    for zone in ("left_cheek", "right_cheek", "forehead", "nose"):
        before, after = plain.zones[zone], marked.zones[zone]
        assert after.erythema_index.value == pytest.approx(before.erythema_index.value, abs=1.8), zone
        assert after.erythema_contrast.value == pytest.approx(before.erythema_contrast.value, abs=1.5), zone
    assert (
        marked.zones["left_cheek"].erythema_index.n_pixels < plain.zones["left_cheek"].erythema_index.n_pixels
    )
    assert marked.scores["redness"].value == pytest.approx(plain.scores["redness"].value, abs=5)


def test_redness_beside_the_marks_is_still_seen() -> None:
    pixels, face = small("face_red_cheek")
    plain, marked = scan(pixels), scan(draw(pixels, face.landmarks, "rings", "red"))
    assert marked.zones["left_cheek"].erythema_contrast.low > 0
    assert marked.zones["left_cheek"].erythema_contrast.value == pytest.approx(
        plain.zones["left_cheek"].erythema_contrast.value, abs=1.5
    )


@real_photos
def test_no_real_face_is_called_drawn_on() -> None:
    seen = 0
    for photo, face in real_faces():
        seen += 1
        assert not clean(photo, face).drawn.any(), photo.name
    assert seen > 30
