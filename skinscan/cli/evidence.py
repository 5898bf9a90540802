"""`skinscan evidence`: keygen, show, verify, erase."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from skinscan.cli.console import complain, note, print_data, print_json, print_page
from skinscan.cli.options import JsonOption, LangOption, QuietOption, as_options
from skinscan.errors import SkinScanError, UsageError

if TYPE_CHECKING:
    from skinscan.casework import CaseFile
    from skinscan.claims import Policy
    from skinscan.evidence import Anchor, Keys

__all__ = [
    "KeysOption",
    "erase_evidence",
    "forget_case",
    "make_keys",
    "seal_case",
    "sealing_keys",
    "show_evidence",
    "verify_evidence",
]

KeysOption = Annotated[
    Path | None,
    typer.Option(metavar="DIR", help="Folder of keys.  [default: $SKINSCAN_EVIDENCE_KEYS]"),
]
_Place = Annotated[Path, typer.Argument(metavar="PATH", help="An evidence folder, or one .bundle in it.")]


def make_keys(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where the keys go.")],
    rotate: Annotated[
        bool, typer.Option("--rotate", help="Put new keys before those that are there.")
    ] = False,
    quiet: QuietOption = False,
) -> None:
    """Make the operator's keys: one to sign, one to wrap the keys of cases.

    Keep signing.key and wrapping.key secret and copied; hand out signing.pub. With --rotate new cases are
    sealed under new keys, and what the old ones sealed can still be opened.
    """
    from skinscan.evidence import keygen

    keys = keygen(folder, rotate=rotate)
    if not quiet:
        print_data(next(iter(keys.trusted)))


def show_evidence(
    path: _Place,
    keys: KeysOption = None,
    extract_to: Annotated[
        Path | None,
        typer.Option("--extract", metavar="DIR", help="Decrypt the files of one bundle into DIR."),
    ] = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
    quiet: QuietOption = False,
) -> None:
    """List what is kept, until when, and by whom it was signed.

    Without the wrapping key only what is not personal is shown.
    """
    from skinscan import evidence

    folder, only = _place(path)
    held = evidence.load_keys(keys)
    now = _wall_clock()
    if extract_to:
        if not only:
            raise UsageError("--extract takes one bundle", "give the path of a .bundle file")
        for file in evidence.extract(folder, only[0], held, extract_to):
            note(f"wrote {file}")
    found = evidence.take_inventory(folder, held, only)
    if as_json:
        from skinscan.output.records.evidence import inventory_to_dict

        print_json(inventory_to_dict(found))
    elif not quiet:
        from skinscan.output.terminal.evidence import summarise_inventory
        from skinscan.output.terminal.layout import locale_language, shape

        language = lang or locale_language()
        print_page(summarise_inventory(found, now, language, *shape(sys.stdout)))
    _fail(found.faults)


def verify_evidence(
    path: _Place,
    keys: KeysOption = None,
    anchor: Annotated[
        str | None, typer.Option(metavar="COUNT:HASH", help="A state of the log noted earlier elsewhere.")
    ] = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
    quiet: QuietOption = False,
) -> None:
    """Check log, signatures and digests, and judge each case again from its bundle.

    Exit 0 if all holds, 8 if anything was altered or is missing, 7 if another version sealed it. Without the
    wrapping key everything but the decryption and the replay is checked.
    """
    from skinscan import evidence

    folder, only = _place(path)
    found = evidence.verify_evidence(folder, evidence.load_keys(keys), only=only, anchor=_anchor(anchor))
    if as_json:
        from skinscan.output.records.evidence import verification_to_dict

        print_json(verification_to_dict(found))
    elif not quiet:
        from skinscan.output.terminal.evidence import summarise_verification
        from skinscan.output.terminal.layout import locale_language, shape

        language = lang or locale_language()
        print_page(summarise_verification(found, language, *shape(sys.stdout)))
    _fail(found.faults)


def erase_evidence(
    path: _Place,
    due: Annotated[
        bool, typer.Option("--due", help="Erase the pictures that the policy wants erased by now.")
    ] = False,
    images: Annotated[
        bool, typer.Option("--images", help="Erase the pictures only; findings and verdict stay.")
    ] = False,
    keys: KeysOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Destroy the keys of one bundle, so that no copy of it can be read, and log that.

    Cannot be undone. Needs the signing key, not the wrapping key.
    """
    from skinscan import evidence

    folder, only = _place(path)
    held, now = evidence.load_keys(keys), _wall_clock()
    if due == bool(only):
        raise UsageError("erase takes one bundle, or a folder with --due", "give the path of a .bundle file")
    bundles, faults = evidence.due_images(folder, held, now) if due else (only, ())
    erased = evidence.erase(folder, bundles, held, now, ("images",) if due or images else evidence.PARTS)
    if as_json:
        parts = ["images"] if due or images else list(evidence.PARTS)
        print_json({"schema": "skinscan.evidence_erased/1", "bundles": list(erased), "parts": parts})
    elif not quiet and erased:
        print_data("\n".join(erased))
    _fail(faults)


