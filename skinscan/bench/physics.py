"""`physics`: measured skin of people never fitted on, through the shipped graph and through whole photos.

Spectra: each ISSA face record of a test person, as ideal D65 sRGB, through skinmaps.onnx. Rendered: portraits
of test people under random lights, cameras, poses and skin states, from the JPEG to the zone values.
"""

from __future__ import annotations

from types import ModuleType
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from skinscan import runtime
from skinscan.bench import need_checkout
from skinscan.canonical import load_canonical
from skinscan.color import ITA_CLASSES, erythema_index, ita, ita_class
from skinscan.errors import FaceError, QualityError
from skinscan.light import KNOTS
from skinscan.pipeline import Scanner
from skinscan.types import TEXTURE_SIZE, BoolMap, Device, FloatArray, Scan

__all__ = ["physics"]

_FACES_PER_TONE = 10
_ZONES = ("forehead", "nose", "left_cheek", "right_cheek", "chin", "left_jaw", "right_jaw")
_MIN_TRUE_TEXELS = 60
_LEAST = 2  # values a class must exceed to get a row
_SURROUNDINGS = 8.0  # texels, as in the graph
_RANGE_EI = 42.5 - 16.7  # 1..99 % of ISSA faces
_RANGE_MI = 87.5 - 22.9
Row = dict[str, Any]


def physics(device: Device) -> list[Row]:
    """Rows for spectra and for rendered photos: all, then per ITA class, worst first."""
    with need_checkout("models.train"):
        from models.train import issa, people, render, subject
    return [*_spectra(issa, device), *_rendered(people, render, subject, device)]


def _spectra(issa: ModuleType, device: Device) -> list[Row]:
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
    """EI and MI of one even patch of skin, its own optical density known."""
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
        "reference_od": np.array([[density[0]]]),
    }
    out = runtime.open_onnx("skinmaps", device).run({k: np.asarray(v, np.float32) for k, v in feeds.items()})
    middle = TEXTURE_SIZE // 2
    return float(out["erythema"][0, middle, middle]), float(out["melanin"][0, middle, middle])


def _rendered(people: ModuleType, render: ModuleType, subject: ModuleType, device: Device) -> list[Row]:
    """Zone EI, zone minus own face, MI and shine of rendered photos against their truth."""
    scanner = Scanner(device)
    everybody: dict[str, list[Any]] = {name: [] for name, _ in ITA_CLASSES}
    for person in people.people(test=True):
        everybody[person.tone].append(person)
    zones: list[Row] = []
    refused: list[str] = []
    asked: list[str] = []
    for tone, group in everybody.items():
        for number in range(_FACES_PER_TONE):
            rng = np.random.default_rng([number, len(asked)])
            person = group[int(rng.integers(len(group)))]
            picture = render.render(subject.draw_subject(person, rng), render.draw_shot(rng), rng)
            asked.append(tone)
            try:
                zones += _against_truth(scanner.scan(picture.jpeg), picture, tone)
            except (FaceError, QualityError):
                refused.append(tone)
    return [
        *_zone_rows(zones),
        {"what": "rendered, photos refused", "photos": len(asked), "refused": len(refused)},
    ]


def _against_truth(scan: Scan, picture: Any, tone: str) -> list[Row]:
    masks = {z: load_canonical().zones[z] & picture.valid for z in _ZONES if z in scan.scores.zones}
    masks = {z: m for z, m in masks.items() if m.sum() >= _MIN_TRUE_TEXELS}
    if not masks:
        return []
    own = np.mean([picture.erythema[m].mean() for m in masks.values()])
    own_found = np.mean([scan.scores.zones[z].erythema_index.value for z in masks])
    highlights = _highlights(picture)
    naive = {z: float(np.median(erythema_index(scan.texture.rgb[m]))) for z, m in masks.items()}
    naive_own = float(np.mean(list(naive.values())))
    rows = []
    for zone, mask in masks.items():
        measures = scan.scores.zones[zone]
        truth = float(np.median(picture.erythema[mask]))
        contrast = measures.erythema_index.value - own_found
        rows.append(
            {
                "tone": tone,
                "zone": zone,
                "ei": (measures.erythema_index.value, truth),
                "naive": (naive[zone], truth),
                "naive_contrast": (naive[zone] - naive_own, truth - own),
                "contrast": (contrast, truth - own),
                "mi": (measures.melanin_index.value, float(np.median(picture.melanin[mask]))),
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
    """Specular reflectance above that of the surroundings, % of the light: what shine means in a photo."""
    weight = cv2.GaussianBlur(picture.valid.astype(np.float32), (0, 0), _SURROUNDINGS)
    specular = np.where(picture.valid, picture.specular, 0).astype(np.float32)
    around = cv2.GaussianBlur(specular, (0, 0), _SURROUNDINGS) / np.maximum(weight, 1e-3)
    above: FloatArray = 100 * np.maximum(specular - around, 0).astype(np.float64)
    return above


def _zone_rows(zones: list[Row]) -> list[Row]:
    tones = np.array([z["tone"] for z in zones])
    rows = []
    for key, name, span in (
        ("ei", "EI", _RANGE_EI),
        ("contrast", "EI minus own face", _RANGE_EI),
        ("naive", "EI by the plain formula", _RANGE_EI),
        ("naive_contrast", "EI minus own face by the plain formula", _RANGE_EI),
        ("mi", "MI", _RANGE_MI),
        ("shine", "shine", None),
    ):
        found, truth = (np.array([z[key][k] for z in zones]) for k in (0, 1))
        inside = np.array([z[f"{key}_inside"] for z in zones]) if f"{key}_inside" in zones[0] else None
        rows += _by_tone(f"rendered, {name}", tones, found, truth, span, inside)
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
        return {"what": what, "tone": tone, **_agreement(found[of], truth[of], span, covered)}

    each = [row(name, of) for name, _ in ITA_CLASSES if (of := tones == name).sum() > _LEAST]
    return [row("all", np.ones(len(tones), bool)), *sorted(each, key=lambda r: -r["mae"])]


def _agreement(found: FloatArray, truth: FloatArray, span: float | None, inside: BoolMap | None) -> Row:
    error = found - truth
    mae = float(np.abs(error).mean())
    row: Row = {
        "n": len(found),
        "r": round(float(np.corrcoef(found, truth)[0, 1]), 3),
        "mae": round(mae, 2),
        "bias": round(float(error.mean()), 2),
        "sd": round(float(error.std()), 2),
    }
    if span is not None:
        row["mae_percent_of_range"] = round(100 * mae / span, 1)
    if inside is not None:
        row["coverage_90"] = round(float(inside.mean()), 3)
    return row
