"""The rows of a run in, the page that leads to their reports out."""

from __future__ import annotations

import contextlib
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from skinscan.batch.columns.column import at
from skinscan.claims.messages import message
from skinscan.files import sweep
from skinscan.output.report import save_pages
from skinscan.output.report.batch import BatchEntry, report_batch
from skinscan.types import Advice

if TYPE_CHECKING:
    from skinscan.texts.bilingual import Language

__all__ = ["write_index"]

_THUMBNAIL = re.compile(r'<meta name="thumbnail" content="(data:image/webp;base64,[A-Za-z0-9+/=]+)">')
_HEAD = 16384  # characters of a page within which it stands
_FIRST = {"photos": "scan.html", "pairs": "compare.html", "claims": "arbitration.html"}
"""Kind -> the page of a row's report that the operator wants first."""


def write_index(rows: Path, folder: Path, first: Language) -> None:
    """Write `index.html` into the folder of reports, over the rows of a JSONL file.

    `first`: the language that it opens in. Raises UsageError when it cannot be written.
    """
    with rows.open("rb") as file:
        entries = [_entry(json.loads(line), folder) for line in file]
    sweep(folder)
    save_pages([report_batch(entries, first)], folder)


def _why(row: dict[str, Any]) -> Advice | None:
    """Why a row is refused, in words: of the finding about the pair, or of the photo."""
    findings = at(row["result"], "findings")
    if row["status"] == "done":
        return None
    if findings:
        return Advice(**findings[0]["reason"])
    with contextlib.suppress(KeyError):
        told = message("photo", row["code"])
        return Advice(zh=told.zh, en=told.en)
    return None


def _number(score: dict[str, Any]) -> tuple[float, float, float]:
    return score["value"], score["low"], score["high"]


def _skin(page: Path) -> str:
    """Data URI of the thumbnail in a row's page; empty where there is none, or the page has gone since."""
    with contextlib.suppress(OSError, ValueError):
        with page.open(encoding="utf-8") as file:
            found = _THUMBNAIL.search(file.read(_HEAD))
        return found[1] if found else ""
    return ""


def _entry(row: dict[str, Any], folder: Path) -> BatchEntry:
    """A row as the page shows it. `folder`: of the reports."""
    result = row["result"]
    report = f"{row['report']}/{_FIRST[row['kind']]}" if row["report"] else None
    scores = at(result, "scores")
    return BatchEntry(
        index=row["index"],
        source=at(result, "case_id") or " → ".join(row["source"].values()),
        status=row["status"],
        code=row["code"],
        why=_why(row),
        report=report,
        skin=_skin(folder / report) if report else "",
        outcome=at(result, "outcome"),
        person=bool(at(result, "human", "required")),
        verdict=at(result, "summary", "verdict"),
        scores=None
        if scores is None
        else {name: _number(s) for name, s in scores.items() if s["status"] == "ok"},
    )
