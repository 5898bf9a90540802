"""Fields of a claim that take words: each word becomes the code of the form, or an error that helps.

The error carries the word, its group and the nearest terms, so that whoever reports it can do so in the
language of the person who filed the claim (`load.py`).
"""

from __future__ import annotations

from typing import Any, Literal, get_args

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

from skinscan.claims.consumer_words import Group, find_codes, labels, meanings, nearest, other_group

__all__ = ["WORD_ERRORS", "one_of", "promise_of", "several_of", "signs_of"]

WordError = Literal["unknown_word", "misplaced_word", "unclear_word", "several_words"]
WORD_ERRORS: tuple[WordError, ...] = get_args(WordError)
"""Types of the errors raised here; the context has `group`, `word` and `near` (``group:code|...``)."""


Pairs = tuple[tuple[Group, str], ...]


def one_of(group: Group) -> BeforeValidator:
    """A field that holds one term of the group."""
    return BeforeValidator(lambda word: _code(group, word))


def several_of(group: Group) -> BeforeValidator:
    """A field that holds a list of terms: a word that means several stands for all of them."""
    return BeforeValidator(lambda words: _expanded(group, words))


def signs_of() -> BeforeValidator:
    """A list of signs with where they stand: 红肿 on the cheeks is redness and swelling there."""
    return BeforeValidator(_split_signs)


def promise_of() -> BeforeValidator:
    """What a product was sold with: words that the dictionary of promises does not know are "other"."""
    return BeforeValidator(_promise)


def _code(group: Group, word: Any) -> Any:
    if not isinstance(word, str) or word in labels(group):
        return word
    codes = find_codes(group, word)
    if len(codes) == 1:
        return codes[0]
    raise _fault(group, word, codes)


def _expanded(group: Group, words: Any) -> Any:
    """Words that are not known stay as they are: the field of each then names it with its place."""
    if isinstance(words, str):
        words = [words]
    if not isinstance(words, list | tuple):
        return words
    found: list[Any] = []
    for word in words:
        codes = find_codes(group, word) if isinstance(word, str) else ()
        found += codes or [word]
    return list(dict.fromkeys(found)) if all(isinstance(word, str) for word in found) else found


def _split_signs(signs: Any) -> Any:
    if not isinstance(signs, list | tuple):
        return signs
    found: list[Any] = []
    for seen in signs:
        word = seen.get("sign") if isinstance(seen, dict) else None
        codes = find_codes("sign", word) if isinstance(word, str) else ()
        found += [{**seen, "sign": code} for code in codes] if len(codes) > 1 else [seen]
    return found


def _promise(word: Any) -> Any:
    if not isinstance(word, str):
        return word
    codes = find_codes("promise", word)
    return codes[0] if codes else word


def _fault(group: Group, word: str, codes: tuple[str, ...]) -> PydanticCustomError:
    kind: WordError = "several_words" if codes else "unknown_word"
    near: Pairs = tuple((group, code) for code in codes or nearest(group, word))
    if not codes and (meant := meanings(word)):
        kind, near = "unclear_word", meant
    elif not codes and (other := other_group(group, word)):
        kind, near = "misplaced_word", tuple((other, code) for code in find_codes(other, word))
    told = ", ".join(labels(name)[code]["en"] for name, code in near)
    return PydanticCustomError(
        kind,
        "{word} is not known here; nearest: {told}",
        {"group": group, "word": word, "told": told, "near": "|".join(":".join(pair) for pair in near)},
    )
