"""Worker processes that units go through and come out of in order; a process that dies loses nothing."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import tempfile
import time
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from typing import TYPE_CHECKING

from skinscan import runtime
from skinscan.batch.plan import Job, Unit
from skinscan.batch.rows import Row, error_row
from skinscan.errors import DeviceError, SkinScanError, TooCostly, WorkerLost
from skinscan.runtime.inference_server import connect, own
from skinscan.runtime.onnx_models import CPU

if TYPE_CHECKING:
    from multiprocessing.context import SpawnProcess

    from skinscan.types import Device

__all__ = ["Pool", "keep_to_core", "tuned"]

_QUEUED = 2  # units at a worker: one in work and one waiting, so that it never waits for us
_AHEAD = 16  # units a worker on average may be ahead of the row to be written next: bounds the memory
_ATTEMPTS = 2  # a process may die for reasons that are not the photo's, such as a lack of memory
_STARTS = 3  # a worker may also die while it starts: so often in a row, and one more for each worker
_PATIENCE = 300.0  # s without an answer after which a worker is taken for stuck
_CPU_SECONDS = {"photos": 30.0, "pairs": 60.0, "claims": 240.0}
"""Processor time of one unit, all threads of its worker together: a photo takes 0.1 s, a costly one 6. The
clock does not count, so that no row depends on how busy a machine is."""
_DOCTOR = "run `skinscan doctor`"
_ENVIRONMENT = {
    # One thread for linear algebra: there is a process for every core.
    **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"),
    # glibc: keep the memory of one photo for the next: 900 fresh pages are 2 to 3 ms of a scan. Older ones
    # refuse a larger threshold, and then map every array anew.
    "MALLOC_MMAP_THRESHOLD_": str(32 << 20),
    "MALLOC_TRIM_THRESHOLD_": str(256 << 20),
    "MALLOC_TOP_PAD_": str(16 << 20),
}


@dataclass(eq=False, slots=True, kw_only=True)
class _Handle:
    """A worker process as its owner sees it."""

    process: SpawnProcess
    connection: Connection
    units: deque[Unit] = field(default_factory=deque)  # sent and not answered; the first is in work
    since: float = field(default_factory=time.monotonic)  # when it last answered
    ready: bool = False


class Pool:
    """Processes that do units of one job; started once, used as a context manager."""

    def __init__(self, job: Job, workers: int, batch_size: int | None = None) -> None:
        """Prepare `workers` processes.

        `batch_size`: let one more process compute the models of all workers, at most so many faces at once.
        None does so on a GPU only, for as many faces as there are workers: on a CPU the models are cheaper
        computed where the face is.
        """
        self._job, self.workers, self._batch_size = job, workers, batch_size
        self._handles: list[_Handle] = []
        self._owner: _Owner | None = None
        self._again: deque[Unit] = deque()  # units of dead workers
        self._deaths: dict[int, int] = {}  # by unit
        self._stillborn = 0  # workers that died while starting, since one last got ready

    def __enter__(self) -> Pool:
        """Start all processes; workers load their models while the first units are on the way.

        Raises ModelError, DeviceError.
        """
        with contextlib.ExitStack() as stack:
            stack.callback(self._stop)
            computes = not self._job.look
            if computes and (self._batch_size or (self._job.device != "cpu" and runtime.cuda_built())):
                self._owner = _start_owner(self._job.device, self._batch_size or self.workers)
                if self._owner.provider == CPU and not self._batch_size:
                    self._end_owner()
            self._handles = [self._start(number) for number in range(self.workers)]
            stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        """End all processes; one in the middle of a photo is not waited for."""
        self._stop()

    def _stop(self) -> None:
        for handle in self._handles:
            handle.connection.close()
            handle.process.terminate()
        for handle in self._handles:
            handle.process.join()
            handle.process.close()
        self._handles.clear()
        self._end_owner()

    def _end_owner(self) -> None:
        if self._owner:
            self._owner.process.kill()
            self._owner.process.join()
            self._owner.folder.cleanup()
            self._owner = None

    @property
    def pids(self) -> list[int]:
        """Process numbers of the workers now alive."""
        return [handle.process.pid or 0 for handle in self._handles]

    def run(self, units: Iterable[Unit]) -> Iterator[Row]:
        """Yield the rows of the units in their order.

        Raises what keeps every worker from working: ModelError, DeviceError.
        """
        supply, order, finished = iter(units), deque[int](), dict[int, Row]()
        while True:
            self._hand_out(supply, order)
            if not order:
                return
            for row in self._answers():
                finished[row.index] = row
            while order and order[0] in finished:
                yield finished.pop(order.popleft())

    def _hand_out(self, supply: Iterator[Unit], order: deque[int]) -> None:
        """Give every worker its next units, as far as memory allows."""
        for depth in range(1, _QUEUED + 1):
            for handle in self._handles:
                if len(handle.units) >= depth:
                    continue
                unit = self._next(supply, order)
                if unit is None:
                    return
                handle.since = handle.since if handle.units else time.monotonic()
                handle.units.append(unit)
                with contextlib.suppress(OSError):  # it has died: _answers will see it
                    handle.connection.send(unit)

    def _next(self, supply: Iterator[Unit], order: deque[int]) -> Unit | None:
        if self._again:
            return self._again.popleft()
        if len(order) >= _AHEAD * self.workers:
            return None
        unit = next(supply, None)
        if unit is not None:
            order.append(unit.index)
        return unit

    def _answers(self) -> list[Row]:
        """Rows that have come in, and rows of units that were lost for good."""
        rows = []
        busy = {handle.connection: handle for handle in self._handles}
        for connection in wait(list(busy), timeout=1.0):
            handle = busy[connection]  # type: ignore[index]
            try:
                answer = handle.connection.recv()
            except (EOFError, OSError):
                rows += self._bury(handle)
                continue
            handle.since = time.monotonic()
            if isinstance(answer, SkinScanError):
                raise answer
            if answer is None:
                handle.ready, self._stillborn = True, 0
            else:
                handle.units.popleft()
                rows.append(answer)
        for handle in self._handles:
            if handle.units and time.monotonic() - handle.since > _PATIENCE:
                handle.process.kill()
        return rows

    def _bury(self, dead: _Handle) -> list[Row]:
        """Replace a dead worker. Its unit is tried once more; a second death, or too much work, is its row.

        The death of one that was still starting is not its unit's. Raises DeviceError if none gets further.
        """
        dead.process.join()
        code = dead.process.exitcode or 0
        cause = signal.Signals(-code).name if code < 0 else f"exit code {code}"
        dead.connection.close()
        dead.process.close()
        number = self._handles.index(dead)
        del self._handles[number]  # should the next lines raise, it is not ended twice
        if not dead.ready:
            self._stillborn += 1
            if self._stillborn >= _STARTS + self.workers:
                raise DeviceError(f"worker processes die while starting, the last by {cause}", _DOCTOR)
        self._handles.insert(number, self._start(number))
        rows = []
        if dead.ready and dead.units:
            unit = dead.units.popleft()
            if code == -signal.SIGVTALRM:
                rows.append(self._too_costly(unit))
            else:
                rows += self._lost(unit, cause)
        self._again.extend(dead.units)
        return rows

    def _too_costly(self, unit: Unit) -> Row:
        """The row of a unit whose worker was ended by its own timer: again it would take as long."""
        spent = f"{unit.paths[0]} took more than {_CPU_SECONDS[self._job.kind]:.0f} s of processor time"
        return error_row(self._job, unit, TooCostly(spent, "save it as an ordinary JPEG of one face"), None)

    def _lost(self, unit: Unit, cause: str) -> list[Row]:
        """None if the unit is to be tried again, else its row."""
        self._deaths[unit.index] = self._deaths.get(unit.index, 0) + 1
        if self._deaths[unit.index] < _ATTEMPTS:
            self._again.append(unit)
            return []
        message = f"{unit.paths[0]} ended {_ATTEMPTS} worker processes, the last by {cause}"
        return [error_row(self._job, unit, WorkerLost(message, "open it in another program"), None)]

    def _start(self, number: int) -> _Handle:
        context = multiprocessing.get_context("spawn")  # fork breaks ONNX Runtime, CUDA and MediaPipe
        ours, theirs = context.Pipe()
        address = self._owner.address if self._owner else None
        process = context.Process(target=_serve, args=(theirs, self._job, address), daemon=True)
        with tuned():
            process.start()
        keep_to_core(process.pid or 0, number, self.workers)
        theirs.close()  # so that the end of the process is the end of the pipe
        return _Handle(process=process, connection=ours)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Owner:
    """The process that computes the models of all workers."""

    process: SpawnProcess
    connection: Connection  # open for as long as it shall live
    folder: tempfile.TemporaryDirectory[str]
    address: str  # of the socket in it
    provider: str  # that it computes on


def _start_owner(device: Device, batch_size: int) -> _Owner:
    """Start it and wait until it has computed. Raises ModelError, DeviceError."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    folder = tempfile.TemporaryDirectory(prefix="skinscan_")
    address = f"{folder.name}/models"
    process = context.Process(target=own, args=(address, theirs, device, batch_size), daemon=True)
    with tuned():
        process.start()
    theirs.close()
    try:
        answer: str | SkinScanError = ours.recv()
    except EOFError:
        answer = DeviceError("the process that computes the models died while starting", _DOCTOR)
    if isinstance(answer, str):
        return _Owner(process=process, connection=ours, folder=folder, address=address, provider=answer)
    process.join()
    folder.cleanup()
    raise answer


