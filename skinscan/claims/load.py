"""Claim file -> `Claim`, or one error that names every bad field."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from skinscan.claims.claim import CLAIM, Claim
from skinscan.claims.field_errors import explain
from skinscan.errors import DataError
from skinscan.files import read_bounded
from skinscan.tables import decode, parse_json
from skinscan.texts.bilingual import Language, Texts
from skinscan.texts.visible_text import visible

__all__ = ["field_errors", "load_claim"]

MAX_BYTES = 1_000_000
"""A claim is text; more than this is a mistake or an attack."""


def load_claim(source: str | Path | bytes | Mapping[str, Any], language: Language = "en") -> Claim:
    """Read and check a claim: a path to a JSON file, its bytes, or the parsed object.

    `language`: of what is said about bad fields, "zh" or "en". Raises `DataError`: one line with every bad
    field as ``path: reason``; a word that is not known is named with the nearest terms.
    """
    texts = Texts(language)
    try:
        return CLAIM.validate_json(_checked(_json_of(source)))
    except ValidationError as error:
        told = (texts("bad field", field, reason) for field, reason in field_errors(error, language))
        raise DataError(texts("bad claim", texts["; "].join(told)), texts["correct fields"]) from None


def field_errors(error: ValidationError, language: Language = "en") -> list[tuple[str, str]]:
    """(field path, reason) of every problem, in the order of the model; "claim" is the whole object."""
    return [_field_error(problem, language) for problem in error.errors(include_url=False)]


def _field_error(problem: ErrorDetails, language: Language) -> tuple[str, str]:
    reason = explain(problem, language)
    if problem["type"].startswith("union_tag"):
        return "kind", reason
    steps = [str(step) for step in problem["loc"]]
    if steps and steps[0] in ("reaction", "shade", "texture"):  # the union's tag is no field of the file
        steps = steps[1:]
    return visible(".".join(step[:100] for step in steps)) or "claim", visible(reason)


def _checked(data: bytes) -> str:
    """The text of the claim, if it is JSON that says one thing only."""
    text = decode(data, "the claim").text
    try:
        parse_json(text)
    except ValueError as error:
        raise DataError(f"Bad claim: {visible(str(error))}", "Correct this and try again") from None
    return text


def _json_of(source: str | Path | bytes | Mapping[str, Any]) -> bytes:
    if isinstance(source, Mapping):
        # By way of JSON, so that a dict is held to the same types as a file.
        try:
            return json.dumps(dict(source), default=str).encode()
        except ValueError:
            raise DataError("Bad claim: the object refers to itself", "Give plain JSON data") from None
    if isinstance(source, bytes):
        data = source
    else:
        try:
            data = read_bounded(source, MAX_BYTES)
        except (OSError, ValueError) as error:  # ValueError: a NUL in the path
            reason = getattr(error, "strerror", None) or error
            raise DataError(f"Cannot read claim {source}: {reason}", "Give the path of a JSON file") from None
    if len(data) > MAX_BYTES:
        raise DataError(
            f"Claim of {len(data)} bytes; the limit is {MAX_BYTES}", "Send photos as paths, not inside"
        )
    return data
