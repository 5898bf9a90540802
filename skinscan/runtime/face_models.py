"""The face models of the landmarker bundle, through MediaPipe Tasks, always on the CPU."""

from __future__ import annotations

import ctypes
import functools
import importlib
import os
import sys
import threading
import zipfile
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, Literal

import numpy as np

from skinscan.errors import DeviceError, ModelError, UsageError
from skinscan.runtime.model_files import LANDMARKER, VerifiedModel, resolve
from skinscan.runtime.native_stderr import importing, quiet
from skinscan.types import FloatMap, RgbPixels

__all__ = ["Landmarker", "open_landmarker"]

_DOCTOR = "run `skinscan doctor` to see what is wrong"
_SYSTEM_LIBRARIES = "on Debian or Ubuntu: `apt-get install libgl1 libegl1 libgles2 libglib2.0-0 libxcb1`"
_NOT_NEEDED = ("matplotlib", "matplotlib.pyplot", "sounddevice")

_lock = threading.RLock()
_tasks: dict[tuple[str, str, int, float], Any] = {}
_inherited: list[object] = []  # a forked child must neither use nor destroy its parent's tasks


def _forget() -> None:
    global _lock, _tasks
    _inherited.append(_tasks)
    _lock, _tasks = threading.RLock(), {}


os.register_at_fork(after_in_child=_forget)


@dataclass(frozen=True, slots=True, kw_only=True)
class Landmarker:
    """A handle on the face models. Safe in threads, one call at a time in a process."""

    bundle: VerifiedModel
    num_faces: int
    confidence: float

    def detect(self, rgb: RgbPixels) -> list[tuple[FloatMap, FloatMap]]:
        """Find faces and their landmarks; faces below a fifth of the frame are often missed.

        Args:
            rgb: (H, W, 3) uint8 gamma-coded sRGB.

        Returns:
            For each face its (478, 3) float32 landmarks, x and y as shares of width and height (0..1 inside
            the picture), z as a share of the width, smaller is nearer; and the (4, 4) float32 matrix that
            takes the canonical face, in cm, to the camera.

        Raises:
            UsageError: not such an array.
            ModelError: the bundle cannot be opened.
            DeviceError: MediaPipe does not load, or fails.
        """
        found = self._run("landmarks", rgb)
        return [
            (np.array([(p.x, p.y, p.z) for p in points], np.float32), np.asarray(matrix, np.float32))
            for points, matrix in zip(found.face_landmarks, found.facial_transformation_matrixes, strict=True)
        ]

    def detect_boxes(self, rgb: RgbPixels) -> FloatMap:
        """Find faces only, several times faster than `detect`, to search a pyramid of crops.

        Args:
            rgb: as for `detect`; the model sees it scaled to 128 x 128.

        Returns:
            (N, 5) float32, best first: left, top, right, bottom in px of `rgb`, score 0..1.

        Raises as `detect`.
        """
        rows = [
            (b.origin_x, b.origin_y, b.origin_x + b.width, b.origin_y + b.height, found.categories[0].score)
            for found in self._run("boxes", rgb).detections
            for b in [found.bounding_box]
        ]
        return np.array(sorted(rows, key=lambda row: -row[4]), np.float32).reshape(-1, 5)

    def _run(self, kind: Literal["landmarks", "boxes"], rgb: RgbPixels) -> Any:
        if rgb.dtype != np.uint8 or rgb.ndim != 3 or rgb.shape[2] != 3 or not rgb.size:
            raise UsageError(f"A picture is wanted as (H, W, 3) uint8, received {rgb.shape} {rgb.dtype}")
        key = (kind, str(self.bundle.path), self.num_faces, self.confidence)
        with _lock:
            if key not in _tasks:
                _tasks[key] = _open(kind, self)
            return _detect(_tasks[key], rgb)


def open_landmarker(num_faces: int = 1, *, confidence: float = 0.5, bundle: Path | None = None) -> Landmarker:
    """A handle on the face models; the first detection opens them, for the rest of the process.

    Args:
        num_faces: most faces to return.
        confidence: 0..1, lowest score of a detection and of a face's presence.
        bundle: this face_landmarker.task instead of searching for one.

    Raises:
        ModelError: the bundle is missing or altered.
    """
    return Landmarker(bundle=resolve(LANDMARKER, explicit=bundle), num_faces=num_faces, confidence=confidence)


