"""Photo and face in, the unwrapped face out: one UV square in linear light, alike for every photo."""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType

import cv2
import numpy as np
from numpy.typing import NDArray

from skinscan.color import SRGB_DECODE_LUT
from skinscan.facemesh.canonical_face import CanonicalFace, load_canonical
from skinscan.measure.chart import correct
from skinscan.stats import median, quantile
from skinscan.types import TEXTURE_SIZE, BoolMap, Card, Face, FaceTexture, FloatMap, Photo, RgbPixels

__all__ = ["unwrap", "visible_zones"]

_INTEROCULAR_TEXELS = 90.0  # inter-ocular distance at which photo pixels and texels are of about one size
_MARGIN = 4  # px of photo kept around the mesh, for interpolation
_HIGH, _LOW = 250, 3  # 8-bit codes from which a channel counts as clipped (JPEG rings around 255 and 0)
_CLIPPED_SHARE = 1 - np.arange(256, dtype=np.float32) / 255  # by the share of kept pixels, 0..255
_STRIP = 16  # reduced rows made at once: linear light of a whole large face would not fit the cache
_TURNED = 10.0  # degrees of yaw below which nothing hides behind the nose
_MIN_COSINE = 0.20  # beyond 78 degrees a texel is smeared over less than a fifth of its width
_DEPTH_CELLS = 96  # side of the coarse depth buffer that finds skin hidden behind the nose
_DEPTH_TOLERANCE = 0.35  # of the inter-ocular distance; landmark depth is no better than that
_MOUTH = slice(160, 192), slice(96, 160)
_MOUTH_SOFTER = 1.5  # sharpness of the eyes over that of the mouth, usually; 640 real faces 1.0 .. 2.3
_EYE_SHOWN = 0.4  # of the other eye's photo pixels per texel: beyond 35 to 40 degrees of yaw
_EYE_ROWS, _EYE_COLUMNS = slice(88, 108), (slice(62, 104), slice(152, 194))  # lids, lashes, iris: sharp edges


