"""An unwrapped face in, the texels out that somebody drew on: circles, arrows, text, stickers, bars,
highlighter.

Skin has few colours: whatever blood, melanin, shine and shade do to it, the ratios of its channels stay
within a range about those of the face's own. Ink on a screen does not. What counts is light, not ratio: how
much more of a channel there is than skin could give with what the other channels show. So noise of dark
pixels, where ratios mean nothing, counts for nothing, and vivid redness, which takes green away but adds no
red, for little.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import cv2
import numpy as np

from skinscan.facemesh.canonical_face import load_canonical
from skinscan.facemesh.landmarks import EYES, LIPS_OUTER
from skinscan.measure.covered_eyes import are_eyes_covered, hidden_by_cover
from skinscan.measure.texture import sharpness
from skinscan.types import TEXTURE_SIZE, BoolMap, Face, FaceTexture, FloatMap, Photo, RgbPixels

__all__ = ["fill_drawn", "find_drawn", "leave_out_graphics"]

# Ratios R/G and G/B of skin in OD: no narrower than about these, and that far beyond the face's own.
_USUAL_RG, _USUAL_GB = 26.0, 15.0
_BEYOND = 25.0  # OD; vivid rosacea is 20 beyond the own face, 99.9 % of texels of 367 faces with acne 30
_FAINT = 12.0  # OD beyond the own face: next to ink it is ink, too, thinned or smeared by compression
_LEAST_LIGHT = 0.003  # linear, below which no ratio is taken
# Light beyond skin, in units of the face's own median R. Real faces, skin inflamed and painted +25 EI
# included, reach 0.46 in red and 0.1 in yellow, green and blue; ink has 0.5 to 2.
_INK = (0.50, 0.25, 0.25, 0.25)
_FAINT_INK = (0.03, 0.03, 0.03, 0.03)
_STRIDE = 3  # every so many texels in both directions give the face's own colour
_LEAST_TEXELS = 3  # of ink proper
_REACH, _RIM = 6, 2  # texels: faint ink this near to ink counts; so much around everything is left out
_FILL = (4.0, 16.0, 48.0)  # texels: of how far around skin is taken to fill in, the nearest that there is
_ENOUGH_AROUND = 0.05  # share of such surroundings that is skin
_LEAST_COSINE = 0.5  # beyond 60 degrees the background shines through a mesh that is a little off
_EDGE, _TOUCHING, _AT_EDGE = (
    12,
    3,
    0.8,
)  # texels, share: what lines the edge of what is seen is background or cloth


def leave_out_graphics(photo: Photo, face: Face, texture: FaceTexture) -> FaceTexture:
    """The texture without what people and programs lay over faces: ink, and covers over the eyes.

    What is under it leaves `inside`, so that nothing is calibrated on it or measured there.
    """
    drawn = find_drawn(texture.rgb, texture.inside, texture.cosine)
    if drawn.any():
        texture = replace(
            texture,
            rgb=fill_drawn(texture.rgb, drawn, texture.inside),
            inside=texture.inside & ~drawn,
            clipped=np.where(drawn, np.float32(0), texture.clipped),
            drawn=drawn,
        )
    if are_eyes_covered(photo, face):
        texture = replace(
            texture,
            inside=texture.inside & ~hidden_by_cover(texture.rgb),
            eyes_covered=True,
            detail=sharpness(texture.rgb, texture.density, eyes=False),
        )
    return texture


def find_drawn(rgb: FloatMap, inside: BoolMap, cosine: FloatMap) -> BoolMap:
    """Texels, (S, S), that carry ink or lie next to it, so that they say nothing about skin.

    `rgb`: (S, S, 3) linear sRGB. `inside`, `cosine`: as in FaceTexture. All False where nothing is drawn.
    Black, white and grey are no colour, and are left to the validity map.
    """
    seen = inside & (cosine > _LEAST_COSINE) & _bare()
    coarse = (slice(None, None, _STRIDE),) * 2
    own = rgb[coarse][seen[coarse] & load_canonical().skin[coarse]]
    nothing = np.zeros_like(inside)
    if not len(own):
        return nothing
    red, green, blue = np.maximum(np.median(own, axis=0), _LEAST_LIGHT).tolist()
    ratios = 100 * math.log10(red / green), 100 * math.log10(green / blue)
    floor = min(ratios[0], _USUAL_RG), min(ratios[1], _USUAL_GB)
    ceiling = max(ratios[0], _USUAL_RG), max(ratios[1], _USUAL_GB)
    ink = _exceeds_skin(rgb, floor, ceiling, _BEYOND, [red * share for share in _INK]) & seen
    if np.count_nonzero(ink) < _LEAST_TEXELS:
        return nothing
    faint = _exceeds_skin(rgb, ratios, ratios, _FAINT, [red * share for share in _FAINT_INK])
    near = cv2.dilate(ink.astype(np.uint8), _disc(_REACH)) > 0
    drawn = _joined(ink, ink | (faint & near & inside), _edge_distance(seen))
    around: BoolMap = cv2.dilate(drawn.astype(np.uint8), _disc(_RIM)) > 0
    return around & inside


def fill_drawn(rgb: FloatMap, drawn: BoolMap, inside: BoolMap) -> FloatMap:
    """Linear sRGB, (S, S, 3), with what lies around in place of the ink.

    Nothing is measured there. It keeps the ink from what is averaged or judged over the face as a whole.
    """
    filled, missing = rgb.copy(), drawn
    weight = (inside & ~drawn).astype(np.float32)
    for sigma in _FILL:
        near = cv2.GaussianBlur(weight, (0, 0), sigma)
        around = cv2.GaussianBlur(rgb * weight[..., None], (0, 0), sigma)
        known = missing & (near > _ENOUGH_AROUND)
        filled[known] = around[known] / near[known][:, None]
        missing = missing & ~known
    return filled


def _exceeds_skin(
    rgb: FloatMap,
    floor: tuple[float, float],
    ceiling: tuple[float, float],
    beyond: float,
    limits: Sequence[float],
) -> BoolMap:
    """Where there is more red, yellow, green or blue light than skin can have, (S, S).

    `floor`, `ceiling`: log R/G and log G/B of skin, OD; `beyond`: OD further that skin may go; `limits`:
    linear light of each colour from which more is too much.
    """
    red, green, blue = cv2.split(rgb)
    most_rg, most_gb = (10 ** ((ratio + beyond) / 100) for ratio in ceiling)
    most_gr, most_bg = (10 ** (max(beyond - ratio, 0.0) / 100) for ratio in floor)
    sides = (red, green, most_rg), (green, blue, most_gb), (green, red, most_gr), (blue, green, most_bg)
    found = np.zeros(rgb.shape[:2], np.uint8)
    for (more, less, most), limit in zip(sides, limits, strict=True):
        found |= cv2.compare(cv2.addWeighted(more, 1.0, less, -most, 0.0), limit, cv2.CMP_GT)
    exceeding: BoolMap = found > 0
    return exceeding


def _joined(ink: BoolMap, wide: BoolMap, depth: FloatMap) -> BoolMap:
    """Connected parts of `wide` with enough `ink` in them; none if all of them line the edge.

    `depth`: texels to the edge of what is seen.
    """
    count, label = cv2.connectedComponents(wide.astype(np.uint8))
    inked, size = (np.bincount(label[where], minlength=count) for where in (ink, wide))
    along, touching = (
        np.bincount(label[wide & (depth < far)], minlength=count) for far in (_EDGE, _TOUCHING)
    )
    enough = inked >= _LEAST_TEXELS
    enough[0] = False
    if not (enough & ((touching == 0) | (along < _AT_EDGE * size))).any():
        enough[:] = False
    return np.asarray(enough[label])


def _edge_distance(seen: BoolMap) -> FloatMap:
    """Texels to the edge of what is seen of the face."""
    filled = cv2.morphologyEx(seen.astype(np.uint8), cv2.MORPH_CLOSE, _disc(_REACH))
    return np.asarray(cv2.distanceTransform(filled, cv2.DIST_L2, 3), np.float32)


@cache
def _bare() -> BoolMap:
    """Where nobody has coloured lips, lids or irises, (S, S)."""
    mesh = load_canonical()
    painted = np.zeros((TEXTURE_SIZE, TEXTURE_SIZE), np.uint8)
    for outline in (LIPS_OUTER, *EYES):
        cv2.fillPoly(painted, [np.round(mesh.uv[list(outline)]).astype(np.int32)], 1)
    unpainted: BoolMap = cv2.dilate(painted, _disc(_REACH + 2)) == 0
    return mesh.on_mesh & unpainted


def _disc(radius: int) -> RgbPixels:
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1,) * 2), np.uint8)
