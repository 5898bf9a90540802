"""Two scans in, how far apart a face verification network finds their faces out.

The network makes 128 numbers of a face. They are a template of that face, so they stay in the object that
compares a pair or a series, are never written anywhere, and go with it: only distances leave.
"""

from __future__ import annotations

from typing import NoReturn

import cv2
import numpy as np

from skinscan.runtime.onnx_models import open_onnx
from skinscan.types import Face, FloatMap, Photo, RgbPixels, Scan

__all__ = ["DOUBTED_PERSON", "OTHER_PERSON", "PLAINLY_ONE", "SURELY_ONE", "Identities", "cut_out"]

OTHER_PERSON, DOUBTED_PERSON, SURELY_ONE = 0.45, 0.38, 0.15
"""Distances: refused above, doubted above, nobody else below.

Real people on other days, in other lights and poses reach 0.36, with 40 px between the eyes or strong JPEG
0.38. Of pairs of two people 0.2 % lie below 0.38, 4 % below 0.45, none below 0.15, rendered ones neither.
"""

PLAINLY_ONE = 0.20
"""Distance up to which money may move without somebody looking at the two faces.

The nearest of 5,479 pairs of two real people lie 0.34 apart, but kin, whom no set at hand holds, are more
alike. Rendered people stand for them: of two with one tone 1.5 % lie below. Of real pairs of one person 44
of 50 of one sitting pass, and 5 of 51 of other days, mostly years apart: the rest is looked at. [design]
"""

_SIDE = 150  # px, as the network takes a face
_CORNERS = ((33, 133), (263, 362), (61, 291))  # of the right eye, the left eye and the mouth
# As the package cuts faces out (FaceLandmarks.align), but turned upright. Thirty ways were tried on real
# photos; this one and its neighbours separate best (models/cards/identity.md).
_EYE_TO_MOUTH = 0.45  # of the square's side
_MIDDLE = 0.43  # of its height: where the mean of eyes and mouth lies


class Identities:
    """Distances between the faces of one comparison or series; every face is computed once."""

    def __init__(self) -> None:
        """No face is known yet."""
        self._known: dict[int, tuple[Scan, FloatMap]] = {}  # the scan is kept so that no id is used again

    def distance(self, first: Scan, second: Scan) -> float:
        """Euclidean distance of the two faces' unit vectors, 0..2.

        One person: 0.10 to 0.36 on real photos, two people 0.34 to 0.75. Rendered people are alike to it
        (0.17 to 0.5). Always on the CPU, so that a limit means the same everywhere. Raises ModelError, and
        DeviceError without an ONNX runtime.
        """
        return float(np.linalg.norm(self._of(first) - self._of(second)))

    def _of(self, scan: Scan) -> FloatMap:
        if id(scan) not in self._known:
            self._known[id(scan)] = scan, _embed(cut_out(scan.photo, scan.face))
        return self._known[id(scan)][1]

    def __reduce__(self) -> NoReturn:
        """Refuse to be pickled or copied."""
        raise TypeError("templates of faces are never stored")


def _embed(face: RgbPixels) -> FloatMap:
    """(128,) unit vector of a face and its mirror image together, which halves the rate of mistakes."""
    both = np.stack([face, face[:, ::-1]]).astype(np.float32)
    total = open_onnx("identity", "cpu").run({"face": both})["embedding"].sum(axis=0)
    unit: FloatMap = total / np.linalg.norm(total)
    return unit


def cut_out(photo: Photo, face: Face) -> RgbPixels:
    """The face upright, (150, 150, 3) uint8 gamma-coded sRGB; black beyond the photo's edge."""
    right, left, mouth = (face.landmarks[list(pair), :2].mean(axis=0, dtype=float) for pair in _CORNERS)
    side = float(np.hypot(*(right - mouth)) + np.hypot(*(left - mouth))) / 2 / _EYE_TO_MOUTH
    along = (left - right) / np.hypot(*(left - right))
    axes = np.array([along, [-along[1], along[0]]])  # to the right and down in the square, unit vectors
    centre = (right + left + mouth) / 3 + (0.5 - _MIDDLE) * side * axes[1]
    height, width = photo.pixels.shape[:2]
    reach = 0.72 * side  # half of the diagonal
    low = np.clip(np.floor(centre - reach), 0, (width - 1, height - 1)).astype(int)
    high = np.clip(np.ceil(centre + reach), low + 1, (width, height)).astype(int)
    around = photo.pixels[low[1] : high[1], low[0] : high[0]]
    shrink = min(_SIDE / side, 1.0)  # before it is turned: averaged over areas, not sampled
    size = tuple(np.maximum(np.round((high - low) * shrink), 1).astype(int).tolist())
    small = cv2.resize(around, size, interpolation=cv2.INTER_AREA)
    scale = np.array(size) / (high - low)
    onto = axes * (_SIDE / side) / scale  # pixels of `small` to those of the square
    middle = (centre + 0.5 - low) * scale - 0.5
    shift = np.full(2, (_SIDE - 1) / 2) - onto @ middle
    cut: RgbPixels = cv2.warpAffine(small, np.column_stack([onto, shift]), (_SIDE, _SIDE))
    return cut
