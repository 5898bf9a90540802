"""A comparison in; the same without any verdict out, where it is not certain that there is one to give."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

from skinscan.change.types import VERDICT_DOUBTS, Change, Delta, ZoneChange

__all__ = ["withhold"]


_OF_THE_WHOLE = frozenset({"DRAWN_ON", "NO_CONTROL"})
"""Doubts that leave what single zones say: skin beside a drawing is measured, and so is a flush."""


def withhold(change: Change) -> Change:
    """`change` without its verdict if there is a doubt that forbids one (`Change.doubt`).

    What was measured stays: a person who knows more about the photos can still read it. Zones keep a verdict
    of their own only where every doubt is one of the whole.
    """
    if change.doubt is None:
        return change
    codes = {finding.code for finding in change.findings} & VERDICT_DOUBTS
    zones = change.zones
    if codes - _OF_THE_WHOLE:
        zones = MappingProxyType({name: _open_zone(zone) for name, zone in zones.items()})
    face = change.face and replace(
        change.face, erythema_index=_open(change.face.erythema_index), local="inconclusive"
    )
    return replace(
        change, verdict="inconclusive", face=face, area=change.area and _open_zone(change.area), zones=zones,
        blemishes=change.blemishes and replace(change.blemishes, verdict="inconclusive"),
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
