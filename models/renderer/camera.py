"""Lights and cameras: spectra to raw, raw to linear sRGB, linear sRGB to the 8-bit photo.

Spectral arrays are (31,) or (31, 3) at `issa.WAVELENGTHS`. Cameras are drawn from a plausible family (humps
where real sensors have them); no measured sensitivities are used, the sets at hand are not free.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from models.renderer.issa import WAVELENGTHS, linear_srgb, spectrum_to_linear_srgb
from models.renderer.people import committed_people
from skinscan import color

__all__ = [
    "DAYLIGHT",
    "LAMPS",
    "Camera",
    "Gobo",
    "Light",
    "draw_camera",
    "draw_light",
    "flat_light",
    "ideal_camera",
    "illuminant",
]

Array = NDArray[np.floating[Any]]
FloatArray = NDArray[np.float64]

LIGHTS = (
    "D50", "D55", "D65", "D75", "A", "FL2", "FL7", "FL11", "LED-B1", "LED-B2", "LED-B3", "LED-B4", "LED-B5",
    "LED-BH1", "LED-V1", "LED-V2",
)  # fmt: skip
DAYLIGHT = ("D50", "D55", "D65", "D75")
LAMPS = tuple(name for name in LIGHTS if name not in DAYLIGHT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gobo:
    """Something out of the picture that throws its shadow on the face; lengths in cm across the key light."""

    kind: str  # "edge" of a wall, "bars" of a window or blind, "brim" of a hat
    turn: float  # degrees: how the edge or the bars lie; a brim lies level
    offset: float  # where the edge is; of a brim, how far above the middle of the head its shadow ends
    period: float  # of the bars
    width: float  # 0..1 share of a period that the bars take
    soft: float  # width of the blurred edge
    dark: float  # 0..1 share of the key that is gone in the shadow


@dataclass(frozen=True, slots=True, kw_only=True)
class Light:
    """A key light and the fill from all around. Irradiances are shares of a white card facing the key."""

    name: str  # of the key
    key: FloatArray  # (31,) spectrum, mean 1
    fill: FloatArray  # (31,) spectrum, mean 1
    share: float  # 0..1 of the key; the fill has the rest
    direction: tuple[float, float, float]  # unit, to the key: x right in the photo, y up, z to the camera
    size: float  # cm: blur of cast shadows
    gradient: float  # 0..1: how much darker the fill is from below
    occlusion: float  # 0..1: how much hollows darken in the fill
    gobo: Gobo | None = None
    creep: float = 1.0  # how far light creeps round the terminator, of what `shading` takes for usual
    falloff: float = 1.0  # power of the cosine: below 1 skin is flatter than Lambert's, as rough surfaces are


@dataclass(frozen=True, slots=True, kw_only=True)
class Camera:
    """From spectrum to file."""

    name: str
    sensitivity: FloatArray  # (31, 3) per channel of raw
    matrix: FloatArray  # (3, 3) white-balanced raw to linear sRGB: srgb = raw @ matrix
    balance: FloatArray  # (3,) error of the white balance gains; 1 is perfect
    exposure: float  # factor on the metered exposure
    contrast: float  # S-curve on coded values, 0 none
    saturation: float  # factor on coded chroma
    noise: tuple[float, float]  # shot and read: variance = shot * x + read^2, of linear 0..1
    blur: float  # px, sigma
    sharpen: float  # amount of unsharp masking
    quality: int  # of the JPEG; 0 leaves it out


@cache
def illuminant(name: str) -> FloatArray:
    """(31,) CIE illuminant, mean 1."""
    import colour  # slow to import

    grid = colour.SpectralShape(400, 700, 10)
    values = np.asarray(colour.SDS_ILLUMINANTS[name].copy().align(grid).values, np.float64)
    return np.asarray(values / values.mean())


@cache
def _patches() -> FloatArray:
    """(N, 31) reflectances that colour matrices are fitted on: a ColorChecker and training skin."""
    import colour

    grid = colour.SpectralShape(400, 700, 10)
    chart = [sd.copy().align(grid).values for sd in colour.SDS_COLOURCHECKERS["BabelColor Average"].values()]
    skin = [person.sites["cheek"] for person in committed_people()]
    return np.array([*chart, *skin, np.ones(len(WAVELENGTHS))])


def flat_light(name: str = "D65") -> Light:
    """The same light from everywhere, no shade: what ISSA's instruments use."""
    return Light(
        name=name, key=illuminant(name), fill=illuminant(name), share=0.0, direction=(0.0, 0.0, 1.0),
        size=0.0, gradient=0.0, occlusion=0.0,
    )  # fmt: skip


