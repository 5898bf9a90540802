"""Finding the face: pose and size against the renderer, the right number of people, and nobody in noise."""

from __future__ import annotations

import time

import cv2
import numpy as np
import pytest
from PIL import Image

from skinscan import runtime
from skinscan.errors import FaceError, FaceTurnedAway, NoFace, SeveralFaces, UsageError
from skinscan.measure.face import FaceChoice, find_face
from skinscan.measure.photo import open_photo
from skinscan.measure.upright import landmark_fit
from skinscan.types import Face, FloatMap, RgbPixels
from tests.faces import Pixels, relit, rendered, resized, sample, sample_pixels, truth
from tests.paths import PHOTOS, real_photos

TURNS = [(0, 0, 0), (15, 0, 0), (-15, 0, 0), (30, 0, 0), (0, 15, 0), (0, -15, 0), (0, 0, 20), (0, 0, -20)]


def find(pixels: RgbPixels, choice: FaceChoice = "only") -> Face:
    return find_face(open_photo(np.ascontiguousarray(pixels)), choice)


def three_faces() -> Pixels:
    """The largest on the left, the smallest in the middle."""

    def tall(name: str, scale: float) -> Pixels:
        pixels = resized(sample_pixels(name), scale)
        return np.pad(pixels, ((0, 600 - len(pixels)), (0, 0), (0, 0)), constant_values=128)

    return np.hstack([tall("face_light", 0.5), tall("face_dark", 0.3), tall("face_medium", 0.4)])


# ---- one face


@pytest.mark.parametrize("turn", TURNS, ids=str)
def test_pose_and_landmarks_are_the_renderers(turn: tuple[float, float, float]) -> None:
    """Signs and size: positive yaw turns to the right edge, positive pitch looks down, roll is clockwise."""
    picture = rendered(*turn)
    face = find(picture.photo)
    found = (face.pose.yaw, face.pose.pitch, face.pose.roll)
    np.testing.assert_allclose(found, turn, atol=5)
    assert face.interocular_px == pytest.approx(picture.interocular, rel=0.03)
    off = np.hypot(*(face.landmarks - picture.landmarks)[:, :2].T) / picture.interocular
    assert off.mean() < 0.06
    assert (face.count, face.index) == (1, 0)


@pytest.mark.parametrize("turn", [(15, 0, 0), (0, 15, 0), (0, 0, 20)], ids=str)
def test_a_mirror_flips_yaw_and_roll_and_leaves_pitch(turn: tuple[float, float, float]) -> None:
    picture = rendered(*turn).photo
    plain, mirrored = find(picture), find(picture[:, ::-1])
    assert mirrored.pose.yaw == pytest.approx(-plain.pose.yaw, abs=3)
    assert mirrored.pose.roll == pytest.approx(-plain.pose.roll, abs=2)
    assert mirrored.pose.pitch == pytest.approx(plain.pose.pitch, abs=3)
    assert mirrored.interocular_px == pytest.approx(plain.interocular_px, rel=0.03)


@pytest.mark.parametrize("name", ["face_light", "face_medium", "face_dark", "face_shiny"])
def test_the_eye_distance_of_the_samples(name: str) -> None:
    face = find_face(open_photo(sample(name)))
    assert face.interocular_px == pytest.approx(float(truth(name)["interocular_px"]), rel=0.05)


@pytest.mark.parametrize("roll", [90, -60], ids=str)
def test_a_head_lying_down_is_still_a_face(roll: float) -> None:
    assert find(rendered(0, 0, roll).photo).pose.roll == pytest.approx(roll, abs=5)


# ---- which way is up


def turned(pixels: Pixels, degrees: float) -> Pixels:
    """Clockwise, nothing cut off."""
    image = Image.fromarray(pixels).rotate(
        -degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=(90,) * 3
    )
    return np.asarray(image)


@pytest.mark.parametrize("mirrored", [False, True], ids=["plain", "mirrored"])
@pytest.mark.parametrize("degrees", [105, 120, 135, 150, 160, 180, -160, -135, -110])
@pytest.mark.parametrize("name", ["face_light", "face_dark"])
def test_a_photo_turned_any_way_is_seen_the_right_way_up(name: str, degrees: int, mirrored: bool) -> None:
    """Landmarks stay on the same skin, the roll told is the true one, and so are yaw and pitch."""
    pixels = resized(sample_pixels(name), 0.5)
    pixels = np.ascontiguousarray(pixels[:, ::-1]) if mirrored else pixels
    upright, found = find(pixels), find(turned(pixels, degrees))
    middle, rotation = np.radians(degrees), np.array(turned(pixels, degrees).shape[1::-1]) / 2
    x, y = (upright.landmarks[:468, :2] - np.array(pixels.shape[1::-1]) / 2).T
    cosine, sine = np.cos(middle), np.sin(middle)
    expected = np.stack([cosine * x - sine * y, sine * x + cosine * y], axis=1) + rotation
    off = np.hypot(*(found.landmarks[:468, :2] - expected).T) / upright.interocular_px
    assert off.mean() < 0.06
    assert (found.pose.roll - upright.pose.roll - degrees + 180) % 360 - 180 == pytest.approx(0, abs=5)
    assert found.pose.yaw == pytest.approx(upright.pose.yaw, abs=12)
    assert found.pose.pitch == pytest.approx(upright.pose.pitch, abs=8)


