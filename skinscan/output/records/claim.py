"""Cases as plain dictionaries: the verdict, "skinscan.verdict/1", and under it what it stands on."""

from __future__ import annotations

from dataclasses import asdict

from skinscan.casework import CaseFile, CasePhoto
from skinscan.change.types import Change
from skinscan.claims import Verdict
from skinscan.output.records.change import compare_to_dict
from skinscan.output.records.common import Json, number

__all__ = ["case_to_dict", "verdict_to_dict"]


def case_to_dict(case: CaseFile) -> Json:
    """One case. The keys of the verdict come first and are those of `Verdict`."""
    return {
        **verdict_to_dict(case.verdict),
        "alternatives": _alternatives(case),
        "evidence": {
            "photos": [_photo(photo) for photo in case.photos],
            "image": _image(case),
            "shade": asdict(case.shade) if case.shade else None,
            "comparison": _comparison(case.comparison),
            "other_days": [_comparison(change) for change in case.other_days],
            "recovery": _comparison(case.recovery),
        },
    }


def _alternatives(case: CaseFile) -> Json:
    """Products that could stand in, and shades that are likelier to suit; null without a file of them."""
    better = case.better_shades
    return {
        "products": case.replacements.model_dump(mode="json") if case.replacements else None,
        "shades": {
            "bought": number(better.bought, 3),
            "likeliest": number(better.likeliest, 3),
            "better": [
                {
                    "sku": match.shade.sku,
                    "name": f"{match.shade.brand} {match.shade.product} {match.shade.shade}".strip(),
                    "probability": number(match.difference.probability_acceptable, 3),
                }
                for match in better.shades
            ],
        }
        if better
        else None,
    }


def verdict_to_dict(verdict: Verdict) -> Json:
    """One verdict: "skinscan.verdict/1"."""
    return verdict.model_dump(mode="json", by_alias=True)


def _photo(photo: CasePhoto) -> Json:
    scan = photo.scan
    return {
        "path": photo.ref.path,
        "role": photo.ref.role,
        "usable": not photo.code,
        "code": photo.code or None,
        "problem": photo.problem or None,
        "sha256": photo.sha256 or None,
        "failed_checks": list(scan.quality.failed_checks) if scan else [],
    }


def _image(case: CaseFile) -> Json:
    image = asdict(case.image)
    for change in image["areas"]:
        change.update({key: round(change[key], 2) for key in ("delta_ei_low", "delta_ei_high", "sdc")})
    return image


def _comparison(change: Change | None) -> Json | None:
    return compare_to_dict(change) if change else None
