"""The unwrapped face: colours land where they belong, averaged in linear light, and nothing hidden counts."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from models.renderer.render import Rendered, render
from skinscan import color, skin_indices
from skinscan.facemesh.canonical_face import load_canonical
from skinscan.measure.face import find_face
from skinscan.measure.photo import open_photo
from skinscan.measure.texture import unwrap
from skinscan.types import BoolMap, Face, FaceTexture, FloatMap
from tests.faces import RED_LEFT_CHEEK, S, face, photo, rendered, sample_pixels, shot, subject

MESH = load_canonical()
Map = NDArray[np.floating[Any]]


def blown_up(factor: int) -> Face:
    """The face of `faces.face`, `factor` times as large."""
    plain = face()
    points = plain.landmarks.copy()
    points[:, :2] = (points[:, :2] + 0.5) * factor - 0.5
    return replace(plain, landmarks=points, interocular_px=90.0 * factor)


def inner(margin: int = 5) -> BoolMap:
    """The mesh without its rim."""
    return np.asarray(cv2.erode(MESH.on_mesh.astype(np.uint8), np.ones((margin, margin), np.uint8)) > 0)


@cache
def with_patch() -> tuple[Rendered, FaceTexture]:
    """A frontal face with a patch of erythema on the person's own left cheek, as the product unwraps it."""
    picture = render(subject(patches=(RED_LEFT_CHEEK,)), shot(), np.random.default_rng(0))
    opened = open_photo(picture.photo)
    return picture, unwrap(opened, find_face(opened))


def smoothed(values: Map) -> FloatMap:
    return np.asarray(cv2.GaussianBlur(values.astype(np.float32), (0, 0), 3))


def correlation(a: Map, b: Map, where: BoolMap) -> float:
    return float(np.corrcoef(a[where], b[where])[0, 1])


# ---- where colours land


def test_texel_for_texel_where_the_face_is_the_square() -> None:
    pixels = np.random.default_rng(1).integers(20, 240, (S, S, 3), np.uint8)
    texture = unwrap(photo(pixels), face())
    expected = color.srgb_decode(pixels / 255)
    np.testing.assert_allclose(texture.rgb[MESH.on_mesh], expected[MESH.on_mesh], atol=1e-4)
    y, x = np.mgrid[:S, :S]
    np.testing.assert_allclose(
        texture.photo_xy[:, MESH.on_mesh], [x[MESH.on_mesh], y[MESH.on_mesh]], atol=1e-3
    )


def test_what_is_painted_on_a_person_is_unwrapped_where_it_was_painted() -> None:
    """Erythema read off the photo correlates with the truth per texel, and only when it is not mirrored."""
    picture, texture = with_patch()
    seen = picture.valid & texture.inside & (picture.cosine > 0.5)
    rgb = np.maximum(texture.rgb, 1e-3)
    read, true = smoothed(skin_indices.erythema_index(rgb)), smoothed(picture.erythema)
    assert correlation(read, true, seen) > 0.85
    both = seen & seen[:, ::-1]
    assert correlation(read, true[:, ::-1], both) < 0.4
    assert correlation(smoothed(skin_indices.melanin_index(rgb)), smoothed(picture.melanin), seen) > 0.6


def test_left_is_the_persons_own_left() -> None:
    """The patch is on the right side of the photo; its centre comes back to within 3 mm."""
    picture, texture = with_patch()
    read = smoothed(skin_indices.erythema_index(np.maximum(texture.rgb, 1e-3)))
    cheeks = MESH.zones["left_cheek"] | MESH.zones["right_cheek"]
    rise = np.where(cheeks & texture.inside, read - np.median(read[MESH.zones["right_cheek"]]), 0)
    hot = rise > 0.6 * rise.max()
    assert not (hot & MESH.zones["right_cheek"]).any()
    v, u = (axis[hot].mean() / S for axis in np.mgrid[:S, :S])
    assert abs(u - RED_LEFT_CHEEK.u) < 5 / S
    assert abs(v - RED_LEFT_CHEEK.v) < 5 / S
    assert texture.photo_xy[0][hot].mean() > picture.shot.width / 2


def test_the_true_mesh_gives_the_true_color() -> None:
    """With the renderer's own landmarks zones read the spectra's colour to 2 %."""
    picture, _ = with_patch()
    found = find_face(open_photo(picture.photo))
    exact = replace(found, landmarks=picture.landmarks.astype(np.float32), interocular_px=picture.interocular)
    texture = unwrap(photo(picture.photo), exact)
    from models.renderer.issa import linear_srgb

    for zone in ("forehead", "left_cheek", "right_cheek", "chin"):
        seen = MESH.zones[zone] & picture.valid & texture.inside
        true = linear_srgb(picture.subject.skin.reflectance[seen]).mean(axis=0)
        np.testing.assert_allclose(texture.rgb[seen].mean(axis=0), true, rtol=0.02)


# ---- averages


