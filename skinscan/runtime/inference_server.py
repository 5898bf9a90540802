"""One process that owns the ONNX sessions of a machine and computes for many others, in batches.

On a GPU every process that opens a session costs memory and a context, and single faces leave it idle. So
workers put their feeds into memory that they share with the owner and wait; the owner takes what has come
in meanwhile as one batch. Nothing is waited for: while the device computes, the next batch gathers.

A face's numbers do not depend on the faces beside it.
"""

from __future__ import annotations

import contextlib
import math
import os
import queue
import signal
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Client, Connection, Listener
from multiprocessing.shared_memory import SharedMemory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skinscan.errors import DeviceError, DeviceFull, InferenceLost, SkinScanError
from skinscan.runtime.onnx_models import OnnxModel, TensorSpec, check_feeds, compute_elsewhere, open_session
from skinscan.types import Device

__all__ = ["connect", "own"]

_MODELS = ("skinmaps", "scores")
_ALIGNED = 64  # bytes
_GONE = "the process that computes the models has ended"
_GO_ON = "run `skinscan doctor`, then the same command again: it goes on where it stopped"

Arrays = dict[str, NDArray[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Facts:
    """A model as the owner has opened it; travels to the workers."""

    name: str
    sha256: str
    provider: str
    fallback_reason: str | None
    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Order:
    """One face that a worker waits for."""

    model: str
    inputs: Arrays  # views of shared memory, (1, ...)
    outputs: Arrays
    reply: Connection


class _Remote:
    """Stands in for an `OnnxModel` in a worker."""

    def __init__(self, facts: _Facts, connection: Connection, memory: SharedMemory) -> None:
        self.name, self.sha256 = facts.name, facts.sha256
        self.provider, self.fallback_reason = facts.provider, facts.fallback_reason
        self._specs, self._connection, self._memory = facts.inputs, connection, memory
        self._inputs, self._outputs = _views(facts, memory)

    def run(self, feeds: Mapping[str, NDArray[Any]]) -> Arrays:
        """Compute all outputs of one face; raises as `OnnxModel.run`, and InferenceLost."""
        check_feeds(self.name, self._specs, feeds)
        for name, view in self._inputs.items():
            view[...] = feeds[name]
        failure = _ask(self._connection, self.name)
        if failure is not None:
            raise failure
        return {name: view.copy() for name, view in self._outputs.items()}


def connect(address: str) -> None:
    """Let this process compute at the owner from now on: `open_onnx` gives stand-ins.

    Raises InferenceLost if the owner is gone.
    """
    try:
        connection = Client(address)
        facts: Sequence[_Facts] = connection.recv()
    except (EOFError, OSError) as error:
        raise InferenceLost(_GONE, _GO_ON) from error
    memory = SharedMemory(create=True, size=max(map(_size, facts)))
    _ask(connection, memory.name)
    memory.unlink()  # both sides hold it now; it goes when they do
    compute_elsewhere({each.name: _Remote(each, connection, memory) for each in facts})


def own(address: str, parent: Connection, device: Device, batch_size: int) -> None:
    """Life of the owner: open the models, tell the parent the provider or the error, compute until it ends.

    `address` is the path of a socket to be; `parent` the pipe that gets the provider's name or the error, and
    whose end ends this process; `device` what the models run on; `batch_size` the most faces computed at
    once.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's business
    try:
        models = {name: open_session(name, device) for name in _MODELS}
        for model in models.values():
            batch_size = _warm_up(model, batch_size)
    except SkinScanError as error:
        parent.send(error)
        return
    facts = tuple(_facts(model) for model in models.values())
    orders: queue.SimpleQueue[_Order] = queue.SimpleQueue()
    listener = Listener(address)
    for work in (lambda: _welcome(listener, facts, orders), lambda: _end_with(parent)):
        threading.Thread(target=work, daemon=True).start()
    parent.send(models[_MODELS[0]].provider)
    while True:
        for batch in _batches(orders, batch_size):
            batch_size = _serve(models[batch[0].model], batch, batch_size)


def _warm_up(model: OnnxModel, most: int) -> int:
    """Compute zeros for as many faces as the device has memory for; how many. Raises DeviceError."""
    while True:
        try:
            model.warm_up(most)
            return most
        except DeviceFull:
            if most == 1:
                raise
            most //= 2


def _welcome(listener: Listener, facts: Sequence[_Facts], orders: queue.SimpleQueue[_Order]) -> None:
    """Give every worker that comes a thread that listens to it."""
    while True:
        with contextlib.suppress(EOFError, OSError):  # one that died on the way in
            connection = listener.accept()
            threading.Thread(target=_attend, args=(connection, facts, orders), daemon=True).start()


def _attend(connection: Connection, facts: Sequence[_Facts], orders: queue.SimpleQueue[_Order]) -> None:
    """Turn a worker's words into orders until it is gone."""
    with contextlib.suppress(EOFError, OSError), connection:
        connection.send(facts)
        memory = SharedMemory(connection.recv())
        connection.send(None)
        views = {each.name: _views(each, memory) for each in facts}
        while True:
            name = connection.recv()
            inputs, outputs = views[name]
            orders.put(_Order(model=name, inputs=inputs, outputs=outputs, reply=connection))


def _end_with(parent: Connection) -> None:
    """A parent that was killed cannot end its children."""
    with contextlib.suppress(EOFError, OSError):
        parent.recv()
    os._exit(0)


def _batches(orders: queue.SimpleQueue[_Order], batch_size: int) -> list[list[_Order]]:
    """What is waiting now, at least one order, by model and in order of arrival."""
    taken = [orders.get()]
    with contextlib.suppress(queue.Empty):
        while len(taken) < batch_size:
            taken.append(orders.get_nowait())
    by_model = ([order for order in taken if order.model == name] for name in _MODELS)
    return [batch for batch in by_model if batch]


def _serve(model: OnnxModel, batch: Sequence[_Order], most: int) -> int:
    """Compute a batch and answer it; returns how many faces the device has turned out to have memory for."""
    failure: DeviceError | None = None
    try:
        _compute(model, batch)
    except DeviceError as error:
        if isinstance(error, DeviceFull) and len(batch) > 1:
            half = len(batch) // 2
            return _serve(model, batch[half:], _serve(model, batch[:half], min(most, half)))
        model.warm_up()  # if that fails as well, the device is gone, and so are we
        failure = error
    for order in batch:
        with contextlib.suppress(OSError):  # that worker has died
            order.reply.send(failure)
    return most


def _compute(model: OnnxModel, batch: Sequence[_Order]) -> None:
    """From the workers' memory and back into it."""
    found = model.run_batch(
        {name: np.concatenate([order.inputs[name] for order in batch]) for name in batch[0].inputs}
    )
    for number, order in enumerate(batch):
        for name, view in order.outputs.items():
            view[0] = found[name][number]


def _ask(connection: Connection, message: str) -> DeviceError | None:
    try:
        connection.send(message)
        answer: DeviceError | None = connection.recv()
    except (EOFError, OSError) as error:
        raise InferenceLost(_GONE, _GO_ON) from error
    return answer


def _facts(model: OnnxModel) -> _Facts:
    return _Facts(
        name=model.name, sha256=model.sha256, provider=model.provider,
        fallback_reason=model.fallback_reason, inputs=model.inputs, outputs=model.outputs,
    )  # fmt: skip


def _size(facts: _Facts) -> int:
    return sum(_bytes(spec) for spec in (*facts.inputs, *facts.outputs))


def _bytes(spec: TensorSpec) -> int:
    """Of one face, rounded up."""
    return -(-spec.dtype.itemsize * math.prod(spec.of_one) // _ALIGNED) * _ALIGNED


def _views(facts: _Facts, memory: SharedMemory) -> tuple[Arrays, Arrays]:
    """Arrays of one face in shared memory: inputs, outputs."""
    at = 0
    views: tuple[Arrays, Arrays] = {}, {}
    for specs, arrays in zip((facts.inputs, facts.outputs), views, strict=True):
        for spec in specs:
            arrays[spec.name] = np.ndarray(spec.of_one, spec.dtype, memory.buf, at)
            at += _bytes(spec)
    return views
