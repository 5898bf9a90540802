"""Painted photos side by side with the bare one: what was bought, what is recommended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from PIL import Image, ImageDraw

from skinscan.facemesh.face_crop import crop_face
from skinscan.output.pictures.canvas import INK, PALE, PAPER, font
from skinscan.output.pictures.eyes import cover_eyes
from skinscan.tryon.paint import TryOn
from skinscan.types import RgbPixels, Scan

__all__ = ["draw_sheet"]

_AROUND = (0.22, 0.34, 0.22, 0.16)  # left, above, right, below the mesh, as shares of its width and height
_SIZE = (600, 760)  # px, most of a panel
_EDGE, _GAP, _TITLE, _NOTE = 24, 16, 64, 40
_LARGE, _SMALL = 20, 15


def draw_sheet(scan: Scan, worn: Sequence[TryOn]) -> RgbPixels:
    """The bare face, then each shade: (H, W, 3) uint8 sRGB. Names are those of the catalogue."""
    photos = [scan.photo, *(replace(scan.photo, pixels=one.pixels) for one in worn)]
    panels = [cover_eyes(crop_face(photo, scan.face, _AROUND, _SIZE)).photo for photo in photos]
    height, width = panels[0].shape[:2]
    lefts = [_EDGE + k * (width + _GAP) for k in range(len(panels))]
    page = Image.new("RGB", (lefts[-1] + width + _EDGE, _TITLE + height + _NOTE), PAPER)
    pen = ImageDraw.Draw(page)
    titles = [("bare", ""), *(_title(one) for one in worn)]
    for panel, left, (title, below) in zip(panels, lefts, titles, strict=True):
        page.paste(Image.fromarray(panel), (left, _TITLE))
        pen.text((left, 12), title, INK, font(_LARGE))
        pen.text((left, 38), below, PALE, font(_SMALL))
    note = "A prediction in this photo's own light. Screens differ; so do layers and skins."
    pen.text((_EDGE, _TITLE + height + 12), note, PALE, font(_SMALL))
    return np.asarray(page)


def _title(one: TryOn) -> tuple[str, str]:
    shade = one.shade
    lightness, a, b = one.worn.lab
    return (
        f"{shade.brand} {shade.shade}",
        f"{shade.sku}; worn on the {one.site}: L* {lightness:.0f} a* {a:.0f} b* {b:.0f}",
    )
