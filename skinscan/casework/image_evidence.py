"""Comparison in, what of it counts in a claim out. Nothing is added: what was not measured stays unsaid."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from skinscan.casework.areas import ZONES_OF
from skinscan.casework.case_file import CasePhoto
from skinscan.change.identity import PLAINLY_ONE
from skinscan.change.types import PERSON_DOUBTS, Change, Delta
from skinscan.claims.image_evidence import AreaChange, ImageEvidence, PersonShown, UnusablePhoto
from skinscan.claims.vocabulary import Area
from skinscan.types import JUST_VISIBLE, ChangeVerdict, Scan

__all__ = ["image_evidence"]

_RED_BY_NATURE: Mapping[str, float] = {"forehead": 4.6, "cheek": 2.4, "nose": 6.4, "chin": 8.2}
"""EI above the own face that 95 % of healthy faces do not pass: 1,660 training people of the International
Skin Spectra Archive (Lu et al. 2025). Skin that was not measured there takes the value of its neighbour."""
_NEIGHBOUR: Mapping[str, str] = {
    "glabella": "forehead",
    "left_under_eye": "cheek",
    "right_under_eye": "cheek",
    "left_cheek": "cheek",
    "right_cheek": "cheek",
    "perioral": "chin",
    "left_jaw": "chin",
    "right_jaw": "chin",
}


def image_evidence(
    photos: Sequence[CasePhoto], comparisons: Sequence[Change], recovery: Change | None
) -> ImageEvidence:
    """What the photos of a claim say.

    `comparisons`: before to after, one for each day of after photos. A rise on one day is a rise; "no change"
    needs every day to say so. Days without a verdict (`Change.doubt`) count only if there is no other.
    """
    unusable = tuple(
        UnusablePhoto(path=p.ref.path, code=p.code, same_as=p.same_as, role=p.ref.role)
        for p in photos
        if p.code
    )
    if not comparisons:
        return ImageEvidence(status="absent", unusable=unusable)
    before_filtered = any(_fails("BEAUTY_FILTER", change.before) for change in comparisons)
    after_filtered = any(_fails("BEAUTY_FILTER", change.after) for change in comparisons)
    drawn_on = any(_fails("DRAWN_ON", (*change.before, *change.after)) for change in comparisons)
    person = _person([*comparisons, *([recovery] if recovery else [])])
    measured = [change for change in comparisons if change.status == "ok"]
    if not measured:
        codes = [finding.code for change in comparisons for finding in change.findings if finding.refuses]
        reason = "; ".join(dict.fromkeys(codes))
        return ImageEvidence(
            status="refused",
            reason=reason,
            before_filtered=before_filtered,
            after_filtered=after_filtered,
            drawn_on=drawn_on,
            unusable=unusable,
            person=person,
        )
    firm = [change for change in measured if change.doubt is None]
    counted = firm or measured
    return ImageEvidence(
        status="measured",
        areas=tuple(
            change
            for area in ZONES_OF
            if (change := _area_change(area, counted, all_days=len(counted) == len(comparisons)))
        ),
        doubted=not firm,
        global_change=any(map(_whole_face, counted)),
        before_filtered=before_filtered,
        after_filtered=after_filtered,
        drawn_on=drawn_on,
        recovery=recovery.verdict if recovery and recovery.status == "ok" else None,
        unusable=unusable,
        person=person,
    )


def _person(changes: Sequence[Change]) -> PersonShown:
    """Whether all photos compared show one person, as far as is known."""
    codes = {finding.code for change in changes for finding in change.findings}
    if codes & PERSON_DOUBTS:
        return "unsure"
    if "PERSON_NOT_CHECKED" in codes:
        return "not_checked"
    apart = [change.identity_distance for change in changes if change.identity_distance is not None]
    return "one" if max(apart, default=0.0) <= PLAINLY_ONE else "probably"


def _area_change(area: Area, changes: Sequence[Change], *, all_days: bool) -> AreaChange | None:
    """The area by its zones: one that rose is a rise; "no change" and "less red" take all of them."""
    zones = ZONES_OF[area]
    deltas = [
        change.zones[zone].erythema_index for change in changes for zone in zones if zone in change.zones
    ]
    if not deltas:
        return None
    whole = all_days and len(deltas) == len(zones) * len(changes)
    verdict = _verdict(deltas, whole)
    # The range told is that of a zone of which the word is true, so that word and numbers agree.
    told = [delta for delta in deltas if delta.verdict == verdict] or deltas
    shown = max(told, key=lambda delta: delta.delta)
    return AreaChange(
        area=area,
        verdict=verdict,
        part_fell=verdict != "decrease" and any(delta.verdict == "decrease" for delta in deltas),
        delta_ei_low=shown.low,
        delta_ei_high=shown.high,
        sdc=max(delta.sdc for delta in deltas),
        power_ok=whole and all(delta.sdc < JUST_VISIBLE for delta in deltas),
        pre_existing=any(_stands_out(scan, zones) for scan in changes[0].before),
    )


def _verdict(deltas: Sequence[Delta], whole: bool) -> ChangeVerdict:
    verdicts = {delta.verdict for delta in deltas}
    if "increase" in verdicts:
        return "increase"
    if verdicts == {"no_change"}:
        return "no_change" if whole else "inconclusive"
    return "decrease" if verdicts == {"decrease"} else "inconclusive"


def _stands_out(scan: Scan, zones: Iterable[str]) -> bool:
    """A zone is surely redder than the rest of the face by more than healthy faces are."""
    measured = scan.zones
    return any(
        measured[zone].erythema_contrast.low > _RED_BY_NATURE[_NEIGHBOUR.get(zone, zone)]
        for zone in zones
        if zone in measured
    )


def _whole_face(change: Change) -> bool:
    """Too little skin stayed as it was, or the face as a whole got redder and no part of it more so."""
    face = change.face
    alike = face is not None and face.erythema_index.verdict == "increase" and face.local != "increase"
    return alike or any(finding.code == "NO_CONTROL" for finding in change.findings)


def _fails(code: str, scans: Sequence[Scan]) -> bool:
    return any(code in scan.quality.failed_checks for scan in scans)
