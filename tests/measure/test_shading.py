"""How light falls on a face is told from its skin."""

from __future__ import annotations

import numpy as np
import pytest

from skinscan.facemesh.canonical_face import load_canonical
from skinscan.facemesh.zones import SKIN_ZONES
from skinscan.measure.shading import Shading, fit_shading, skin_normals
from skinscan.types import Face, FloatArray, Pose

WHERE = {name: k for k, name in enumerate(SKIN_ZONES)}


def face() -> Face:
    """The canonical head looking into the camera: photo x right, y down, z away."""
    points = np.zeros((478, 3), np.float32)
    points[:468] = load_canonical().xyz * (10, -10, -10)
    pose = Pose(yaw=0.0, pitch=0.0, roll=0.0)
    return Face(landmarks=points, pose=pose, interocular_px=60.0, count=1, index=0)


def fitted(light: tuple[float, float, float, float], spots: dict[str, float] | None = None) -> Shading:
    """Skin under light that rises with the normal; zones in `spots` are that much darker, OD."""
    label = load_canonical().label
    texel = np.flatnonzero((label.ravel() >= 0) & (label.ravel() < len(SKIN_ZONES)))[::5]
    zone = label.ravel()[texel].astype(np.int32)
    normals = skin_normals(face())
    bare = Shading(facing=1, oblique=0, darker={}, light=np.array(light))
    red: FloatArray = 10 ** (bare.darkness(normals, texel, np.ones(len(texel))) / 100)
    for name, darker in (spots or {}).items():
        red[zone == WHERE[name]] *= 10 ** (-darker / 100)
    return fit_shading(normals, zone, texel, red)


@pytest.mark.parametrize("light", [(0.4, 0.0, 0.0, 0.1), (0.3, 0.15, 0.05, 0.1), (0.3, -0.1, 0.1, 0.15)])
def test_skin_that_looks_into_the_camera_is_found_under_any_light(
    light: tuple[float, float, float, float],
) -> None:
    found = fitted(light)
    assert found.facing == pytest.approx(light[0] + light[3], rel=0.02)
    assert found.oblique == pytest.approx(100 * np.hypot(light[1], light[2]) / found.facing, abs=2)
    assert max(map(abs, found.darker.values())) < 1


def test_a_darker_zone_is_told_from_shade() -> None:
    found = fitted((0.3, 0.12, 0.0, 0.1), {"left_cheek": 12.0})
    assert found.darker["left_cheek"] == pytest.approx(12, abs=2.5)
    assert abs(found.darker["forehead"]) < 2.5
