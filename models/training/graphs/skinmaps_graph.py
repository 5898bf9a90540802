"""skinmaps.onnx, version "physics": texture and light terms in, maps out.

Everything is a formula with constants fitted on training people; see models/cards/skinmaps.md for the card.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx

from models.training.graphs.graph import Graph
from models.training.issa_constants import Constants
from skinscan.measure.redness import RISE
from skinscan.measure.tone_curve import KNOTS
from skinscan.types import TEXTURE_SIZE

__all__ = [
    "SKINMAPS_ROW", "Parts", "build_skinmaps", "erythema_of", "melanin_of", "relief_of", "rises_of",
    "skin_by_color", "soft", "split", "take_apart",
]  # fmt: skip

S = TEXTURE_SIZE
_FLOOR = 1e-4  # linear; below 8-bit code 1
_SHADING = (4, 2.0)  # pooling, sigma after it: shading survives a Gaussian of 8 texels (about 7 mm)
_FINE = (1, 1.5)  # hair, lashes and pores do not survive this one
_NEAR = (2, 1.25)  # neighbourhood over which roughness is judged

# Where skin ends, in OD about the own face; each limit is a soft step of width _STEP. These are all [design]
_STEP = 0.15  # of the limit
_MIN_COSINE, _MAX_CLIPPED = 0.25, 0.05  # grazing skin; burnt and blocked-up pixels
_MIN_LOG = -2.4  # log10 of the darkest channel: 8-bit steps are coarse below
_MAX_ROUGHNESS = 4.0  # OD; hair, lashes, beard and frames are rougher, pores are about 1
_RG_RANGE = (-11.0, 28.0)  # greyer is hair or glass, redder than +28 OD (+35 EI) is paint
_GB_RANGE = (-14.0, 14.0)
_MAX_DARKER = 65.0  # OD under the face's mid-tones: 4.5 times darker is shadow, hair or a frame

_MAP = {"shape": ["faces", S, S]}
_HALF = {"shape": ["faces", S // 2, S // 2]}
SKINMAPS_ROW: dict[str, Any] = {
    "name": "skinmaps",
    "file": "skinmaps.onnx",
    "inputs": [
        {
            "name": "rgb",
            "shape": ["faces", S, S, 3],
            "dtype": "float32",
            "colour": "linear sRGB",
            "range": [0, 1],
        },
        {"name": "inside", **_MAP, "dtype": "float32", "range": [0, 1]},
        {"name": "clipped", **_MAP, "dtype": "float32", "range": [0, 1]},
        {"name": "cosine", **_MAP, "dtype": "float32", "range": [0, 1]},
        {"name": "gain", "shape": ["faces", 3], "dtype": "float32", "unit": "factor", "range": [0.1, 10]},
        {
            "name": "knots",
            "shape": ["faces", len(KNOTS)],
            "dtype": "float32",
            "unit": "log10 R",
            "range": [-4, 0],
        },
        {"name": "curve", "shape": ["faces", len(KNOTS), 2], "dtype": "float32", "unit": "OD per log10 R"},
        {"name": "level", "shape": ["faces", 1], "dtype": "float32", "unit": "log10 R", "range": [-4, 0]},
        {"name": "excess", "shape": ["faces", 2], "dtype": "float32", "unit": "OD"},
        {"name": "chroma", "shape": ["faces", 2], "dtype": "float32", "unit": "OD"},
        {"name": "calm", "shape": ["faces", 2], "dtype": "float32", "unit": "OD"},
        {"name": "reference_od", "shape": ["faces", 1], "dtype": "float32", "unit": "OD", "range": [0, 400]},
    ],
    "outputs": [
        {"name": "erythema", **_MAP, "dtype": "float32", "unit": "EI", "range": None},
        {"name": "erythema_sigma", **_HALF, "dtype": "float32", "unit": "EI", "range": None},
        {"name": "melanin", **_MAP, "dtype": "float32", "unit": "MI", "range": None},
        {"name": "melanin_sigma", **_HALF, "dtype": "float32", "unit": "MI", "range": None},
        {"name": "shine", **_MAP, "dtype": "float32", "unit": "% of the light", "range": [0, 100]},
        {"name": "shine_sigma", **_HALF, "dtype": "float32", "unit": "% of the light", "range": None},
        {"name": "validity", **_MAP, "dtype": "float32", "unit": "probability", "range": [0, 1]},
        {"name": "correction", "shape": ["faces", 2], "dtype": "float32", "unit": "EI; MI", "range": None},
    ],
    "trained_on": "ISSA (Lu et al. 2025, Sci Data 12:487, CC BY 4.0), training people: their face records,"
    " and photos of rendered faces with their skin",
    "licence": "Apache-2.0",
    "url": None,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Values of the graph that both the formulas and the network read; planes are (faces, 1, S, S)."""

    inside: str
    clipped: str
    cosine: str
    logs: tuple[str, str, str]  # log10 of R, G, B, white balanced
    density: str  # OD of R
    darker: str  # OD under the face's mid-tones
    rg: str  # log R/G freed of trend and excess, OD
    gb: str  # log G/B, the same
    calm: tuple[str, str]  # rg and gb of the face's calm skin, (faces, 1, 1, 1)
    reference: str  # OD of the face, (faces, 1, 1, 1)
    basic: str  # distance into lit, unclipped skin that faces the camera; soft step at 0
    colored: str  # distance into the colours that skin has


