"""How a run went: rows done, refused by reason, failed by reason."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Literal

__all__ = ["BatchSummary", "Status"]

Status = Literal["done", "refused", "failed"]
"""Refused: the input cannot be used, and the row says why. Failed: skinscan or the machine is at fault."""


@dataclass(slots=True, kw_only=True)
class BatchSummary:
    """Counts of rows; grows while a run goes on."""

    done: int = 0
    refused: Counter[str] = field(default_factory=Counter)  # by code of the error
    failed: Counter[str] = field(default_factory=Counter)

    @property
    def rows(self) -> int:
        """All rows."""
        return self.done + self.refused.total() + self.failed.total()

    def add(self, status: Status, code: str | None) -> None:
        """Count one row; `code` is that of its error."""
        if status == "done":
            self.done += 1
        else:
            (self.refused if status == "refused" else self.failed)[str(code)] += 1
