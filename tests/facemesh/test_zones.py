"""Zones of one face: the visible part of each, by area, left and right the person's own."""

from __future__ import annotations

import numpy as np
import pytest

from skinscan.facemesh.canonical_face import load_canonical
from skinscan.facemesh.zones import ZONES
from skinscan.measure.face import find_face
from skinscan.measure.photo import open_photo
from skinscan.measure.texture import unwrap
from skinscan.measure.zones import cut_zones
from skinscan.types import Zones
from tests.faces import MIRRORED_ZONE, S, rendered, texture

MESH = load_canonical()


def of_turned(yaw: float) -> Zones:
    opened = open_photo(rendered(yaw).photo)
    return cut_zones(unwrap(opened, find_face(opened)))


def test_a_whole_face_shows_every_zone_whole() -> None:
    zones = cut_zones(texture())
    assert tuple(zones.masks) == ZONES
    assert list(zones.share.values()) == pytest.approx([1.0] * len(ZONES))
    for name, mask in zones.masks.items():
        np.testing.assert_array_equal(mask, MESH.zones[name])


def test_half_a_face_shows_half_of_the_middle_and_one_of_each_pair() -> None:
    inside = MESH.on_mesh.copy()
    inside[:, : S // 2] = False  # the person's right
    zones = cut_zones(texture(inside=inside))
    for name in ("cheek", "jaw", "under_eye"):
        assert zones.share[f"right_{name}"] == 0
        assert not zones.masks[f"right_{name}"].any()
        assert zones.share[f"left_{name}"] == pytest.approx(1)
    for name in ("forehead", "nose", "chin", "upper_lip"):
        assert zones.share[name] == pytest.approx(0.5, abs=0.03)


def test_share_is_of_skin_not_of_texels() -> None:
    """Texels on the side of the nose hold more skin than those on its ridge."""
    zone = MESH.zones["nose"]
    large = zone & (MESH.area_cm2 > np.median(MESH.area_cm2[zone]))
    zones = cut_zones(texture(inside=large))
    assert zones.share["nose"] > 1.05 * large.sum() / zone.sum()
    assert zones.share["nose"] == pytest.approx(MESH.area_cm2[large].sum() / MESH.area_cm2[zone].sum())


def test_a_hidden_face_shows_nothing() -> None:
    zones = cut_zones(texture(inside=np.zeros((S, S), bool)))
    assert set(zones.share.values()) == {0.0}
    assert not any(mask.any() for mask in zones.masks.values())


def test_turning_hides_the_far_side_and_mirroring_swaps_it() -> None:
    right, left = of_turned(45), of_turned(-45)
    assert right.share["left_jaw"] < 0.7 < 0.99 < right.share["right_jaw"]
    for name in ZONES:
        assert left.share[MIRRORED_ZONE[name]] == pytest.approx(right.share[name], abs=0.15), name
