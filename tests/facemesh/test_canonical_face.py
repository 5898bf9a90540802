"""The canonical face: one mesh, which is the bundle's, symmetric zones, areas in cm2."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from models.training.fit.canonical_mesh import TARGET, read_mesh
from skinscan.facemesh.canonical_face import load_canonical
from skinscan.facemesh.zones import T_ZONE, U_ZONE, ZONES
from skinscan.types import BoolMap
from tests.faces import MIRRORED_ZONE

MESH = load_canonical()


def grown(mask: BoolMap) -> BoolMap:
    return np.asarray(cv2.dilate(mask.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0)


def test_the_mesh_is_the_published_one() -> None:
    assert (len(MESH.uv), len(MESH.xyz), len(MESH.triangles)) == (468, 468, 898)
    assert set(np.unique(MESH.triangles)) == set(range(468))
    left, right, nose_tip, chin, forehead = MESH.xyz[[454, 234, 1, 152, 10]]
    np.testing.assert_allclose(left, right * (-1, 1, 1), atol=1e-4)
    assert left[0] > 7 > -7 > right[0]  # the person's own left has positive x; a face is about 15 cm wide
    assert nose_tip[2] == pytest.approx(MESH.xyz[:, 2].max(), abs=0.2)
    assert forehead[1] > nose_tip[1] > chin[1]


def test_row_0_is_the_forehead_and_the_persons_right_is_on_the_left() -> None:
    assert MESH.uv[10, 1] < MESH.uv[1, 1] < MESH.uv[152, 1]
    assert MESH.uv[234, 0] < MESH.uv[1, 0] < MESH.uv[454, 0]
    columns = {name: np.nonzero(mask)[1].mean() for name, mask in MESH.zones.items()}
    for name in ("cheek", "jaw", "under_eye"):
        assert columns[f"right_{name}"] < 127.5 < columns[f"left_{name}"]


def test_zones_mirror_onto_each_other() -> None:
    """To a texel: what one has and the other lacks lies on its border."""
    for name, mask in MESH.zones.items():
        other = MESH.zones[MIRRORED_ZONE[name]][:, ::-1]
        assert not (mask & ~grown(other)).any(), name
        assert abs(int(mask.sum()) - int(other.sum())) <= 0.005 * mask.sum(), name


def test_zones_are_disjoint_on_the_mesh_and_labelled() -> None:
    assert tuple(MESH.zones) == ZONES
    assert np.sum(list(MESH.zones.values()), axis=0).max() == 1
    for number, (name, mask) in enumerate(MESH.zones.items()):
        assert mask.any(), name
        assert not (mask & ~MESH.on_mesh).any(), name
        np.testing.assert_array_equal(mask, MESH.label == number)
        assert cv2.connectedComponents(mask.astype(np.uint8))[0] == 2, f"{name} is in pieces"
    lips = MESH.zones["upper_lip"] | MESH.zones["lower_lip"]
    np.testing.assert_array_equal(MESH.skin, (MESH.label >= 0) & ~lips)
    assert not set(T_ZONE) & set(U_ZONE)


def test_zones_keep_off_eyes_brows_nostrils_and_mouth() -> None:
    eyes_and_brows = (33, 133, 159, 145, 263, 362, 386, 374, 105, 66, 334, 296, 468 - 1)
    for vertex in (*eyes_and_brows, 13, 14):
        column, row = np.round(MESH.uv[vertex]).astype(int)
        assert not MESH.skin[row, column], vertex
    for vertex, zone in (
        (50, "right_cheek"),
        (280, "left_cheek"),
        (151, "forehead"),
        (1, "nose"),
        (199, "chin"),
    ):
        column, row = np.round(MESH.uv[vertex]).astype(int)
        assert MESH.zones[zone][row, column], zone


def test_areas_are_those_of_a_face() -> None:
    a, b, c = (MESH.xyz[MESH.triangles[:, k]] for k in range(3))
    whole = float(np.linalg.norm(np.cross(b - a, c - a), axis=1).sum() / 2)
    assert 200 < whole < 400
    assert float(MESH.area_cm2.sum()) == pytest.approx(whole, rel=0.01)
    assert not MESH.area_cm2[~MESH.on_mesh].any()
    area = {name: float(MESH.area_cm2[mask].sum()) for name, mask in MESH.zones.items()}
    assert 10 < area["left_cheek"] < 30
    assert area["left_cheek"] == pytest.approx(area["right_cheek"], rel=0.005)
    assert area["glabella"] < area["left_cheek"] < area["forehead"]
    assert 0.3 < MESH.area_cm2[MESH.skin].sum() / whole < 0.6


def test_values_carried_to_texels_are_interpolated_exactly() -> None:
    """The texel's own coordinates come back, and a constant stays one."""
    planes = MESH.at_texels(np.column_stack([MESH.uv, np.full(468, 7.0)]).astype(np.float32))
    rows, columns = np.nonzero(MESH.on_mesh)
    np.testing.assert_allclose(planes[0][MESH.on_mesh], columns, atol=1e-3)
    np.testing.assert_allclose(planes[1][MESH.on_mesh], rows, atol=1e-3)
    np.testing.assert_allclose(planes[2][MESH.on_mesh], 7.0, rtol=1e-6)
    assert not planes[:, ~MESH.on_mesh].any()


def test_values_carried_to_some_texels_are_those_of_all() -> None:
    texels = MESH.zone_texels["nose"]
    values = np.random.default_rng(0).normal(size=(3, 468))
    everywhere = MESH.at_texels(values.T.astype(np.float32)).reshape(3, -1)
    np.testing.assert_allclose(MESH.at(values, texels), everywhere[:, texels], atol=1e-5)


def test_normals_look_out_of_the_face_and_count_triangles_by_their_area() -> None:
    flat = MESH.triangle_normals(MESH.xyz)
    smooth = MESH.vertex_normals(flat)
    total = np.zeros((468, 3))
    for number, corners in enumerate(MESH.triangles):
        total[corners] += flat[:, number]
    np.testing.assert_allclose(smooth.T, total / np.linalg.norm(total, axis=1, keepdims=True), atol=1e-5)
    nose_tip, left, right = smooth[:, [1, 454, 234]].T
    assert nose_tip[2] > 0.8
    assert left[0] > 0.8
    assert right[0] < -0.8
    a, b, c = (MESH.xyz[MESH.triangles[:, k]] for k in range(3))
    np.testing.assert_allclose(
        np.linalg.norm(flat, axis=0), np.linalg.norm(np.cross(b - a, c - a), axis=1), rtol=1e-4
    )


def test_the_mesh_is_that_of_the_bundle_array_for_array() -> None:
    vertices, triangles = read_mesh()
    with np.load(TARGET) as kept:
        np.testing.assert_array_equal(kept["xyzuv"], vertices)
        np.testing.assert_array_equal(kept["triangles"], triangles)
        assert (kept["xyzuv"].dtype, kept["triangles"].dtype) == (np.float32, np.int32)
