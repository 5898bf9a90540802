"""How light falls on a face: brightness of its skin by the way it looks, and what shading does not explain.

Skin is matt, and its irradiance over directions is close to one even part and one that rises towards the
light (spherical harmonics of first order; Ramamoorthi and Hanrahan 2001, JOSA A 18:2448). Fitted to the face
that gives the brightness of skin that looks into the camera, as a card beside the face does, wherever the
light comes from; and says which zones are darker than their shading.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from skinscan.facemesh.canonical_face import load_canonical
from skinscan.facemesh.zones import SKIN_ZONES
from skinscan.stats import SD_PER_MAD, median
from skinscan.types import Face, FloatArray, Indices, IntMap

__all__ = ["Shading", "fit_shading", "skin_normals"]

_DARKEST = 1e-3  # linear
_RIDGE = 1e-3  # towards light from everywhere
_ROBUST = 1.5  # robust SDs from which a texel counts less: shadow of the nose, hair, gloss
_LEAST = 10  # texels of a zone


@dataclass(frozen=True, slots=True, kw_only=True)
class Shading:
    """The fit."""

    facing: float  # linear R of this face's skin where it looks into the camera
    oblique: float  # per cent that 57 degrees of turning away from the camera would change it by
    darker: Mapping[str, float]  # zone -> OD that its skin is darker than shading makes it
    light: FloatArray  # (4,) linear R: even part, and what rises towards x right, y up, z to the camera

    def toward(self, normal: FloatArray) -> float:
        """Linear R of this face's skin where it looks along a unit vector (3,)."""
        return max(float(self.light[0] + self.light[1:] @ normal), _DARKEST)

    def darkness(self, normals: FloatArray, texel: Indices, red: FloatArray) -> FloatArray:
        """(n,) OD that texels of linear R (n,) are darker than the face's skin would be there.

        `normals` and `texel` as for `fit_shading`.
        """
        fitted = np.maximum(_design(normals, texel) @ self.light, _DARKEST)
        dark: FloatArray = 100 * np.log10(fitted / np.maximum(red, 0.1 * _DARKEST))
        return dark


def skin_normals(face: Face) -> FloatArray:
    """Unit normals (3, 468) of the mesh's vertices: x right in the photo, y up, z to the camera."""
    mesh = load_canonical()
    normals = mesh.vertex_normals(mesh.triangle_normals(face.landmarks[:468].astype(np.float64)))
    return normals * [[1.0], [-1.0], [-1.0]]  # photo y runs down, z away from the camera


def fit_shading(normals: FloatArray, zone: IntMap, texel: Indices, red: FloatArray) -> Shading:
    """Fit brightness over direction.

    `normals` (3, 468) of `skin_normals`, `zone` (n,) position in SKIN_ZONES, `texel` (n,) flat index on the
    UV square, `red` (n,) linear R.
    """
    design = _design(normals, texel)
    ridge = _RIDGE * len(red) * np.diag([0.0, 1.0, 1.0, 1.0])
    weight = np.ones(len(red))
    for _ in range(8):
        weighted = design.T * weight
        light = np.linalg.solve(weighted @ design + ridge, weighted @ red)
        fitted = np.maximum(design @ light, _DARKEST)
        off = np.abs(red - fitted) / fitted
        scale = SD_PER_MAD * median(off) + 1e-6
        weight = 1 / np.maximum(1, off / (_ROBUST * scale)) / np.maximum(fitted, 10 * _DARKEST) ** 2
    facing = max(float(light[0] + light[3]), _DARKEST)
    darker = 100 * np.log10(fitted / np.maximum(red, 0.1 * _DARKEST))
    zones = {name: darker[zone == number] for number, name in enumerate(SKIN_ZONES)}
    return Shading(
        facing=facing,
        oblique=100 * float(np.hypot(light[1], light[2])) / facing,
        darker=MappingProxyType({name: median(od) for name, od in zones.items() if len(od) >= _LEAST}),
        light=np.asarray(light, np.float64),
    )


def _design(normals: FloatArray, texel: Indices) -> FloatArray:
    """(n, 4) one and the unit normal of the skin."""
    normal = load_canonical().at(normals, texel)
    unit = normal / np.maximum(np.linalg.norm(normal, axis=0), 1e-9)
    return np.column_stack([np.ones(len(texel)), *unit])
