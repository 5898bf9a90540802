"""`models`: faces a second that the ONNX models alone reach, by batch, and what copies to the device take."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from skinscan import runtime
from skinscan.bench.picture import Curve, draw_curves
from skinscan.errors import DeviceFull
from skinscan.runtime import OnnxModel
from skinscan.runtime.onnx_models import CPU
from skinscan.types import Device

__all__ = ["draw", "models"]

_SEEN = 0.01  # share of the time from which copies are worth a curve

_SECONDS = 2.0  # of a measurement
_SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256)
_ON_CPU = 8  # largest batch there: beyond, nothing changes


def models(_photos: Path, device: Device) -> list[dict[str, Any]]:
    """One row per model, provider and batch: faces/s with and without copies, ms, and the copies' share.

    A GPU is measured beside the CPU of the same machine, one thread.
    """
    opened = [runtime.open_session(name, device) for name in ("skinmaps", "scores")]
    opened += [runtime.open_session(model.name, "cpu") for model in opened if model.provider != CPU]
    return [row for model in opened for row in _by_batch(model)]


def _by_batch(model: OnnxModel) -> Iterator[dict[str, Any]]:
    """Rows of one model, up to the batch that the device has no memory for."""
    for size in _SIZES:
        if model.provider == CPU and size > _ON_CPU:
            return
        try:
            yield _row(model, size)
        except DeviceFull:
            return


def _row(model: OnnxModel, size: int) -> dict[str, Any]:
    draw = np.random.default_rng(0)
    feeds = {
        spec.name: draw.uniform(0.1, 0.9, (size, *spec.of_one[1:])).astype(spec.dtype)
        for spec in model.inputs
    }
    model.warm_up(size)
    spent: list[tuple[float, float]] = []
    until = time.perf_counter() + _SECONDS
    while time.perf_counter() < until or len(spent) < 5:
        start = time.perf_counter()
        _, copies = model.timed_batch(feeds)
        spent.append((time.perf_counter() - start, copies))
    whole, copies = (statistics.median(column) for column in zip(*spent, strict=True))
    return {
        "what": model.name,
        "provider": model.provider,
        "batch_size": size,
        "faces_per_s": round(size / whole, 1),
        "without_copies_per_s": round(size / (whole - copies), 1),
        "ms": round(whole * 1e3, 3),
        "copies_share": round(copies / whole, 3),
    }


def draw(rows: list[dict[str, Any]]) -> str:
    """Faces a second, and what of the time goes into copies, of each model on each provider; SVG."""
    curves: list[Curve] = []
    for what, provider in dict.fromkeys((row["what"], row["provider"]) for row in rows):
        own = [row for row in rows if (row["what"], row["provider"]) == (what, provider)]
        name = f"{what}, {provider.removesuffix('ExecutionProvider')}"
        curves.append((own, "batch_size", "faces_per_s", f"{name}: faces a second, by batch"))
        if any(row["copies_share"] > _SEEN for row in own):
            curves.append((own, "batch_size", "copies_share", f"{name}: share of the time in copies"))
    return draw_curves(curves)
