"""The face texture in, the visible part of each zone out."""

from __future__ import annotations

from types import MappingProxyType

from skinscan.canonical import load_canonical
from skinscan.types import FaceTexture, Zones

__all__ = ["cut_zones"]


def cut_zones(texture: FaceTexture) -> Zones:
    """Cut the texture into zones; left and right are the person's own.

    Geometry only: what covers the skin (hair, glasses, beard) is the validity map's business.
    """
    mesh = load_canonical()
    inside, area = texture.inside.ravel(), mesh.area_cm2.ravel()
    share = {
        name: float(area[texels] @ inside[texels] / area[texels].sum())
        for name, texels in mesh.zone_texels.items()
    }
    masks = {name: mask & texture.inside for name, mask in mesh.zones.items()}
    return Zones(masks=MappingProxyType(masks), share=MappingProxyType(share))
