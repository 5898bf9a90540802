"""Columns of a scan."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from skinscan.batch.columns.column import Column, Row, Type, Value, at, joined, leaf
from skinscan.facemesh.zones import ZONES
from skinscan.texts.bilingual import Texts

__all__ = ["PHOTO_COLUMNS"]

CHECKS = (
    "face_size", "face_detail", "yaw", "pitch", "sharpness", "exposure", "clipping", "even_light", "colour",
    "colour_cast", "visible_skin", "skin_texture", "camera_original", "colour_card", "unmarked", "eyes",
    "file_end", "lipstick", "blusher", "glasses", "mask",
)  # fmt: skip
"""Names of the quality checks."""

PARTS: Mapping[str, tuple[tuple[str, str, str], ...]] = {
    "redness": (
        ("erythema_index", "EI", "of the own face"),
        ("percentile", "%", "less red faces of the same melanin class"),
    ),
    "redness_local": (("erythema_peak_ei", "EI", "95 % quantile above the median"),),
    "oil_balance": (
        ("shine_t_zone_percent", "% of the light", "T-zone"),
        ("shine_u_zone_percent", "% of the light", "U-zone"),
        ("t_minus_u", "% of the light", "T-zone minus U-zone"),
        ("highlights_t_zone_percent", "% of the light", "shiniest tenth of the T-zone above its median"),
        ("highlights_u_zone_percent", "% of the light", "shiniest tenth of the U-zone above its median"),
    ),
    "sensitivity": (
        ("erythema_central_ei", "EI", "cheeks and nose minus forehead, chin and jaws"),
        ("erythema_patchiness_ei", "EI", "SD within zones"),
    ),
    "pigmentation": (
        ("spot_count", "count", "spots"),
        ("spot_area_percent", "%", "of the valid skin that is spots"),
        ("spot_contrast_mi", "MI", "mean height of spots above the skin around"),
    ),
    "blemishes": (
        ("count", "count", "inflamed spots"),
        ("area_percent", "%", "of the skin that was looked at"),
        ("density_ei_per_cm2", "EI/cm2", "height by how likely"),
        ("seen_cm2", "cm2", "canonical skin that was looked at"),
    ),
}
"""Scores and what each is made of: name, unit, meaning."""

_MEASURES = {
    "erythema_index": ("EI", "redness, median of the zone"),
    "erythema_contrast": ("EI", "redness, zone minus own face"),
    "melanin_index": ("MI", "pigment, median of the zone; higher is darker"),
    "shine": ("% of the light", "mean specular reflectance above matte skin"),
    "lightness": ("L*", "as lit in this photo, shading included"),
}
_SITES = ("cheek", "jaw", "forehead", "neck")
_SHADES = 3  # matches that have columns
_SUMMARY_ZONES = ("left_cheek", "right_cheek")


def _plain() -> Iterator[Column]:
    """What was photographed, how, and whether it does."""
    yield leaf("photo.name", "text", "file name")
    yield leaf("photo.sha256", "text", "of the bytes of the file", summary=True)
    for name in ("width", "height"):
        yield leaf(f"photo.{name}", "int", "of the upright photo at full scale", "px")
    yield leaf("photo.reduction", "int", "full scale over the scale at which it was decoded")
    yield leaf("photo.format", "text", "JPEG, PNG, ...")
    yield leaf("photo.icc", "text", "colour profile it came in; none: pixels as they were")
    for name in ("make", "model", "software"):
        yield leaf(f"photo.capture.{name}", "text", "by EXIF")
    yield leaf("photo.capture.taken_at", "text", "by EXIF, ISO 8601 without zone", summary=True)
    yield leaf("face.count", "int", "faces found")
    yield leaf("face.index", "int", "the one measured, by falling size from 0")
    yield leaf(
        "face.pose.yaw", "float", "positive: turned to the right edge of the photo", "degrees", summary=True
    )
    yield leaf("face.pose.pitch", "float", "positive: looks down", "degrees")
    yield leaf("face.pose.roll", "float", "positive: tilts clockwise in the photo", "degrees")
    yield leaf(
        "face.interocular_px", "float", "distance of the iris centres, at full scale", "px", summary=True
    )
    yield leaf("view.name", "text", "frontal, left_three_quarter, ...: the person's own side that is shown")
    yield leaf("view.side", "text", "both, left or right")
    yield leaf(
        "view.zones_not_seen",
        "text",
        "zones turned away from the camera",
        get=lambda row: joined(at(row["result"], "view", "zones_not_seen") or ()),
    )
    yield leaf("light.reference", "text", "what the white was taken from", summary=True)
    for name in ("red_green", "green_blue"):
        yield leaf(f"light.residual.{name}", "float", "sigma left after the gain", "OD")
    for number, channel in enumerate("RGB"):
        yield leaf(f"light.gain.{channel}", "float", "factor on linear light", get=_gain(number))
    yield leaf("light.key_light", "float", "R of the skin in full light, linear", "share")
    for name, meaning in (
        ("reference_od", "density of that skin in R"),
        ("exposure_sigma_od", "its sigma"),
        ("scatter_od", "robust SD of log R/G about the fit"),
    ):
        yield leaf(f"light.{name}", "float", meaning, "OD")
    yield leaf("light.n_pixels", "int", "texels that the fit stands on")
    yield leaf("light.card.kind", "text", "card or sheet in the photo")
    yield leaf("light.card.run", "int", "print run of a parcel card")
    yield leaf("light.card.usable", "bool", "it corrects the photo")
    yield leaf("light.card.fault", "text", "why it does not")
    yield leaf("light.card.patches", "int", "patches and steps that serve")
    yield leaf("light.card.residual_de00", "float", "median over its patches", "dE00")
    yield leaf("quality.usable", "bool", "any score or the tone is given")
    yield leaf("quality.failed", "text", "codes of the checks that failed", summary=True, get=_failed)
    for name in CHECKS:
        for key, type, meaning in _CHECK:
            yield leaf(
                f"quality.checks.{name}.{key}",
                type,
                meaning,
                family=f"quality.checks.CHECK.{key}",
                get=_check(name, key),
            )


_CHECK: tuple[tuple[str, Type, str], ...] = (
    ("value", "float", "what was found; units stand in docs/measuring.md, section 7"),
    ("limit", "float", "from where it fails"),
    ("ok", "bool", "passed"),
)


def _gain(number: int) -> Callable[[Row], Value]:
    return lambda row: (at(row["result"], "light", "gain") or (None,) * 3)[number]


def _checks(row: Row) -> list[Mapping[str, Value]]:
    return at(row["result"], "quality", "checks") or []


def _failed(row: Row) -> Value:
    return joined(str(check["code"]) for check in _checks(row) if not check["ok"])


def _check(name: str, key: str) -> Callable[[Row], Value]:
    return lambda row: next((check[key] for check in _checks(row) if check["name"] == name), None)


def _scores() -> Iterator[Column]:
    en, zh = Texts("en"), Texts("zh")
    for score, parts in PARTS.items():
        own, family = f"scores.{score}", "scores.SCORE"
        yield leaf(f"{own}.status", "text", "ok or abstained", family=f"{family}.status")
        for key, meaning in (
            ("value", f"{en[score]}, {zh[score]}"),  # by the name that it has on pages
            ("low", "lower end of its 90 % interval"),
            ("high", "upper end"),
            ("repeat_low", "lower end for another photo in this light"),
            ("repeat_high", "upper end for another photo in this light"),
        ):
            yield leaf(
                f"{own}.{key}",
                "float",
                meaning,
                "points, 0..100",
                summary=not key.startswith("repeat"),
                family=f"{family}.{key}",
            )
        yield leaf(
            f"{own}.reason",
            "text",
            "code: why there is no value",
            summary=True,
            family=f"{family}.reason",
            get=_score_reason(score),
        )
        yield leaf(f"{own}.at_least", "bool", "the value is a lower bound", family=f"{family}.at_least")
        yield leaf(f"{own}.n_pixels", "int", "texels it stands on", family=f"{family}.n_pixels")
        for part, unit, meaning in parts:
            yield leaf(f"{own}.parts.{part}", "float", meaning, unit)
    yield leaf("blemishes", "int", "inflamed spots found", get=_spots)


def _spots(row: Row) -> Value:
    told = at(row["result"], "scores", "blemishes", "status") == "ok"
    return len(row["result"]["blemishes"]) if told else None


def _score_reason(score: str) -> Callable[[Row], Value]:
    return lambda row: at(row["result"], "scores", score, "reason") if row["result"] else row["code"]


def _zones() -> Iterator[Column]:
    for zone in ZONES:
        for measure, (unit, meaning) in _MEASURES.items():
            own, family = f"zones.{zone}.{measure}", f"zones.ZONE.{measure}"
            shown = measure == "erythema_index" and zone in _SUMMARY_ZONES
            yield leaf(f"{own}.value", "float", meaning, unit, summary=shown, family=f"{family}.value")
            for key, what in (("low", "lower end of its 90 % interval"), ("high", "upper end")):
                yield leaf(f"{own}.{key}", "float", what, unit, family=f"{family}.{key}")
            yield leaf(f"{own}.n_pixels", "int", "texels it stands on", family=f"{family}.n_pixels")
            yield leaf(f"{own}.at_least", "bool", "the value is a lower bound", family=f"{family}.at_least")
            yield leaf(
                f"{own}.reason",
                "text",
                "code: why there is no value",
                family=f"{family}.reason",
                get=_measure_reason(zone, measure),
            )
        yield leaf(
            f"zones.{zone}.blemishes",
            "int",
            "inflamed spots in it or nearest to it",
            family="zones.ZONE.blemishes",
        )


def _measure_reason(zone: str, measure: str) -> Callable[[Row], Value]:
    """A failed check forbids it, the zone is turned away, or too little of its skin is seen."""

    def get(row: Row) -> Value:
        result = row["result"]
        if not result:
            return str(row["code"])
        if at(result, "zones", zone, measure, "value") is not None:
            return None
        turned = zone in result["view"]["zones_not_seen"]
        forbidden: str | None = result["zones_withheld"].get(measure)
        return forbidden or ("HEAD_TURNED" if turned else "ZONES_COVERED")

    return get


def _tone() -> Iterator[Column]:
    yield leaf("tone.status", "text", "ok, uncertain or abstained", summary=True)
    yield leaf(
        "tone.reason",
        "text",
        "code: why there is no class, or no colour at all",
        summary=True,
        get=lambda row: at(row["result"], "tone", "reason") if row["result"] else row["code"],
    )
    for name, unit, meaning in (
        ("tone.ita", "degrees", "individual typology angle of the cheek"),
        ("tone.hue_angle", "degrees", "atan2(b*, a*) of the cheek"),
    ):
        yield from _measured(name, name, unit, meaning, summary=name == "tone.ita")
    yield leaf("tone.ita_class", "text", "very_light, light, intermediate, tan, brown or dark", summary=True)
    yield leaf(
        "tone.ita_classes",
        "text",
        "every class that the interval touches",
        get=lambda row: joined(at(row["result"], "tone", "ita_classes") or ()),
    )
    for name in ("cool", "neutral", "warm"):
        yield leaf(f"tone.undertone.{name}", "float", "probability", family="tone.undertone.UNDERTONE")
    for number in range(1, 11):
        yield leaf(f"tone.monk.{number}", "float", "probability of that Monk tone", family="tone.monk.NUMBER")
    for name, family in (("tone", "tone"), *((f"tone.sites.{site}", "tone.sites.SITE") for site in _SITES)):
        for axis, unit in zip("Lab", ("L*", "a*", "b*"), strict=True):
            meaning = "as a matte surface in full light, D65"
            yield from _measured(f"{name}.lab.{axis}", f"{family}.lab.{axis}", unit, meaning)


def _measured(name: str, family: str, unit: str, meaning: str, *, summary: bool = False) -> Iterator[Column]:
    yield leaf(f"{name}.value", "float", meaning, unit, summary=summary, family=f"{family}.value")
    yield leaf(
        f"{name}.low",
        "float",
        "lower end of its 90 % interval",
        unit,
        summary=summary,
        family=f"{family}.low",
    )
    yield leaf(f"{name}.high", "float", "upper end", unit, summary=summary, family=f"{family}.high")
    yield leaf(f"{name}.n_pixels", "int", "texels it stands on", family=f"{family}.n_pixels")
    yield leaf(f"{name}.at_least", "bool", "the value is a lower bound", family=f"{family}.at_least")


def _shades() -> Iterator[Column]:
    """With a catalogue: the shades that fit best."""
    yield leaf("shade.status", "text", "ok, uncertain or abstained: whether shades are ranked")
    yield leaf("shade.reason", "text", "code: why none is, or why they are uncertain", get=_no_shade)
    yield leaf("shade.site", "text", "where it was matched")
    yield leaf(
        "shade.acceptable_delta_e00", "float", "difference up to which a shade counts as fitting", "dE00"
    )
    for number in range(_SHADES):
        own, family = f"shade.matches.{number + 1}", "shade.matches.NUMBER"
        for key, type, unit, meaning in _MATCH:
            yield leaf(f"{own}.{key}", type, meaning, unit, family=f"{family}.{key}", get=_match(number, key))


_MATCH: tuple[tuple[str, Type, str, str], ...] = (
    ("sku", "text", "", "of the shade, likeliest to fit first"),
    ("shade", "text", "", "its name"),
    ("delta_e00", "float", "dE00", "from the skin, worn"),
    ("low", "float", "dE00", "lower end of its 90 % interval"),
    ("high", "float", "dE00", "upper end"),
    ("probability_acceptable", "float", "0..1", "that it fits"),
)


def _no_shade(row: Row) -> Value:
    found = at(row["result"], "shade") or {}
    return found.get("code") or found.get("reason")


def _match(number: int, key: str) -> Callable[[Row], Value]:
    def get(row: Row) -> Value:
        found = at(row["result"], "shade", "matches") or ()
        value: Value = found[number][key] if number < len(found) else None
        return value

    return get


PHOTO_COLUMNS = (
    *_plain(),
    *_scores(),
    leaf(
        "zones_not_measured",
        "text",
        "too little of their skin is seen",
        get=lambda row: joined(at(row["result"], "zones_not_measured") or ()),
    ),
    *_zones(),
    *_tone(),
    *_shades(),
    leaf("run.version", "text", "of skinscan"),
    leaf("run.fallback", "text", "why auto did not take a GPU"),
)
