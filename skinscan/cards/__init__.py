"""The white references that skinscan prints: where everything is on them, and the print runs of a brand."""

from skinscan.cards.layout import FIRST_RUN, LAST_RUN, Layout, Paper, parcel_layout, sheet_layout, sheet_of
from skinscan.cards.print_run import PrintRun, find_run, load_run, register_run

__all__ = [
    "FIRST_RUN",
    "LAST_RUN",
    "Layout",
    "Paper",
    "PrintRun",
    "find_run",
    "load_run",
    "parcel_layout",
    "register_run",
    "sheet_layout",
    "sheet_of",
]
