"""Early warning on simulated years: how soon a bad batch is flagged, and how often a quiet year alarms.

No photo and no verdict can give this truth: nobody knows the real rate of a batch. Each year has 100
products of different popularity with two batches each, sold and complained about at random days.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import numpy as np

from skinscan.signals.find_signals import find_signals
from skinscan.signals.types import Kind, Order, Report
from skinscan.types import Device

__all__ = ["signals"]

_PRODUCTS, _BATCHES = 100, 2
_CLAIMS = 20_000  # a year, all products together
_DAYS = 364
_FIRST = date(2026, 1, 5)
_ORDERS = 4  # for each claim; a claim that is no reaction comes as often from every order
_WITHIN = 30  # claims about the batch
_YEARS = 40
_SHARES = (0.1, 0.2)  # of claims that are reactions where nothing is wrong
_TIMES = 4


def signals(_device: Device) -> list[dict[str, Any]]:
    """Rows: a batch with four times the reactions of others, without and with orders; then quiet years."""
    ways = [(share, known) for share in _SHARES for known in (False, True)]
    return [_bad_batch(share, known) for share, known in ways] + [
        _quiet(share, known) for share, known in ways
    ]


def _bad_batch(share: float, known: bool) -> dict[str, Any]:
    found = [_until_flagged(seed, share, known) for seed in range(_YEARS)]
    return {
        "what": "batch with four times the reactions",
        "reactions_among_claims": share,
        "orders_known": known,
        "years": _YEARS,
        "within_30_reactions_percent": 100 * np.mean([reactions <= _WITHIN for _, reactions in found]),
        "within_30_claims_percent": 100 * np.mean([claims <= _WITHIN for claims, _ in found]),
        "median_reactions": float(np.median([reactions for _, reactions in found])),
        "median_claims": float(np.median([claims for claims, _ in found])),
    }


def _quiet(share: float, known: bool) -> dict[str, Any]:
    alarms = [_alarms(seed, share, known) for seed in range(_YEARS)]
    return {
        "what": "quiet year",
        "reactions_among_claims": share,
        "orders_known": known,
        "years": _YEARS,
        "products_alarm_percent": 100 * np.mean(["product" in kinds for kinds in alarms]),
        "batches_alarm_percent": 100 * np.mean(["batch" in kinds for kinds in alarms]),
    }


def _until_flagged(seed: int, share: float, known: bool) -> tuple[float, float]:
    """Claims and reactions about the bad batch up to the day on which it was flagged; infinite: not in the
    year."""
    reports, orders, bad = _year(seed, share, _TIMES)
    found = find_signals(reports, orders if known else None)
    flagged = next((s.first_flagged for s in found.signals if s.kind == "batch" and s.name == bad), None)
    if flagged is None:
        return np.inf, np.inf
    own = [report.reaction for report in reports if report.about["batch"] == (bad,) and report.day <= flagged]
    return len(own), sum(own)


def _alarms(seed: int, share: float, with_orders: bool) -> set[str]:
    reports, orders, _ = _year(1_000 + seed, share, 1)
    found = find_signals(reports, orders if with_orders else None)
    return {signal.kind for signal in found.signals if signal.first_flagged}


def _year(seed: int, share: float, times: float) -> tuple[list[Report], list[Order], str]:
    """Claims and orders of a year, and the batch whose reactions come `times` as often per order.

    Without orders the same years are seen as claims alone; reactions among claims then rise with the odds.
    """
    draw = np.random.default_rng(seed)
    popularity = np.repeat(draw.dirichlet(np.full(_PRODUCTS, 2.0)), _BATCHES) / _BATCHES
    which = draw.choice(_PRODUCTS * _BATCHES, _CLAIMS * _ORDERS, p=popularity)
    sold = draw.integers(0, _DAYS, which.size)
    often = np.flatnonzero(popularity * _CLAIMS > 2 * _WITHIN)  # a batch that gets so many claims in the year
    bad = int(draw.choice(often))
    rate = np.where(which == bad, times, 1.0) * share / _ORDERS
    reaction = draw.random(which.size) < rate
    other = draw.random(which.size) < (1 - share) / _ORDERS
    lag = draw.geometric(0.1, which.size)
    about = [_about(number) for number in range(_PRODUCTS * _BATCHES)]
    orders = [
        Order(id=str(n), day=_FIRST + timedelta(int(sold[n])), about=about[which[n]])
        for n in range(which.size)
    ]
    reports = [
        Report(
            case_id=str(n), day=_FIRST + timedelta(int(sold[n] + lag[n])), reaction=bool(reaction[n]),
            serious=False, about=about[which[n]], order=str(n),
        )
        for n in np.flatnonzero(reaction | other).tolist()
    ]  # fmt: skip
    return reports, orders, about[bad]["batch"][0]


def _about(number: int) -> Mapping[Kind, tuple[str, ...]]:
    product = f"P{number // _BATCHES:03d}"
    return {"product": (product,), "batch": (f"{product} / {number % _BATCHES}",)}
