"""Skin states of the renderer: what is off changes nothing, and each sign is what it says it is."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from models.renderer.people import committed_people
from models.renderer.reactivity import (
    CALM,
    SCALE_ROUGH,
    Reactivity,
    flakes,
    reactive,
    reactive_blood,
    vessels,
)
from models.renderer.skin import Complexion, Skin, SkinRecipe, make_skin
from models.renderer.subject import scaly
from skinscan.facemesh.canonical_face import load_canonical

PEOPLE = committed_people()
EVEN = Complexion(blotch=0.0, mottle=0.0, grain=0.0, shadow=0.0)
ZONES = load_canonical().zones
CHEEKS = ZONES["left_cheek"] | ZONES["right_cheek"]


def skin(person: int = 3, **looks: object) -> Skin:
    look = replace(EVEN, **looks)  # type: ignore[arg-type]
    return make_skin(SkinRecipe(person=PEOPLE[person], complexion=look), np.random.default_rng(4))


def test_what_is_off_draws_no_random_numbers() -> None:
    rng = np.random.default_rng(4)
    make_skin(SkinRecipe(person=PEOPLE[3], complexion=EVEN), rng)
    after = rng.random()
    rng = np.random.default_rng(4)
    make_skin(SkinRecipe(person=PEOPLE[3], complexion=replace(EVEN, lentigo_rise=30.0, reactivity=CALM)), rng)
    assert rng.random() == after


def test_severity_0_is_calm_and_every_sign_grows_with_it() -> None:
    assert reactive(0.0, np.random.default_rng(1)) == CALM
    ladder = [reactive(s, np.random.default_rng(1)) for s in (0.1, 0.3, 0.6, 1.0)]
    for less, more in pairwise(ladder):
        assert less.diffuse < more.diffuse
        assert less.patchy < more.patchy
        assert less.vessels < more.vessels
        assert less.flakes < more.flakes


@pytest.mark.parametrize("person", [0, 5, 11])
def test_diffuse_redness_is_central_and_as_large_as_said(person: int) -> None:
    plain = skin(person)
    red = skin(person, reactivity=Reactivity(diffuse=6.0))
    rise = red.erythema - plain.erythema
    assert rise.max() == pytest.approx(6.0, abs=0.1)
    assert rise[CHEEKS].mean() > 3 * rise[ZONES["forehead"]].mean()
    assert np.abs(red.melanin - plain.melanin).max() < 0.8


def test_vessels_are_thin_red_and_on_cheeks_and_nose() -> None:
    lines = vessels(np.random.default_rng(0), 20)
    red = lines > 2.0
    assert 0.0005 < red.mean() < 0.02
    assert red[CHEEKS | ZONES["nose"]].sum() > 0.6 * red.sum()
    assert lines.max() < 15.0
    assert not red[ZONES["forehead"]].any()


def test_patches_have_the_spread_they_are_given() -> None:
    where = ZONES["left_cheek"]
    spread = [reactive_blood(np.random.default_rng(k), Reactivity(patchy=2.0))[where].std() for k in range(8)]
    assert 0.8 < float(np.mean(spread)) < 2.2


def test_flakes_are_pale_and_rough_on_dark_skin_as_on_light() -> None:
    for person in (0, 11):
        plain, scaling = skin(person), skin(person, reactivity=Reactivity(flakes=80))
        scales = scaling.flakes > 0.5
        assert 0.001 < scales.mean() < 0.05
        assert (scaling.reflectance[scales] > plain.reflectance[scales]).mean() > 0.95
        assert not plain.flakes.any()
    rough = scaly(np.full(scales.shape, 0.25, np.float32), scaling.flakes)
    assert rough[scales].min() > 0.4
    assert rough.max() <= SCALE_ROUGH
    np.testing.assert_array_equal(flakes(np.random.default_rng(0), 0), 0)


def test_dark_spots_are_known_in_number_and_depth() -> None:
    plain, spotted = skin(), skin(lentigines=30, lentigo_rise=15.0)
    darker = spotted.melanin - plain.melanin
    np.testing.assert_allclose(darker, spotted.dark_spots, atol=0.2)
    peaks = spotted.dark_spots.max()
    assert 10 < peaks < 60
    assert not plain.dark_spots.any()
