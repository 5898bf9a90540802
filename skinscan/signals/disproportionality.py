"""How much more often: the two ratios of drug safety, each with its 95 % interval."""

from __future__ import annotations

import math
from dataclasses import dataclass

__all__ = ["Disproportionality", "Ratio", "disproportionality", "rate_ratio"]

_Z95 = 1.959964


@dataclass(frozen=True, slots=True)
class Ratio:
    """A ratio, from 0 up; 1 says "as often as in the rest", above 1 "more often"."""

    value: float
    low: float  # of the 95 % interval
    high: float


@dataclass(frozen=True, slots=True)
class Disproportionality:
    """Of one product, batch, brand, streamer or ingredient against all claims about others."""

    reactions: int
    claims: int
    rest_reactions: int
    rest_claims: int
    prr: Ratio | None  # proportional reporting ratio; None where one of the two has no claims
    ror: Ratio | None  # reporting odds ratio


def disproportionality(
    reactions: int, claims: int, rest_reactions: int, rest_claims: int
) -> Disproportionality:
    """Proportional reporting ratio and reporting odds ratio of a table of two by two.

    `reactions` of `claims` are about one thing, `rest_reactions` of `rest_claims` about all others. Evans,
    Waller and
    Davis, Pharmacoepidemiol. Drug Saf. 10 (2001) 483; van Puijenbroek et al., ibid. 11 (2002) 3. Intervals
    are normal
    on the logarithm (Katz; Woolf). Where a cell is empty, a half is added to each (Haldane, Anscombe).
    """
    if not claims or not rest_claims:
        return Disproportionality(reactions, claims, rest_reactions, rest_claims, None, None)
    cells = (reactions, claims - reactions, rest_reactions, rest_claims - rest_reactions)
    a, b, c, d = (cell + (0.5 if 0 in cells else 0.0) for cell in cells)
    prr = _ratio((a / (a + b)) / (c / (c + d)), 1 / a - 1 / (a + b) + 1 / c - 1 / (c + d))
    ror = _ratio(a * d / (b * c), 1 / a + 1 / b + 1 / c + 1 / d)
    return Disproportionality(reactions, claims, rest_reactions, rest_claims, prr, ror)


def _ratio(value: float, variance: float) -> Ratio:
    factor = math.exp(_Z95 * math.sqrt(variance))
    return Ratio(value, value / factor, value * factor)


def rate_ratio(seen: int, expected: float) -> Ratio | None:
    """Reactions over those to be expected, more than 0, with the 95 % interval of Byar for a Poisson count.

    Breslow and Day, Statistical Methods in Cancer Research II (IARC 1987), 2.10. None where none were
    expected.
    """
    if not expected:
        return None
    low = seen * (1 - 1 / (9 * seen) - _Z95 / (3 * math.sqrt(seen))) ** 3 if seen else 0.0
    more = seen + 1
    high = more * (1 - 1 / (9 * more) + _Z95 / (3 * math.sqrt(more))) ** 3
    return Ratio(seen / expected, low / expected, high / expected)
