"""Models computed in batches, by one owner for many workers, and on a GPU where there is one."""

from __future__ import annotations

import multiprocessing
from multiprocessing import Pipe
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from skinscan import runtime
from skinscan.errors import DeviceError, DeviceFull, InferenceLost
from skinscan.output.records.scan import scan_to_dict
from skinscan.runtime import inference_server, onnx_models
from skinscan.runtime.onnx_models import OnnxModel, TensorSpec
from skinscan.scanner import Scanner
from skinscan.types import Device
from tests.faces import light, texture
from tests.paths import SAMPLES

Arrays = dict[str, NDArray[Any]]


def faces(model: OnnxModel, count: int) -> Arrays:
    """Feeds of `count` different faces within the ranges of the manifest, always the same."""
    draw = np.random.default_rng(0)
    return {
        spec.name: draw.uniform(0.1, 0.9, (count, *spec.of_one[1:])).astype(spec.dtype)
        for spec in model.inputs
    }


@pytest.mark.parametrize("name", ["skinmaps", "scores"])
def test_a_face_does_not_depend_on_the_batch(name: str) -> None:
    model = runtime.open_session(name, "cpu")
    feeds = faces(model, 5)
    together = model.run_batch(feeds)
    for number in range(5):
        alone = model.run({key: value[number : number + 1] for key, value in feeds.items()})
        for key, value in alone.items():
            np.testing.assert_array_equal(together[key][number], value[0])


class SmallDevice:
    """Memory for two faces."""

    def warm_up(self, faces: int) -> None:
        self.run_batch({"x": np.zeros((faces, 3), np.float32)})

    name = "small"
    inputs = (TensorSpec(name="x", dtype=np.dtype("float32"), shape=("faces", 3)),)
    outputs = (TensorSpec(name="y", dtype=np.dtype("float32"), shape=("faces", 3)),)

    def __init__(self) -> None:
        self.sizes: list[int] = []

    def run_batch(self, feeds: Arrays) -> Arrays:
        self.sizes.append(len(feeds["x"]))
        if len(feeds["x"]) > 2:
            raise DeviceFull("out of memory")
        return {"y": 2 * feeds["x"]}


def test_a_full_device_halves_the_batch_and_goes_on() -> None:
    device: Any = SmallDevice()
    ours, theirs = Pipe()
    x = np.arange(15, dtype=np.float32).reshape(5, 1, 3)
    y = np.zeros_like(x)
    orders = [
        inference_server._Order(model="small", inputs={"x": x[k]}, outputs={"y": y[k]}, reply=theirs)
        for k in range(5)
    ]
    assert inference_server._serve(device, orders, 8) == 1
    np.testing.assert_array_equal(y, 2 * x)
    assert [ours.recv() for _ in range(5)] == [None] * 5
    assert device.sizes == [5, 2, 3, 1, 2]


def test_a_device_too_small_for_the_first_batch_is_given_less() -> None:
    device: Any = SmallDevice()
    assert inference_server._warm_up(device, 9) == 2
    assert device.sizes == [9, 4, 2]

    class Full(SmallDevice):
        def run_batch(self, feeds: Arrays) -> Arrays:
            raise DeviceFull("out of memory")

    full: Any = Full()
    with pytest.raises(DeviceFull):
        inference_server._warm_up(full, 4)


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("Failed to allocate memory for requested buffer of size 4", DeviceFull),
        ("CUDA failure 2: out of memory ; GPU=0", DeviceFull),
        ("CUDNN_STATUS_EXECUTION_FAILED", DeviceError),
    ],
)
def test_a_lack_of_memory_is_told_from_other_failures(said: str, kind: type[DeviceError]) -> None:
    class Session:
        def io_binding(self) -> None:
            raise RuntimeError(said)

    real = runtime.open_session("scores", "cpu")
    broken = OnnxModel(
        name="scores", sha256="", device="cpu", provider=onnx_models.CPU, fallback_reason=None, threads=1,
        inputs=real.inputs, outputs=real.outputs, _session=Session(), _turn=real._turn, _pid=real._pid,
    )  # fmt: skip
    with pytest.raises(DeviceError) as caught:
        broken.run_batch({})
    assert type(caught.value) is kind


def test_a_worker_computes_at_the_owner_and_notices_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(onnx_models, "_elsewhere", {})
    expected = scan_to_dict(Scanner("cpu").scan(SAMPLES / "face_light.jpg"), timings=False)
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    address = str(tmp_path / "models")
    process = context.Process(target=inference_server.own, args=(address, theirs, "cpu", 4), daemon=True)
    process.start()
    assert ours.recv() == onnx_models.CPU
    inference_server.connect(address)
    assert not isinstance(runtime.open_onnx("skinmaps", "cpu"), OnnxModel)
    assert scan_to_dict(Scanner("cpu").scan(SAMPLES / "face_light.jpg"), timings=False) == expected
    process.kill()
    process.join()
    with pytest.raises(InferenceLost):
        Scanner("cpu").scan(SAMPLES / "face_light.jpg")


# On a GPU

on_gpu = pytest.mark.parametrize("device", ["cuda", "tensorrt"])


def opened(name: str, device: Device) -> OnnxModel:
    try:
        return runtime.open_session(name, device)
    except DeviceError as error:
        pytest.skip(error.message)


@on_gpu
def test_maps_on_a_gpu_are_those_of_the_cpu(device: Device) -> None:
    """Within a thousandth of each map's range, on a plain face."""
    gpu, cpu = opened("skinmaps", device), runtime.open_session("skinmaps", "cpu")
    feeds = map_feeds()
    here, there = cpu.run_batch(feeds), gpu.run_batch(feeds)
    for name, value in here.items():
        assert np.abs(there[name] - value).max() <= 1e-3 * max(float(np.ptp(value)), 1.0), name


@on_gpu
def test_scans_on_a_gpu_are_those_of_the_cpu_as_printed(device: Device) -> None:
    opened("scores", device)
    for path in sorted(SAMPLES.glob("face_*.jpg")):
        scans = (Scanner("cpu").scan(path), Scanner(device).scan(path))
        here, there = (scan_to_dict(scan, timings=False) for scan in scans)
        for part in ("scores", "zones", "tone"):
            for name, value in leaves(here[part]).items():
                assert leaves(there[part])[name] == pytest.approx(value, abs=0.0101), (path.name, name)


def leaves(value: Any, name: str = "") -> dict[str, Any]:
    if isinstance(value, dict):
        return {k: v for key, part in value.items() for k, v in leaves(part, f"{name}.{key}").items()}
    return {name: value}


def map_feeds() -> Arrays:
    """What map_skin feeds for one plain face."""
    caught: Arrays = {}

    class Catch(Exception):
        pass

    class Model:
        def run(self, feeds: Arrays) -> Arrays:
            caught.update(feeds)
            raise Catch

    from skinscan.measure import skinmaps

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(runtime, "open_onnx", lambda *_: Model())
        with pytest.raises(Catch):
            skinmaps.map_skin(texture(), light(), "cpu")
    return caught
