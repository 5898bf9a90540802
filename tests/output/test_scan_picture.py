"""The overlay shows what was measured, where, and in which unit; and paints nothing that was not."""

import dataclasses
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from skinscan.errors import UsageError
from skinscan.facemesh.face_crop import FaceCrop, crop_face
from skinscan.facemesh.landmarks import EYES
from skinscan.output.pictures import canvas
from skinscan.output.pictures import scan as overlay
from skinscan.output.pictures.eyes import COVER, hidden_parts
from skinscan.output.pictures.scan import draw_overlay, save_overlay
from skinscan.scanner import Scanner
from skinscan.types import BoolMap, RgbPixels, Scan
from tests.paths import SAMPLES


@pytest.fixture(scope="module")
def scan() -> Scan:
    return Scanner("cpu").scan(SAMPLES / "face_medium.jpg")


@pytest.fixture(scope="module")
def view(scan: Scan) -> FaceCrop:
    return crop_face(scan.photo, scan.face, overlay._AROUND, (overlay._MOST_WIDTH, overlay._HEIGHT))


@pytest.fixture(scope="module")
def page(scan: Scan) -> RgbPixels:
    return draw_overlay(scan)


def panels(page: RgbPixels, view: FaceCrop) -> list[RgbPixels]:
    """The three pictures on the page, without gutters."""
    height, width = view.photo.shape[:2]
    top = overlay._EDGE + overlay._TITLE
    first = overlay._EDGE + overlay._GUTTER
    second = first + width + overlay._GUTTER + overlay._GAP
    lefts = (first, second, second + width + overlay._GAP)
    return [page[top : top + height, left : left + width] for left in lefts]


def shows(page: RgbPixels, strip: RgbPixels) -> bool:
    """Does a row of the page hold this run of pixels?"""
    width = len(strip)
    starts = np.argwhere((page[:, : page.shape[1] - width] == strip[1]).all(axis=-1))
    return any(np.array_equal(page[y, x : x + width - 2], strip[1:-1]) for y, x in starts)


def colorfulness(pixels: RgbPixels) -> RgbPixels:
    spread: RgbPixels = pixels.max(axis=-1) - pixels.min(axis=-1)
    return spread


def spoilt(scan: Scan) -> Scan:
    """The scan with a check failed that forbids redness."""
    first, *rest = scan.quality.checks
    first = dataclasses.replace(first, ok=False, code="SPOILT", disables=("redness",))
    return dataclasses.replace(scan, quality=dataclasses.replace(scan.quality, checks=(first, *rest)))


def test_is_a_picture_of_three_panels(page: RgbPixels, view: FaceCrop) -> None:
    assert page.dtype == np.uint8
    assert view.photo.shape[0] == overlay._HEIGHT
    grey = panels(page, view)[1]
    assert np.array_equal(grey[:20, :20, 0], grey[:20, :20, 2])  # background, greyed
    assert np.array_equal(panels(page, view)[0][:20, :20], view.photo[:20, :20])  # background, as it is


def test_color_bars_are_there(page: RgbPixels, scan: Scan) -> None:
    for heat in overlay.heat_maps(scan):
        strip = heat.colors[np.linspace(0, 255, 320).astype(int)]
        assert shows(page, strip), heat.title


def test_zones_are_outlined_where_they_are(page: RgbPixels, view: FaceCrop, scan: Scan) -> None:
    panel = panels(page, view)[0].astype(int)
    yellow = (np.abs(panel - canvas.OUTLINE).max(axis=-1) < 60).astype(np.uint8)
    near_line = cv2.dilate(yellow, np.ones((5, 5), np.uint8)) > 0
    borders: BoolMap = np.zeros(yellow.shape, bool)
    for name in scan.zones:
        zone = (view.to_photo(scan.zone_masks[name].astype(np.float32)) > 0.5).astype(np.uint8)
        border = (zone - cv2.erode(zone, np.ones((3, 3), np.uint8))) > 0
        assert near_line[border].mean() > 0.9, name
        borders |= border
    away = cv2.dilate(borders.astype(np.uint8), np.ones((13, 13), np.uint8)) == 0
    assert yellow[away].mean() < 0.002


def test_only_valid_skin_is_colored(page: RgbPixels, view: FaceCrop, scan: Scan) -> None:
    seen = view.to_photo(cv2.GaussianBlur(scan.maps.valid.astype(np.float32), (0, 0), 1.0))
    for panel in panels(page, view)[1:]:
        assert colorfulness(panel)[seen < 0.3].max() <= 2
    shine = panels(page, view)[2]
    assert np.median(colorfulness(shine)[seen > 0.9]) > 40  # cividis begins with a dark blue


