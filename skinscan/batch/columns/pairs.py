"""Columns of a comparison. Every difference is after minus before."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from skinscan.batch.columns.column import Column, Row, Type, Value, at, codes, leaf
from skinscan.facemesh.zones import SKIN_ZONES

__all__ = ["PAIR_COLUMNS"]

_DIFFERENCES = (
    ("erythema_index", "EI", "change of redness"),
    ("melanin_index", "MI", "change of pigment"),
    ("shine", "% of the light", "change of shine"),
    ("lab.L", "L*", "change of matte skin by EI and MI"),
    ("lab.a", "a*", "change of matte skin by EI and MI"),
    ("lab.b", "b*", "change of matte skin by EI and MI"),
)
_SUMMARY_ZONES = ("forehead", "left_cheek", "right_cheek", "chin")
_SUMMARY_KEYS = ("delta", "low", "high", "verdict")
_FINDING = "NOT_COMPARED"


def _whole() -> Iterator[Column]:
    yield leaf("comparison", "text", "ok, or refused: these photos must not be compared", get=_status)
    yield leaf(
        "summary.verdict",
        "text",
        "increase, decrease, no_change or inconclusive: of the claimed area,"
        " or without one of all visible skin",
        summary=True,
    )
    yield leaf("summary.doubt", "text", "code of the finding that leaves it without a verdict", summary=True)
    yield leaf(
        "summary.at_most",
        "float",
        "the claimed area, or without one no zone, changed by more, 90 % confidence; empty with a doubt",
        "EI",
        summary=True,
    )
    yield leaf(
        "findings", "text", "codes of all findings about the pair", summary=True, get=codes("findings")
    )
    yield leaf("summary.redness.local", "text", "verdict: of any zone", summary=True)
    yield leaf("summary.redness.whole_face", "text", "verdict: of the whole face, lamps included")
    yield leaf(
        "summary.area_percent", "float", "of the measured skin, found without being told", "%", summary=True
    )
    yield leaf("summary.area_cm2", "float", "the same on the canonical face", "cm2", summary=True)
    yield leaf("summary.pattern", "text", "none, diffuse, patchy, papular or spots", summary=True)
    yield leaf(
        "power.median",
        "float",
        "the smallest change of redness these photos could have shown",
        "EI",
        summary=True,
    )
    yield leaf("identity.distance", "float", "of the two faces, 0..2; no template is kept", summary=True)
    yield leaf("identity.doubted_above", "float", "from where that is a doubt")
    yield from _difference("face.erythema_index", "face.erythema_index", "EI", "whole face, lamps included")
    yield leaf("face.light_offset_ei", "float", "what lamps and cameras seem to have added", "EI")
    yield leaf("affected.regions", "int", "connected areas that changed", get=_count("affected", "regions"))
    for name, meaning in (
        ("new", "inflamed spots that only the photo after shows"),
        ("gone", "those that only the photo before shows"),
    ):
        yield leaf(f"blemishes.{name}", "int", meaning, summary=True, get=_count("blemishes", name))
    yield leaf("blemishes.kept", "int", "inflamed spots in both")
    yield leaf("blemishes.by_chance", "float", "new spots to expect between photos of one session")
    yield leaf("blemishes.verdict", "text", "increase, decrease or inconclusive")
    for name, unit in (("shift_texels", "texels"), ("residual_texels", "texels"), ("correlation", "-1..1")):
        yield leaf(
            f"registration.{name}",
            "float",
            "how the second photo was laid on the first",
            unit,
            get=_first("registration", name),
        )
    for side in ("before", "after"):
        for name, meaning in (
            ("name", "file name"),
            ("sha256", "of the bytes of the file"),
            ("taken_at", "by EXIF, ISO 8601 without zone"),
        ):
            yield leaf(f"{side}.{name}", "text", meaning, family=f"SIDE.{name}", get=_first(side, name))


def _status(row: Row) -> Value:
    status: Value = at(row["result"], "status")
    return status


def _count(*keys: str) -> Callable[[Row], Value]:
    def get(row: Row) -> Value:
        found = at(row["result"], *keys)
        return None if found is None else len(found)

    return get


def _first(name: str, key: str) -> Callable[[Row], Value]:
    """Of the first photo or pair: a row has one of each side."""

    def get(row: Row) -> Value:
        found = at(row["result"], name) or [{}]
        value: Value = found[0].get(key)
        return value

    return get


_KEYS: tuple[tuple[str, Type, str], ...] = (
    ("low", "float", "lower end of its 90 % interval"),
    ("high", "float", "upper end"),
    ("sdc", "float", "the smallest change that could have been detected"),
    ("at_most", "float", "either way it changed by no more, 90 % confidence"),
    ("p", "float", "of nothing having changed, adjusted over zones"),
    ("verdict", "text", "increase, decrease, no_change or inconclusive"),
    ("n_pixels", "int", "texels it stands on"),
)


def _difference(
    name: str, family: str, unit: str, meaning: str, *, summary: bool = False
) -> Iterator[Column]:
    yield leaf(f"{name}.delta", "float", meaning, unit, summary=summary, family=f"{family}.delta")
    for key, type, what in _KEYS:
        of = unit if key in ("low", "high", "sdc", "at_most") else ""
        yield leaf(
            f"{name}.{key}",
            type,
            what,
            of,
            summary=summary and key in _SUMMARY_KEYS,
            family=f"{family}.{key}",
        )


def _place(name: str, family: str, *, summary: bool) -> Iterator[Column]:
    """The claimed area, or a zone."""
    for quantity, unit, meaning in _DIFFERENCES:
        shown = summary and quantity == "erythema_index"
        own = f"{name}.{quantity}", f"{family}.{quantity}"
        yield from _difference(*own, unit, meaning, summary=shown)
    for key, what in (("value", "size of the change of colour"), ("low", "lower end"), ("high", "upper end")):
        yield leaf(f"{name}.delta_e00.{key}", "float", what, "dE00", family=f"{family}.delta_e00.{key}")
    yield leaf(
        f"{name}.delta_e00.n_pixels", "int", "texels it stands on", family=f"{family}.delta_e00.n_pixels"
    )
    yield leaf(
        f"{name}.affected_percent",
        "float",
        "of its measured skin that lies in an affected area",
        "%",
        family=f"{family}.affected_percent",
    )
    yield leaf(
        f"{name}.affected_cm2",
        "float",
        "the same on the canonical face",
        "cm2",
        family=f"{family}.affected_cm2",
    )
    yield leaf(
        f"{name}.peak.value", "float", "largest change of a 7 mm spot", "EI", family=f"{family}.peak.value"
    )
    yield leaf(f"{name}.peak.limit", "float", "what chance gives", "EI", family=f"{family}.peak.limit")
    yield leaf(
        f"{name}.reason",
        "text",
        "code: why it has no values",
        family=f"{family}.reason",
        summary=summary,
        get=_no_place(*name.split(".")),
    )


def _no_place(*keys: str) -> Callable[[Row], Value]:
    """Nothing was compared, no area was claimed, or a zone is not seen well enough in both photos."""

    def get(row: Row) -> Value:
        result = row["result"]
        if at(result, *keys):
            return None
        if not result or result["status"] == "refused":
            return str(row["code"] or _FINDING)
        return "NO_AREA" if keys == ("area",) else "ZONES_COVERED"

    return get


PAIR_COLUMNS = (
    *_whole(),
    leaf("area.name", "text", "the claimed area"),
    *_place("area", "area", summary=True),
    *(
        column
        for zone in SKIN_ZONES
        for column in _place(f"zones.{zone}", "zones.ZONE", summary=zone in _SUMMARY_ZONES)
    ),
    leaf("run.version", "text", "of skinscan"),
)
