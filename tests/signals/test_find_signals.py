"""Planted harm is found, quiet streams stay quiet, and neither order nor bursts of sales matter."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta

import pytest

from skinscan.signals.find_signals import find_signals
from skinscan.signals.types import Order, Report
from tests.streams import FIRST, about, stream


def orders_of(reports: list[Report], each: int = 20) -> list[Order]:
    """The orders of these claims three days before, and others of the same product that nobody complained
    about."""
    return [
        Order(
            id=report.order if n == 0 else f"{report.order}+{n}",
            day=report.day - timedelta(3),
            about=report.about,
        )
        for report in reports
        for n in range(each)
    ]


def test_a_bad_product_is_flagged_with_its_batch_and_nothing_else() -> None:
    found = find_signals(stream(120, bad=0.5))
    assert {(s.kind, s.name) for s in found.flagged} >= {("product", "P0"), ("batch", "P0 / 0")}
    assert {s.name for s in found.flagged} <= {
        "P0",
        "P0 / 0",
        "B0",
        "LIMONENE",
    }  # its brand and what is in it
    product = next(s for s in found.flagged if s.kind == "product")
    assert product.first_flagged
    assert product.first_flagged < FIRST + timedelta(60)
    assert product.counts.prr
    assert product.counts.prr.low > 2
    assert sum(week.claims for week in product.weeks) == product.counts.claims
    assert sum(week.reactions for week in product.weeks) == product.counts.reactions
    assert product.counts.claims + product.counts.rest_claims == found.claims == 1200


def test_a_quiet_stream_stays_quiet() -> None:
    assert not find_signals(stream(200)).flagged


def test_the_order_of_lines_does_not_matter() -> None:
    reports = stream(60, bad=0.5)
    mixed = random.Random(1).sample(reports, len(reports))
    assert find_signals(mixed) == find_signals(reports)


def test_looking_later_does_not_move_the_first_warning() -> None:
    reports = stream(120, bad=0.5)
    later = next(s for s in find_signals(reports).flagged if s.kind == "product")
    assert later.first_flagged
    day = later.first_flagged
    then = next(s for s in find_signals([r for r in reports if r.day <= day]).flagged if s.kind == "product")
    assert then.first_flagged == day
    assert not [s for s in find_signals([r for r in reports if r.day < day]).flagged if s.kind == "product"]


def test_two_reactions_are_never_a_signal() -> None:
    quiet = [replace(report, reaction=False) for report in stream(100)]
    own = [n for n, report in enumerate(quiet) if report.about["product"] == ("P0",)]
    for count, flagged in ((2, False), (6, True)):
        reports = list(quiet)
        for n in own[:count]:
            reports[n] = replace(reports[n], reaction=True)
        assert any(s.kind == "product" for s in find_signals(reports).flagged) is flagged


def test_with_orders_a_bad_product_is_flagged_and_whom_to_tell_is_known() -> None:
    reports = stream(120, bad=0.5)
    orders = orders_of(reports)
    found = find_signals(reports, orders)
    product = next(s for s in found.flagged if s.kind == "product")
    assert product.name == "P0"
    assert product.rate_ratio
    assert product.rate_ratio.low > 1.5
    complained = {report.order for report in reports}
    assert product.tell
    assert not set(product.tell) & complained
    assert len(product.tell) == product.counts.claims * 19
    quiet = stream(200)
    assert not find_signals(quiet, orders_of(quiet)).flagged


def test_a_sale_in_one_burst_is_not_mistaken_for_harm() -> None:
    """All of P9 is sold in one day of a live show, and its complaints come together in the days after."""
    reports = stream(100, a_day=6)
    burst = [
        Report(
            case_id=f"burst {n}", day=FIRST + timedelta(50 + n % 5), reaction=n % 10 == 0, serious=False,
            about=about(9), order=f"burst {n}",
        )
        for n in range(300)
    ]  # fmt: skip
    show = [Order(id=f"burst {n}", day=FIRST + timedelta(49), about=about(9)) for n in range(6_000)]
    found = find_signals(reports + burst, orders_of(reports) + show)
    assert not [s for s in found.flagged if s.kind in ("product", "batch")]


def test_reactions_of_unknown_orders_are_counted_and_left_out() -> None:
    reports = stream(60, bad=0.5)
    found = find_signals(reports, [])
    assert found.unmatched == found.reactions > 0
    assert found.orders == 0
    assert {s.name for s in found.flagged} >= {"P0"}  # compared by claims, as without orders
    assert not any(s.rate_ratio for s in found.signals)


def test_ingredients_are_told_by_skin_type() -> None:
    reports = [
        replace(report, skin_type="") if report.case_id.startswith("3-") else report for report in stream(60)
    ]
    rows = find_signals(reports).ingredients
    dry = [
        report for report in reports if report.skin_type == "dry" and "LINALOOL" in report.about["ingredient"]
    ]
    row = next(row for row in rows if (row.ingredient, row.skin_type) == ("LINALOOL", "dry"))
    assert row.counts.claims == len(dry)
    assert row.counts.reactions == sum(report.reaction for report in dry)
    assert {row.skin_type for row in rows} == {"dry", "oily"}


@pytest.mark.parametrize("orders", [None, []])
def test_nothing_gives_nothing(orders: list[Order] | None) -> None:
    found = find_signals([], orders)
    assert (found.first, found.signals, found.ingredients) == (None, (), ())
