"""ONNX sessions: one for each model, device and thread count in a process."""

from __future__ import annotations

import contextlib
import functools
import io
import json
import os
import re
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, get_args

import numpy as np
from numpy.typing import NDArray

from skinscan.errors import DeviceError, DeviceFull, ModelError, UsageError
from skinscan.runtime.native import importing, overheard, repeat
from skinscan.types import Device
from skinscan.weights import ModelEntry, VerifiedModel, resolve

__all__ = [
    "CPU",
    "Model",
    "OnnxModel",
    "TensorSpec",
    "check_feeds",
    "compute_elsewhere",
    "cuda_built",
    "open_onnx",
    "open_session",
    "placement",
    "preload_cuda",
]

CPU = "CPUExecutionProvider"
"""Name of the provider."""

_CUDA = "CUDAExecutionProvider"
# Repeatable arithmetic: no TF32, no algorithm picked by timing. Memory grows by what is asked for only.
_CUDA_OPTIONS = {
    "use_tf32": "0",
    "cudnn_conv_algo_search": "HEURISTIC",
    "arena_extend_strategy": "kSameAsRequested",
}
_ERRORS_ONLY = 3  # log severity: which provider runs is counted here, not read from warnings
_DTYPES = {"float": "float32", "double": "float64"}  # where ONNX Runtime and numpy differ

_INSTALL = "install exactly one of `pip install 'skinscan[cpu]'` and `pip install 'skinscan[gpu]'`"
_DOCTOR = "run `skinscan doctor` to see what is missing"

_NO_MEMORY = re.compile("out of memory|failed to allocate|bad_alloc|CUDA_ERROR_OUT_OF_MEMORY", re.I)

_lock = threading.RLock()  # creating sessions in parallel is not safe, running them is
_models: dict[tuple[str, str, str, int], OnnxModel] = {}
_elsewhere: dict[str, Model] = {}  # models that another process computes for this one
_inherited: list[object] = []  # a forked child must neither use nor destroy its parent's sessions


def _forget() -> None:
    global _lock, _models
    _inherited.append(_models)
    _lock, _models = threading.RLock(), {}


os.register_at_fork(after_in_child=_forget)


