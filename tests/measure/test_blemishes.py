"""Inflamed spots: those that are there are found and placed; moles, grain, edges and lips are none."""

from __future__ import annotations

import numpy as np
import pytest

from models.training.fit.fit_blemishes import paint_spots
from skinscan.facemesh.canonical_face import load_canonical
from skinscan.facemesh.zones import SKIN_ZONES
from skinscan.measure.blemishes import Blemishes, blemish_skin, find_blemishes
from skinscan.types import FloatMap
from tests.faces import S, maps, texture

MESH = load_canonical()
V, U = np.mgrid[:S, :S] / S
PLACES = ((0.28, 0.53), (0.33, 0.6), (0.72, 0.53), (0.5, 0.86), (0.4, 0.17))


def hill(u: float, v: float, texels: float, height: float) -> FloatMap:
    far = ((U - u) ** 2 + (V - v) ** 2) * S**2
    return np.asarray(height * np.exp(-0.5 * (far / texels**2) ** 2), np.float32)


def found(
    erythema: FloatMap, melanin: FloatMap | float = 35.0, validity: FloatMap | float = 1.0
) -> Blemishes:
    grain = np.random.default_rng(1).normal(0, 0.25, (S, S))
    return find_blemishes(
        texture(), maps(erythema=erythema + grain, melanin=melanin + grain, validity=validity)
    )


def spotted(count: int, height: float = 9.0) -> FloatMap:
    return 28 + sum((hill(u, v, 1.8, height) for u, v in PLACES[:count]), np.zeros((S, S), np.float32))


@pytest.mark.parametrize("count", [0, 1, 3, 5])
def test_as_many_as_there_are_where_they_are(count: int) -> None:
    spots = found(spotted(count)).spots
    assert len(spots) == count
    for u, v in PLACES[:count]:
        nearest = min(spots, key=lambda s: np.hypot(s.column - u * S, s.row - v * S))
        assert np.hypot(nearest.column - u * S, nearest.row - v * S) < 2
    assert all(0.5 <= s.probability <= 1 and s.height > 2 and s.zone in SKIN_ZONES for s in spots)
    assert [s.probability for s in spots] == sorted((s.probability for s in spots), reverse=True)


def test_more_and_redder_spots_are_denser() -> None:
    few, many, redder = (found(spotted(n, h)).density for n, h in ((2, 6.0), (5, 6.0), (2, 12.0)))
    assert few < many
    assert few < redder


def test_density_is_that_of_the_skin_that_is_seen() -> None:
    """Half a face with half of the spots is as spotty as the whole."""
    mirrored = [(u, v) for u, v in PLACES[:2]] + [(1 - u, v) for u, v in PLACES[:2]]
    skin = 28 + sum((hill(u, v, 1.8, 9.0) for u, v in mirrored), np.zeros((S, S), np.float32))
    whole, half = found(skin), found(skin, validity=np.where(U < 0.5, 1.0, 0.0).astype(np.float32))
    assert len(half.spots) == 2
    assert half.seen_cm2 == pytest.approx(whole.seen_cm2 / 2, rel=0.05)
    assert half.density == pytest.approx(whole.density, rel=0.15)


def test_a_mole_is_no_inflamed_spot() -> None:
    moles = 35 + sum((hill(u, v, 1.8, 30.0) for u, v in PLACES), np.zeros((S, S), np.float32))
    leak = 28 + 0.2 * (moles - 35)
    assert len(found(leak, moles).spots) == 0
    assert len(found(spotted(5) + leak - 28, moles).spots) <= 5


@pytest.mark.parametrize(
    ("what", "skin"),
    [
        ("an even face", np.full((S, S), 28.0)),
        ("a red half", 28 + 9.0 * (U > 0.5)),
        ("a flush", 28 + 12 * np.exp(-(((U - 0.3) / 0.08) ** 2) - ((V - 0.55) / 0.08) ** 2)),
        ("a thin crease", 28 + 6.0 * (np.abs(U - 0.3) * S < 0.8) * (np.abs(V - 0.55) < 0.06)),
        ("red lips", 28 + 20.0 * (MESH.zones["upper_lip"] | MESH.zones["lower_lip"])),
    ],
)
def test_what_is_no_spot_is_none(what: str, skin: FloatMap) -> None:
    assert len(found(skin.astype(np.float32)).spots) <= 1, what


def test_noise_is_no_spot() -> None:
    noise = np.random.default_rng(2).normal(0, 3.0, (S, S))
    assert len(found((28 + noise).astype(np.float32)).spots) <= 2


def test_nothing_that_is_covered_is_looked_at() -> None:
    hidden = found(spotted(5), validity=0.0)
    assert hidden.spots == ()
    assert hidden.density == hidden.seen_cm2 == hidden.area_percent == 0
    assert np.isnan(hidden.relief).all()


def test_eyes_brows_lips_and_nostrils_are_left_out() -> None:
    skin = blemish_skin()
    assert not skin[~MESH.on_mesh].any()
    assert not (skin & (MESH.zones["upper_lip"] | MESH.zones["lower_lip"])).any()
    for u, v in ((0.3, 0.38), (0.7, 0.38), (0.4585, 0.5835), (0.5415, 0.5835)):
        assert not skin[round(v * S), round(u * S)]
    for name in ("left_cheek", "right_jaw", "forehead", "chin"):
        assert (skin & MESH.zones[name]).sum() > 0.9 * MESH.zones[name].sum()


def test_what_is_painted_for_the_fit_is_where_the_skin_is() -> None:
    skin = np.zeros((S, S), bool)
    skin[100:160, 60:120] = True
    rise, darker, mole = paint_spots(skin, np.random.default_rng(0))
    assert rise.max() > 3
    assert mole.max() > 3
    far = np.ones((S, S), bool)
    far[80:180, 40:140] = False
    for painted in (rise, darker, mole):
        assert np.abs(painted[far]).max() < 1
