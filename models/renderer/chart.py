"""A 24-patch colour card held beside the head: its patches, where it is, what the camera sees of it.

`python -m models.renderer.chart` prints the reference colours that skinscan/measure/card.py carries.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.renderer.camera import Light
from models.renderer.head import rotation
from models.renderer.issa import WAVELENGTHS
from skinscan import color

__all__ = ["COLUMNS", "Chart", "draw_chart", "reference_lab", "see_chart"]

Array = NDArray[np.floating[Any]]

_ROWS, COLUMNS = 4, 6
BORDER = 0.035  # reflectance of the black plastic between the patches
_PX_PER_PATCH = 48
_PATCH = 0.83  # side of a patch over the pitch of the grid
_MARGIN = 0.25  # of the pitch, from the outer patches to the edge
_CHART_50 = "ColorChecker24 - After November 2014"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A flat card in the scene; lengths in cm, angles in degrees, axes as the camera's (y up, z to it)."""

    centre: tuple[float, float, float]  # from the middle of the head
    pitch: float  # distance of patch centres: 1.65 passport size, 4.3 the classic
    yaw: float
    tilt: float  # positive: looks down
    turn: float  # in the picture; 0: the dark skin patch at the top left
    mirrored: bool = False
    covered: float = 0.0  # share of the columns hidden under fingers, from the left
    grime: float = 0.0  # SD of the patches' log10 reflectance: age and dirt

    @property
    def half(self) -> tuple[float, float]:
        """Half width and half height in cm, before it is turned."""
        return tuple(0.5 * self.pitch * (n - 1 + _PATCH + 2 * _MARGIN) for n in (COLUMNS, _ROWS))  # type: ignore[return-value]


@cache
def _patch_spectra() -> Array:
    """(24, 31) reflectance: the mean of 30 measured cards (BabelColor), as colour-science ships it."""
    import colour  # slow to import

    grid = colour.SpectralShape(400, 700, 10)
    charts = colour.SDS_COLOURCHECKERS["BabelColor Average"]
    return np.array([spectrum.copy().align(grid).values for spectrum in charts.values()])


def reference_lab() -> Array:
    """(24, 3) L*a*b* under D65, 2 degrees, of cards made since November 2014.

    The maker publishes D50 alone. The step to D65 is that of the measured mean card, spectrum by spectrum,
    which a chromatic adaptation only approaches (0.6 dE00 on average, 1.5 on light skin).
    """
    import colour

    chart = colour.CCS_COLOURCHECKERS[_CHART_50]
    observer = colour.MSDS_CMFS["CIE 1931 2 Degree Standard Observer"]
    published = colour.XYZ_to_Lab(colour.xyY_to_XYZ(np.array(list(chart.data.values()))), chart.illuminant)
    lab = {}
    grid = colour.SpectralShape(380, 730, 10)
    matching = observer.copy().align(grid).values
    for name in ("D50", "D65"):
        seen_as = colour.SDS_ILLUMINANTS[name].copy().align(grid).values[:, None] * matching
        white = seen_as.sum(axis=0)
        spectra = colour.SDS_COLOURCHECKERS["BabelColor Average"].values()
        seen = np.array([sd.copy().align(grid).values for sd in spectra]) @ seen_as
        lab[name] = color.xyz_to_lab(seen / white[1], white / white[1])
    return np.asarray(published + lab["D65"] - lab["D50"])


def draw_chart(light: Light, rng: np.random.Generator) -> Chart:
    """Hold a card as asked: beside the cheek, on the side of the light, facing the camera more or less."""
    side = 1.0 if light.direction[0] >= 0 else -1.0
    upright = bool(rng.random() < 0.7)
    turn = 180.0 * int(rng.integers(2)) + (90.0 if upright else 0.0)
    pitch = float(rng.uniform(1.6, 1.9))
    reach = 0.5 * pitch * (_ROWS if upright else COLUMNS)
    return Chart(
        centre=(side * (9.0 + reach), float(rng.uniform(-5.0, 2.0)), float(rng.uniform(2.0, 8.0))),
        pitch=pitch,
        yaw=float(rng.normal(0, 8)),
        tilt=float(rng.normal(0, 8)),
        turn=turn + float(rng.normal(0, 5)),
        grime=float(rng.uniform(0.0, 0.01)),
    )  # fmt: skip


def see_chart(
    chart: Chart, light: Light, key: Array, fill: Array, rng: np.random.Generator
) -> tuple[Array, Array]:
    """Raw colours of the flat card (h, w, 3), and its four corners (4, 3) in cm, clockwise from the top left.

    `key` and `fill` (31, 3) from reflectance to raw, as camera.to_raw gives them. The card is matt and out
    of the head's shadow, which is what the user is asked for.
    """
    spectra = _patch_spectra() * 10 ** rng.normal(0.0, chart.grime, (_ROWS * COLUMNS, 1))
    axes = rotation(chart.yaw, chart.tilt, -chart.turn)
    normal = axes @ np.array([0.0, 0.0, 1.0])
    facing = light.share * max(float(normal @ np.array(light.direction)), 0.0)
    around = (1.0 - light.share) * (1.0 - 0.5 * light.gradient * (1.0 - float(normal[1])))
    seen = facing * key + around * fill
    step, edge = _PX_PER_PATCH, round(_PX_PER_PATCH * (_MARGIN + 0.5 * (_PATCH - 1)))
    flat = np.empty((_ROWS * step + 2 * edge, COLUMNS * step + 2 * edge, 3), np.float32)
    flat[:] = np.full(len(WAVELENGTHS), BORDER) @ seen
    inset = round(0.5 * (1 - _PATCH) * step)
    for number, colour in enumerate(spectra @ seen):
        row, column = (edge + step * place + inset for place in divmod(number, COLUMNS))
        flat[row : row + step - 2 * inset, column : column + step - 2 * inset] = colour
    if chart.mirrored:
        flat = np.ascontiguousarray(flat[:, ::-1])
    hidden = round(chart.covered * flat.shape[1])
    flat[:, :hidden] = np.array([0.45, 0.3, 0.2]) * (facing + around)  # fingers
    width, height = chart.half
    corners = np.array([[-width, height, 0], [width, height, 0], [width, -height, 0], [-width, -height, 0]])
    return flat, (corners @ axes.T + np.array(chart.centre)).astype(np.float32)


def main() -> None:
    """Print the reference colours."""
    for row in reference_lab().round(2).tolist():
        print(tuple(row))


if __name__ == "__main__":
    main()
