"""A complaint about texture or finish: answered with how to use the product, and the policy's exchange."""

from __future__ import annotations

from skinscan.claims.assessment import Assessment
from skinscan.claims.claim import TextureClaim
from skinscan.claims.help.care import texture_care
from skinscan.claims.trace import ruled

__all__ = ["assess_texture"]

_SPOILED = {"separated", "smell"}


def assess_texture(claim: TextureClaim) -> Assessment:
    """No photo decides how a cream feels: advice by complaint; what may be spoiled goes to a person."""
    spoiled = bool(_SPOILED & set(claim.complaints))
    return Assessment(
        proposal="human_review" if spoiled else "advise",
        cause=None,
        reasons=["TEXTURE_NO_PHOTO"],
        missing=[],
        facts=(),
        advice=["KEEP_PRODUCT"],
        trace=[ruled("texture.complaints", ", ".join(claim.complaints), source="claim")],
        red_flags=[],
        human=["MAY_BE_SPOILED"] if spoiled else [],
        causality=None,
        severity=None,
        seriousness=None,
        shade=None,
        care=texture_care(claim),
    )
