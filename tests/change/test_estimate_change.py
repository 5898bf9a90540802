"""A change of known height is read at its height, and what changed is control of nothing."""

import dataclasses

import numpy as np
import pytest

from skinscan.change.estimate_change import estimate_change
from skinscan.change.face_shape import expression_change, rigid_distance
from skinscan.change.uncertainty import UNCHANGED_SKIN, erythema_sigma, real_sigma
from skinscan.facemesh.zones import SKIN_ZONES
from skinscan.types import FloatArray
from tests.change.cells import MESH, NOWHERE, STILL, draw_cells, risen
from tests.faces import scanned

CHEEKS = MESH.zones["left_cheek"] | MESH.zones["right_cheek"]
LEFT = MESH.zones["left_cheek"]


def errors(rise: float, cast: float, count: int = 8) -> FloatArray:
    found = [
        estimate_change(risen(draw_cells(seed, cast), CHEEKS, rise), CHEEKS, STILL).change(CHEEKS)
        for seed in range(count)
    ]
    return np.array([(value - rise, sigma) for value, sigma in found])


@pytest.mark.parametrize("cast", [1.0, 8.0])
@pytest.mark.parametrize("rise", [0.0, 2.0, 6.0, -4.0])
def test_a_claimed_change_is_read_at_its_height(rise: float, cast: float) -> None:
    error, sigma = errors(rise, cast).T
    assert abs(error.mean()) < 0.15 + 0.08 * abs(rise)
    assert np.abs(error).max() < 3 * sigma.max() + 0.08 * abs(rise)


def test_both_cheeks_that_changed_are_no_control_though_nobody_named_them() -> None:
    found = estimate_change(risen(draw_cells(1), CHEEKS, 3.0), NOWHERE, STILL)
    for zone in ("left_cheek", "right_cheek"):
        assert found.change(MESH.zones[zone])[0] == pytest.approx(3.0, abs=0.5)
    for zone in ("forehead", "chin", "left_jaw", "nose"):
        assert found.change(MESH.zones[zone])[0] == pytest.approx(0.0, abs=0.5)


def test_skin_near_a_change_does_not_lower_it() -> None:
    """A reaction that spills 1 cm out of the claimed cheek, at half its height."""
    cells = risen(draw_cells(2), LEFT, 4.0)
    near = ((cells.place[:, None] - cells.place[cells.zone == MESH.label[LEFT][0]]) ** 2).sum(-1).min(1) < 1.0
    spill = near & (cells.zone != MESH.label[LEFT][0])
    spilled = dataclasses.replace(cells, difference=cells.difference + 2.0 * spill[:, None] * (0.70, -0.14))
    alone, with_spill = (estimate_change(c, LEFT, STILL).change(LEFT)[0] for c in (cells, spilled))
    assert with_spill == pytest.approx(alone, abs=0.25)


def test_hair_on_a_few_cells_moves_nothing() -> None:
    cells = draw_cells(3)
    few = np.flatnonzero(cells.zone == MESH.label[MESH.zones["forehead"]][0])[:4]
    difference = cells.difference.copy()
    difference[few] += (15.0, 5.0)
    hairy = dataclasses.replace(cells, difference=difference)
    clean, other = (estimate_change(c, NOWHERE, STILL).change(LEFT)[0] for c in (cells, hairy))
    assert other == pytest.approx(clean, abs=0.2)


def test_what_is_read_is_odd_in_the_difference() -> None:
    cells = risen(draw_cells(4), LEFT, 4.0)
    turned = dataclasses.replace(
        cells, difference=-cells.difference, levels=cells.levels[:, ::-1], shine=-cells.shine
    )
    one, other = (estimate_change(c, NOWHERE, STILL) for c in (cells, turned))
    for zone in ("left_cheek", "forehead", "nose"):
        there, back = one.change(MESH.zones[zone]), other.change(MESH.zones[zone])
        assert there[0] == pytest.approx(-back[0], abs=1e-9)
        assert there[1] == pytest.approx(back[1], abs=1e-9)


def test_a_lamp_of_another_color_leaves_more_unsure() -> None:
    sigmas = [estimate_change(draw_cells(5, cast), NOWHERE, STILL).change(LEFT)[1] for cast in (1, 5, 12)]
    assert sigmas == sorted(sigmas)
    assert sigmas[2] > sigmas[0]


def test_expression_and_distance_widen_and_more_photos_narrow() -> None:
    smiling = dataclasses.replace(STILL, expression=0.05)
    nearer = dataclasses.replace(STILL, framing=0.4)
    for zone in SKIN_ZONES:
        assert real_sigma(zone, STILL) == pytest.approx(UNCHANGED_SKIN["still"])
        assert real_sigma(zone, smiling) >= real_sigma(zone, STILL)
        assert real_sigma(zone, nearer) > 1.0
    assert real_sigma("chin", smiling) > 2 * real_sigma("chin", STILL)
    sigma = erythema_sigma(1.0, 0.5, 0.0)
    assert sigma.of_mean(4, 4) < sigma.of_mean(1, 1)
    assert sigma.of_mean(10**6, 10**6) == pytest.approx(np.sqrt(0.5), rel=1e-3)


def test_a_moved_mouth_is_expression_and_a_moved_head_is_not() -> None:
    face = scanned("face_medium").face.landmarks
    angle = np.radians(20)
    turn = np.array([[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0], [0, 0, 1]])
    moved = (1.3 * face @ turn.T + (40, -20, 5)).astype(np.float32)
    assert expression_change(face, moved) < 1e-3
    assert rigid_distance(face, moved) < 1e-3
    smile = face.copy()
    apart = float(np.linalg.norm(face[468] - face[473]))
    smile[[61, 291, 84, 314, 17], 1] -= np.float32(0.3 * apart)
    assert rigid_distance(face, smile) < 1e-3
    assert expression_change(face, smile) == pytest.approx(0.3 * np.sqrt(5 / 468), rel=0.05)
