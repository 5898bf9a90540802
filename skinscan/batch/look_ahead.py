"""The photos of all claims into the index, before the first claim is judged.

A photo that two claims of one batch share is then seen in both, whichever comes first, and a row depends
neither on the order of the claims nor on which of them was done first.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from skinscan.batch.plan import Job, Unit
from skinscan.batch.rows import Row, error_row
from skinscan.batch.worker import insist_on_file
from skinscan.casework import DuplicateIndex
from skinscan.casework.photos import fingerprints
from skinscan.claims import load_claim
from skinscan.errors import InternalError, SkinScanError

__all__ = ["Looker", "remember"]

_AT_ONCE = 500  # claims in one transaction: others may be waiting for the index


class Looker:
    """Takes the fingerprints of the photos of one claim after another; opens no model."""

    def __init__(self, job: Job) -> None:
        self._job = job

    def row(self, unit: Unit) -> Row:
        """A row for `remember`: case id, fingerprints. What fails here is told when the claim is judged."""
        try:
            insist_on_file(unit.paths[0])
            claim = load_claim(unit.paths[0])
            found = [claim.case_id, fingerprints(claim, Path(unit.paths[0]).parent)]
        except SkinScanError as error:
            return error_row(self._job, unit, error, None)
        except Exception as error:  # noqa: BLE001  (one claim must not end ten thousand)
            return error_row(self._job, unit, InternalError(f"{type(error).__name__}: {error}"), None)
        return Row(index=unit.index, status="done", code=None, line=json.dumps(found).encode())


def remember(index: str, rows: Iterable[Row]) -> None:
    """Put what a `Looker` found into the index. Raises DataError if that cannot be used."""
    store, found = DuplicateIndex(index), _found(rows)
    while some := list(islice(found, _AT_ONCE)):
        store.add_all(some)


def _found(rows: Iterable[Row]) -> Iterator[tuple[str, list[tuple[str, int]]]]:
    for row in rows:
        if row.status == "done":
            case_id, photos = json.loads(row.line)
            yield case_id, [(sha256, phash) for sha256, phash in photos]
