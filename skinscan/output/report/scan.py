"""The report of one scan."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from skinscan.facemesh.view import side_shown, zones_turned_away
from skinscan.facemesh.zones import SKIN_ZONES
from skinscan.measure.reportable import has_bounds, likely_monk, withheld
from skinscan.output.phrases import view_in_words
from skinscan.output.pictures.scan import heat_maps
from skinscan.output.report.page import Page, make_page
from skinscan.output.report.parts import Gap, hex_of, origin, photo_gaps, retake, scale_of, shell, used
from skinscan.output.report.pictures import draw_heat, draw_skin, draw_zones, skin_view, thumbnail
from skinscan.runtime.interpreter_exit import computing
from skinscan.texts.bilingual import Language, Texts, capital
from skinscan.types import Scan

__all__ = ["report_scan"]


@computing()
def report_scan(scan: Scan, first: Language = "zh") -> Page:
    """One photo: what was measured, where, how surely, and what could not be. "scan.html"."""
    skin = skin_view(scan)
    heats = [(heat, draw_heat(skin, scan, heat), scale_of(heat)) for heat in heat_maps(scan)]
    pictures = {
        "zones_picture": draw_zones(skin, scan),
        "maps": [
            {"name": name, "picture": picture, "scale": scale, "forbidden": heat.forbidden}
            for name, (heat, picture, scale) in zip(("erythema map", "shine map"), heats, strict=True)
        ],
    }

    def values(t: Texts) -> Mapping[str, Any]:
        return {
            **pictures,
            "scan": scan,
            "numbers": {name: number for number, name in enumerate(scan.zone_masks, 1)},
            "redder": _redder(scan, t),
            "withheld": withheld(scan),
            "view": view_in_words(scan, t),
            "has_bounds": has_bounds(scan),
            "classes": [t(name) for name in scan.tone.ita_classes],
            "spots": _spots(scan, t),
            "monk": likely_monk(scan.tone.monk) if scan.tone.monk else None,
            "skin_hex": hex_of(*(measure.value for measure in scan.tone.lab)) if scan.tone.lab else None,
            "gaps": [*photo_gaps(scan, t), *_gaps(scan, t)],
            "retake": retake([scan], t),
            "origin": origin(scan.run, [used("photo", scan)], shell("scan", scan.photo.name)),
        }

    return make_page("scan", values, first, thumbnail(draw_skin(skin)))


def _redder(scan: Scan, t: Texts) -> list[str] | None:
    """Skin zones surely redder than the own face, reddest first; None if that may not be said."""
    if "erythema_contrast" in withheld(scan):
        return None
    contrasts = {name: zone.erythema_contrast for name, zone in scan.zones.items() if name in SKIN_ZONES}
    found = [(contrast.value, name) for name, contrast in contrasts.items() if contrast.low > 0]
    return [t(name) for _, name in sorted(found, reverse=True)]


def _spots(scan: Scan, t: Texts) -> str:
    """Inflamed spots by zone, in words; empty where there are none."""
    counts = Counter(spot.zone for spot in scan.blemishes)
    by_zone = t.join(f"{t(name)} {counts[name]}" for name in scan.zone_masks if counts[name])
    return t("blemishes are", len(scan.blemishes), by_zone) if counts else ""


def _gaps(scan: Scan, t: Texts) -> list[Gap]:
    """Scores, tone and zones that are not given."""
    advice = {check.code: check.advice for check in scan.quality.checks}
    silent = {name: score.reason for name, score in scan.scores.items() if score.status != "ok"}
    if scan.tone.status == "abstained":
        silent["tone"] = scan.tone.reason
    out = [
        Gap(what=capital(t(name)), why=t.of(advice[reason]) if reason in advice else t(f"{reason} advice"))
        for name, reason in silent.items()
    ]
    away = set(zones_turned_away(scan.zone_masks)) if side_shown(scan.face.pose) != "both" else set()
    missing = [name for name in scan.zone_masks if name not in scan.zones]
    groups = {
        "zone turned away": [t(name) for name in missing if name in away],
        "zone hidden": [t(name) for name in missing if name not in away],
    }
    return [*out, *(Gap(what=capital(t.join(names)), why=t(why)) for why, names in groups.items() if names)]
