"""Worker processes, each with a thread that fetches its jobs from the database and saves what comes out."""

from __future__ import annotations

import contextlib
import logging
import multiprocessing
import os
import threading
import time
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool

from samples.ticket_service import jobs, metrics
from samples.ticket_service.database import Database
from samples.ticket_service.ray_process import RayProcess, connect
from samples.ticket_service.results import Work, prepare, save
from samples.ticket_service.settings import Settings
from samples.ticket_service.worker import start

__all__ = ["Pool"]

_IDLE = 0.5  # s between two looks at an empty queue; a request that adds a job wakes at once
_GRACE = 30.0  # s that a lease outlasts the job's own limit
_log = logging.getLogger("tickets")


class _Process(ProcessPoolExecutor):
    """One process here, called as `RayProcess` is."""

    def __init__(self, settings: Settings) -> None:
        context = multiprocessing.get_context("spawn")
        super().__init__(1, mp_context=context, initializer=start, initargs=(settings,))

    def end(self) -> None:
        """End the process, whatever it does."""
        for process in list((self._processes or {}).values()):  # no public way to end one that is stuck
            with contextlib.suppress(OSError):
                process.kill()
        self.shutdown(wait=False, cancel_futures=True)


class Pool:
    """As many processes as the settings say; a process that dies costs only the job it had."""

    def __init__(self, settings: Settings, database: Database) -> None:
        """Nothing is started yet."""
        self._settings, self._database = settings, database
        self._stop, self._work = threading.Event(), threading.Semaphore(0)
        self._threads = [
            threading.Thread(target=self._serve, name=f"worker-{number}", daemon=True)
            for number in range(settings.workers)
        ]
        self._started = False
        self._failed: set[str] = set()  # threads that could not do what they tried last

    @property
    def ready(self) -> bool:
        """Every worker is there, and did not fail at its last attempt."""
        return self._started and not self._failed

    def start(self) -> None:
        """Take up what an earlier run left, and begin."""
        for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
            os.environ.setdefault(name, "1")  # a process for every core
        if not self._settings.database:  # SQLite has one service; elsewhere the leases of another run out
            with self._database.write() as session:
                jobs.release(session)
        if self._settings.ray:
            connect(self._settings.ray)
        for thread in self._threads:
            thread.start()
        self._started = True

    def stop(self) -> None:
        """Finish the jobs at hand."""
        self._started = False
        self._stop.set()
        for _ in self._threads:
            self._work.release()
        for thread in self._threads:
            thread.join(self._settings.job_seconds)

    def wake(self) -> None:
        """There is a new job."""
        self._work.release()

    def _process(self) -> _Process | RayProcess:
        return RayProcess(self._settings) if self._settings.ray else _Process(self._settings)

    def _serve(self) -> None:
        process: _Process | RayProcess | None = None
        name = threading.current_thread().name
        while not self._stop.is_set():
            try:
                process = process or self._process()
                job = self._next()
                self._failed.discard(name)
                if job is None:
                    self._work.acquire(timeout=_IDLE)
                elif not self._do(job, process):
                    process.end()
                    process = None
            except Exception:  # a thread that ends would serve nobody: say it, and go on  # noqa: BLE001
                _log.exception("a worker failed; what it had is tried again when its lease ends")
                self._failed.add(name)
                time.sleep(_IDLE)
        if process is not None:
            process.end()

    def _next(self) -> jobs.Taken | None:
        with self._database.write() as session:
            return jobs.take(session, self._settings.job_seconds + _GRACE)

    def _do(self, job: jobs.Taken, process: _Process | RayProcess) -> bool:
        """Do a job and save what it gave; False: its process is not to be used again."""
        began, work, sound = time.monotonic(), Work(), True
        with self._database.read() as session:
            call = prepare(session, job, self._settings)
        if job.attempts > jobs.MOST_ATTEMPTS:
            work = Work(lost=True)
        elif call is not None:
            try:
                work = Work(
                    value=process.submit(call.function, *call.values).result(self._settings.job_seconds)
                )
            except (BrokenProcessPool, TimeoutError):
                sound = False
                if job.attempts < jobs.MOST_ATTEMPTS:
                    with self._database.write() as session:
                        jobs.end(session, job, "waiting")
                    return sound
                work = Work(lost=True)
            except Exception as error:  # a fault of a job must not end the queue  # noqa: BLE001
                _log.exception("job %s failed", job.id)
                work = Work(lost=True, code=getattr(error, "code", "INTERNAL"))
        with self._database.write() as session:
            save(session, job, work, self._settings)
        metrics.JOBS.labels(job.kind, "lost" if work.lost else "done").inc()
        metrics.SECONDS.labels(job.kind).observe(time.monotonic() - began)
        return sound
