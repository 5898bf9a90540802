"""skinmaps.onnx, version "physics": texture and light terms in, maps with their sigma out.

Everything is a formula with constants fitted on training people; see models/README.md for the card.
"""

from __future__ import annotations

import numpy as np
import onnx

from models.train.fit_issa import Constants
from models.train.graph import Graph
from skinscan.light import KNOTS
from skinscan.types import TEXTURE_SIZE

__all__ = ["SKINMAPS_ROW", "build_skinmaps"]

S = TEXTURE_SIZE
_FLOOR = 1e-4  # linear; below 8-bit code 1
_SHADING = (4, 2.0)  # pooling, sigma after it: shading survives a Gaussian of 8 texels (about 5 mm)
_FINE = (1, 1.5)  # hair, lashes and pores do not survive this one
_NEAR = (2, 1.25)  # neighbourhood over which roughness is judged
_CODE_NOISE = 1.5  # 8-bit codes, SD of sensor, quantisation and JPEG noise in one texel [design]

# Where skin ends, in OD about the own face; each limit is a soft step of width _STEP.
_STEP = 0.15  # of the limit
_MIN_COSINE, _MAX_CLIPPED, _MIN_LINEAR = 0.25, 0.05, 0.004
_MAX_ROUGHNESS = 4.0  # OD; hair, lashes, beard and frames are rougher, pores are about 1
_RG_RANGE = (-11.0, 28.0)  # greyer is hair or glass, redder than +28 OD (+35 EI) is paint
_GB_RANGE = (-14.0, 14.0)
_MAX_DARKER = 65.0  # OD under the face's mid-tones: 4.5 times darker is shadow, hair or a frame

_MAP = {"shape": ["faces", S, S]}
SKINMAPS_ROW = {
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
        {"name": "curve", "shape": ["faces", len(KNOTS), 2], "dtype": "float32", "unit": "OD per log10 R"},
        {"name": "level", "shape": ["faces", 1], "dtype": "float32", "unit": "log10 R", "range": [-4, 0]},
        {"name": "chroma", "shape": ["faces", 2], "dtype": "float32", "unit": "OD"},
        {"name": "reference_od", "shape": ["faces", 1], "dtype": "float32", "unit": "OD", "range": [0, 400]},
    ],
    "outputs": [
        {"name": "erythema", **_MAP, "dtype": "float32", "unit": "EI", "range": None},
        {"name": "erythema_sigma", **_MAP, "dtype": "float32", "unit": "EI", "range": None},
        {"name": "melanin", **_MAP, "dtype": "float32", "unit": "MI", "range": None},
        {"name": "melanin_sigma", **_MAP, "dtype": "float32", "unit": "MI", "range": None},
        {"name": "shine", **_MAP, "dtype": "float32", "unit": "% of the light", "range": [0, 100]},
        {"name": "shine_sigma", **_MAP, "dtype": "float32", "unit": "% of the light", "range": None},
        {"name": "validity", **_MAP, "dtype": "float32", "unit": "probability", "range": [0, 1]},
    ],
    "trained_on": "ISSA (Lu et al. 2025, Sci Data 12:487, CC BY 4.0), face records of training people",
    "licence": "Apache-2.0",
    "url": None,
}


