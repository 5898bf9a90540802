"""What a case gives beside its outcome, as rows of label and text for an operator."""

from __future__ import annotations

from skinscan.casework import CaseFile
from skinscan.claims.consumer_words import labels
from skinscan.claims.help.care import CarePlan
from skinscan.claims.help.replacements import Replacement
from skinscan.claims.verdict_model import Verdict
from skinscan.output.phrases import better_shades_phrases
from skinscan.texts.bilingual import Texts

__all__ = ["alternatives", "help_rows", "person"]

_Facts = list[tuple[str, str]]


def help_rows(verdict: Verdict, texts: Texts) -> _Facts:
    """Remedy, broken promises and the care plan, a line each."""
    rows: _Facts = []
    if verdict.remedy:
        rows += _listed(texts["remedy"], [texts.of(line) for line in verdict.remedy.lines])
    rows += _listed(texts["promises"], [texts.of(promise) for promise in verdict.promises])
    if verdict.care:
        rows += _listed(texts["care"], _care(verdict.care, texts))
    return rows


def _care(care: CarePlan, texts: Texts) -> list[str]:
    """The lines of a plan; each step is named once."""
    told, before = [], ""
    for line in care.lines:
        name = "" if line.step == before else f"{texts[f'care {line.step}']}{texts['colon']}"
        told.append(f"{name}{texts.of(line)}")
        before = line.step
    return told


def alternatives(case: CaseFile, texts: Texts) -> _Facts:
    """Products that could stand in, and shades that are likelier to suit."""
    rows: _Facts = []
    if case.replacements:
        found = case.replacements
        told = [
            f"{item.sku} {item.name}{_price(item)}{texts['colon']}{_why(item, texts)}"
            for item in found.products
        ]
        rows += _listed(texts["replacements"], [*told, texts.of(found.note)])
    if case.better_shades:
        rows += _listed(texts["better shades"], better_shades_phrases(case.better_shades, texts))
    return rows


def _why(item: Replacement, texts: Texts) -> str:
    return texts.space.join(texts.of(reason) for reason in item.why)


def _price(item: Replacement) -> str:
    return "" if item.price is None else f" {item.price:g}"


def person(verdict: Verdict, texts: Texts) -> _Facts:
    """Skin type and consent, where they are recorded."""
    rows: _Facts = []
    if verdict.skin_type != "unknown":
        rows.append((texts["skin as told"], labels("skin_type")[verdict.skin_type][texts.language]))
    if verdict.consent.standing != "not_recorded":
        rows.append((texts["consent"], texts[f"consent {verdict.consent.standing}"]))
    return rows


def _listed(label: str, told: list[str]) -> _Facts:
    return [("" if number else label, text) for number, text in enumerate(told)]