def draw_light(rng: np.random.Generator) -> Light:
    """Draw a scene's light: half of them daylight; window, lamp or open shade."""
    name = str(rng.choice(DAYLIGHT if rng.random() < 0.5 else LIGHTS))
    other = str(rng.choice(DAYLIGHT if rng.random() < 0.7 else LIGHTS))
    mix = float(rng.uniform(0.0, 0.3)) if rng.random() < 0.4 else 0.0
    yaw, height = np.radians(rng.uniform(-65, 65)), np.radians(rng.uniform(0, 50))
    to_key = (np.sin(yaw) * np.cos(height), np.sin(height), np.cos(yaw) * np.cos(height))
    return Light(
        name=name,
        key=illuminant(name),
        fill=(1 - mix) * illuminant(name) + mix * illuminant(other),
        share=float(rng.uniform(0.25, 0.75)),
        direction=(float(to_key[0]), float(to_key[1]), float(to_key[2])),
        size=float(rng.uniform(0.4, 2.5)),
        gradient=float(rng.uniform(0.1, 0.6)),
        occlusion=float(rng.uniform(0.6, 1.0)),
    )


def ideal_camera(light: Light) -> Camera:
    """See under `light` what sRGB is under D65, with nothing added; the photo keeps 8 bits, no JPEG."""
    under = light.share * light.key + (1 - light.share) * light.fill
    sensitivity = spectrum_to_linear_srgb() / under[:, None]
    return Camera(
        name="ideal", sensitivity=sensitivity, matrix=np.eye(3), balance=np.ones(3), exposure=1.0,
        contrast=0.0, saturation=1.0, noise=(0.0, 0.0), blur=0.0, sharpen=0.0, quality=0,
    )  # fmt: skip


def draw_camera(light: Light, rng: np.random.Generator, *, odd: float = 1.0) -> Camera:
    """Draw a sensor, fit its colour matrix as its maker would, and draw the finish of its photos.

    `odd`: spread of the sensor's curves, of what is usual.
    """
    sensitivity = _draw_sensitivity(rng, odd)
    warm = bool(light.key[-5:].mean() > 1.6 * light.key[4:9].mean())
    # Makers calibrate under A and daylight and pick by colour temperature.
    matrix = fit_matrix(sensitivity, illuminant("A" if warm else "D65"))
    return Camera(
        name=f"camera-{int(rng.integers(1 << 16)):04x}",
        sensitivity=sensitivity,
        matrix=matrix,
        balance=np.exp(rng.normal(0.0, 0.025, 3) * (1.0, 0.0, 1.4)),
        exposure=float(np.exp(rng.normal(0.0, 0.18))),
        contrast=float(rng.uniform(-0.1, 0.5)),
        saturation=float(rng.uniform(0.95, 1.15)),
        noise=(float(10 ** rng.uniform(-4.3, -3.3)), float(10 ** rng.uniform(-3.5, -2.5))),
        blur=float(rng.uniform(0.35, 0.9)),
        sharpen=float(rng.uniform(0.0, 0.7)),
        quality=int(rng.integers(80, 97)),
    )


