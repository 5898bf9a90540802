"""`physics`: measured skin of people never fitted on, through the shipped graph and through whole photos.

Spectra: each ISSA face record of a test person, as ideal D65 sRGB, through the formulas of skinmaps.onnx.
Rendered: portraits of test people under random lights, cameras, poses and skin states, from the JPEG to zone
values. Each portrait is taken twice, the second time with a colour card beside the face. Other makes of
photos, each left out: families.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.families import left_out
from benchmarks.scanned import register_rendered_run, scanned
from models.renderer import issa, people, render, subject
from models.renderer.shot import draw_shot, hold_chart, hold_sheet
from skinscan import runtime
from skinscan.bench.agreement import agreement
from skinscan.color import ITA_CLASSES, delta_e_2000, ita, ita_class, linear_to_lab
from skinscan.facemesh.canonical_face import load_canonical
from skinscan.measure.tone_curve import KNOTS
from skinscan.scanner import Scanner
from skinscan.skin_indices import erythema_index
from skinscan.types import TEXTURE_SIZE, BoolMap, CardKind, Device, FloatArray

__all__ = ["physics"]

_FACES_PER_TONE = 10
_ZONES = ("forehead", "nose", "left_cheek", "right_cheek", "chin", "left_jaw", "right_jaw")
_MIN_TRUE_TEXELS = 60
_LEAST = 2  # values a class must exceed to get a row
_MATTE = 0.2  # quantile of the face's specular reflectance, as the network has learned
_RANGE_EI = 42.5 - 16.7  # 1..99 % of ISSA faces
_RANGE_MI = 87.5 - 22.9
_HELD: Mapping[CardKind | None, str] = {
    None: "rendered",
    "chart24": "rendered with a card",
    "sheet": "rendered with a sheet",
    "parcel_card": "rendered with a parcel card",
}
Row = dict[str, Any]


def physics(device: Device) -> list[Row]:
    """Rows for spectra and for rendered photos: all, then per ITA class, worst first."""
    register_rendered_run()
    zones: list[Row] = []
    faces: list[Row] = []
    for shown in _rendered(device):
        zones += _against_truth(shown)
        faces.append(_tone_error(shown))
    return [
        *_spectra(device),
        *(
            row
            for held, what in _HELD.items()
            for row in _zone_rows(what, [zone for zone in zones if zone["held"] == held])
        ),
        *_by_reference(zones),
        *left_out(device),
        *_tone_rows(faces),
        {
            "what": "rendered, photos refused",
            "photos": len(faces),
            "refused": sum(face["reference"] is None for face in faces),
        },
        *(
            {
                "what": f"{what}, used",
                "photos": sum(face["held"] == held for face in faces),
                "used": sum(face["held"] == held == face["reference"] for face in faces),
            }
            for held, what in _HELD.items()
            if held is not None
        ),
    ]


def _spectra(device: Device) -> list[Row]:
    records = issa.load_issa()
    records = records.select(records.is_face & records.is_test)
    linear = issa.linear_srgb(records.reflectance)
    found = np.array([_through_graph(rgb, device) for rgb in linear]).T
    tones = np.array([ita_class(angle) for angle in ita(records.lab)])
    return [
        *_by_tone("spectra, EI", tones, found[0], records.erythema, _RANGE_EI),
        *_by_tone("spectra, MI", tones, found[1], records.melanin, _RANGE_MI),
    ]


def _through_graph(rgb: FloatArray, device: Device) -> tuple[float, float]:
    """EI and MI of one even patch of skin by the formulas, its own optical density known."""
    side = (1, TEXTURE_SIZE, TEXTURE_SIZE)
    density = -100 * np.log10(np.maximum(rgb, 1e-4))
    feeds = {
        "rgb": np.broadcast_to(rgb, (*side, 3)),
        "inside": np.ones(side),
        "clipped": np.zeros(side),
        "cosine": np.ones(side),
        "gain": np.ones((1, 3)),
        "knots": np.full((1, len(KNOTS)), -0.5),
        "curve": np.zeros((1, len(KNOTS), 2)),
        "level": np.array([[-density[0] / 100]]),
        "excess": np.zeros((1, 2)),
        "chroma": np.array([[density[1] - density[0], density[2] - density[1]]]),
        "calm": np.array([[density[1] - density[0], density[2] - density[1]]]),
        "reference_od": np.array([[density[0]]]),
    }
    out = runtime.open_onnx("skinmaps", device).run({k: np.asarray(v, np.float32) for k, v in feeds.items()})
    middle, (erythema, melanin) = (
        TEXTURE_SIZE // 2,
        out["correction"][0],
    )  # an even patch is no face to correct
    return (
        float(out["erythema"][0, middle, middle] - erythema),
        float(out["melanin"][0, middle, middle] - melanin),
    )


def _rendered(device: Device) -> Iterator[Row]:
    """Each portrait without and with a card: tone, picture, scan, None if refused, reference, card."""
    scanner = Scanner(device)
    everybody: dict[str, list[Any]] = {name: [] for name, _ in ITA_CLASSES}
    for person in people.people(test=True):
        everybody[person.tone].append(person)
    portraits = [(tone, number) for tone in everybody for number in range(_FACES_PER_TONE)]
    for seed, (tone, number) in enumerate(portraits):
        rng = np.random.default_rng([number, seed])
        person = everybody[tone][int(rng.integers(len(everybody[tone])))]
        who, shot = subject.draw_subject(person, rng), draw_shot(rng)
        yield _shown(scanner, render.render(who, shot, rng), tone)
        for held in _HELD:
            if held is not None:
                rng = np.random.default_rng(seed)
                taken = hold_chart(shot, rng) if held == "chart24" else hold_sheet(shot, rng, held)
                yield _shown(scanner, render.render(who, taken, rng), tone, held)


def _shown(scanner: Scanner, picture: Any, tone: str, held: CardKind | None = None) -> Row:
    scan = scanned(scanner, picture.jpeg)
    return {
        "tone": tone,
        "picture": picture,
        "scan": scan,
        "reference": None if scan is None else scan.light.white_balance.reference,
        "held": held,
    }


def _against_truth(shown: Row) -> list[Row]:
    """One row a zone of one photo."""
    scan, picture = shown["scan"], shown["picture"]
    if scan is None:
        return []
    masks = {z: load_canonical().zones[z] & picture.valid for z in _ZONES if z in scan.zones}
    masks = {z: m for z, m in masks.items() if m.sum() >= _MIN_TRUE_TEXELS}
    if not masks:
        return []
    own = np.mean([picture.erythema[m].mean() for m in masks.values()])
    own_found = np.mean([scan.zones[z].erythema_index.value for z in masks])
    highlights = _highlights(picture)
    naive = {z: float(np.median(erythema_index(scan.texture.rgb[m]))) for z, m in masks.items()}
    naive_own = float(np.mean(list(naive.values())))
    rows = []
    for zone, mask in masks.items():
        measures = scan.zones[zone]
        truth = float(np.median(picture.erythema[mask]))
        contrast = measures.erythema_index.value - own_found
        rows.append(
            {
                "tone": shown["tone"],
                "reference": shown["reference"],
                "held": shown["held"],
                "zone": zone,
                "ei": (measures.erythema_index.value, truth),
                "formula": (measures.erythema_index.value - scan.maps.correction[0], truth),
                "naive": (naive[zone], truth),
                "naive_contrast": (naive[zone] - naive_own, truth - own),
                "contrast": (contrast, truth - own),
                "mi": (measures.melanin_index.value, float(np.median(picture.melanin[mask]))),
                "formula_mi": (
                    measures.melanin_index.value - scan.maps.correction[1],
                    float(np.median(picture.melanin[mask])),
                ),
                "shine": (measures.shine.value, float(highlights[mask].mean())),
                "ei_inside": measures.erythema_index.low <= truth <= measures.erythema_index.high,
                "contrast_inside": abs(contrast - (truth - own))
                <= (measures.erythema_contrast.high - measures.erythema_contrast.low) / 2,
                "mi_inside": measures.melanin_index.low
                <= float(np.median(picture.melanin[mask]))
                <= measures.melanin_index.high,
            }
        )
    return rows


def _highlights(picture: Any) -> FloatArray:
    """Specular reflectance above that of the matte skin of the same face, % of the light."""
    matte = np.quantile(picture.specular[picture.valid], _MATTE)
    above: FloatArray = 100 * np.maximum(picture.specular - matte, 0).astype(np.float64)
    return above


def _tone_error(shown: Row) -> Row:
    """Cheek by the scan against its mean spectrum under D65: dE00, and how many of L*, a*, b* hold."""
    scan, picture = shown["scan"], shown["picture"]
    row = {name: shown[name] for name in ("tone", "reference", "held")} | {"de00": None, "inside": None}
    zones = load_canonical().zones
    cheeks = (zones["left_cheek"] | zones["right_cheek"]) & picture.valid
    if scan is None or scan.tone.lab is None or not cheeks.any():
        return row
    truth = linear_to_lab(issa.linear_srgb(picture.subject.skin.reflectance[cheeks].mean(axis=0)))
    found = np.array([measure.value for measure in scan.tone.lab])
    pairs = zip(scan.tone.lab, truth.tolist(), strict=True)
    inside = [measure.low <= true <= measure.high for measure, true in pairs]
    angle, told = float(ita(truth)), scan.tone.ita
    return row | {
        "de00": float(delta_e_2000(found, truth)),
        "inside": float(np.mean(inside)),
        "ita_width": told.high - told.low,
        "ita_inside": told.low <= angle <= told.high,
        "class_right": scan.tone.ita_class == ita_class(angle),
    }


def _tone_rows(tones: list[Row]) -> list[Row]:
    """Cheek colour without and with a card: all, then per tone class, worst first."""
    rows = []
    for held, what in _HELD.items():
        given = [t for t in tones if t["held"] == held and t["de00"] is not None]
        each = {name: [t for t in given if t["tone"] == name] for name, _ in ITA_CLASSES}
        found = [_tone_row(f"{what}, tone", name, of) for name, of in each.items() if of]
        rows += [
            _tone_row(f"{what}, tone", "all", given),
            *sorted(found, key=lambda row: -row["median_de00"]),
        ]
    return rows


def _tone_row(what: str, tone: str, of: list[Row]) -> Row:
    errors = np.array([t["de00"] for t in of])
    return {
        "what": what,
        "tone": tone,
        "n": len(of),
        "median_de00": round(float(np.median(errors)), 2),
        "p90_de00": round(float(np.quantile(errors, 0.9)), 2),
        "coverage_90": round(float(np.mean([t["inside"] for t in of])), 3),
        "ita_width_90": round(float(np.median([t["ita_width"] for t in of])), 1),
        "ita_coverage_90": round(float(np.mean([t["ita_inside"] for t in of])), 3),
        "ita_class_right": round(float(np.mean([t["class_right"] for t in of])), 3),
    }


def _by_reference(zones: list[Row]) -> list[Row]:
    """EI by what the white was taken from."""
    rows = []
    for reference in ("chart24", "parcel_card", "sheet", "sclera", "none"):
        own = [zone for zone in zones if zone["reference"] == reference]
        if len(own) > _LEAST:
            found, truth = (np.array([zone["ei"][k] for zone in own]) for k in (0, 1))
            inside = np.array([zone["ei_inside"] for zone in own])
            numbers = agreement(found, truth, _RANGE_EI, inside)
            rows.append({"what": "rendered, EI by reference", "tone": reference, **numbers})
    return rows


def _zone_rows(what: str, zones: list[Row]) -> list[Row]:
    tones = np.array([z["tone"] for z in zones])
    rows = []
    for key, name, span in (
        ("ei", "EI", _RANGE_EI),
        ("contrast", "EI minus own face", _RANGE_EI),
        ("formula", "EI without the network", _RANGE_EI),
        ("naive", "EI by the plain formula", _RANGE_EI),
        ("naive_contrast", "EI minus own face by the plain formula", _RANGE_EI),
        ("mi", "MI", _RANGE_MI),
        ("formula_mi", "MI without the network", _RANGE_MI),
        ("shine", "shine", None),
    ):
        found, truth = (np.array([z[key][k] for z in zones]) for k in (0, 1))
        inside = np.array([z[f"{key}_inside"] for z in zones]) if f"{key}_inside" in zones[0] else None
        rows += _by_tone(f"{what}, {name}", tones, found, truth, span, inside)
    return rows


def _by_tone(
    what: str,
    tones: NDArray[np.str_],
    found: FloatArray,
    truth: FloatArray,
    span: float | None,
    inside: BoolMap | None = None,
) -> list[Row]:
    """Agreement over everybody, then per tone class, worst MAE first."""

    def row(tone: str, of: BoolMap) -> Row:
        covered = None if inside is None else inside[of]
        return {"what": what, "tone": tone, **agreement(found[of], truth[of], span, covered)}

    each = [row(name, of) for name, _ in ITA_CLASSES if (of := tones == name).sum() > _LEAST]
    return [row("all", np.ones(len(tones), bool)), *sorted(each, key=lambda r: -r["mae"])]
