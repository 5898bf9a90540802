"""What a change of blood or melanin does to a skin spectrum, and spectra of what is not skin.

Spectra are (..., 31) reflectance 0..1 at `issa.WAVELENGTHS`, SCI as ISSA has them: the surface reflection F0
is part of them. Chromophores act on the light that entered the skin: R' = F + (R - F) 10^-OD, where F is what
comes back without having met the chromophore.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.renderer.issa import WAVELENGTHS, melanin_index

__all__ = ["add_erythema", "add_melanin", "cloth", "hair", "iris", "lips", "sclera"]

FloatArray = NDArray[np.float64]
Spectra = NDArray[np.floating[Any]]

VEIL = 0.043
"""F0 plus backscatter above the melanin: the floor ISSA's darkest training faces share at 400 nm."""

# Molar extinction in 1/cm/M, 400..700 nm @10 (S. Prahl, OMLC, from Gratzer and Kollias), averaged over a
# 10 nm triangle because ISSA's instruments have that bandwidth.
OXY: FloatArray = np.array([
    273090, 444827, 454787, 250500, 110714, 64380, 44822, 33597, 26971, 23595, 21071, 20313, 25186, 39749,
    51034, 43215, 34361, 44621, 45678, 16969, 3966, 1551, 951, 617, 446, 369, 322, 294, 278, 277, 290,
], np.float64)  # fmt: skip
DEOXY: FloatArray = np.array([
    226804, 306012, 409850, 516197, 412766, 131858, 25689, 16534, 14932, 16863, 20921, 25904, 31782, 39020,
    46624, 52861, 52710, 45209, 37140, 27803, 15893, 9668, 6620, 5187, 4350, 3753, 3238, 2798, 2408, 2065,
    1793,
], np.float64)  # fmt: skip
WHOLE_BLOOD = 2.303 * 150.0 / 64500.0  # extinction to 1/cm, at 150 g/l haemoglobin of 64,500 g/mol

# Median body reflectance of training faces with MI < 28, F0 removed: stands for dermis under little melanin.
DERMIS: FloatArray = np.array([
    0.148, 0.147, 0.147, 0.155, 0.177, 0.201, 0.220, 0.233, 0.243, 0.253, 0.265, 0.275, 0.272, 0.260, 0.252,
    0.256, 0.263, 0.262, 0.273, 0.337, 0.411, 0.457, 0.483, 0.498, 0.508, 0.516, 0.523, 0.530, 0.537, 0.543,
    0.548,
])  # fmt: skip

# Fitted to how spectra of one training person's face differ in EI at equal MI (MI < 45; r 0.99, 420-700 nm).
SATURATION = 0.90  # share of oxyhaemoglobin in the blood that comes and goes
VESSEL_CM = 43e-4  # effective vessel diameter

MELANIN_EXPONENT = 1.6
"""In-vivo optical density of melanin ~ wavelength^-1.6 above VEIL: medians of training faces, MI 26 to 68.
Melanosomes alone absorb as ^-3.33 (Jacques 1998), but light that missed them flattens it."""


def _erythema_density() -> FloatArray:
    """(31,) shape of the optical density of more blood, 1 at 568 nm minus 655 nm.

    Absorption of blood kept in vessels (van Veen et al. 2002, Opt. Lett. 27:246) times the mean path in a
    scattering half-space (Kubelka-Munk: d OD / d K = 2 R / (1 - R^2) / S), S taken as flat.
    """
    mu = WHOLE_BLOOD * (SATURATION * OXY + (1.0 - SATURATION) * DEOXY)
    packed = mu * (1.0 - np.exp(-mu * VESSEL_CM)) / (mu * VESSEL_CM)
    density = packed * DERMIS / (1.0 - DERMIS**2)
    return density / (np.interp(568.0, WAVELENGTHS, density) - np.interp(655.0, WAVELENGTHS, density))


ERYTHEMA_DENSITY: FloatArray = _erythema_density()
MELANIN_DENSITY: FloatArray = (WAVELENGTHS / 655.0) ** -MELANIN_EXPONENT


BANDS = [16, 17, 25, 26]