def _member(bundle: VerifiedModel, name: str) -> bytes:
    with zipfile.ZipFile(bundle.path) as archive:
        return archive.read(name)


class _Later(ModuleType):
    """Stands in for a module that an importer binds but does not use; any use loads the real one."""

    def __getattr__(self, name: str) -> Any:
        child = sys.modules.get(f"{self.__name__}.{name}")
        if isinstance(child, _Later):
            return child
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return getattr(importlib.import_module(self.__name__), name)


@functools.cache
def _mediapipe() -> Any:
    """Import MediaPipe without the plotting and recording libraries, which it binds and faces never use.

    They are most of its import time, build a font cache in every fresh container, and want PortAudio.
    """
    stand_ins = {name: _Later(name) for name in _NOT_NEEDED if name not in sys.modules}
    sys.modules.update(stand_ins)
    try:
        with importing():
            import mediapipe
    except (ImportError, OSError) as error:
        raise DeviceError(f"MediaPipe does not load: {error}", _SYSTEM_LIBRARIES) from error
    finally:
        for name, stand_in in stand_ins.items():
            if sys.modules.get(name) is stand_in:
                del sys.modules[name]
    return mediapipe


def _detect(task: Any, rgb: RgbPixels) -> Any:
    mp = _mediapipe()
    try:
        with quiet():  # it talks on some later runs, too
            return task.detect(mp.Image(image_format=mp.ImageFormat.SRGB, data=np.ascontiguousarray(rgb)))
    except (RuntimeError, ValueError) as error:
        raise DeviceError(f"MediaPipe failed: {error}", _DOCTOR) from error


def _open(kind: Literal["landmarks", "boxes"], handle: Landmarker) -> Any:
    create = _create_landmarker if kind == "landmarks" else _create_detector
    mp = _mediapipe()
    try:
        with quiet():
            task = create(mp, handle)
    except OSError as error:  # its native library is loaded only here
        raise DeviceError(f"MediaPipe does not load: {error}", _SYSTEM_LIBRARIES) from error
    except (RuntimeError, ValueError) as error:
        raise ModelError(f"MediaPipe cannot open {handle.bundle.path}: {error}", _DOCTOR) from error
    # Never destroyed: closing sends a usage report, and its finaliser fails as the interpreter ends.
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(task))
    return task


def _create_landmarker(mp: Any, handle: Landmarker) -> Any:
    options = mp.tasks.vision.FaceLandmarkerOptions(
        base_options=_base_options(mp, model_asset_path=str(handle.bundle.path)),
        num_faces=handle.num_faces,
        min_face_detection_confidence=handle.confidence,
        min_face_presence_confidence=handle.confidence,
        output_facial_transformation_matrixes=True,
    )
    return mp.tasks.vision.FaceLandmarker.create_from_options(options)


def _create_detector(mp: Any, handle: Landmarker) -> Any:
    options = mp.tasks.vision.FaceDetectorOptions(
        base_options=_base_options(mp, model_asset_buffer=_member(handle.bundle, "face_detector.tflite")),
        min_detection_confidence=handle.confidence,
    )
    return mp.tasks.vision.FaceDetector.create_from_options(options)


def _base_options(mp: Any, **model: Any) -> Any:
    """Options for the CPU, without the means to report usage.

    MediaPipe's wheels send usage counts to their maker a minute into detecting and when a task is closed,
    with no switch for it (google-ai-edge/mediapipe#6291). Trusting no certificate authority, the connection
    fails before anything is sent.
    """
    options = mp.tasks.BaseOptions(delegate=mp.tasks.BaseOptions.Delegate.CPU, **model)
    original = options.to_ctypes

    def to_ctypes() -> Any:
        native = original()
        native.ca_bundle_path = os.devnull.encode()
        return native

    options.to_ctypes = to_ctypes
    return options
