"""A try-on as text for a terminal or a pipe, in Chinese or English."""

from __future__ import annotations

from collections.abc import Iterable

from rich.text import Text

from skinscan.output.terminal.layout import fact_grid, render
from skinscan.texts.bilingual import Language, Texts, capital
from skinscan.tryon.paint import TryOn

__all__ = ["summarise_tryon"]


def summarise_tryon(worn: TryOn, language: Language, width: int = 80, color: bool = False) -> str:
    """The shade, and the colour of the site before and under it with its interval.

    `worn`: the shade tried on. `language`: "zh" or "en". `width`: columns of the text, at most 120 are used.
    `color`: whether ANSI colours are written.
    """
    texts = Texts(language)
    shade = worn.shade
    under = (
        f"{value:.1f} [{low:.1f}, {high:.1f}]"
        for value, low, high in zip(worn.worn.lab, worn.worn.low, worn.worn.high, strict=True)
    )
    facts = [
        (texts["photo"], worn.photo),
        (capital(texts["shade"]), f"{shade.brand} {shade.product} {shade.shade} ({shade.sku})"),
        (texts("colour at", texts[worn.site]), _lab((f"{value:.1f}" for value in worn.bare), texts)),
        (texts["->"], _lab(under, texts)),
    ]
    return render([fact_grid(facts), "", Text(texts["shade closing"], "dim")], width, color)


def _lab(values: Iterable[str], texts: Texts) -> str:
    return texts("lab is", *values)
