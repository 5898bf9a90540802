"""Claims about children: who is one, and of which skin no photo is asked for."""

from __future__ import annotations

from skinscan.claims.claim import Claim, ReactionClaim, ShadeClaim

__all__ = ["INFANT_BELOW", "covered_skin_of_a_child", "is_child", "is_infant"]

INFANT_BELOW = 3
"""Years. No face below was among those that measuring was tested on, and cosmetics for them are a class of
their own (儿童化妆品监督管理规定, NMPA 2021 No. 123: infants are 0 to 3 years). [secondary]"""

_FOR_BABIES = "baby_"
"""How the categories of what is sold for babies begin."""
_UNCOVERED = {
    "forehead", "cheek", "periocular", "nose", "lips", "perioral", "chin", "scalp", "auricle", "neck",
}  # fmt: skip


def is_child(claim: Claim, below: int) -> bool:
    """Below that age in years, or of unknown age with a product for babies."""
    return _younger(claim, below)


def is_infant(claim: Claim) -> bool:
    """Below three, or of unknown age with a product for babies."""
    return _younger(claim, INFANT_BELOW)


def covered_skin_of_a_child(claim: ReactionClaim, below: int) -> bool:
    """All that is complained of lies under a child's clothes: no photo of it is asked for."""
    named = {area for seen in claim.signs for area in seen.areas} or set(claim.product.areas)
    return is_child(claim, below) and not named & _UNCOVERED


def _younger(claim: Claim, below: int) -> bool:
    if isinstance(claim, ShadeClaim):
        return False
    age = claim.person.age
    return claim.product.category.startswith(_FOR_BABIES) if age is None else age < below
