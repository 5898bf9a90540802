"""`skinscan batch`."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from skinscan.cli.claim import read_products
from skinscan.cli.console import note, note_guess, print_data, print_json, print_json_text
from skinscan.cli.evidence import KeysOption, sealing_keys
from skinscan.cli.options import (
    CHECK_NOT_MET,
    DeviceOption,
    EncodingOption,
    FaceOption,
    JsonOption,
    QuietOption,
    ReportOption,
    check_folder,
    face_choice,
)
from skinscan.errors import UsageError

if TYPE_CHECKING:
    from rich.progress import TaskID

    from skinscan.batch import BatchSummary, EngineOptions, Kind, Plan
    from skinscan.batch.columns import Choice
    from skinscan.texts.bilingual import Language

__all__ = ["batch"]


def batch(
    source: Annotated[
        str | None,
        typer.Argument(
            metavar="SOURCE",
            help="A folder, glob, list of paths (.txt), CSV of pairs; - reads standard input.",
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", "-o", metavar="FILE", help="Rows as .jsonl, .csv, .xlsx or .parquet; - is stdout."
        ),
    ] = None,
    kind: Annotated[
        Literal["photos", "pairs", "claims"] | None,
        typer.Option(
            help="pairs: a CSV with the columns before, after and, if wanted, area; claims: files named"
            " claim.json.  [default: by the source]"
        ),
    ] = None,
    columns: Annotated[
        Literal["all", "summary"] | None,
        typer.Option(help="Columns of a table: summary has some forty.  [default: all]"),
    ] = None,
    describe: Annotated[
        bool, typer.Option("--describe", help="Print what each column is, and do nothing else.")
    ] = False,
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
    catalog: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Shades on sale: matched to photos, asked by claims.")
    ] = None,
    products: Annotated[
        Path | None, typer.Option(metavar="FILE", help="For claims: products on sale, to propose others.")
    ] = None,
    index: Annotated[
        Path | None, typer.Option(metavar="FILE", help="For claims: look for the photos in other cases.")
    ] = None,
    report: ReportOption = None,
    evidence: Annotated[
        Path | None, typer.Option(metavar="DIR", help="For claims: seal each case into this evidence folder.")
    ] = None,
    keys: KeysOption = None,
    keep_photos: Annotated[
        bool, typer.Option("--keep-photos", help="Seal the photos too; without, only skin without eyes.")
    ] = False,
    lang: Annotated[
        Literal["zh", "en"] | None,
        typer.Option(help="Language of reports, and of what is said of a bad claim.  [default: zh, en]"),
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
    if describe:
        _describe(kind or _kind_of(source or ""), columns or "all", as_json=as_json)
        return
    if source is None or out is None:
        raise UsageError("batch needs a source and a file for its rows", "see `skinscan batch --help`")
    check_folder(report, pdf=False)
    to_stdout = str(out) == "-"
    if to_stdout and (report or evidence or columns):
        raise UsageError("reports, evidence and columns need a file of rows", "give -o FILE, not -o -")
    sealing = sealing_keys(keys) if evidence else None
    from skinscan.batch import EngineOptions, Job, plan, run_batch

    means = EngineOptions(
        engine=engine, workers=workers, batch_size=_batch_size(batch_size), ray_address=ray_address
    )
    job = Job(
        kind=kind or _kind_of(source), device=device, face=face_choice(face), policy=_path(policy),
        catalog=_path(catalog), products=_path(products), encoding=encoding if catalog or products else None,
        index=_path(index), report=_path(report), evidence=_path(evidence), keep_photos=keep_photos,
        lang=lang,
    )  # fmt: skip
    work = plan(source, job, limit, encoding)
    if not quiet:
        note_guess(source, work.guessed_encoding)
        _tell_tables(catalog, products, encoding, lang)
    with _progress(len(work.paths), quiet) as on_row:
        if to_stdout:
            tally = _print_rows(work, means, on_row)
        else:
            tally = run_batch(
                work, out, means, keys=sealing, columns=columns or "all", overwrite=overwrite, on_row=on_row
            )
    if as_json and not to_stdout:
        print_json(_summary(tally, out))
    elif not quiet:
        note(_told(tally, out))
    if tally.done < tally.rows:
        raise typer.Exit(CHECK_NOT_MET)


def _kind_of(source: str) -> Kind:
    """What a source names, by its own name."""
    name = source.lower()
    return "pairs" if name.endswith(".csv") else "claims" if name.endswith(".json") else "photos"


def _tell_tables(
    catalog: Path | None, products: Path | None, encoding: str | None, lang: Language | None
) -> None:
    """What was guessed of the tables, and which of their rows cannot be used."""
    if catalog:
        from skinscan.shades import load_catalog

        shades = load_catalog(catalog, encoding=encoding)
        note_guess(shades.name, shades.guessed_encoding)
    if products:
        read_products(products, encoding, lang or "en", quiet=False)


def _path(path: Path | None) -> str | None:
    return None if path is None else str(path)


def _describe(kind: Kind, choice: Choice, *, as_json: bool) -> None:
    """What each column is, one a line: name, type, unit, meaning."""
    from skinscan.batch.columns import columns

    found = columns(kind, choice)
    if as_json:
        facts = ("name", "type", "unit", "meaning", "summary")
        listed = [{fact: getattr(column, fact) for fact in facts} for column in found]
        print_json({"schema": "skinscan.columns/1", "kind": kind, "columns": listed})
        return
    print_data("\n".join(f"{c.name}: {c.type}{f', {c.unit}' * bool(c.unit)}. {c.meaning}" for c in found))


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
