"""One unit of work in, its row out. Every engine calls this, and nothing else measures."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from skinscan import runtime
from skinscan.batch.plan import Job, Unit
from skinscan.batch.rows import Output, Row, error_row, result_row, shown
from skinscan.casework import CaseFile, DuplicateIndex, work_case
from skinscan.claims import load_claim, load_policy
from skinscan.claims.help.products import load_products
from skinscan.errors import (
    DataError,
    InferenceLost,
    InternalError,
    ModelError,
    PhotoMissing,
    QualityError,
    SkinScanError,
    UsageError,
)
from skinscan.files import waits
from skinscan.output.records.change import compare_to_dict
from skinscan.output.records.claim import case_to_dict
from skinscan.output.records.common import error_to_dict
from skinscan.output.records.scan import scan_to_dict
from skinscan.output.records.shade import shade_to_dict
from skinscan.scanner import Scanner
from skinscan.shades import Catalog, load_catalog, match_shades
from skinscan.types import Scan

__all__ = ["Worker", "insist_on_file"]


class Worker:
    """Does one unit after another in this process."""

    def __init__(self, job: Job) -> None:
        """Open the models, so that a batch that cannot work says so before its first row.

        Raises ModelError, DeviceError; DataError for a faulty policy, catalogue, list of products or index.
        """
        self.job = job
        self._scanner = Scanner(job.device)
        self._policy = load_policy(job.policy) if job.kind == "claims" else None
        self._catalog = load_catalog(job.catalog, encoding=job.encoding) if job.catalog else None
        self._products = load_products(job.products, encoding=job.encoding) if job.products else None
        self._index = DuplicateIndex(job.index) if job.index else None
        runtime.open_landmarker()
        runtime.open_onnx("scores", job.device)
        self._provider = runtime.open_onnx("skinmaps", job.device).provider

    def row(self, unit: Unit) -> Row:
        """The row of a unit, whatever happens in it but the death of the process.

        Raises ModelError and InferenceLost: no photo causes them, and no other would do better.
        """
        try:
            for path in unit.paths:
                insist_on_file(path)
            result, refusal, output = self._do(unit)
            return result_row(self.job, unit, result, refusal, self._provider, output)
        except (ModelError, InferenceLost):
            raise
        except SkinScanError as error:
            return error_row(self.job, unit, error, self._provider)
        except Exception as error:  # noqa: BLE001  (one photo must not end ten thousand)
            return error_row(
                self.job, unit, InternalError(f"{type(error).__name__}: {error}"), self._provider
            )

    def _do(self, unit: Unit) -> tuple[dict[str, Any], str | None, Output | None]:
        """Result, the code of a refusal that is part of it, and what comes with the row."""
        return {"photos": self._photo, "pairs": self._pair, "claims": self._claim}[self.job.kind](unit)

    def _photo(self, unit: Unit) -> tuple[dict[str, Any], str | None, Output | None]:
        scan = self._scan(unit.paths[0])
        result = scan_to_dict(scan, timings=False)
        if self._catalog:
            result["shade"] = _shades(scan, self._catalog)
        if not self.job.report:
            return result, None, None
        from skinscan.output.report import report_scan

        return result, None, Output(pages=(report_scan(scan, self.job.lang or "zh"),))

    def _pair(self, unit: Unit) -> tuple[dict[str, Any], str | None, Output | None]:
        change = self._scanner.compare(*map(self._scan, unit.paths), area=unit.area or None)
        result = compare_to_dict(change)
        refusal = change.findings[0].code if change.status == "refused" else None
        if not self.job.report:
            return result, refusal, None
        from skinscan.output.report import report_change

        return result, refusal, Output(pages=(report_change(change, self.job.lang or "zh"),))

    def _claim(self, unit: Unit) -> tuple[dict[str, Any], str | None, Output | None]:
        file, job = Path(unit.paths[0]), self.job
        assert self._policy
        case = work_case(
            load_claim(file, job.lang or "en"), folder=file.parent, policy=self._policy,
            scanner=self._scanner, catalog=self._catalog, index=self._index, products=self._products,
        )  # fmt: skip
        wanted = job.report or job.evidence
        return case_to_dict(case), None, self._output(case, file) if wanted else None

    def _scan(self, path: str) -> Scan:
        return self._scanner.scan(path, face=self.job.face)

    def _output(self, case: CaseFile, file: Path) -> Output:
        """Reports and dossier of a case, as far as they are wanted; what is sealed has its reports in it."""
        from skinscan.output.report import report_claim
        from skinscan.output.report.replay import claim_command

        job = self.job
        command = claim_command(
            file, policy=job.policy, catalog=job.catalog, products=job.products, encoding=job.encoding
        )
        pages = report_claim(case, job.lang or "zh", replay=command)
        if not job.evidence:
            return Output(pages=pages)
        from skinscan.evidence.collect import collect

        assert self._policy
        kept = file.parent if job.keep_photos else None
        reports = {page.name: page.encode() for page in pages}
        dossier = collect(case, self._policy, reports=reports, photos_from=kept)
        return Output(pages=pages if job.report else (), dossier=dossier)


def _shades(scan: Scan, catalog: Catalog) -> dict[str, Any]:
    """The shades that fit, as `skinscan shade --json` tells them; why not, where none can be matched."""
    try:
        return shade_to_dict(match_shades(scan, catalog))
    except (DataError, QualityError, UsageError) as error:
        return error_to_dict(error)


def insist_on_file(path: str) -> None:
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
