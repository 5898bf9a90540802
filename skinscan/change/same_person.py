"""Two scans in, how far they look like two people out: bones, the fine relief of the skin, and its tone.

A doubt about a pair, not an identification: nothing is stored, and the number means something for these two
photos only. It stands beside the network of identity.py, to which rendered people look alike. Landmarks alone
separate little, because their error is as large as what makes faces differ. Pores, moles and freckles lie
where they lie: after registration their relief correlates for one person, and for two people only as far as
all faces are alike.
"""

from __future__ import annotations

from skinscan.change.alignment import AlignedPair
from skinscan.change.face_shape import rigid_distance
from skinscan.types import SHOWS_PORES, Scan

__all__ = ["TONE_GAP", "face_distance", "tone_gap"]

TONE_GAP = 15.0
"""Degrees between the intervals of ITA from which two photos may show two people: one person, real, in other
lights, reached 6."""

_RELIEF_WEIGHT = 0.15  # inter-ocular distances that full correlation is worth [design]
_UNSEEN = 0.3  # correlation taken for granted where a photo is too small or soft to show any [design]


def face_distance(pair: AlignedPair) -> float:
    """Distance of the rigid landmarks in inter-ocular distances, less 0.15 times the correlation of relief.

    About -0.15 for two photos of one moment, 0 for one person years apart, up to +0.1 for two people.
    """
    first, second = pair.first, pair.second
    alike = pair.pores_alike()
    if not (_shows_pores(first) and _shows_pores(second)):
        alike = max(alike, _UNSEEN)
    return rigid_distance(first.face.landmarks, second.face.landmarks) - _RELIEF_WEIGHT * alike


def tone_gap(first: Scan, second: Scan) -> float:
    """Degrees of ITA between the 90 % intervals of the two skins; 0 where they meet or cannot be known.

    It is not known where the darker photo shows no white: dark skin and a dim lamp look alike then.
    """
    one, other = first.tone.ita, second.tone.ita
    if one is None or other is None:
        return 0.0
    darker = first if one.value < other.value else second
    if darker.light.white_balance.reference == "none":
        return 0.0
    return max(one.low - other.high, other.low - one.high, 0.0)


def _shows_pores(scan: Scan) -> bool:
    return scan.face.interocular_px >= SHOWS_PORES[0] and scan.texture.detail >= SHOWS_PORES[1]
