"""Why a field of a claim is refused, in the language asked for."""

from __future__ import annotations

from typing import Any, cast

from pydantic_core import ErrorDetails

from skinscan.claims.consumer_words import Group, labels
from skinscan.claims.form_words import WORD_ERRORS
from skinscan.texts.bilingual import Language, Texts

__all__ = ["BY_TYPE", "explain"]

_SHOWN = 40  # characters of a word that is named
BY_TYPE = {
    "missing": "field missing",
    "extra_forbidden": "field extra",
    "literal_error": "field literal",
    "string_too_long": "field too long",
    "string_too_short": "field too short",
    "too_long": "field too many",
    "too_short": "field too few",
    "tuple_type": "field list",
    "string_type": "field text",
    "bool_parsing": "field truth",
    "bool_type": "field truth",
    "int_parsing": "field number",
    "int_type": "field number",
    "float_parsing": "field number",
    "float_type": "field number",
    "greater_than_equal": "field too small",
    "greater_than": "field too small",
    "less_than_equal": "field too large",
    "moment": "field moment",
    "moment_year": "field year",
    "timezone_aware": "field zone",
    "personal_id": "field personal",
    "model_type": "field object",
}
"""Type of a fault of pydantic's, or of ours, -> its text."""


def explain(problem: ErrorDetails, language: Language) -> str:
    """The reason of one problem. In English what pydantic says, unless we say it better."""
    texts = Texts(language)
    kind, context = problem["type"], problem.get("ctx", {})
    if kind.startswith("union_tag"):
        return texts["field kind"]
    if kind in WORD_ERRORS:
        return _of_word(kind, context, texts)
    if language == "en":
        return problem["msg"]
    return texts(BY_TYPE.get(kind, "field other"), *_values(context))


def _of_word(kind: str, context: dict[str, Any], texts: Texts) -> str:
    pairs = [pair.split(":") for pair in context["near"].split("|") if pair]
    near = [labels(cast(Group, group))[code][texts.language] for group, code in pairs]
    word = context["word"][:_SHOWN]
    if kind == "misplaced_word":
        return texts("misplaced_word", word, texts[f"group {pairs[0][0]}"], texts.join(near))
    return texts(kind, word, texts.join(near))


def _values(context: dict[str, Any]) -> list[str]:
    """What the text names: what was expected, or a limit."""
    names = ("expected", "max_length", "min_length", "ge", "gt", "le")
    return [str(context[name]) for name in names if name in context][:1] or [""]
