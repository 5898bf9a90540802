"""The command line: data on stdout, talk on stderr, one line and an exit code for every failure.

Exit codes: 0 done; 1 `--check` not met; 2 usage; 3 unreadable photo; 4 no usable face or quality, or
photos that must not be compared; 5 model missing or altered; 6 device or runtime not available; 7 malformed
data; 70 a fault of skinscan itself; 130 interrupted; 141 the reader of stdout has gone.

Everything heavy is imported inside the command that needs it, so that `skinscan --help` stays quick.
"""

from __future__ import annotations

import contextlib
import os
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, NoReturn, cast

import typer

from skinscan import __version__
from skinscan.contract import error_to_dict, given, scan_to_dict, to_json
from skinscan.errors import DeviceError, ModelError, SkinScanError, UsageError

__all__ = ["app", "main", "run"]

CHECK_NOT_MET, NOT_COMPARABLE, INTERNAL_FAULT, INTERRUPTED, READER_GONE = 1, 4, 70, 130, 141

_plain: dict[str, Any] = {
    "rich_markup_mode": None,
    "add_completion": False,
    "pretty_exceptions_enable": False,
    "context_settings": {"help_option_names": ["-h", "--help"]},
}
app = typer.Typer(name="skinscan", **_plain)
models = typer.Typer(help="List, verify or fetch the model files.", **_plain)
app.add_typer(models, name="models")

Device = Literal["auto", "cpu", "cuda"]
DeviceOption = Annotated[Device, typer.Option(help="cuda is a promise: it runs there or the command fails.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object, errors included.")]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but JSON and errors.")]
LangOption = Annotated[
    Literal["zh", "en"] | None, typer.Option(help="Language of the summary.  [default: that of the locale]")
]


