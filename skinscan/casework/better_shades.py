"""Shades of the catalogue that fit better than the one bought, each with its probability.

A shade is only named if it is likelier to fit than the one bought and likely enough to be worth trying; if
none is, that is said, and the likeliest is never called the best.
"""

from __future__ import annotations

from dataclasses import dataclass

from skinscan.shades import Candidate, ShadeMatch

__all__ = ["MIN_PROBABILITY", "BetterShades", "better_shades"]

MIN_PROBABILITY = 0.4
"""That a shade is acceptable on this skin, from which it is proposed. [design]"""
_MOST = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class BetterShades:
    """What the catalogue offers instead."""

    bought: float  # probability 0..1 that the shade bought is acceptable
    shades: tuple[Candidate, ...]  # likeliest first; empty: none is likely enough
    likeliest: float  # probability of the likeliest of the catalogue, 0..1


def better_shades(found: ShadeMatch | None) -> BetterShades | None:
    """Read a match that was made for "does not suit"; None where none was."""
    if found is None or found.claim is None or found.claim.question != "suits" or not found.matches:
        return None
    bought = found.claim.difference.probability_acceptable
    ranked = sorted(
        (match for match in found.matches if match.shade.sku != found.claim.shade.sku),
        key=lambda match: -match.difference.probability_acceptable,
    )
    likely = [
        match
        for match in ranked
        if match.difference.probability_acceptable >= MIN_PROBABILITY
        and match.difference.probability_acceptable > bought
    ]
    best = ranked[0].difference.probability_acceptable if ranked else 0.0
    return BetterShades(bought=bought, shades=tuple(likely[:_MOST]), likeliest=best)
