"""Files of a case: photos and reports, in a folder that only the service's user can read."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from samples.ticket_service.settings import Settings

__all__ = ["case_folder", "forget_files", "put_file"]


def case_folder(settings: Settings, case_id: str) -> Path:
    """Where the files of a case are. `case_id` was made by the service."""
    return settings.folder.resolve() / "cases" / case_id


def put_file(settings: Settings, case_id: str, name: str, data: bytes) -> None:
    """Write a file so that it is on disk when this returns."""
    folder = case_folder(settings, case_id)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with os.fdopen(os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def forget_files(settings: Settings, case_id: str) -> None:
    """Remove all files of a case; also what a worker wrote after it was erased."""
    shutil.rmtree(case_folder(settings, case_id), ignore_errors=True)
