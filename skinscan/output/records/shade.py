"""Shade matches as plain dictionaries: "skinscan.shade/1". The rules of scan.py hold."""

from __future__ import annotations

from typing import Any

from skinscan.output.records.common import Json
from skinscan.shades import Candidate, Catalog, Difference, Known, Shade, ShadeAnswer, ShadeMatch
from skinscan.texts.bilingual import Texts
from skinscan.types import Measure

__all__ = ["catalog_to_dict", "shade_to_dict"]

_SHADE_SCHEMA = "skinscan.shade/1"
_CATALOG_SCHEMA = "skinscan.catalog/1"


def shade_to_dict(found: ShadeMatch) -> Json:
    """One photo against one catalogue."""
    scan = found.scan
    return {
        "schema": _SHADE_SCHEMA,
        "photo": {"name": scan.photo.name, "sha256": scan.photo.sha256},
        "light": {"reference": scan.light.white_balance.reference},
        "categories": list(found.categories),
        "site": found.site,
        "asked_site": found.asked_site,
        "colour": dict(zip("Lab", map(_measure, found.color), strict=True)),
        "acceptable_delta_e00": found.acceptable,
        "status": found.status,
        "reason": found.reason,
        "matches": [_candidate(candidate) for candidate in found.matches],
        "budget": _budget(found.budget),
        "known": _known(found.known) if found.known else None,
        "purchased": _claim(found.claim) if found.claim else None,
        "catalog": _catalog(found.catalog),
        "run": {
            "version": scan.run.version,
            "device": scan.run.device,
            "provider": scan.run.provider,
            "models": [{"name": name, "sha256": sha256} for name, sha256 in scan.run.models],
        },
    }


def catalog_to_dict(catalog: Catalog) -> Json:
    """What `skinscan catalog check` found."""
    problems = [{"row": p.row, "field": p.field, "reason": p.reason} for p in catalog.problems]
    return {"schema": _CATALOG_SCHEMA, "ok": not problems, **_catalog(catalog), "problems": problems}


def _catalog(catalog: Catalog) -> Json:
    return {
        "name": catalog.name,
        "sha256": catalog.sha256,
        "format": catalog.format,
        "rows": len(catalog.shades),
        "rows_refused": len({problem.row for problem in catalog.problems}),
        "grades": catalog.grades(),
    }


def _shade(shade: Shade) -> Json:
    return {
        "sku": shade.sku,
        "brand": shade.brand,
        "product": shade.product,
        "shade": shade.shade,
        "category": shade.category,
        "grade": shade.grade,
    }


def _difference(difference: Difference) -> Json:
    return {
        "delta_e00": difference.delta_e00,
        "low": difference.low,
        "high": difference.high,
        "probability_acceptable": round(difference.probability_acceptable, 3),
        "direction": {
            "codes": list(difference.direction),
            "zh": _in_words(difference, Texts("zh")),
            "en": _in_words(difference, Texts("en")),
        },
    }


def _in_words(difference: Difference, texts: Texts) -> str:
    return texts.join(texts[code] for code in difference.direction)


def _candidate(candidate: Candidate) -> Json:
    return {
        **_shade(candidate.shade),
        **_difference(candidate.difference),
        "worn_lab": list(candidate.worn),
    }


def _known(known: Known) -> Json:
    return {**_shade(known.shade), **_difference(known.difference), "used": known.used}


def _claim(claim: ShadeAnswer) -> Json:
    return {
        **_shade(claim.shade),
        "question": claim.question,
        "verdict": claim.verdict,
        **_difference(claim.difference),
        "at_least": claim.at_least,
        "expected_lab": list(claim.expected),
        "measured_lab": list(claim.measured),
        "measured_on": claim.measured_on,
        "expected_grade": claim.grade,
        "budget": _budget(claim.budget),
        "neighbours": [_candidate(candidate) for candidate in claim.neighbours],
        "equivalents": [_candidate(candidate) for candidate in claim.equivalents],
    }


def _budget(budget: Any) -> list[Json]:
    return [{"source": name, "sigma_delta_e00": value} for name, value in budget.items()]


def _measure(measure: Measure) -> Json:
    return {
        "value": measure.value,
        "low": measure.low,
        "high": measure.high,
        "unit": measure.unit,
        "n_pixels": measure.n_pixels,
    }
