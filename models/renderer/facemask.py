"""A face mask: cloth over nose, mouth and chin, with loops to the ears."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from models.renderer import optics
from models.renderer.coverings import Mask
from models.renderer.head_surface import HeadSurface
from models.renderer.scene_objects import Material, SceneObject, join, sheet, tube

__all__ = ["mask_things"]

Array = NDArray[np.floating[Any]]

_ROWS, _COLUMNS = 40, 60
_MAP = (256, 384)
_BRIDGES = 3.5  # cm: hollows that stretched cloth does not follow


def mask_things(mask: Mask, face: Array, relief: HeadSurface, rng: np.random.Generator) -> list[SceneObject]:
    """Loops and cloth; `face` is (468, 3) cm."""
    s, t = np.meshgrid(np.linspace(-1, 1, _COLUMNS), np.linspace(0, 1, _ROWS))
    chin = float(face[152, 1])
    droop = np.abs(s) ** 1.6
    top = mask.top - mask.slip - (1.9 - 0.5 * (mask.style == "folded")) * droop
    bottom = chin - 1.1 - 0.5 * mask.slip + 3.2 * np.abs(s) ** 2.2
    angle, y = mask.width * s, top + (bottom - top) * t
    lift = 0.22 + 0.25 * np.sin(np.pi * t) * (1 - np.abs(s) ** 2)
    tuck = np.clip((t - 0.86) / 0.14, 0, 1)  # the lower edge lies under the chin
    if mask.style == "pleated":
        fold = (t * 3.6) % 1.0
        lift = lift + 0.10 * fold * np.sin(np.pi * t) ** 0.5 * (1 - s**8)
        tone = 1.0 - 0.22 * np.exp(-(((fold - 0.02) / 0.05) ** 2)) * np.sin(np.pi * t) ** 0.5
    else:
        lift = lift + 0.9 * (1 - np.abs(s)) ** 1.3 * np.sin(np.pi * t)
        tone = 1.0 - 0.15 * np.exp(-((s / 0.012) ** 2))
    xyz = relief.draped(_BRIDGES).over(angle, y, lift - 0.5 * tuck)
    seam = np.exp(-(((np.minimum(t, 1 - t) - 0.04) / 0.012) ** 2)) + np.exp(
        -(((1 - np.abs(s) - 0.05) / 0.015) ** 2)
    )
    weave = 1.0 + 0.03 * rng.standard_normal(_MAP)
    shade = cv2.resize((tone - 0.08 * seam).astype(np.float32), _MAP[::-1]) * weave
    crumple = cv2.GaussianBlur(rng.standard_normal(_MAP).astype(np.float32), (0, 0), 12.0)
    shade = shade * (1.0 + 0.04 * crumple / crumple.std())
    body = optics.cloth(*mask.color).astype(np.float32)
    cloth = sheet(xyz, Material(body=body, gloss=0.35, soft=0.5, shade=shade.astype(np.float32)))
    return [_loops(xyz, face), cloth]


def _loops(xyz: Array, face: Array) -> SceneObject:
    """Four thin bands from the corners to behind the ears."""
    white = Material(body=np.full(31, 0.75, np.float32))
    wide = float(np.abs(face[[234, 454], 0]).mean())
    bands = []
    for column, side in ((0, -1.0), (-1, 1.0)):
        for row, y in ((2, 2.4), (-6, -2.0)):
            start, end = xyz[row, column], np.array([side * (wide + 0.45), y, -4.8], np.float32)
            t = np.linspace(0, 1, 10)[:, None]
            path = start + (end - start) * t
            path[:, 0] += side * 0.55 * np.sin(np.pi * t[:, 0])
            bands.append(
                tube(path, np.full(10, 0.11), white, flat=0.5, sides=5, out=np.array([side, 0, 0.4]))
            )
    return join(bands)
