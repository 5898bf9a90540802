"""What all records share: errors, numbers, photos and runs as JSON.

Records are the JSON that others build on. Keys are added freely and never renamed; their order is fixed and
numbers carry the precision they are printed with, so the same input gives the same bytes.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from skinscan.errors import SkinScanError

if TYPE_CHECKING:  # types.py loads numpy, which an error message does not need
    from skinscan.types import Blemish, Run, Scan

__all__ = ["Json", "blemish_to_dict", "error_to_dict", "number", "photo_to_dict", "run_to_dict", "to_json"]

_TEXELS = 256  # side of the UV square, as TEXTURE_SIZE
_ERROR_SCHEMA = "skinscan.error/1"
Json = dict[str, Any]


def error_to_dict(error: SkinScanError) -> Json:
    """One error as "skinscan.error/1"."""
    return {"schema": _ERROR_SCHEMA, "code": error.code, "message": error.message, "advice": error.advice}


def to_json(result: Mapping[str, Any]) -> str:
    """The text of one object, without a trailing newline. ValueError on NaN and infinity: JSON has none."""
    return json.dumps(result, ensure_ascii=False, allow_nan=False, indent=2)


def number(value: float, digits: int = 2) -> float | None:
    """Round, without negative zero; null where there is no number."""
    return round(float(value), digits) + 0.0 if math.isfinite(value) else None


def photo_to_dict(scan: Scan) -> Json:
    """Which photo it was."""
    return {"name": scan.photo.name, "sha256": scan.photo.sha256, "taken_at": scan.photo.capture.taken_at}


def blemish_to_dict(spot: Blemish) -> Json:
    """One inflamed spot; u and v are its place on the UV square, 0..1."""
    return {
        "zone": spot.zone,
        "u": number((spot.column + 0.5) / _TEXELS, 3),
        "v": number((spot.row + 0.5) / _TEXELS, 3),
        "height": number(spot.height),
        "area_cm2": number(spot.area_cm2, 3),
        "probability": number(spot.probability, 3),
    }


def run_to_dict(run: Run) -> Json:
    """What ran, without times: they differ from run to run."""
    return {
        "version": run.version,
        "device": run.device,
        "provider": run.provider,
        "models": [{"name": name, "sha256": sha256} for name, sha256 in run.models],
    }