def take_apart(g: Graph) -> Parts:
    """Declare the inputs, take white, trend and excess off."""
    rgb = g.input("rgb", ("faces", S, S, 3))
    inside, clipped, cosine = (
        _plane(g, g.input(n, ("faces", S, S))) for n in ("inside", "clipped", "cosine")
    )
    gain = g("Unsqueeze", g.input("gain", ("faces", 3)), g.const([2, 3], np.int64))
    knots = _scalar(g, g.input("knots", ("faces", len(KNOTS))))
    curve = g.input("curve", ("faces", len(KNOTS), 2))
    level = _scalar(g, g.input("level", ("faces", 1)))
    excess = split(g, _scalar(g, g.input("excess", ("faces", 2))), 2)
    own_rg, own_gb = split(g, _scalar(g, g.input("chroma", ("faces", 2))), 2)
    calm_rg, calm_gb = split(g, _scalar(g, g.input("calm", ("faces", 2))), 2)
    reference = _scalar(g, g.input("reference_od", ("faces", 1)))

    balanced = g("Max", g("Mul", g("Transpose", rgb, perm=[0, 3, 1, 2]), gain), _FLOOR)
    red, green, blue = split(g, g("Mul", g("Log", balanced), 1 / np.log(10)), 3)
    ratios = _detrended(g, (red, green, blue), knots, curve, level)
    rg, gb = (g("Sub", ratio, part) for ratio, part in zip(ratios, excess, strict=True))
    density = g("Mul", red, -100.0)
    lowest = g("Min", red, green, blue)
    return Parts(
        inside=inside,
        clipped=clipped,
        cosine=cosine,
        logs=(red, green, blue),
        density=density,
        darker=g("Add", density, g("Mul", level, 100.0)),
        rg=rg,
        gb=gb,
        calm=(calm_rg, calm_gb),
        reference=reference,
        basic=g(
            "Min",
            _above(g, cosine, _MIN_COSINE),
            _below(g, clipped, _MAX_CLIPPED),
            _above(g, lowest, _MIN_LOG),
        ),
        colored=g(
            "Min",
            *_between(g, g("Sub", rg, own_rg), _RG_RANGE),
            *_between(g, g("Sub", gb, own_gb), _GB_RANGE),
        ),
    )


