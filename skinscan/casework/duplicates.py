"""Photos seen in other cases: a small index on disk, kept only by platforms that ask for one.

It holds no photo: SHA-256 of the file and a 64-bit perceptual hash (OpenCV's pHash). Both can single out a
photo of a face, so they are personal data: keep the file as safe as the cases, and `forget` a case when it is
erased.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np

from skinscan.claims.photo_origin.signals import Twin
from skinscan.errors import DataError
from skinscan.files import open_own
from skinscan.types import RgbPixels

__all__ = ["DuplicateIndex", "perceptual_hash"]

NEAR_BITS = 5
"""Bits of 64 that may differ. On 38 real photos: JPEG of quality 50, half size and 15 % brighter differ by at
most 5; two photos of one session by 8 and more. A cropped copy (6 to 17) is missed."""

_BANDS = (11, 11, 11, 11, 10, 10)  # bits; more bands than NEAR_BITS, so that one of them is always equal
_SCHEMA = """
CREATE TABLE IF NOT EXISTS photo (
  id INTEGER PRIMARY KEY, case_id TEXT NOT NULL, sha256 TEXT NOT NULL, phash INTEGER NOT NULL,
  UNIQUE (case_id, sha256));
CREATE INDEX IF NOT EXISTS by_sha256 ON photo (sha256);
CREATE TABLE IF NOT EXISTS band (
  number INTEGER, bits INTEGER, photo INTEGER REFERENCES photo (id) ON DELETE CASCADE,
  PRIMARY KEY (number, bits, photo)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS by_photo ON band (photo);
"""


def perceptual_hash(pixels: RgbPixels) -> int:
    """64 bits that stay nearly the same when a picture is saved again, resized or brightened."""
    code = cv2.img_hash.pHash(cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR))
    return int.from_bytes(np.asarray(code, np.uint8).tobytes(), "big")


class DuplicateIndex:
    """The index in one SQLite file; made if it is not there."""

    def __init__(self, path: str | Path) -> None:
        """Open it, made with mode 0600. Raises DataError if it is no index, a link, or cannot be written."""
        self._path = path
        try:
            os.close(open_own(Path(path), os.O_RDWR | os.O_CREAT))
        except OSError as error:
            raise _unusable(path, error.strerror) from None
        with self._open() as connection:
            connection.executescript(_SCHEMA)

    def twins(self, case_id: str, sha256: str, phash: int) -> tuple[Twin, ...]:
        """The same photo in other cases, by case; the best match of each case."""
        bands = list(enumerate(_bands(phash)))
        wanted = " OR ".join(["(number = ? AND bits = ?)"] * len(bands))
        with self._open() as connection:
            rows = connection.execute(
                "SELECT case_id, sha256, phash FROM photo WHERE case_id != ? AND (sha256 = ? OR id IN"
                f" (SELECT photo FROM band WHERE {wanted}))",
                (case_id, sha256, *(value for band in bands for value in band)),
            ).fetchall()
        best: dict[str, Twin] = {}
        for other, other_sha, other_hash in rows:
            exact, distance = other_sha == sha256, (_unsigned(other_hash) ^ phash).bit_count()
            twin = Twin(case_id=other, exact=exact, distance=0 if exact else distance)
            known = best.get(other)
            if twin.distance <= NEAR_BITS and (known is None or _rank(twin) < _rank(known)):
                best[other] = twin
        return tuple(best[other] for other in sorted(best))

    def add(self, case_id: str, photos: Iterable[tuple[str, int]]) -> None:
        """Remember (sha256, perceptual hash) of a case's photos; what is known stays as it is."""
        self.add_all([(case_id, photos)])

    def add_all(self, cases: Iterable[tuple[str, Iterable[tuple[str, int]]]]) -> None:
        """Remember the photos of many cases, (case_id, photos as for `add`): all of them or none."""
        with self._open() as connection:
            for case_id, photos in cases:
                for sha256, phash in photos:
                    _insert(connection, case_id, sha256, phash)

    def forget(self, case_id: str) -> int:
        """Remove everything about a case; of how many photos."""
        with self._open() as connection:
            return connection.execute("DELETE FROM photo WHERE case_id = ?", (case_id,)).rowcount

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        try:
            connection = sqlite3.connect(self._path, timeout=30)
            try:
                connection.execute("PRAGMA foreign_keys = ON")
                connection.execute("PRAGMA secure_delete = ON")  # what is forgotten leaves no bytes
                with connection:
                    yield connection
            finally:
                connection.close()
        except sqlite3.Error as error:
            raise _unusable(self._path, error) from None


def _insert(connection: sqlite3.Connection, case_id: str, sha256: str, phash: int) -> None:
    done = connection.execute(
        "INSERT OR IGNORE INTO photo (case_id, sha256, phash) VALUES (?, ?, ?)",
        (case_id, sha256, _signed(phash)),
    )
    if done.rowcount:
        rows = [(number, bits, done.lastrowid) for number, bits in enumerate(_bands(phash))]
        connection.executemany("INSERT INTO band VALUES (?, ?, ?)", rows)


def _unusable(path: str | Path, why: object) -> DataError:
    advice = "give the path of an index that skinscan made"
    return DataError(f"the index of photos {path} cannot be used: {why}", advice)


def _rank(twin: Twin) -> tuple[bool, int]:
    return not twin.exact, twin.distance


def _bands(phash: int) -> Iterator[int]:
    for width in _BANDS:
        yield phash & ((1 << width) - 1)
        phash >>= width


def _signed(value: int) -> int:
    """SQLite's integers have 64 bits with a sign."""
    return value - (1 << 64) if value >= 1 << 63 else value


def _unsigned(value: int) -> int:
    return value % (1 << 64)