def build_skinmaps(constants: Constants) -> onnx.ModelProto:
    """Build the graph."""
    g = Graph("skinmaps")
    rgb = g.input("rgb", ("faces", S, S, 3))
    inside, clipped, cosine = (g.input(n, ("faces", S, S)) for n in ("inside", "clipped", "cosine"))
    gain = g.input("gain", ("faces", 3))
    curve = g.input("curve", ("faces", len(KNOTS), 2))
    level = g.input("level", ("faces", 1))
    chroma = g.input("chroma", ("faces", 2))
    reference = g("Unsqueeze", g.input("reference_od", ("faces", 1)), g.const([2], np.int64))

    balanced = g("Max", g("Mul", rgb, g("Unsqueeze", gain, g.const([1, 2], np.int64))), _FLOOR)
    log = g("Mul", g("Log", balanced), 1 / np.log(10))
    red, green, blue = _channels(g, log)
    rg, gb = _detrend(g, red, green, blue, curve, level)
    density = g("Mul", red, -100.0)

    sound = _minimum(g, [inside, _above(g, cosine, _MIN_COSINE), _below(g, clipped, _MAX_CLIPPED)])
    sound = _minimum(
        g, [sound, _above(g, g("ReduceMin", balanced, g.const([3], np.int64), keepdims=0), _MIN_LINEAR)]
    )
    fine = g("Sub", density, _smooth(g, density, sound, _FINE))
    roughness = g("Sqrt", _smooth(g, g("Mul", fine, fine), sound, _NEAR))
    middle = g("Mul", g("Unsqueeze", level, g.const([2], np.int64)), 100.0)
    own_rg, own_gb = (g("Gather", chroma, g.const([[k]], np.int64), axis=1) for k in (0, 1))  # (faces, 1, 1)
    validity = _minimum(
        g,
        [
            sound,
            _below(g, roughness, _MAX_ROUGHNESS),
            _between(g, g("Sub", rg, own_rg), _RG_RANGE),
            _between(g, g("Sub", gb, own_gb), _GB_RANGE),
            _below(g, g("Add", density, middle), _MAX_DARKER),
        ],
    )
    relief = g("Sub", density, _smooth(g, density, validity, _SHADING))

    noise = [_noise(g, channel) for channel in _channels(g, balanced)]
    erythema, slope_rg, slope_gb = _erythema(g, constants, reference, rg, gb)
    g.output("erythema", erythema, ("faces", S, S))
    weights = [slope_rg, g("Sub", slope_gb, slope_rg), g("Neg", slope_gb)]
    g.output("erythema_sigma", _propagate(g, weights, noise), ("faces", S, S))

    melanin, melanin_sigma = _melanin(g, constants, g("Add", reference, relief), rg, gb, noise)
    g.output("melanin", melanin, ("faces", S, S))
    g.output("melanin_sigma", melanin_sigma, ("faces", S, S))

    shine, shine_sigma = _shine(g, density, validity, reference, noise[0])
    g.output("shine", shine, ("faces", S, S))
    g.output("shine_sigma", shine_sigma, ("faces", S, S))
    g.output("validity", validity, ("faces", S, S))
    return g.model("Physics: constants fitted on ISSA training people. See models/README.md.")


def _channels(g: Graph, image: str) -> list[str]:
    """(faces, S, S, 3) to three (faces, S, S)."""
    return [g("Gather", image, g.const(k, np.int64), axis=3) for k in range(3)]


def _detrend(g: Graph, red: str, green: str, blue: str, curve: str, level: str) -> tuple[str, str]:
    """log R/G and log G/B in OD, freed of their trend over log10 R."""
    knots = g.const(KNOTS)
    above = g("Relu", g("Sub", g("Unsqueeze", red, g.const([3], np.int64)), knots))
    trend = g("MatMul", above, g("Unsqueeze", curve, g.const([1], np.int64)))
    at_level = g("MatMul", g("Unsqueeze", g("Relu", g("Sub", level, knots)), g.const([1], np.int64)), curve)
    trend = g("Sub", trend, g("Unsqueeze", at_level, g.const([1], np.int64)))
    ratios = []
    for number, (upper, lower) in enumerate(((red, green), (green, blue))):
        ratio = g("Mul", g("Sub", upper, lower), 100.0)
        ratios.append(g("Sub", ratio, g("Gather", trend, g.const(number, np.int64), axis=3)))
    return ratios[0], ratios[1]


def _erythema(g: Graph, constants: Constants, reference: str, rg: str, gb: str) -> tuple[str, str, str]:
    """EI by the fitted quadratic, and its slopes against log R/G and log G/B."""
    c = constants.erythema.tolist()
    squares = (("Mul", reference, reference), ("Mul", rg, rg), ("Mul", gb, gb),
               ("Mul", reference, rg), ("Mul", reference, gb), ("Mul", rg, gb))  # fmt: skip
    terms = [g("Mul", x, c[k]) for k, x in ((1, reference), (2, rg), (3, gb))]
    terms += [g("Mul", g(*square), c[4 + k] / 100) for k, square in enumerate(squares)]
    index = g("Add", g.total(*terms), c[0])
    linear = [(rg, 2 * c[5]), (reference, c[7]), (gb, c[9])], [(gb, 2 * c[6]), (reference, c[8]), (rg, c[9])]
    slopes = [
        g("Add", g.total(*(g("Mul", x, k / 100) for x, k in parts)), c[2 + n])
        for n, parts in enumerate(linear)
    ]
    return index, slopes[0], slopes[1]


