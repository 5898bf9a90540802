"""The learned skinmaps graph: the formulas' parts, a network over them, and the maps it makes of both."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, cast

import numpy as np
import onnx
from numpy.typing import NDArray

from models.training.graphs.graph import Graph
from models.training.graphs.net import HEADS, skin_net
from models.training.graphs.skinmaps_graph import (
    Parts,
    erythema_of,
    melanin_of,
    relief_of,
    rises_of,
    skin_by_color,
    soft,
    split,
    take_apart,
)
from models.training.issa_constants import Constants
from skinscan.facemesh.canonical_face import load_canonical
from skinscan.measure.redness import BLOOD, redness
from skinscan.types import TEXTURE_SIZE

__all__ = [
    "DESIGNS", "WEIGHTS", "Design", "Weights", "build_learned", "build_planes", "read_weights",
    "save_weights",
]  # fmt: skip

S = TEXTURE_SIZE
Design = Literal["level", "residual", "nuisance", "direct"]
DESIGNS: tuple[Design, ...] = ("level", "residual", "nuisance", "direct")
"""level: the network says how far EI and MI of the formulas are off on the face as a whole, so that no texel
moves against another. residual: it corrects them texel by texel. nuisance: it predicts smooth errors of white
and exposure that the formulas then do without. direct: EI and MI from the colours alone."""

WEIGHTS = Path(__file__).parents[1] / "data" / "skinmaps_net.npz"
"""The trained weights that ship."""

Weights = Mapping[str, tuple[NDArray[np.float32], NDArray[np.float32]]]
MIDDLE = (27.0, 45.0)  # EI and MI about which the direct network works
SCALE = (10.0, 15.0)
_MEASURED = ("erythema", "melanin", "shine")
_SPREADS = [HEADS.index(f"{name}_spread") for name in _MEASURED]
INSIDE = 4  # among the planes
COARSE = 8  # the nuisance design's fields live on a grid this much coarser than the network


class GraphOps:
    """Ops of skin_net as ONNX nodes."""

    def __init__(self, g: Graph, weights: Weights) -> None:
        """Take the graph to write to."""
        self._g, self._weights = g, weights

    def conv(self, name: str, x: str, channels: int, size: int = 3, stride: int = 1) -> str:
        """Convolve."""
        kernel, bias = (self._g.const(part) for part in self._weights[name])
        pad = size // 2
        return self._g("Conv", x, kernel, bias, pads=[pad] * 4, strides=[stride] * 2)

    def relu(self, x: str) -> str:
        """Set what is negative to zero."""
        return self._g("Relu", x)

    def add(self, a: str, b: str) -> str:
        """Add."""
        return self._g("Add", a, b)

    def join(self, a: str, b: str) -> str:
        """Stack channels."""
        return self._g("Concat", a, b, axis=1)

    def up(self, x: str) -> str:
        """Double the size."""
        return _larger(self._g, x, 2, "nearest")

    def unfold(self, x: str) -> str:
        """Pixels into channels."""
        return self._g("SpaceToDepth", x, blocksize=2)

    def fold(self, x: str) -> str:
        """Channels into pixels."""
        return self._g("DepthToSpace", x, blocksize=2, mode="CRD")

    def mean(self, x: str) -> str:
        """Average over the image."""
        return self._g("GlobalAveragePool", x)


def build_planes(constants: Constants, design: Design) -> onnx.ModelProto:
    """What training reads: the network's planes and scalars, and what its heads are applied to."""
    g = Graph("planes")
    p = take_apart(g)
    relief = _relief(g, p)
    planes, scalars = _planes(g, p, relief, design)
    half = S // 2
    g.output("planes", planes, ("faces", 10, half, half))
    g.output("scalars", scalars, ("faces", 3, 1, 1))
    for name, value in zip(("rg", "gb", "relief"), (p.rg, p.gb, relief), strict=True):
        g.output(name, _half(g, value), ("faces", 1, half, half))
    g.output("reference", p.reference, ("faces", 1, 1, 1))
    g.output(
        "erythema", _half(g, erythema_of(g, constants, p.reference, p.rg, p.gb)), ("faces", 1, half, half)
    )
    level = g("Add", p.reference, relief)
    g.output("melanin", _half(g, melanin_of(g, constants, level, p.rg, p.gb)), ("faces", 1, half, half))
    return g.model("Planes that the network of skinmaps is trained on.")


