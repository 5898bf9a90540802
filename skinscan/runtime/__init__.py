"""The one place that opens ONNX sessions and MediaPipe tasks.

A device is a promise: "cuda" that does not compute on CUDA is an error, and so with "tensorrt"; "auto" that
falls back says why.
Handles are shared by the whole process and safe in threads; after a fork the child opens its own.
"""

from skinscan.runtime.face_models import Landmarker, open_landmarker
from skinscan.runtime.onnx_models import (
    Model,
    OnnxModel,
    cuda_built,
    open_onnx,
    open_session,
    placement,
    preload,
)

__all__ = [
    "Landmarker",
    "Model",
    "OnnxModel",
    "cuda_built",
    "open_landmarker",
    "open_onnx",
    "open_session",
    "placement",
    "preload",
]
