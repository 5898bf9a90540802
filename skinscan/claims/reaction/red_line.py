"""The red line: a reaction must not be called none.

A "no reaction" may be said only if photos that could have shown it, taken when it should have been visible,
show none. No policy can lift this; it is asked again after every table.
"""

from __future__ import annotations

from skinscan.claims.image_evidence import ImageEvidence, increase_seen
from skinscan.claims.reaction.causality import Causality

__all__ = ["red_line"]


def red_line(image: ImageEvidence, causality: Causality) -> list[str]:
    """Every reason why "no reaction" may not be said; empty if it may."""
    reasons = {
        "an increase was seen": increase_seen(image),
        f"the observation window is {causality.observation}": causality.observation != "closed",
        "an area was measured without power": any(not change.power_ok for change in image.areas),
        f"the photos read {causality.image}": causality.image != "no_change",
    }
    return [reason for reason, holds in reasons.items() if holds]
