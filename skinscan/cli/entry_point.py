"""The command line: data on stdout, messages on stderr, one line and an exit code for every failure.

Each command is a file of its own. Everything heavy is imported inside the command that needs it, so that
`skinscan --help` stays quick.
"""

from __future__ import annotations

import contextlib
import errno
import io
import os
import sys
import traceback
from collections.abc import Sequence
from typing import Annotated, Any, NoReturn

import typer

from skinscan._version import __version__
from skinscan.cli.batch import batch
from skinscan.cli.bench import bench
from skinscan.cli.card import guide, make_card, propose_patches, register_card
from skinscan.cli.catalog import check_catalog
from skinscan.cli.claim import claim
from skinscan.cli.compare import compare
from skinscan.cli.console import complain, note, print_data, print_json, stdout_lost
from skinscan.cli.doctor import doctor
from skinscan.cli.evidence import erase_evidence, forget_case, make_keys, show_evidence, verify_evidence
from skinscan.cli.models import fetch_models, list_models, verify_models
from skinscan.cli.options import as_options
from skinscan.cli.policy import check_policy_file
from skinscan.cli.scan import scan
from skinscan.cli.shade import shade
from skinscan.cli.signals import signals
from skinscan.cli.trend import trend
from skinscan.cli.tryon import tryon
from skinscan.errors import DeviceError, InternalError, SkinScanError, UsageError
from skinscan.output.records.common import error_to_dict

__all__ = ["app", "main", "run"]

_INTERRUPTED = 130

_plain: dict[str, Any] = {
    "rich_markup_mode": None,
    "add_completion": False,
    "pretty_exceptions_enable": False,
    "context_settings": {"help_option_names": ["-h", "--help"]},
}
_EXIT_CODES = (
    "Exit codes: 0 done; 1 --check not met, or a row of a batch not done; 2 usage; 3 unreadable photo; 4 no"
    " usable face or quality, or photos that must not be compared; 5 model missing or altered; 6 device or"
    " runtime not available; 7 malformed data; 8 evidence altered; 70 a fault of skinscan itself; 130"
    " interrupted; 141 the reader of stdout has gone."
)
app = typer.Typer(name="skinscan", epilog=_EXIT_CODES, **{**_plain, "add_completion": True})
models = typer.Typer(help="List, verify or fetch the model files.", **_plain)
app.add_typer(models, name="models")
policy = typer.Typer(help="Check a claims policy.", **_plain)
app.add_typer(policy, name="policy")
evidence = typer.Typer(help="Make keys for sealed evidence; show, verify or erase it.", **_plain)
app.add_typer(evidence, name="evidence")
catalogs = typer.Typer(help="Check a shade catalogue.", **_plain)
app.add_typer(catalogs, name="catalog")
cards = typer.Typer(help="Make the white reference to print, or a card for the parcel.", **_plain)
app.add_typer(cards, name="card")
app.command()(scan)
app.command()(compare)
app.command()(shade)
app.command()(tryon)
app.command()(claim)
policy.command("check")(check_policy_file)
evidence.command("keygen")(make_keys)
evidence.command("show")(show_evidence)
evidence.command("verify")(verify_evidence)
evidence.command("erase")(erase_evidence)
evidence.command("forget")(forget_case)
app.command()(trend)
app.command()(batch)
app.command()(signals)
app.command()(doctor)
app.command()(bench)
cards.command("make")(make_card)
cards.command("patches")(propose_patches)
cards.command("register")(register_card)
app.command()(guide)
catalogs.command("check")(check_catalog)
models.command("list")(list_models)
models.command("verify")(verify_models)
models.command("fetch")(fetch_models)


@app.callback(invoke_without_command=True)
def _root(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    """Face photos in; measured skin and shade facts with honest error bars out."""
    if version:
        print_data(f"skinscan {__version__}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        note(context.get_help())
        raise typer.Exit(UsageError.exit_code)


def main() -> NoReturn:
    """Entry point of the `skinscan` command."""
    _open_missing_streams()
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        # Read as NumPy loads, which no command has done yet. The matrices of a comparison are small: a second
        # thread takes as much CPU time again, and saves none by the clock.
        os.environ.setdefault(name, "1")
    sys.exit(run(sys.argv[1:]))


def _open_missing_streams() -> None:
    """Put something in the place of standard streams that the caller has closed, as cron and services may.

    Else the next file opened would become one of them, and errors would be written into it. Reading stdin and
    writing stdout fail as on the closed stream; what is said on stderr is lost.
    """
    for descriptor, name, flags in (
        (0, "stdin", os.O_WRONLY),
        (1, "stdout", os.O_RDONLY),
        (2, "stderr", os.O_WRONLY),
    ):
        try:
            os.fstat(descriptor)
        except OSError:
            opened = os.open(os.devnull, flags)  # the lowest that is free, which is this one
            os.set_inheritable(opened, True)
            raw = io.FileIO(descriptor, "r" if descriptor == 0 else "w", closefd=False)
            raw.name = f"<{name}>"  # as Python has it
            buffer = io.BufferedReader(raw) if descriptor == 0 else io.BufferedWriter(raw)
            setattr(sys, name, io.TextIOWrapper(buffer, encoding="utf-8"))


def run(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code; every failure is reported here."""
    as_json = "--json" in arguments
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a terminal that lacks a letter shows "?" instead of failing
            stream.reconfigure(errors="replace")
    try:
        command = typer.main.get_command(app)
        code = command.main(list(arguments), prog_name="skinscan", standalone_mode=False)
        return code if isinstance(code, int) else 0
    except SkinScanError as error:
        return _refuse(error, as_json)
    except typer.TyperException as error:
        return _refuse(UsageError(error.format_message().rstrip("."), "see `skinscan --help`"), as_json)
    except (KeyboardInterrupt, typer.Abort):
        return _INTERRUPTED
    except Exception as error:  # noqa: BLE001  (the last line of defence: no traceback reaches the user)
        return _refuse(_explained(error), as_json)


def _explained(error: Exception) -> SkinScanError:
    """A library that does not load is for the doctor, anything else is our fault."""
    if isinstance(error, ImportError) and not str(error.name).startswith("skinscan"):
        return DeviceError(f"a library does not load: {error}", "run `skinscan doctor`")
    if isinstance(error, OSError) and error.filename is None and error.errno in (errno.EBADF, errno.ENOSPC):
        return stdout_lost(error)  # typer has printed a help text
    return InternalError(f"{type(error).__name__}: {error}")


def _refuse(error: SkinScanError, as_json: bool) -> int:
    """Say what went wrong in one line, and as an object for programs."""
    if os.environ.get("SKINSCAN_DEBUG"):
        traceback.print_exc()
    advice = as_options(error.advice)
    complain(error.message, advice)
    if as_json:
        with contextlib.suppress(typer.Exit, SkinScanError):  # the first failure is the one that counts
            print_json({**error_to_dict(error), "advice": advice})
    return error.exit_code