@app.callback(invoke_without_command=True)
def _root(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    """Face photos in; measured skin and shade facts with honest error bars out."""
    if version:
        _print(f"skinscan {__version__}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        _note(context.get_help())
        raise typer.Exit(UsageError.exit_code)


@app.command()
def scan(
    photo: Annotated[str, typer.Argument(metavar="PHOTO", help="A face photo; - reads standard input.")],
    as_json: JsonOption = False,
    face: Annotated[
        str, typer.Option(metavar="only|largest|N", help="Which face, if several; N counts from 0 by size.")
    ] = "only",
    device: DeviceOption = "auto",
    overlay: Annotated[
        Path | None, typer.Option(metavar="PNG", help="Draw zones, erythema and shine on the face.")
    ] = None,
    lang: LangOption = None,
    quiet: QuietOption = False,
    check: Annotated[
        bool, typer.Option("--check", help="Exit 1 unless every metric could be given.")
    ] = False,
) -> None:
    """Measure the skin in one photo."""
    choice = _face_choice(face)
    if overlay:
        _check_target(overlay, photo)
    from skinscan.pipeline import Scanner

    result = Scanner(device).scan(sys.stdin.buffer if photo == "-" else photo, face=choice)
    if overlay:
        from skinscan.overlay import save_overlay

        save_overlay(result, overlay)
        if not quiet:
            _note(f"overlay written to {overlay}")
    if as_json:
        _print_json(scan_to_dict(result))
    elif not quiet:
        from skinscan import terminal

        _print(terminal.summarise(result, lang or terminal.locale_language(), *terminal.shape(sys.stdout)))
    if check and not all(given(result).values()):
        raise typer.Exit(CHECK_NOT_MET)


@app.command()
def compare(
    before: Annotated[list[str], typer.Argument(metavar="BEFORE AFTER", help="Two photos of one face.")],
    more_before: Annotated[
        list[str] | None, typer.Option("--before", metavar="PHOTO", help="One more photo before; may repeat.")
    ] = None,
    more_after: Annotated[
        list[str] | None, typer.Option("--after", metavar="PHOTO", help="One more photo after; may repeat.")
    ] = None,
    area: Annotated[
        str | None, typer.Option(metavar="ZONES", help="Where a change is claimed, such as left_cheek,chin.")
    ] = None,
    as_json: JsonOption = False,
    device: DeviceOption = "auto",
    overlay: Annotated[
        Path | None, typer.Option(metavar="PNG", help="Draw both photos aligned and the change between them.")
    ] = None,
    lang: LangOption = None,
    quiet: QuietOption = False,
    check: Annotated[bool, typer.Option("--check", help="Exit 1 unless the verdict is no_change.")] = False,
) -> None:
    """Judge whether skin changed between two photos, and whether these photos could have shown it."""
    if len(before) != 2:
        raise UsageError("compare takes two photos, BEFORE and AFTER", "add more with --before and --after")
    sides = [before[0], *(more_before or [])], [before[1], *(more_after or [])]
    _check_photos([*sides[0], *sides[1]], overlay)
    from skinscan.change_contract import compare_to_dict
    from skinscan.pipeline import Scanner

    result = Scanner(device).compare(*sides, area=area)
    if overlay and result.status == "ok":
        from skinscan.change_overlay import save_change_overlay

        save_change_overlay(result, overlay)
        if not quiet:
            _note(f"overlay written to {overlay}")
    if as_json:
        _print_json(compare_to_dict(result))
    elif not quiet:
        from skinscan import change_terminal, terminal

        language = lang or terminal.locale_language()
        _print(change_terminal.summarise_change(result, language, *terminal.shape(sys.stdout)))
    if result.status == "refused":
        worst = result.findings[0]
        _note(f"skinscan: {_sentences(f'{worst.code}: {worst.reason.en}', worst.advice.en)}")
        raise typer.Exit(NOT_COMPARABLE)
    if check and result.verdict != "no_change":
        raise typer.Exit(CHECK_NOT_MET)


@models.command("list")
def list_models() -> None:
    """Show each model file, whether it is intact and where it was found."""
    _print_models()


@models.command("verify")
def verify_models() -> None:
    """Check every model file against its SHA-256; exit 5 if one is missing or altered."""
    wrong = _print_models()
    if wrong:
        advice = "reinstall skinscan, or `skinscan models fetch` for the face landmarker"
        raise ModelError(f"missing or altered: {', '.join(wrong)}", advice)


@models.command("fetch")
def fetch_models(
    name: Annotated[str, typer.Argument(help="The face landmarker is the only file not shipped.")] = (
        "face_landmarker"
    ),
    quiet: QuietOption = False,
) -> None:
    """Download a model file into the user's cache."""
    from skinscan import weights

    model = weights.fetch(name)
    if not quiet:
        _print(str(model.path))


@app.command()
def doctor(as_json: JsonOption = False) -> None:
    """Say what is installed, what runs, and how to mend the rest.

    Exit 0 if all is well; otherwise the first fault decides: 5 a model, 6 a device, runtime or system
    library, 1 anything else.
    """
    from skinscan import doctor as physician

    checks = physician.examine()
    faults = [check for check in checks if not check.ok]
    if as_json:
        keys = ("name", "ok", "found", "mend")
        rows = [{key: getattr(check, key) for key in keys} for check in checks]
        _print_json({"schema": "skinscan.doctor/1", "ok": not faults, "checks": rows})
    else:
        from skinscan import terminal

        _print(terminal.tabulate_checks(checks, *terminal.shape(sys.stdout)))
    if faults:
        raise typer.Exit(_fault_code(faults[0].name))


@app.command()
def bench(
    name: Annotated[str, typer.Argument(metavar="NAME", help="One of physics, repeat, speed.")],
    photos: Annotated[Path | None, typer.Option(metavar="DIR", help="Photos that `repeat` reads.")] = None,
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="Save NAME.json there.")] = None,
    device: DeviceOption = "auto",
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Run a benchmark and print its table."""
    from skinscan import bench as benchmarks

    result = benchmarks.run(name, photos, out, device)
    if as_json:
        _print_json(result)
    elif not quiet:
        from skinscan import terminal

        _print(terminal.tabulate_bench(result, *terminal.shape(sys.stdout)))


def main() -> NoReturn:
    """Entry point of the `skinscan` command."""
    sys.exit(run(sys.argv[1:]))


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
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001  (the last line of defence: no traceback reaches the user)
        return _refuse(_explained(error), as_json)


_REPORT = "this is a fault of skinscan: please report it with the output under SKINSCAN_DEBUG=1"


class _InternalError(SkinScanError):
    """Something nobody thought of."""

    code = "INTERNAL"
    exit_code = INTERNAL_FAULT


def _explained(error: Exception) -> SkinScanError:
    """A library that does not load is for the doctor, anything else is our fault."""
    if isinstance(error, ImportError) and not str(error.name).startswith("skinscan"):
        return DeviceError(f"a library does not load: {error}", "run `skinscan doctor`")
    return _InternalError(f"{type(error).__name__}: {error}", _REPORT)


def _refuse(error: SkinScanError, as_json: bool) -> int:
    """Say what went wrong in one line, and as an object for programs."""
    if os.environ.get("SKINSCAN_DEBUG"):
        traceback.print_exc()
    _note(f"skinscan: {_sentences(error.message, error.advice)}")
    if as_json:
        with contextlib.suppress(typer.Exit, SkinScanError):  # the first failure is the one that counts
            _print_json(error_to_dict(error))
    return error.exit_code


def _sentences(*texts: str) -> str:
    """Texts as sentences on one line."""
    whole = (text + "." * (text[-1] not in ".?!") for text in texts if text)
    return " ".join(text[:1].upper() + text[1:] if text.split()[0].isalpha() else text for text in whole)


def _note(text: str) -> None:
    """Talk on stderr."""
    print(text, file=sys.stderr, flush=True)  # noqa: T201


def _print(text: str) -> None:
    """Data on stdout. A reader that has gone, such as `head`, ends the command without a word."""
    try:
        print(text, flush=True)  # noqa: T201
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # for the flush at exit
        if isinstance(error, BrokenPipeError):
            raise typer.Exit(READER_GONE) from None
        raise UsageError(f"stdout cannot be written: {error.strerror}", "write elsewhere") from error


def _print_json(result: dict[str, Any]) -> None:
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(encoding="utf-8")  # JSON is UTF-8 whatever the locale
    _print(to_json(result))


def _face_choice(text: str) -> Literal["only", "largest"] | int:
    if text == "only" or text == "largest":
        return cast(Literal["only", "largest"], text)
    if text.isascii() and text.isdigit():
        return int(text)
    raise UsageError(f"--face is only, largest or a number from 0, not {text}", "see `skinscan scan --help`")


def _check_photos(photos: Sequence[str], overlay: Path | None) -> None:
    """Refuse, before any work is done, photos that cannot be read twice and a target that is one of them."""
    for photo in photos:
        if photo == "-":
            raise UsageError("compare does not read standard input", "give paths of photos")
        if overlay:
            _check_target(overlay, photo)


def _check_target(path: Path, photo: str) -> None:
    """Refuse, before any work is done, a file that could not or should not be written."""
    problem = None
    if path.suffix.lower() != ".png":
        problem = "is not named .png"
    elif not path.parent.is_dir():
        problem = "lies in no existing folder"
    elif path.exists() and not path.is_file():
        problem = "is not an ordinary file"
    elif path.exists() and Path(photo).exists() and path.samefile(photo):
        problem = "is the photo itself"
    elif not os.access(path.parent, os.W_OK):
        problem = "lies in a folder that cannot be written"
    if problem:
        raise UsageError(f"--overlay {path} {problem}", "give the path of a new .png file")


def _print_models() -> list[str]:
    """Print the table of models; return the names of those that are not intact."""
    from skinscan import terminal, weights

    rows = weights.list_models()
    _print(terminal.tabulate_models(rows, *terminal.shape(sys.stdout)))
    return [row.entry.name for row in rows if row.status != "ok"]


def _fault_code(name: str) -> int:
    """Exit code of a fault that the doctor found."""
    if name.startswith("model"):
        return ModelError.exit_code
    ours = ("python", "skinscan", "numpy", "opencv")
    return SkinScanError.exit_code if name in ours else DeviceError.exit_code