def test_what_is_not_measured_is_hatched_and_nothing_else(
    page: RgbPixels, view: FaceCrop, scan: Scan
) -> None:
    grey = cv2.cvtColor(view.photo, cv2.COLOR_RGB2GRAY).astype(int)
    seen = view.to_photo(cv2.GaussianBlur(scan.maps.valid.astype(np.float32), (0, 0), 1.0))
    face = cv2.erode((view.column >= 0).astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    away = cv2.dilate((view.column >= 0).astype(np.uint8), np.ones((5, 5), np.uint8)) == 0
    y, x = np.indices(grey.shape)
    stripe = (x + y) % canvas._HATCH
    for panel in panels(page, view)[1:]:
        off = panel[..., 0].astype(int) - grey
        assert np.abs(off[away]).max() <= 1
        assert np.median(np.abs(off[face & (seen < 0.3) & (stripe == 0)])) > 20
        means = [panel[(seen > 0.95) & (stripe == phase)].mean() for phase in range(canvas._HATCH)]
        assert max(means) - min(means) < 1


def test_view_agrees_with_the_texture(view: FaceCrop, scan: Scan) -> None:
    small = crop_face(scan.photo, scan.face, (0, 0, 0, 0), (400, 400))
    points = scan.face.landmarks[:468, :2]
    low, high = points.min(axis=0), points.max(axis=0)
    scale = small.photo.shape[0] / (np.ceil(high[1]) - np.floor(low[1]))
    for name in ("forehead", "left_cheek", "right_jaw", "chin"):
        row, column = np.argwhere(scan.zone_masks[name])[len(np.argwhere(scan.zone_masks[name])) // 2]
        at = (scan.texture.photo_xy[:, row, column] - np.floor(low)) * scale
        x, y = np.round(at).astype(int)
        assert small.column[y, x] == pytest.approx(column, abs=1.5), name
        assert small.row[y, x] == pytest.approx(row, abs=1.5), name


def test_colors_follow_the_map(view: FaceCrop, scan: Scan) -> None:
    redder = np.array(scan.maps.erythema)
    redder[scan.zone_masks["left_cheek"]] += 6
    maps = dataclasses.replace(scan.maps, erythema=redder)
    panel = panels(draw_overlay(dataclasses.replace(scan, maps=maps)), view)[1].astype(int)
    before = panels(draw_overlay(scan), view)[1].astype(int)
    cheek = view.to_photo(scan.zone_masks["left_cheek"].astype(np.float32)) > 0.9
    other = view.to_photo(scan.zone_masks["right_cheek"].astype(np.float32)) > 0.9
    assert np.median((panel - before)[cheek][:, 2]) < -40  # less blue: red
    assert np.array_equal(panel[other], before[other])


def test_left_cheek_is_the_persons_own(view: FaceCrop, scan: Scan) -> None:
    columns = np.nonzero(view.to_photo(scan.zone_masks["left_cheek"].astype(np.float32)) > 0.5)[1]
    assert columns.mean() > view.photo.shape[1] / 2


def test_what_a_check_forbids_is_hatched_not_colored(view: FaceCrop, scan: Scan) -> None:
    page = draw_overlay(spoilt(scan))
    erythema, shine = panels(page, view)[1:]
    assert colorfulness(erythema).max() <= 2
    assert colorfulness(shine).max() > 40
    assert not shows(page, overlay.heat_maps(scan)[0].colors[np.linspace(0, 255, 320).astype(int)])


def test_same_scan_same_picture(page: RgbPixels, scan: Scan) -> None:
    assert np.array_equal(page, draw_overlay(scan))


def test_small_face_is_drawn_as_large(scan: Scan, view: FaceCrop) -> None:
    with Image.open(SAMPLES / "face_medium.jpg") as photo:
        small = Scanner("cpu").scan(np.asarray(photo.resize((225, 300), Image.Resampling.LANCZOS)))
    page = draw_overlay(small)
    panel = panels(
        page, crop_face(small.photo, small.face, overlay._AROUND, (overlay._MOST_WIDTH, overlay._HEIGHT))
    )
    assert panel[0].shape[0] == overlay._HEIGHT


def test_names_keep_apart_and_inside() -> None:
    for heights in ([300] * 6, [1, 2, 3], [714, 716, 718], [], [100, 400]):
        moved = overlay._spread_out(heights, 720)
        assert all(b - a >= overlay._NAME_STEP for a, b in pairwise(moved))
        assert all(overlay._NAME_STEP / 2 <= y <= 720 - overlay._NAME_STEP / 2 for y in moved)


def test_saved_whole_or_not_at_all(scan: Scan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "out.png"
    save_overlay(scan, target)
    with Image.open(target) as saved:
        assert saved.format == "PNG"
        assert np.array_equal(np.asarray(saved), draw_overlay(scan))
    good = target.read_bytes()

    def disk_full(image: Image.Image, path: Path, kind: str) -> None:
        path.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Image.Image, "save", disk_full)
    with pytest.raises(UsageError, match="No space left on device"):
        save_overlay(scan, target)
    assert target.read_bytes() == good
    assert [path.name for path in tmp_path.iterdir()] == ["out.png"]


def test_no_eye_is_left_on_any_panel(scan: Scan, view: FaceCrop, page: RgbPixels) -> None:
    """Eyes are flat among the zones, and no panel depends on what the photo has there."""
    hidden = hidden_parts(view)
    assert np.count_nonzero(hidden) > 1000
    assert (panels(page, view)[0][hidden] == COVER).all()
    pixels, points = scan.photo.pixels.copy(), scan.face.landmarks[:, :2]
    for eye in EYES:
        cv2.fillConvexPoly(pixels, cv2.convexHull(points[list(eye)].astype(np.int32)), (255, 0, 255))
    changed = dataclasses.replace(scan, photo=dataclasses.replace(scan.photo, pixels=pixels))
    assert np.array_equal(draw_overlay(changed), page)


def test_headings_never_reach_the_next_panel(scan: Scan) -> None:
    """On a narrow panel too, such as that of a profile, and with a reason why a map is not given."""
    for heat in overlay.heat_maps(scan):
        assert canvas.font(overlay._TEXT).getlength(heat.title) < overlay._SLOT
    picture = draw_overlay(spoilt(scan))
    assert picture.shape == draw_overlay(scan).shape
