"""Colours that no product has, as exports of empty cells and of other scales write them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from skinscan.shades.shade import Shade

__all__ = ["implausible_hex", "implausible_lab", "one_color"]

_BLACK = 2.0  # L* below which no layer of a product lies; a scale of 0..1 ends here too
_DARKEST_FOUNDATION, _LIGHTEST_FOUNDATION = 12.0, 98.0  # L*; those sold lie in about 20..93
_MOST_CHROMA = 120.0  # C*ab; the most vivid lipsticks have about 90
_SHADES_ALIKE = 3  # shades of different names that have one colour: a column that was filled down


def implausible_lab(lab: tuple[float, float, float], category: str) -> str:
    """Why a measured L*a*b* is no colour of a product of this category; "" if it may be one."""
    lightness, a, b = lab
    if 0 <= lightness <= 255 and min(a, b) > 100:
        return "L* is 0..100 and skin has a* and b* of 0..40: this looks like the 0..255 scale of OpenCV"
    if not (0 <= lightness <= 100 and max(abs(a), abs(b)) <= 128):
        return "L* is 0..100, a* and b* are -128..128"
    if lightness < _BLACK:
        return "no product is so black: is it an empty colour, or L* on a scale of 0..1?"
    if a == 0 and b == 0:
        return "a* and b* of exactly 0 are an empty colour: leave the cells empty"
    if (a * a + b * b) ** 0.5 > _MOST_CHROMA:
        return f"no product is so vivid: chroma above {_MOST_CHROMA:.0f}"
    if category == "foundation" and not _DARKEST_FOUNDATION <= lightness <= _LIGHTEST_FOUNDATION:
        return f"a foundation has L* of {_DARKEST_FOUNDATION:.0f}..{_LIGHTEST_FOUNDATION:.0f}"
    return ""


def implausible_hex(code: str, category: str) -> str:
    """Why the colour of a web swatch, "#rrggbb", is none of a product; "" if it may be one."""
    empty = category != "lipstick" and code in ("#000000", "#ffffff")
    return "pure black and pure white are an empty colour: leave the cell empty" if empty else ""


def one_color(shades: Sequence[Shade]) -> str:
    """Why none of these shades can be told from another; "" if their colours differ, or are too few."""
    colors = {(shade.lab, shade.hex, str(shade.spectrum)) for shade in shades[:1000]}
    names = {shade.shade for shade in shades}
    if len(colors) > 1 or len(names) < _SHADES_ALIKE:
        return ""
    return f"all {len(shades)} rows have the same colour: was a column filled down, or exported empty?"
