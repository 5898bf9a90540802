"""What lies on the face and is not bare skin: lips, eyes, brows, lashes, nostrils; and fine relief.

Painted on the UV square at FINE texels a side as layers: where, how much, and which spectrum.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from models.renderer import optics
from models.renderer.mesh import LEFT_EYE, RIGHT_EYE, load_mesh
from models.renderer.skin import SIZE, Skin
from skinscan.color import F0
from skinscan.facemesh.landmarks import LIPS_INNER, LIPS_OUTER

__all__ = [
    "CM", "FINE", "Layer", "Look", "Surface", "draw_look", "eye_centres", "fill", "paint", "rounded",
    "strokes",
]  # fmt: skip

Map = NDArray[np.floating[Any]]

FINE = 768
"""Texels a side of painted features."""

BROWS = (
    ((70, 63, 105, 66, 107), (46, 53, 52, 65, 55)),
    ((300, 293, 334, 296, 336), (276, 283, 282, 295, 285)),
)
"""Upper and lower vertices from the outer end to the inner, right brow and left brow."""

NOSTRILS = ((0.4585, 0.5835, 14.0), (0.5415, 0.5835, -14.0))  # u, v, slope in degrees
CM = 0.0537  # of u around the eyes, from the canonical mesh
EYEBALL, IRIS, PUPIL = 1.2, 0.58, 0.2  # radii in cm


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What a person looks like apart from skin and bones."""

    hair: Map  # (31,) spectrum
    sclera: Map  # (31,) spectrum
    iris: Map  # (31,) spectrum
    lip_redness: float  # EI above the cheek
    brow: float  # 0..1 density
    gaze: tuple[float, float]  # cm the irises are off the middle: to the person's left, up
    pupil: float  # cm radius
    pores: float  # strength of the relief


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """Something painted over what is below it."""

    alpha: Map  # (FINE, FINE) 0..1
    reflectance: Map  # (31,) without surface reflection
    shade: Map | None = None  # (FINE, FINE) factor on the reflectance


@dataclass(frozen=True, slots=True, kw_only=True)
class Surface:
    """All layers and the relief, on the UV square."""

    layers: tuple[Layer, ...]
    tilt: Map  # (FINE, FINE, 2) slope of the surface towards +u and +v
    wet: Map  # (FINE, FINE) 0 skin .. 1 eye: mirror-like
    moist: Map  # (FINE, FINE) 0 skin .. 1 lip
    gloss: Map  # (FINE, FINE) 0..1 share of the specular reflection that hairs and holes leave
    bare: Map  # (SIZE, SIZE) 0..1 share of bare skin


def draw_look(melanin: float, rng: np.random.Generator) -> Look:
    """Draw hair, eyes and lips that go with the melanin index of the cheek."""
    dark = float(np.clip((melanin - 27.0) / 12.0, 0.0, 1.0))  # above MI 39 nobody is blond
    return Look(
        hair=optics.hair(float(1 - (1 - dark) * 0.75 * rng.random()), float(rng.random())).astype(np.float32),
        sclera=optics.sclera(
            float(rng.uniform(0.38, 0.54)), float(rng.gamma(2.0, 0.012)), float(rng.gamma(2.0, 0.02))
        ).astype(np.float32),
        iris=optics.iris(float(np.clip(dark + rng.uniform(-0.2, 0.9), 0.0, 1.0))).astype(np.float32),
        lip_redness=float(rng.uniform(7.0, 16.0)),
        brow=float(rng.uniform(0.5, 1.0)),
        gaze=(float(rng.normal(0.0, 0.06)), float(rng.normal(0.0, 0.04))),
        pupil=float(rng.uniform(0.14, 0.26)),
        pores=float(rng.uniform(0.5, 1.2)),
    )


def eye_centres(gaze: tuple[float, float]) -> Map:
    """(2, 2) uv of the iris centres, the eye on the left of the photo (the person's right) first."""
    uv = load_mesh().uv
    middles = np.array([uv[list(eye)].mean(axis=0) for eye in (RIGHT_EYE, LEFT_EYE)])
    return np.asarray(middles + np.array([gaze[0] * CM, -gaze[1] * _cm_down()]), np.float32)


