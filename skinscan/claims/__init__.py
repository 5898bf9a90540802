"""Claims: from a complaint about a product to a reasoned, replayable verdict.

`load_claim` reads a complaint, `load_policy` the rules of a platform, `judge` brings them together with
what the photos showed. Every rule that fired or could not be applied is in the verdict's trace.
"""

from skinscan.claims.claim import Claim, ReactionClaim, ShadeClaim, TextureClaim, claim_schema
from skinscan.claims.help.products import load_products
from skinscan.claims.image_evidence import AreaChange, ImageEvidence, UnusablePhoto
from skinscan.claims.ingredients.relevance import History, match_ingredients
from skinscan.claims.load import load_claim
from skinscan.claims.policy.load import check_policy, load_policy
from skinscan.claims.policy.model import Policy
from skinscan.claims.reaction.causality import assess_causality
from skinscan.claims.shade_evidence import ShadeEvidence
from skinscan.claims.verdict import judge
from skinscan.claims.verdict_model import Verdict

__all__ = [
    "AreaChange",
    "Claim",
    "History",
    "ImageEvidence",
    "Policy",
    "ReactionClaim",
    "ShadeClaim",
    "ShadeEvidence",
    "TextureClaim",
    "UnusablePhoto",
    "Verdict",
    "assess_causality",
    "check_policy",
    "claim_schema",
    "judge",
    "load_claim",
    "load_policy",
    "load_products",
    "match_ingredients",
]
