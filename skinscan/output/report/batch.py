"""The page that leads to the reports of a batch: a line for each row, what it came to, and the way to it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from skinscan.claims.messages import message
from skinscan.output.report.page import Page, make_page
from skinscan.texts.bilingual import Bilingual, Language, Texts
from skinscan.types import METRICS

__all__ = ["BatchEntry", "report_batch"]

_SCORES = tuple(metric for metric in METRICS if metric != "tone")


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchEntry:
    """A row of a batch as the page needs it."""

    index: int
    source: str  # paths as listed, or the id of the case
    status: str  # done, refused or failed
    code: str | None  # why it is not done
    why: Bilingual | None  # the same in words, where there are any
    report: str | None  # of its page, relative to this one; None: it has none
    outcome: str | None = None  # of a claim
    person: bool = False  # has to decide the claim
    verdict: str | None = None  # of a pair
    scores: Mapping[str, tuple[float, float, float]] | None = None  # of a photo: value, low, high
    skin: str = ""  # data URI of its report's thumbnail


def report_batch(entries: Sequence[BatchEntry], first: Language = "zh") -> Page:
    """The page "index.html" over the rows of a batch, in their order.

    `first`: the language that it opens in.
    """
    counts = Counter(entry.status for entry in entries)

    def values(t: Texts) -> Mapping[str, Any]:
        lines = [(entry, _came_to(entry, t), t.of(entry.why) if entry.why else "") for entry in entries]
        return {
            "counts": counts,
            "scores": _SCORES if any(entry.scores for entry in entries) else (),
            "lines": lines,
            "kinds": list(dict.fromkeys(came_to for _, came_to, _ in lines if came_to)),
            "persons": any(entry.person for entry in entries),
        }

    return make_page("index", values, first)


def _came_to(entry: BatchEntry, t: Texts) -> str:
    """What a row came to, in a few words; empty where its scores say it."""
    if entry.outcome:
        return t.of(message("outcome", entry.outcome))
    if entry.verdict and entry.status == "done":
        return t(entry.verdict)
    return ""