def _cm_down() -> float:
    """How much v one cm is at the eye: the UV square is stretched there."""
    mesh = load_mesh()
    return float(abs((mesh.uv[159] - mesh.uv[145])[1] / (mesh.xyz[159] - mesh.xyz[145])[1]))


def paint(skin: Skin, look: Look, rng: np.random.Generator) -> Surface:
    """Build all layers, from the bottom up."""
    mouth, lip = lip_layers(skin, look, rng)
    eyes, wet, eye_tilt = eye_layers(look, rng)
    hairy = [nostril_layer(skin), brow_layer(look, rng)]
    layers = [lip, mouth, *eyes, *hairy]
    moist = lip.alpha * (1.0 - mouth.alpha)
    covered = np.maximum.reduce([layer.alpha for layer in layers])
    covered = cv2.dilate(covered, np.ones((7, 7), np.uint8))
    dull = [layer.alpha for layer in (*hairy, eyes[-1], mouth)]
    gloss = 1.0 - np.maximum.reduce([*dull, 0.6 * wet])  # lids and brow hide most of the room from the eye
    relief = relief_tilt(rng, look.pores) * (1.0 - wet)[..., None] + eye_tilt
    bare = 1.0 - cv2.resize(covered, (SIZE, SIZE), interpolation=cv2.INTER_AREA)
    return Surface(layers=tuple(layers), tilt=relief, wet=wet, moist=moist, gloss=gloss, bare=bare)


def fill(polygon: Map, blur: float = 0.0) -> Map:
    """(FINE, FINE) 0..1 inside of a polygon (N, 2) in uv; blur is a Gaussian sigma in u."""
    mask = np.zeros((FINE, FINE), np.uint8)
    fixed = np.round((polygon * FINE - 0.5) * 64).astype(np.int32)
    cv2.fillPoly(mask, [fixed], 255, lineType=cv2.LINE_AA, shift=6)
    soft = mask.astype(np.float32) / 255.0
    return cv2.GaussianBlur(soft, (0, 0), blur * FINE) if blur else soft


def rounded(loop: Map) -> Map:
    """A closed polygon with its corners cut twice (Chaikin)."""
    for _ in range(2):
        after = np.roll(loop, -1, axis=0)
        loop = np.stack([0.75 * loop + 0.25 * after, 0.25 * loop + 0.75 * after], axis=1).reshape(-1, 2)
    return loop


def strokes(start: Map, end: Map, width: Map, weight: Map) -> Map:
    """(FINE, FINE) 0..1 hairs as lines from `start` to `end` (N, 2) in uv; width in texels, weight 0..1."""
    total = np.zeros((FINE, FINE), np.uint8)
    a, b = (np.round((p * FINE - 0.5) * 16).astype(np.int32) for p in (start, end))
    for p, q, w, value in zip(a.tolist(), b.tolist(), width.tolist(), weight.tolist(), strict=True):
        cv2.line(total, p, q, int(255 * value), max(round(w), 1), cv2.LINE_AA, 4)
    return total.astype(np.float32) / 255.0


def lip_layers(skin: Skin, look: Look, rng: np.random.Generator) -> tuple[Layer, Layer]:
    """The line of the mouth, and the vermilion with its fine upright wrinkles."""
    uv = load_mesh().uv
    red = optics.lips(skin.neck, look.lip_redness) - np.float32(F0)
    stripes = rng.standard_normal((40, FINE)).astype(np.float32)
    stripes = cv2.resize(cv2.GaussianBlur(stripes, (0, 0), 1.5), (FINE, FINE))
    lip = Layer(
        alpha=fill(rounded(uv[list(LIPS_OUTER)]), 0.004),
        reflectance=red,
        shade=1.0 + 0.07 * stripes / stripes.std(),
    )
    inner = uv[list(LIPS_INNER)]
    corners = uv[[61, 291]]
    line = np.concatenate([corners[:1], inner[:11], corners[1:], inner[11:]])
    line[:, 1] += np.where(np.arange(len(line)) < 12, -0.0012, 0.0012).astype(np.float32)
    mouth = Layer(alpha=fill(line, 0.0016), reflectance=(0.25 * red).astype(np.float32))
    return mouth, lip


