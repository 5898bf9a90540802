"""The rows of a batch: one line of JSON each, complete in itself."""

from __future__ import annotations

import json
import os
import pickle
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from skinscan.batch.plan import Job, Unit
from skinscan.batch.summary import Status
from skinscan.errors import DeviceError, InternalError, SkinScanError
from skinscan.output.records.common import error_to_dict

if TYPE_CHECKING:  # a process that only hands rows on needs neither
    from skinscan.evidence.dossier import Dossier
    from skinscan.output.report.page import Page

__all__ = ["Output", "Row", "error_row", "result_row", "shown", "with_places"]

_ROW_SCHEMA = "skinscan.row/1"
_SOURCE = {"photos": ("photo",), "pairs": ("before", "after"), "claims": ("claim",)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A finished row: one line of JSON, and what the tally wants to know."""

    index: int
    status: Status
    code: str | None  # of the error, if it is not done
    line: bytes  # with its newline
    output: bytes = b""  # a pickled Output; empty if nothing but the row is wanted


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """What a row brings with it, to be put where it belongs by the process that writes the rows."""

    pages: tuple[Page, ...] = ()  # of its report
    dossier: Dossier | None = None  # of its case, to be sealed


def result_row(
    job: Job,
    unit: Unit,
    result: Mapping[str, Any],
    refusal: str | None,
    provider: str,
    output: Output | None = None,
) -> Row:
    """The row of a unit that gave a result; `refusal` is the code of one that is part of it.

    `job`: what was done; `unit`: the row's number and paths. `result`: its JSON object, as `skinscan` writes
    it for one. `provider`: ONNX Runtime's name of what computes. `output`: what comes with it.
    """
    row = _row(job, unit, "refused" if refusal else "done", refusal, provider, result=result)
    return replace(row, output=pickle.dumps(output, pickle.HIGHEST_PROTOCOL)) if output else row


def with_places(row: Row, places: Mapping[str, str | None]) -> Row:
    """The row with more keys at its end: where what it brought has gone. It has brought it, then."""
    if not places:
        return row
    more = json.dumps(places, separators=(",", ":")).encode()
    return replace(row, line=row.line.removesuffix(b"}\n") + b"," + more[1:] + b"\n", output=b"")


def error_row(job: Job, unit: Unit, error: SkinScanError, provider: str | None) -> Row:
    """The row of a unit that gave no result.

    `job`: what was tried; `unit`: the row's number and paths. `error`: why; InternalError and DeviceError
    make the row "failed", all others "refused". `provider`: as for `result_row`; None where its worker died.
    """
    ours = isinstance(error, InternalError | DeviceError)
    return _row(job, unit, "failed" if ours else "refused", error.code, provider, error=error_to_dict(error))


def _row(
    job: Job,
    unit: Unit,
    status: Status,
    code: str | None,
    provider: str | None,
    *,
    result: Mapping[str, Any] | None = None,
    error: Mapping[str, Any] | None = None,
) -> Row:
    fields = {
        "schema": _ROW_SCHEMA,
        "index": unit.index,
        "kind": job.kind,
        "source": dict(zip(_SOURCE[job.kind], map(shown, unit.paths), strict=True)) | _area(unit),
        "status": status,
        "code": code,
        "device": job.device,
        "provider": provider,
        "error": error,
        "result": result,
    }
    text = json.dumps(fields, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return Row(index=unit.index, status=status, code=code, line=text.encode() + b"\n")


def _area(unit: Unit) -> dict[str, str]:
    return {"area": unit.area} if unit.area else {}


def shown(path: str) -> str:
    """The path as text; bytes that are no UTF-8 as escapes."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")
