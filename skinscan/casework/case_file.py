"""What is known about one case, for whoever shows, seals or replays it."""

from __future__ import annotations

from dataclasses import dataclass

from skinscan.casework.better_shades import BetterShades
from skinscan.change.types import Change
from skinscan.claims.claim import Claim, PhotoRef
from skinscan.claims.help.replacements import Replacements
from skinscan.claims.image_evidence import ImageEvidence
from skinscan.claims.photo_origin.signals import PhotoMarks, Signal
from skinscan.claims.shade_evidence import ShadeEvidence
from skinscan.claims.verdict_model import Verdict
from skinscan.shades import ShadeMatch
from skinscan.types import DiffuseColor, Scan
from skinscan.value import Result, Value

__all__ = ["CaseFile", "CasePhoto"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CasePhoto:
    """A photo of the claim."""

    ref: PhotoRef
    swatch: DiffuseColor | None = None  # colour of what came, of a swatch beside a colour card
    scan: Scan | None = None  # none: it cannot be measured, or nothing is measured in its role
    code: str = ""  # why it cannot: code of the error, PHOTO_OUTSIDE, AI_MADE or SENT_AGAIN; empty: nothing
    problem: str = ""  # the same in words, en
    same_as: str = ""  # path of another photo of the claim that shows the same moment
    sha256: str = ""  # of the file; empty: it could not be opened
    phash: int = 0  # perceptual hash, 64 bits
    marks: PhotoMarks | None = None  # what the file says besides the picture


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class CaseFile(Result, Value):
    """Claim, measurements, evidence and verdict of one case."""

    claim: Claim
    photos: tuple[CasePhoto, ...]  # in the order of the claim
    comparison: Change | None  # before to after, the day that shows most; none: a side has no usable photo
    other_days: tuple[Change, ...]  # before to the after photos of other days
    recovery: Change | None  # after to recovery
    image: ImageEvidence
    shade: ShadeEvidence | None  # of a claim about a shade
    shade_match: ShadeMatch | None  # what it was read from
    signals: tuple[Signal, ...]  # about the origin of the photos
    verdict: Verdict
    replacements: Replacements | None = (
        None  # products that could stand in; none: no product file, or a shade
    )
    better_shades: BetterShades | None = None  # of the catalogue; none: no claim about a shade was measured

    def __repr__(self) -> str:
        return f"CaseFile({self.verdict!r}, {len(self.photos)} photos, {self.image.status})"
