"""Kind of a batch in, its columns out; and the columns that every kind has."""

from __future__ import annotations

from functools import cache

from skinscan.batch.columns.claims import CLAIM_COLUMNS
from skinscan.batch.columns.column import Choice, Column, leaf
from skinscan.batch.columns.pairs import PAIR_COLUMNS
from skinscan.batch.columns.photos import PHOTO_COLUMNS
from skinscan.batch.plan import Kind

__all__ = ["columns"]

_SOURCES = {
    "photos": (("photo", "path of the photo as listed"),),
    "pairs": (
        ("before", "path of the photo before as listed"),
        ("after", "path of the photo after as listed"),
        ("area", "where a change is claimed, as the list of pairs has it"),
    ),
    "claims": (("claim", "path of the claim as listed"),),
}
_RESULTS = {"photos": PHOTO_COLUMNS, "pairs": PAIR_COLUMNS, "claims": CLAIM_COLUMNS}


@cache
def columns(kind: Kind, choice: Choice = "all") -> tuple[Column, ...]:
    """The columns of a batch of that kind, in order: the same for any input, any options and any outcome.

    `choice`: "all", or the "summary" of some forty.
    """
    found = (*_of_row(kind), *_RESULTS[kind])
    return tuple(column for column in found if column.summary or choice == "all")


def _of_row(kind: Kind) -> tuple[Column, ...]:
    sealed = leaf(
        "sealed",
        "text",
        "id of the evidence bundle; empty if none was asked for",
        summary=True,
        get=lambda row: row.get("sealed"),
    )
    return (
        leaf("index", "int", "0.. in the order of the source", summary=True, get=lambda row: row["index"]),
        leaf("kind", "text", "photos, pairs or claims", get=lambda row: row["kind"]),
        *(_source(name, meaning) for name, meaning in _SOURCES[kind]),
        leaf(
            "status",
            "text",
            "done; refused: this input cannot be used; failed: skinscan or the machine is at fault",
            summary=True,
            get=lambda row: row["status"],
        ),
        leaf(
            "code",
            "text",
            "why it is not done: code of the error or of the finding",
            summary=True,
            get=lambda row: row["code"],
        ),
        leaf(
            "error.message",
            "text",
            "what went wrong, where",
            summary=True,
            get=lambda row: (row["error"] or {}).get("message"),
        ),
        leaf(
            "error.advice", "text", "what to do about it", get=lambda row: (row["error"] or {}).get("advice")
        ),
        leaf(
            "report",
            "text",
            "name of the folder of its report; empty if none was asked for",
            summary=True,
            get=lambda row: row.get("report"),
        ),
        *((sealed,) if kind == "claims" else ()),
        leaf("device", "text", "what was asked for", get=lambda row: row["device"]),
        leaf("provider", "text", "ONNX Runtime provider that computes", get=lambda row: row["provider"]),
    )


def _source(name: str, meaning: str) -> Column:
    return leaf(name, "text", meaning, summary=True, get=lambda row: row["source"].get(name))
