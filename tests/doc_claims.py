"""Sentences and the table of targets of docs/claims.md, made from the result of `bench claims`."""

from __future__ import annotations

from tests.doc_tables import Row, number, rows

__all__ = ["answered", "closed", "must_not", "standing"]

_OWED = 45  # %, of owed reactions


def must_not() -> str:
    """What must not happen, or should, and how often it did."""
    (found,) = rows("claims", "faults")
    paid, cases = (found[f"drawn_on_{what}"] + found[f"duplicate_{what}"] for what in ("paid", "cases"))
    another = _of(found["wrong_person_paid"], found["wrong_person_cases"])
    owed = found["owed_settled_within_two_exchanges_percent"]
    light = number("claims", "default policy", "false_uphold_percent", tone="all")
    flares = number("claims", "by cause", "uphold_percent", cause="unrelated_flare")
    lines = [
        ("a true reaction closed against the person", *_of(_all()["harmful"], _all()["true_reactions"]), 0),
        ("paid on a fact that nobody checked", *_of(found["paid_on_an_unchecked_fact"], found["cases"]), 0),
        ("photo drawn on, or one photo twice: paid", *_of(paid, cases), 0),
        ("photo of another (rendered) person: paid", *another, 0),
        ("light upheld", f"{light:.1f} %", light <= 2, "at most 2 %"),
        ("flares of another cause upheld", f"{flares:.1f} %", flares <= 3, "at most 3 %"),
        ("owed reactions settled by a machine, two exchanges", f"{owed:.1f} %", owed >= _OWED, f"{_OWED} %"),
        ("requests made again", *_of(found["requests_repeated"], found["cases"]), 0),
    ]
    told = [f"| {what} | {count} | {asked} | {_word(met)} |" for what, count, met, asked in lines]
    return "\n".join(["| must not happen, or should | found | asked | met |", "|---|---|---|---|", *told])


def _word(met: bool) -> str:
    return "yes" if met else "**no**"


def _of(count: int, cases: int) -> tuple[str, bool]:
    return f"{count:,} of {cases:,}", count == 0


def _all() -> Row:
    return rows("claims", "default policy", tone="all")[0]


def closed() -> str:
    """Share of claims that a machine closes, in %."""
    return f"{_all()['decided_percent']:.0f} %"


def answered() -> str:
    """Share of claims that a machine answers first, in %."""
    return f"{_all()['first_answer_percent']:.0f} %"


def standing() -> str:
    """Share of pairs where a sign that was there before is recognised, and of those without one."""
    pairs = rows("claims", "photo pairs")
    there, plain = (_shares(pairs, condition) for condition in ("standing", "unchanged"))
    whole = sum(share * count for share, count in there) / sum(count for _, count in there)
    return (
        f"{whole:.0f} % of such pairs of rendered people ("
        f"{min(there)[0]:.0f} to {max(there)[0]:.0f} % by class of tone;"
        f"\nup to {max(plain)[0]:.0f} % of pairs without one look so)"
    )


def _shares(pairs: list[Row], condition: str) -> list[tuple[float, int]]:
    """Share in % and number of measured pairs, a class of tone each."""
    found = [row for row in pairs if row["condition"] == condition]
    return [(row["standing_percent"], row["pairs"] - row["refused"]) for row in found]