def test_all_faces_of_a_turned_photo_are_found() -> None:
    pixels = three_faces()
    sizes = [find(pixels, k).interocular_px for k in range(3)]
    upside_down = np.ascontiguousarray(pixels[::-1, ::-1])
    assert [find(upside_down, k).interocular_px for k in range(3)] == pytest.approx(sizes, rel=0.03)


def test_landmarks_upside_down_do_not_fit() -> None:
    pixels = resized(sample_pixels("face_medium"), 0.5)
    landmarks = find(pixels).landmarks
    assert landmark_fit(pixels, landmarks) > 0.4
    assert landmark_fit(np.ascontiguousarray(pixels[::-1, ::-1]), landmarks) < -0.2


@pytest.mark.parametrize("factor", [0.3, 1.7])
def test_the_fit_of_landmarks_does_not_depend_on_exposure(factor: float) -> None:
    pixels = resized(sample_pixels("face_medium"), 0.5)
    landmarks = find(pixels).landmarks
    plain, other = (landmark_fit(p, landmarks) for p in (pixels, relit(pixels, factor)))
    assert other == pytest.approx(plain, abs=0.2)


@real_photos
def test_no_real_photo_is_turned_without_need() -> None:
    """Upright ones stay so; upside down nearly all are seen upside down, and none is misread."""
    refused = 0
    for path in sorted(PHOTOS.glob("*_[ab]_1.jpg")):
        pixels = open_photo(path).pixels
        assert abs(find(pixels, "largest").pose.roll) < 45, path.name
        try:
            assert abs(find(pixels[::-1, ::-1], "largest").pose.roll) > 135, path.name
        except NoFace:
            refused += 1
    assert refused <= 1


# ---- small in a large frame


def wall() -> Pixels:
    y, x = np.mgrid[:3000, :4000]
    return np.repeat((120 + 60 * x / 4000 + 20 * y / 3000)[..., None], 3, axis=2).astype(np.uint8)


def pasted(small: Pixels, left: int, top: int) -> Pixels:
    frame = wall()
    frame[top : top + small.shape[0], left : left + small.shape[1]] = small
    return frame


@pytest.mark.parametrize("at", [(0, 0), (1777, 2000), (3723, 100), (1700, 900)], ids=str)
def test_60_px_between_the_eyes_is_found_anywhere_in_12_megapixels(at: tuple[int, int]) -> None:
    small = resized(sample_pixels("face_medium"), 60 / float(truth("face_medium")["interocular_px"]))
    face = find(pasted(small, *at))
    assert face.interocular_px == pytest.approx(60, rel=0.03)
    # Every landmark is where the large picture has it, to 2 % of the distance of the eyes on average.
    large = (find(sample_pixels("face_medium")).landmarks[:468, :2] + 0.5) * small.shape[0] / 1200 - 0.5
    off = np.hypot(*(face.landmarks[:468, :2] - at - large).T)
    assert off.mean() < 0.02 * 60


@real_photos
def test_a_real_face_pasted_small_is_found() -> None:
    real = open_photo(PHOTOS / "series_4.jpg").pixels
    known = find(real)
    small = resized(real, 60 / known.interocular_px)[:3000]
    face = find(pasted(small, 2600, 3000 - small.shape[0]))
    assert face.interocular_px == pytest.approx(60, rel=0.03)


# ---- several


@pytest.mark.parametrize(("picture", "count"), [("two", 2), ("three", 3)])
def test_several_faces_are_refused_with_their_count(picture: str, count: int) -> None:
    pixels = sample_pixels("two_faces") if picture == "two" else three_faces()
    with pytest.raises(
        SeveralFaces, match=rf"{count} faces.*face='largest' or face=0\.\.{count - 1}"
    ) as caught:
        find(pixels)
    assert caught.value.exit_code == 4


@pytest.mark.parametrize(
    ("choice", "column", "scale"), [("largest", 225, 0.5), (0, 225, 0.5), (1, 900, 0.4), (2, 585, 0.3)]
)
def test_faces_are_chosen_by_size(choice: FaceChoice, column: float, scale: float) -> None:
    face = find(three_faces(), choice)
    assert face.count == 3
    assert face.index == (0 if choice == "largest" else choice)
    assert face.landmarks[:468, 0].mean() == pytest.approx(column, abs=30)
    assert face.interocular_px == pytest.approx(200 * scale, rel=0.08)


