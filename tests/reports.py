"""What the tests of reports share: pages of samples, and claims in which every text is hostile."""

from __future__ import annotations

import types
from functools import cache
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from skinscan.casework import CaseFile, work_case
from skinscan.change.compare import compare
from skinscan.change.types import Change, Trend
from skinscan.claims import load_claim, load_policy
from skinscan.claims.claim import ReactionClaim, ShadeClaim, TextureClaim
from skinscan.output.report import (
    Page,
    report_change,
    report_claim,
    report_scan,
    report_shade,
    report_trend,
    report_tryon,
)
from skinscan.output.report.batch import BatchEntry, report_batch
from skinscan.output.report.pictures import draw_worn, thumbnail
from skinscan.scanner import Scanner
from skinscan.shades import ShadeMatch, load_catalog, match_shades
from skinscan.tryon import TryOn, try_on
from skinscan.types import Advice
from tests.claims.cases import CLEAR_REACTION, changed
from tests.faces import scanned
from tests.paths import SAMPLES

__all__ = ["HOSTILE", "PAGES", "course", "hostile_claim", "page", "red_cheek", "text_fields", "worked"]

PAGES = (
    "scan", "compare", "refused", "consumer", "arbitration", "trend", "shade", "tryon", "index",
)  # fmt: skip

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
        "trend": lambda: report_trend(course()),
        "shade": lambda: report_shade(matched()),
        "tryon": lambda: report_tryon(scanned("face_medium"), [_worn("LIN-10C")], "catalog_foundations.csv"),
        "index": lambda: report_batch(_rows()),
    }
    return makers[name]()


@cache
def course() -> Trend:
    """Three dates of one face: calm, a red cheek, and a copy of the first, which cannot be compared."""
    photos = ("a_before.jpg", "a_strong.jpg", "a_before.jpg")
    dates = [[SAMPLES / "pairs" / name] for name in photos]
    return Scanner("cpu").trend(dates, area="left_cheek", taken_at=["2026-03-01", "2026-03-04", "2026-03-09"])


@cache
def matched() -> ShadeMatch:
    """A shade that was bought against a face, with a shade that fits better."""
    scan = scanned("face_medium")
    return match_shades(scan, load_catalog(SAMPLES / "catalog_foundations.csv"), purchased="LIN-10C")


def _worn(sku: str) -> TryOn:
    found = load_catalog(SAMPLES / "catalog_foundations.csv")
    return try_on(scanned("face_medium"), found.shades[found.find(sku)])


def _rows() -> list[BatchEntry]:
    """A photo with scores and skin, one without, a refused one, and a claim that a person decides."""
    own = {"redness": (62.0, 40.0, 80.0), "oil_balance": (12.0, 1.0, 30.0)}
    less = {"redness": (20.0, 5.0, 44.0)}
    skin = thumbnail(draw_worn(scanned("face_medium")))
    why = Advice(zh="照片中没有找到人脸", en="No face was found")
    return [
        BatchEntry(
            index=0,
            source="a.jpg",
            status="done",
            code=None,
            why=None,
            report="000000/scan.html",
            scores=less,
            skin=skin,
        ),
        BatchEntry(
            index=1, source="b.jpg", status="done", code=None, why=None, report="000001/scan.html", scores=own
        ),
        BatchEntry(index=2, source="c.jpg", status="refused", code="NO_FACE", why=why, report=None),
        BatchEntry(
            index=3,
            source="J-1",
            status="done",
            code=None,
            why=None,
            report=None,
            outcome="human_review",
            person=True,
        ),
    ]


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
