"""Skin too bright for the camera: a lower bound that is one, zone by zone, and no hole."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from skinscan.facemesh.canonical_face import load_canonical
from skinscan.measure.clipped_skin import find_clipped_skin
from skinscan.scanner import Scanner
from skinscan.types import BoolMap, FaceTexture
from tests.faces import encoded, maps, relit, sample_pixels, scanned, texture

MESH = load_canonical()
CHEEK = MESH.zones["left_cheek"]


def burnt(where: BoolMap, color: tuple[float, float, float]) -> FaceTexture:
    given = texture()
    rgb, clipped = given.rgb.copy(), given.clipped.copy()
    rgb[where], clipped[where] = color, 1
    return replace(given, rgb=rgb, clipped=clipped)


def test_red_alone_and_glare_are_told_apart_and_need_skin_around() -> None:
    spot: BoolMap = np.zeros_like(CHEEK)
    row, column = np.argwhere(CHEEK).mean(axis=0).astype(int)
    spot[row - 4 : row + 5, column - 4 : column + 5] = True
    found = find_clipped_skin(burnt(spot, (1.0, 0.7, 0.5)), maps(valid=MESH.skin & ~spot))
    assert (found.red == spot).all()
    assert not found.glare.any()
    found = find_clipped_skin(burnt(spot, (1.0, 1.0, 0.98)), maps(valid=MESH.skin & ~spot))
    assert (found.glare == spot).all()
    assert not found.red.any()
    alone = find_clipped_skin(burnt(spot, (1.0, 0.7, 0.5)), maps(valid=np.zeros_like(spot)))
    assert not alone.red.any()


def test_a_bright_portrait_is_measured_and_what_clips_is_at_least() -> None:
    """The same face at three exposures: bounds lie at or below what the unclipped photo says."""
    pixels, usual = sample_pixels("face_light"), scanned("face_light")
    seen = 0
    for gain in (1.4, 1.6):
        found = Scanner("cpu", identity=False).scan(encoded(relit(pixels, gain)))
        assert found.scores["redness"].status == "ok"
        bounds = {name for name, zone in found.zones.items() if zone.erythema_index.at_least}
        seen += len(bounds)
        for name in bounds & usual.zones.keys():
            bound, true = found.zones[name].erythema_index, usual.zones[name].erythema_index
            assert bound.value < true.high, name
        clear = found.zones.keys() - bounds
        assert clear, "some zones are not burnt"
    assert seen
    assert not any(zone.erythema_index.at_least for zone in usual.zones.values())
