"""A comparison in; the same without any verdict out, where it is not certain that there is one to give."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

from skinscan.change.types import Change, Delta, ZoneChange

__all__ = ["withhold"]


def withhold(change: Change) -> Change:
    """`change`, with every verdict "inconclusive" if there is a doubt that forbids one (`Change.doubt`).

    What was measured stays: a person who knows who is shown can still read it.
    """
    if change.doubt is None:
        return change
    face = change.face and replace(
        change.face, erythema_index=_open(change.face.erythema_index), local="inconclusive"
    )
    return replace(
        change, verdict="inconclusive", face=face, area=change.area and _open_zone(change.area),
        zones=MappingProxyType({name: _open_zone(zone) for name, zone in change.zones.items()}),
    )  # fmt: skip


def _open_zone(zone: ZoneChange) -> ZoneChange:
    lightness, a, b = zone.lab
    return replace(
        zone,
        erythema_index=_open(zone.erythema_index),
        melanin_index=_open(zone.melanin_index),
        shine=_open(zone.shine),
        lab=(_open(lightness), _open(a), _open(b)),
    )


def _open(delta: Delta) -> Delta:
    return replace(delta, verdict="inconclusive")