def unwrap(photo: Photo, face: Face, card: Card | None = None) -> FaceTexture:
    """Unwrap the face to the UV square, in the colours that a usable card gives.

    Averages are taken in linear light, where they mean something; a face more than twice as large as the
    square is reduced by area first, so that no pixel is skipped.
    """
    mesh = load_canonical()
    points = face.landmarks[:468]
    height, width = photo.pixels.shape[:2]
    factor = max(1, int(face.interocular_px / _INTEROCULAR_TEXELS))
    margin = _MARGIN + factor
    low = np.maximum(np.floor(points[:, :2].min(axis=0)).astype(int) - margin, 0)
    high = np.minimum(np.ceil(points[:, :2].max(axis=0)).astype(int) + margin + 1, (width, height))
    high = low + np.maximum((high - low) // factor, 1) * factor
    pixels = _reduce(photo.pixels[low[1] : high[1], low[0] : high[0]], factor)
    triangle_normals = mesh.triangle_normals(points)
    facing = -mesh.vertex_normals(triangle_normals)[2]  # z runs away from the camera
    planes = mesh.at_texels(np.column_stack([points, facing]))
    x, y, depth, cosine = planes
    scale = np.float32(1 / factor)
    # Texels off the mesh are sampled, too; outside the picture that takes three times as long.
    column, row = (
        np.maximum((p - np.float32(start - 0.5)) * scale - np.float32(0.5), 0)
        for p, start in ((x, low[0]), (y, low[1]))
    )
    texels = cv2.remap(pixels, column, row, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    rgb, share = cv2.cvtColor(texels, cv2.COLOR_RGBA2RGB), cv2.extractChannel(texels, 3)
    if card is not None and card.fit is not None:
        rgb = correct(rgb, card.fit).astype(np.float32)
    inside = mesh.on_mesh & (cosine > _MIN_COSINE) & (x >= 0) & (y >= 0) & (x < width) & (y < height)
    if abs(face.pose.yaw) > _TURNED:
        inside.ravel()[mesh.texel[_hidden(x, y, depth, mesh, face.interocular_px)]] = False
    areas = np.abs(triangle_normals[2]) / 2 / mesh.uv_area
    density = np.append(areas, 0).astype(np.float32).take(mesh.owner)
    return FaceTexture(
        rgb=rgb, inside=inside, drawn=np.zeros_like(inside), eyes_covered=False, clipped=share,
        cosine=np.clip(cosine, 0, 1), density=density, detail=sharpness(rgb, density),
        photo_xy=planes[:2].copy(),
    )  # fmt: skip


def _reduce(crop: RgbPixels, factor: int) -> FloatMap:
    """Linear light of the crop and, as a fourth channel, its clipped share, `factor` squared pixels made one.

    One picture of four channels is sampled in a third of the time of two of three and one.
    """
    strips = [crop[row : row + _STRIP * factor] for row in range(0, len(crop), _STRIP * factor)]
    reduced = [_reduce_strip(strip, factor) for strip in strips]
    light, kept = (np.concatenate(parts) for parts in zip(*reduced, strict=True))
    pixels: FloatMap = cv2.cvtColor(light, cv2.COLOR_RGB2RGBA)
    cv2.insertChannel(cv2.LUT(kept, _CLIPPED_SHARE), pixels, 3)
    return pixels


def _reduce_strip(crop: RgbPixels, factor: int) -> tuple[FloatMap, NDArray[np.uint8]]:
    """Linear light, and which pixels are not clipped, 0 to 255: the mean of each square."""
    light = cv2.LUT(crop, SRGB_DECODE_LUT)
    kept = cv2.inRange(crop, (_LOW + 1,) * 3, (_HIGH - 1,) * 3)
    if factor > 1:
        size = (crop.shape[1] // factor, crop.shape[0] // factor)
        light, kept = (cv2.resize(image, size, interpolation=cv2.INTER_AREA) for image in (light, kept))
    return np.asarray(light, np.float32), np.asarray(kept, np.uint8)


def _hidden(x: FloatMap, y: FloatMap, depth: FloatMap, mesh: CanonicalFace, interocular_px: float) -> BoolMap:
    """Which texels of the mesh, (M,), lie well behind another part of the face."""
    u, v, z = (plane.ravel()[mesh.texel] for plane in (x, y, depth))
    columns, rows = ((p - p.min()) * ((_DEPTH_CELLS - 1) / max(float(np.ptp(p)), 1e-6)) for p in (u, v))
    cell = rows.astype(np.int32) * _DEPTH_CELLS + columns.astype(np.int32)
    nearest = np.full(_DEPTH_CELLS * _DEPTH_CELLS, np.inf, np.float32)
    np.minimum.at(nearest, cell, z)
    hidden: BoolMap = z > nearest[cell] + _DEPTH_TOLERANCE * interocular_px
    return hidden


def sharpness(rgb: FloatMap, density: FloatMap, *, eyes: bool = True) -> float:
    """Sharpness at texel scale, 1/texel: steepest edge of the eyes over their contrast.

    A step that is sharp at this scale gives 0.3..0.45, a blur of 3 texels 0.1..0.2. Where the lid's fold is
    squeezed into few texels any blur looks sharp, so slopes count per texel of usual size. Without `eyes` it
    is told from the mouth, which is softer. An eye turned away is not asked: it lies on nose or background.
    """
    if not eyes:
        return _MOUTH_SOFTER * _steepest(rgb[_MOUTH], density[_MOUTH])
    shown = [median(density[_EYE_ROWS, side]) for side in _EYE_COLUMNS]
    sides = [side for side, seen in zip(_EYE_COLUMNS, shown, strict=True) if seen >= _EYE_SHOWN * max(shown)]
    return max(_steepest(rgb[_EYE_ROWS, side], density[_EYE_ROWS, side]) for side in sides)


def _steepest(rgb: FloatMap, pixels: FloatMap) -> float:
    """Steepest edge over the contrast of a piece of the texture; `pixels` of photo in each texel."""
    tone = np.sqrt(np.maximum(rgb[..., 1], 0))
    low, high = quantile(tone, 0.02), quantile(tone, 0.98)
    slope = cv2.Sobel(tone, cv2.CV_32F, 1, 0) ** 2 + cv2.Sobel(tone, cv2.CV_32F, 0, 1) ** 2
    slope *= np.minimum(1, median(pixels) / np.maximum(pixels, 1e-6))
    return math.sqrt(quantile(slope, 0.99)) / 8 / max(high - low, 1e-3)


assert TEXTURE_SIZE == 256  # the eye boxes above are in texels of this square


def visible_zones(texture: FaceTexture) -> Mapping[str, BoolMap]:
    """Zone name to mask (S, S): in the zone, on the mesh, facing the camera; disjoint, in the order of ZONES.

    Left and right are the person's own. Geometry only: what covers the skin (hair, glasses, beard) is the
    validity map's business.
    """
    return MappingProxyType({name: mask & texture.inside for name, mask in load_canonical().zones.items()})
