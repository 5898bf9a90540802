"""Areas of the report form against zones of the face."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from skinscan.claims.vocabulary import Area

__all__ = ["ZONES_OF", "claimed_zones"]

ZONES_OF: Mapping[Area, tuple[str, ...]] = MappingProxyType(
    {
        "forehead": ("forehead", "glabella"),
        # 颊 reaches from the cheekbone to the lower jaw, for which the form has no word of its own.
        "cheek": ("left_cheek", "right_cheek", "left_jaw", "right_jaw"),
        "periocular": ("left_under_eye", "right_under_eye"),
        "nose": ("nose",),
        "perioral": ("perioral",),
        "chin": ("chin",),
    }
)
"""Form area -> zones that are measured there. Lips, scalp, ears, neck and "elsewhere" are not measured."""


def claimed_zones(areas: Iterable[Area]) -> str | None:
    """The zones of these areas as `compare` takes them; None if none of them is measured."""
    wanted = set(areas)
    zones = [zone for area, its in ZONES_OF.items() if area in wanted for zone in its]
    return ",".join(zones) or None
