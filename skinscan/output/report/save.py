"""Pages to files, each whole or not at all; on request as PDF too."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from skinscan.errors import DeviceError, UsageError
from skinscan.files import insist_replaceable, private_folder, replacing
from skinscan.output.report.page import Page

__all__ = ["save_pages"]


def save_pages(pages: Sequence[Page], folder: Path, *, pdf: bool = False) -> list[Path]:
    """Write the pages into the folder, which is made if it is missing; returns the paths.

    They show a person's skin: files are made with mode 0600, a new folder with 0700. Raises UsageError when
    the folder cannot be written or one of the names is a link, a pipe or a device, DeviceError when `pdf` is
    asked for and WeasyPrint is not installed; nothing is written then.
    """
    files = {page.name: page.encode() for page in pages}
    if pdf:
        files |= {page.name.removesuffix("html") + "pdf": _to_pdf(page) for page in pages}
    try:
        private_folder(folder)
        for name in files:
            insist_replaceable(folder / name)
        return [_write(folder / name, data) for name, data in files.items()]
    except OSError as error:
        raise UsageError(f"{folder} cannot be written: {error.strerror}", "choose another folder") from error


def _write(path: Path, data: bytes) -> Path:
    with replacing(path) as part:
        part.write_bytes(data)
    return path


def _to_pdf(page: Page) -> bytes:
    """The page as printed, in the language it opens in. Nothing is fetched."""
    try:
        import weasyprint
    except (ImportError, OSError) as error:  # OSError: Pango is missing
        advice = "pip install 'skinscan[pdf]', and on Debian apt-get install libpango-1.0-0 libpangoft2-1.0-0"
        raise DeviceError(f"WeasyPrint does not load: {error}", advice) from error

    fetcher = weasyprint.urls.URLFetcher(allowed_protocols=("data",))  # nothing from outside the page
    document = weasyprint.HTML(string=page.html, url_fetcher=fetcher, media_type="print")
    data: bytes = document.write_pdf(pdf_identifier=b"skinscan")
    return data
