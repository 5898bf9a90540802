"""JSON text in, its value out; a key that is given twice is refused by name."""

from __future__ import annotations

import json
from typing import Any

__all__ = ["parse_json"]


class _TwiceError(ValueError):
    pass


def parse_json(text: str) -> Any:
    """The value of a JSON text. Raises ValueError in one phrase: where it is no JSON, or which key repeats.

    Python's own reader keeps the last of two equal keys without a word, so that one file would say two
    things: one to whoever reads it, another to the program.
    """
    try:
        return json.loads(text.removeprefix("\ufeff"), object_pairs_hook=_once)
    except json.JSONDecodeError as error:
        raise ValueError(f"line {error.lineno}, column {error.colno}: {error.msg}") from None
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    except _TwiceError:
        raise
    except ValueError:  # more digits than Python turns into a number
        raise ValueError("it holds a number of too many digits") from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) < len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise _TwiceError(f'the key "{twice}" is given twice')
    return value
