"""What the tests of reports share: pages of samples, and claims in which every text is hostile."""

from __future__ import annotations

import types
from functools import cache
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from skinscan.casework import CaseFile, work_case
from skinscan.change.compare import compare
from skinscan.change.types import Change
from skinscan.claims import load_claim, load_policy
from skinscan.claims.claim import ReactionClaim, ShadeClaim, TextureClaim
from skinscan.output.report import Page, report_change, report_claim, report_scan
from skinscan.scanner import Scanner
from tests.claims.cases import CLEAR_REACTION, changed
from tests.faces import scanned
from tests.paths import SAMPLES

__all__ = ["HOSTILE", "hostile_claim", "page", "red_cheek", "text_fields", "worked"]

HOSTILE = "<script>alert(1)</script>\"'&amp;\u202e\u0007{{ 7*7 }}{0}</textarea><img src=x onerror=alert(1)>"
"""Markup, quotes, an entity, a direction override, a bell, two kinds of template and a broken image."""


@cache
def red_cheek() -> Change:
    """A person, then the same person with a red left cheek."""
    return compare([scanned("face_medium")], [scanned("face_red_cheek")], allow_copies=True)


@cache
def worked() -> CaseFile:
    """A clear reaction with photos before, after and after stopping."""
    dates = {"before": "2026-10-30", "after": "2026-11-03T12:00:00+08:00", "recovery": "2026-11-10"}
    names = {"before": "face_shiny.jpg", "after": "face_red_cheek.jpg", "recovery": "face_dark.jpg"}
    photos = [{"path": names[role], "role": role, "taken_at": dates[role]} for role in names]
    claim = changed(CLEAR_REACTION, photos=photos, product__name="舒缓面霜", usage__departures=["too_often"])
    return work_case(load_claim(claim), folder=SAMPLES, policy=load_policy(), scanner=Scanner("cpu"))


@cache
def page(name: str) -> Page:
    """One of the kinds of page, in its usual state."""
    makers = {
        "scan": lambda: report_scan(scanned("face_red_cheek")),
        "compare": lambda: report_change(red_cheek()),
        "refused": lambda: report_change(compare([scanned("face_medium")], [scanned("face_medium")])),
        "consumer": lambda: report_claim(worked())[0],
        "arbitration": lambda: report_claim(worked())[1],
    }
    return makers[name]()


def hostile_claim(model: type[ReactionClaim | ShadeClaim | TextureClaim]) -> tuple[dict[str, Any], list[str]]:
    """A claim with every field of the model filled, and its texts: each the field's path and HOSTILE."""
    texts: list[str] = []
    claim = _filled(model, "", texts)
    assert isinstance(claim, dict)
    return claim, texts


def text_fields(model: type[BaseModel]) -> list[str]:
    """Paths of the fields that hold free text."""
    texts: list[str] = []
    _filled(model, "", texts)
    return [text.split(HOSTILE)[0].strip() for text in texts]


def _filled(kind: Any, path: str, texts: list[str]) -> Any:
    """A value of the kind."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return {
            name: _filled(field.rebuild_annotation(), f"{path}.{name}".strip("."), texts)
            for name, field in kind.model_fields.items()
        }
    return _plain(kind, path, texts)


def _plain(kind: Any, path: str, texts: list[str]) -> Any:
    origin, inner = get_origin(kind), get_args(kind)
    if origin is Literal:
        return inner[0]
    if origin is tuple:
        return [_filled(inner[0], path, texts)]
    if origin in (Union, types.UnionType):
        return _filled(next(part for part in inner if part is not type(None)), path, texts)
    if hasattr(kind, "__metadata__"):  # Annotated
        return _filled(inner[0], path, texts)
    if kind is str:
        texts.append(f"{path} {HOSTILE}")
        return texts[-1]
    return {bool: True, int: 3, float: 3.5}.get(kind, "2026-11-02T08:00:00+08:00")
