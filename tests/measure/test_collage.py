"""Before and after in one picture: split at the seam, said which is which, refused when unsure."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
import pytest

from skinscan.errors import NotCollage
from skinscan.measure.collage import split_collage
from skinscan.measure.photo import open_photo
from skinscan.scanner import Scanner
from tests.faces import Pixels, decoded, encoded, resized, sample_pixels
from tests.paths import PHOTOS, ROOT, real_photos


@cache
def pair(name: str = "b") -> tuple[Pixels, Pixels]:
    folder = ROOT / "samples" / "pairs"
    return tuple(decoded((folder / f"{name}_{moment}.jpg").read_bytes()) for moment in ("before", "strong"))  # type: ignore[return-value]


def joined(parts: tuple[Pixels, Pixels], *, below: bool, gap: int = 0, color: int = 255) -> Pixels:
    axis = 0 if below else 1
    shape = list(parts[0].shape)
    shape[axis] = gap
    return np.concatenate([parts[0], np.full(shape, color, np.uint8), parts[1]], axis=axis)


@pytest.mark.parametrize("name", ["b", "c", "f"])
@pytest.mark.parametrize("below", [False, True], ids=["left_right", "top_bottom"])
@pytest.mark.parametrize(("gap", "color"), [(0, 0), (6, 255), (12, 0)], ids=str)
def test_the_parts_are_the_photos(name: str, below: bool, gap: int, color: int) -> None:
    first, second = pair(name)
    collage = split_collage(
        open_photo(encoded(joined((first, second), below=below, gap=gap, color=color), "JPEG", quality=85))
    )
    assert collage.layout == ("top_bottom" if below else "left_right")
    axis = 0 if below else 1
    for part, photo in ((collage.first, first), (collage.second, second)):
        assert abs(part.shape[axis] - photo.shape[axis]) <= 6
        assert part.shape[1 - axis] == photo.shape[1 - axis]
    near = collage.first[:200, :200].astype(int) - first[:200, :200]
    assert np.abs(near).mean() < 3


@pytest.mark.parametrize("scale", [0.5, 0.83])
def test_a_collage_made_smaller_is_split(scale: float) -> None:
    picture = resized(joined(pair(), below=False), scale)
    collage = split_collage(open_photo(encoded(picture, "JPEG", quality=70)))
    assert abs(collage.seam - picture.shape[1] / 2) <= 3


def two_people() -> Pixels:
    """Before one wall, with nothing between them."""
    left, right = (resized(sample_pixels(name), 0.5) for name in ("face_light", "face_dark"))
    picture = np.hstack([left, right]).astype(np.float64)
    middle, blend = left.shape[1], 60
    ramp = np.linspace(0, 1, 2 * blend)[None, :, None]
    picture[:, middle - blend : middle + blend] = (
        picture[:, [middle - blend]] * (1 - ramp) + picture[:, [middle + blend]] * ramp
    )
    return np.round(picture).astype(np.uint8)


def one_larger() -> Pixels:
    first, second = pair()
    return np.hstack([np.pad(resized(first, 0.5), ((0, len(first) // 2), (0, 0), (0, 0))), second])


NO_COLLAGES: dict[str, Callable[[], Pixels]] = {
    "one face": lambda: sample_pixels("face_light"),
    "nobody": lambda: sample_pixels("no_face"),
    "two people": two_people,
    "four photos": lambda: joined((joined(pair(), below=False),) * 2, below=True),
    "one much larger": one_larger,
    "upside down": lambda: np.ascontiguousarray(joined(pair(), below=False)[::-1, ::-1]),
}  # fmt: skip


@pytest.mark.parametrize("name", NO_COLLAGES)
def test_what_is_no_collage_for_sure_is_refused(name: str) -> None:
    with pytest.raises(NotCollage, match="cannot be split") as caught:
        split_collage(open_photo(NO_COLLAGES[name]()))
    assert "one by one" in caught.value.advice
    assert (caught.value.code, caught.value.exit_code) == ("NOT_A_COLLAGE", 4)


def test_the_comparison_is_that_of_the_two_photos_and_says_which_is_which() -> None:
    parts = pair()
    plain = Scanner("cpu").compare(*parts)
    picture = joined(parts, below=False)
    change = Scanner("cpu").compare_collage(encoded(picture), name="both.png")
    assert change.before[0].photo.name == "both.png (left)"
    assert change.after[0].photo.name == "both.png (right)"
    said = next(finding for finding in change.findings if finding.code == "COLLAGE")
    assert not said.refuses
    assert "left part as before" in said.reason.en
    assert "左为“前”" in said.reason.zh
    assert change.verdict == plain.verdict
    for zone, found in plain.zones.items():
        assert change.zones[zone].erythema_index.delta == pytest.approx(found.erythema_index.delta, abs=0.4)


def test_the_sides_can_be_swapped() -> None:
    picture = encoded(joined(pair(), below=True))
    change = Scanner("cpu").compare_collage(picture, after_first=True, name="both.png")
    assert change.before[0].photo.name == "both.png (lower)"
    assert change.verdict == "decrease"


@real_photos
def test_no_real_photo_is_split() -> None:
    for name in ("two_people", "many_people", "actor_a_1"):
        with pytest.raises(NotCollage):
            split_collage(open_photo(PHOTOS / f"{name}.jpg"))
