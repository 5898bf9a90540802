"""Files opened and written where others may write too: ordinary ones only, links never followed.

Whoever can make a name in a folder of ours can make it a link to any file of the user, a second name of one,
a pipe that never answers, or a device. What shows a person is private: files 0600, folders 0700.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from skinscan.errors import UsageError

__all__ = [
    "inside",
    "insist_replaceable",
    "open_own",
    "own_only",
    "private_folder",
    "read_bounded",
    "replacing",
    "sweep",
    "waits",
]

_MODE, _FOLDER_MODE = 0o600, 0o700
_PREFIX, _SUFFIX = ".skinscan.", ".part"  # of the files of `replacing`


def open_own(path: Path, flags: int, mode: int = _MODE, *, shared: bool = False) -> int:
    """A descriptor of an ordinary file with this one name; `flags` as for `os.open`.

    `path`: of the file. `mode`: permissions of one that is made, by default 0600. `shared`: other names do no
    harm, as to a file that is only read; backups may be made of them. Raises OSError (ELOOP) for a link, a
    second name of another file, a pipe, a device or a folder, before anything is read or changed; else what
    `os.open` raises. O_TRUNC is not for here: it acts too early.
    """
    descriptor = os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, mode)
    found = os.fstat(descriptor)
    if not (_own(found) or (shared and stat.S_ISREG(found.st_mode))):
        os.close(descriptor)
        raise OSError(errno.ELOOP, _what(found), str(path))
    return descriptor


def read_bounded(source: str | Path | BinaryIO, most: int) -> bytes:
    """All bytes of an open stream, or of a file that the operator named, a pipe too.

    Raises OSError (EFBIG) for more than `most`. The size that the system tells is not asked: that of a device
    is 0, and a file may grow.
    """
    if isinstance(source, str | Path):
        with Path(source).open("rb") as file:
            return read_bounded(file, most)
    data = source.read(most + 1)
    if len(data) > most:
        raise OSError(errno.EFBIG, f"more than {most:,} bytes")
    return data


def inside(folder: Path, name: str) -> Path | None:
    """The path of a file that a stranger named, wherever links lead; None if it leaves the folder."""
    try:
        path = (folder / name).resolve()
        return path if path.is_relative_to(folder.resolve()) else None
    except (OSError, ValueError):  # a loop of links, a NUL
        return None


def waits(path: str | Path) -> bool:
    """Whether opening or reading it may never end: a pipe, a socket, a device."""
    try:
        kind = Path(path).stat().st_mode
    except (OSError, ValueError):
        return False  # opening it will say what is wrong
    return not (stat.S_ISREG(kind) or stat.S_ISDIR(kind))


def own_only(path: Path) -> bool:
    """Whether the name is free, or that of an ordinary file without another name."""
    try:
        return _own(path.lstat())
    except FileNotFoundError:
        return True


def insist_replaceable(path: Path) -> None:
    """Raise UsageError if the name is taken by anything but an ordinary file."""
    with contextlib.suppress(OSError):  # not there, or not to be seen: writing will tell
        found = path.lstat()
        if not stat.S_ISREG(found.st_mode):
            raise UsageError(f"{path} is {_what(found)}, not an ordinary file", "remove it or choose another")


@contextlib.contextmanager
def replacing(path: Path, mode: int = _MODE) -> Iterator[Path]:
    """A new file beside `path`, made exclusively, that takes its place when the block ends well.

    Raises UsageError as `insist_replaceable`, else OSError.
    """
    insist_replaceable(path)
    descriptor, name = tempfile.mkstemp(prefix=_PREFIX, suffix=_SUFFIX, dir=path.parent)
    os.close(descriptor)
    part = Path(name)
    try:
        part.chmod(mode)
        yield part
        part.replace(path)
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)


def sweep(folder: Path) -> None:
    """Remove what `replacing` left in a folder that only one process writes to, when that was killed."""
    for left in folder.glob(f"{_PREFIX}*{_SUFFIX}"):
        left.unlink(missing_ok=True)


def private_folder(path: Path) -> None:
    """Make a folder that only its user may enter, with its parents; one that is there stays as it is."""
    path.mkdir(mode=_FOLDER_MODE, parents=True, exist_ok=True)


def _own(found: os.stat_result) -> bool:
    return stat.S_ISREG(found.st_mode) and found.st_nlink <= 1


def _what(found: os.stat_result) -> str:
    kinds = {
        stat.S_IFLNK: "a link",
        stat.S_IFDIR: "a folder",
        stat.S_IFIFO: "a pipe",
        stat.S_IFCHR: "a device",
        stat.S_IFBLK: "a device",
        stat.S_IFSOCK: "a socket",
    }
    return kinds.get(stat.S_IFMT(found.st_mode), "a second name of another file")
