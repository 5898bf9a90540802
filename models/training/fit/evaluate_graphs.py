"""Compare skinmaps graphs on people set aside: which design ships.

    python -m models.training.fit.evaluate_graphs .cache/examples models/skinmaps.onnx ...

One row a graph, then one a tone class: agreement of zones with the truth, how well bare skin is found, how
much of a reaction is kept as skin and at what share of its height, and milliseconds a face on one core.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from models.training.fit.examples import Example, above_matte, read_example
from models.training.graphs.skinmaps_graph import build_skinmaps
from models.training.issa_constants import fit_constants
from skinscan.facemesh.canonical_face import load_canonical
from skinscan.facemesh.zones import SKIN_ZONES

__all__ = ["evaluate"]

_LEAST_TEXELS = 150
_REACTION, _CALM = 2.0, 0.3  # EI added


def evaluate(model: bytes, examples: Iterable[Example]) -> dict[str, float]:
    """Agreement of one graph with the truth of the examples, zones of all faces together."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(model, options)
    names = [out.name for out in session.get_outputs()]
    table: list[list[tuple[float, float]]] = []
    counts = np.zeros(6)
    rises: list[float] = []
    spent = []
    for example in examples:
        feeds = {name: value[None] for name, value in example.feeds.items()}
        start = time.process_time()
        maps = dict(zip(names, (m[0] for m in session.run(None, feeds)), strict=True))
        spent.append(time.process_time() - start)
        table += _zones(maps, example)
        rises += _rise(maps["erythema"], example)
        counts += _counts(maps["validity"] >= 0.5, example)
    both, either, covered_both, covered_either, reacting, kept = counts
    rows = np.array(table)  # (zones, 4, 2)
    numbers = {"n": float(len(rows))}
    for k, name in enumerate(("ei", "contrast", "mi", "shine")):
        found, truth = rows[:, k].T
        numbers[f"{name}_mae"] = float(np.abs(found - truth).mean())
        numbers[f"{name}_bias"] = float((found - truth).mean())
        numbers[f"{name}_r"] = float(np.corrcoef(found, truth)[0, 1])
    numbers["reaction_rise"] = float(np.median(rises)) if rises else float("nan")
    numbers |= {
        "iou": both / either,
        "covered_iou": covered_both / covered_either,
        "kept": kept / max(reacting, 1),
    }
    return {
        name: round(float(value), 4) for name, value in (numbers | {"ms": 1e3 * np.median(spent)}).items()
    }


def _zones(maps: dict[str, NDArray[Any]], example: Example) -> list[list[tuple[float, float]]]:
    """(found, true) of EI, EI minus own face, MI and shine, a row a zone, over the texels that are bare."""
    label = load_canonical().label
    masks = [example.bare & example.clear & (label == k) for k in range(len(SKIN_ZONES))]
    masks = [mask for mask in masks if mask.sum() >= _LEAST_TEXELS]
    if len(masks) < 2:
        return []
    shine = above_matte(example)
    erythema, melanin = (
        [(float(np.median(maps[name][m])), float(np.median(getattr(example, name)[m]))) for m in masks]
        for name in ("erythema", "melanin")
    )
    own = np.mean(erythema, axis=0)
    gloss = [(float(maps["shine"][m].mean()), float(shine[m].mean())) for m in masks]
    contrast = [(a - own[0], b - own[1]) for a, b in erythema]
    return [list(row) for row in zip(erythema, contrast, melanin, gloss, strict=True)]


def _rise(erythema: NDArray[np.float32], example: Example) -> list[float]:
    """How much of a reaction's EI above calm skin is found, as a share of the truth; none without one."""
    skin = example.bare & example.clear & load_canonical().skin
    red, calm = skin & (example.rise > _REACTION), skin & (example.rise < _CALM)
    if red.sum() < _LEAST_TEXELS or calm.sum() < 10 * _LEAST_TEXELS:
        return []
    found, truth = (float(m[red].mean() - m[calm].mean()) for m in (erythema, example.erythema))
    return [found / truth]


def _counts(said: NDArray[np.bool_], example: Example) -> NDArray[np.float64]:
    """Texels: bare by both, by either; covered by both, by either; reacting, and kept of those."""
    label = load_canonical().label
    known = (label >= 0) & (label < len(SKIN_ZONES)) & (example.feeds["inside"] > 0.5)
    said, bare = said[known], example.bare[known]
    react = bare & (example.rise[known] > _REACTION)
    parts = (said & bare, said | bare, ~said & ~bare, ~said | ~bare, react, react & said)
    return np.array([part.sum() for part in parts], np.float64)


def main() -> None:
    """Print the rows."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("graphs", type=Path, nargs="+")
    given = parser.parse_args()
    read = (read_example(path) for path in sorted(given.folder.glob("*.npz")))
    examples = [example for example in read if example is not None and example.set_aside]
    graphs = {"formulas alone": build_skinmaps(fit_constants()).SerializeToString()}
    graphs |= {graph.name: graph.read_bytes() for graph in given.graphs}
    for name, model in graphs.items():
        print(name, "all", evaluate(model, examples))
        for tone in sorted({example.tone for example in examples}):
            print(name, tone, evaluate(model, [e for e in examples if e.tone == tone]))


if __name__ == "__main__":
    main()
