"""Photos as careless people send them: two lights of different colour, shadow edges, flash, apps' finish."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from models.renderer import optics
from models.renderer.camera import DAYLIGHT, Gobo, Light, draw_camera, draw_light, illuminant
from models.renderer.phone_processing import draw_finish
from models.renderer.shot import Shot, draw_shot

__all__ = ["draw_hard_light", "draw_hard_shot"]

_LAMPS = ("A", "FL2", "FL11", "LED-B1", "LED-B2", "LED-B3", "LED-BH1", "LED-V1")


def draw_hard_light(rng: np.random.Generator) -> Light:
    """A usual light that one or two things make worse."""
    light = draw_light(rng)
    kinds = rng.choice(
        ["two colours", "edge", "flash", "bounce", "side"], int(rng.integers(1, 3)), replace=False,
        p=(0.3, 0.3, 0.1, 0.15, 0.15),
    )  # fmt: skip
    if "two colours" in kinds:
        light = _two_colors(light, rng)
    if "bounce" in kinds:
        light = _bounce(light, rng)
    if "side" in kinds:
        yaw, up = np.radians(rng.choice([-1, 1]) * rng.uniform(60, 88)), np.radians(rng.uniform(-5, 35))
        light = replace(light, direction=_towards(float(yaw), float(up)), share=float(rng.uniform(0.5, 0.85)))
    if "flash" in kinds:
        yaw, up = np.radians(rng.normal(0, 4)), np.radians(rng.uniform(0, 8))
        light = replace(
            light, key=illuminant("D55"), direction=_towards(float(yaw), float(up)), size=0.15,
            share=float(rng.uniform(0.6, 0.9)), name="flash",
        )  # fmt: skip
    if "edge" in kinds:
        light = replace(light, gobo=_draw_gobo(rng), share=float(rng.uniform(0.4, 0.8)))
    return light


def draw_hard_shot(rng: np.random.Generator, *, yaw: float = 20.0) -> Shot:
    """Like `draw_shot`, but six in ten lights are hard, and a phone or app finished seven in ten photos."""
    shot = draw_shot(rng, yaw=yaw)
    if rng.random() < 0.6:
        light = draw_hard_light(rng)
        shot = replace(shot, light=light, camera=draw_camera(light, rng))
    if rng.random() < 0.7:
        shot = replace(shot, finish=draw_finish(rng))
    return shot


def _towards(yaw: float, up: float) -> tuple[float, float, float]:
    return (float(np.sin(yaw) * np.cos(up)), float(np.sin(up)), float(np.cos(yaw) * np.cos(up)))


def _two_colors(light: Light, rng: np.random.Generator) -> Light:
    """Window and lamp: daylight from one side and lamplight from all around, or the other way round."""
    day, lamp = illuminant(str(rng.choice(DAYLIGHT))), illuminant(str(rng.choice(_LAMPS)))
    mix = float(rng.uniform(0.5, 1.0))
    if rng.random() < 0.5:
        day, lamp = lamp, day
    return replace(light, key=day, fill=mix * lamp + (1.0 - mix) * day, name="window and lamp")


def _bounce(light: Light, rng: np.random.Generator) -> Light:
    """Fill that came off a coloured wall, leaves or cloth."""
    wall = optics.cloth(float(rng.uniform(450, 650)), float(rng.uniform(0.2, 0.6)), 1.0)
    share = float(rng.uniform(0.3, 0.8))
    fill = light.fill * (1.0 - share + share * wall)
    return replace(light, fill=fill / fill.mean())


def _draw_gobo(rng: np.random.Generator) -> Gobo:
    kind = str(rng.choice(["edge", "bars", "brim"], p=(0.4, 0.35, 0.25)))
    return Gobo(
        kind=kind,
        turn=float(rng.uniform(0, 180)),
        offset=float(rng.uniform(3.0, 6.5) if kind == "brim" else rng.uniform(-5, 5)),
        period=float(rng.uniform(4, 14)),
        width=float(rng.uniform(0.15, 0.5)),
        soft=float(10 ** rng.uniform(-0.9, 0.3)),
        dark=float(rng.uniform(0.6, 1.0)),
    )
