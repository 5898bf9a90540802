"""A series of dates as a plain dictionary: "skinscan.trend/1". The rules of scan.py hold."""

from __future__ import annotations

from skinscan.change.types import Delta, Trend, TrendPoint, ZoneTrend
from skinscan.output.records.change import delta_to_dict, finding_to_dict
from skinscan.output.records.common import Json, photo_to_dict, run_to_dict

__all__ = ["TREND_SCHEMA", "trend_to_dict"]

TREND_SCHEMA = "skinscan.trend/1"


def trend_to_dict(trend: Trend) -> Json:
    """One series."""
    return {
        "schema": TREND_SCHEMA,
        "status": trend.status,
        "summary": {
            "recovery": trend.recovery,
            "area": trend.area_name,
            "dates": len(trend.points),
            "days": trend.points[-1].day,
        },
        "points": [_point(point) for point in trend.points],
        "area": None if trend.area is None else {"name": trend.area_name, **_zone(trend.area)},
        "zones": {name: _zone(zone) for name, zone in trend.zones.items()},
        "run": run_to_dict(trend.run),
    }


def _point(point: TrendPoint) -> Json:
    return {
        "taken_at": point.taken_at,
        "day": point.day,
        "photos": [photo_to_dict(scan) for scan in point.photos],
        "usable": point.usable,
        "verdict": point.change.verdict if point.change and point.usable else None,
        "findings": [finding_to_dict(finding) for finding in point.findings],
    }


def _zone(zone: ZoneTrend) -> Json:
    return {
        "recovery": zone.recovery,
        "erythema_index": [_delta(delta) for delta in zone.deltas],
        "peak": zone.peak,
        "step": _delta(zone.step),
    }


def _delta(delta: Delta | None) -> Json | None:
    return None if delta is None else delta_to_dict(delta)
