"""`skinscan batch`."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from skinscan.cli.console import note, note_guess, print_json, print_json_text
from skinscan.cli.options import (
    CHECK_NOT_MET,
    DeviceOption,
    EncodingOption,
    FaceOption,
    JsonOption,
    QuietOption,
    face_choice,
)
from skinscan.errors import UsageError

if TYPE_CHECKING:
    from rich.progress import TaskID

    from skinscan.batch import BatchSummary, EngineOptions, Plan

__all__ = ["batch"]


def batch(
    source: Annotated[
        str,
        typer.Argument(
            metavar="SOURCE",
            help="A folder, glob, list of paths (.txt), CSV of pairs; - reads standard input.",
        ),
    ],
    out: Annotated[
        Path,
        typer.Option("--out", "-o", metavar="FILE", help="Rows as .jsonl, .csv or .parquet; - is stdout."),
    ],
    kind: Annotated[
        Literal["photos", "pairs", "claims"] | None,
        typer.Option(help="pairs: a CSV with the columns before and after.  [default: by the source]"),
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, metavar="N", help="The first N only.")] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Processes.  [default: one per core]")
    ] = None,
    batch_size: Annotated[
        str, typer.Option(metavar="N|auto", help="Most faces computed at once; auto: batches on a GPU only.")
    ] = "auto",
    face: FaceOption = "only",
    policy: Annotated[
        Path | None, typer.Option(metavar="YAML", help="For claims.  [default: the built-in one]")
    ] = None,
    device: DeviceOption = "auto",
    engine: Annotated[
        Literal["local", "ray"], typer.Option(help="ray: a Ray cluster, or this machine as one.")
    ] = "local",
    ray_address: Annotated[
        str | None, typer.Option(metavar="HOST", help="Of a running cluster, such as auto.")
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace FILE; start again.")] = False,
    encoding: EncodingOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Measure many photos, compare many pairs or judge many claims: one row each, in order.

    A run that was stopped goes on where it was when the same command is given again. Exit 0 if every row is
    done, 1 if any was refused or failed: its row says why.
    """
    from skinscan.batch import EngineOptions, Job, plan, run_batch

    means = EngineOptions(
        engine=engine, workers=workers, batch_size=_batch_size(batch_size), ray_address=ray_address
    )
    job = Job(
        kind=kind or ("pairs" if source.lower().endswith(".csv") else "photos"),
        device=device,
        face=face_choice(face),
        policy=str(policy) if policy else None,
    )
    work = plan(source, job, limit, encoding)
    if not quiet:
        note_guess(source, work.guessed_encoding)
    with _progress(len(work.paths), quiet) as on_row:
        if str(out) == "-":
            tally = _print_rows(work, means, on_row)
        else:
            tally = run_batch(work, out, means, overwrite=overwrite, on_row=on_row)
    if as_json and str(out) != "-":
        print_json(_summary(tally, out))
    elif not quiet:
        note(_told(tally, out))
    if tally.done < tally.rows:
        raise typer.Exit(CHECK_NOT_MET)


def _batch_size(text: str) -> int | None:
    if text == "auto":
        return None
    if text.isascii() and text.isdigit() and int(text):
        return int(text)
    raise UsageError(f"--batch-size is auto or a number from 1, not {text}", "see `skinscan batch --help`")


def _print_rows(work: Plan, means: EngineOptions, on_row: Callable[[BatchSummary], None]) -> BatchSummary:
    """Rows on stdout as they come; there is nothing to take up afterwards."""
    from skinscan.batch import BatchSummary, make_rows

    tally = BatchSummary()
    for row in make_rows(work, means):
        print_json_text(row.line.decode().removesuffix("\n"))
        tally.add(row.status, row.code)
        on_row(tally)
    return tally


@contextlib.contextmanager
def _progress(total: int, quiet: bool) -> Iterator[Callable[[BatchSummary], None]]:
    """A bar with rate and time left on a terminal, nothing in a pipe."""
    if quiet or not sys.stderr.isatty():
        yield lambda _tally: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[rate]}"), TimeRemainingColumn(),
        TextColumn("{task.fields[bad]}"),
    )  # fmt: skip
    with Progress(*columns, console=Console(stderr=True)) as bar:
        tasks: list[TaskID] = []

        def show(tally: BatchSummary) -> None:
            bad = tally.refused.total() + tally.failed.total()
            fields: dict[str, Any] = {"rate": "", "bad": f"{bad:,} not done" if bad else ""}
            if not tasks:  # rows of an earlier run do not count towards the rate
                tasks.append(bar.add_task("", total=total, completed=tally.rows, **fields))
            elif speed := bar.tasks[0].speed:
                fields["rate"] = f"{speed:.1f}/s"
            bar.update(tasks[0], completed=tally.rows, **fields)

        yield show


def _summary(tally: BatchSummary, out: Path) -> dict[str, Any]:
    return {
        "schema": "skinscan.batch/1",
        "out": str(out),
        "rows": tally.rows,
        "done": tally.done,
        "refused": dict(sorted(tally.refused.items())),
        "failed": dict(sorted(tally.failed.items())),
    }


def _told(tally: BatchSummary, out: Path) -> str:
    parts = [f"{tally.rows:,} rows in {'stdout' if str(out) == '-' else out}: {tally.done:,} done"]
    for name, reasons in (("refused", tally.refused), ("failed", tally.failed)):
        if reasons:
            listed = ", ".join(f"{code} {count:,}" for code, count in reasons.most_common())
            parts.append(f"{reasons.total():,} {name} ({listed})")
    return ", ".join(parts)
