"""Scans of both sides in, what forbids or weakens comparing them out.

Whether two photos show one person is a doubt, not an identification: see identity.py and same_person.py.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Literal

import cv2
import numpy as np

from skinscan.change.alignment import AlignedPair, Alignments, turned
from skinscan.change.face_shape import expression_change, size_in_frame
from skinscan.change.identity import DOUBTED_PERSON, OTHER_PERSON, SURELY_ONE
from skinscan.change.makeup_and_filters import lip_color_difference, smoothing
from skinscan.change.same_person import TONE_GAP, face_distance, tone_gap
from skinscan.change.types import Finding
from skinscan.facemesh.canonical_face import load_canonical
from skinscan.facemesh.view import side_shown
from skinscan.texts.bilingual import advise
from skinscan.types import BoolMap, FaceTexture, Scan

__all__ = ["check_pairs", "from_collage", "no_control"]

_COPY_HASH = 10  # of 256 bits that may differ between a photo and its re-encoded, resized, re-exposed copy
_COPY_RELIEF = 0.985  # correlation of the relief of such copies
_MIRROR_RELIEF, _MIRROR_GAIN = 0.85, 0.1  # correlation of the flipped relief, and by how much it fits better
# Unlikeness: rendered people of one sitting reach -0.004, real ones of other years and poses 0.026. The
# second limit is for faces that the network takes for one: it doubts one in 129 real pairs of one person.
_OTHER_SHAPE, _UNLIKE_SHAPE, _DOUBTED_SHAPE = 0.028, 0.015, 0.01
_POSE = 25.0  # degrees between the poses: a cheek's shading and area are no longer alike
_POSE_REFUSED = 40.0
_RESOLUTION = 3.0  # ratio of the inter-ocular distances
# Ratio of the face's size in the frame, and inter-ocular distances that landmarks moved: what the noise model
# has seen of camera distance (15 and 30 cm, 45 and 60 cm) and of expression (19 of 20 London smiles 0.08).
_DISTANCE, _EXPRESSION = 1.5, 0.1
# Sharpness of the eyes over what a blur to the same skin would leave: blurred copies reach 1.02, filtered
# ones 1.2 to 2. 180 rendered pairs without either reach 1.33, 2 of them with a ratio of relief above 1.9.
_FILTERED, _FINISHED, _SMOOTHER = 1.15, 1.3, 1.9
_LIPSTICK = (
    25.0  # OD: 45 real and 180 rendered pairs of one person without lipstick reach 20, one with 51 to 65
)


def check_pairs(
    before: Sequence[Scan], after: Sequence[Scan], alignments: Alignments, *, allow_copies: bool
) -> tuple[Finding, ...]:
    """All findings, those that refuse first; each code once, for the pair where it is worst.

    `before` and `after`: scans of each side; every one is paired with every one of the other. `alignments`:
    gives those pairs, and how far apart the faces are. `allow_copies`: whether copies of one photo are passed
    over.
    """
    worst: dict[str, Finding] = {}
    back = turned(before, after)
    for first, second in itertools.product(before, after):
        # As the change is worked out, so that a pair is registered in one direction only.
        pair = alignments.of(second, first) if back else alignments.of(first, second)
        for finding in _pair(first, second, pair, alignments, allow_copies=allow_copies):
            known = worst.get(finding.code)
            if known is None or finding.refuses > known.refuses:
                worst[finding.code] = finding
    return tuple(sorted(worst.values(), key=lambda finding: not finding.refuses))


def no_control(share: float, *, refuses: bool) -> Finding:
    """Too little skin that has surely not changed."""
    return _finding("NO_CONTROL", refuses, share, 0.5)


def from_collage(before: Literal["left", "right", "upper", "lower"]) -> Finding:
    """Which part of one picture was taken for before: nobody has said so, and it can be turned round."""
    return _finding("COLLAGE", False, 1.0, 1.0, kind=before)


def _pair(
    first: Scan, second: Scan, pair: AlignedPair, alignments: Alignments, *, allow_copies: bool
) -> Iterator[Finding]:
    if not allow_copies:
        if first.photo.sha256 == second.photo.sha256:
            yield _finding("SAME_PHOTO", True, 1.0, 1.0)
            return
        yield from _copies(pair)
    yield from _person(pair, alignments)
    yield from _geometry(first, second)
    yield from _drawing(first, second)
    yield from _retouching(first, second)
    yield from _dates(first, second)


def _copies(pair: AlignedPair) -> Iterator[Finding]:
    """A re-encoded or mirrored copy: pores, noise and light are the same, which two moments never are."""
    plain = pair.shift.correlation
    first, second = (_hash(scan.texture) for scan in (pair.first, pair.second))
    if np.count_nonzero(first != second) <= _COPY_HASH and plain >= _COPY_RELIEF:
        yield _finding("NEAR_DUPLICATE", True, plain, _COPY_RELIEF)
    if plain + _MIRROR_GAIN >= 1:
        return
    mirrored = pair.mirrored()
    if mirrored >= _MIRROR_RELIEF and mirrored > plain + _MIRROR_GAIN:
        yield _finding("MIRRORED_COPY", True, mirrored, _MIRROR_RELIEF)


def _hash(texture: FaceTexture) -> BoolMap:
    """256 bits: which of neighbouring cells of the face is brighter, horizontally and vertically."""
    grey = np.log10(np.maximum(texture.rgb[..., 1], 1e-3))
    small = cv2.resize(grey[40:232, 32:224], (12, 12), interpolation=cv2.INTER_AREA)
    bits: BoolMap = np.concatenate(
        [(np.diff(small, axis=1) > 0).ravel(), (np.diff(small, axis=0) > 0).ravel()]
    )
    return bits


def _person(pair: AlignedPair, alignments: Alignments) -> Iterator[Finding]:
    """Whether both show one person; without the network by what landmarks and pores say, which is less."""
    if alignments.identities is None:
        yield _finding("PERSON_NOT_CHECKED", False, 0.0, 0.0)
        yield from _by_shape(pair, alignments)
        return
    apart = alignments.identities.distance(pair.first, pair.second)
    if apart <= SURELY_ONE:
        return
    shape = _unlikeness(pair, alignments, _UNLIKE_SHAPE)
    sure = apart > OTHER_PERSON or (apart > DOUBTED_PERSON and shape > _UNLIKE_SHAPE)
    if sure and _turn(pair.first, pair.second) <= _POSE:
        yield _finding("PROBABLY_ANOTHER_PERSON", True, apart, DOUBTED_PERSON)
    elif apart > DOUBTED_PERSON:
        yield _finding("MAYBE_ANOTHER_PERSON", False, apart, DOUBTED_PERSON)
    elif shape > _UNLIKE_SHAPE:
        yield _finding("MAYBE_ANOTHER_PERSON", False, shape, _UNLIKE_SHAPE)
    gap = tone_gap(pair.first, pair.second)
    if gap > TONE_GAP:
        yield _finding("SKIN_TONE_DIFFERS", False, gap, TONE_GAP)


def _by_shape(pair: AlignedPair, alignments: Alignments) -> Iterator[Finding]:
    shape = _unlikeness(pair, alignments, _DOUBTED_SHAPE)
    if shape > _OTHER_SHAPE and _turn(pair.first, pair.second) <= _POSE:
        yield _finding("PROBABLY_ANOTHER_PERSON", True, shape, _OTHER_SHAPE)
    elif shape > _DOUBTED_SHAPE:
        yield _finding("MAYBE_ANOTHER_PERSON", False, shape, _DOUBTED_SHAPE)


def _unlikeness(pair: AlignedPair, alignments: Alignments, limit: float) -> float:
    """The better of both directions: a profile laid on a frontal face finds less."""
    apart = face_distance(pair)
    if apart > limit:
        apart = min(apart, face_distance(alignments.of(pair.second, pair.first)))
    return apart


def _turn(first: Scan, second: Scan) -> float:
    """Degrees between the two poses, roll apart."""
    a, b = first.face.pose, second.face.pose
    return float(np.hypot(a.yaw - b.yaw, a.pitch - b.pitch))


def _geometry(first: Scan, second: Scan) -> Iterator[Finding]:
    turn = _turn(first, second)
    sides = {side_shown(scan.face.pose) for scan in (first, second)}
    if sides == {"left", "right"}:
        yield _finding("OPPOSITE_SIDES", True, turn, _POSE)
    if turn > _POSE:
        yield _finding("POSE_DIFFERS", turn > _POSE_REFUSED, turn, _POSE)
    sizes = sorted(scan.face.interocular_px for scan in (first, second))
    if sizes[1] > _RESOLUTION * sizes[0]:
        yield _finding("RESOLUTION_DIFFERS", False, sizes[1] / sizes[0], _RESOLUTION)
    framed = sorted(size_in_frame(scan) for scan in (first, second))
    if framed[1] > _DISTANCE * framed[0]:
        yield _finding("CAMERA_DISTANCE_DIFFERS", False, framed[1] / framed[0], _DISTANCE)
    moved = expression_change(first.face.landmarks, second.face.landmarks)
    if moved > _EXPRESSION and turn <= _POSE:  # a turned head's landmarks are guessed
        yield _finding("EXPRESSION_DIFFERS", False, moved, _EXPRESSION)


def _drawing(first: Scan, second: Scan) -> Iterator[Finding]:
    """Circles, arrows, text on either side: what they hide is in no number, and who drew them is unknown."""
    area = load_canonical().area_cm2
    drawn = max(float(area[scan.texture.drawn].sum()) for scan in (first, second))
    if drawn > 0:
        yield _finding("DRAWN_ON", False, drawn, 0.0)


def _retouching(first: Scan, second: Scan) -> Iterator[Finding]:
    """A filter on one side: no pores, and no blur explains it. Make-up, or a mild filter."""
    with_eyes = not (first.texture.eyes_covered or second.texture.eyes_covered)
    found = smoothing(first, second) if with_eyes else None
    flagged = ["BEAUTY_FILTER" in s.quality.failed_checks for s in (first, second)]
    if found and flagged[0] != flagged[1] and flagged[found.second] and found.excess > _FILTERED:
        yield _finding("FILTER_ON_ONE_SIDE", True, found.excess, _FILTERED)
    elif found and found.ratio > _SMOOTHER and found.excess > _FINISHED:
        yield _finding("SKIN_FINISH_DIFFERS", False, found.excess, _FINISHED)
    painted = lip_color_difference(first, second)
    if painted > _LIPSTICK:
        yield _finding("MAKEUP_ON_ONE_SIDE", False, painted, _LIPSTICK)


def _dates(first: Scan, second: Scan) -> Iterator[Finding]:
    taken = [scan.photo.capture.taken_at for scan in (first, second)]
    if taken[0] and taken[1] and taken[0] > taken[1]:
        yield _finding("DATES_REVERSED", False, 1.0, 1.0)


def _finding(code: str, refuses: bool, value: float, limit: float, kind: str | None = None) -> Finding:
    """`kind`: which of the reasons that share the code, if several do."""
    return Finding(
        code=code, refuses=refuses, value=round(float(value), 3), limit=limit,
        reason=advise(f"{code} {kind} reason" if kind else f"{code} reason"), advice=advise(f"{code} advice"),
    )  # fmt: skip