def keep_to_core(pid: int, number: int, workers: int) -> None:
    """Keep worker `number`, just started, to a core of its own, if there are as many as `workers`.

    MediaPipe hands every photo from thread to thread some 25 times. Where the next thread is on a core that
    has gone to sleep, a virtual machine's host has to wake it first, which may take half of the time.
    """
    cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    if workers == len(cores):
        with contextlib.suppress(OSError):  # it has ended, or may not be moved
            os.sched_setaffinity(pid, {cores[number]})


@contextlib.contextmanager
def tuned() -> Iterator[None]:
    """Set up the environment of the processes that are started inside."""
    before = {name: os.environ.get(name) for name in _ENVIRONMENT}
    os.environ.update(_ENVIRONMENT)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _serve(connection: Connection, job: Job, owner: str | None) -> None:
    """Life of a worker process: it ends when its parent does, or closes the pipe."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's business
    signal.signal(signal.SIGVTALRM, signal.SIG_DFL)
    with contextlib.suppress(EOFError, OSError):
        try:
            import cv2

            from skinscan.batch.look_ahead import Looker
            from skinscan.batch.worker import Worker

            cv2.setNumThreads(1)
            if owner:
                connect(owner)
            worker = Looker(job) if job.look else Worker(job)
            connection.send(None)
            while True:
                unit = connection.recv()
                # The system ends the process when it runs out, in C code too, where no exception could.
                # (SIGPROF would count system time too, but MediaPipe has it ignored.)
                signal.setitimer(signal.ITIMER_VIRTUAL, _CPU_SECONDS[job.kind])
                row = worker.row(unit)
                signal.setitimer(signal.ITIMER_VIRTUAL, 0)
                connection.send(row)
        except SkinScanError as error:  # this machine cannot measure anything
            connection.send(error)
        except ImportError as error:
            connection.send(DeviceError(f"a library does not load: {error}", _DOCTOR))
