"""Highlights: of known strength, on every tone, in shade, and under redness that mirrors nothing."""

from __future__ import annotations

import numpy as np
import pytest

from skinscan.facemesh.canonical_face import load_canonical
from skinscan.measure.highlights import Highlights
from skinscan.types import FloatMap, Indices
from tests.faces import PERSON, S, light, scanned, texture

FOREHEAD = load_canonical().zone_texels["forehead"]
NOTHING: Indices = np.zeros(0, np.intp)
TONES = {"light": PERSON, "dark": np.asarray(PERSON) ** 2.2}


def mirrored(tone: str, percent: float, gain: float = 1.0) -> float:
    """What is read where a tenth of the forehead mirrors `percent` of the light; `gain`: of the exposure."""
    skin = np.broadcast_to(TONES[tone], (S, S, 3)).astype(np.float32).copy()
    lit = light(TONES[tone])
    reflectance = 10 ** (-lit.exposure.reference_od / 100)
    scale = reflectance / lit.exposure.key_light  # of light, per linear unit
    added: FloatMap = np.zeros((S, S), np.float32)
    rows = FOREHEAD // S
    added.ravel()[FOREHEAD[rows <= np.quantile(rows, 0.1)]] = percent / 100 / scale
    return Highlights(texture((skin + added[..., None]) * gain), lit).of(FOREHEAD, NOTHING)


@pytest.mark.parametrize("tone", TONES)
@pytest.mark.parametrize("percent", [2.0, 6.0])
def test_the_shiniest_tenth_is_read_in_percent_of_the_light(tone: str, percent: float) -> None:
    assert mirrored(tone, 0.0) == pytest.approx(0.0, abs=0.05)
    assert mirrored(tone, percent) == pytest.approx(percent, rel=0.25)


def test_shade_and_redness_mirror_nothing() -> None:
    skin = np.broadcast_to(PERSON, (S, S, 3)).astype(np.float32)
    shade = np.geomspace(0.4, 1, S, dtype=np.float32)[:, None, None]
    assert Highlights(texture(skin * shade), light()).of(FOREHEAD, NOTHING) < 0.1
    red = skin.copy()
    red.reshape(-1, 3)[FOREHEAD[:300]] *= np.array([0.95, 0.75, 0.75], np.float32)
    assert Highlights(texture(red), light()).of(FOREHEAD, NOTHING) < 0.1


def test_mottled_skin_is_not_shiny() -> None:
    """Skin that is bluer here and less blue there reaches as far below its middle as above."""
    mottled = 1 + 0.06 * np.random.default_rng(0).normal(0, 1, (S // 4, S // 4))
    skin = np.broadcast_to(PERSON, (S, S, 3)).astype(np.float32).copy()
    skin[..., 2] *= np.kron(mottled, np.ones((4, 4)))
    assert Highlights(texture(skin), light()).of(FOREHEAD, NOTHING) < 0.3


def test_burnt_highlights_count_with_the_least_they_can_be() -> None:
    skin = np.broadcast_to(PERSON, (S, S, 3)).astype(np.float32).copy()
    rows = FOREHEAD // S
    burnt, rest = FOREHEAD[rows <= np.quantile(rows, 0.1)], FOREHEAD[rows >= np.quantile(rows, 0.3)]
    skin.reshape(-1, 3)[burnt] = 1
    shine = Highlights(texture(skin), light())
    assert shine.of(rest, burnt) > shine.of(rest, NOTHING)
    assert (shine.least(rest, burnt) >= 0).all()


def test_the_shiny_sample_stands_out_and_tones_read_alike() -> None:
    read = {
        name: scanned(f"face_{name}").scores["oil_balance"].parts["highlights_t_zone_percent"]
        for name in ("shiny", "medium", "light", "dark")
    }
    assert read["shiny"] > 2 * max(read[name] for name in ("medium", "light", "dark"))
    assert max(read["light"], read["medium"]) < 3 * read["dark"]
