"""Pictures of a report show skin and nothing else, and lie on each other."""

import base64
import dataclasses
import io

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from skinscan.change.compare import compare
from skinscan.change.types import Change
from skinscan.output.pictures.scan import heat_maps
from skinscan.output.report.pictures import Picture, draw_heat, draw_pair, draw_zones, skin_view
from skinscan.types import Scan
from tests.faces import scanned
from tests.reports import red_cheek

IRISES = range(468, 478)  # landmarks of both irises
LIDS = (33, 133, 159, 145, 263, 362, 386, 374)


def pixels(picture: Picture) -> NDArray[np.uint8]:
    assert picture.uri.startswith("data:image/webp;base64,")
    with Image.open(io.BytesIO(base64.b64decode(picture.uri.split(",")[1]))) as image:
        assert image.size == (picture.width, picture.height)
        return np.asarray(image.convert("RGBA"))


def everything(scan: Scan) -> list[Picture]:
    skin = skin_view(scan)
    return [draw_zones(skin, scan), *(draw_heat(skin, scan, heat) for heat in heat_maps(scan))]


def eye_points(scan: Scan) -> NDArray[np.intp]:
    """(N, 2) x, y of irises and lids in the picture: the view is the mesh with a small margin."""
    points = scan.face.landmarks[:, :2].astype(float)
    mesh = points[:468]
    low, high = mesh.min(axis=0), mesh.max(axis=0)
    first = np.floor(low - (high - low) * 0.02)
    scale = skin_view(scan).view.photo.shape[0] / (np.ceil(high + (high - low) * 0.02) - first)[1]
    placed: NDArray[np.intp] = np.round((points[[*IRISES, *LIDS]] - first) * scale).astype(np.intp)
    return placed


@pytest.mark.parametrize("name", ["face_light", "face_red_cheek", "face_dark"])
def test_eyes_are_in_no_picture_of_a_scan(name: str) -> None:
    scan = scanned(name)
    for picture in everything(scan):
        shown = pixels(picture)
        for x, y in eye_points(scan):
            patch = shown[y - 2 : y + 3, x - 2 : x + 3, :3].reshape(-1, 3).astype(int)
            assert np.abs(patch - (205, 210, 215)).max() < 25


def test_eyes_are_in_no_picture_of_a_pair() -> None:
    change = red_cheek()
    for picture in draw_pair(change):
        shown = pixels(picture)
        for x, y in eye_points(change.before[0]):
            patch = shown[y - 2 : y + 3, x - 2 : x + 3, :3].reshape(-1, 3).astype(int)
            assert np.abs(patch - (205, 210, 215)).max() < 25


def test_nothing_of_the_room_is_kept() -> None:
    scan = scanned("face_red_cheek")
    photo = skin_view(scan).view.photo
    for picture in everything(scan):
        shown = pixels(picture)
        clear = shown[..., 3] == 0
        assert clear[0, 0]
        assert clear[-1, -1]
        assert 0.1 < clear.mean() < 0.6
    clear = pixels(everything(scan)[0])[..., 3] == 0
    assert (photo[clear] == 255).all()


def test_a_photo_laid_on_itself_is_itself() -> None:
    same = dataclasses.replace(red_cheek(), after=red_cheek().before)
    before, after, _ = (pixels(picture).astype(int) for picture in draw_pair(same))
    solid = before[..., 3] > 250
    assert np.abs(before - after)[solid][:, :3].mean() < 4


def test_the_second_photo_lies_on_the_first() -> None:
    """Edges of the two agree better as laid than moved by 2 % of the width."""
    before, after, _ = (
        pixels(picture)[..., :3].astype(float).mean(axis=-1) for picture in draw_pair(red_cheek())
    )

    def agreement(shift: int) -> float:
        moved = np.roll(after, shift, axis=1)
        inner = np.s_[120:-80, 80:-80]
        flat = [np.diff(image[inner], axis=1).ravel() for image in (before, moved)]
        return float(np.corrcoef(*flat)[0, 1])

    assert agreement(0) > max(agreement(-10), agreement(10)) + 0.2


def test_a_refused_pair_has_no_pictures() -> None:
    scan = scanned("face_medium")
    refused: Change = compare([scan], [scan])
    with pytest.raises(ValueError, match="no picture"):
        draw_pair(refused)
