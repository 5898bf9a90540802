"""The wiring of a case: photos, comparison, evidence, verdict, in this order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path

from skinscan.casework.areas import claimed_zones
from skinscan.casework.better_shades import better_shades
from skinscan.casework.case_file import CaseFile, CasePhoto
from skinscan.casework.duplicates import DuplicateIndex
from skinscan.casework.image_evidence import image_evidence
from skinscan.casework.one_person import set_apart
from skinscan.casework.photos import open_photos
from skinscan.casework.same_moment import without_copies
from skinscan.casework.sent_again import without_replaced
from skinscan.casework.shade_evidence import match_shade, shade_evidence, sold
from skinscan.change.alignment import Alignments
from skinscan.change.types import Change
from skinscan.claims.claim import Claim, PhotoRef, ReactionClaim, ShadeClaim
from skinscan.claims.consent import check_consent
from skinscan.claims.help.products import ProductList
from skinscan.claims.help.replacements import suggest_replacements
from skinscan.claims.photo_origin.signals import PhotoMarks, find_signals
from skinscan.claims.policy.model import Policy
from skinscan.claims.reported_times import CHINA
from skinscan.claims.shade_evidence import ShadeEvidence
from skinscan.claims.verdict import judge
from skinscan.claims.vocabulary import Area
from skinscan.runtime.interpreter_exit import computing
from skinscan.scanner import Scanner
from skinscan.shades import Catalog, ShadeMatch
from skinscan.types import Scan

__all__ = ["work_case"]


@computing()
def work_case(
    claim: Claim,
    *,
    folder: Path,
    policy: Policy,
    scanner: Scanner,
    catalog: Catalog | None = None,
    index: DuplicateIndex | None = None,
    products: ProductList | None = None,
) -> CaseFile:
    """Work a case through: scan and compare its photos, then judge.

    Args:
        claim: as filed.
        folder: where the paths of the claim's photos start.
        policy: the platform's rules; they may switch off the check that the photos show one person.
        scanner: measures the photos.
        catalog: the shades on sale; without it a claim about a shade is never decided on its colour.
        index: photos of other cases.
        products: what is on sale, for products that could stand in for this one.

    Raises:
        ModelError, DeviceError: nothing can be measured here.
        DataError: the index cannot be used.
    """
    if not policy.identity_check or not check_consent(claim).face_check_allowed:
        scanner = Scanner(scanner.device, identity=False)
    photos = without_replaced(set_apart(open_photos(claim, folder, scanner, index)))
    comparisons: list[Change] = []
    recovery = None
    if isinstance(claim, ReactionClaim):
        area, shared = claimed_zones(_where(claim)), Alignments(identity=scanner.identity)
        compare = partial(scanner.compare, area=area, alignments=shared)
        befores, recovered = _of(photos, "before"), _of(photos, "recovery")
        if befores:
            comparisons = [compare(befores, day) for day in _days(photos)]
            comparisons.sort(key=lambda change: (change.status == "refused", change.verdict != "increase"))
            photos = without_copies(photos, comparisons)
        afters = comparisons[0].after if comparisons else _of(photos, "after")
        recovery = compare(afters, recovered) if afters and recovered else None
    image = image_evidence(photos, comparisons, recovery)
    if any(photo.marks and photo.marks.other_tone for photo in photos):
        image = replace(image, person="unsure")
    shade, found = _shade(claim, photos, catalog, policy.shade.acceptable_delta_e00)
    signals = find_signals(claim, [_checked(photo) for photo in photos if photo.marks])
    verdict = judge(claim, image, shade, policy=policy, signals=signals)
    instead = suggest_replacements(claim, verdict.implicated, products) if products else None
    return CaseFile(
        claim=claim,
        photos=photos,
        comparison=comparisons[0] if comparisons else None,
        other_days=tuple(comparisons[1:]),
        recovery=recovery,
        image=image,
        shade=shade,
        shade_match=found,
        signals=signals,
        verdict=verdict,
        replacements=instead if not isinstance(claim, ShadeClaim) else None,
        better_shades=better_shades(found),
    )


def _shade(
    claim: Claim, photos: Sequence[CasePhoto], catalog: Catalog | None, acceptable: float | None
) -> tuple[ShadeEvidence | None, ShadeMatch | None]:
    """The colour difference of a claim about a shade; none without a catalogue or its photo."""
    if not isinstance(claim, ShadeClaim) or catalog is None:
        return None, None
    found, problem = match_shade(claim, photos, catalog, acceptable)
    if problem:
        return ShadeEvidence(status="refused", reason=problem, unknown_sku=not sold(claim, catalog)), None
    return shade_evidence(found), found


def _checked(photo: CasePhoto) -> PhotoMarks:
    """The marks of a photo with the quality checks it failed; of a photo set aside, without them."""
    assert photo.marks is not None
    if photo.scan is None or photo.code == "SENT_AGAIN":
        return photo.marks
    return replace(photo.marks, failed_checks=photo.scan.quality.failed_checks)


def _where(claim: ReactionClaim) -> set[Area]:
    """Where the complaint is said to be; where the product was used, if that is not said."""
    return {area for seen in claim.signs for area in seen.areas} or set(claim.product.areas)


def _of(photos: Sequence[CasePhoto], role: str) -> list[Scan]:
    return [scan for _, scan in _measured(photos, role)]


def _measured(photos: Sequence[CasePhoto], role: str) -> Iterator[tuple[PhotoRef, Scan]]:
    """The photos of a role that count, each with its scan."""
    for photo in photos:
        if photo.scan and not photo.code and photo.ref.role == role:
            yield photo.ref, photo.scan


def _days(photos: Sequence[CasePhoto]) -> list[list[Scan]]:
    """The after photos by day: a reaction comes and goes, so days are not averaged."""
    days: dict[str, list[Scan]] = {}
    for ref, scan in _measured(photos, "after"):
        taken = ref.taken_at
        day = f"{taken.astimezone(CHINA):%F}" if isinstance(taken, datetime) else str(taken)
        days.setdefault(day, []).append(scan)
    return list(days.values())
