"""A worker on a Ray cluster, called like an executor of one process: the same functions and values."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from concurrent.futures.process import BrokenProcessPool
from typing import Any

from samples.ticket_service.settings import Settings
from samples.ticket_service.worker import start
from skinscan.errors import UsageError

__all__ = ["RayProcess", "connect"]


def connect(address: str) -> None:
    """Join the cluster at `address`; "local" starts one here. Raises UsageError without Ray or cluster."""
    os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")  # its core warns on our stderr of what is well
    try:
        import ray
    except ImportError as error:
        raise UsageError("TICKETS_RAY needs Ray", "`pip install 'skinscan[ray]'`") from error
    logging.getLogger("ray").setLevel(logging.ERROR)
    try:
        ray.init(
            address=None if address == "local" else address,
            include_dashboard=False,
            log_to_driver=False,
            logging_level="ERROR",
            ignore_reinit_error=True,
        )
    except Exception as error:  # Ray raises bare ones
        raise UsageError(f"no Ray cluster at {address}", "start one with `ray start --head`") from error


class _Actor:
    """One process of the cluster."""

    def __init__(self, settings: Settings) -> None:
        start(settings)

    def call(self, function: Callable[..., Any], values: tuple[Any, ...]) -> Any:
        return function(*values)


class _Awaited:
    """A call that is under way."""

    def __init__(self, reference: Any) -> None:
        self._reference = reference

    def result(self, seconds: float | None = None) -> Any:
        """What it gave. Raises TimeoutError, BrokenProcessPool for a lost process, or what it raised."""
        import ray

        try:
            return ray.get(self._reference, timeout=seconds)
        except ray.exceptions.RayActorError as error:
            raise BrokenProcessPool(str(error)) from None


class RayProcess:
    """Takes a core of the cluster, and a GPU where the settings name one."""

    def __init__(self, settings: Settings) -> None:
        """`connect` comes first."""
        import ray

        gpus = 1 if settings.device in ("cuda", "tensorrt") else 0
        self._actor = ray.remote(num_cpus=1, num_gpus=gpus)(_Actor).remote(settings)

    def submit(self, function: Callable[..., Any], *values: Any) -> _Awaited:
        """Begin a call."""
        return _Awaited(self._actor.call.remote(function, values))

    def end(self) -> None:
        """End the process, whatever it does."""
        import ray

        ray.kill(self._actor)
