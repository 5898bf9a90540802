"""Constants of the physics graph, fitted on the training people of ISSA.

Erythema index from RGB: EI = f(log R/G, log G/B of the skin; R_ref), a robust quadratic. The shape matters
more than the fit: R_ref is one number per face, so that shading on the face cannot leak into the map, and the
map depends on colour ratios only. On spectra, R_ref is the record's own optical density in R.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.renderer.issa import Issa, linear_srgb, load_issa
from skinscan.stats import SD_PER_MAD

__all__ = ["Constants", "features", "fit_constants"]

FloatArray = NDArray[np.float64]

MELANIN_CLASSES = (30.0, 35.0, 42.0, 60.0)
"""Upper edges of MI classes: with the open last one, about the ISSA quartiles and the deep tail."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Constants:
    """What the graphs are made of."""

    erythema: FloatArray  # (10,) coefficients of `features`
    erythema_sigma: float  # EI, robust SD of the residual on training people
    melanin: FloatArray  # (4,) offset, then coefficients of R, G, B optical density
    melanin_sigma: float  # MI
    class_melanin: FloatArray  # (5,) median MI of each melanin class of healthy faces
    class_erythema: FloatArray  # (5,) median EI of each
    class_quantiles: FloatArray  # (5, 99) EI at percent 1..99 of each


def features(reference: FloatArray, rg: FloatArray, gb: FloatArray) -> FloatArray:
    """(..., 10) quadratic features; all arguments in OD (100 log10)."""
    one = np.ones_like(rg)
    squares = [reference**2, rg**2, gb**2, reference * rg, reference * gb, rg * gb]
    return np.stack([one, reference, rg, gb, *(s / 100 for s in squares)], axis=-1)


def optical_density(linear: FloatArray) -> FloatArray:
    """-100 log10 of linear RGB (..., 3), floor 1e-4."""
    return -100 * np.log10(np.maximum(linear, 1e-4))


def fit_constants(issa: Issa | None = None) -> Constants:
    """Fit on face records of training people only."""
    people = load_issa() if issa is None else issa
    people = people.select(people.is_face & ~people.is_test)
    density = optical_density(linear_srgb(people.reflectance))
    red, rg, gb = density[:, 0], density[:, 1] - density[:, 0], density[:, 2] - density[:, 1]
    erythema, erythema_sigma = _robust(features(red, rg, gb), people.erythema)
    melanin, melanin_sigma = _robust(np.column_stack([np.ones(len(red)), density]), people.melanin)
    number = np.digitize(people.melanin, MELANIN_CLASSES)
    groups = [number == k for k in range(len(MELANIN_CLASSES) + 1)]
    return Constants(
        erythema=erythema,
        erythema_sigma=erythema_sigma,
        melanin=melanin,
        melanin_sigma=melanin_sigma,
        class_melanin=np.array([np.median(people.melanin[g]) for g in groups]),
        class_erythema=np.array([np.median(people.erythema[g]) for g in groups]),
        class_quantiles=np.array([np.percentile(people.erythema[g], range(1, 100)) for g in groups]),
    )


def _robust(design: FloatArray, target: FloatArray) -> tuple[FloatArray, float]:
    """Huber regression by reweighting; coefficients and robust SD of the residual.

    A few per cent of the archive are not bare skin by their spectrum (make-up, tape marks); least squares
    would follow them: MAE on unseen people 1.14 instead of 1.04 EI.
    """
    weight = np.ones(len(target))
    solution: FloatArray = np.zeros(design.shape[1])
    for _ in range(100):
        root = np.sqrt(weight)[:, None]
        solution = np.linalg.lstsq(design * root, target * root[:, 0], rcond=None)[0].astype(np.float64)
        residual = np.abs(target - design @ solution)
        scatter = SD_PER_MAD * float(np.median(residual))
        weight = 1 / np.maximum(1, residual / scatter)
    return solution, scatter
