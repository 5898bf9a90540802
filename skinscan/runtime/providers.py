"""Where models can be computed: a table of ONNX Runtime's providers, and what each is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from skinscan.errors import DeviceError
from skinscan.runtime.model_files import ModelEntry, VerifiedModel, cache_folder

__all__ = ["CPU", "PROVIDERS", "Provider", "with_options"]

CPU = "CPUExecutionProvider"
"""Name of the provider."""

_CUDA, _TENSORRT = "CUDAExecutionProvider", "TensorrtExecutionProvider"
_OPTIONS = {
    # Repeatable arithmetic: no TF32, no algorithm picked by timing. Memory grows by what is asked for only.
    _CUDA: {
        "use_tf32": "0",
        "cudnn_conv_algo_search": "HEURISTIC",
        "arena_extend_strategy": "kSameAsRequested",
    },
    # fp32 alone. Engines are built by timing algorithms, for minutes: they are kept, and the timings too, so
    # that what is built later agrees.
    _TENSORRT: {
        "trt_fp16_enable": "False",
        "trt_bf16_enable": "False",
        "trt_int8_enable": "False",
        "trt_engine_cache_enable": "True",
        "trt_timing_cache_enable": "True",
    },
}
_BATCHES = {"min": 1, "opt": 16, "max": 64}  # faces; a TensorRT engine is built for these, and for no more


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """One row: what a device that was asked for, and found, comes to."""

    title: str
    providers: tuple[str, ...]  # that may take nodes, the one that shall first
    modules: tuple[str, ...] = ()  # whose import loads libraries that the loader does not find
    environment: Mapping[str, str] = field(default_factory=dict)  # that these libraries read when they load
    most: int | None = None  # faces at once, if anything but memory limits them


PROVIDERS: Mapping[str, Provider] = {
    "cpu": Provider(title="CPU", providers=(CPU,)),
    "cuda": Provider(title="CUDA", providers=(_CUDA, CPU)),
    "tensorrt": Provider(
        title="TensorRT",
        providers=(_TENSORRT, _CUDA, CPU),
        modules=("tensorrt_libs",),
        environment={"NVIDIA_TF32_OVERRIDE": "0"},  # ORT's provider has no option for it (its issue 26029)
        most=_BATCHES["max"],
    ),
}
"""By device; "auto" is "cuda" or else "cpu"."""


def with_options(provider: str, verified: VerifiedModel) -> str | tuple[str, dict[str, str]]:
    """A provider as a session of this model is told of it. Raises DeviceError: nowhere to keep engines."""
    if provider not in _OPTIONS:
        return provider
    return provider, _OPTIONS[provider] | (_engines(verified) if provider == _TENSORRT else {})


def _engines(verified: VerifiedModel) -> dict[str, str]:
    """Where TensorRT keeps a model's engines, and for which shapes it builds them.

    The folder goes by the file's hash: ONNX Runtime names engines by the graph, whatever its weights are.
    """
    folder = cache_folder() / "tensorrt" / verified.sha256
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        message = f"no room for TensorRT's engines: {folder}: {error.strerror}"
        raise DeviceError(message, "name another cache with XDG_CACHE_HOME") from error
    folders = dict.fromkeys(("trt_engine_cache_path", "trt_timing_cache_path"), str(folder))
    shapes = {f"trt_profile_{name}_shapes": _shapes(verified.entry, n) for name, n in _BATCHES.items()}
    return folders | shapes


def _shapes(entry: ModelEntry, faces: int) -> str:
    """All inputs for so many faces, as TensorRT's provider reads them: rgb:16x256x256x3,gain:16x3."""
    return ",".join(
        f"{tensor.name}:{'x'.join(str(n if isinstance(n, int) else faces) for n in tensor.shape)}"
        for tensor in entry.inputs
    )
