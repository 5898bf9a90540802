"""Two scans of one face laid on each other, texel by texel, once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property

from skinscan.change.identity import Identities
from skinscan.change.registration import (
    Relief,
    Shift,
    alike_unmoved,
    correlation,
    find_shift,
    judge,
    pores,
    relief,
    warp,
)
from skinscan.change.types import Registration
from skinscan.types import BoolMap, FloatMap, Scan

__all__ = ["AlignedPair", "Alignments", "Reliefs", "turned"]

_MAYBE_MIRRORED = 0.35
"""Correlation before registration: mirrored copies have 0.6 and more, half of all other pairs below 0.3."""


class Reliefs:
    """Relief and pores of the faces of one comparison or series, computed once each."""

    def __init__(self) -> None:
        """None is known yet."""
        # The scans are kept so that no id is used again.
        self._reliefs: dict[int, tuple[Scan, Relief]] = {}
        self._pores: dict[int, tuple[Scan, FloatMap]] = {}

    def of(self, scan: Scan) -> Relief:
        """What the scan's texture is registered by."""
        if id(scan) not in self._reliefs:
            self._reliefs[id(scan)] = scan, relief(scan.texture)
        return self._reliefs[id(scan)][1]

    def pores(self, scan: Scan) -> FloatMap:
        """(S, S) OD, its finest relief."""
        if id(scan) not in self._pores:
            self._pores[id(scan)] = scan, pores(scan.texture)
        return self._pores[id(scan)][1]


class AlignedPair:
    """Two scans, and how the texels of the second lie on those of the first; found when first asked for."""

    def __init__(self, first: Scan, second: Scan, reliefs: Reliefs) -> None:
        """`first` and `second`: scans of one face; `reliefs`: gives theirs."""
        self.first = first
        self.second = second
        self._reliefs = reliefs

    def __eq__(self, other: object) -> bool:
        """By the photos: all else follows from them."""
        return isinstance(other, AlignedPair) and (self.first, self.second) == (other.first, other.second)

    __hash__ = None  # type: ignore[assignment]  # as of any value that holds an array

    def __reduce__(self) -> tuple[object, ...]:
        return AlignedPair, (self.first, self.second, Reliefs())

    @cached_property
    def shift(self) -> Shift:
        """Where the texels of the first lie in the second."""
        return find_shift(self._reliefs.of(self.first), self._reliefs.of(self.second))

    @cached_property
    def registration(self) -> Registration:
        """The same, and how sure it is."""
        return judge(self._reliefs.of(self.first), self._reliefs.of(self.second), self.shift)

    def mirrored(self) -> float:
        """Correlation -1..1 of the first's relief with that of the second turned to its mirror image.

        Before they are registered where that tells already that one is no mirrored copy of the other.
        """
        first, second = self._reliefs.of(self.first), self._reliefs.of(self.second).flipped()
        unmoved = alike_unmoved(first, second)
        return unmoved if unmoved < _MAYBE_MIRRORED else find_shift(first, second).correlation

    def pores_alike(self) -> float:
        """Correlation -1..1 of the finest relief of bare skin, laid on each other."""
        first, second = self._reliefs.pores(self.first), self._reliefs.pores(self.second)
        return correlation(first, self.onto_first(second), self.both)

    def onto_first(self, plane: FloatMap) -> FloatMap:
        """A map of the second, (S, S) or (S, S, C), on the texels of the first."""
        return warp(plane, self.shift.flow)

    @property
    def both(self) -> BoolMap:
        """(S, S): bare skin by both validity maps, as the mesh laid them."""
        return self.first.maps.valid & self.second.maps.valid


class Alignments:
    """The pairs of one comparison or series: each is registered once, when it is first asked for.

    Registration is not symmetric: the two directions of a pair are two entries. `identities`: how far apart
    their faces are; None where that must not be asked.
    """

    def __init__(self, *, identity: bool = True) -> None:
        """Nothing is aligned yet. `identity`: whether a face verification network may compare the faces."""
        self.identities = Identities() if identity else None
        self._reliefs = Reliefs()
        self._pairs: dict[tuple[int, int], AlignedPair] = {}

    def of(self, first: Scan, second: Scan) -> AlignedPair:
        """The pair, with `second` laid on `first`."""
        key = id(first), id(second)  # the pair keeps both scans alive, so that no id is used again
        if key not in self._pairs:
            self._pairs[key] = AlignedPair(first, second, self._reliefs)
        return self._pairs[key]

    def across(self, before: Sequence[Scan], after: Sequence[Scan]) -> Iterator[AlignedPair]:
        """Every photo of one side with every one of the other."""
        for first in before:
            for second in after:
                yield self.of(first, second)


def turned(before: Sequence[Scan], after: Sequence[Scan]) -> bool:
    """Whether `after` is the side that the other is laid on.

    By the photos' SHA-256, so that swapping the sides swaps nothing but the sign of what is found.
    """
    return _key(after) < _key(before)


def _key(scans: Sequence[Scan]) -> list[str]:
    return sorted(scan.photo.sha256 for scan in scans)