def _melanin(g: Graph, constants: Constants, red: str, rg: str, gb: str, noise: list[str]) -> tuple[str, str]:
    """MI with the face's own level plus local relief: large-scale shading is not melanin."""
    offset, by_red, by_green, by_blue = constants.melanin.tolist()
    green = g("Add", red, rg)
    blue = g("Add", green, gb)
    terms = [g("Mul", x, k) for x, k in ((red, by_red), (green, by_green), (blue, by_blue))]
    weights = [g.const(k) for k in (by_red, by_green, by_blue)]
    return g("Add", g.total(*terms), offset), _propagate(g, weights, noise)


def _shine(g: Graph, density: str, skin: str, reference: str, noise: str) -> tuple[str, str]:
    """Specular part in % of the light: brightness above the matte level around, times skin reflectance.

    Absolute, so equal oil gives equal shine on every tone: F0 is about 0.028 for all (science.md §2).
    """
    around = _smooth(g, density, skin, _SHADING)
    matte = _smooth(
        g, g("Max", density, around), skin, _SHADING
    )  # highlights held down to their surroundings
    excess = g("Max", g("Sub", matte, density), 0.0)
    reflectance = g("Exp", g("Mul", reference, -np.log(10) / 100))
    percent = g(
        "Mul", g("Sub", g("Exp", g("Mul", excess, np.log(10) / 100)), 1.0), g("Mul", reflectance, 100.0)
    )
    sigma = g("Mul", g("Mul", noise, g("Mul", reflectance, 100.0)), np.log(10) / 100)
    return g("Min", percent, 100.0), sigma


def _noise(g: Graph, linear: str) -> str:
    """Sigma of a channel's optical density, OD: code noise through the sRGB curve."""
    factor = 100 / np.log(10) * 2.4 / 1.055 * _CODE_NOISE / 255
    return g("Mul", g("Pow", linear, -1 / 2.4), factor)


def _propagate(g: Graph, weights: list[str], noise: list[str]) -> str:
    """Root sum of squares of weighted, independent channel noise."""
    squares = []
    for weight, sigma in zip(weights, noise, strict=True):
        part = g("Mul", weight, sigma)
        squares.append(g("Mul", part, part))
    return g("Sqrt", g.total(*squares))


def _smooth(g: Graph, value: str, weight: str, scale: tuple[int, float]) -> str:
    """Weighted Gaussian mean: pooled, smoothed there, brought back up."""
    pool, sigma = scale
    radius = round(3 * sigma)
    bell = np.exp(-0.5 * (np.arange(-radius, radius + 1) / sigma) ** 2)
    across = g.const((bell / bell.sum())[None, None, None, :])
    down = g.const((bell / bell.sum())[None, None, :, None])
    sums = []
    for image in (g("Mul", value, weight), weight):
        plane = g("Unsqueeze", image, g.const([1], np.int64))
        if pool > 1:
            plane = g("AveragePool", plane, kernel_shape=[pool, pool], strides=[pool, pool])
        plane = g("Conv", plane, across, pads=[0, radius, 0, radius])
        sums.append(g("Conv", plane, down, pads=[radius, 0, radius, 0]))
    mean = g("Div", sums[0], g("Max", sums[1], 1e-3))
    if pool > 1:
        mean = g("Resize", mean, "", g.const([1, 1, pool, pool]), mode="linear")
    return g("Squeeze", mean, g.const([1], np.int64))


def _above(g: Graph, value: str, limit: float) -> str:
    """Soft step: 0.5 at the limit, to 1 above."""
    return g("Sigmoid", g("Mul", g("Sub", value, limit), 4 / (_STEP * abs(limit))))


def _below(g: Graph, value: str, limit: float) -> str:
    return g("Sigmoid", g("Mul", g("Sub", g.const(limit), value), 4 / (_STEP * abs(limit))))


def _between(g: Graph, value: str, limits: tuple[float, float]) -> str:
    return _minimum(g, [_above(g, value, limits[0]), _below(g, value, limits[1])])


def _minimum(g: Graph, values: list[str]) -> str:
    return g("Min", *values)
