"""One unit of work in, its row out. Every engine calls this, and nothing else measures."""

from __future__ import annotations

import functools
import os
from pathlib import Path
from typing import Any

from skinscan import runtime
from skinscan.batch.plan import Job, Unit
from skinscan.batch.rows import Row, error_row, result_row, shown
from skinscan.casework import work_case
from skinscan.claims import load_claim, load_policy
from skinscan.errors import (
    InferenceLost,
    InternalError,
    ModelError,
    PhotoMissing,
    SkinScanError,
)
from skinscan.files import waits
from skinscan.output.records.change import compare_to_dict
from skinscan.output.records.claim import case_to_dict
from skinscan.output.records.scan import scan_to_dict
from skinscan.scanner import Scanner

__all__ = ["Worker"]


class Worker:
    """Does one unit after another in this process."""

    def __init__(self, job: Job) -> None:
        """Open the models, so that a batch that cannot work says so before its first row.

        Raises ModelError, DeviceError; DataError for a faulty policy.
        """
        self.job = job
        self._scanner = Scanner(job.device)
        self._policy = load_policy(job.policy) if job.kind == "claims" else None
        runtime.open_landmarker()
        runtime.open_onnx("scores", job.device)
        self._provider = runtime.open_onnx("skinmaps", job.device).provider

    def row(self, unit: Unit) -> Row:
        """The row of a unit, whatever happens in it but the death of the process.

        Raises ModelError and InferenceLost: no photo causes them, and no other would do better.
        """
        try:
            for path in unit.paths:
                _insist_on_file(path)
            result, refusal = self._do(unit)
            return result_row(self.job, unit, result, refusal, self._provider)
        except (ModelError, InferenceLost):
            raise
        except SkinScanError as error:
            return error_row(self.job, unit, error, self._provider)
        except Exception as error:  # noqa: BLE001  (one photo must not end ten thousand)
            return error_row(
                self.job, unit, InternalError(f"{type(error).__name__}: {error}"), self._provider
            )

    def _do(self, unit: Unit) -> tuple[dict[str, Any], str | None]:
        """Result, and the code of a refusal that is part of it."""
        scan = functools.partial(self._scanner.scan, face=self.job.face)
        if self.job.kind == "photos":
            return scan_to_dict(scan(unit.paths[0]), timings=False), None
        if self.job.kind == "pairs":
            change = self._scanner.compare(*map(scan, unit.paths))
            return compare_to_dict(change), change.findings[0].code if change.status == "refused" else None
        claim, folder = load_claim(unit.paths[0]), Path(unit.paths[0]).parent
        assert self._policy
        case = work_case(claim, folder=folder, policy=self._policy, scanner=self._scanner)
        return case_to_dict(case), None


def _insist_on_file(path: str) -> None:
    """Refuse what could keep a worker waiting for ever, such as a pipe, and folders, by the right reason."""
    if Path(path).is_dir():
        raise PhotoMissing(
            f"{shown(path)} {_of_folder(path)}", "give paths of photos, or see its permissions"
        )
    if waits(path):
        raise PhotoMissing(f"{shown(path)} is not an ordinary file", "give paths of photos")


def _of_folder(path: str) -> str:
    try:
        os.scandir(path).close()
    except OSError as error:
        return f"cannot be listed: {error.strerror}"
    return "is a folder"
