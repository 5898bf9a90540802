"""A printed sheet or parcel card held beside the head: paper, ink and printer, how it is held and lit.

Papers with and without brightener, toner and ink, lines that grow in print and light that creeps under them;
a sheet that bends, a hand that holds it, half of it in shade, or its picture on a screen.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from itertools import product
from typing import Any, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from models.renderer.camera import Light
from models.renderer.head import rotation
from models.renderer.issa import WAVELENGTHS, linear_srgb
from skinscan.cards.layout import (
    COVERAGES,
    LINES_MM,
    MARKER_MODULES,
    Box,
    Layout,
    parcel_layout,
    sheet_layout,
)
from skinscan.cards.print_run import PrintRun, design_colors
from skinscan.color import lab_to_linear, linear_to_lab

__all__ = ["RUN", "Print", "Sheet", "draw_sheet", "parcel_run", "see_sheet"]

Array = NDArray[np.floating[Any]]
Flat = tuple[Array, Array]  # (h, w, 3) raw colours, (4, 3) corners in cm

RUN = 11
"""The print run of rendered parcel cards."""
_PX_PER_MM = {"sheet": 4.0, "parcel_card": 6.0}
_STRIPS = 12  # that a bent sheet is drawn in
_SIZES: tuple[Literal["A4", "A5", "A6"], ...] = ("A6", "A6", "A5", "A5", "A4")
# Share of ultraviolet in lights, over daylight outdoors.
_UV = {"D50": 0.7, "D55": 0.8, "D65": 1.0, "D75": 1.2, "A": 0.12, "FL2": 0.15, "FL7": 0.25, "FL11": 0.15}
_SOLID = 1.35  # density of a solid process ink [design]
_MEASURED_SIGMA = 0.25  # dE of the brand's instrument


@dataclass(frozen=True, slots=True, kw_only=True)
class Print:
    """What a printer made of a sheet."""

    paper: Array  # (31,) reflectance without ultraviolet
    brightener: float  # reflectance that a light with all of daylight's ultraviolet adds at 440 nm
    ink: Array  # (31,) reflectance of the solid black
    edge: float  # mm by which lines grow at each edge
    scatter: float  # mm that light creeps in paper
    patches: Array | None = None  # (12, 31) of the parcel card


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A card in the scene; lengths in cm, angles in degrees, axes as the camera's (y up, z to it)."""

    layout: Layout
    made: Print
    centre: tuple[float, float, float]  # from the middle of the head
    yaw: float
    tilt: float  # positive: looks down
    turn: float  # in the picture
    bend: float = 0.0  # 1/cm: positive, the sides come towards the camera
    veil: float = 0.0  # share of the light that the surface mirrors everywhere
    window: float = 1.0  # share of ultraviolet that glass has let through
    covered: float = 0.0  # share of the width hidden under a hand, from the side away from the face
    shade: float = 0.0  # share of the key light that does not reach the card
    half_shade: float = 0.0  # the same, on one half of it only
    blur: float = 0.0  # mm: moved while the photo was taken
    size: float = 1.0  # over true size
    screen: float = 0.0  # its white over white paper there, if it is a picture on a screen; 0 of paper
    mirrored: bool = False

    @property
    def reach(self) -> float:
        """Half width in cm, as it is held."""
        turn = np.radians(self.turn)
        return float(0.05 * (abs(np.cos(turn)) * self.layout.width + abs(np.sin(turn)) * self.layout.height))


def draw_print(rng: np.random.Generator) -> Print:
    """Draw a paper and a printer as households and offices have them."""
    kind = rng.choice(("office", "recycled", "photo"), p=(0.7, 0.15, 0.15))
    base = {"office": 0.86, "recycled": 0.74, "photo": 0.89}[str(kind)] + float(rng.normal(0.0, 0.015))
    yellow = {"office": 0.05, "recycled": 0.16, "photo": 0.04}[str(kind)] * float(rng.uniform(0.5, 1.5))
    slope = 1.0 - yellow * np.exp(-(WAVELENGTHS - 400.0) / 70.0)
    toner = bool(rng.random() < 0.5)
    black = float(rng.uniform(0.02, 0.05) if toner else rng.uniform(0.03, 0.08))
    hue = 1.0 + float(rng.normal(0.0, 0.12)) * (WAVELENGTHS - 550.0) / 150.0
    red = 0.0 if toner else 0.06 * rng.random() / (1 + np.exp(-(WAVELENGTHS - 680.0) / 12.0))
    return Print(
        paper=base * slope,
        brightener={"office": 0.16, "recycled": 0.0, "photo": 0.07}[str(kind)] * float(rng.uniform(0.4, 1.2)),
        ink=black * hue + red,
        edge=float(rng.uniform(0.0, 0.03) if toner else rng.uniform(0.01, 0.05)),
        scatter=float(rng.uniform(0.15, 0.5)),
    )  # fmt: skip


