"""What is measured on a rendered portrait: by the photo, by a card in it, and with the light given.

"given" is no measurement but the bound of what a card can do: exposure, white and tone curve are set to
their truth, for a card that faces the camera. What stays wrong is what no card can tell: how the face is lit
otherwise than the card, how light creeps through skin, how the camera's colour matrix sees skin.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from benchmarks.shade_photos import Portrait
from skinscan.color import lab_to_linear
from skinscan.errors import SkinScanError
from skinscan.scanner import Scanner
from skinscan.shades.lip_color import measure_lips
from skinscan.shades.match import site_color
from skinscan.shades.types import Site
from skinscan.types import DiffuseColor, FloatArray, Scan

__all__ = ["Measured", "measure_portraits"]

_SITE: Site = "jaw"
_AROUND = ("left_cheek", "right_cheek", "forehead", "chin", "left_jaw", "right_jaw")
_LEAST = 50  # texels of a zone
# Of the jaw with the light given, mean and SD of measured minus true over 72 portraits of training people.
_OFFSET, _SIGMA = (4.25, 1.85, -0.96), (4.2, 3.2, 2.1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One portrait, its truth in OD, and what was measured; None: refused, or no card read."""

    portrait: Portrait
    skin: FloatArray  # (3,) of the jaw, OD
    lips: FloatArray  # (3,) as worn, OD
    photo: DiffuseColor | None  # of the jaw, by the photo alone
    card: DiffuseColor | None  # by the card in the other photo
    given: DiffuseColor | None
    photo_lips: DiffuseColor | None
    card_lips: DiffuseColor | None


def measure_portraits(portraits: Sequence[Portrait], scanner: Scanner) -> list[Measured]:
    """Scan each portrait three times."""
    return [_measure(portrait, scanner) for portrait in portraits]


def _to_od(lab: FloatArray) -> FloatArray:
    """Density of R, log R/G and log G/B (..., 3) in OD, of L*a*b* (..., 3)."""
    red, green, blue = np.moveaxis(np.log10(np.maximum(lab_to_linear(lab), 1e-4)), -1, 0)
    return 100 * np.stack([-red, red - green, green - blue], axis=-1)


def _measure(portrait: Portrait, scanner: Scanner) -> Measured:
    plain, held, known = (_scan(photo, scanner) for photo in (portrait.jpeg, portrait.held, portrait.card))
    if held and held.light.white_balance.reference != "chart24":
        held = None
    worn = portrait.lips if portrait.worn is None else portrait.worn
    return Measured(
        portrait=portrait,
        skin=_to_od(portrait.lab[_SITE]),
        lips=_to_od(worn),
        photo=_jaw(plain),
        card=_jaw(held),
        given=_given(known, portrait.facing) if known else None,
        photo_lips=measure_lips(plain.texture, plain.light, plain.zone_masks) if plain else None,
        card_lips=measure_lips(held.texture, held.light, held.zone_masks) if held else None,
    )


def _scan(photo: bytes, scanner: Scanner) -> Scan | None:
    try:
        return scanner.scan(photo)
    except SkinScanError:
        return None


def _jaw(scan: Scan | None) -> DiffuseColor | None:
    if scan is None or _SITE not in scan.tone.sites:
        return None
    return site_color(scan, _SITE)[1]


def _given(scan: Scan, facing: float) -> DiffuseColor | None:
    """The jaw with the light given."""
    masks = [scan.zone_masks[name] & scan.maps.valid for name in _AROUND]
    around = [scan.texture.rgb[mask][:, 0].mean() for mask in masks if mask.sum() >= _LEAST]
    if not around or _SITE not in scan.tone.sites:
        return None
    _, rg, gb = scan.tone.sites[_SITE].matte.od
    density = -100 * math.log10(float(np.mean(around)) / facing)
    seen = np.array([density, rg + scan.light.excess[0], gb + scan.light.excess[1]]) - _OFFSET
    exposure, red_green, green_blue = _SIGMA
    return DiffuseColor(
        od=(float(seen[0]), float(seen[1]), float(seen[2])),
        sigma=MappingProxyType({"exposure": (exposure, 0.0, 0.0), "light": (0.0, red_green, green_blue)}),
        n_pixels=len(around),
    )
