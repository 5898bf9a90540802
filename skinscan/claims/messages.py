"""Every sentence a verdict can say, in zh and en, by group and code."""

from __future__ import annotations

from functools import cache
from typing import Literal

from pydantic import BaseModel, ConfigDict

from skinscan.claims.tables import read_table
from skinscan.texts.catalogue import check_texts

__all__ = ["Group", "Message", "message"]

Group = Literal[
    "red_flag", "reason", "human", "hold", "advice", "photo", "outcome", "step", "party", "queue",
    "priority", "severity", "seriousness", "signal", "promise", "remedy", "replacement",
]  # fmt: skip


class Message(BaseModel):
    """A sentence with the stable code that programs go by."""

    model_config = ConfigDict(frozen=True)

    code: str
    zh: str
    en: str


def message(group: Group, code: str) -> Message:
    """The sentence of a code."""
    return _messages()[group, code]


@cache
def _messages() -> dict[tuple[str, str], Message]:
    rows = read_table("messages")
    check_texts((f"{row['group']} {row['code']}", {"zh": row["zh"], "en": row["en"]}) for row in rows)
    return {
        (row["group"], row["code"]): Message(code=row["code"], zh=row["zh"], en=row["en"]) for row in rows
    }
