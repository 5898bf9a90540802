"""A few lines around onnx.helper, so that a graph reads like the formula it is."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

__all__ = ["Graph"]

_OPSET = 18


class Graph:
    """Collects nodes; every method returns the name of the value it made."""

    def __init__(self, name: str) -> None:
        """Start an empty graph."""
        self._name = name
        self._nodes: list[onnx.NodeProto] = []
        self._constants: dict[bytes, onnx.TensorProto] = {}
        self._inputs: list[onnx.ValueInfoProto] = []
        self._outputs: list[onnx.ValueInfoProto] = []

    def input(self, name: str, shape: tuple[int | str, ...]) -> str:
        """Declare a float32 input."""
        self._inputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape))
        return name

    def output(self, name: str, value: str, shape: tuple[int | str, ...]) -> None:
        """Declare `value` as the float32 output `name`."""
        self._nodes.append(helper.make_node("Identity", [value], [name]))
        self._outputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape))

    def const(self, value: Any, dtype: type[np.generic] = np.float32) -> str:
        """Make an initializer; equal constants are stored once."""
        array: NDArray[Any] = np.asarray(value, dtype)
        key = array.tobytes() + str((array.shape, array.dtype)).encode()
        if key not in self._constants:
            self._constants[key] = numpy_helper.from_array(array, f"c{len(self._constants)}")
        return str(self._constants[key].name)

    def __call__(self, op: str, *inputs: str | float, **attributes: Any) -> str:
        """Add a node; numbers become constants."""
        names = [self.const(i) if isinstance(i, int | float) else i for i in inputs]
        result = f"{op.lower()}{len(self._nodes)}"
        self._nodes.append(helper.make_node(op, names, [result], **attributes))
        return result

    def model(self, doc: str) -> onnx.ModelProto:
        """Finish."""
        graph = helper.make_graph(
            self._nodes, self._name, self._inputs, self._outputs, list(self._constants.values()), doc
        )
        return helper.make_model(
            graph, opset_imports=[helper.make_opsetid("", _OPSET)], ir_version=9, producer_name="skinscan"
        )