class Model(Protocol):
    """What a stage knows of a model, wherever it is computed."""

    @property
    def sha256(self) -> str:
        """Of the file."""

    @property
    def provider(self) -> str:
        """That really computes."""

    @property
    def fallback_reason(self) -> str | None:
        """Why "auto" is not on CUDA, else None."""

    def run(self, feeds: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
        """Compute all outputs, by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TensorSpec:
    """An input or output as ONNX Runtime has it."""

    name: str
    dtype: np.dtype[Any]
    shape: tuple[int | str, ...]  # the first dimension counts faces

    @property
    def of_one(self) -> tuple[int, ...]:
        """Shape of one face."""
        return (1, *map(int, self.shape[1:]))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OnnxModel:
    """A verified model, open on a device. Safe in threads: parallel on CPU, one at a time on CUDA."""

    name: str
    sha256: str
    device: Device  # as asked for
    provider: str  # that really computes: "CPUExecutionProvider" or "CUDAExecutionProvider"
    fallback_reason: str | None  # why "auto" is not on CUDA, else None
    threads: int
    inputs: tuple[TensorSpec, ...]  # what `run` is fed with
    outputs: tuple[TensorSpec, ...]  # what `run` gives
    _session: Any = field(repr=False)
    _turn: AbstractContextManager[Any] = field(repr=False)
    _pid: int = field(repr=False)

    def run(self, feeds: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
        """Compute all outputs, by name.

        Args:
            feeds: every input by name, with the dtype and shape of the manifest.

        Raises:
            UsageError: a feed is missing, unknown, or of the wrong dtype or shape.
            DeviceError: the device failed while computing.
        """
        if self._pid != os.getpid():
            return open_session(self.name, self.device, self.threads).run(feeds)
        check_feeds(self.name, self.inputs, feeds)
        try:
            with self._turn:
                values = self._session.run(None, dict(feeds))
        except Exception as error:  # ORT's errors have no common base
            raise DeviceError(f"{self.name} failed on {self.provider}: {error}", _DOCTOR) from error
        return {spec.name: value for spec, value in zip(self.outputs, values, strict=True)}

    def run_batch(self, feeds: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
        """Compute many faces through IO binding: arrays go to the device once and come back once.

        A face's numbers do not depend on the batch. Raises DeviceError; DeviceFull if there is no memory for
        so many faces.
        """
        return self.timed_batch(feeds)[0]

    def timed_batch(self, feeds: Mapping[str, NDArray[Any]]) -> tuple[dict[str, NDArray[Any]], float]:
        """`run_batch`, and the seconds that went into copies to and from the device."""
        place = "cuda" if self.provider == _CUDA else "cpu"
        try:
            with self._turn:
                start = time.perf_counter()
                binding = self._session.io_binding()
                for name, value in feeds.items():
                    on_device = _onnxruntime().OrtValue.ortvalue_from_numpy(value, place, 0)
                    binding.bind_ortvalue_input(name, on_device)
                for spec in self.outputs:
                    binding.bind_output(spec.name, place)
                bound = time.perf_counter()
                self._session.run_with_iobinding(binding)
                computed = time.perf_counter()
                values = binding.copy_outputs_to_cpu()
                copies = bound - start + time.perf_counter() - computed
        except Exception as error:  # ORT's errors have no common base
            kind = DeviceFull if _NO_MEMORY.search(str(error)) else DeviceError
            raise kind(f"{self.name} failed on {self.provider}: {error}", _DOCTOR) from error
        return {spec.name: value for spec, value in zip(self.outputs, values, strict=True)}, copies

    def warm_up(self, faces: int = 1) -> None:
        """Compute zeros, so that the first batch of so many pays for no allocation. Raises as `run_batch`."""
        self.run_batch({spec.name: np.zeros((faces, *spec.of_one[1:]), spec.dtype) for spec in self.inputs})


def compute_elsewhere(models: Mapping[str, Model]) -> None:
    """From now on `open_onnx` gives these, by name, in this process."""
    _elsewhere.update(models)


def cuda_built() -> bool:
    """Whether the installed runtime could use CUDA at all; that it does is known only when it has computed.

    Raises DeviceError if no ONNX runtime is installed.
    """
    return _CUDA in _onnxruntime().get_available_providers()


def open_onnx(name: str, device: Device = "auto", threads: int | None = None) -> Model:
    """A model of the manifest, open in this process, or wherever this process has its models computed.

    Arguments and errors are those of `open_session`.
    """
    return _elsewhere.get(name) or open_session(name, device, threads)


def open_session(name: str, device: Device = "auto", threads: int | None = None) -> OnnxModel:
    """Open a model of the manifest in this process; the same arguments give the same handle.

    Args:
        name: as in the manifest.
        device: "cpu"; "cuda" or an error; "auto" is CUDA if it works, else CPU with `fallback_reason`.
        threads: on the CPU; None for one, since a model takes a few ms and batches spread over processes.
            Results do not depend on it.

    Raises:
        ModelError: the file is missing, altered, unreadable, or not what the manifest describes.
        DeviceError: `device` is "cuda" and does not compute there, or no ONNX runtime is installed.
        UsageError: no such device.
    """
    if device not in get_args(Device):
        raise UsageError(f"No device is called {device!r}", "use auto, cpu or cuda")
    verified = resolve(name)
    threads = threads or 1
    key = (str(verified.path), verified.sha256, device, threads)
    with _lock:
        if key not in _models:
            _models[key] = _open(verified, device, threads)
        return _models[key]


def placement(name: str, device: Device = "auto") -> dict[str, int]:
    """How many nodes each provider ran in an inference on zeros, by ONNX Runtime's profile.

    Raises as `open_onnx`.
    """
    model = open_session(name, device)
    with _lock:
        return dict(_trial(_session(resolve(name), model.provider, model.threads, profile=True)))


def _open(verified: VerifiedModel, device: Device, threads: int) -> OnnxModel:
    name = verified.entry.name
    session, reason = (None, None) if device == "cpu" else _on_cuda(verified)
    if device == "cuda" and session is None:
        raise DeviceError(f"{name} does not run on CUDA: {reason}", f"{_DOCTOR}, or use the device cpu")
    provider = _CUDA if session else CPU
    session = session or _session(verified, CPU, threads)
    _check_interface(verified.entry, session)
    return OnnxModel(
        name=name,
        sha256=verified.sha256,
        device=device,
        provider=provider,
        fallback_reason=reason,
        threads=threads,
        inputs=tuple(map(_spec, session.get_inputs())),
        outputs=tuple(map(_spec, session.get_outputs())),
        _session=session,
        _turn=threading.Lock() if provider == _CUDA else contextlib.nullcontext(),
        _pid=os.getpid(),
    )


def _onnxruntime() -> Any:
    try:
        with importing():
            import onnxruntime
        if not hasattr(onnxruntime, "InferenceSession"):  # what uninstalling its twin leaves behind
            raise ImportError("onnxruntime has no InferenceSession")
    except (ImportError, OSError) as error:
        raise DeviceError(f"No working ONNX runtime: {error}", _INSTALL) from error
    return onnxruntime


def _session(verified: VerifiedModel, provider: str, threads: int, *, profile: bool = False) -> Any:
    ort = _onnxruntime()
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.use_deterministic_compute = True
    # Maps have one channel: the highest level's blocked layout costs more than it saves (8.7 against 6.6 ms).
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
    options.log_severity_level = _ERRORS_ONLY
    options.enable_profiling = profile
    options.profile_file_prefix = str(Path(tempfile.gettempdir()) / f"skinscan_{os.getpid()}")
    providers = [(_CUDA, _CUDA_OPTIONS), CPU] if provider == _CUDA else [CPU]
    try:  # ORT's own fallback prints to stdout and hides where it runs: off
        return ort.InferenceSession(verified.path, options, providers=providers, enable_fallback=0)
    except Exception as error:  # ORT's errors have no common base
        raise ModelError(f"Model {verified.path} cannot be opened: {error}", _DOCTOR) from error


def _on_cuda(verified: VerifiedModel) -> tuple[Any, str | None]:
    """A session that has computed on CUDA, or None and the reason."""
    if _CUDA not in _onnxruntime().get_available_providers():
        return None, "the installed onnxruntime is built without CUDA"
    session, reason = None, "onnxruntime fell back to the CPU"
    with overheard() as heard:
        try:
            preload_cuda()
            session = _session(verified, _CUDA, 1, profile=True)
            counts = _trial(session)
            if session.get_providers()[0] != _CUDA or 2 * counts[_CUDA] < counts.total():
                session = None
        except (ModelError, DeviceError) as error:
            session, reason = None, error.message
    if session:
        repeat(heard)
        return session, None
    missing = re.search(rb"with error: (.+)", b"".join(heard))
    return None, missing[1].decode("utf-8", "replace") if missing else reason


@functools.cache  # a second call is said to upset cuBLAS and cuDNN
def preload_cuda() -> None:
    """Load the CUDA libraries of pip packages, which the loader does not find by itself.

    Raises DeviceError if no ONNX runtime is installed; missing libraries show when a session is opened.
    """
    preload = getattr(_onnxruntime(), "preload_dlls", None)
    if preload:  # it prints what it misses
        with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(OSError, RuntimeError):
            preload()


def _trial(session: Any) -> Counter[str]:
    """Run a profiling session once on zeros and count nodes by the provider that ran them."""
    zeros = {
        spec.name: np.zeros([n if isinstance(n, int) else 1 for n in spec.shape], spec.dtype)
        for spec in map(_spec, session.get_inputs())
    }
    try:
        session.run(None, zeros)
    except Exception as error:  # ORT's errors have no common base
        raise DeviceError(f"A trial run failed: {error}", _DOCTOR) from error
    finally:
        profile = Path(session.end_profiling())
        events = json.loads(profile.read_text("utf-8"))
        profile.unlink()
    facts = (event.get("args", {}) for event in events if event.get("cat") == "Node")
    return Counter(fact["provider"] for fact in facts if "provider" in fact)


def _spec(argument: Any) -> TensorSpec:
    kind: str = argument.type.removeprefix("tensor(").removesuffix(")")
    return TensorSpec(
        name=argument.name, dtype=np.dtype(_DTYPES.get(kind, kind)), shape=tuple(argument.shape)
    )


def _fits(shape: tuple[object, ...], wanted: tuple[object, ...]) -> bool:
    """Whether the two agree wherever both have a number."""
    return len(shape) == len(wanted) and all(
        a == b for a, b in zip(shape, wanted, strict=True) if isinstance(a, int) and isinstance(b, int)
    )


def check_feeds(name: str, inputs: Sequence[TensorSpec], feeds: Mapping[str, NDArray[Any]]) -> None:
    """Raise UsageError unless every input of the model `name` is there, with its dtype and shape."""
    wanted = {spec.name: spec for spec in inputs}
    if feeds.keys() != wanted.keys():
        raise UsageError(f"{name} wants the inputs {sorted(wanted)}, received {sorted(feeds)}")
    for key, value in feeds.items():
        dtype, shape = wanted[key].dtype, wanted[key].shape
        if value.dtype != dtype or not _fits(value.shape, shape):
            raise UsageError(f"{name} wants {key} as {dtype} {shape}, received {value.dtype} {value.shape}")


def _check_interface(entry: ModelEntry, session: Any) -> None:
    for described, found in ((entry.inputs, session.get_inputs()), (entry.outputs, session.get_outputs())):
        shapes = {spec.name: tuple(spec.shape) for spec in found}
        for tensor in described:
            shape = shapes.pop(tensor.name, None)
            if shape is None or not _fits(tensor.shape, shape):
                raise ModelError(
                    f"{entry.file}: the manifest has {tensor.name} as {tensor.shape}, the file as {shape}"
                )
        if shapes:
            raise ModelError(f"{entry.file}: the manifest does not know {sorted(shapes)}")
