"""Constants of comparisons as their fits have written them."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any

__all__ = ["read_fit"]


@cache
def read_fit(name: str) -> dict[str, Any]:
    """One file of `data/`: "pair_fit" or "unchanged_skin", by the fit of that name in models.training.fit."""
    fit: dict[str, Any] = json.loads((files("skinscan.change") / "data" / f"{name}.json").read_text("utf-8"))
    return fit
