"""The side of a head that a photo shows: by name, mirrored with the photo, and what is not seen of it."""

from __future__ import annotations

import numpy as np
import pytest

from skinscan.facemesh.canonical_face import load_canonical
from skinscan.facemesh.view import nearer_eyes, side_shown, view_name, zones_turned_away
from skinscan.types import Pose


def pose(yaw: float) -> Pose:
    return Pose(yaw=yaw, pitch=0, roll=0)


@pytest.mark.parametrize(
    ("yaw", "name", "side"),
    [
        (0, "frontal", "both"), (20, "frontal", "both"), (21, "right_three_quarter", "right"),
        (50, "right_three_quarter", "right"), (51, "right_profile", "right"), (80, "right_profile", "right"),
    ],
)  # fmt: skip
def test_who_turns_to_the_right_edge_shows_the_own_right_side(yaw: float, name: str, side: str) -> None:
    assert (view_name(pose(yaw)), side_shown(pose(yaw))) == (name, side)
    if side == "right":
        assert (view_name(pose(-yaw)), side_shown(pose(-yaw))) == (name.replace("right", "left"), "left")


def test_the_far_eye_is_not_asked() -> None:
    assert nearer_eyes(pose(10)) == (0, 1)
    assert nearer_eyes(pose(60)) == (0,)
    assert nearer_eyes(pose(-60)) == (1,)


def test_a_zone_is_turned_away_by_its_share() -> None:
    zones = load_canonical().zones
    half = {name: mask & (np.arange(mask.shape[1]) < mask.shape[1] // 2) for name, mask in zones.items()}
    away = set(zones_turned_away(half))
    assert {"left_cheek", "left_jaw", "left_under_eye"} <= away
    assert not {name for name in away if name.startswith("right")}
    assert not zones_turned_away(zones)
