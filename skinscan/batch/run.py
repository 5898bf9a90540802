"""A plan in, all rows written; only this file knows the order of things."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from skinscan.batch.delivery import Delivery
from skinscan.batch.export import check_format, export
from skinscan.batch.journal import Journal
from skinscan.batch.plan import Plan
from skinscan.batch.pool import Pool
from skinscan.batch.rows import Row
from skinscan.batch.summary import BatchSummary
from skinscan.errors import InternalError, UsageError

if TYPE_CHECKING:
    from skinscan.batch.columns import Choice, Column
    from skinscan.evidence import Keys

__all__ = ["Engine", "EngineOptions", "make_rows", "run_batch"]

Engine = Literal["local", "ray"]


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineOptions:
    """By what the work is done. No row depends on any of it."""

    engine: Engine = "local"
    workers: int | None = None  # processes on this machine, or on each Ray actor; None: one per core
    batch_size: int | None = None  # most faces computed at once by one owner of the models; None: see Pool
    ray_address: str | None = None  # of a running cluster; None: this machine


def make_rows(plan: Plan, means: EngineOptions = EngineOptions(), start: int = 0) -> Iterator[Row]:
    """Do the units from number `start` on and yield their rows in order.

    Raises ModelError, DeviceError: nothing can be measured here. UsageError: no Ray. DataError: the policy, a
    table or the index cannot be used.
    """
    if start == len(plan.paths):
        return
    if plan.job.index:
        from skinscan.batch.look_ahead import remember

        remember(plan.job.index, _through(replace(plan, job=replace(plan.job, look=True)), means, start))
    yield from _through(plan, means, start)


def _through(plan: Plan, means: EngineOptions, start: int) -> Iterator[Row]:
    """The rows of the units by the engine that is asked for."""
    left = len(plan.paths) - start
    if means.engine == "ray":
        from skinscan.batch.ray_engine import run_on_ray

        yield from run_on_ray(plan, start, means.workers, means.batch_size, means.ray_address)
        return
    workers = min(means.workers or len(os.sched_getaffinity(0)), left)
    with Pool(plan.job, workers, means.batch_size) as pool:
        yield from pool.run(plan.units(start))


def run_batch(
    plan: Plan,
    out: Path,
    means: EngineOptions = EngineOptions(),
    *,
    keys: Keys | None = None,
    columns: Choice = "all",
    overwrite: bool = False,
    on_row: Callable[[BatchSummary], None] = lambda _tally: None,
) -> BatchSummary:
    """Do the work and write `out`, whose suffix decides the format: .jsonl, .csv, .parquet or .xlsx.

    A run that was stopped is taken up.

    Args:
        plan: what is to be done.
        out: the file of rows.
        means: processes, batches, engine.
        keys: to seal cases with, if the job says so.
        columns: of a table: "all", or the "summary" of some forty; JSON Lines have no columns.
        overwrite: start again instead of refusing a file that is there.
        on_row: called before the first row and after each.

    Raises:
        UsageError: `out` exists, is a link, a pipe or a device, cannot be written, or is in use; what an
            earlier run left is not this one's; no Ray.
        ModelError, DeviceError: nothing can be measured here.
        DataError: the policy, a table or the index cannot be used.
        EvidenceLocked, EvidenceError: the keys are not there, or the evidence folder was altered.
        InternalError: rows are missing.
    """
    check_format(out, plan)
    if columns != "all" and out.suffix.lower() == ".jsonl":
        raise UsageError(
            "rows in JSON Lines hold everything", "name a table, such as rows.csv, or leave columns out"
        )
    if out.exists() and not overwrite:
        raise UsageError(f"{out} exists", "choose another name, or overwrite=True")
    with Journal(out, plan.sha256, afresh=overwrite) as ledger:
        on_row(ledger.tally)
        delivery = Delivery(plan.job, keys)
        for row in delivery.run(make_rows(plan, means, ledger.tally.rows)):
            ledger.add(row.status, row.code, row.line)
            on_row(ledger.tally)
        ledger.commit()
        if ledger.tally.rows != len(plan.paths):
            raise InternalError(f"{ledger.tally.rows} rows of {len(plan.paths)} for {out}")
        if plan.job.report:
            from skinscan.batch.index_page import write_index

            write_index(ledger.path, Path(plan.job.report), plan.job.lang or "zh")
        export(ledger.path, out, _columns(out, plan, columns))
        ledger.finish()
    return ledger.tally


def _columns(out: Path, plan: Plan, choice: Choice) -> Sequence[Column]:
    if out.suffix.lower() == ".jsonl":
        return ()
    from skinscan.batch.columns import columns

    return columns(plan.job.kind, choice)