def nostril_layer(skin: Skin) -> Layer:
    """Two dark holes."""
    mask = np.zeros((FINE, FINE), np.uint8)
    for u, v, slope in NOSTRILS:
        centre = np.round((np.array([u, v]) * FINE - 0.5) * 16).astype(int).tolist()
        axes = np.round(np.array([0.0155, 0.0062]) * FINE * 16).astype(int).tolist()
        cv2.ellipse(mask, centre, axes, slope, 0, 360, 255, -1, cv2.LINE_AA, 4)
    alpha = cv2.GaussianBlur(mask.astype(np.float32) / 255.0, (0, 0), 0.003 * FINE)
    dark = optics.add_erythema(skin.neck, np.array(10.0)) * 0.14
    return Layer(alpha=0.95 * alpha, reflectance=dark.astype(np.float32))


def brow_layer(look: Look, rng: np.random.Generator) -> Layer:
    """Hairs that lean outwards and up, denser in the middle of the brow."""
    uv = load_mesh().uv
    total = np.zeros((FINE, FINE), np.float32)
    for upper, lower in BROWS:
        top, bottom = uv[list(upper)], uv[list(lower)]
        count = int(750 * look.brow)
        along, across = rng.beta(1.2, 1.1, count), rng.beta(1.6, 1.6, count)
        at = np.linspace(0, 1, 5)
        high = np.stack([np.interp(along, at, top[:, k]) for k in (0, 1)], -1)
        low = np.stack([np.interp(along, at, bottom[:, k]) for k in (0, 1)], -1)
        thin = 0.35 + 0.5 * np.minimum(1.0, along / 0.5)  # towards the outer end the brow narrows
        start = 0.5 * (high + low) + (low - high) * ((across - 0.5) * thin)[:, None]
        outward = np.sign(top[0, 0] - top[-1, 0])
        lean = np.clip(1.15 - along, 0.15, 1.0)[:, None]  # inner hairs stand up, outer hairs lie along
        direction = (1 - lean) * (outward, 0.12) + lean * (0.45 * outward, -1.0)
        end = start + direction * (0.016 * rng.uniform(0.6, 1.2, count))[:, None]
        total = np.maximum(total, strokes(start, end, np.ones(count), 0.55 + 0.35 * rng.random(count)))
    soft = cv2.GaussianBlur(total, (0, 0), 0.008 * FINE)
    return Layer(alpha=np.clip(total + 0.7 * look.brow * soft, 0.0, 0.95), reflectance=look.hair)


