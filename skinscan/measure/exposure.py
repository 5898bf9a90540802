"""What the exposure says about how deep the skin is.

Cameras expose faces alike, so brightness says little about depth. The sclera is a second witness: unless it
is deep in shade it is about as bright in everybody, in the light that falls on the skin. The two are combined
like those of the white. Beside a card skin is compared with it where it faces the camera as the card does.
Nobody is pulled towards a usual tone.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from skinscan.measure.shading import Shading
from skinscan.types import CONTRAST_SIGMA, Card, CardKind, Exposure, FloatArray

__all__ = ["AS_SHOT", "BY_CARD", "Rendering", "estimate_exposure"]

_SCLERA_OD = 45.0  # of its brightest tenth in the skin's key light: lids shade it; 162 rendered portraits
_SCLERA_OD_SIGMA = 10.0  # 8.0 there; 10 within nine people on 23 real photos of them
_SCLERA_BRIGHT = 0.9  # quantile
_SCLERA_SHADED = 30.0  # OD below the skin: deep in shade; on such photos of one person it differs by 50
_SCLERA_MIN_BRIGHT_PIXELS = 20
_SKIN_OD = (25.8, 103.3)  # optical density of skin in R, 0.5..99.5 % of ISSA faces; all tones equally likely
_OBLIQUE = 0.075  # OD of that per cent of `Shading.oblique`: a card turned a few degrees off the face's way
_OBLIQUE_KNOWN = 0.03  # the same where its markers tell how it is turned


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendering:
    """How photos show skin: 72 rendered portraits, `python -m models.training.fit.calibrate`."""

    contrast: float  # colourfulness over that of the skin, in log R/G and log G/B
    contrast_sigma: float  # of it, what the white's error does not explain
    scatter: tuple[float, float]  # OD that light creeping through skin adds to R/G and G/B in key light
    brighter: float  # OD that skin in key light is brighter than its reflectance
    exposure_sigma: float  # OD about that


AS_SHOT = Rendering(
    contrast=1.27,
    contrast_sigma=CONTRAST_SIGMA,
    scatter=(0.0, 0.0),  # part of the contrast
    brighter=14.0,  # half a stop
    exposure_sigma=14.0,  # 11.5 there, widened so that 0.7 EV more or less is within
)
BY_CARD: Mapping[CardKind, Rendering] = {
    "chart24": Rendering(
        contrast=1.0,
        contrast_sigma=0.0,  # part of _CARD_SIGMA
        scatter=(1.7, -0.95),
        brighter=0.0,
        exposure_sigma=3.5,  # with light from straight ahead
    ),
    "parcel_card": Rendering(
        contrast=1.0, contrast_sigma=0.0, scatter=(3.4, -1.1), brighter=0.0, exposure_sigma=2.9
    ),
    "sheet": Rendering(
        contrast=1.0, contrast_sigma=0.0, scatter=(-0.2, -1.45), brighter=0.0, exposure_sigma=4.5
    ),
}


def estimate_exposure(
    brightest: float,
    key_light: float,
    eyes: list[FloatArray],
    shading: Shading,
    card: Card | None,
) -> Exposure:
    """Density of the skin in full light, by the camera's exposure and the sclera or beside a colour card.

    Args:
        brightest: log10 R, balanced, of skin in full light.
        key_light: its linear R, 0..1, as the photo shows it.
        eyes: linear RGB (n, 3) of the white of each eye.
        shading: how light falls on the face.
        card: the card or sheet that has set the exposure right, if one has.
    """
    if card is None:
        measured, sigma = _as_shot(brightest, key_light, eyes)
        camera_sigma = AS_SHOT.exposure_sigma
    else:
        usual = BY_CARD[card.kind]
        beside = shading.facing if card.normal is None else shading.toward(np.array(card.normal))
        measured = usual.brighter - 100 * math.log10(beside)
        turned = _OBLIQUE if card.normal is None else _OBLIQUE_KNOWN
        camera_sigma = sigma = math.hypot(usual.exposure_sigma, turned * shading.oblique)
    reference_od, sigma = _skin_density(measured, sigma)
    return Exposure(key_light=key_light, reference_od=reference_od, sigma=sigma, camera_sigma=camera_sigma)


def _as_shot(brightest: float, key_light: float, eyes: list[FloatArray]) -> tuple[float, float]:
    """Density by the camera's exposure and by the sclera, and its sigma, OD."""
    by_camera, sigma = AS_SHOT.brighter - 100 * brightest, AS_SHOT.exposure_sigma
    seen = [eye[:, 0] for eye in eyes if len(eye) >= _SCLERA_MIN_BRIGHT_PIXELS]
    # NumPy's own: of float32 it rounds otherwise than stats.quantile.
    white = max((float(np.quantile(red, _SCLERA_BRIGHT)) for red in seen), default=0.0)
    brighter = 100 * math.log10(max(white, 1e-6) / key_light)
    if brighter < -_SCLERA_SHADED:
        return by_camera, sigma
    by_sclera = _SCLERA_OD + brighter
    weight = sigma**2 / (sigma**2 + _SCLERA_OD_SIGMA**2)
    return by_camera + weight * (by_sclera - by_camera), _SCLERA_OD_SIGMA * math.sqrt(weight)


def _skin_density(measured: float, sigma: float) -> tuple[float, float]:
    """Mean and sigma of the skin's optical density in R, given what the exposure suggests.

    A normal error of the exposure, cut to the densities that skin has. Within that range no tone is more
    likely than another, so nobody is pulled towards a population mean.
    """
    normal = NormalDist()
    low, high = ((end - measured) / sigma for end in _SKIN_OD)
    mass = normal.cdf(high) - normal.cdf(low)
    if mass < 1e-6:  # several sigma outside: the nearest skin there is
        return _SKIN_OD[0] if measured < _SKIN_OD[0] else _SKIN_OD[1], sigma / 3
    shift = (normal.pdf(low) - normal.pdf(high)) / mass
    shrink = 1 + (low * normal.pdf(low) - high * normal.pdf(high)) / mass - shift**2
    return measured + sigma * shift, sigma * math.sqrt(max(shrink, 0.01))
