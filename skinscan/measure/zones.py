"""The face texture in, the visible part of each zone out."""

from __future__ import annotations

from types import MappingProxyType

from skinscan.facemesh.canonical_face import load_canonical
from skinscan.types import FaceTexture, Zones

__all__ = ["cut_zones"]


def cut_zones(texture: FaceTexture) -> Zones:
    """Cut the texture into zones; left and right are the person's own.

    Geometry only: what covers the skin (hair, glasses, beard) is the validity map's business.
    """
    mesh = load_canonical()
    inside = texture.inside.ravel()
    share = {
        name: float(area @ inside[mesh.zone_texels[name]] / area.sum())
        for name, area in mesh.zone_cm2.items()
    }
    masks = {name: mask & texture.inside for name, mask in mesh.zones.items()}
    return Zones(masks=MappingProxyType(masks), share=MappingProxyType(share))
