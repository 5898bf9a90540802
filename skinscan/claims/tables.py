"""Reads the tables of this sub-package: facts that experts replace without touching code.

Every row carries `source` and `status`:

- ``verified``    read in the named source
- ``secondary``   read in a text about the source; check the official one
- ``design``      this project's own proposal
- ``unverified``  recalled without a source; an expert must confirm it
"""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files
from typing import Literal

__all__ = ["STATUSES", "Row", "Status", "read_table"]

Status = Literal["verified", "secondary", "design", "unverified"]
STATUSES: tuple[Status, ...] = ("verified", "secondary", "design", "unverified")

Row = dict[str, str]


@cache
def read_table(name: str) -> tuple[Row, ...]:
    """Rows of ``data/<name>.csv`` in file order. The rows are shared: do not change them."""
    text = (files("skinscan.claims") / "data" / f"{name}.csv").read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines()))
