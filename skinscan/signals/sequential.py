"""Evidence that may be looked at every day: e-processes for "more often here than elsewhere", and e-BH.

An e-process starts at 1 and, as long as nothing is wrong, is not expected to grow, whenever one stops
looking: the chance that it ever reaches 1/a is at most a (Ville's inequality). So looking every day costs
nothing.

- `claims_evidence`: two streams of claims, of which some are reactions. Turner, Ly and Gruenwald, "Generic
  E-variables for exact sequential k-sample tests that allow for optional stopping", J. Stat. Plan. Inference
  230 (2024).
- `orders_evidence`: reactions one by one, each by chance from any order of its week. A likelihood ratio.
- `discoveries`: e-BH, which holds the false discovery rate under any dependence. Wang and Ramdas, "False
  discovery rate control with e-values", J. R. Stat. Soc. B 84 (2022).
"""

from __future__ import annotations

import numpy as np

from skinscan.types import BoolMap, FloatArray, IntMap

__all__ = ["claims_evidence", "discoveries", "orders_evidence"]

_RATIOS = np.array(
    [2.0, 3.0, 5.0, 8.0]
)  # [design] alternatives mixed with equal weights, as odds or rate ratios
_ENOUGH_OTHERS = 4  # [design] claims of the rest for each of its own that close a block of days
_ENOUGH_CLAIMS = 30  # [design] of both, which close it too: a large brand has no four for each of its own
_PRIOR_EVENTS, _PRIOR_CLAIMS = 1.0, 10.0  # [design] what is thought of the rest before its first claim


def claims_evidence(
    reactions: IntMap, claims: IntMap, all_reactions: IntMap, all_claims: IntMap
) -> FloatArray:
    """Evidence, day by day, that a claim is a reaction more often here than in the rest.

    Args:
        reactions: about each thing on each day, (things, days).
        claims: about each thing on each day, reactions among them, (things, days).
        all_reactions: of all things together, (days,); a claim about two things counts once.
        all_claims: the same of claims, (days,).

    Returns:
        e-processes, (things, days), from 0 up; 1 means that nothing is known. One moves on days that close a
        block of its own: days that hold claims about it and enough of the rest, so that a thin stream is
        compared as well as a thick one. Sizes of blocks do not depend on which claims are reactions; the rate
        of the rest is that of the blocks before.
    """
    things, days = claims.shape
    logs = np.zeros((things, _RATIOS.size))
    path = np.ones((things, days))
    block = np.zeros((4, things))
    past = np.tile([[_PRIOR_EVENTS], [_PRIOR_CLAIMS]], (1, things))
    for day in range(days):
        own = np.stack([reactions[:, day], claims[:, day]])
        block[:2] += own
        block[2:] += np.array([[all_reactions[day]], [all_claims[day]]]) - own
        enough = (block[3] >= _ENOUGH_OTHERS * block[1]) | (block[1] + block[3] >= _ENOUGH_CLAIMS)
        closed = (block[1] > 0) & (block[3] > 0) & enough
        logs[closed] += _block(block[:, closed], past[0, closed] / past[1, closed])
        past[:, closed] += block[2:, closed]
        block[:, closed] = 0
        path[:, day] = np.exp(logs).mean(axis=1)
    return path


def _block(block: FloatArray, rate: FloatArray) -> FloatArray:
    """Logarithms of the e-values of blocks, (things, ratios)."""
    events, claims, other_events, other_claims = block[:, :, None]
    rate = rate[:, None]
    odds = rate / (1 - rate) * _RATIOS
    here = odds / (1 + odds)
    common = (claims * here + other_claims * rate) / (claims + other_claims)  # of the null nearest to both
    out: FloatArray = (
        events * np.log(here / common)
        + (claims - events) * np.log((1 - here) / (1 - common))
        + other_events * np.log(rate / common)
        + (other_claims - other_events) * np.log((1 - rate) / (1 - common))
    )
    return out


def orders_evidence(reactions: IntMap, by_week: IntMap, shares: FloatArray) -> FloatArray:
    """Evidence, day by day, that an order leads to a reaction more often here than elsewhere.

    Args:
        reactions: about each thing on each day, (things, days).
        by_week: all reactions of each day by the week in which their order was placed, (days, weeks).
        shares: that each thing has in the orders of each week, 0..1, (things, weeks).

    Returns:
        e-processes, (things, days), from 0 up. A reaction is compared with the orders of its own order's
        week, which
        are as old as it: neither the delay between sale and complaint nor a sale in one burst is mistaken
        for harm.
    """
    spent = np.log1p((_RATIOS - 1) * shares[:, :, None])  # things, weeks, ratios
    logs = np.zeros((len(shares), _RATIOS.size))
    path = np.ones(reactions.shape)
    for day, (own, weeks) in enumerate(zip(reactions.T, by_week, strict=True)):
        held = np.flatnonzero(weeks)
        logs += own[:, None] * np.log(_RATIOS) - (spent[:, held] * weeks[held, None]).sum(axis=1)
        path[:, day] = np.exp(logs).mean(axis=1)
    return path


def discoveries(evidence: FloatArray, rate: float) -> BoolMap:
    """Which to report of all that were looked at, with a false discovery rate of at most `rate`, 0..1.

    `evidence`: an e-value for each, (things,); those not worth reporting must be among them too, as they
    count. Returns (things,), true for those to report.
    """
    ranked = np.sort(evidence)[::-1]
    enough = np.flatnonzero(ranked * np.arange(1, ranked.size + 1) * rate >= ranked.size)
    if not enough.size:
        return np.zeros(evidence.shape, bool)
    out: BoolMap = evidence >= ranked[enough[-1]]
    return out
