"""Steps of a printed sheet as a photo shows them in, the camera's tone curve, white and exposure out.

Neither the printer nor the paper is known. A line screen reflects

    R(c) = ((1 - c') P^(1/n) + c' K^(1/n))^n        c' = c + 2 edge / d,  n = 2 - exp(-scatter / d)

for a share c that is inked, lines `d` mm apart, paper P and ink K: lines grow at their edges, and light that
creeps through paper comes out under the ink (Yule and Nielsen 1951; n by the distance of lines: Arney 1995).
Edge, scatter and ink are fitted together with the tone curve, each with a prior; so is light that falls off
across the sheet. What paper is like is not to be seen: the usual white, with an error that says so.

Pixels are straightened before they are averaged, so that it does not matter whether lines are resolved.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from skinscan.cards.layout import COVERAGES, LINES_MM
from skinscan.color import delta_e_2000, lab_to_linear, linear_to_lab
from skinscan.measure.chart import correct
from skinscan.types import BoolMap, ChartFit, FloatArray, IntMap

__all__ = ["Known", "SheetFit", "bends", "fit_patches", "fit_steps", "patch_errors"]

PAPER_LAB = (93.0, 0.7, -1.0)
"""Between office paper with brightener behind glass, the same by lamps, and recycled paper [design]."""
_MIDDLE, _FLOOR = -0.7, 1e-4  # as chart.py has it
_CURVE = np.array([0.889, 0.064, 0.074])
_CURVE_FACTOR = np.array([[32.37, 46.18, 3.06], [0.0, 29.58, -30.15], [0.0, 0.0, 13.13]])
"""Slope, bend and twist that undo a camera, mean over a family of tone curves, and the factor of their
inverse covariance: `python -m models.training.fit.tone_curves`."""
_EDGE, _EDGE_SIGMA = 0.022, 0.015  # mm by which printed lines grow at each edge [design]
_SCATTER, _SCATTER_SIGMA = 0.32, 0.10  # mm [design]
_INK, _INK_SIGMA, _TINT_SIGMA = -1.38, 0.14, 0.03  # log10 of black ink; of its R and B over G [design]
_GLARE, _GLARE_SIGMA = 0.004, 0.05  # what a measured black mirrors, and decades about that [design]
_FALL_SIGMA = 0.15  # decades of light from the middle of the card to its edge [design]
_NOISE, _DARK_NOISE = 0.006, 0.0006  # decades; linear: of a step [design]
_MIXING = 0.03  # decades: what the mixing of channels does to a patch [design]
_ROUNDS = 10
_RIDGE = 0.1  # towards no mixing of channels, as chart.py has it


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetFit:
    """The fit."""

    chart: ChartFit  # to reflectance, where the middle of the card is
    fall: tuple[float, float]  # decades of light that come with half a width to the right, half a height down
    residuals: FloatArray  # (P,) decades by which each step is brighter than the fit, mean of channels
    errors: FloatArray  # (P,) dE00 of each step
    ink: float  # reflectance of the black, 0..1
    contrast: float  # slope of the tone curve in mid-tones over the usual one, less is flatter
    sigma: FloatArray  # (13, 13) covariance of what was fitted


def bends(linear: FloatArray) -> FloatArray:
    """(..., 3) linear values to (..., 3, 3): log10 about mid grey, its square and its cube."""
    log = np.log10(np.maximum(linear, _FLOOR)) - _MIDDLE
    return np.stack([log, log**2, log**3], axis=-1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known of a card beforehand, linear sRGB under D65, 0..1."""

    paper: FloatArray  # (3,)
    ink: FloatArray | None  # (3,) of the solid black, where it was measured
    patches: FloatArray  # (P, 3) of what is no step; NaN for the steps


