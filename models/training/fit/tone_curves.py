"""Tone curves of cameras, for the prior of skinscan/measure/sheet_fit.py.

    python -m models.training.fit.tone_curves

Draws curves such as cameras have (sRGB coding, an S-curve on coded values, another exponent, stray light),
undoes each over the reflectances of a sheet by the cubic of logarithms that the fit uses, and prints mean and
spread of its coefficients.
"""

from __future__ import annotations

import numpy as np

from skinscan.color import srgb_encode
from skinscan.measure.sheet_fit import bends
from skinscan.types import FloatArray

__all__ = ["camera_curve", "main"]

_CURVES = 2000
_LEVELS = 10.0 ** np.linspace(-1.5, -0.05, 60)  # light on the sensor, 1 saturates


def camera_curve(
    linear: FloatArray, contrast: float, exponent: float = 1.0, stray: float = 0.0
) -> FloatArray:
    """Linear light 0..1 to what sRGB decoding makes of the camera's codes, 0..1.

    `contrast` of the S-curve, 0 none; `exponent` on coded values, 1 is sRGB; `stray`: light added, 0..1.
    """
    coded = srgb_encode(np.clip(linear + stray, 1e-5, 1.0)) ** exponent
    coded = np.clip(coded + 1.6 * contrast * coded * (1 - coded) * (2 * coded - 1), 0.0, 1.0)
    decoded: FloatArray = np.where(coded <= 0.04045, coded / 12.92, ((coded + 0.055) / 1.055) ** 2.4)
    return decoded


def main() -> None:
    """Print the mean and the factor of the inverse covariance."""
    rng = np.random.default_rng(0)
    found = []
    for _ in range(_CURVES):
        seen = camera_curve(
            _LEVELS,
            rng.uniform(-0.15, 0.55),
            float(np.exp(rng.normal(0.0, 0.03))),
            abs(rng.normal(0.0, 0.003)),
        )
        design = np.column_stack([np.ones(len(seen)), bends(seen)])
        found.append(np.linalg.lstsq(design, np.log10(_LEVELS), rcond=None)[0][1:])
    coefficients = np.array(found)
    factor = np.linalg.cholesky(np.linalg.inv(np.cov(coefficients.T))).T
    print("mean", coefficients.mean(axis=0).round(3).tolist())
    print("SD", coefficients.std(axis=0).round(3).tolist())
    print("factor", factor.round(2).tolist())


if __name__ == "__main__":
    main()