def build_skinmaps(constants: Constants) -> onnx.ModelProto:
    """Build the graph; inside, a map is a plane (faces, 1, S, S) and a scalar (faces, 1, 1, 1)."""
    g = Graph("skinmaps")
    p = take_apart(g)
    sound = g("Mul", p.inside, soft(g, p.basic))
    fine = g("Sub", p.density, _smooth(g, p.density, sound, _FINE))
    roughness = g("Sqrt", _smooth(g, g("Mul", fine, fine), sound, _NEAR))
    bare = g(
        "Min", p.basic, p.colored, _below(g, roughness, _MAX_ROUGHNESS), _below(g, p.darker, _MAX_DARKER)
    )
    validity = g("Mul", p.inside, soft(g, bare))

    relief = relief_of(g, p.density, validity)
    maps = {
        "erythema": rises_of(
            g,
            erythema_of(g, constants, p.reference, p.rg, p.gb),
            erythema_of(g, constants, p.reference, *p.calm),
        ),
        "melanin": melanin_of(g, constants, g("Add", p.reference, relief), p.rg, p.gb),
        "shine": _shine(g, p.density, validity, p.reference),
        "validity": validity,
    }
    for name, value in maps.items():
        g.output(name, g("Squeeze", value, g.const([1], np.int64)), ("faces", S, S))
    return g.model("Physics: constants fitted on ISSA training people. See models/README.md.")


def _plane(g: Graph, image: str) -> str:
    """(faces, S, S) to (faces, 1, S, S)."""
    return g("Unsqueeze", image, g.const([1], np.int64))


def _scalar(g: Graph, value: str) -> str:
    """(faces, C) to (faces, C, 1, 1)."""
    return g("Unsqueeze", value, g.const([2, 3], np.int64))


def split(g: Graph, image: str, count: int) -> list[str]:
    """(faces, C, ...) to C times (faces, 1, ...)."""
    return [g("Gather", image, g.const([k], np.int64), axis=1) for k in range(count)]


def _detrended(g: Graph, channels: tuple[str, str, str], knots: str, curve: str, level: str) -> list[str]:
    """log R/G and log G/B in OD, freed of their trend over log10 R, which is zero at `level`."""
    red, green, blue = channels
    hinges = [g("Relu", g("Sub", log, knots)) for log in (red, level)]
    flat = [g("Reshape", h, g.const([0, len(KNOTS), -1], np.int64)) for h in hinges]
    across = g("Transpose", curve, perm=[0, 2, 1])
    trend = g("Sub", *(g("MatMul", across, f) for f in flat))
    trend = g("Reshape", trend, g.const([0, 2, S, S], np.int64))
    return [
        g("Sub", g("Mul", g("Sub", upper, lower), 100.0), part)
        for upper, lower, part in zip((red, green), (green, blue), split(g, trend, 2), strict=True)
    ]


def rises_of(g: Graph, erythema: str, calm: str) -> str:
    """EI with what is above or below the face's calm skin at its height."""
    return g("Add", g("Mul", erythema, RISE), g("Mul", calm, 1 - RISE))


def erythema_of(g: Graph, constants: Constants, reference: str, rg: str, gb: str) -> str:
    """EI by the fitted quadratic, arranged so that little is left to do per texel."""
    c = constants.erythema.tolist()
    offset = g("Add", g("Mul", reference, g("Add", g("Mul", reference, c[4] / 100), c[1])), c[0])
    by_rg = g("Add", g("Mul", reference, c[7] / 100), c[2])
    by_gb = g("Add", g("Mul", reference, c[8] / 100), c[3])
    by_rg = g("Sum", by_rg, g("Mul", rg, c[5] / 100), g("Mul", gb, c[9] / 100))
    by_gb = g("Add", by_gb, g("Mul", gb, c[6] / 100))
    return g("Sum", offset, g("Mul", rg, by_rg), g("Mul", gb, by_gb))