def forget_case(
    index: Annotated[Path, typer.Argument(metavar="INDEX", help="The file of `claim --index`.")],
    case_id: Annotated[str, typer.Argument(metavar="CASE", help="The case_id of the claim.")],
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Remove what an index of photos keeps of a case: hashes of its photos, which are personal data.

    Cannot be undone. A case that the index does not know is no error: it is gone.
    """
    from skinscan.casework import DuplicateIndex

    if not index.is_file():
        raise UsageError(f"there is no index {index}", "give the path of a file made by --index")
    photos = DuplicateIndex(index).forget(case_id)
    if as_json:
        print_json({"schema": "skinscan.index_forgotten/1", "case_id": case_id, "photos": photos})
    elif not quiet:
        note(f"{index} has forgotten {photos} photo{'s' * (photos != 1)} of {case_id}")


def sealing_keys(folder: Path | None) -> Keys:
    """The keys to seal with, complete or refused before any work is done."""
    from skinscan.evidence import load_keys

    keys = load_keys(folder)
    keys.signer()
    keys.newest_wrapping()
    return keys


def seal_case(
    folder: Path,
    keys: Keys,
    case: CaseFile,
    policy: Policy,
    photos_from: Path | None,
    reports: Mapping[str, bytes] | None = None,
    *,
    quiet: bool,
) -> dict[str, str | int]:
    """Seal a worked case; what `claim --json` tells of it. Options as those of `collect`."""
    from skinscan.evidence import seal
    from skinscan.evidence.collect import collect

    sealed = seal(
        folder, collect(case, policy, reports=reports, photos_from=photos_from), keys, _wall_clock()
    )
    if not quiet:
        note(f"evidence sealed in {sealed.path}")
    return {"bundle": sealed.bundle, "path": str(sealed.path), "seq": sealed.seq}


def _wall_clock() -> datetime:
    """The time, read here and nowhere below; to the second, which is all that a log needs."""
    return datetime.now(UTC).replace(microsecond=0)


def _fail(faults: Sequence[SkinScanError]) -> None:
    """Name the worst fault on stderr, in one line, after everything else was told."""
    if faults:
        worst = max(faults, key=lambda fault: fault.exit_code)
        complain(worst.message, as_options(worst.advice))
        raise typer.Exit(worst.exit_code)


def _place(path: Path) -> tuple[Path, tuple[str, ...]]:
    """The evidence folder, and the one bundle of it that is meant, if any. The file may be gone."""
    return (path.parent, (path.stem,)) if path.suffix == ".bundle" else (path, ())


def _anchor(text: str | None) -> Anchor | None:
    from skinscan.evidence import Anchor

    if text is None:
        return None
    match = re.fullmatch(r"(\d{1,9}):([0-9a-f]{64})", text)
    if match is None:
        raise UsageError(f"--anchor is COUNT:HASH, not {text}", "as `skinscan evidence verify` prints it")
    return Anchor(int(match[1]), match[2])
