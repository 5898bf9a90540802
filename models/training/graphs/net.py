"""The network of skinmaps.onnx, once for both worlds: torch trains it, the ONNX graph runs it.

A small U-Net over the UV square at half resolution, with the face-wide terms joined at its bottom. `Ops` is
what a world must offer; every layer asks it for its weights by name.
"""

from __future__ import annotations

from typing import Protocol, TypeVar

__all__ = ["HEADS", "SCALARS", "Ops", "skin_net"]

T = TypeVar("T")

HEADS = ("erythema", "erythema_spread", "melanin", "melanin_spread", "shine", "shine_spread", "bare")
"""Channels that come out: what to add to EI and MI, raw shine, log of the spread of each, logit of skin."""

SCALARS = 3
"""Face-wide numbers that go in at the bottom."""

_WIDTHS = (32, 64, 96)  # at a quarter, an eighth and a sixteenth of the UV square


class Ops(Protocol[T]):
    """Images are (faces, channels, height, width)."""

    def conv(self, name: str, x: T, channels: int, size: int = 3, stride: int = 1) -> T:
        """Convolve, zero-padded, with bias."""

    def relu(self, x: T) -> T:
        """Set what is negative to zero."""

    def add(self, a: T, b: T) -> T:
        """Add with broadcasting."""

    def join(self, a: T, b: T) -> T:
        """Stack channels."""

    def up(self, x: T) -> T:
        """Double the size, nearest neighbour."""

    def unfold(self, x: T) -> T:
        """Every 2 x 2 pixels into the channels of one: (faces, 4 C, H / 2, W / 2), pixel before channel."""

    def fold(self, x: T) -> T:
        """Four channels into 2 x 2 pixels: (faces, C / 4, 2 H, 2 W), channel before pixel."""

    def mean(self, x: T) -> T:
        """Average over the image: (faces, channels, 1, 1)."""


def skin_net(ops: Ops[T], planes: T, scalars: T) -> T:
    """(faces, C, H, W) planes and (faces, SCALARS, 1, 1) to (faces, len(HEADS), H, W); H, W divisible by 8.

    All convolutions run at half of H and W or less: at full size CPUs wait for memory, not for products.
    """
    x = ops.relu(ops.conv("stem", ops.unfold(planes), _WIDTHS[0]))
    levels = []
    for depth, width in enumerate(_WIDTHS):
        if depth:
            x = ops.relu(ops.conv(f"down{depth}", x, width, stride=2))
        x = ops.add(x, ops.relu(ops.conv(f"same{depth}", x, width)))
        levels.append(x)
    whole = ops.relu(ops.conv("whole0", ops.join(ops.mean(x), scalars), _WIDTHS[-1], size=1))
    x = ops.add(x, ops.conv("whole1", whole, _WIDTHS[-1], size=1))
    x = ops.add(x, ops.relu(ops.conv("bottom", x, _WIDTHS[-1])))
    for depth in reversed(range(len(_WIDTHS) - 1)):
        x = ops.relu(ops.conv(f"up{depth}", ops.join(ops.up(x), levels[depth]), _WIDTHS[depth], size=1))
        x = ops.add(x, ops.relu(ops.conv(f"mend{depth}", x, _WIDTHS[depth])))
    return ops.fold(ops.conv("heads", x, 4 * len(HEADS), size=1))
