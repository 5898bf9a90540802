"""What rows bring with them, put where it belongs: pages into the folder of reports, cases under seal.

Only the process that writes the rows does this, in their order. Workers hand everything over, so that one
that is killed leaves nothing half done, and on a cluster only one machine needs folders and keys.
"""

from __future__ import annotations

import pickle
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from skinscan.batch.plan import Job
from skinscan.batch.rows import Output, Row, with_places
from skinscan.errors import UsageError
from skinscan.files import sweep

if TYPE_CHECKING:
    from skinscan.evidence import Keys
    from skinscan.output.report import Page

__all__ = ["Delivery"]

_UNDER_WAY = 4  # rows that wait for the thread: what they bring is in memory


class Delivery:
    """Delivers the rows of one job. A row that was delivered before is delivered to the same places."""

    def __init__(self, job: Job, keys: Keys | None) -> None:
        """See that everything can be delivered. `keys`: to seal with.

        Raises UsageError without keys that are needed or for a folder that cannot be written, EvidenceLocked
        and EvidenceError as `evidence.seal`.
        """
        self._report = Path(job.report) if job.report else None
        self._sealer = None
        if job.evidence:
            from skinscan.evidence.sealer import Sealer

            if keys is None:
                raise UsageError("evidence is sealed with keys", "give the folder of keys")
            self._sealer = Sealer(Path(job.evidence), keys, _wall_clock())

    def run(self, rows: Iterable[Row]) -> Iterator[Row]:
        """Deliver rows in their order, in a thread: workers go on while a disk is waited for.

        Raises what `deliver` raises.
        """
        if not (self._report or self._sealer):
            yield from rows
            return
        under_way: deque[Future[Row]] = deque()
        with ThreadPoolExecutor(1) as thread:
            for row in rows:
                under_way.append(thread.submit(self.deliver, row))
                while len(under_way) > _UNDER_WAY or (under_way and under_way[0].done()):
                    yield under_way.popleft().result()
            while under_way:
                yield under_way.popleft().result()

    def deliver(self, row: Row) -> Row:
        """The row as it is written, with `report`, name of its folder, and `sealed`, id of its bundle.

        Each is there if it is asked for, and null if this row has none. Raises UsageError, EvidenceError.
        """
        brought: Output = pickle.loads(row.output) if row.output else Output()
        places: dict[str, str | None] = {}
        if self._report:
            places["report"] = _save(brought.pages, self._report, f"{row.index:06}")
        if self._sealer:
            dossier = brought.dossier
            places["sealed"] = self._sealer.seal(dossier, _wall_clock()) if dossier else None
        return with_places(row, places)


def _save(pages: Sequence[Page], folder: Path, name: str) -> str | None:
    """Write the pages into a folder of that name, if there are any; the name."""
    if not pages:
        return None
    from skinscan.output.report import save_pages

    own = folder / name
    if own.is_symlink():
        raise UsageError(f"{own} is a link, not a folder", "remove it, or choose another folder of reports")
    sweep(own)
    save_pages(pages, own)
    return name


def _wall_clock() -> datetime:
    """The time of sealing, to the second, as in a single command. No row depends on it."""
    return datetime.now(UTC).replace(microsecond=0)
