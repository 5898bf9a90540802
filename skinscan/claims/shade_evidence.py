"""What the shade stage found, and how a claim about a shade reads it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from skinscan.claims.claim import Order
from skinscan.claims.terms import DifferenceReading, Item

__all__ = ["ShadeEvidence", "read_difference", "read_item"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShadeEvidence:
    """The colour difference of the claim's question.

    For "not as shown" between the worn or swatch photo and the advertised colour; for "does not suit"
    between the shade and the skin. The interval holds every error: light, camera, segmentation, catalogue.
    """

    status: Literal["measured", "refused", "absent"]
    delta_e00_low: float = 0.0  # CIEDE2000
    delta_e00_high: float = 0.0  # CIEDE2000
    acceptable: float = 3.0  # CIEDE2000 that counts as acceptable on this skin
    direction: str = ""  # in words, en, e.g. "deeper, yellower"
    direction_zh: str = ""  # the same in Chinese
    reason: str = ""  # why it was refused
    unknown_sku: bool = False  # it was refused because the catalogue does not have the shade


def read_difference(shade: ShadeEvidence | None, acceptable: float | None) -> DifferenceReading:
    """Beyond or within only if the whole interval is. `acceptable`: the policy's limit; None: the skin's."""
    if shade is None or shade.status != "measured":
        return "absent"
    acceptable = shade.acceptable if acceptable is None else acceptable
    if shade.delta_e00_low > acceptable:
        return "beyond"
    return "within" if shade.delta_e00_high <= acceptable else "open"


def read_item(order: Order) -> Item:
    """Whether the item received is the one ordered."""
    if not order.ordered_sku or not order.received_sku:
        return "unknown"
    return "same" if order.ordered_sku == order.received_sku else "other"
