"""A face at working size, and the texel of its texture under every pixel: to draw UV maps on the photo."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from skinscan.facemesh.canonical_face import load_canonical
from skinscan.types import Face, FloatArray, FloatMap, Photo, RgbPixels

__all__ = ["FaceCrop", "crop_face", "texels_under"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FaceCrop:
    """The photo about a face, (H, W) pixels."""

    photo: RgbPixels  # (H, W, 3) uint8 sRGB
    column: FloatMap  # (H, W) UV texel column under each pixel; -1 off the mesh
    row: FloatMap  # (H, W) UV texel row under each pixel; -1 off the mesh
    points: FloatArray  # (468, 2) x and y of the mesh's vertices, px

    def to_photo(self, texels: FloatMap) -> FloatMap:
        """A UV map as seen in the photo, (H, W); 0 off the mesh."""
        seen: FloatMap = cv2.remap(texels, self.column, self.row, cv2.INTER_LINEAR)
        seen[self.column < 0] = 0
        return seen


def crop_face(
    photo: Photo, face: Face, around: tuple[float, float, float, float], size: tuple[int, int]
) -> FaceCrop:
    """Crop the photo about a face and bring it to the largest scale that fits.

    `photo`: left as it is. `face`: its mesh, in the photo's pixels. `around`: margins left, above, right and
    below the mesh, as shares of its width or height; they end at the photo's edge. `size`: most width and
    height, px.
    """
    points = face.landmarks[:468].astype(np.float64)
    low, high = points[:, :2].min(axis=0), points[:, :2].max(axis=0)
    height, width = photo.pixels.shape[:2]
    first = np.maximum(np.floor(low - (high - low) * around[:2]), 0).astype(int)
    last = np.minimum(np.ceil(high + (high - low) * around[2:]), (width, height)).astype(int)
    crop = photo.pixels[first[1] : last[1], first[0] : last[0]]
    scale = min(size[0] / crop.shape[1], size[1] / crop.shape[0])
    target = round(crop.shape[1] * scale), round(crop.shape[0] * scale)
    points[:, :2] = (points[:, :2] - (first - 0.5)) * scale - 0.5
    column, row = texels_under(points, target)
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    resized = cv2.resize(crop, target, interpolation=how)
    return FaceCrop(photo=resized, column=column, row=row, points=points[:, :2])


def texels_under(points: FloatArray, size: tuple[int, int]) -> tuple[FloatMap, FloatMap]:
    """UV texel column and row under each pixel, the nearest triangle on top; -1 off the mesh."""
    mesh = load_canonical()
    corners = points[mesh.triangles, :2]  # (T, 3, 2)
    a, b, c = np.moveaxis(corners, 1, 0)
    facing = (b - a)[:, 1] * (c - a)[:, 0] - (b - a)[:, 0] * (c - a)[:, 1] > 1e-6  # photo y runs down
    far_to_near = np.argsort(-points[mesh.triangles, 2].mean(axis=1))
    owner = np.full(size[::-1], -1, np.int32)
    for number in far_to_near[facing[far_to_near]]:
        cv2.fillConvexPoly(owner, np.round(corners[number] * 16).astype(np.int32), int(number), shift=4)
    rows, columns = np.nonzero(owner >= 0)
    to_uv = _affine(corners[facing], mesh.uv[mesh.triangles[facing]].astype(np.float64))
    of_triangle = np.cumsum(facing) - 1
    at = np.stack([columns, rows, np.ones(len(rows))], axis=-1)
    under = np.full((*owner.shape, 2), -1, np.float32)
    under[rows, columns] = np.einsum("nij,ni->nj", to_uv[of_triangle[owner[rows, columns]]], at)
    return np.ascontiguousarray(under[..., 0]), np.ascontiguousarray(under[..., 1])


def _affine(source: FloatArray, target: FloatArray) -> FloatArray:
    """Matrices (T, 3, 2) that take (x, y, 1) of triangles (T, 3, 2) to those of `target`."""
    solved: FloatArray = np.linalg.solve(np.concatenate([source, np.ones_like(source[..., :1])], -1), target)
    return solved
