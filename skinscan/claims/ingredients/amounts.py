"""The amount that an entry of a label states, as mass per cent, and the entry without it."""

from __future__ import annotations

import re

__all__ = ["take_amount"]

_UNITS = {
    "%": 1.0, "percent": 1.0, "per cent": 1.0, "prozent": 1.0, "pour cent": 1.0, "‰": 0.1, "ppm": 1e-4,
    "ppb": 1e-7, "mg/g": 0.1, "mg/kg": 1e-4, "µg/g": 1e-4, "ug/g": 1e-4, "mg/ml": 0.1, "g/kg": 0.1,
    "g/100g": 1.0, "g/100ml": 1.0, "iu/g": None, "iu": None, "i.u.": None, "ie": None, "ui": None,
    "国际单位": None,
}  # fmt: skip
"""Unit -> mass per cent; none for units of effect. A millilitre is taken for a gram, as of water."""

_NUMBER = r"\d{1,3}(?:[ ,.'\u00a0]\d{3}){1,3}(?![.,]?\d)|\d{1,9}(?:[.,]\d{1,6})?"
_SIGN = r"(?:[<>≤≥~≈约約]|ca\.|approx\.|max\.|min\.|bis zu|up to|不超过|不高于){0,2}"
_UNIT = "|".join(re.escape(unit) for unit in sorted(_UNITS, key=len, reverse=True))
_AMOUNT = re.compile(
    rf"(?<![\w.,-])(?:{_SIGN}\s?)(?:(?:{_NUMBER})\s?(?:%|‰)?\s?(?:-|–|—|~|to|bis|à|至|到)\s?)?"
    rf"(?P<upper>{_NUMBER})\s?(?P<unit>{_UNIT})(?![A-Za-z])(?:\s?\(?[wmv]/[wmv]\)?)?",
    re.IGNORECASE,
)
_HAN = re.compile(r"([\u4e00-\u9fff])(?=[<>≤≥~≈]?\s?\d)")
_EMPTY = re.compile(r"[(\[{]\s*[)\]}]")
_GROUPED = re.compile(r"\d{1,3}([ ,.'\u00a0]\d{3})+")


def take_amount(entry: str) -> tuple[str, float | None]:
    """The entry without its first amount, and that amount in mass per cent, if it is one.

    A decimal comma is a decimal point; of a range the upper end counts, which is what reaches the skin at
    most; 50,000 ppm are 5 %. IU say how strong, not how much: they are taken out and give none.
    """
    spaced = _HAN.sub(r"\1 ", entry)  # 水杨酸0.5%: a Chinese name ends where the number begins
    found = _AMOUNT.search(spaced)
    if not found:
        return entry, None
    rest = _EMPTY.sub(" ", f"{spaced[: found.start()]} {spaced[found.end() :]}")
    factor = _UNITS[found["unit"].casefold()]
    if factor is None:
        return rest, None
    percent = round(_value(found["upper"], grouped=factor < 0.1) * factor, 9)
    return rest, percent if percent <= 100 else None


def _value(number: str, *, grouped: bool) -> float:
    """A number with a comma or a point; where thousands are usual, three digits behind either are those."""
    if _GROUPED.fullmatch(number) and (grouped or re.search(r"[ '\u00a0]", number)):
        return float(re.sub(r"\D", "", number))
    parts = re.split(r"[,.]", number)
    return float(".".join(["".join(parts[:-1]), parts[-1]])) if len(parts) > 1 else float(number)