def parcel_run() -> PrintRun:
    """The run as the brand measured it, for `register_run`."""
    rng = np.random.default_rng(RUN)
    made = parcel_print()
    assert made.patches is not None

    def lab(spectrum: Array) -> Any:
        return tuple(
            (linear_to_lab(linear_srgb(spectrum)) + rng.normal(0, _MEASURED_SIGMA, 3)).round(2).tolist()
        )

    return PrintRun(
        run=RUN,
        patches=tuple(lab(patch) for patch in made.patches),
        paper=lab(made.paper),
        black=lab(made.ink),
    )


@cache
def parcel_print() -> Print:
    """Offset print on board: the colours proposed, mixed of cyan, magenta and yellow."""
    paper = 0.88 * (1.0 - 0.05 * np.exp(-(WAVELENGTHS - 400.0) / 60.0))
    return Print(
        paper=paper, brightener=0.02, ink=np.full(len(WAVELENGTHS), 0.028), edge=0.012, scatter=0.25,
        patches=np.array([_mixed(np.array(lab), paper) for lab in design_colors()]),
    )  # fmt: skip


def _mixed(lab: Array, paper: Array) -> Array:
    """(31,) reflectance of a halftone of process inks that has a colour: Newton on the areas."""
    goal, area = np.log10(lab_to_linear(lab)), np.full(3, 0.4)
    for _ in range(60):
        seen = np.log10(linear_srgb(_halftone(area, paper)))
        moved = [np.log10(linear_srgb(_halftone(area + step, paper))) - seen for step in 1e-4 * np.eye(3)]
        step = np.linalg.solve(np.array(moved).T / 1e-4, goal - seen)
        area = np.clip(area + 0.5 * step, 0.0, 1.0)
    return _halftone(area, paper)


def _halftone(area: Array, paper: Array) -> Array:
    """(31,) reflectance of dots of cyan, magenta and yellow that cover areas (3,) (Neugebauer, n of 1.8)."""
    bands = [
        np.exp(-0.5 * ((WAVELENGTHS - middle) / wide) ** 2) for middle, wide in ((640.0, 55.0), (545.0, 38.0))
    ]
    yellow = 1.0 / (1.0 + np.exp((WAVELENGTHS - 497.0) / 9.0))
    density = _SOLID * np.array([bands[0] + 0.08, bands[1] + 0.25 * yellow, yellow])
    total = np.zeros(len(WAVELENGTHS))
    for inked in product((0, 1), repeat=3):
        share = np.prod(np.where(inked, area, 1.0 - area))
        total = total + share * (paper * 10 ** -(np.array(inked) @ density)) ** (1 / 1.8)
    return np.asarray(total**1.8)


def draw_sheet(light: Light, rng: np.random.Generator, kind: Literal["sheet", "parcel_card"]) -> Sheet:
    """Hold a card as asked: beside the cheek, on the side of the light, facing the camera more or less."""
    side = 1.0 if light.direction[0] >= 0 else -1.0
    if kind == "sheet":
        layout, made = sheet_layout(_SIZES[int(rng.integers(len(_SIZES)))]), draw_print(rng)
        turn, bend = 180.0 * float(rng.random() < 0.1), float(rng.normal(0.0, 0.012))
    else:
        layout, made = parcel_layout(RUN), parcel_print()
        turn, bend = 90.0 * int(rng.integers(4)), 0.0
    sheet = Sheet(
        layout=layout, made=made, centre=(0.0, 0.0, 0.0), yaw=float(rng.normal(0, 8)),
        tilt=float(rng.normal(0, 8)), turn=turn + float(rng.normal(0, 5)), bend=bend,
        veil=float(rng.uniform(0.0, 0.008)), window=float(rng.uniform(0.3, 1.0)),
    )  # fmt: skip
    down = float(rng.uniform(-5.0, 2.0)) - (4.0 if layout.height > 200 else 0.0)
    centre = (side * (9.0 + sheet.reach), down, float(rng.uniform(2.0, 8.0)))
    return replace(sheet, centre=centre)


