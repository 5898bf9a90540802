"""What is to be done: a folder, glob, list or CSV in, the numbered units of work out."""

from __future__ import annotations

import glob
import hashlib
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from skinscan._version import __version__
from skinscan.claims import load_policy
from skinscan.claims.help.products import load_products
from skinscan.errors import DataError, PhotoMissing, UsageError
from skinscan.files import read_bounded
from skinscan.runtime.model_files import LANDMARKER, resolve
from skinscan.tables import SAY_ENCODING, Decoded, decode, fold_head, lines_of, read_table

if TYPE_CHECKING:  # they load numpy, which the process that only writes rows does not need
    from skinscan.measure.face import FaceChoice
    from skinscan.texts.bilingual import Language
    from skinscan.types import Device

__all__ = ["Job", "Kind", "Plan", "Unit", "plan"]

Kind = Literal["photos", "pairs", "claims"]
_PHOTOS = (
    ".jpg", ".jpeg", ".jpe", ".png", ".webp", ".tif", ".tiff", ".bmp", ".gif", ".heic", ".heif", ".avif",
)  # fmt: skip
_MOST_BYTES = 256 << 20  # of a list or CSV: a million paths are some 100 MB
_PAIR, _AREA = ("before", "after"), "area"
_CLAIM = "claim.json"
_KINDS_OF: dict[str, tuple[Kind, ...]] = {
    "catalog": ("photos", "claims"),
    **dict.fromkeys(("policy", "products", "index", "evidence"), ("claims",)),
}
_MODELS = (LANDMARKER, "skinmaps", "scores")


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What is done to every unit; small, since it is sent to each worker. Paths are those of files."""

    kind: Kind
    device: Device
    face: FaceChoice = "only"
    policy: str | None = None  # of claims; None is the one that skinscan brings
    catalog: str | None = None  # shades on sale: matched to each photo, or looked up by claims about a shade
    products: str | None = None  # products on sale, which claims propose instead
    encoding: str | None = None  # of `catalog` and `products`; None: found by their bytes
    index: str | None = None  # photos of other cases, for claims
    report: str | None = None  # folder of the reports; None: none are made
    evidence: str | None = None  # folder of sealed cases, for claims; None: none are sealed
    keep_photos: bool = False  # seal the photos too
    look: bool = False  # only take the fingerprints of the photos of claims, for the index
    lang: Language | None = None  # of reports (None: zh) and of what is said about a faulty claim (None: en)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """One row to be: its number, and the path of a photo or claim, or of the photos before and after."""

    index: int
    paths: tuple[str, ...]
    area: str = ""  # of a pair: where a change is claimed, such as "left_cheek,chin"; empty: nowhere


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A job and all its units, in order."""

    job: Job
    paths: tuple[tuple[str, ...], ...]  # of each unit
    sha256: str  # of everything that the rows depend on but the content of the photos
    guessed_encoding: str = ""  # of the list or CSV, where neither a mark nor its bytes settle it
    areas: tuple[str, ...] = ()  # of each unit, if any has one

    def units(self, start: int = 0) -> Iterator[Unit]:
        """The units from number `start` on."""
        areas = self.areas or ("",) * len(self.paths)
        return (Unit(index=k, paths=self.paths[k], area=areas[k]) for k in range(start, len(self.paths)))


def plan(source: str, job: Job, limit: int | None = None, encoding: str | None = None) -> Plan:
    """List the work.

    Args:
        source: a folder, searched with its subfolders for files named as photos, or for claims for files
            named claim.json (a subfolder that cannot be listed is a unit too, to be refused); a glob, where
            ** crosses folders; one file; a text file (.txt, .lst) of one path a line; a CSV of pairs with the
            columns before and after and, if wanted, area; "-" for lines or CSV on standard input. Paths in a
            file are relative to it.
        job: what to do with each.
        limit: the first so many units only.
        encoding: of a list or a CSV; by default found by its bytes.

    Raises:
        UsageError: a source that does not fit the kind, or an option that the kind does not have.
        PhotoMissing: nothing there.
        DataError: a list or CSV in no clear encoding, a CSV without these columns, or a faulty policy,
            catalogue or list of products.
        ModelError: a model file is missing or altered.
    """
    _insist_on_kind(job)
    listing = _list(source, job.kind, encoding)
    found = tuple(islice(listing.units, limit))
    if not found:
        what = "claim" if job.kind == "claims" else "photo"
        raise PhotoMissing(f"{source} names no {what}", f"give a folder, a glob, a list or a {what}")
    paths, areas = tuple(paths for paths, _ in found), tuple(area for _, area in found)
    facts = [__version__, asdict(job), _digests(job), paths, areas]
    digest = hashlib.sha256(json.dumps(facts).encode())  # ASCII, so that odd file names do no harm
    guessed = listing.text.encoding if listing.text and listing.text.guessed else ""
    return Plan(
        job=job, paths=paths, sha256=digest.hexdigest(), guessed_encoding=guessed,
        areas=areas if any(areas) else (),
    )  # fmt: skip