def _absorb(reflectance: Spectra, density: FloatArray, amount: NDArray[np.floating]) -> Spectra:
    veil = np.minimum(VEIL, 0.8 * reflectance).astype(reflectance.dtype)
    through = np.exp(amount[..., None] * (-math.log(10.0) * density).astype(reflectance.dtype))
    return np.asarray(veil + (reflectance - veil) * through)


def _green_red(bands: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Log reflectance at 568 and 655 nm, in hundredths, of (..., 4) reflectance at 560, 570, 650, 660 nm."""
    green, red = 0.2 * bands[..., 0] + 0.8 * bands[..., 1], 0.5 * (bands[..., 2] + bands[..., 3])
    return 100.0 * np.log10(green), 100.0 * np.log10(red)


def _solve(
    reflectance: Spectra, density: FloatArray, rise: NDArray[np.floating], index: Callable[..., FloatArray]
) -> NDArray[np.float32]:
    """Absorb so much that `index` rises by `rise` to 1e-4: secant steps on the four bands it reads."""
    bands = np.asarray(reflectance[..., BANDS], np.float64)

    def measured(amount: FloatArray) -> FloatArray:
        return index(*_green_red(np.asarray(_absorb(bands, density[BANDS], amount))))

    amount = 0.01 * np.asarray(rise, np.float64)
    goal = measured(np.zeros_like(amount)) + rise
    for _ in range(6):
        value = measured(amount)
        if np.abs(goal - value).max() < 1e-4:
            break
        slope = (measured(amount + 1e-4) - value) / 1e-4
        amount = amount + (goal - value) / np.maximum(slope, 5.0)
    return _absorb(np.asarray(reflectance, np.float32), density, amount.astype(np.float32)).astype(np.float32)


def add_erythema(reflectance: Spectra, rise: NDArray[np.floating]) -> NDArray[np.float32]:
    """More blood (less, if negative) until EI has risen by `rise` (...,); MI rises by 7 % of that."""
    return _solve(reflectance, ERYTHEMA_DENSITY, rise, lambda green, red: red - green)


def add_melanin(reflectance: Spectra, rise: NDArray[np.floating]) -> NDArray[np.float32]:
    """More melanin until MI has risen by `rise` (...,); EI rises by 5-20 % of that, as it does on skin."""
    return _solve(reflectance, MELANIN_DENSITY, rise, lambda green, red: -red)


def lips(cheek: Spectra, redness: float) -> NDArray[np.float32]:
    """(31,) vermilion: the cheek with `redness` more EI and a little more melanin on dark skin."""
    melanin = 4.0 + 0.12 * max(float(melanin_index(cheek)) - 35.0, 0.0)
    return add_erythema(add_melanin(cheek, np.array(melanin)), np.array(redness))


def sclera(lightness: float, blood: float, yellow: float) -> FloatArray:
    """(31,) white of the eye: `lightness` 0..1 under `blood` (OD at 568 nm) and `yellow` (OD at 450 nm)."""
    density = blood * ERYTHEMA_DENSITY / ERYTHEMA_DENSITY[17] + yellow * np.exp(-(WAVELENGTHS - 450.0) / 60.0)
    return np.asarray(lightness * 10.0**-density)


def hair(darkness: float, warmth: float) -> FloatArray:
    """(31,) hair: `darkness` 0 (blond) .. 1 (black), `warmth` 0..1 adds red."""
    top = 0.30 * (1.0 - darkness) ** 1.5 + 0.022
    return np.asarray(top * (WAVELENGTHS / 700.0) ** (0.3 + (1.5 + 2.0 * warmth) * (1.0 - 0.6 * darkness)))


def iris(brown: float) -> FloatArray:
    """(31,) iris from blue-grey (0) to dark brown (1)."""
    blue = 0.16 * (WAVELENGTHS / 550.0) ** -1.2
    return np.asarray(blue * (1.0 - brown) + brown * 0.055 * (WAVELENGTHS / 600.0) ** 2.2)


def cloth(hue_nm: float, chroma: float, lightness: float) -> FloatArray:
    """(31,) dyed cloth or wall: grey with a broad bump at `hue_nm`."""
    bump = np.exp(-0.5 * ((WAVELENGTHS - hue_nm) / 55.0) ** 2)
    return np.asarray(lightness * (1.0 - chroma + chroma * bump))
