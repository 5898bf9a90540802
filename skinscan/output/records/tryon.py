"""Try-ons as plain dictionaries: "skinscan.tryon/1"."""

from __future__ import annotations

from skinscan.output.records.common import Json
from skinscan.tryon.paint import TryOn

__all__ = ["TRYON_SCHEMA", "tryon_to_dict"]

TRYON_SCHEMA = "skinscan.tryon/1"


def tryon_to_dict(first: TryOn, *others: TryOn) -> Json:
    """Shades on one photo."""
    return {"schema": TRYON_SCHEMA, "photo": first.photo, "shades": [_row(one) for one in (first, *others)]}


def _row(worn: TryOn) -> Json:
    """Colours are L*a*b*, D65, 2 degrees."""
    colors = {"bare": worn.bare, "worn": worn.worn.lab, "low": worn.worn.low, "high": worn.worn.high}
    return {
        "sku": worn.shade.sku,
        "category": worn.shade.category,
        "site": worn.site,
        **{name: [round(float(value), 2) for value in lab] for name, lab in colors.items()},
        "hiding": round(worn.worn.hiding, 3),
        "shown": [round(float(value), 2) for value in worn.shown],
        "shown_delta_e00": round(worn.miss, 2),
        "painted_px": round(worn.cover),
    }
