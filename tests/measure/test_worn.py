"""What is worn over the skin is named, and a bare or inflamed face is not accused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from models.renderer.coverings import Coverings, Makeup
from models.renderer.render import render
from models.renderer.subject import dressed
from skinscan.facemesh.canonical_face import load_canonical
from skinscan.measure.worn import find_worn
from skinscan.scanner import Scanner
from tests.faces import PERSON, S, encoded, maps, scanned, shot, subject, texture

MESH = load_canonical()
MADE_UP = {
    "LIPSTICK": Makeup(lipstick=0.95, lip_hue=0.2, lip_depth=0.9),
    "BLUSHER": Makeup(blusher=0.95, blusher_hue=0.5, blusher_high=0.5),
}
NAMES = {"LIPSTICK", "BLUSHER", "GLASSES", "MASK"}


@pytest.mark.parametrize("code", MADE_UP)
def test_make_up_is_named_and_forbids_nothing(code: str) -> None:
    worn = dressed(subject(), replace(Coverings(), makeup=MADE_UP[code]))
    photo = render(worn, shot(), np.random.default_rng(0)).photo
    quality = Scanner("cpu", identity=False).scan(encoded(photo)).quality
    assert {check.code for check in quality.checks if not check.ok} & NAMES == {code}
    assert not any(check.disables for check in quality.checks if check.code in NAMES)


@pytest.mark.parametrize("name", ["face_light", "face_medium", "face_dark", "face_shiny"])
def test_a_bare_face_is_not_accused(name: str) -> None:
    assert not {check.code for check in scanned(name).quality.checks if not check.ok} & NAMES


def test_a_bar_across_the_bridge_is_glasses() -> None:
    rgb = np.broadcast_to(PERSON, (S, S, 3)).astype(np.float32).copy()
    assert find_worn(texture(rgb), maps()).glasses < 1
    rgb[96:101, 100:156] *= 0.2
    assert find_worn(texture(rgb), maps()).glasses > 40


def test_inflamed_cheeks_and_nose_are_no_blusher_and_one_cheek_is_not() -> None:
    def blusher(*zones: str) -> float:
        rgb = np.broadcast_to(PERSON, (S, S, 3)).astype(np.float32).copy()
        for zone in zones:
            rgb[MESH.zones[zone]] *= np.array([1.0, 0.75, 0.8], np.float32)
        return find_worn(texture(rgb), maps()).blusher

    assert blusher("left_cheek", "right_cheek", "nose") < 1
    assert blusher("left_cheek") == 0
    assert blusher("left_cheek", "right_cheek") > 8


def test_cloth_over_mouth_and_chin_is_a_mask_and_a_beard_is_not() -> None:
    lower = np.logical_or.reduce([MESH.zones[n] for n in ("perioral", "chin", "left_jaw", "right_jaw")])
    lips = MESH.zones["upper_lip"] | MESH.zones["lower_lip"]
    for lip, mask in (((0.6, 0.7, 0.8), 1.0), ((0.45, 0.2, 0.15), 0.0)):
        rgb = np.broadcast_to(PERSON, (S, S, 3)).astype(np.float32).copy()
        rgb[lips] = lip
        assert find_worn(texture(rgb), maps(valid=MESH.skin & ~lower)).mask == mask
