"""A claim with its photos in, everything known about the case out: where measuring and judging meet.

`work_case` opens the photos, compares them, turns what they show into evidence and judges the claim.
"""

from skinscan.casework.case_file import CaseFile, CasePhoto
from skinscan.casework.duplicates import DuplicateIndex
from skinscan.casework.pipeline import work_case

__all__ = ["CaseFile", "CasePhoto", "DuplicateIndex", "work_case"]
