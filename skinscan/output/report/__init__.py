"""Reports that people read: one self-contained HTML page each, in Chinese and English.

`report_scan`, `report_change`, `report_trend`, `report_shade`, `report_tryon` and `report_claim` make pages,
`report_batch` the page over many of them, and `save_pages` writes them. A page loads nothing, and runs
nothing but its own slider and filters.
"""

from skinscan.output.report.change import report_change
from skinscan.output.report.claim import report_claim
from skinscan.output.report.page import Page
from skinscan.output.report.save import save_pages
from skinscan.output.report.scan import report_scan
from skinscan.output.report.shade import report_shade
from skinscan.output.report.trend import report_trend
from skinscan.output.report.tryon import report_tryon

__all__ = [
    "Page",
    "report_change",
    "report_claim",
    "report_scan",
    "report_shade",
    "report_trend",
    "report_tryon",
    "save_pages",
]
