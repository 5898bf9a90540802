"""What a person can be asked for, in zh and en: what, why, how, and what happens if it cannot be had."""

from __future__ import annotations

from functools import cache

from skinscan.claims.messages import Message
from skinscan.claims.tables import read_table
from skinscan.texts.catalogue import check_texts

__all__ = ["REQUEST_PARTS", "request_texts"]

REQUEST_PARTS = ("what", "why", "how", "otherwise")
_COLUMNS = {"what": ("zh", "en"), "why": ("why_zh", "why_en"), "how": ("how_zh", "how_en"),
            "otherwise": ("else_zh", "else_en")}  # fmt: skip


def request_texts(what: str, variant: str = "") -> dict[str, Message]:
    """The sentences of a request by part; `variant` is "" where a request has only one wording."""
    return _requests()[what, variant]


@cache
def _requests() -> dict[tuple[str, str], dict[str, Message]]:
    rows = read_table("requests")
    found = {}
    for row in rows:
        name = row["what"], row["variant"]
        found[name] = {
            part: Message(code=row["what"], zh=row[zh], en=row[en]) for part, (zh, en) in _COLUMNS.items()
        }
    check_texts(
        (f"{what} {variant} {part}", {"zh": text.zh, "en": text.en})
        for (what, variant), parts in found.items()
        for part, text in parts.items()
    )
    return found