def _insist_on_kind(job: Job) -> None:
    """Refuse an option that would change nothing: whoever gives it expects something of it."""
    for option, kinds in _KINDS_OF.items():
        if getattr(job, option) and job.kind not in kinds:
            raise UsageError(f"{option} is for {' and '.join(kinds)}", "leave it out, or say kind='claims'")
    if job.keep_photos and not job.evidence:
        raise UsageError("keep_photos is for sealed cases", "say evidence=FOLDER")


def _digests(job: Job) -> dict[str, str]:
    """SHA-256 of the models, and of the rules and tables that the options name; all of them can be read."""
    names = _MODELS if job.kind == "photos" else (*_MODELS, "identity")
    digests = {name: resolve(name).sha256 for name in names}
    if job.kind == "claims":
        digests["policy"] = load_policy(job.policy).sha256
    if job.catalog:
        from skinscan.shades import load_catalog  # numpy, which a batch without shades does without

        digests["catalog"] = load_catalog(job.catalog, encoding=job.encoding).sha256
    if job.products:
        digests["products"] = load_products(job.products, encoding=job.encoding).sha256
    return digests


@dataclass(frozen=True, slots=True)
class _Listing:
    """Paths and area of each unit, and the file that named them, if one did."""

    units: Iterable[tuple[tuple[str, ...], str]]
    text: Decoded | None = None


def _list(source: str, kind: Kind, encoding: str | None) -> _Listing:
    path = Path(source)
    if kind == "pairs":
        return _pairs(source, encoding)
    if source == "-":
        return _listed(_read(source), source, encoding)
    if path.suffix.lower() in (".txt", ".lst") and path.is_file():
        return _listed(_read(source), source, encoding)
    return _Listing(((found,), "") for found in _files(source, kind))


def _files(source: str, kind: Kind) -> Iterator[str]:
    path = Path(source)
    if path.is_dir():
        return _below(path, _is_claim if kind == "claims" else _is_photo)
    if path.suffix.lower() == ".csv":
        raise UsageError(f"{source} is a CSV, which lists pairs", "say kind='pairs'")
    if path.is_file():
        return iter([source])
    try:
        return iter(sorted(p for p in glob.glob(source, recursive=True) if Path(p).is_file()))  # noqa: PTH207
    except RecursionError:
        raise UsageError(f"{source} goes through too many nested folders", "give the folder itself") from None


def _is_claim(name: str) -> bool:
    return name == _CLAIM


def _is_photo(name: str) -> bool:
    return Path(name).suffix.lower() in _PHOTOS


def _below(folder: Path, wanted: Callable[[str], bool]) -> Iterator[str]:
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
        elif wanted(entry.name):
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
        return _Listing(((str(folder / name),), "") for name in names)
    return _Listing((((str(folder / line),), "") for line in lines_of(text.text)), text)


def _pairs(source: str, encoding: str | None) -> _Listing:
    data = _read(source)
    text = decode(data, source, encoding, advice=SAY_ENCODING)
    try:
        table = read_table(text.text)
        heads = {fold_head(head): head for head in table.heads}
        if not set(_PAIR) <= set(heads):
            raise DataError(f"{source} has no columns before and after", "write them in the first line")
        rows = [_pair_of(line, cells, heads) for line, cells in table.rows]
    except ValueError as error:
        raise DataError(f"{source} is no table of pairs: {error}", "correct that line") from error
    folder = _folder_of(source)
    return _Listing(((tuple(str(folder / name) for name in pair), area) for pair, area in rows), text)


def _pair_of(
    line: int, cells: dict[str, str] | ValueError, heads: dict[str, str]
) -> tuple[tuple[str, ...], str]:
    """Photos before and after, and the area; without that column, or in an empty cell, none."""
    if isinstance(cells, ValueError):
        raise ValueError(f"line {line}: {cells}: quote cells that hold the separator")
    area = cells[heads[_AREA]] if _AREA in heads else ""
    return tuple(cells[heads[name]] for name in _PAIR), area.replace("；", ",").replace(";", ",")


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
