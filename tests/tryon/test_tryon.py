"""A shade on a face: measured again it is the colour predicted, and nothing else has changed."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

from skinscan import Scanner
from skinscan.cli import app
from skinscan.color import delta_e_2000
from skinscan.errors import QualityError
from skinscan.output.pictures.tryon import draw_sheet
from skinscan.shades import Shade, load_catalog
from skinscan.tryon import TryOn, measure_worn, try_on
from skinscan.tryon.bare_site import find_bare_site
from skinscan.types import RgbPixels
from tests.faces import relit, sample_pixels, scanned
from tests.paths import SAMPLES

FOUNDATIONS, LIPSTICKS = (SAMPLES / f"catalog_{name}.csv" for name in ("foundations", "lipsticks"))
FACES = ("face_light", "face_medium", "face_dark")


@cache
def shade(sku: str) -> Shade:
    catalog = load_catalog(LIPSTICKS if sku.startswith("LIP") else FOUNDATIONS)
    return catalog.shades[catalog.find(sku)]


@cache
def worn(name: str, sku: str) -> TryOn:
    return try_on(scanned(name), shade(sku))


def changed(one: TryOn, bare: RgbPixels) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    return np.asarray((one.pixels != bare).any(axis=-1))


# ---- the round trip


@pytest.mark.parametrize("name", FACES)
@pytest.mark.parametrize("sku", ["LIN-30W", "HAR-70C", "HAR-110N", "LIP-02", "LIP-05", "LIP-13"])
def test_painted_and_scanned_again_it_is_the_color_predicted(name: str, sku: str) -> None:
    one = worn(name, sku)
    again = Scanner("cpu").scan(np.asarray(one.pixels))
    found = measure_worn(scanned(name), again, "lips" if sku.startswith("LIP") else "skin")
    assert float(delta_e_2000(found, one.worn.lab)) < 1.8
    assert one.miss < 1.8


def test_unpainted_and_measured_it_is_the_bare_color() -> None:
    scan = scanned("face_medium")
    for where in ("skin", "lips"):
        bare = find_bare_site(scan, where).lab
        assert measure_worn(scan, scan, where) == pytest.approx(bare)


def test_a_card_s_correction_is_undone_when_painting() -> None:
    from tests.measure.test_card import TRUE_CARD, scan_of

    scan = scan_of(TRUE_CARD)
    assert scan.light.white_balance.reference == "chart24"
    for sku in ("LIN-70C", "LIP-02"):
        assert try_on(scan, shade(sku)).miss < 2.0


# ---- what is painted, and what not


@pytest.mark.parametrize("sku", ["HAR-110N", "LIP-13"])
def test_outside_the_face_no_byte_has_changed(sku: str) -> None:
    scan, one = scanned("face_medium"), worn("face_medium", sku)
    low, high = scan.face.landmarks[:, :2].min(axis=0), scan.face.landmarks[:, :2].max(axis=0)
    rows, columns = np.nonzero(changed(one, scan.photo.pixels))
    tall, soft = high[1] - low[1], 0.05 * scan.face.interocular_px
    assert columns.min() >= low[0] - soft
    assert columns.max() <= high[0] + soft
    assert rows.min() >= low[1] - 0.4 * tall
    assert rows.max() <= high[1] + soft


def inside(name: str, outline: tuple[int, ...]) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """Pixels within an outline of landmarks."""
    scan = scanned(name)
    mask = np.zeros(scan.photo.pixels.shape[:2], np.uint8)
    cv2.fillPoly(mask, [np.round(scan.face.landmarks[list(outline), :2]).astype(np.int32)], 1)
    return np.asarray(mask > 0)


EYE = (33, 7, 163, 144, 145, 153, 154, 155, 133, 173, 157, 158, 159, 160, 161, 246)
LIPS = (61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291, 375, 321, 405, 314, 17, 84, 181, 91, 146)


@pytest.mark.parametrize("name", FACES)
def test_foundation_leaves_eyes_and_lips_alone(name: str) -> None:
    moved = changed(worn(name, "HAR-110N"), scanned(name).photo.pixels)
    assert moved[inside(name, EYE)].mean() < 0.05
    assert moved[inside(name, LIPS)].mean() < 0.15
    cheek = scanned(name).texture.photo_xy[:, 140, 60].round().astype(int)
    assert moved[cheek[1], cheek[0]]


@pytest.mark.parametrize("name", FACES)
def test_lipstick_stays_on_the_lips(name: str) -> None:
    moved = changed(worn(name, "LIP-13"), scanned(name).photo.pixels)
    near = cv2.dilate(inside(name, LIPS).astype(np.uint8), np.ones((13, 13), np.uint8)) > 0
    assert not moved[~near].any()
    assert moved[inside(name, LIPS)].mean() > 0.9


def test_shading_and_texture_are_kept() -> None:
    """Brightness of painted skin follows that of the bare skin, pore for pore."""
    scan, one = scanned("face_medium"), worn("face_medium", "HAR-70C")
    x, y = scan.texture.photo_xy[:, scan.zone_masks["left_cheek"] & scan.maps.valid].round().astype(int)
    bare, painted = (np.log10(p[y, x, 0].astype(float) + 1) for p in (scan.photo.pixels, one.pixels))
    assert np.corrcoef(bare, painted)[0, 1] > 0.9


def test_a_hiding_shade_evens_redness() -> None:
    """Six EI on the left cheek go under a product that hides; the sheer one lets them through."""
    scan = scanned("face_red_cheek")

    def apart(one: TryOn) -> float:
        again = Scanner("cpu").scan(np.asarray(one.pixels))
        zones = again.zones
        return zones["left_cheek"].erythema_index.value - zones["right_cheek"].erythema_index.value

    bare = scan.zones["left_cheek"].erythema_index.value
    bare -= scan.zones["right_cheek"].erythema_index.value
    full, sheer = (apart(try_on(scan, shade(sku))) for sku in ("HAR-70C", "JUN-60N"))
    assert full < 0.5 * bare
    assert full < sheer < bare


def test_finishes_of_a_lipstick_differ_in_gloss() -> None:
    scan = scanned("face_medium")
    lips = cv2.erode(inside("face_medium", LIPS).astype(np.uint8), np.ones((9, 9), np.uint8)) > 0

    def glare(finish: str) -> float:
        one = try_on(scan, shade("LIP-14").model_copy(update={"finish": finish}))
        return float(np.quantile(one.pixels[lips].min(axis=-1), 0.99))

    assert glare("matte") < glare("satin") < glare("gloss")


def test_a_tilted_photo_is_painted_alike() -> None:
    """Paint, then turn; or turn, then paint: the same picture but for the landmarks' noise."""
    pixels = sample_pixels("face_medium")
    height, width = pixels.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), 18.0, 0.8)

    def turned(picture: RgbPixels) -> RgbPixels:
        return np.asarray(
            cv2.warpAffine(picture, turn, (width, height), borderMode=cv2.BORDER_REPLICATE), np.uint8
        )

    straight = turned(worn("face_medium", "HAR-90W").pixels).astype(float)
    tilted = try_on(Scanner("cpu").scan(turned(pixels)), shade("HAR-90W")).pixels.astype(float)
    painted = np.abs(straight - turned(pixels)).max(axis=-1) > 6
    assert painted.mean() > 0.05
    assert np.abs(straight - tilted)[painted].mean() < 6
    assert np.abs(straight - tilted)[~painted].mean() < 1


