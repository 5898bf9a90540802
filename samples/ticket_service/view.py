"""Templates, languages and times of the pages."""

from __future__ import annotations

import time
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
import yaml
from fastapi import Request
from fastapi.responses import HTMLResponse

from skinscan.claims.messages import message
from skinscan.claims.reported_times import CHINA
from skinscan.texts.bilingual import Language
from skinscan.texts.visible_text import visible

__all__ = ["at", "language_of", "render", "texts"]

_HERE = Path(__file__).parent


@cache
def texts() -> dict[str, dict[str, str]]:
    """Every sentence of the pages in zh and en."""
    return dict(yaml.safe_load((_HERE / "texts.yaml").read_text(encoding="utf-8")))


@cache
def _templates() -> jinja2.Environment:
    found = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters["at"] = at
    found.filters["visible"] = lambda value: visible(str(value))
    return found


def at(moment: float | str) -> str:
    """A time as it is read in China: "2026-12-01 08:30"."""
    when = (
        datetime.fromisoformat(moment) if isinstance(moment, str) else datetime.fromtimestamp(moment, CHINA)
    )
    return f"{when.astimezone(CHINA):%F %H:%M}"


def language_of(request: Request) -> Language:
    """Chosen on the page, else as the browser asks."""
    chosen = (
        request.query_params.get("lang")
        or request.cookies.get("lang")
        or request.headers.get("accept-language", "")
    )
    return "en" if chosen.startswith("en") else "zh"


def render(request: Request, template: str, status: int = 200, **values: Any) -> HTMLResponse:
    """A page in the reader's language."""
    language = language_of(request)

    def t(key: str) -> str:
        return texts()[key][language]

    def say(group: Any, code: str) -> str:
        told = message(group, code)
        return told.zh if language == "zh" else told.en

    def of(told: Any) -> str:
        return str(told[language])

    html = (
        _templates()
        .get_template(template)
        .render(t=t, say=say, of=of, lang=language, path=request.url.path, now=time.time(), **values)
    )
    page = HTMLResponse(html, status)
    if request.query_params.get("lang") in ("zh", "en"):
        page.set_cookie("lang", language, max_age=31_536_000, samesite="lax", httponly=True)
    return page