def test_averages_are_taken_in_linear_light() -> None:
    """A checkerboard too fine for the texture has the mean of its light, not of its codes."""
    y, x = np.mgrid[: 4 * S, : 4 * S]
    board = np.where((x + y)[..., None] % 2, 220, 40).astype(np.uint8).repeat(3, axis=2)
    texture = unwrap(photo(board), blown_up(4))
    mean = float(color.srgb_decode(np.array([40, 220]) / 255).mean())
    np.testing.assert_allclose(texture.rgb[inner()], mean, rtol=0.01)
    assert mean > 1.2 * float(color.srgb_decode(130 / 255))  # what the mean of the codes would give


def test_no_pixel_is_skipped() -> None:
    """One bright pixel in a dark 8 x 8 block raises its texel by a 64th of the difference, wherever it is."""
    for at in (0, 3, 7):
        pixels = np.full((8 * S, 8 * S, 3), 60, np.uint8)
        pixels[at::8, at::8] = 230
        texture = unwrap(photo(pixels), blown_up(8))
        low, high = (float(color.srgb_decode(code / 255)) for code in (60, 230))
        np.testing.assert_allclose(texture.rgb[inner()].mean(), low + (high - low) / 64, rtol=0.01)


@pytest.mark.parametrize("factor", [1, 2, 5])
def test_density_counts_photo_pixels(factor: int) -> None:
    texture = unwrap(photo(np.full((factor * S, factor * S, 3), 90, np.uint8)), blown_up(factor))
    np.testing.assert_allclose(texture.density[inner()], factor**2, rtol=0.02)
    assert not texture.density[~MESH.on_mesh].any()


# ---- what is not measured


def test_clipped_is_the_share_of_burnt_pixels() -> None:
    pixels = np.full((4 * S, 4 * S, 3), 150, np.uint8)
    y, x = np.mgrid[: 4 * S, : 4 * S]
    pixels[(x < 2 * S) & (y % 4 == 0), 0] = 255  # one row of four, in one channel, on the person's right
    pixels[(x >= 3 * S) & (y < 2 * S)] = 0
    texture = unwrap(photo(pixels), blown_up(4))
    assert texture.clipped[inner(11) & (np.mgrid[:S, :S][1] < S // 2 - 4)].mean() == pytest.approx(
        0.25, abs=0.01
    )
    assert texture.clipped[120, 140] == 0
    assert texture.clipped[100, 215] == pytest.approx(1)


def test_the_inside_of_a_mask_is_not_skin() -> None:
    """Landmarks in mirrored order face away from the camera everywhere."""
    mirrored = face().landmarks.copy()
    mirrored[:, 0] = S - 1 - mirrored[:, 0]
    pixels = np.full((S, S, 3), 150, np.uint8)
    assert unwrap(photo(pixels), face()).inside.sum() == MESH.on_mesh.sum()
    assert not unwrap(photo(pixels), face(landmarks=mirrored)).inside.any()


def test_what_lies_beyond_the_photo_is_not_inside() -> None:
    half = np.full((S, S // 2, 3), 150, np.uint8)
    inside = unwrap(photo(half), face()).inside
    assert not inside[:, S // 2 + 1 :].any()
    assert inside[:, : S // 2 - 1].sum() == MESH.on_mesh[:, : S // 2 - 1].sum()


@pytest.mark.parametrize("yaw", [30, -30])
def test_turned_and_hidden_skin_is_not_inside(yaw: float) -> None:
    """Turned to the right edge of the photo, the person's left cheek turns away, and the right stays."""
    picture = rendered(yaw)
    opened = open_photo(picture.photo)
    texture = unwrap(opened, find_face(opened))
    away = MESH.on_mesh & (picture.cosine < 0.1)
    assert away.sum() > 1000
    assert (texture.inside & away).sum() < 0.1 * away.sum()
    facing = MESH.skin & (picture.cosine > 0.6) & picture.valid
    assert (texture.inside & facing).sum() > 0.97 * facing.sum()
    seen = {side: texture.inside[MESH.zones[f"{side}_jaw"]].mean() for side in ("left", "right")}
    assert seen["right" if yaw > 0 else "left"] == pytest.approx(1.0)
    assert seen["left" if yaw > 0 else "right"] < 0.95


def test_cosine_is_that_of_the_rendered_face() -> None:
    picture, texture = with_patch()
    where = picture.valid & texture.inside
    off = np.abs(texture.cosine - picture.cosine)[where]
    assert np.median(off) < 0.08
    assert correlation(texture.cosine, picture.cosine, where) > 0.85


# ---- sharpness


def test_detail_falls_as_the_photo_is_blurred() -> None:
    pixels = sample_pixels("face_medium")
    found = find_face(open_photo(pixels))
    texels = found.interocular_px / 90

    def detail(sigma: float) -> float:
        blurred = cv2.GaussianBlur(pixels, (0, 0), sigma * texels) if sigma else pixels
        return unwrap(photo(np.ascontiguousarray(blurred)), found).detail

    values = [detail(sigma) for sigma in (0, 0.7, 1.5, 3, 5)]
    assert values == sorted(values, reverse=True)
    assert values[0] > 0.3
    assert values[3] < 0.5 * values[0]
    assert values[4] < 0.4 * values[0]
