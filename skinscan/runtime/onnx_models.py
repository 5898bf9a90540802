"""ONNX sessions: one for each model, device and thread count in a process; providers.py has the devices."""

from __future__ import annotations

import contextlib
import functools
import importlib
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
from skinscan.runtime.model_files import ModelEntry, VerifiedModel, resolve
from skinscan.runtime.native_stderr import importing, overheard, repeat
from skinscan.runtime.providers import CPU, PROVIDERS, Provider, with_options
from skinscan.types import Device

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
    "preload",
]

# From 1.29 on ONNX Runtime keeps a device id and reports to its makers, unless told before it is imported.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

_ERRORS_ONLY = 3  # log severity: which provider runs is counted here, not read from warnings
_DTYPES = {"float": "float32", "double": "float64"}  # where ONNX Runtime and numpy differ

_INSTALL = "install exactly one of `pip install 'skinscan[cpu]'` and `pip install 'skinscan[gpu]'`"
_DOCTOR = "run `skinscan doctor` to see what is missing"

_EXPECTED = re.compile(rb"NVIDIA_TF32_OVERRIDE")  # TensorRT warns that it does as it is told
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
    """A verified model, open on a device. Safe in threads: parallel on the CPU, one at a time on a GPU."""

    name: str
    sha256: str
    device: Device  # as asked for
    provider: str  # that really computes: "CPU", "CUDA" or "Tensorrt" and "ExecutionProvider"
    fallback_reason: str | None  # why "auto" is not on CUDA, else None
    threads: int
    inputs: tuple[TensorSpec, ...]  # what `run` is fed with
    outputs: tuple[TensorSpec, ...]  # what `run` gives
    most: int | None = None  # faces in a batch, if anything but memory limits them
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
        place = "cpu" if self.provider == CPU else "cuda"
        if self.most and any(len(value) > self.most for value in feeds.values()):
            raise DeviceFull(f"{self.name} takes at most {self.most} faces at once on {self.device}", _DOCTOR)
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
    return PROVIDERS["cuda"].providers[0] in _onnxruntime().get_available_providers()


def open_onnx(name: str, device: Device = "auto", threads: int | None = None) -> Model:
    """A model of the manifest, open in this process, or wherever this process has its models computed.

    Arguments and errors are those of `open_session`.
    """
    return _elsewhere.get(name) or open_session(name, device, threads)


def open_session(name: str, device: Device = "auto", threads: int | None = None) -> OnnxModel:
    """Open a model of the manifest in this process; the same arguments give the same handle.

    Args:
        name: as in the manifest.
        device: "cpu"; "cuda" or "tensorrt", or an error; "auto" is CUDA if it works, else CPU with
            `fallback_reason`, and never TensorRT.
        threads: on the CPU; None for one, since a model takes a few ms and batches spread over processes.
            Results do not depend on it.

    Raises:
        ModelError: the file is missing, altered, unreadable, or not what the manifest describes.
        DeviceError: `device` is "cuda" or "tensorrt" and does not compute there, or no ONNX runtime is
            installed.
        UsageError: no such device.
    """
    if device not in get_args(Device):
        raise UsageError(f"No device is called {device!r}", "use auto, cpu, cuda or tensorrt")
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
        place = next(each for each in PROVIDERS.values() if each.providers[0] == model.provider)
        return dict(_trial(_session(resolve(name), place, model.threads, profile=True)))


def _open(verified: VerifiedModel, device: Device, threads: int) -> OnnxModel:
    name = verified.entry.name
    wanted: Device = "cuda" if device == "auto" else device
    place = PROVIDERS[wanted]
    session, reason = (None, None) if device == "cpu" else _proven(verified, wanted)
    if session is None:
        if device not in ("auto", "cpu"):
            message = f"{name} does not run on {place.title}: {reason}"
            raise DeviceError(message, f"{_DOCTOR}, or use the device cpu")
        place = PROVIDERS["cpu"]
        session = _session(verified, place, threads)
    _check_interface(verified.entry, session)
    return OnnxModel(
        name=name,
        sha256=verified.sha256,
        device=device,
        provider=place.providers[0],
        fallback_reason=reason,
        threads=threads,
        inputs=tuple(map(_spec, session.get_inputs())),
        outputs=tuple(map(_spec, session.get_outputs())),
        most=place.most,
        _session=session,
        _turn=contextlib.nullcontext() if place is PROVIDERS["cpu"] else threading.Lock(),
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


def _session(verified: VerifiedModel, place: Provider, threads: int, *, profile: bool = False) -> Any:
    ort = _onnxruntime()
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.use_deterministic_compute = True
    # Blocked layouts take a third off the network; blurs of single maps are written so as to stay out.
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_ALL
    options.log_severity_level = _ERRORS_ONLY
    options.enable_profiling = profile
    options.profile_file_prefix = str(Path(tempfile.gettempdir()) / f"skinscan_{os.getpid()}")
    providers = [with_options(provider, verified) for provider in place.providers]
    try:  # ORT's own fallback prints to stdout and hides where it runs: off
        return ort.InferenceSession(verified.path, options, providers=providers, enable_fallback=0)
    except Exception as error:  # ORT's errors have no common base
        raise ModelError(f"Model {verified.path} cannot be opened: {error}", _DOCTOR) from error


def _proven(verified: VerifiedModel, device: Device) -> tuple[Any, str | None]:
    """A session that ran most nodes on GPU providers, some on the one asked for; else None and the reason."""
    place = PROVIDERS[device]
    wanted = place.providers[0]
    if wanted not in _onnxruntime().get_available_providers():
        return None, f"the installed onnxruntime is built without {place.title}"
    session, reason = None, None
    with overheard() as heard:
        try:
            preload(device)
            session = _session(verified, place, 1, profile=True)
            counts = _trial(session)
            there = counts.total() - counts[CPU]
            if session.get_providers()[0] != wanted or not counts[wanted] or 2 * there < counts.total():
                session, reason = None, f"onnxruntime ran it on {', '.join(counts)}"
        except (ModelError, DeviceError) as error:
            session, reason = None, error.message
    if session:
        repeat([line for line in heard if not _EXPECTED.search(line)])
        return session, None
    missing = re.search(rb"with error: (.+)", b"".join(heard))
    return None, missing[1].decode("utf-8", "replace") if missing else reason


def preload(device: Device) -> None:
    """Load a device's libraries of pip packages, which the loader does not find by itself.

    With "tensorrt" this process and its children compute without TF32 from now on, which can be told only
    through the environment. Raises DeviceError if no ONNX runtime is installed; missing libraries show when a
    session is opened.
    """
    place = PROVIDERS[device]
    os.environ.update(place.environment)
    _preload_cuda()
    for module in place.modules:
        with importing(), contextlib.suppress(ImportError, OSError):
            importlib.import_module(module)


@functools.cache  # a second call is said to upset cuBLAS and cuDNN
def _preload_cuda() -> None:
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
