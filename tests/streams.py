"""Simulated claims for the tests of early warning."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

import numpy as np

from skinscan.signals.types import Kind, Report

_IN = {True: ("LIMONENE",), False: ("GLYCERIN", "LINALOOL")}
FIRST = date(2026, 1, 5)


def about(product: int, batch: int = 0) -> Mapping[Kind, tuple[str, ...]]:
    name = f"P{product}"
    return {"product": (name,), "batch": (f"{name} / {batch}",), "brand": (f"B{product % 3}",)}


def stream(
    days: int, *, products: int = 10, a_day: int = 10, rate: float = 0.1, bad: float = 0.1
) -> list[Report]:
    """Claims of every day; a share `rate` of them are reactions, of product 0 the share `bad`."""
    draw = np.random.default_rng(7)
    reports = []
    for day in range(days):
        for n, product in enumerate(draw.integers(0, products, a_day).tolist()):
            reaction = bool(draw.random() < (bad if product == 0 else rate))
            reports.append(
                Report(
                    case_id=f"{day}-{n}", day=FIRST + timedelta(day), reaction=reaction, serious=False,
                    about={**about(product), "ingredient": _IN[product < 2]},
                    skin_type="dry" if n % 2 else "oily", order=f"{day}-{n}",
                )
            )  # fmt: skip
    return reports
