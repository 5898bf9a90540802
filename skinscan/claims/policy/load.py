"""Loading a policy, and explaining line by line why one cannot be used.

A policy is used only if it is complete: every table is enumerated over all combinations of its inputs, so
that no case can fall between two rows or under both.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

from pydantic import ValidationError

from skinscan.claims.policy.decision_table import Space, When, check_unique, combinations, matches
from skinscan.claims.policy.liability import share_out
from skinscan.claims.policy.model import (
    EVIDENCE_SPACE,
    LIABILITY_SPACE,
    REACTION_SPACE,
    REMEDY_SPACE,
    SHADE_SPACE,
    WHOLE,
    Escalation,
    Policy,
    TableRow,
)
from skinscan.errors import DataError
from skinscan.files import read_bounded
from skinscan.tables import decode
from skinscan.texts.strict_yaml import Document, YamlFaultsError, read_yaml

__all__ = ["Fault", "check_policy", "load_policy"]

Fault = tuple[int, str]
"""Line in the file, counted from 1, and what is wrong there."""

_MOST_BYTES = 1_000_000

ALWAYS_HUMAN: tuple[Escalation, ...] = ("red_flag", "serious", "above_automatic_level")
"""Left to no policy: a machine does not close these."""


def load_policy(source: str | Path | bytes | None = None) -> Policy:
    """Load a policy from a path or its bytes; the default one without.

    Raises `DataError` naming every faulty line.
    """
    name = {type(None): "default policy", bytes: "in the evidence"}.get(type(source), str(source))
    data = _read(source)
    policy, faults = _examine(data)
    if policy is None or faults:
        listed = "; ".join(f"line {line}: {message}" for line, message in faults)
        raise DataError(
            f"Bad policy {name}: {listed}", "Correct these lines; `policy check` repeats this test"
        )
    policy._sha256, policy._text = hashlib.sha256(data).hexdigest(), data
    return policy


def check_policy(path: str | Path) -> list[Fault]:
    """Everything that is wrong with a policy file, by line; empty if it can be used."""
    return _examine(_read(path))[1]


def _with_evidence(data: object) -> object:
    """A policy that was written before this table takes the built-in one: no fact goes unasked."""
    if isinstance(data, dict) and "evidence" not in data:
        return {**data, "evidence": read_yaml(decode(_read(None), "the policy").text).data["evidence"]}
    return data


def _read(path: str | Path | bytes | None) -> bytes:
    if isinstance(path, bytes):
        return path
    try:
        if path is None:
            return (files("skinscan.claims") / "data" / "policy_default.yaml").read_bytes()
        return read_bounded(path, _MOST_BYTES)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        reason = getattr(error, "strerror", None) or error
        raise DataError(f"Cannot read policy {path}: {reason}", "Give the path of a YAML file") from None


def _examine(data: bytes) -> tuple[Policy | None, list[Fault]]:
    try:
        document = read_yaml(decode(data, "the policy").text)
        policy = Policy.model_validate_json(json.dumps(_with_evidence(document.data)))
    except DataError as error:
        return None, [(1, error.message)]
    except YamlFaultsError as fault:
        return None, sorted(fault.faults)
    except ValidationError as error:
        return None, sorted(
            (
                document.line(problem["loc"]),
                f"{'.'.join(map(str, problem['loc'])) or 'policy'}: {problem['msg']}",
            )
            for problem in error.errors(include_url=False)
        )
    return policy, sorted(_faults(policy, document))


def _faults(policy: Policy, document: Document) -> list[Fault]:
    rows = policy.liability.rows
    words = [
        *_unknown_words(document, ("reaction",), policy.reaction, REACTION_SPACE),
        *_unknown_words(document, ("shade_outcome",), policy.shade_outcome, SHADE_SPACE),
        *_unknown_words(document, ("evidence",), policy.evidence, EVIDENCE_SPACE),
        *_unknown_words(document, ("liability", "rows"), rows, LIABILITY_SPACE),
        *_unknown_words(document, ("remedy",), policy.remedy, REMEDY_SPACE),
    ]
    if words:  # a table with a misspelt word would also seem to have gaps
        return words
    dropped = [word for word in ALWAYS_HUMAN if word not in policy.to_human]
    line = document.line(("to_human",))
    return [
        *((line, f"to_human: {word} may not be left out") for word in dropped),
        *_incomplete(document, "reaction", policy.reaction, REACTION_SPACE),
        *_incomplete(document, "shade_outcome", policy.shade_outcome, SHADE_SPACE),
        *_incomplete(document, "evidence", policy.evidence, EVIDENCE_SPACE),
        *(_incomplete(document, "remedy", policy.remedy, REMEDY_SPACE) if policy.remedy else ()),
        *(_over_the_whole(policy, document) or _all_on_the_consumer(policy, document)),
    ]


def _unknown_words(
    document: Document,
    path: tuple[str, ...],
    rows: Sequence[TableRow],
    space: Space,
) -> list[Fault]:
    faults: list[Fault] = []
    seen: set[str] = set()
    for index, row in enumerate(rows):
        at: tuple[str | int, ...] = (*path, index)
        if row.id in seen:
            faults.append((document.line((*at, "id")), f"{row.id}: this id is used before"))
        seen.add(row.id)
        for name, values in row.when.items():
            line = document.line((*at, "when", name))
            if name not in space:
                faults.append((line, f"{row.id}: no input is called {name}; there are {', '.join(space)}"))
                continue
            strangers = [value for value in values if value not in space[name]]
            faults += [
                (line, f"{row.id}: {name} is never {value}; it is one of {', '.join(space[name])}")
                for value in strangers
            ]
            if not values:
                faults.append((line, f"{row.id}: {name} lists no value, so the row can never match"))
    return faults


def _incomplete(document: Document, table: str, rows: Sequence[TableRow], space: Space) -> list[Fault]:
    whens: list[When] = [row.when for row in rows]
    return [
        (document.line((table,) if index is None else (table, index)), f"{table}: {message}")
        for index, message in check_unique(whens, space)
    ]


def _over_the_whole(policy: Policy, document: Document) -> list[Fault]:
    """Only `sum` can pass 10,000; report the first combination at which it does."""
    if policy.liability.combine != "sum":
        return []
    for facts in combinations(LIABILITY_SPACE):
        hits = [row for row in policy.liability.rows if matches(row.when, facts)]
        total = sum(row.basis_points for row in hits)
        if total > WHOLE:
            names = ", ".join(row.id for row in hits)
            last = policy.liability.rows.index(hits[-1])
            line = document.line(("liability", "rows", last))
            return [(line, f"liability: {names} together take {total} of {WHOLE} basis points")]
    return []


def _all_on_the_consumer(policy: Policy, document: Document) -> list[Fault]:
    """A finding that costs the consumer everything is a rejection by another name."""
    for facts in combinations(LIABILITY_SPACE):
        shares = share_out(facts, policy.liability)
        if facts["cause"] != "none" and {share.party for share in shares} == {"consumer"}:
            line = document.line(("liability",))
            return [(line, f"liability: cause {facts['cause']} leaves everything to the consumer")]
    return []
