"""Families of rendered photos: each changes what it names, and the usual one nothing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from models.renderer.camera import LAMPS
from models.renderer.families import FAMILIES
from models.renderer.people import committed_people
from models.renderer.shading import WRAP, Points, shade
from models.renderer.shot import Shot, draw_shot
from models.renderer.skin import SkinRecipe, draw_recipe

DRAWS = 40


def drawn(family: str) -> list[tuple[SkinRecipe, SkinRecipe, Shot, Shot]]:
    """Usual recipe, the family's, usual shot, the family's; as often as DRAWS."""
    of_skin, of_shot = FAMILIES[family]
    rows = []
    for seed in range(DRAWS):
        rng = np.random.default_rng(seed)
        recipe, shot = draw_recipe(committed_people()[0], rng), draw_shot(rng)
        rows.append((recipe, of_skin(recipe, rng), shot, of_shot(shot, rng)))
    return rows


@pytest.mark.parametrize("family", FAMILIES)
def test_a_family_changes_the_skin_or_the_shot(family: str) -> None:
    rows = drawn(family)
    skins = [a is not b for a, b, _, _ in rows]
    shots = [a is not b for _, _, a, b in rows]
    assert all(skins) is (family == "uneven skin")
    assert all(shots) is (family not in ("usual", "uneven skin"))


def test_cheeks_of_uneven_skin_are_as_red_as_real_ones() -> None:
    rises = [skin.complexion.flush for _, skin, _, _ in drawn("uneven skin")]
    assert 3.0 < float(np.median(rises)) < 5.0
    assert max(rises) > 8.0


def test_white_errs_twice_as_much_under_lamps() -> None:
    rows = drawn("white")
    assert {shot.light.name for *_, shot in rows} <= set(LAMPS)
    usual, odd = (float(np.std(np.log([row[2:][k].camera.balance[0] for row in rows]))) for k in (0, 1))
    assert odd > 1.4 * usual


def test_odd_sensors_differ_more() -> None:
    def spread(k: int) -> float:
        shots = [row[2:][k] for row in drawn("sensors")]
        curves = np.array([shot.camera.sensitivity[:, 1] for shot in shots])
        return float((curves / curves.sum(axis=1, keepdims=True)).std(axis=0).mean())

    assert spread(1) > 1.8 * spread(0)


def test_light_that_does_not_creep_ends_at_the_terminator() -> None:
    """Lambert where nothing creeps and nothing is flat; more red round the terminator where light creeps."""
    normal = np.array([[1.0, 0.0, 0.0], [np.sqrt(0.75), 0.0, 0.5], [1.0, 0.0, -0.05]], np.float32)
    one, axis = np.ones(3, np.float32), np.tile(np.array([0.0, 0.0, 1.0], np.float32), (3, 1))
    points = Points(normal=normal, view=axis, lit=one, open=one, rough=0.4 * one, soft=one)
    base = drawn("shading")[0][3].light

    def key(creep: float, falloff: float) -> np.ndarray:
        light = replace(base, direction=(0.0, 0.0, 1.0), share=1.0, creep=creep, falloff=falloff)
        return np.asarray(shade(points, light).key)

    np.testing.assert_allclose(key(0.0, 1.0)[:, 0], (0.0, 0.5, 0.0), atol=1e-6)
    np.testing.assert_allclose(key(0.0, 0.5)[1], np.sqrt(0.5), atol=1e-6)
    assert (key(2.0, 1.0)[0] > key(1.0, 1.0)[0]).all()
    np.testing.assert_allclose(key(1.0, 1.0)[0], WRAP / (1 + WRAP), atol=1e-6)
