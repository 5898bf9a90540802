"""What is decided before a rendered photo is taken: camera, light, distance, pose, what is held up."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from models.renderer import optics
from models.renderer.camera import Camera, Light, draw_camera, draw_light
from models.renderer.chart import Chart, draw_chart
from models.renderer.phone_processing import PhoneProcessing
from models.renderer.sheet import Sheet, draw_sheet

__all__ = ["Shot", "draw_shot", "hold_chart", "hold_sheet"]

Array = NDArray[np.floating[Any]]
_WIDTH_WITH_CHART = 1200  # px


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """How one photo is taken."""

    light: Light
    camera: Camera
    yaw: float  # degrees, signs as in skinscan.types.Pose
    pitch: float
    roll: float
    width: int  # px
    height: int  # px
    interocular: float  # px between the iris centres, were they no nearer than the middle of the head
    distance: float  # cm from the camera to the head
    centre: tuple[float, float]  # share of width and height where the middle of the head is
    wall: Array  # (31,) spectrum of the background
    meter: bool = True  # auto exposure; off, linear 1 is the white card
    chart: Chart | Sheet | None = None  # a colour card or sheet held into the picture
    finish: PhoneProcessing | None = None  # what phone and apps do to the photo before it is a JPEG


def draw_shot(rng: np.random.Generator, *, yaw: float = 20.0) -> Shot:
    """Draw a photo as people send them: a portrait, head up to `yaw` degrees off."""
    light = draw_light(rng)
    return Shot(
        light=light,
        camera=draw_camera(light, rng),
        yaw=float(np.clip(rng.normal(0, 0.5 * yaw), -yaw, yaw)),
        pitch=float(rng.normal(0, 5)),
        roll=float(rng.normal(0, 4)),
        width=900,
        height=1200,
        interocular=float(rng.uniform(150, 200)),
        distance=float(rng.uniform(40, 100)),
        centre=(float(rng.uniform(0.46, 0.54)), float(rng.uniform(0.45, 0.52))),
        wall=optics.cloth(
            float(rng.uniform(430, 650)), float(rng.uniform(0.0, 0.3)), float(rng.uniform(0.1, 0.85))
        ).astype(np.float32),
    )


def hold_chart(shot: Shot, rng: np.random.Generator) -> Shot:
    """The same photo with a colour card beside the face, and a wider picture that has room for it."""
    chart = draw_chart(shot.light, rng)
    aside = -0.08 if chart.centre[0] > 0 else 0.08
    return replace(shot, width=_WIDTH_WITH_CHART, centre=(0.5 + aside, shot.centre[1]), chart=chart)


def hold_sheet(shot: Shot, rng: np.random.Generator, kind: Literal["sheet", "parcel_card"]) -> Shot:
    """The same photo with a sheet or parcel card beside the face, and a picture with room for it."""
    sheet = draw_sheet(shot.light, rng, kind)
    per_cm = 1.15 * shot.interocular / 6.3
    outer = (abs(sheet.centre[0]) + 1.05 * sheet.reach) * per_cm
    inner = 0.45 * shot.width
    middle = inner if sheet.centre[0] > 0 else outer
    width = round(inner + outer)
    return replace(shot, width=width, centre=(middle / width, shot.centre[1]), chart=sheet)
