"""Face photos in; measured skin and shade facts with honest error bars out.

    from skinscan import Scanner
    scan = Scanner(device="auto").scan("face.jpg")
    print(scan.scores["redness"])
    change = Scanner().compare("before.jpg", "after.jpg", area="left_cheek")
    print(change.verdict, change.area.erythema_index if change.area else None)

Names load on first use, so that importing the package stays cheap.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from skinscan._version import __version__

if TYPE_CHECKING:
    from skinscan.change.types import Change, Delta, Finding, Trend
    from skinscan.errors import SkinScanError
    from skinscan.scanner import Scanner, scan
    from skinscan.types import Measure, Photo, Scan, Score

_HOME = {
    "Change": "change_types",
    "Delta": "change_types",
    "Finding": "change_types",
    "Measure": "types",
    "Photo": "types",
    "Scan": "types",
    "Scanner": "scanner",
    "Score": "types",
    "SkinScanError": "errors",
    "Trend": "change_types",
    "scan": "scanner",
}

__all__ = [
    "Change",
    "Delta",
    "Finding",
    "Measure",
    "Photo",
    "Scan",
    "Scanner",
    "Score",
    "SkinScanError",
    "Trend",
    "__version__",
    "scan",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'skinscan' has no attribute {name!r}")
    return getattr(import_module(f"skinscan.{_HOME[name]}"), name)
