"""Rendered photos of a swatch on paper beside a colour card: how well is the product's colour read?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from benchmarks.shade_truth import random_misses
from models.renderer.camera import develop, draw_camera, draw_light, to_raw
from models.renderer.chart import draw_chart, see_chart
from models.renderer.head import rotation
from models.renderer.issa import linear_srgb, spectrum_of
from skinscan.color import delta_e_2000, linear_to_lab
from skinscan.errors import SkinScanError
from skinscan.measure.photo import open_photo
from skinscan.shades.advertised import judge_received
from skinscan.shades.catalog import make_catalog
from skinscan.shades.color_samples import lab_points
from skinscan.shades.ranking import MANY
from skinscan.shades.shade import Shade
from skinscan.shades.swatch_photo import measure_swatch
from skinscan.skin_indices import od_to_lab
from skinscan.types import DiffuseColor, FloatArray

__all__ = ["SwatchPhoto", "draw_swatches", "swatch_rows"]

_PHOTOS = 60  # of lipsticks, and as many of foundations
_BANDS = ((0.0, 1.5), (1.5, 3.0), (3.0, 6.0), (6.0, 8.0), (8.0, 10.0), (10.0, 12.0))
_EACH = (18, 4, 4, 6, 4, 4)  # shades of each band a photo is tried with
_SEED = 11
_TOLD = ("match", "inconclusive", "mismatch")
Row = dict[str, Any]
_SIZE = (900, 1200)  # height, width
_UNEVEN = 0.05  # SD of log brightness of a swatch: relief and thickness
_FALL = 0.12  # most that the light falls off across the photo


@dataclass(frozen=True, slots=True, kw_only=True)
class SwatchPhoto:
    """One photo and its truth."""

    jpeg: bytes
    lab: FloatArray  # (3,) L*a*b* of the product, surface reflection included


def swatch_rows(lipsticks: FloatArray, skins: FloatArray) -> list[Row]:
    """How far swatches are from the truth, and verdicts on what was shown by the true difference."""
    rng = np.random.default_rng(_SEED)
    chosen = [some[rng.choice(len(some), _PHOTOS)] for some in (lipsticks, skins)]
    read: list[tuple[FloatArray, DiffuseColor]] = []
    for swatch in draw_swatches(np.concatenate(chosen), _SEED):
        try:
            read.append((swatch.lab, measure_swatch(open_photo(swatch.jpeg))))
        except SkinScanError:
            continue
    error = [float(delta_e_2000(od_to_lab(np.array(matte.od)), lab)) for lab, matte in read]
    measured: Row = {
        "what": "dE00 of a swatch beside a card", "photos": 2 * _PHOTOS, "read": len(read),
        "median": round(float(np.median(error)), 2), "q90": round(float(np.quantile(error, 0.9)), 2),
    }  # fmt: skip
    return [measured, *(_verdicts(read, *band, each) for band, each in zip(_BANDS, _EACH, strict=True))]


def _verdicts(read: list[tuple[FloatArray, DiffuseColor]], low: float, high: float, each: int) -> Row:
    told: list[str] = []
    for number, (lab, matte) in enumerate(read):
        rng = np.random.default_rng([_SEED, number])
        shown = random_misses(lab, rng.uniform(low, high, each), rng)
        catalog = make_catalog(
            [
                Shade(sku=str(k), brand="b", product="p", shade=str(k), lab=tuple(colour))
                for k, colour in enumerate(shown.tolist())
            ]
        )
        points = lab_points(matte, MANY)
        told += [judge_received(matte, points, catalog, row, swatched=True).verdict for row in range(each)]
    shares = {name: round(100 * told.count(name) / len(told), 1) for name in _TOLD}
    harm = "mismatch" if high <= 3.0 else "match" if low >= 6.0 else None
    return {
        "what": "verdict: swatch against what was shown", "by": "card", "true_de00": f"{low:g} to {high:g}",
        "n": len(told), **shares, "wrong": None if harm is None else told.count(harm),
    }  # fmt: skip


def draw_swatches(colors: FloatArray, seed: int) -> Iterator[SwatchPhoto]:
    """A photo of each of these products (N, 3) L*a*b*, each with a light, a camera and a hand of its own."""
    for number, lab in enumerate(colors):
        yield _draw(lab, np.random.default_rng([seed, number]))


def _draw(lab: FloatArray, rng: np.random.Generator) -> SwatchPhoto:

    light = draw_light(rng)
    camera = draw_camera(light, rng)
    key, fill = to_raw(camera, light)
    chart = draw_chart(light, rng)
    flat, _ = see_chart(chart, light, key, fill, rng)
    # All lies in one plane: what the card's normal gets of the light, swatch and paper get as well.

    normal = rotation(chart.yaw, chart.tilt, -chart.turn) @ np.array([0.0, 0.0, 1.0])
    facing = light.share * max(float(normal @ np.array(light.direction)), 0.0)
    around = (1.0 - light.share) * (1.0 - 0.5 * light.gradient * (1.0 - float(normal[1])))
    seen = facing * key + around * fill
    spectrum = spectrum_of(lab)
    height, width = _SIZE
    paper = float(rng.uniform(0.78, 0.9)) * np.linspace(1.0, float(rng.uniform(0.98, 1.04)), len(spectrum))
    raw = np.empty((height, width, 3), np.float32)
    raw[:] = paper @ seen
    _put(raw, flat, rng)
    _spread(raw, (spectrum @ seen).astype(np.float32), rng)
    raw *= _falling(rng)
    gain = camera.exposure * 0.75 / float((raw @ camera.matrix).mean(axis=(0, 1)).max())
    _, photo = develop(raw, camera, gain, rng)
    coded = cv2.imencode(".jpg", photo[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, camera.quality or 95])[1]
    return SwatchPhoto(jpeg=coded.tobytes(), lab=linear_to_lab(linear_srgb(spectrum)))


def _put(raw: Any, flat: Any, rng: np.random.Generator) -> None:
    """Lay the card into the left half, seen a little from the side."""
    height, width = flat.shape[:2]
    wide = float(rng.uniform(420, 540))
    corners = np.array([[0, 0], [wide, 0], [wide, wide * height / width], [0, wide * height / width]])
    turn = np.radians(rng.normal(0, 5))
    turned = corners @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    place = turned + np.array([40, rng.uniform(150, 350)]) + rng.normal(0, 8, (4, 2))
    of_flat = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32) - 0.5
    move = cv2.getPerspectiveTransform(of_flat, place.astype(np.float32))
    size = (raw.shape[1], raw.shape[0])
    card = cv2.warpPerspective(flat, move, size, flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE)
    share = cv2.warpPerspective(np.ones((height, width), np.float32), move, size)[..., None]
    raw += share * (card - raw)


def _spread(raw: Any, colour: Any, rng: np.random.Generator) -> None:
    """A smear to the right of the card: uneven, thin at its rim, with a streak of gloss now and then."""
    height, width = raw.shape[:2]
    y, x = np.mgrid[:height, :width].astype(np.float32)
    middle = (rng.uniform(800, 980), rng.uniform(300, 600))
    axes = (rng.uniform(70, 160), rng.uniform(50, 160))
    wobble = cv2.resize(rng.standard_normal((9, 12)).astype(np.float32), (width, height), interpolation=2)
    inside = 1.0 + 0.12 * wobble - np.hypot((x - middle[0]) / axes[0], (y - middle[1]) / axes[1])
    cover = np.clip(inside / 0.06, 0, 1)[..., None]
    fine = cv2.resize(rng.standard_normal((60, 80)).astype(np.float32), (width, height), interpolation=2)
    thick = np.exp(_UNEVEN * fine)[..., None]
    raw += cover * (colour * thick - raw)
    if rng.random() < 0.4:
        gloss = np.clip(fine - 1.2, 0, 1)[..., None] * cover
        raw += gloss * np.float32(rng.uniform(0.1, 0.5)) * raw.max(axis=(0, 1))


def _falling(rng: np.random.Generator) -> Any:
    """(H, W, 1) how the light falls off across the table."""
    height, width = _SIZE
    y, x = np.mgrid[:height, :width].astype(np.float32)
    turn, depth = rng.uniform(0, 2 * np.pi), rng.uniform(0, _FALL)
    along = (np.cos(turn) * (x / width - 0.5) + np.sin(turn) * (y / height - 0.5)).astype(np.float32)
    return (1.0 + np.float32(depth) * along)[..., None]
