"""Two scans of one face laid on each other, texel by texel, once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from skinscan.change.identity import Identities
from skinscan.change.registration import register, warp
from skinscan.change.types import Registration
from skinscan.types import BoolMap, FloatMap, Scan

__all__ = ["AlignedPair", "Alignments"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AlignedPair:
    """Two scans, and how the texels of the second lie on those of the first."""

    first: Scan
    second: Scan
    registration: Registration

    def onto_first(self, plane: FloatMap) -> FloatMap:
        """A map of the second, (S, S) or (S, S, C), on the texels of the first."""
        return warp(plane, self.registration.flow)

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
        self._pairs: dict[tuple[int, int], AlignedPair] = {}

    def of(self, first: Scan, second: Scan) -> AlignedPair:
        """The pair, with `second` laid on `first`."""
        key = id(first), id(second)  # the pair keeps both scans alive, so that no id is used again
        if key not in self._pairs:
            registration = register(first.texture, second.texture)
            self._pairs[key] = AlignedPair(first=first, second=second, registration=registration)
        return self._pairs[key]

    def across(self, before: Sequence[Scan], after: Sequence[Scan]) -> Iterator[AlignedPair]:
        """Every photo of one side with every one of the other."""
        for first in before:
            for second in after:
                yield self.of(first, second)
