"""All verdicts and orders in, early warnings out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import numpy as np

from skinscan.signals.disproportionality import disproportionality, rate_ratio
from skinscan.signals.sequential import claims_evidence, discoveries, orders_evidence
from skinscan.signals.types import KINDS, IngredientOnSkin, Kind, Order, Report, Signal, Signals, Week
from skinscan.types import FloatArray, Indices, IntMap

__all__ = ["find_signals"]

_RATE = 0.05  # [design] share of false alarms among all alarms of one kind
_LEAST = 3  # reactions; Evans, Waller and Davis, Pharmacoepidemiol. Drug Saf. 10 (2001) 483


def find_signals(
    reports: Sequence[Report],
    orders: Sequence[Order] | None = None,
    *,
    skipped: int = 0,
    rate: float = _RATE,
) -> Signals:
    """Find what leads to reactions more often than the rest of its kind.

    Args:
        reports: one a case; see `read_verdicts`.
        orders: all sales of the time, or None. What they name (product, batch, brand, streamer) is compared
            by reactions per order; all else, and always ingredients, by the share of reactions among claims.
        skipped: lines that told nothing, passed on into the result.
        rate: false discovery rate within each kind, 0..1. It holds on every day that one looks.
    """
    ranked = sorted(reports, key=lambda report: report.day)
    sold = None if orders is None else {order.id: order for order in orders}
    found = [signal for kind in KINDS for signal in _of_kind(kind, ranked, sold, rate)]
    return Signals(
        first=ranked[0].day if ranked else None,
        last=ranked[-1].day if ranked else None,
        claims=len(ranked),
        reactions=sum(report.reaction for report in ranked),
        skipped=skipped,
        orders=None if sold is None else len(sold),
        unmatched=0
        if sold is None
        else sum(report.reaction and report.order not in sold for report in ranked),
        false_discovery_rate=rate,
        least=_LEAST,
        signals=tuple(sorted(found, key=lambda signal: (not signal.flagged, -signal.evidence, signal.name))),
        ingredients=_ingredients(ranked),
    )


class _Stream:
    """The claims that tell one kind, counted by name and day."""

    def __init__(self, kind: Kind, reports: Sequence[Report]) -> None:
        self.kind = kind
        self.reports = [report for report in reports if kind in report.about]
        self.names = sorted({name for report in self.reports for name in report.about[kind]})
        self.days = sorted({report.day for report in self.reports})
        number = {name: row for row, name in enumerate(self.names)}
        column = {day: place for place, day in enumerate(self.days)}
        of = [(number[name], n) for n, report in enumerate(self.reports) for name in report.about[kind]]
        self.about: Indices = np.array([row for row, _ in of], np.intp)
        self.claim: Indices = np.array([n for _, n in of], np.intp)
        self.day: Indices = np.array([column[report.day] for report in self.reports], np.intp)
        self.reaction = np.array([report.reaction for report in self.reports], bool)
        self.serious = np.array([report.reaction and report.serious for report in self.reports], bool)
        self.claims = self._count(np.ones(len(self.reports), bool))
        self.reactions = self._count(self.reaction)

    def _count(self, chosen: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> IntMap:
        """Chosen claims by name and day."""
        out = np.zeros((len(self.names), len(self.days)), np.int32)
        kept = chosen[self.claim]
        np.add.at(out, (self.about[kept], self.day[self.claim[kept]]), 1)
        return out

    def totals(self) -> tuple[IntMap, IntMap]:
        """Reactions and claims of each day; a claim about two ingredients counts once."""
        days = len(self.days)
        reactions = np.bincount(self.day[self.reaction], minlength=days).astype(np.int32)
        return reactions, np.bincount(self.day, minlength=days).astype(np.int32)


class _Sales:
    """Whose orders those of each week were, and from which week each reaction comes."""

    def __init__(self, stream: _Stream, sold: Mapping[str, Order]) -> None:
        kind = stream.kind
        orders = [order for order in sold.values() if kind in order.about]
        weeks = {monday: place for place, monday in enumerate(sorted({_monday(o.day) for o in orders}))}
        number = {name: row for row, name in enumerate(stream.names)}
        counts = np.zeros((len(stream.names), len(weeks)))
        every = np.zeros(len(weeks))
        self.orders: dict[str, list[str]] = defaultdict(list)
        for order in orders:
            week = weeks[_monday(order.day)]
            every[week] += 1
            for name in order.about[kind]:
                self.orders[name].append(order.id)
                if name in number:
                    counts[number[name], week] += 1
        self.shares: FloatArray = counts / every
        self.reactions = np.zeros((len(stream.names), len(stream.days)), np.int32)
        self.by_week = np.zeros((len(stream.days), len(weeks)), np.int32)
        for report, day in zip(stream.reports, stream.day, strict=True):
            own = sold.get(report.order)
            if report.reaction and own is not None and kind in own.about:
                self.by_week[day, weeks[_monday(own.day)]] += 1
                for name in own.about[kind]:
                    if name in number:
                        self.reactions[number[name], day] += 1


def _of_kind(
    kind: Kind, reports: Sequence[Report], sold: Mapping[str, Order] | None, rate: float
) -> list[Signal]:
    stream = _Stream(kind, reports)
    told = sold is not None and any(kind in order.about for order in sold.values())
    sales = _Sales(stream, sold) if sold is not None and told else None
    if sales is None:
        path = claims_evidence(stream.reactions, stream.claims, *stream.totals())
    else:
        path = orders_evidence(sales.reactions, sales.by_week, sales.shares)
    path[stream.reactions.cumsum(axis=1) < _LEAST] = 0  # too few for a signal: nothing is claimed
    flagged = np.stack([discoveries(values, rate) for values in path.T], axis=1) if path.size else path
    return [_signal(stream, row, path[row], flagged[row], sales) for row in range(len(stream.names))]


def _signal(stream: _Stream, row: int, path: FloatArray, flagged: FloatArray, sales: _Sales | None) -> Signal:
    name = stream.names[row]
    own = stream.claim[stream.about == row]
    reactions, claims = int(stream.reaction[own].sum()), own.size
    now = bool(flagged[-1])
    expected = None if sales is None else float((sales.by_week @ sales.shares[row]).sum())
    complained = {stream.reports[n].order for n in own}
    warned = sales.orders[name] if sales and now and stream.kind in ("product", "batch") else []
    return Signal(
        kind=stream.kind,
        name=name,
        counts=disproportionality(
            reactions, claims, int(stream.reaction.sum()) - reactions, len(stream.reports) - claims
        ),
        serious=int(stream.serious[own].sum()),
        rate_ratio=None if sales is None else rate_ratio(int(sales.reactions[row].sum()), expected or 0.0),
        evidence=float(path[-1]),
        flagged=now,
        first_flagged=stream.days[int(flagged.argmax())] if flagged.any() else None,
        weeks=_weeks(stream, row, path),
        tell=tuple(order for order in warned if order not in complained),
    )


def _weeks(stream: _Stream, row: int, path: FloatArray) -> tuple[Week, ...]:
    found: dict[date, list[int]] = defaultdict(list)
    for place, day in enumerate(stream.days):
        found[_monday(day)].append(place)
    return tuple(
        Week(
            monday=monday,
            reactions=int(stream.reactions[row, places].sum()),
            claims=int(stream.claims[row, places].sum()),
            evidence=float(path[places[-1]]),
        )
        for monday, places in found.items()
        if stream.claims[row, places].any()
    )


def _ingredients(reports: Sequence[Report]) -> tuple[IngredientOnSkin, ...]:
    groups: dict[str, list[Report]] = defaultdict(list)
    for report in reports:
        if report.skin_type and "ingredient" in report.about:
            groups[report.skin_type].append(report)
    out = []
    for skin_type, group in groups.items():
        stream = _Stream("ingredient", group)
        for name, reactions, claims in zip(
            stream.names, stream.reactions.sum(axis=1), stream.claims.sum(axis=1), strict=True
        ):
            rest = int(stream.reaction.sum() - reactions), len(group) - int(claims)
            counts = disproportionality(int(reactions), int(claims), *rest)
            out.append(IngredientOnSkin(ingredient=name, skin_type=skin_type, counts=counts))
    return tuple(sorted(out, key=lambda row: (-row.counts.reactions, row.ingredient, row.skin_type)))


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