def _draw_sensitivity(rng: np.random.Generator, odd: float) -> FloatArray:
    """(31, 3): one hump per filter, a red leak in the blue, an infrared cut."""
    centre = rng.normal((598.0, 535.0, 462.0), odd * np.array([5.0, 4.0, 4.0]))
    width = np.maximum(rng.normal((30.0, 38.0, 27.0), odd * np.array([3.0, 3.0, 2.5])), 12.0)
    humps = np.exp(-0.5 * ((WAVELENGTHS[:, None] - centre) / width) ** 2)
    humps[:, 0] += rng.uniform(0.0, 0.08) * np.exp(-0.5 * ((WAVELENGTHS - 430.0) / 20.0) ** 2)
    humps += rng.uniform(0.0, 0.05, 3)
    cut = 1.0 / (1.0 + np.exp((WAVELENGTHS - rng.uniform(640.0, 690.0)) / 9.0))
    return np.asarray(humps * cut[:, None])


def fit_matrix(sensitivity: FloatArray, light: FloatArray) -> FloatArray:
    """(3, 3) white-balanced raw of `_patches` to linear sRGB: least relative squares, white stays white."""
    patches = _patches()
    response = light[:, None] * sensitivity
    raw = patches @ (response / response.sum(axis=0))
    goal = linear_srgb(patches)
    weight = 1.0 / (goal.mean(axis=1) + 0.05)
    # With rows summing to 1 white is kept: fit srgb - green = (raw - green) @ matrix without the green row.
    rest = raw[:, [0, 2]] - raw[:, 1:2]
    free = np.linalg.lstsq(rest * weight[:, None], (goal - raw[:, 1:2]) * weight[:, None], rcond=None)[0]
    return np.stack([free[0], 1.0 - free[0] - free[1], free[1]])


def to_raw(camera: Camera, light: Light) -> tuple[Array, Array]:
    """Matrices (31, 3) from reflectance under full key and under full fill to balanced raw; white is about 1.

    One and the same object if key and fill have one spectrum.
    """
    key, fill = (spectrum[:, None] * camera.sensitivity for spectrum in (light.key, light.fill))
    white = (light.share * key + (1 - light.share) * fill).sum(axis=0)
    of_key = (key / white * camera.balance).astype(np.float32)
    if np.array_equal(light.key, light.fill):
        return of_key, of_key
    return of_key, (fill / white * camera.balance).astype(np.float32)


def develop(
    raw: Array, camera: Camera, gain: float, rng: np.random.Generator
) -> tuple[Array, NDArray[np.uint8]]:
    """Raw (H, W, 3) times `gain` to linear sRGB before the tone curve, and to 8-bit sRGB before the JPEG."""
    raw = raw * np.float32(gain)
    if camera.blur:
        raw = cv2.GaussianBlur(raw, (0, 0), camera.blur)
    shot, read = camera.noise
    if shot or read:
        sigma = np.sqrt(shot * np.maximum(raw, 0.0) + read**2)
        raw = np.minimum(
            raw + sigma * rng.standard_normal(raw.shape, dtype=np.float32), 1.0
        )  # the sensor saturates
    linear = raw @ camera.matrix.astype(np.float32)
    coded = _encode(linear)
    if camera.contrast:
        coded = coded + np.float32(camera.contrast) * coded * (1.0 - coded) * (2.0 * coded - 1.0) * 1.6
    if camera.saturation != 1.0:
        grey = coded @ np.array([[0.2126], [0.7152], [0.0722]], np.float32)
        coded = grey + np.float32(camera.saturation) * (coded - grey)
    if camera.sharpen:
        coded = coded + np.float32(camera.sharpen) * (coded - cv2.GaussianBlur(coded, (0, 0), 1.2))
    return linear, np.round(np.clip(coded, 0.0, 1.0) * 255.0).astype(np.uint8)


def _encode(linear: Array) -> Array:
    """sRGB coding by a table: exact to 1/60 of an 8-bit step."""
    table = color.srgb_encode(np.linspace(0.0, 1.0, 1 << 14)).astype(np.float32)
    code = np.clip(linear * np.float32((1 << 14) - 1) + 0.5, 0, (1 << 14) - 1).astype(np.int32)
    return np.asarray(table[code])
