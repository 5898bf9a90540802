"""Zones of one face: the visible part of each, left and right the person's own."""

from __future__ import annotations

import numpy as np
import pytest

from skinscan.facemesh.canonical_face import load_canonical
from skinscan.facemesh.zones import ZONES
from skinscan.measure.face import find_face
from skinscan.measure.photo import open_photo
from skinscan.measure.texture import unwrap, visible_zones
from tests.faces import MIRRORED_ZONE, S, rendered, texture

MESH = load_canonical()


def test_a_whole_face_shows_every_zone_whole() -> None:
    masks = visible_zones(texture())
    assert tuple(masks) == ZONES
    for name, mask in masks.items():
        np.testing.assert_array_equal(mask, MESH.zones[name])


def test_half_a_face_shows_half_of_the_middle_and_one_of_each_pair() -> None:
    inside = MESH.on_mesh.copy()
    inside[:, : S // 2] = False  # the person's right
    masks = visible_zones(texture(inside=inside))
    for name in ("cheek", "jaw", "under_eye"):
        assert not masks[f"right_{name}"].any()
        np.testing.assert_array_equal(masks[f"left_{name}"], MESH.zones[f"left_{name}"])
    for name in ("forehead", "nose", "chin", "upper_lip"):
        assert masks[name].sum() / MESH.zones[name].sum() == pytest.approx(0.5, abs=0.03)


def test_a_hidden_face_shows_nothing() -> None:
    masks = visible_zones(texture(inside=np.zeros((S, S), bool)))
    assert not any(mask.any() for mask in masks.values())


def shares(yaw: float) -> dict[str, float]:
    """Visible part of each zone of a head turned so far."""
    opened = open_photo(rendered(yaw).photo)
    masks = visible_zones(unwrap(opened, find_face(opened)))
    return {name: float(mask.sum() / MESH.zones[name].sum()) for name, mask in masks.items()}


def test_turning_hides_the_far_side_and_mirroring_swaps_it() -> None:
    right, left = shares(45), shares(-45)
    assert right["left_jaw"] < 0.7 < 0.99 < right["right_jaw"]
    for name in ZONES:
        assert left[MIRRORED_ZONE[name]] == pytest.approx(right[name], abs=0.15), name
