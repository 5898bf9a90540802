"""Photo in, one face out: 478 landmarks and the pose.

MediaPipe's detector misses faces smaller than about a fifth of the frame, so when the plain call finds
nobody the photo is searched again as a pyramid of overlapping square crops. It finds no face that is turned
by more than about 100 degrees, or lays the mesh on it upside down: see upright.py.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator
from typing import Literal

import cv2
import numpy as np

from skinscan import runtime
from skinscan.errors import CloseUp, FaceTurnedAway, NoFace, SeveralFaces, TooCostly, UsageError
from skinscan.facemesh.landmarks import CHIN, IRIS_CENTRES, TOP
from skinscan.measure.profile_search import Found, find_profiles
from skinscan.measure.upright import landmark_fit
from skinscan.types import Face, FloatMap, Photo, Pose, RgbPixels

__all__ = ["FaceChoice", "find_face", "find_faces"]

FaceChoice = Literal["only", "largest"] | int

_MAX_FACES = 8  # per crop; more are not told apart by any rule we apply
_LEVELS = (
    1,
    2,
    3,
    4,
)  # crop side = short side / level; 4 finds an inter-ocular distance of 1/50 of the frame
_SMALLEST_CROP = 160  # px; a face that fills less than a fifth of this has too few pixels to measure
_NARROWEST = 64  # px, short side of a photo that is searched: a strip 3 px high has thousands of square crops
_SECOND_LOOKS = (2.5, 3.5)  # half sides of the confirming crops, in inter-ocular distances
_OBVIOUS = (3.0, 0.75)  # half side of a look by the detector alone, its score: folds get 0.65, faces 0.85
_LOOK_SIDE = 256  # px that such a look needs: the detector sees 128 x 128
_CROWD_SHARE = 0.05  # inter-ocular distance / short side below which a lone face may have company elsewhere
_UPRIGHT = 0.0  # landmark_fit above which the photo is not tried upside down
_HALF_PROFILE = 25.0  # degrees of yaw: the fit is that of frontal faces, and wrong finds hardly reach it
_LOOKS = 64  # pixels a side that are looked at for a close-up
_FILLED, _PLAIN = 0.6, 2.0  # share of skin colour in a close-up; SD of codes that a plain wall stays below
_MOST_WORK = 1800.0  # for one photo: 1 a look, 1.5 a megapixel looked at, 2 ms each; then TooCostly
_HIDES_AN_EYE = 45.0  # degrees of yaw beyond which the distance of the irises is no measure
_USUAL_HEIGHT = 0.36  # inter-ocular distance over forehead to chin of the canonical face
_OF_HEIGHT = 0.3  # the least of it: decides only where turning has brought the irises together
_FACE_WORK = 5.0  # for each face that a look finds: eight people take 1500 in all, twenty 2500
_MAX_YAW = 85.0  # degrees; beyond, the back of the head is seen
_MAX_PITCH = 50.0  # AILab Pro asks for 40


def find_face(photo: Photo, choice: FaceChoice = "only") -> Face:
    """Find the face to measure.

    `choice`: "only" insists on a single face; "largest" takes the largest; an int takes that one, counted
    from 0 by falling size. Raises NoFace or CloseUp, SeveralFaces (with the count), FaceTurnedAway,
    UsageError, and TooCostly for a crowd, a long strip, or an empty picture of 100 MP.
    """
    found = _search(photo)
    if not found:
        raise _nobody(photo)
    if choice == "only" and len(found) > 1:
        raise SeveralFaces(
            f"{len(found)} faces found in {photo.name}",
            f"send a photo of one person, or choose with face='largest' or face=0..{len(found) - 1}",
        )
    index = 0 if isinstance(choice, str) else choice
    if not 0 <= index < len(found):
        raise UsageError(
            f"there is no face {index} in {photo.name}: {len(found)} found", f"choose 0..{len(found) - 1}"
        )
    landmarks, matrix = found[index]
    pose = _pose(matrix)
    if abs(pose.yaw) > _MAX_YAW or abs(pose.pitch) > _MAX_PITCH:
        raise FaceTurnedAway(
            f"the face in {photo.name} is turned away"
            f" (yaw {round(pose.yaw)}, pitch {round(pose.pitch)} degrees)",
            "take the photo from the front",
        )
    apart = _interocular(landmarks, pose.yaw)
    landmarks.setflags(write=False)
    return Face(landmarks=landmarks, pose=pose, interocular_px=apart, count=len(found), index=index)


def find_faces(photo: Photo) -> list[FloatMap]:
    """Landmarks, (478, 3) in px, of every face in the photo, largest first; none is no error."""
    return [landmarks for landmarks, _ in _search(photo)]


def _nobody(photo: Photo) -> NoFace:
    """What to tell whose photo shows no face: step back, where skin fills it."""
    step = max(1, min(photo.pixels.shape[:2]) // _LOOKS)
    red, green, blue = cv2.split(photo.pixels[::step, ::step].astype(np.float32))
    skin = (red > 1.05 * green) & (red < 2.6 * green) & (green > 0.9 * blue) & (red > blue + 12) & (red > 40)
    if skin.mean() > _FILLED and red.std() > _PLAIN:
        return CloseUp(
            f"no face found in {photo.name}, but skin fills the picture",
            "step back to arm's length and take the whole face from the front",
        )
    return NoFace(
        f"no face found in {photo.name}",
        "send a photo taken from the front, eyes open, with the face filling half of the picture",
    )


class _Work(threading.local):
    """What is left for the photo that this thread is searching."""

    left = _MOST_WORK
    name = ""


_work = _Work()


def _search(photo: Photo) -> list[Found]:
    """All faces, largest first, in the orientation of the photo in which the largest fits better."""
    pixels, _work.left, _work.name = photo.pixels, _MOST_WORK, photo.name
    found = _search_as_is(pixels)
    fit = landmark_fit(pixels, found[0][0]) if found else _UPRIGHT
    if found and (fit > _UPRIGHT or abs(_pose(found[0][1]).yaw) > _HALF_PROFILE):
        return found
    turned = np.ascontiguousarray(pixels[::-1, ::-1])
    other = _distinct(_plain_search(turned)) if found else _search_as_is(turned)
    if other and landmark_fit(turned, other[0][0]) > fit:
        return [_turned_back(f, turned.shape) for f in other]
    return found or find_profiles(pixels, _spend)


def _plain_search(pixels: RgbPixels) -> list[Found]:
    """Faces that the photo as a whole shows, and a closer look confirms."""
    plain = _detect(pixels, 0, 0, pixels.shape[1], pixels.shape[0])
    return [f for f in plain if _obvious(pixels, f) or _looked_at_again(pixels, f)]


def _turned_back(found: Found, shape: tuple[int, ...]) -> Found:
    """A face found in the photo turned by 180 degrees, as it lies in the photo; `shape` of its pixels."""
    landmarks, matrix = found[0].copy(), found[1].copy()
    landmarks[:, :2] = shape[1::-1] - landmarks[:, :2]
    matrix[:2] *= -1
    return landmarks, matrix


def _search_as_is(pixels: RgbPixels) -> list[Found]:
    """Faces about upright: the plain call, and the pyramid when that may have missed somebody."""
    height, width = pixels.shape[:2]
    found = _plain_search(pixels)
    lone = len(found) == 1 and _size(found[0][0]) > _CROWD_SHARE * min(height, width)
    if not lone:
        found = [_looked_at_again(pixels, f) or f for f in found]
        for box in _crops(width, height):
            found += [closer for f in _detect(pixels, *box) if (closer := _looked_at_again(pixels, f))]
    return _distinct(found)


def _obvious(pixels: RgbPixels, candidate: Found) -> bool:
    """Whether the detector alone is sure of it in a crop: quicker than finding the landmarks again."""
    reach, score = _OBVIOUS
    left, top, right, bottom = _around(pixels, candidate, reach)
    step = max(1, (bottom - top) // _LOOK_SIDE)
    crop = cv2.resize(
        pixels[top:bottom, left:right], None, fx=1 / step, fy=1 / step, interpolation=cv2.INTER_NEAREST
    )
    return bool((runtime.open_landmarker(_MAX_FACES).detect_boxes(crop)[:, 4] > score).any())


def _looked_at_again(pixels: RgbPixels, candidate: Found) -> Found | None:
    """The face as a crop around it shows it, if two such crops do: folds of cloth are not found again.

    Landmarks of a small face are off by up to a seventh of the inter-ocular distance before, by 1 % after.
    """
    centre, size = _centre(candidate[0]), _size(candidate[0])
    closer: Found | None = None
    for reach in _SECOND_LOOKS:
        again = _detect(pixels, *_around(pixels, candidate, reach))
        closer = next((f for f in again if np.hypot(*(_centre(f[0]) - centre)) < 0.5 * size), None)
        if closer is None:
            return None
    return closer


def _around(pixels: RgbPixels, candidate: Found, reach: float) -> tuple[int, int, int, int]:
    """Square about a face, `reach` inter-ocular distances to each side, within the photo."""
    height, width = pixels.shape[:2]
    centre, size = _centre(candidate[0]), _size(candidate[0])
    left, top = np.maximum(centre - reach * size, 0).astype(int).tolist()
    right, bottom = np.minimum(centre + reach * size, (width, height)).astype(int).tolist()
    return left, top, right, bottom


def _crops(width: int, height: int) -> Iterator[tuple[int, int, int, int]]:
    """Square crops at each level, overlapping by half: left, top, right, bottom."""
    for level in _LEVELS:
        side = min(width, height) // level
        if side < (_SMALLEST_CROP if level > 1 else _NARROWEST):
            return
        columns = max(1, math.ceil((width - side) / (side / 2)) + 1)
        rows = max(1, math.ceil((height - side) / (side / 2)) + 1)
        for left in np.linspace(0, width - side, columns).astype(int).tolist():
            for top in np.linspace(0, height - side, rows).astype(int).tolist():
                yield left, top, left + side, top + side


def _spend(work: float) -> None:
    """Take from what is left for this photo; TooCostly when nothing is."""
    _work.left -= work
    if _work.left < 0:
        what = "shows a crowd, or is so large or long that it takes too long to search for faces"
        raise TooCostly(f"{_work.name} {what}", "crop it to the person")


def _detect(pixels: RgbPixels, left: int, top: int, right: int, bottom: int) -> list[Found]:
    _spend(1 + 1.5e-6 * (right - left) * (bottom - top))
    crop = np.ascontiguousarray(pixels[top:bottom, left:right])
    scale = np.array([right - left, bottom - top, right - left], np.float32)
    offset = np.array([left, top, 0], np.float32)
    found = runtime.open_landmarker(_MAX_FACES).detect(crop)
    _work.left -= _FACE_WORK * len(found)
    return [((points * scale + offset).astype(np.float32), matrix) for points, matrix in found]


def _distinct(found: list[Found]) -> list[Found]:
    """Largest first; what lies within one inter-ocular distance of a larger face is the same face."""
    kept: list[Found] = []
    for candidate in sorted(found, key=lambda f: -_size(f[0])):
        centre, size = _centre(candidate[0]), _size(candidate[0])
        if all(np.hypot(*(centre - _centre(k[0]))) > max(size, _size(k[0])) for k in kept):
            kept.append(candidate)
    return kept


def _centre(landmarks: FloatMap) -> FloatMap:
    centre: FloatMap = landmarks[:468, :2].mean(axis=0)
    return centre


def _iris_distance(landmarks: FloatMap) -> float:
    first, second = landmarks[list(IRIS_CENTRES), :2]
    return float(np.hypot(*(second - first)))


def _interocular(landmarks: FloatMap, yaw: float) -> float:
    """Inter-ocular distance, px, corrected for yaw; of a profile, whose far eye is a guess, by height."""
    apart = _iris_distance(landmarks) / math.cos(math.radians(yaw))
    return apart if abs(yaw) <= _HIDES_AN_EYE else max(apart, _size(landmarks) * _USUAL_HEIGHT / _OF_HEIGHT)


def _size(landmarks: FloatMap) -> float:
    """Inter-ocular distance, px, however far the head is turned: where the irises close up, by the height."""
    top, chin = landmarks[[TOP, CHIN], :2]
    return max(_iris_distance(landmarks), _OF_HEIGHT * float(np.hypot(*(chin - top))))


def _pose(matrix: FloatMap) -> Pose:
    """Yaw, pitch, roll from the canonical-to-camera rotation (x right, y up, z to the camera).

    Yaw and pitch of a head upside down are those of the photo turned by 180 degrees.
    """
    r = matrix[:3, :3].astype(np.float64)
    r = r / np.linalg.norm(r, axis=0)
    roll = math.degrees(math.atan2(-r[1, 0], r[1, 1]))
    if abs(roll) > 90:
        r[:2] *= -1
    return Pose(
        yaw=math.degrees(math.atan2(r[0, 2], r[2, 2])),
        pitch=math.degrees(math.asin(float(np.clip(-r[1, 2], -1, 1)))),
        roll=roll,
    )
