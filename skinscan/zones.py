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
    masks = {name: mask & texture.inside for name, mask in mesh.zones.items()}
    share = {
        name: float(mesh.area_cm2[mask].sum() / mesh.area_cm2[mesh.zones[name]].sum())
        for name, mask in masks.items()
    }
    return Zones(masks=MappingProxyType(masks), share=MappingProxyType(share))