def see_sheet(sheet: Sheet, light: Light, key: Array, fill: Array) -> list[Flat]:
    """Raw colours of the card, in strips where it bends, and the corners of each (4, 3) in cm.

    `key` and `fill` (31, 3) from reflectance to raw, as camera.to_raw gives them.
    """
    axes = rotation(sheet.yaw, sheet.tilt, -sheet.turn)
    scale = _PX_PER_MM[sheet.layout.kind] * (0.5 if sheet.layout.width > 150 else 1.0)
    reflectance = _drawn(sheet, scale)
    width, height = (0.1 * sheet.size * side for side in (sheet.layout.width, sheet.layout.height))
    strips = _STRIPS if sheet.bend else 1
    edges = np.linspace(-width / 2, width / 2, strips + 1)
    columns = np.round(np.linspace(0, reflectance.shape[1], strips + 1)).astype(int)
    found = []
    for number in range(strips):
        normal = axes @ _normal(sheet.bend, 0.5 * (edges[number] + edges[number + 1]))
        lit = light.share * max(float(normal @ np.array(light.direction)), 0.0) * (1.0 - sheet.shade)
        if number >= strips / 2 or strips == 1:
            lit *= 1.0 - sheet.half_shade
        around = (1.0 - light.share) * (1.0 - 0.5 * light.gradient * (1.0 - float(normal[1])))
        part = reflectance[:, columns[number] : columns[number + 1]]
        if sheet.screen:
            emitted = sheet.screen * _screen(sheet) / light.key
            raw = part[..., :1] * (emitted @ key) + 0.02 * (lit + around) * key.sum(axis=0)
        else:
            raw = lit * (part @ key) + around * (part @ fill) + sheet.veil * (lit + around) * fill.sum(axis=0)
            glow = _brightened(sheet, light)
            raw = raw + (part.mean(axis=-1, keepdims=True) / 0.85) * (
                lit * (glow @ key) + around * (glow @ fill)
            )
        rows = np.array([[edges[number], height / 2], [edges[number + 1], height / 2]])
        place = np.array([_bent(sheet.bend, x, y) for x, y in (*rows, *(rows[::-1] * [1, -1]))])
        found.append((raw.astype(np.float32), (place @ axes.T + np.array(sheet.centre)).astype(np.float32)))
    return found


def _bent(bend: float, x: float, y: float) -> Array:
    if not bend:
        return np.array([x, y, 0.0])
    return np.array([np.sin(bend * x) / bend, y, (1.0 - np.cos(bend * x)) / bend])


def _normal(bend: float, x: float) -> Array:
    return np.array([-np.sin(bend * x), 0.0, np.cos(bend * x)])


def _brightened(sheet: Sheet, light: Light) -> Array:
    """(31,) what the brightener adds to the reflectance of bare paper."""
    amount = sheet.made.brightener * sheet.window * _UV.get(light.name, 0.05)
    return np.asarray(amount * np.exp(-0.5 * ((WAVELENGTHS - 440.0) / 18.0) ** 2))


def _screen(sheet: Sheet) -> Array:
    """(31,) light of a screen's white, about 1."""
    peaks = ((452.0, 12.0, 2.0), (530.0, 18.0, 1.6), (615.0, 16.0, 1.6))
    return np.asarray(sum(a * np.exp(-0.5 * ((WAVELENGTHS - m) / w) ** 2) for m, w, a in peaks))


def _drawn(sheet: Sheet, scale: float) -> Array:
    """(h, w, 31) reflectance of the flat card."""
    made, layout = sheet.made, sheet.layout
    levels = [_screened(made, coverage) for coverage in COVERAGES]
    if sheet.screen:  # a picture made smaller averages codes, not light
        levels = [np.full(len(WAVELENGTHS), (1.0 - coverage) ** 2.2 + 1e-3) for coverage in COVERAGES]
    size = (round(layout.height * scale), round(layout.width * scale))
    flat = np.broadcast_to(levels[0], (*size, len(WAVELENGTHS))).astype(np.float32)
    for level, box in layout.steps:
        flat[_pixels(box, scale)] = levels[level]
    if made.patches is not None:
        for box, patch in zip(layout.patches, made.patches, strict=True):
            flat[_pixels(box, scale)] = patch
    for number, box in zip(layout.marker_ids, layout.markers, strict=True):
        rows, columns = _pixels(box, scale)
        code = marker_bits(number)
        side = (rows.stop - rows.start, columns.stop - columns.start)
        large = cv2.resize(code, side[::-1], interpolation=cv2.INTER_NEAREST)[..., None] > 0
        flat[rows, columns] = np.where(large, levels[0], levels[-1])
    if sheet.covered:
        hidden = round(sheet.covered * size[1])
        away = np.s_[:, size[1] - hidden :] if sheet.centre[0] > 0 else np.s_[:, :hidden]
        flat[away] = 0.35 + 0.25 * (WAVELENGTHS - 400.0) / 300.0 * 0.5
    if sheet.blur:
        flat = cv2.blur(flat, (max(1, round(sheet.blur * scale)), 1))
    return flat[:, ::-1] if sheet.mirrored else flat


def _pixels(box: Box, scale: float) -> tuple[slice, slice]:
    left, top, width, height = (round(scale * length) for length in box)
    return slice(top, top + height), slice(left, left + width)


def marker_bits(number: int) -> NDArray[np.uint8]:
    """(7, 7) 0 black, 255 white: a marker with its border."""
    family = cv2.aruco.getPredefinedDictionary(cv2.aruco.DICT_5X5_1000)
    return np.asarray(cv2.aruco.generateImageMarker(family, number, MARKER_MODULES), np.uint8)


def _screened(made: Print, coverage: float) -> Array:
    """(31,) reflectance of a line screen by Yule and Nielsen."""
    if coverage in (0.0, 1.0):
        return made.ink if coverage else made.paper
    grown = min(max(coverage + 2 * made.edge / LINES_MM, 0.0), 1.0)
    n = 2 - np.exp(-made.scatter / LINES_MM)
    return np.asarray(((1 - grown) * made.paper ** (1 / n) + grown * made.ink ** (1 / n)) ** n)