def fit_steps(pixels: FloatArray, level: IntMap, place: FloatArray, used: BoolMap, known: Known) -> SheetFit:
    """Fit the steps, and the brightness of colour patches whose colours are known.

    Args:
        pixels: (P, N, 3) linear sRGB as the photo shows it, N pixels of each of P steps and patches.
        level: (P,) position in COVERAGES; of a patch any.
        place: (P, 2) from the middle of the card, in half widths and half heights.
        used: (P,) which of them count; at least five steps.
        known: of this card.
    """
    ink = known.ink
    coverage = np.array(COVERAGES)[level]
    bent = bends(pixels)
    first = np.zeros(13)
    first[:3], first[3:6], first[8:11] = -0.75, _CURVE, (_EDGE, _SCATTER, _INK)
    spread = np.array(
        [_FALL_SIGMA, _FALL_SIGMA, _EDGE_SIGMA, _SCATTER_SIGMA, _INK_SIGMA, _TINT_SIGMA, _TINT_SIGMA]
    )
    if ink is not None:
        first[10] = np.log10(ink[1] + _GLARE)
        spread[4] = _GLARE_SIGMA
    noise = _NOISE + _DARK_NOISE / np.maximum(pixels.mean(axis=(1, 2)), 1e-3)
    noise[~np.isnan(known.patches[:, 0])] += _MIXING
    found, weight = first.copy(), used / noise**2
    for _ in range(_ROUNDS):
        residual, slope = _residuals(found, bent, coverage, place, known)
        scale = np.abs(residual).mean(axis=1) / noise
        robust = weight / np.maximum(1.0, scale / 2.0)
        rows = np.repeat(robust, 3)
        precision = (slope.T * rows) @ slope
        pull = slope.T @ (rows * residual.ravel())
        curve = _CURVE_FACTOR.T @ _CURVE_FACTOR
        precision[3:6, 3:6] += curve
        pull[3:6] += curve @ (found[3:6] - _CURVE)
        precision[range(6, 13), range(6, 13)] += spread**-2
        pull[6:] += (found[6:] - first[6:]) / spread**2
        step = np.linalg.solve(precision, -pull)
        found = found + np.clip(step, -0.5, 0.5)
        found[8] = np.clip(found[8], -0.02, 0.15)
        found[9] = np.clip(found[9], 0.02, 2.0)
        if np.abs(step).max() < 1e-5:
            break
    residual, _ = _residuals(found, bent, coverage, place, known)
    goal = _reflectance(found, coverage, known)
    seen = goal * 10**residual
    return SheetFit(
        chart=ChartFit(curve=found[:6].copy(), matrix=np.eye(6, 3)),
        fall=(-float(found[6]), -float(found[7])),
        residuals=residual.mean(axis=1),
        errors=delta_e_2000(linear_to_lab(seen), linear_to_lab(goal)),
        ink=float(10 ** found[10]),
        contrast=float(found[3]),
        sigma=np.linalg.inv(precision),
    )


def _residuals(
    found: FloatArray, bent: FloatArray, coverage: FloatArray, place: FloatArray, known: Known
) -> tuple[FloatArray, FloatArray]:
    """(P, 3) log10 of the straightened mean over the reflectance, and its slopes (3 P, 13)."""
    exponent = np.clip(bent @ found[3:6], -4.0, 3.0)
    straight = 10.0**exponent
    mean = straight.mean(axis=1)
    count = len(coverage)
    light = place @ found[6:8]
    goal = np.log10(_reflectance(found, coverage, known))
    residual = found[:3] + np.log10(mean) + light[:, None] - goal
    slope = np.zeros((count, 3, 13))
    slope[:, range(3), range(3)] = 1.0
    slope[..., 3:6] = (straight[..., None] * bent).mean(axis=1) / mean[..., None]
    slope[..., 6:8] = place[:, None]
    for number in range(8, 13):
        moved = found.copy()
        moved[number] += 1e-4
        slope[..., number] = -(np.log10(_reflectance(moved, coverage, known)) - goal) / 1e-4
    return residual, slope.reshape(-1, 13)


def _reflectance(found: FloatArray, coverage: FloatArray, known: Known) -> FloatArray:
    """(P, 3) linear reflectance of steps and patches."""
    edge, scatter, ink, red, blue = found[8:13]
    between = (coverage > 0) & (coverage < 1)
    grown = np.where(between, np.clip(coverage + 2 * edge / LINES_MM, 0.0, 1.0), coverage)[:, None]
    n = 2 - np.exp(-scatter / LINES_MM)
    black = 10.0 ** np.array([ink + red, ink, ink + blue])
    mixed = ((1 - grown) * known.paper ** (1 / n) + grown * black ** (1 / n)) ** n
    return np.where(np.isnan(known.patches), mixed, known.patches)


def fit_patches(found: SheetFit, measured: FloatArray, lab: FloatArray, used: BoolMap) -> ChartFit:
    """Add what colour patches say about the mixing of channels.

    Args:
        found: the fit of the steps.
        measured: (P, 3) linear sRGB as the photo shows it, brought to the middle of the card.
        lab: (P, 3) measured on the print, D65.
        used: (P,) which patches count.
    """
    plain = ChartFit(curve=found.chart.curve, matrix=np.eye(6, 3))
    linear = correct(measured[used], plain)
    red, green, blue = linear.T
    terms = np.stack(
        [red, green, blue, np.sqrt(red * green), np.sqrt(green * blue), np.sqrt(red * blue)], axis=1
    )
    wanted = lab_to_linear(lab[used])
    weight = 0.3 / (wanted.mean(axis=1) + 0.03) ** 2
    weighted = terms.T * weight
    unmixed = np.eye(6, 3)
    matrix = np.linalg.solve(weighted @ terms + _RIDGE * np.eye(6), weighted @ wanted + _RIDGE * unmixed)
    return ChartFit(curve=found.chart.curve, matrix=matrix)


def patch_errors(found: SheetFit, measured: FloatArray, lab: FloatArray, used: BoolMap) -> FloatArray:
    """dE00 (P,) of every patch by a fit that has not seen it; NaN where not used.

    Args:
        found: the fit of the steps.
        measured: (P, 3) linear sRGB as the photo shows it, brought to the middle of the card.
        lab: (P, 3) measured on the print, D65.
        used: (P,) which patches count.
    """
    errors = np.full(len(lab), np.nan)
    for number in np.flatnonzero(used):
        rest = used.copy()
        rest[number] = False
        seen = correct(measured[number], fit_patches(found, measured, lab, rest))
        errors[number] = delta_e_2000(linear_to_lab(seen), lab[number])
    return errors