def build_learned(constants: Constants, design: Design, weights: Weights) -> onnx.ModelProto:
    """The graph that ships; inputs and outputs are those of the formulas' own."""
    g = Graph("skinmaps")
    p = take_apart(g)
    relief = _relief(g, p)
    planes, scalars = _planes(g, p, relief, design)
    heads = skin_net(GraphOps(g, weights), planes, scalars)
    corrections = [_head(g, heads, "erythema"), _head(g, heads, "melanin")]
    if design == "level":
        corrections = _levels(g, corrections, planes, heads)
    if design == "nuisance":
        corrections = [_larger(g, _means(g, c, COARSE), COARSE, "linear") for c in corrections]
    half = _head(g, heads, "shine"), _head(g, heads, "bare")
    fields = [] if design == "level" else corrections
    small = g("Concat", *fields, g("Min", g("Softplus", half[0]), 100.0), half[1], axis=1)
    *fields, shine, skin = split(g, _larger(g, small, 2, "linear"), 2 + len(fields))
    spreads = g("Exp", g("Clip", g("Gather", heads, g.const(_SPREADS, np.int64), axis=1), -5.0, 5.0))
    erythema, melanin = _indices(g, constants, p, relief, fields or corrections, design)
    by_network = g("Where", g.const(_lips(), np.bool_), 1.0, soft(g, skin))
    maps = {
        "erythema": erythema,
        "melanin": melanin,
        "shine": shine,
        "validity": g("Mul", p.inside, g("Min", soft(g, skin_by_color(g, p)), by_network)),
    }
    for name, value in maps.items():
        g.output(name, g("Squeeze", value, g.const([1], np.int64)), ("faces", S, S))
    for name, value in zip(_MEASURED, split(g, spreads, 3), strict=True):
        g.output(f"{name}_sigma", g("Squeeze", value, g.const([1], np.int64)), ("faces", S // 2, S // 2))
    means = corrections if design == "level" else _levels(g, corrections, planes, heads)
    scaled = g("Mul", g("Concat", *means, axis=1), g.const(np.reshape(SCALE, (1, 2, 1, 1))))
    g.output("correction", g("Squeeze", scaled, g.const([2, 3], np.int64)), ("faces", 2))
    return g.model(f"Formulas and a network ({design}), trained on rendered faces. See models/README.md.")


def _planes(g: Graph, p: Parts, relief: str, design: Design) -> tuple[str, str]:
    """(faces, 10, S / 2, S / 2) planes of about unit size, and (faces, 3, 1, 1) scalars."""
    red, green, blue = p.logs
    if design == "direct":
        colors = [
            g("Mul", g("Add", red, 0.5), 3.0),
            g("Mul", g("Sub", red, green), 5.0),
            g("Mul", g("Sub", green, blue), 5.0),
            red,
        ]
    else:
        rg, gb = _calmed(g, p)
        colors = [
            g("Mul", rg, 0.1),
            g("Mul", gb, 0.1),
            g("Mul", p.darker, 1 / 30),
            g("Mul", relief, 0.1),
        ]
    coarse = _half(
        g, g("Concat", *(g("Clip", c, -3.0, 3.0) for c in colors), p.inside, p.clipped, p.cosine, axis=1)
    )
    rough = g("Mul", _spread(g, p.density), 0.25)
    where = g.const(_where(), np.float32)
    shape = g("Concat", g("Shape", rough, start=0, end=1), g.const([2, S // 2, S // 2], np.int64), axis=0)
    planes = g("Concat", coarse, g("Clip", rough, 0.0, 4.0), g("Expand", where, shape), axis=1)
    scalars = g(
        "Concat", g("Sub", g("Mul", p.reference, 1 / 50), 1.0), *(g("Mul", o, 1 / 30) for o in p.calm), axis=1
    )
    return planes, scalars


def _calmed(g: Graph, p: Parts) -> tuple[str, str]:
    """Colours about the face's calm skin, what is redder held down to it: local redness must not move the
    level, nor be taken for something that covers skin."""
    rg, gb = (g("Sub", value, calm) for value, calm in zip((p.rg, p.gb), p.calm, strict=True))
    above = redness(np.eye(2), np.zeros(2)).tolist()
    red = g("Relu", g("Add", g("Mul", rg, above[0]), g("Mul", gb, above[1])))
    per_ei = BLOOD.tolist()
    return g("Sub", rg, g("Mul", red, per_ei[0])), g("Sub", gb, g("Mul", red, per_ei[1]))


def _relief(g: Graph, p: Parts) -> str:
    """Density above that of the surroundings, OD: large-scale shading is neither melanin nor roughness."""
    return relief_of(g, p.density, g("Mul", p.inside, soft(g, skin_by_color(g, p))))


def _spread(g: Graph, plane: str) -> str:
    """SD of each 2 x 2 texels."""
    mean, square = _half(g, plane), _half(g, g("Mul", plane, plane))
    return g("Sqrt", g("Relu", g("Sub", square, g("Mul", mean, mean))))


def _where() -> NDArray[np.float32]:
    """(1, 2, S / 2, S / 2): how far off the middle line, alike on both sides, and how far down; 0..1."""
    at = (np.arange(S // 2, dtype=np.float32) + 0.5) / (S // 2)
    return np.stack(np.broadcast_arrays(2 * np.abs(at - 0.5)[None, :], at[:, None]))[None].astype(np.float32)


def _lips() -> NDArray[np.bool_]:
    """(1, 1, S, S): no network has learned what covers lips."""
    zones = load_canonical().zones
    return (zones["upper_lip"] | zones["lower_lip"])[None, None]


def _levels(g: Graph, corrections: list[str], planes: str, heads: str) -> list[str]:
    """Each correction's mean over what the network takes for skin, (faces, 1, 1, 1)."""
    inside = g("Gather", planes, g.const([INSIDE], np.int64), axis=1)
    skin = g("Mul", inside, soft(g, _head(g, heads, "bare")))
    total = g("Max", g("GlobalAveragePool", skin), 1e-3)
    return [g("Div", g("GlobalAveragePool", g("Mul", c, skin)), total) for c in corrections]


def _indices(
    g: Graph, constants: Constants, p: Parts, relief: str, heads: list[str], design: Design
) -> tuple[str, str]:
    """EI and MI of the design, from the network's two heads."""
    if design == "nuisance":
        rg, reference = (
            g("Add", v, g("Mul", h, 10.0)) for v, h in zip((p.rg, p.reference), heads, strict=True)
        )
        return (
            erythema_of(g, constants, reference, rg, p.gb),
            melanin_of(g, constants, g("Add", reference, relief), rg, p.gb),
        )
    first, second = (g("Mul", h, k) for h, k in zip(heads, SCALE, strict=True))
    if design == "direct":
        return g("Add", first, MIDDLE[0]), g("Add", second, MIDDLE[1])
    erythema = erythema_of(g, constants, p.reference, p.rg, p.gb)
    if design == "level":
        erythema = rises_of(g, erythema, erythema_of(g, constants, p.reference, *p.calm))
    return (
        g("Add", first, erythema),
        g("Add", second, melanin_of(g, constants, g("Add", p.reference, relief), p.rg, p.gb)),
    )


def _head(g: Graph, heads: str, name: str) -> str:
    return g("Gather", heads, g.const([HEADS.index(name)], np.int64), axis=1)


def _half(g: Graph, plane: str) -> str:
    return _means(g, plane, 2)


def _means(g: Graph, plane: str, size: int) -> str:
    return g("AveragePool", plane, kernel_shape=[size] * 2, strides=[size] * 2)


def _larger(g: Graph, x: str, factor: int, mode: str) -> str:
    extra = (
        {"coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"} if mode == "nearest" else {}
    )
    return g("Resize", x, "", g.const([1, 1, factor, factor]), mode=mode, **extra)


def save_weights(path: Path, design: Design, weights: Weights) -> None:
    """Store as half precision: what the graph is then built from."""
    parts: dict[str, Any] = {"design": np.array(design)}
    for name, (kernel, bias) in weights.items():
        parts |= {f"{name}.kernel": kernel.astype(np.float16), f"{name}.bias": bias.astype(np.float16)}
    np.savez_compressed(path, **parts)


def _single(values: NDArray[Any]) -> NDArray[np.float32]:
    return values.astype(np.float32)


def read_weights(path: Path = WEIGHTS) -> tuple[Design, Weights]:
    """Read what `save_weights` stored."""
    with np.load(path) as stored:
        names = [name[: -len(".kernel")] for name in stored.files if name.endswith(".kernel")]
        weights = {n: (_single(stored[f"{n}.kernel"]), _single(stored[f"{n}.bias"])) for n in names}
        return cast(Design, str(stored["design"])), weights
