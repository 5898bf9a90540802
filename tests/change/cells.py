"""A face cut into cells, with a difference of known making."""

import dataclasses

import numpy as np

from skinscan.change.light_difference import RESPONSE, Cells, cells_of
from skinscan.change.types import PairConditions
from skinscan.facemesh.canonical_face import load_canonical
from skinscan.types import BoolMap

MESH = load_canonical()
NOWHERE = np.zeros_like(MESH.skin)
STILL = PairConditions(
    shading=3.0, cast=1.0, pose=2.0, coarseness=0.4, misfit=0.3, depth=0.6, expression=0.0, framing=0.0
)  # two shots of one session


def draw_cells(seed: int, cast: float = 1.0, shading: float = 3.0, slope: float = -0.2) -> Cells:
    """A face whose color follows its brightness by `slope` EI per OD, with noise of 0.5 OD a cell."""
    rng = np.random.default_rng(seed)
    row, column = np.indices(MESH.skin.shape, dtype=np.float32) / 256
    levels = [-0.4 + 0.1 * np.cos(3 * (column - c)) * np.cos(2 * (row - 0.5)) for c in (0.3, 0.6)]
    chroma = [20 + 3 * np.sin(7 * row), 12 + 2 * np.cos(9 * column)]
    nothing = np.zeros_like(row)
    planes = np.stack([nothing, nothing, *chroma, *levels, nothing, nothing]).astype(np.float32)
    pair = {"cast": cast, "shading": shading, "pose": 2.0, "misfit": 0.3, "coarseness": 0.4}
    cells = cells_of(MESH.skin, NOWHERE, planes, pair)
    step = 100 * (cells.levels[:, 1] - cells.levels[:, 0])
    difference = np.outer(slope * step, RESPONSE) + rng.normal(0, 0.5, (len(step), 2))
    return dataclasses.replace(cells, difference=difference)


def risen(cells: Cells, mask: BoolMap, rise: float) -> Cells:
    """The same with the zones that `mask` (S, S) touches redder by `rise` EI."""
    inside = np.bincount(cells.at[mask & (cells.at >= 0)], minlength=len(cells.texels)) > 0
    return dataclasses.replace(cells, difference=cells.difference + rise * inside[:, None] * RESPONSE)