def test_the_same_photo_gives_the_same_bytes() -> None:
    scan = scanned("face_dark")
    assert try_on(scan, shade("LIP-02")).pixels.tobytes() == try_on(scan, shade("LIP-02")).pixels.tobytes()


def test_a_face_whose_colour_is_unknown_is_refused_by_name() -> None:
    scan = Scanner("cpu").scan(relit(sample_pixels("face_medium"), (1.0, 0.5, 0.35)))
    with pytest.raises(QualityError, match="colour could not be measured"):
        try_on(scan, shade("LIN-30W"))


# ---- sheet and command


def test_the_sheet_shows_bare_and_each_shade() -> None:
    one, two = (worn("face_medium", sku) for sku in ("HAR-110N", "LIN-30W"))
    sheet = draw_sheet(scanned("face_medium"), [one, two])
    single = draw_sheet(scanned("face_medium"), [one])
    assert sheet.shape[0] == single.shape[0]
    assert sheet.shape[1] > 1.3 * single.shape[1]


def test_the_command_writes_the_sheet_and_says_what_it_shows(tmp_path: Path) -> None:
    out = tmp_path / "out.png"
    photo = str(SAMPLES / "face_light.jpg")
    command = ["tryon", photo, "--catalog", str(LIPSTICKS), "--sku", "LIP-02", "--sku", "LIP-05"]
    done = CliRunner().invoke(app, [*command, "-o", str(out), "--json", "--device", "cpu"])
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert found["schema"] == "skinscan.tryon/1"
    assert [row["sku"] for row in found["shades"]] == ["LIP-02", "LIP-05"]
    assert all(row["shown_delta_e00"] < 1.5 for row in found["shades"])
    assert cv2.imread(str(out)) is not None


def test_the_painted_photo_alone_has_the_photo_s_size(tmp_path: Path) -> None:
    out = tmp_path / "out.png"
    photo = str(SAMPLES / "face_light.jpg")
    command = ["tryon", photo, "--catalog", str(LIPSTICKS), "--sku", "LIP-02", "--photo-only"]
    done = CliRunner().invoke(app, [*command, "-o", str(out), "-q", "--device", "cpu"])
    assert done.exit_code == 0
    written = cv2.imread(str(out))
    assert written is not None
    assert written.shape == sample_pixels("face_light").shape


@pytest.mark.parametrize(
    ("more", "error"),
    [
        (["--sku", "NOPE"], "DataError"),
        (["--sku", "LIP-02", "--sku", "LIP-05", "--photo-only"], "UsageError"),
    ],
)
def test_what_cannot_be_shown_is_refused(tmp_path: Path, more: list[str], error: str) -> None:
    photo, out = str(SAMPLES / "face_light.jpg"), str(tmp_path / "out.png")
    done = CliRunner().invoke(app, ["tryon", photo, "--catalog", str(LIPSTICKS), *more, "-o", out])
    assert type(done.exception).__name__ == error
    assert not Path(out).exists()


def test_a_red_lipstick_stays_as_red_as_the_catalogue_has_it_on_deep_skin() -> None:
    """Neither more orange nor more vivid than the product: no vermilion on dark lips."""
    product = shade("LIP-03")
    worn_lab = worn("face_dark", "LIP-03").worn.lab
    lightness, a, b = product.color
    assert np.hypot(*worn_lab[1:]) <= np.hypot(a, b)
    assert np.degrees(np.arctan2(worn_lab[2], worn_lab[1]) - np.arctan2(b, a)) < 2
    assert worn_lab[0] < lightness
