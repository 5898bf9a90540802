"""A swatch beside a colour card: its colour is read, and what is no swatch is refused."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import pytest

from benchmarks.shade_swatches import SwatchPhoto, draw_swatches
from skinscan.color import delta_e_2000
from skinscan.errors import PhotoMissing, QualityError
from skinscan.measure.photo import open_photo
from skinscan.shades import Shade, make_catalog, match_shades
from skinscan.shades.swatch_photo import measure_swatch, shown_color, shown_hex
from skinscan.skin_indices import od_to_lab
from skinscan.types import RgbPixels
from tests.faces import scanned

COLORS = np.array([[42.0, 50.0, 26.0], [58.0, 12.0, 18.0], [30.0, 25.0, 0.0]])


@cache
def swatches() -> tuple[SwatchPhoto, ...]:
    return tuple(draw_swatches(COLORS, seed=3))


def lipstick(lab: tuple[float, float, float], sku: str) -> Shade:
    return Shade(sku=sku, brand="b", product="p", shade=sku, category="lipstick", lab=lab)


def flat(*patches: tuple[tuple[int, int, int, int], tuple[int, int, int]]) -> RgbPixels:
    """A white picture with patches of colour: left, top, right, bottom."""
    pixels = np.full((300, 400, 3), 250, np.uint8)
    for (left, top, right, bottom), colour in patches:
        pixels[top:bottom, left:right] = colour
    return pixels


@pytest.mark.parametrize("number", range(len(COLORS)))
def test_the_color_of_a_swatch_is_read(number: int) -> None:
    photo = swatches()[number]
    matte = measure_swatch(open_photo(photo.jpeg))
    assert float(delta_e_2000(od_to_lab(np.array(matte.od)), photo.lab)) < 4.0
    assert matte.n_pixels > 1000


def test_a_swatch_of_another_color_is_a_mismatch_and_the_right_one_is_not() -> None:
    photo = swatches()[0]
    near = tuple(photo.lab.tolist())
    catalog = make_catalog([lipstick(near, "right"), lipstick((62.0, 18.0, 18.0), "nude")])
    received = measure_swatch(open_photo(photo.jpeg))
    told = {}
    for sku in ("right", "nude"):
        found = match_shades(
            scanned("face_medium"), catalog, purchased=sku, advertised=True, received=received
        )
        assert found.claim is not None
        assert found.claim.measured_on == "swatch"
        told[sku] = found.claim.verdict
    assert told["right"] != "mismatch"
    assert told["nude"] == "mismatch"


def test_a_photo_without_a_card_is_refused() -> None:
    with pytest.raises(QualityError, match="colour card"):
        measure_swatch(open_photo(flat(((100, 100, 200, 200), (150, 40, 50)))))


def test_two_swatches_are_one_too_many() -> None:
    pixels = np.array(open_photo(swatches()[0].jpeg).pixels)
    cv2.circle(pixels, (1050, 760), 90, (90, 120, 60), -1)
    with pytest.raises(QualityError, match="more than one swatch"):
        measure_swatch(open_photo(pixels))


def test_the_picture_of_a_shop_gives_its_color(tmp_path: Path) -> None:
    framed = flat(((120, 80, 280, 220), (150, 40, 50)))
    assert shown_hex(open_photo(framed)) == "#962832"
    assert shown_hex(open_photo(np.full((200, 200, 3), (150, 40, 50), np.uint8))) == "#962832"
    cv2.imwrite(str(tmp_path / "rose.png"), framed[..., ::-1])
    shade = lipstick((40.0, 40.0, 20.0), "a")
    assert shown_color(shade, tmp_path) is None
    assert shown_color(shade.model_copy(update={"advertised_image": "rose.png"}), tmp_path) == "#962832"
    outside = tmp_path / "catalogue"
    outside.mkdir()
    (outside / "link.png").symlink_to(tmp_path / "rose.png")
    os.mkfifo(outside / "pipe.png")
    for name in ("../rose.png", str(tmp_path / "rose.png"), "link.png", "pipe.png", "/dev/zero"):
        with pytest.raises(PhotoMissing, match="no file in the folder"):
            shown_color(shade.model_copy(update={"advertised_image": name}), outside)
    elsewhere = {"advertised_image": "https://shop.example/rose.png"}
    assert shown_color(shade.model_copy(update=elsewhere), tmp_path) is None
