"""Pose in, which side of the face a photo shows out.

Left and right are the person's own: who turns to the right edge of an unmirrored photo shows the right side.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import numpy as np

from skinscan.facemesh.canonical_face import load_canonical
from skinscan.types import LEAST_ZONE_SHARE, LEAST_ZONE_TEXELS, BoolMap, Pose

__all__ = ["Side", "nearer_eyes", "side_shown", "view_name", "zones_turned_away"]

Side = Literal["both", "left", "right"]

_FRONTAL, _PROFILE = 20.0, 50.0  # degrees of yaw, beyond which it is a three-quarter view, a profile [design]
_ONE_EYE = 35.0  # degrees of yaw beyond which landmarks of the far eye lie on nose, hair or background


def side_shown(pose: Pose) -> Side:
    """The person's own side that is turned to the camera; "both" in a frontal view."""
    if abs(pose.yaw) <= _FRONTAL:
        return "both"
    return "right" if pose.yaw > 0 else "left"


def view_name(pose: Pose) -> str:
    """`frontal`, `left_three_quarter`, `right_three_quarter`, `left_profile` or `right_profile`."""
    side = side_shown(pose)
    if side == "both":
        return "frontal"
    return f"{side}_three_quarter" if abs(pose.yaw) <= _PROFILE else f"{side}_profile"


def nearer_eyes(pose: Pose) -> tuple[int, ...]:
    """Which eyes can be looked at, as positions in EYES: 0 the right one, 1 the left one."""
    if abs(pose.yaw) <= _ONE_EYE:
        return (0, 1)
    return (0,) if pose.yaw > 0 else (1,)


def zones_turned_away(zone_masks: Mapping[str, BoolMap]) -> tuple[str, ...]:
    """Zones of which the camera sees too little for measuring, whatever covers them or not.

    `zone_masks`: zone name to mask (S, S), as `visible_zones` gives them.
    """
    whole = load_canonical().zone_texels
    return tuple(
        name
        for name, mask in zone_masks.items()
        if np.count_nonzero(mask) < max(LEAST_ZONE_TEXELS, LEAST_ZONE_SHARE * len(whole[name]))
    )