def melanin_of(g: Graph, constants: Constants, red: str, rg: str, gb: str) -> str:
    """MI with the face's own level plus local relief: large-scale shading is not melanin."""
    offset, by_red, by_green, by_blue = constants.melanin.tolist()
    total = (("Mul", red, by_red + by_green + by_blue), ("Mul", rg, by_green + by_blue), ("Mul", gb, by_blue))
    return g("Add", g("Sum", *(g(*term) for term in total)), offset)


def relief_of(g: Graph, density: str, skin: str) -> str:
    """Density above that of the skin around."""
    return g("Sub", density, _smooth(g, density, skin, _SHADING))


def skin_by_color(g: Graph, p: Parts) -> str:
    """Distance into skin as far as brightness and colour tell, without its structure."""
    return g("Min", p.basic, p.colored, _below(g, p.darker, _MAX_DARKER))


def _shine(g: Graph, density: str, skin: str, reference: str) -> str:
    """Specular part in % of the light.

    Brightness above the matte level around, times the skin's reflectance. Absolute, so equal oil gives equal
    shine on every tone: F0 = ((n - 1) / (n + 1))^2 is 0.026 to 0.028 for all, n being 1.38 to 1.40.
    """
    around = _smooth(g, density, skin, _SHADING)
    matte = _smooth(
        g, g("Max", density, around), skin, _SHADING
    )  # highlights held down to their surroundings
    excess = g("Relu", g("Sub", matte, density))
    percent = g("Mul", g("Exp", g("Mul", reference, -np.log(10) / 100)), 100.0)
    brighter = g("Sub", g("Exp", g("Mul", excess, np.log(10) / 100)), 1.0)
    return g("Min", g("Mul", brighter, percent), 100.0)


def _smooth(g: Graph, value: str, weight: str, scale: tuple[int, float]) -> str:
    """Weighted Gaussian mean: pooled, smoothed there, brought back up.

    The convolutions have a third dimension of one: ONNX Runtime pads two-dimensional ones to blocks of 16
    channels at its highest level, which is good for networks and costs half as much again for single maps.
    """
    pool, sigma = scale
    radius = round(3 * sigma)
    bell = np.exp(-0.5 * (np.arange(-radius, radius + 1) / sigma) ** 2)
    across = g.const((bell / bell.sum())[None, None, None, None, :])
    down = g.const((bell / bell.sum())[None, None, None, :, None])
    deep = g.const([2], np.int64)
    sums = []
    for plane in (g("Mul", value, weight), weight):
        if pool > 1:
            plane = g("AveragePool", plane, kernel_shape=[pool, pool], strides=[pool, pool])
        plane = g("Conv", g("Unsqueeze", plane, deep), across, pads=[0, 0, radius, 0, 0, radius])
        plane = g("Conv", plane, down, pads=[0, radius, 0, 0, radius, 0])
        sums.append(g("Squeeze", plane, deep))
    mean = g("Div", sums[0], g("Max", sums[1], 1e-3))
    return g("Resize", mean, "", g.const([1, 1, pool, pool]), mode="linear") if pool > 1 else mean


def soft(g: Graph, distance: str) -> str:
    """Soft step; cut where it is 1e-13, since denormal numbers cost CPUs three times the whole graph."""
    return g("Sigmoid", g("Clip", distance, -30.0, 30.0))


def _above(g: Graph, value: str, limit: float) -> str:
    """Distance into the allowed side; through a sigmoid a soft step, 0.5 at the limit."""
    return g("Mul", g("Sub", value, limit), 4 / (_STEP * abs(limit)))


def _below(g: Graph, value: str, limit: float) -> str:
    return g("Mul", g("Sub", g.const(limit), value), 4 / (_STEP * abs(limit)))


def _between(g: Graph, value: str, limits: tuple[float, float]) -> tuple[str, str]:
    return _above(g, value, limits[0]), _below(g, value, limits[1])
