"""How bad it is: red flags, severity (intensity) and seriousness (consequences), three separate things."""

from __future__ import annotations

from skinscan.claims.children import is_child
from skinscan.claims.claim import ReactionClaim
from skinscan.claims.terms import Seriousness, Severity
from skinscan.claims.vocabulary import Area, Group, entry

__all__ = ["grade_seriousness", "grade_severity", "red_flags"]


_GRADES: tuple[Severity, ...] = ("mild", "moderate", "severe")
_FACE: frozenset[Area] = frozenset({"forehead", "cheek", "periocular", "nose", "lips", "perioral", "chin"})
_EMERGENCIES = {"breathing_difficulty", "throat_tightness", "fainting"}


def grade_severity(claim: ReactionClaim) -> Severity:
    """The worst of everything reported, by the grade in the vocabulary."""
    grades = [entry(group, code)["severity"] for group, code in _reported(claim)]
    return next((grade for grade in reversed(_GRADES) if grade in grades), "unknown")


def grade_seriousness(claim: ReactionClaim) -> Seriousness:
    """Serious if any box of the report form is ticked, or damage went beyond the skin."""
    return "serious" if claim.seriousness or claim.other_damage else "general"


def red_flags(claim: ReactionClaim, *, child_below_age: int, many_areas: int) -> list[str]:
    """Codes of everything that needs a doctor before a decision; the instruction first."""
    signs = {seen.sign for seen in claim.signs}
    areas = {area for seen in claim.signs for area in seen.areas}
    swollen = {area for seen in claim.signs if seen.sign == "oedema" for area in seen.areas}
    flags = {
        "SWOLLEN_EYELID_OR_LIP": bool(swollen & {"periocular", "lips"}),
        "BLISTERS_OR_OOZING": any(entry("sign", sign)["red_flag"] for sign in signs),
        "BEYOND_THE_SKIN": bool(claim.alarms or claim.other_damage),
        "CHILD": is_child(claim, child_below_age),
        "LARGE_AREA": len(areas) >= many_areas and _extensive(claim),
    }
    raised = [code for code, is_raised in flags.items() if is_raised]
    first = "EMERGENCY" if _EMERGENCIES & set(claim.alarms) else "SEE_DOCTOR_NOW"
    return [first, *raised] if raised else []


def _extensive(claim: ReactionClaim) -> bool:
    """Many areas are a large area if they pass the face, or if there is more than redness or peeling.

    The face is some 4 % of the skin, and a whole face that is a little red is the commonest complaint.
    """
    areas = {area for seen in claim.signs for area in seen.areas}
    worse = any(entry("sign", seen.sign)["severity"] != "mild" for seen in claim.signs)
    return worse or not areas <= _FACE


def _reported(claim: ReactionClaim) -> list[tuple[Group, str]]:
    return [
        *(("symptom", code) for code in claim.symptoms),
        *(("sign", seen.sign) for seen in claim.signs),
        *(("alarm", code) for code in claim.alarms),
        *(("damage", code) for code in claim.other_damage),
    ]
