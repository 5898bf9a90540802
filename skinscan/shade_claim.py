"""A shade match in, the evidence that the rules of a shade claim read out."""

from __future__ import annotations

from skinscan.claims.shade_evidence import ShadeEvidence
from skinscan.shades import ShadeMatch
from skinscan.texts.words import Language, Words

__all__ = ["shade_evidence"]


def shade_evidence(found: ShadeMatch | None, language: Language = "en") -> ShadeEvidence:
    """Fill the evidence of the question that was asked; "absent" when none was.

    The upper end is that of the 90 % interval of the whole error budget, the lower end that of the test for
    a mismatch, so that "beyond" here is what `skinscan shade` calls one. A sheer layer that agrees with what
    was shown may owe that to the skin below, so it is handed on as refused, not as a small difference.
    """
    if found is None or found.claim is None:
        return ShadeEvidence(status="absent")
    claim = found.claim
    words = Words(language)
    sheer_agreement = (
        claim.question == "as_advertised"
        and claim.verdict == "inconclusive"
        and (claim.difference.high <= found.acceptable)
    )
    return ShadeEvidence(
        status="refused" if sheer_agreement else "measured",
        delta_e00_low=min(claim.at_least, claim.difference.low),
        delta_e00_high=claim.difference.high,
        acceptable=found.acceptable,
        direction=words.join(words[code] for code in claim.difference.direction),
    )
