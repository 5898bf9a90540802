"""The same work on a Ray cluster: every actor is a whole local pool, so that rows are the same to the byte.

Ray spreads the units, keeps their order and does lost ones again; a photo that kills a process stays the
pool's business.
"""

from __future__ import annotations

import atexit
import logging
import os
from collections.abc import Iterator
from typing import Any

from skinscan.batch.plan import Job, Plan, Unit
from skinscan.batch.pool import Pool
from skinscan.batch.rows import Row
from skinscan.errors import UsageError

__all__ = ["run_on_ray"]

_UNITS_AT_ONCE = 16  # a worker, in one call of an actor: what is done again if the actor is lost
_FIELDS = ("index", "status", "code", "line", "output")  # of a row
_CORES = 2  # of an actor, unless the number of workers says otherwise


def run_on_ray(
    plan: Plan, start: int, workers: int | None, batch_size: int | None, address: str | None
) -> Iterator[Row]:
    """Yield the rows of the units from number `start` on, in order.

    Args:
        plan: paths must mean the same on every machine: a shared file system.
        start: number of the first unit.
        workers: processes of an actor; it takes as many cores, and a GPU if the cluster has any.
        batch_size: as for `Pool`.
        address: of a running cluster, such as "auto" on one of its nodes; None starts one here.

    Raises UsageError without Ray or cluster, and what `Pool` raises.
    """
    ray = _import_ray()
    ours = not ray.is_initialized()
    if ours:
        _initialise(ray, address)
    try:
        yield from _stream(ray, plan, start, workers or _CORES, batch_size)
    finally:
        if ours:
            ray.shutdown()


def _import_ray() -> Any:
    os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")  # its core warns on our stderr of what is well
    try:
        import ray
        import ray.data
    except ImportError as error:
        raise UsageError("the engine ray needs Ray", "`pip install 'skinscan[ray]'`") from error
    return ray


def _initialise(ray: Any, address: str | None) -> None:
    try:
        for name in ("ray", "ray.data"):
            logging.getLogger(name).setLevel(logging.ERROR)
        ray.init(address=address, include_dashboard=False, log_to_driver=False, logging_level="ERROR")
    except Exception as error:  # Ray raises bare ones, as when a busy machine is slow to start it
        raise UsageError(
            f"no Ray cluster at {address or 'this machine'}: {error}", "start one with `ray start --head`"
        ) from error


def _stream(ray: Any, plan: Plan, start: int, workers: int, batch_size: int | None) -> Iterator[Row]:
    context = ray.data.DataContext.get_current()
    context.execution_options.preserve_order = True
    context.enable_progress_bars = False
    context.raise_original_map_exception = True
    resources = ray.cluster_resources()
    actors = max(1, int(resources.get("CPU", 1)) // workers)
    items = [{"index": u.index, "paths": list(u.paths), "area": u.area} for u in plan.units(start)]
    done = ray.data.from_items(items).map_batches(
        _actor(plan.job, workers, batch_size),
        batch_size=_UNITS_AT_ONCE * workers,
        batch_format="numpy",
        compute=ray.data.ActorPoolStrategy(size=actors),
        num_cpus=workers,
        num_gpus=min(1.0, resources.get("GPU", 0) / actors) or None,
    )
    for row in done.iter_rows():
        yield Row(**{name: row[name] for name in _FIELDS})


def _actor(job: Job, workers: int, batch_size: int | None) -> type:
    """The class of an actor. It carries its arguments itself, so that it can be restarted anywhere."""

    class _Actor:
        """Keeps a pool from batch to batch."""

        def __init__(self) -> None:
            self._pool = Pool(job, workers, batch_size).__enter__()
            atexit.register(self._pool.__exit__)

        def __call__(self, batch: dict[str, Any]) -> dict[str, list[Any]]:
            numbered = zip(batch["index"].tolist(), batch["paths"], batch["area"].tolist(), strict=True)
            units = (Unit(index=index, paths=tuple(paths), area=area) for index, paths, area in numbered)
            rows = list(self._pool.run(units))
            return {name: [getattr(row, name) for row in rows] for name in _FIELDS}

    return _Actor
