"""The wiring of a case: photos, comparison, evidence, verdict, in this order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from skinscan.casework.areas import claimed_zones
from skinscan.casework.case_file import CaseFile, CasePhoto
from skinscan.casework.duplicates import DuplicateIndex
from skinscan.casework.evidence import image_evidence
from skinscan.casework.photos import open_photos
from skinscan.change_types import Change
from skinscan.claims.honesty import PhotoMarks, find_signals
from skinscan.claims.model import Claim, ReactionClaim
from skinscan.claims.policy_model import Policy
from skinscan.claims.shade_evidence import ShadeEvidence
from skinscan.claims.verdict import judge
from skinscan.claims.vocabulary import Area
from skinscan.pipeline import Scanner
from skinscan.types import Scan

__all__ = ["work_case"]


def work_case(
    claim: Claim,
    *,
    folder: Path,
    policy: Policy,
    scanner: Scanner,
    shade: ShadeEvidence | None = None,
    index: DuplicateIndex | None = None,
) -> CaseFile:
    """Work a case through: scan and compare its photos, then judge.

    `folder`: where the paths of the claim's photos start. `shade`: the colour difference measured for a claim
    about a shade; without it such a claim is never decided on its colour. `index`: photos of other cases.
    Raises ModelError and DeviceError, and DataError if the index cannot be used.
    """
    photos = open_photos(claim, folder, scanner, index)
    comparison = recovery = None
    if isinstance(claim, ReactionClaim):
        area = claimed_zones(_where(claim))
        comparison = _compare(scanner, _of(photos, "before"), _of(photos, "after"), area)
        recovery = _compare(scanner, _of(photos, "after"), _of(photos, "recovery"), area)
    image = image_evidence(photos, comparison, recovery)
    signals = find_signals(claim, [_checked(photo) for photo in photos if photo.marks])
    return CaseFile(
        claim=claim,
        photos=photos,
        comparison=comparison,
        recovery=recovery,
        image=image,
        shade=shade,
        signals=signals,
        verdict=judge(claim, image, shade, policy=policy, signals=signals),
    )


def _checked(photo: CasePhoto) -> PhotoMarks:
    """The marks of a photo with the quality checks it failed."""
    assert photo.marks is not None
    checks = photo.scan.quality.checks if photo.scan else ()
    return replace(photo.marks, failed_checks=tuple(check.code for check in checks if not check.ok))


def _where(claim: ReactionClaim) -> set[Area]:
    """Where the complaint is said to be; where the product was used, if that is not said."""
    return {area for seen in claim.signs for area in seen.areas} or set(claim.product.areas)


def _of(photos: Sequence[CasePhoto], role: str) -> list[Scan]:
    return [photo.scan for photo in photos if photo.scan and photo.ref.role == role]


def _compare(scanner: Scanner, first: list[Scan], second: list[Scan], area: str | None) -> Change | None:
    return scanner.compare(first, second, area=area) if first and second else None
