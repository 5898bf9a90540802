"""Bare skin: the network's doubt is not the last word on inflamed skin, and is on hair and drawings."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from skinscan.measure.bare_skin import bare_skin
from skinscan.types import BoolMap
from tests.faces import S, texture

PATCH = np.zeros((S, S), np.bool_)
PATCH[150:190, 60:100] = True
SHADE = np.random.default_rng(0).normal(0, 1, (S, S)).astype(np.float32)


def told(rise: float, darker: float, doubt: float = 0.3, drawn: BoolMap | None = None) -> float:
    """Share of a patch that is called bare: redder by `rise` EI, darker by `darker` MI than sure skin."""
    looked = replace(texture(), inside=np.ones((S, S), np.bool_), cosine=np.ones((S, S), np.float32))
    validity = np.where(PATCH, doubt, 0.95).astype(np.float32)
    erythema = (28 + SHADE + rise * PATCH).astype(np.float32)
    melanin = (35 + SHADE + darker * PATCH).astype(np.float32)
    looked = replace(looked, drawn=looked.drawn if drawn is None else drawn)
    return float(bare_skin(erythema, melanin, validity, looked)[PATCH].mean())


@pytest.mark.parametrize("rise", [0.0, 6.0, 15.0, 30.0])
def test_skin_that_is_as_dark_and_at_least_as_red_is_skin(rise: float) -> None:
    assert told(rise, 1.0) > 0.9


@pytest.mark.parametrize(("rise", "darker"), [(-7.0, 5.0), (-12.0, 10.0), (0.0, 30.0), (2.0, -20.0)])
def test_beards_hair_and_paint_are_none(rise: float, darker: float) -> None:
    assert told(rise, darker) < 0.1


def test_what_the_network_is_sure_of_stands() -> None:
    assert told(6.0, 0.0, doubt=0.05) == 0
    assert told(-12.0, 10.0, doubt=0.6) == 1


def test_what_is_drawn_on_is_never_rescued() -> None:
    assert told(6.0, 0.0, drawn=PATCH) == 0
