"""Phrases that tables, pictures and reports share."""

from __future__ import annotations

from statistics import median_high

from skinscan.casework.better_shades import BetterShades
from skinscan.change.types import Change, Delta, Finding
from skinscan.facemesh.view import side_shown, view_name, zones_turned_away
from skinscan.signals.disproportionality import Ratio
from skinscan.texts.bilingual import Texts
from skinscan.types import JUST_VISIBLE, Scan

__all__ = [
    "better_shades_phrases",
    "bound_phrase",
    "difference_phrase",
    "finding_phrase",
    "ratio_phrase",
    "verdict_phrase",
    "view_in_words",
]


def difference_phrase(delta: Delta, texts: Texts) -> str:
    """A difference of erythema with its interval, power and test."""
    p = "p < 0.001" if delta.p < 0.001 else f"p = {delta.p:.3f}"
    return texts("delta is", delta.delta, delta.low, delta.high, delta.sdc, p)


def bound_phrase(change: Change, texts: Texts) -> str | None:
    """How large a change may still be where none was shown; None where one was, or nothing may be said."""
    if change.at_most is None or change.verdict in ("increase", "decrease"):
        return None
    if change.area is not None:
        return texts("area at most", change.at_most, JUST_VISIBLE)
    half = median_high(zone.erythema_index.at_most for zone in change.zones.values())
    return texts("zones at most", change.at_most, half, JUST_VISIBLE)


def finding_phrase(finding: Finding, texts: Texts) -> str:
    """Why a pair must not be compared or only with doubt, and what to do."""
    return f"{texts.of(finding.reason)} {texts['->']} {texts.of(finding.advice)}"


def ratio_phrase(ratio: Ratio | None, texts: Texts) -> str:
    """How many times as often, with its interval."""
    return texts["no rest"] if ratio is None else texts("times", ratio.value, ratio.low, ratio.high)


def better_shades_phrases(found: BetterShades, texts: Texts) -> list[str]:
    """Each shade with its probability and that of the one bought; or that none is likely enough."""
    if not found.shades:
        return [texts("no better shade", found.likeliest)]
    told = [
        f"{match.shade.brand} {match.shade.product} {match.shade.shade}{texts['colon']}"
        f"{texts('suits with', match.difference.probability_acceptable)}".strip()
        for match in found.shades
    ]
    return [*told, texts("bought fits with", found.bought)]


def view_in_words(scan: Scan, texts: Texts) -> str | None:
    """Which side a turned head shows, and the zones that are not seen; None for a frontal view."""
    if side_shown(scan.face.pose) == "both":
        return None
    shown, hidden = texts[view_name(scan.face.pose)], zones_turned_away(scan.zone_masks)
    return texts("view is", shown, texts.join(texts[name] for name in hidden)) if hidden else shown


def verdict_phrase(change: Change, texts: Texts) -> str:
    """The verdict, or the doubt that leaves none."""
    if change.doubt is None:
        return texts[f"{change.verdict} verdict"]
    return texts("doubted verdict", texts.of(change.doubt.reason))
