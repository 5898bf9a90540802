"""Templates to one self-contained page in both languages: nothing is fetched, and nothing foreign is run.

Autoescape is always on, an unknown name is an error, and every value passes `visible` on its way into the
page. Style and script are allowed by their hash alone, so that even markup that got in could do nothing.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import jinja2
from markupsafe import Markup

from skinscan._version import __version__
from skinscan.texts.bilingual import TAGS, Language, Texts, capital
from skinscan.texts.visible_text import visible
from skinscan.types import JUST_VISIBLE

__all__ = ["Page", "make_page"]

_NAMES: dict[Language, str] = {"zh": "中文", "en": "English"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One file."""

    name: str  # of the file, e.g. "scan.html"
    html: str

    def encode(self) -> bytes:
        """The bytes of the file; the same input gives the same."""
        return self.html.encode("utf-8")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Body:
    language: Language
    tag: str
    name: str
    title: str
    html: Markup


def make_page(
    template: str, values: Callable[[Texts], Mapping[str, Any]], first: Language, thumbnail: str = ""
) -> Page:
    """Render ``TEMPLATE.html`` in both languages; the reader sees `first` and can switch.

    The template sets `title`, the name of the page.

    Args:
        template: its name.
        values: gives the template's names for one language; `t`, the texts, joins them.
        first: the language that it opens in.
        thumbnail: data URI of a small picture that stands for the page in a list of pages; not shown.
    """
    bodies = [_body(template, values, language) for language in TAGS]
    style, script = (Markup(_source(name)) for name in ("report.css", "report.js"))
    policy = (
        f"default-src 'none'; img-src data:; style-src '{_digest(style)}'; script-src '{_digest(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )
    html = (
        _environment()
        .get_template("base.html")
        .render(
            bodies=bodies,
            first=first,
            style=style,
            script=script,
            policy=policy,
            version=__version__,
            thumbnail=thumbnail,
        )
    )
    return Page(name=f"{template}.html", html=html)


def _body(template: str, values: Callable[[Texts], Mapping[str, Any]], language: Language) -> _Body:
    texts = Texts(language)
    module = _environment().get_template(f"{template}.html").make_module({**values(texts), "t": texts})
    title = visible(module.title)  # type: ignore[attr-defined]
    return _Body(
        language=language, tag=TAGS[language], name=_NAMES[language], title=title, html=module.__html__()
    )


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("skinscan.output.report", "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=_finalize,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["just_visible"] = JUST_VISIBLE
    environment.filters |= {"signed": _signed, "fixed": _fixed, "cap": capital}
    return environment


def _finalize(value: object) -> object:
    """What a template prints: text made visible, markup of our own templates as it is."""
    if value is None:
        raise TypeError("a report never prints nothing as None")
    return value if isinstance(value, Markup) or not isinstance(value, str) else visible(value)


def _fixed(value: float, digits: int = 1) -> str:
    """A number with so many decimals, without negative zero, and with a real minus sign."""
    return f"{round(value, digits) + 0.0:.{digits}f}".replace("-", "\u2212")


def _signed(value: float, digits: int = 1) -> str:
    """A difference: with its sign."""
    rounded = round(value, digits) + 0.0
    return ("+" if rounded > 0 else "") + _fixed(value, digits)


def _source(name: str) -> str:
    source, _, _ = _environment().loader.get_source(_environment(), name)  # type: ignore[union-attr]
    return source


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
