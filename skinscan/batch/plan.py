"""What is to be done: a folder, glob, list or CSV in, the numbered units of work out."""

from __future__ import annotations

import glob
import hashlib
import json
import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from skinscan._version import __version__
from skinscan.claims import load_policy
from skinscan.errors import DataError, PhotoMissing, UsageError
from skinscan.files import read_bounded
from skinscan.runtime.model_files import LANDMARKER, resolve
from skinscan.tables import SAY_ENCODING, Decoded, decode, fold_head, lines_of, read_table

if TYPE_CHECKING:  # they load numpy, which the process that only writes rows does not need
    from skinscan.measure.face import FaceChoice
    from skinscan.types import Device

__all__ = ["Job", "Kind", "Plan", "Unit", "plan"]

Kind = Literal["photos", "pairs", "claims"]
_PHOTOS = (
    ".jpg", ".jpeg", ".jpe", ".png", ".webp", ".tif", ".tiff", ".bmp", ".gif", ".heic", ".heif", ".avif",
)  # fmt: skip
_MOST_BYTES = 256 << 20  # of a list or CSV: a million paths are some 100 MB
_PAIR = ("before", "after")
_MODELS = (LANDMARKER, "skinmaps", "scores")


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What is done to every unit; small, since it is sent to each worker."""

    kind: Kind
    device: Device
    face: FaceChoice = "only"
    policy: str | None = None  # path of the claims policy; None is the one that skinscan brings


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """One row to be: its number, and the path of a photo or claim, or of the photos before and after."""

    index: int
    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A job and all its units, in order."""

    job: Job
    paths: tuple[tuple[str, ...], ...]  # of each unit
    sha256: str  # of everything that the rows depend on but the content of the photos
    guessed_encoding: str = ""  # of the list or CSV, where neither a mark nor its bytes settle it

    def units(self, start: int = 0) -> Iterator[Unit]:
        """The units from number `start` on."""
        return (Unit(index=k, paths=self.paths[k]) for k in range(start, len(self.paths)))


def plan(source: str, job: Job, limit: int | None = None, encoding: str | None = None) -> Plan:
    """List the work.

    Args:
        source: a folder, searched with its subfolders for files named as photos, or .json for claims (a
            subfolder that cannot be listed is a unit too, to be refused); a glob, where ** crosses folders;
            one file; a text file (.txt, .lst) of one path a line; a CSV of pairs with the columns before and
            after; "-" for lines or CSV on standard input. Paths in a file are relative to it.
        job: what to do with each.
        limit: the first so many units only.
        encoding: of a list or a CSV; by default found by its bytes.

    Raises:
        UsageError: a source that does not fit the kind.
        PhotoMissing: nothing there.
        DataError: a list or CSV in no clear encoding, a CSV without these columns, or a faulty policy.
        ModelError: a model file is missing or altered.
    """
    listing = _list(source, job.kind, encoding)
    paths = tuple(islice(listing.paths, limit))
    if not paths:
        what = "claim" if job.kind == "claims" else "photo"
        raise PhotoMissing(f"{source} names no {what}", f"give a folder, a glob, a list or a {what}")
    rules = load_policy(job.policy).sha256 if job.kind == "claims" else None
    names = _MODELS if job.kind == "photos" else (*_MODELS, "identity")
    models = [(name, resolve(name).sha256) for name in names]
    facts = [__version__, job.kind, job.device, job.face, rules, models, paths]
    digest = hashlib.sha256(json.dumps(facts).encode())  # ASCII, so that odd file names do no harm
    guessed = listing.text.encoding if listing.text and listing.text.guessed else ""
    return Plan(job=job, paths=paths, sha256=digest.hexdigest(), guessed_encoding=guessed)


@dataclass(frozen=True, slots=True)
class _Listing:
    """The paths of each unit, and the file that named them, if one did."""

    paths: Iterable[tuple[str, ...]]
    text: Decoded | None = None