@pytest.mark.parametrize("choice", [2, 7, -1])
def test_a_face_that_is_not_there_is_a_usage_error(choice: int) -> None:
    with pytest.raises(UsageError, match=rf"no face {choice} .*2 found.*choose 0\.\.1") as caught:
        find(sample_pixels("two_faces"), choice)
    assert caught.value.exit_code == 2


# ---- none


def folds(seed: int, shape: tuple[int, int] = (700, 900)) -> Pixels:
    """Soft light and dark as in folds of skin-coloured cloth."""
    y, x = np.mgrid[: shape[0], : shape[1]]
    blob = cv2.GaussianBlur(np.random.default_rng(seed).normal(0, 1, shape), (0, 0), 18)
    blob /= blob.std()
    shade = 0.6 + 0.15 * np.sin(x / 25 + 2 * blob) + 0.15 * np.sin(y / 35 - 1.5 * blob)
    return np.asarray(np.clip(np.array([205, 155, 125]) * shade[..., None], 0, 255), np.uint8)


def nobody() -> dict[str, Pixels]:
    y, x = np.mgrid[:600, :800]
    ramp = np.stack([x / 800 * 255, y / 600 * 255, (x + y) / 1400 * 255], axis=-1).astype(np.uint8)
    rng = np.random.default_rng(0)
    return {
        "landscape": sample_pixels("no_face"),
        "gradient": ramp,
        "noise": rng.integers(0, 256, (700, 900, 3), np.uint8),
        "skin-coloured noise": np.clip(rng.normal((200, 150, 130), 25, (600, 800, 3)), 0, 255).astype(
            np.uint8
        ),
        **{f"folds {seed}": folds(seed) for seed in (0, 3, 13, 36)},
        "black": np.zeros((500, 500, 3), np.uint8),
        "one pixel": np.zeros((1, 1, 3), np.uint8),
    }


@pytest.mark.parametrize("name", nobody())
def test_nobody_is_found_where_nobody_is(name: str) -> None:
    with pytest.raises(NoFace, match="no face found") as caught:
        find(nobody()[name])
    assert caught.value.exit_code == 4
    assert "from the front" in caught.value.advice


def test_a_strip_is_not_searched_square_by_square() -> None:
    """3 x 4,000 px has 2,700 overlapping squares."""
    start = time.perf_counter()
    with pytest.raises(NoFace):
        find(np.full((3, 4000, 3), 128, np.uint8))
    assert time.perf_counter() - start < 5


@pytest.mark.parametrize("yaw", [-60, 60])
def test_a_profile_is_found_and_its_near_side_lies_on_the_face(yaw: float) -> None:
    truth = rendered(yaw)
    found = find(truth.photo)
    assert abs(found.pose.yaw - yaw) < 20
    assert abs(found.interocular_px / truth.interocular - 1) < 0.25
    cheek = [50, 101, 205] if yaw > 0 else [280, 330, 425]  # of the side that is shown
    off = np.linalg.norm(found.landmarks[cheek, :2] - truth.landmarks[cheek, :2], axis=1)
    assert off.max() < 0.35 * truth.interocular


def test_a_face_from_behind_is_refused() -> None:
    with pytest.raises(FaceError) as caught:
        find(rendered(120).photo)
    assert caught.value.exit_code == 4


@pytest.mark.parametrize(("yaw", "pitch"), [(87, 0), (-87, 0), (0, 55), (0, -55)])
def test_landmarks_of_a_face_turned_too_far_are_not_believed(
    yaw: float, pitch: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The landmarker sometimes fits a mesh to a profile: its pose gives it away."""
    points, _ = runtime.open_landmarker(1).detect(rendered().photo)[0]
    boxes = runtime.open_landmarker(1).detect_boxes(rendered().photo)

    class Profile:
        def detect_boxes(self, rgb: RgbPixels) -> FloatMap:
            return boxes

        def detect(self, rgb: RgbPixels) -> list[tuple[FloatMap, FloatMap]]:
            a, b = np.radians(yaw), np.radians(pitch)
            about_y = np.array([[np.cos(a), 0, np.sin(a)], [0, 1, 0], [-np.sin(a), 0, np.cos(a)]])
            about_x = np.array([[1, 0, 0], [0, np.cos(b), -np.sin(b)], [0, np.sin(b), np.cos(b)]])
            matrix = np.eye(4, dtype=np.float32)
            matrix[:3, :3] = about_y @ about_x
            return [(points, matrix)]

    monkeypatch.setattr(runtime, "open_landmarker", lambda *_: Profile())
    with pytest.raises(FaceTurnedAway, match=rf"yaw {yaw}, pitch {pitch} degrees") as caught:
        find(rendered().photo)
    assert caught.value.exit_code == 4
