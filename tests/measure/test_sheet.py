"""The printed sheet: its fit against known prints and cameras, and finding it in photos."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from models.renderer.sheet import parcel_print, parcel_run
from models.training.fit.tone_curves import camera_curve
from skinscan.cards.layout import COVERAGES, LINES_MM, Layout, parcel_layout, sheet_layout
from skinscan.cards.print_run import register_run
from skinscan.color import lab_to_linear, srgb_encode
from skinscan.errors import UsageError
from skinscan.measure.chart import correct
from skinscan.measure.photo import open_photo
from skinscan.measure.reference import white_paper
from skinscan.measure.sheet import find_sheet
from skinscan.types import Card, FloatArray, RgbPixels
from tests.paths import PHOTOS, real_photos

PX_PER_MM = 5.0
SKIN = np.array([[0.5, 0.31, 0.23], [0.3, 0.17, 0.12]])


def printed(layout: Layout, *, edge: float = 0.02, scatter: float = 0.3, ink: float = 0.035) -> FloatArray:
    """(h, w, 3) linear reflectance of a flat print on white paper."""
    size = (round(layout.height * PX_PER_MM), round(layout.width * PX_PER_MM))
    flat = np.full((*size, 3), 0.84)

    def at(box: tuple[float, float, float, float]) -> tuple[slice, slice]:
        left, top, width, height = (round(PX_PER_MM * length) for length in box)
        return slice(top, top + height), slice(left, left + width)

    for level, box in layout.steps:
        share, n = COVERAGES[level], 2 - np.exp(-scatter / LINES_MM)
        grown = min(share + 2 * edge / LINES_MM, 1.0) if 0 < share < 1 else share
        flat[at(box)] = ((1 - grown) * 0.84 ** (1 / n) + grown * ink ** (1 / n)) ** n
    family = cv2.aruco.getPredefinedDictionary(cv2.aruco.DICT_5X5_1000)
    for number, box in zip(layout.marker_ids, layout.markers, strict=True):
        rows, columns = at(box)
        side = (columns.stop - columns.start, rows.stop - rows.start)
        bits = cv2.resize(
            cv2.aruco.generateImageMarker(family, number, 7), side, interpolation=cv2.INTER_NEAREST
        )
        flat[rows, columns] = np.where(bits[..., None] > 0, 0.84, ink)
    if layout.patches:
        run = parcel_run()
        for box, lab in zip(layout.patches, run.patches, strict=True):
            flat[at(box)] = lab_to_linear(np.array(lab))
    return flat


def taken(
    flat: FloatArray,
    *,
    gain: tuple[float, float, float] = (0.9, 0.8, 0.7),
    contrast: float = 0.25,
    turn: float = 8.0,
) -> RgbPixels:
    """A photo of the print, turned, on a grey wall, by a camera with a cast and a tone curve."""
    height, width = flat.shape[:2]
    move = cv2.getRotationMatrix2D((width / 2, height / 2), turn, 0.8)
    move[:, 2] += (150, 150)
    scene = cv2.warpAffine(flat, move, (width + 300, height + 300), borderValue=(0.5, 0.5, 0.5))
    seen = camera_curve(cv2.GaussianBlur(scene * gain, (0, 0), 0.8), contrast)
    noisy = 255 * srgb_encode(np.clip(seen, 0, 1)) + np.random.default_rng(0).normal(0, 1.0, seen.shape)
    return np.clip(np.round(noisy), 0, 255).astype(np.uint8)


def found(pixels: RgbPixels) -> Card | None:
    return find_sheet(open_photo(pixels), None)


def log_error(card: Card | None, gain: tuple[float, float, float], contrast: float) -> FloatArray:
    """Decades by which skin in the light of the card is off."""
    assert card is not None
    assert card.fit is not None
    error: FloatArray = np.log10(correct(camera_curve(SKIN * gain, contrast), card.fit) / SKIN)
    return error


@pytest.mark.parametrize(
    ("contrast", "edge", "scatter"), [(0.0, 0.0, 0.2), (0.25, 0.02, 0.3), (0.5, 0.04, 0.4)]
)
def test_the_camera_is_undone_whatever_the_printer_did(contrast: float, edge: float, scatter: float) -> None:
    gain = (0.9, 0.8, 0.7)
    card = found(taken(printed(sheet_layout("A6"), edge=edge, scatter=scatter), contrast=contrast, gain=gain))
    error = log_error(card, gain, contrast)
    assert card is not None
    assert card.kind == "sheet"
    assert card.patches == 16
    assert np.abs(error).max() < 0.06  # 15 %: what ink and dot gain leave open
    assert np.abs(error - error.mean(axis=1, keepdims=True)).max() < 0.02  # of colour ratios


@pytest.mark.parametrize("turn", [0.0, 45.0, 90.0, 180.0, 250.0])
def test_any_angle_and_mirrored(turn: float) -> None:
    pixels = taken(printed(sheet_layout("A6")), turn=turn)
    for photo in (pixels, np.ascontiguousarray(pixels[:, ::-1])):
        card = found(photo)
        assert card is not None
        assert card.fit is not None


def test_two_markers_are_enough_and_one_is_not() -> None:
    flat = printed(sheet_layout("A6"))
    flat[: round(27 * PX_PER_MM)] = (0.45, 0.3, 0.2)
    card = found(taken(flat))
    assert card is not None
    assert card.fit is not None
    flat[:, : round(50 * PX_PER_MM)] = (0.45, 0.3, 0.2)
    assert found(taken(flat)) is None


@pytest.mark.parametrize(("gain", "fault"), [((4.0, 4.0, 4.0), "clipped"), ((0.002, 0.002, 0.002), None)])
def test_burnt_is_named_and_blackness_shows_no_card(
    gain: tuple[float, float, float], fault: str | None
) -> None:
    card = found(taken(printed(sheet_layout("A6")), gain=gain))
    assert (card and card.fault) == fault


def test_a_shadow_across_the_sheet_is_named() -> None:
    flat = printed(sheet_layout("A6"))
    flat[:, flat.shape[1] // 2 :] *= 0.45
    card = found(taken(flat))
    assert card is not None
    assert card.fault == "shaded"
    assert card.fit is None


def test_light_that_falls_off_gently_is_taken_off() -> None:
    flat = printed(sheet_layout("A6"))
    fall = np.linspace(1.1, 0.9, flat.shape[1])[None, :, None]
    error = log_error(found(taken(flat * fall)), (0.9, 0.8, 0.7), 0.25)
    assert np.abs(error).max() < 0.06


def test_a_parcel_card_is_a_sheet_until_its_run_is_registered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SKINSCAN_CARD_RUNS", str(tmp_path))
    pixels = taken(printed(parcel_layout(parcel_run().run), edge=0.012, scatter=0.25, ink=0.028))
    before = found(pixels)
    register_run(parcel_run())
    after = found(pixels)
    assert before is not None
    assert after is not None
    assert (before.kind, before.run, after.kind) == ("sheet", parcel_run().run, "parcel_card")
    worst = [np.abs(log_error(card, (0.9, 0.8, 0.7), 0.25)).max() for card in (before, after)]
    assert worst[1] < min(worst[0], 0.035)


def test_print_and_run_have_the_same_colors() -> None:
    patches = parcel_print().patches
    assert patches is not None
    assert len(patches) == len(parcel_run().patches)


@real_photos
def test_real_photos_show_no_sheet() -> None:
    for path in sorted(PHOTOS.glob("*.jpg"))[::6]:
        assert find_sheet(open_photo(path), None) is None


def test_white_paper_is_one_even_unclipped_surface() -> None:
    pixels = np.full((200, 200, 3), (210, 205, 190), np.uint8)
    pixels[:, 100:] = 255
    pixels[:, :20] = 60
    photo = open_photo(pixels)
    assert white_paper(photo, (30, 30, 60, 60))[2] < white_paper(photo, (30, 30, 60, 60))[0]
    for where in ((150, 30, 40, 40), (5, 30, 60, 60), (180, 180, 40, 40), (30, 30, 3, 3)):
        with pytest.raises(UsageError):
            white_paper(photo, where)