def _list(source: str, kind: Kind, encoding: str | None) -> _Listing:
    path = Path(source)
    if kind == "pairs":
        return _pairs(source, encoding)
    if source == "-":
        return _listed(_read(source), source, encoding)
    if path.suffix.lower() in (".txt", ".lst") and path.is_file():
        return _listed(_read(source), source, encoding)
    return _Listing((found,) for found in _files(source, (".json",) if kind == "claims" else _PHOTOS))


def _files(source: str, suffixes: tuple[str, ...]) -> Iterator[str]:
    path = Path(source)
    if path.is_dir():
        return _below(path, suffixes)
    if path.suffix.lower() == ".csv":
        raise UsageError(f"{source} is a CSV, which lists pairs", "say kind='pairs'")
    if path.is_file():
        return iter([source])
    try:
        return iter(sorted(p for p in glob.glob(source, recursive=True) if Path(p).is_file()))  # noqa: PTH207
    except RecursionError:
        raise UsageError(f"{source} goes through too many nested folders", "give the folder itself") from None


def _below(folder: Path, suffixes: tuple[str, ...]) -> Iterator[str]:
    """Files so named, folder by folder in the order of names; hidden ones and links to folders not.

    A folder below that cannot be listed stands for itself, and becomes a refused row. Without recursion:
    strangers may have nested folders by the thousand.
    """
    try:
        open_folders = [_entries(folder)]
    except OSError as error:
        raise PhotoMissing(f"{folder} cannot be listed: {error.strerror}", "check its permissions") from error
    while open_folders:
        entry = next(open_folders[-1], None)
        if entry is None:
            open_folders.pop()
        elif entry.name.startswith("."):
            continue
        elif entry.is_dir(follow_symlinks=False):
            try:
                open_folders.append(_entries(entry.path))
            except OSError:  # no permission, or a path too long for the system
                yield entry.path
        elif Path(entry.name).suffix.lower() in suffixes:
            yield entry.path


def _entries(folder: str | Path) -> Iterator[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        return iter(sorted(entries, key=lambda entry: entry.name))


def _listed(data: bytes, source: str, encoding: str | None) -> _Listing:
    """One path a line. What is not text in a clear encoding is taken for the bytes of file names."""
    folder = _folder_of(source)
    try:
        text = decode(data, source, encoding, advice=SAY_ENCODING)
    except DataError:
        names = [os.fsdecode(line) for line in data.splitlines() if line.strip()]
        if encoding or not any(_exists(folder / name) for name in names):
            raise
        return _Listing((str(folder / name),) for name in names)
    return _Listing(((str(folder / line),) for line in lines_of(text.text)), text)


def _pairs(source: str, encoding: str | None) -> _Listing:
    data = _read(source)
    text = decode(data, source, encoding, advice=SAY_ENCODING)
    try:
        table = read_table(text.text)
        heads = {fold_head(head): head for head in table.heads}
        if not set(_PAIR) <= set(heads):
            raise DataError(f"{source} has no columns before and after", "write them in the first line")
        rows = [_photos_of(line, cells, heads) for line, cells in table.rows]
    except ValueError as error:
        raise DataError(f"{source} is no table of pairs: {error}", "mend that line") from error
    folder = _folder_of(source)
    return _Listing((tuple(str(folder / name) for name in row) for row in rows), text)


def _photos_of(line: int, cells: dict[str, str] | ValueError, heads: dict[str, str]) -> tuple[str, ...]:
    if isinstance(cells, ValueError):
        raise ValueError(f"line {line}: {cells}: quote cells that hold the separator")
    return tuple(cells[heads[name]] for name in _PAIR)


def _folder_of(source: str) -> Path:
    return Path() if source == "-" else Path(source).parent


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def _read(source: str) -> bytes:
    try:
        return read_bounded(sys.stdin.buffer if source == "-" else source, _MOST_BYTES)
    except OSError as error:
        raise PhotoMissing(f"{source} cannot be read: {error.strerror}", "check the path") from error
