"""Write `skinscan/facemesh/canonical_mesh.npz`: the canonical face as the FaceLandmarker bundle carries it.

    python -m models.training.fit.canonical_mesh

The bundle holds it as a protobuf message of one small schema, read here by hand: 468 vertices x, y, z, u, v
and 898 triangles. MediaPipe, Apache-2.0.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator

import numpy as np

from skinscan.bench.requirements import CHECKOUT
from skinscan.runtime.model_files import LANDMARKER, resolve
from skinscan.types import FloatMap, IntMap

__all__ = ["TARGET", "main", "read_mesh"]

TARGET = CHECKOUT / "skinscan" / "facemesh" / "canonical_mesh.npz"
_VERTICES, _TRIANGLES = 468, 898


def main() -> None:
    """Write the file."""
    vertices, triangles = read_mesh()
    np.savez_compressed(TARGET, allow_pickle=False, xyzuv=vertices, triangles=triangles)


def read_mesh() -> tuple[FloatMap, IntMap]:
    """Vertices (468, 5) float32 x, y, z in cm, u, v in 0..1, and triangles (898, 3) int32 of the bundle.

    Raises ModelError when the bundle is missing or altered.
    """
    with zipfile.ZipFile(resolve(LANDMARKER).path) as bundle:
        message = bundle.read("geometry_pipeline_metadata_landmarks.binarypb")
    mesh = next(value for number, value in _protobuf(message) if number == 1 and isinstance(value, bytes))
    floats = [value for number, value in _protobuf(mesh) if number == 3 and isinstance(value, bytes)]
    indices = [value for number, value in _protobuf(mesh) if number == 4 and isinstance(value, int)]
    vertices = np.frombuffer(b"".join(floats), "<f4").reshape(_VERTICES, 5).astype(np.float32)
    return vertices, np.array(indices, np.int32).reshape(_TRIANGLES, 3)


def _protobuf(data: bytes) -> Iterator[tuple[int, bytes | int]]:
    """Field number and value of each field: enough of the wire format for one small message."""

    def varint(at: int) -> tuple[int, int]:
        value = shift = 0
        while True:
            byte = data[at]
            at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value, at

    at = 0
    while at < len(data):
        key, at = varint(at)
        kind = key & 7
        if kind == 0:
            number, at = varint(at)
            yield key >> 3, number
            continue
        if kind == 2:
            size, at = varint(at)
        elif kind in (1, 5):
            size = 8 if kind == 1 else 4
        else:
            raise ValueError(f"wire type {kind}")
        yield key >> 3, data[at : at + size]
        at += size


if __name__ == "__main__":
    main()
