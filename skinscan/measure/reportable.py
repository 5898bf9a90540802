"""Which measures of a scan may be told, and why not the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:  # types.py loads numpy, which the start of the command line does not need
    from collections.abc import Mapping

    from skinscan.types import Metric, Scan

__all__ = ["MEASURES", "given", "has_bounds", "likely_monk", "withheld"]

MEASURES: dict[str, Metric] = {
    "erythema_index": "redness",
    "erythema_contrast": "redness",
    "melanin_index": "tone",
    "shine": "oil_balance",
    "lightness": "tone",
}
"""Measures of a zone, and the metric that a check must leave standing for them to be given."""


def given(scan: Scan) -> dict[str, bool]:
    """For each score, and for "tone": is there a number, or an abstention? A number may be uncertain."""
    scores = {name: score.status == "ok" for name, score in scan.scores.items()}
    return scores | {"tone": scan.tone.status != "abstained"}


def withheld(scan: Scan) -> dict[str, str]:
    """Measures of a zone that a failed check forbids, each with the check's code: they are never shown."""
    disabled = scan.quality.disabled
    return {measure: disabled[metric].code for measure, metric in MEASURES.items() if metric in disabled}


def has_bounds(scan: Scan) -> bool:
    """Whether a measure of any zone is a lower bound, because skin is burnt out."""
    zones = scan.zones.values()
    return any(measure.at_least for zone in zones for measure in (zone.erythema_index, zone.shine))


_MONK_SHARE = 0.9  # least probability of the Monk tones that are named together


def likely_monk(monk: Mapping[str, float]) -> tuple[str, float, str, str, float]:
    """Get the likeliest tone and its probability; the tones around it that reach _MONK_SHARE, and theirs."""
    names, shares = list(monk), list(monk.values())
    first = last = best = shares.index(max(shares))
    while sum(shares[first : last + 1]) < _MONK_SHARE and last - first < len(shares) - 1:
        lower = shares[first - 1] if first > 0 else -1.0
        upper = shares[last + 1] if last + 1 < len(shares) else -1.0
        first, last = (first - 1, last) if lower > upper else (first, last + 1)
    return names[best], shares[best], names[first], names[last], sum(shares[first : last + 1])
