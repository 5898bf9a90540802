"""Fit what tells an inflamed spot from a mole, a hair or noise; about three minutes of one core.

    python -m models.training.fit.fit_blemishes ../shared/real

Papules and moles of known place are laid on the maps of real faces (openly licensed portraits, see
people_photos.py): a candidate on a papule is a spot, all others are none. Canada faces have spots of their
own: what is red there without having been painted is left out. Writes skinscan/measure/data/blemishes.json.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np

import skinscan
from models.training.fit.people_photos import SOURCES, PersonPhoto, people_photos
from skinscan.measure.blemishes import TERMS, Candidates, blemish_skin, find_candidates
from skinscan.types import BoolMap, FloatArray, FloatMap

__all__ = ["DATA", "fit_blemishes", "paint_spots"]

DATA = Path(str(skinscan.__file__)).parent / "measure" / "data" / "blemishes.json"

_ROUNDS = 2  # times each photo is painted
_OWN = 5.0  # EI from which what nobody painted may be a spot of the person's own, on Canada faces
_ON_SPOT, _ON_MOLE = 1.5, 3.0  # EI, MI of paint under a candidate from which it is one
_RIDGE = 1.0


def fit_blemishes(folder: Path) -> dict[str, Any]:
    """Weights of the logistic regression, as plain numbers."""
    rng = np.random.default_rng(0)
    terms, spot, photos = [], [], 0
    for photo in people_photos(folder):
        photos += 1
        for found, on_spot, on_mole in _looks(photo, rng):
            sure = on_spot | on_mole | (photo.set == "london") | (found.height < _OWN)
            terms.append(found.terms[sure])
            spot.append(on_spot[sure])
    values, is_spot = np.concatenate(terms), np.concatenate(spot).astype(np.float64)
    centre, spread = values.mean(axis=0), values.std(axis=0)
    offset, *weights = _logistic((values - centre) / spread, is_spot).tolist()
    return {
        "made_by": "python -m models.training.fit.fit_blemishes",
        "sources": list(SOURCES),
        "photos": photos,
        "candidates": len(values),
        "spots": int(is_spot.sum()),
        "terms": list(TERMS),
        "centre": [float(f"{v:.5g}") for v in centre],
        "weights": [float(f"{w / s:.5g}") for w, s in zip(weights, spread, strict=True)],
        "offset": float(f"{offset:.5g}"),
    }


def _looks(photo: PersonPhoto, rng: np.random.Generator) -> Iterator[tuple[Candidates, BoolMap, BoolMap]]:
    """Candidates of the maps as they are and painted; which lie on a papule, which on a mole."""
    maps, cosine = photo.maps, photo.texture.cosine
    found = find_candidates(maps.erythema, maps.melanin, maps.valid, cosine)
    none = np.zeros(len(found.texels), bool)
    yield found, none, none
    for _ in range(_ROUNDS):
        rise, darker, mole = paint_spots(maps.valid & blemish_skin(), rng)
        leak = float(rng.uniform(-0.15, 0.25))  # EI for each MI: what dark melanin does to the formula
        found = find_candidates(
            maps.erythema + rise + leak * mole, maps.melanin + darker + mole, maps.valid, cosine
        )
        around = np.ones((3, 3), np.uint8)
        on_spot, on_mole = (
            cv2.dilate(paint, around).ravel()[found.texels] >= least
            for paint, least in ((rise, _ON_SPOT), (mole, _ON_MOLE))
        )
        yield found, on_spot, on_mole


def paint_spots(skin: BoolMap, rng: np.random.Generator) -> tuple[FloatMap, FloatMap, FloatMap]:
    """Papules of 2 to 5 mm and +4 to +14 EI, and moles and freckles, at random places of the skin (S, S).

    Returns what papules add to EI and to MI, and what moles and freckles add to MI, each (S, S).
    """
    rise, darker, mole = (np.zeros(skin.shape, np.float32) for _ in range(3))
    places = rng.permutation(np.argwhere(skin)).tolist()
    kinds = ((int(rng.integers(5, 80)), "papule"), (int(rng.integers(0, 12)), "mole"),
             (int(rng.integers(0, 60)), "freckle"))  # fmt: skip
    taken: list[tuple[int, int]] = []
    for count, kind in kinds:
        for _ in range(count):
            while places and any(abs(places[-1][0] - y) < 8 and abs(places[-1][1] - x) < 8 for y, x in taken):
                places.pop()
            if not places:
                break
            row, column = places.pop()
            taken.append((row, column))
            if kind == "papule":
                height = float(rng.uniform(4.0, 14.0))
                bump = _bump(skin.shape, row, column, float(rng.uniform(1.0, 3.0)), rng)
                rise += height * bump
                darker += height * float(np.clip(rng.normal(0.25, 0.45), -0.6, 1.3)) * bump
            else:
                span = (12.0, 45.0) if kind == "mole" else (3.0, 12.0)
                radius = float(rng.uniform(0.8, 2.2))
                mole += float(rng.uniform(*span)) * _bump(skin.shape, row, column, radius, rng)
    return rise, darker, mole


def _bump(shape: tuple[int, ...], row: int, column: int, radius: float, rng: np.random.Generator) -> FloatMap:
    """(S, S) 0..1: a soft round hill with a halo; radius in texels."""
    y, x = np.ogrid[: shape[0], : shape[1]]
    turn, long = rng.uniform(0, np.pi), rng.uniform(0.8, 1.25)
    down, right = y - row - rng.uniform(-0.5, 0.5), x - column - rng.uniform(-0.5, 0.5)
    along = (right * np.cos(turn) + down * np.sin(turn)) / long
    across = (down * np.cos(turn) - right * np.sin(turn)) * long
    far = np.hypot(along, across) / radius
    hill = (np.exp(-0.5 * (far / 0.85) ** 4) + 0.22 * np.exp(-0.5 * (far / 1.8) ** 2)) / 1.22
    soft: FloatMap = cv2.GaussianBlur(hill.astype(np.float32), (0, 0), 0.6)
    return soft


def _logistic(values: FloatArray, truth: FloatArray) -> FloatArray:
    """Offset and weights of standardised columns, by Newton's method with a ridge."""
    design = np.column_stack([np.ones(len(values)), values])
    ridge = _RIDGE * np.eye(design.shape[1])
    ridge[0, 0] = 0
    weights = np.zeros(design.shape[1])
    for _ in range(30):
        chance = 1 / (1 + np.exp(-design @ weights))
        slope = design.T @ (chance - truth) + ridge @ weights
        bend = (design * (chance * (1 - chance))[:, None]).T @ design + ridge
        weights -= np.linalg.solve(bend, slope)
    return weights


def main() -> None:
    """Fit, write and print."""
    fitted = fit_blemishes(Path(sys.argv[1]))
    DATA.write_text(json.dumps(fitted, indent=1) + "\n")
    print(json.dumps({key: fitted[key] for key in ("photos", "candidates", "spots", "weights")}))


if __name__ == "__main__":
    main()
