"""What is known about one case, for whoever shows, seals or replays it."""

from __future__ import annotations

from dataclasses import dataclass

from skinscan.change_types import Change
from skinscan.claims.image_evidence import ImageEvidence
from skinscan.claims.model import Claim, PhotoRef
from skinscan.claims.shade_evidence import ShadeEvidence
from skinscan.claims.verdict_model import Verdict
from skinscan.types import Scan

__all__ = ["CaseFile", "CasePhoto"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CasePhoto:
    """A photo of the claim that takes part in measuring."""

    ref: PhotoRef
    scan: Scan | None  # none: it cannot be measured
    code: str = ""  # why not: code of the error, or PHOTO_OUTSIDE
    problem: str = ""  # the error in words, en


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFile:
    """Claim, measurements, evidence and verdict of one case."""

    claim: Claim
    photos: tuple[CasePhoto, ...]  # in the order of the claim; those that are measured
    comparison: Change | None  # before to after; none: a side has no usable photo
    recovery: Change | None  # after to recovery
    image: ImageEvidence
    shade: ShadeEvidence | None
    verdict: Verdict
