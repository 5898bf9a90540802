"""The photo guide: one page for consumers, before they take a photo."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from skinscan.errors import UsageError
from skinscan.files import replacing
from skinscan.output.report.page import Page, make_page
from skinscan.output.report.pictures import Picture
from skinscan.texts.bilingual import Language, Texts

__all__ = ["photo_guide", "save_guide"]

_SIZE = (320, 400)  # px of the pictures, which `python -m models.training.samples.guide_pictures` makes
_TOPICS: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = (
    ("light", ("right",), ("light",)),
    ("far", ("right",), ("far",)),
    ("turned", ("right",), ("turned",)),
    ("sheet", ("sheet",), ("sheet_away",)),
    ("filter", ("right",), ("filter",)),
    ("pair", ("sheet", "after_sheet"), ("sheet", "after_lamp")),
)
"""What is explained, and the pictures of right and of wrong."""


def photo_guide(first: Language = "zh") -> Page:
    """The guide in both languages, opening in `first`. "guide.html"."""

    def values(_: Texts) -> Mapping[str, Any]:
        return {
            "topics": [
                {"name": name, "right": [_picture(p) for p in right], "wrong": [_picture(p) for p in wrong]}
                for name, right, wrong in _TOPICS
            ]
        }

    return make_page("guide", values, first)


def save_guide(path: Path, first: Language = "zh") -> None:
    """Write the guide. Raises UsageError where the file cannot be written or is not named .html."""
    if path.suffix.lower() not in (".html", ".htm"):
        raise UsageError(f"{path} is not named .html", "name the file so")
    try:
        with replacing(path, 0o644) as part:
            part.write_bytes(photo_guide(first).encode())
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}", "choose another place") from error


@cache
def _picture(name: str) -> Picture:
    data = (files("skinscan.output.report") / "templates" / "guide" / f"{name}.webp").read_bytes()
    width, height = _SIZE
    uri = f"data:image/webp;base64,{base64.b64encode(data).decode()}"
    return Picture(uri=uri, width=width, height=height)