def eye_layers(look: Look, rng: np.random.Generator) -> tuple[list[Layer], Map, Map]:
    """Both eyes: sclera, iris, pupil, lashes under the shade of the lids; where it is wet, and its slope."""
    uv, v_per_cm = load_mesh().uv, _cm_down()
    at = (np.arange(FINE, dtype=np.float32) + 0.5) / FINE
    u, v = np.meshgrid(at, at)
    wet, lash, shade = (np.zeros((FINE, FINE), np.float32) for _ in range(3))
    iris, pupil, pink = (np.zeros((FINE, FINE), np.float32) for _ in range(3))
    tilt = np.zeros((FINE, FINE, 2), np.float32)
    streaks = 1.0 + 0.25 * rng.standard_normal(64).astype(np.float32)
    texture = np.ones((FINE, FINE), np.float32)
    for eye, centre in zip((RIGHT_EYE, LEFT_EYE), eye_centres(look.gaze), strict=True):
        ring = uv[list(eye)]
        opening = fill(rounded(ring), 0.001)
        x, y = (u - centre[0]) / CM, (v - centre[1]) / v_per_cm
        r = np.hypot(x, y)
        iris = np.maximum(iris, opening * _disc(r, IRIS, 0.03))
        pupil = np.maximum(pupil, opening * _disc(r, look.pupil, 0.02))
        angle = ((np.arctan2(y, x) / (2 * np.pi) + 0.5) * 64).astype(int) % 64
        rim = 1.0 - 0.6 * np.clip((r - 0.8 * IRIS) / (0.2 * IRIS), 0, 1)
        texture = np.where(r < 1.2 * IRIS, streaks[angle] * rim, texture)
        middle = ring.mean(axis=0)
        ball = np.stack([(u - middle[0]) / CM, (v - middle[1]) / v_per_cm], -1) / EYEBALL
        cornea = np.stack([x, y], -1) / 0.8 * _disc(r, IRIS, 0.05)[..., None]
        tilt += opening[..., None] * np.clip(0.55 * ball + 0.45 * cornea, -1.2, 1.2)
        upper = np.concatenate([ring[:9], ring[8::-1] + np.array([0.0, -0.02])])
        lid = fill(upper.astype(np.float32)) * (1 - opening)
        hollow = 1.0 - cv2.GaussianBlur(opening, (0, 0), 0.011 * FINE)
        shade = np.maximum(shade, opening * (cv2.GaussianBlur(lid, (0, 0), 0.009 * FINE) + 0.35 * hollow))
        wet = np.maximum(wet, opening)
        lash = np.maximum(lash, _lashes(ring, float(np.sign(ring[0, 0] - ring[8, 0])), rng))
        inner = np.hypot((u - ring[8, 0]) / 0.010, (v - ring[8, 1]) / 0.010)
        rims = cv2.GaussianBlur(opening, (0, 0), 0.003 * FINE) * (1 - opening)
        pink = np.maximum(
            pink, np.maximum(opening * np.exp(-(inner**2)), 0.9 * rims * (v > ring[:, 1].mean()))
        )
    shadow = 1.0 - 0.75 * np.clip(1.6 * shade, 0, 1)
    flesh = (look.sclera * np.linspace(0.55, 0.95, 31) * 0.8).astype(np.float32)
    black = np.full(31, 0.012, np.float32)
    layers = [
        Layer(alpha=wet, reflectance=look.sclera, shade=shadow),
        Layer(alpha=0.7 * pink, reflectance=flesh, shade=shadow),
        Layer(alpha=iris, reflectance=look.iris, shade=texture * shadow),
        Layer(alpha=pupil, reflectance=black),
        Layer(alpha=lash, reflectance=(0.6 * look.hair).astype(np.float32)),
    ]
    return layers, wet, tilt


def _disc(r: Map, radius: float, soft: float) -> Map:
    return np.asarray(np.clip((radius - r) / soft + 0.5, 0.0, 1.0), np.float32)


def _lashes(ring: Map, outward: float, rng: np.random.Generator) -> Map:
    """A dark line along the upper lid, lashes that fan out, and a faint line below."""
    at = np.linspace(0, 1, 9)
    where = np.sort(rng.random(46)) * 0.95
    root = np.stack([np.interp(where, at, ring[:9, k]) for k in (0, 1)], -1).astype(np.float32)
    fan = np.stack([outward * (0.9 - 1.1 * where), np.full(46, -1.0)], -1)
    tip = root + fan * (0.011 * rng.uniform(0.6, 1.0, 46))[:, None]
    hairs = strokes(root, tip, np.ones(46), np.full(46, 0.6))
    lids = np.zeros((FINE, FINE), np.uint8)
    fixed = np.round((ring * FINE - 0.5) * 16).astype(np.int32)
    cv2.polylines(lids, [fixed[8:]], False, 70, 1, cv2.LINE_AA, 4)
    cv2.polylines(lids, [fixed[:9]], False, 235, 2, cv2.LINE_AA, 4)
    return np.asarray(np.maximum(hairs, cv2.GaussianBlur(lids.astype(np.float32) / 255.0, (0, 0), 0.8)))


def relief_tilt(rng: np.random.Generator, pores: float) -> Map:
    """(FINE, FINE, 2) slopes of pores and fine unevenness."""
    white = rng.standard_normal((FINE, FINE), dtype=np.float32)
    fine = cv2.GaussianBlur(white, (0, 0), 1.3) - cv2.GaussianBlur(white, (0, 0), 3.0)
    coarse = cv2.GaussianBlur(
        cv2.resize(white[:96, :96], (FINE, FINE), interpolation=cv2.INTER_CUBIC), (0, 0), 4.0
    )
    height = 0.5 * fine / fine.std() + 0.6 * coarse / coarse.std()
    slope = np.stack([cv2.Sobel(height, cv2.CV_32F, 1, 0), cv2.Sobel(height, cv2.CV_32F, 0, 1)], -1)
    return np.asarray(0.05 * pores * slope / slope.std(), np.float32)
