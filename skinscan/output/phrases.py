"""Phrases that tables, pictures and reports share."""

from __future__ import annotations

from skinscan.change.types import Delta, Finding
from skinscan.signals.disproportionality import Ratio
from skinscan.texts.bilingual import Texts

__all__ = ["difference_phrase", "finding_phrase", "ratio_phrase"]


def difference_phrase(delta: Delta, texts: Texts) -> str:
    """A difference of erythema with its interval, power and test."""
    p = "p < 0.001" if delta.p < 0.001 else f"p = {delta.p:.3f}"
    return texts("delta is", delta.delta, delta.low, delta.high, delta.sdc, p)


def finding_phrase(finding: Finding, texts: Texts) -> str:
    """Why a pair must not be compared or only with doubt, and what to do."""
    return f"{texts.of(finding.reason)} {texts['->']} {texts.of(finding.advice)}"


def ratio_phrase(ratio: Ratio | None, texts: Texts) -> str:
    """How many times as often, with its interval."""
    return texts["no rest"] if ratio is None else texts("times", ratio.value, ratio.low, ratio.high)
