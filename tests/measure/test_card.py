"""The colour card: its correction against known cameras, and finding it among things that look like it."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.renderer import chart as rendered_chart
from models.renderer.camera import draw_camera
from models.renderer.chart import Chart
from models.renderer.issa import linear_srgb
from models.renderer.render import Rendered, render
from skinscan.color import delta_e_2000, lab_to_linear, linear_to_lab, srgb_encode
from skinscan.facemesh.canonical_face import load_canonical
from skinscan.measure.card import find_card
from skinscan.measure.chart import CHART_LAB, GREYS, chart_errors, correct, fit_chart
from skinscan.measure.face import find_face
from skinscan.measure.photo import open_photo
from skinscan.measure.texture import unwrap
from skinscan.output.records.scan import scan_to_dict
from skinscan.scanner import Scanner
from skinscan.types import Card, Face, FloatArray, Photo, Scan
from tests.faces import face, photo, shot, subject
from tests.paths import PHOTOS, real_photos

LINEAR = lab_to_linear(CHART_LAB)
ALL = np.ones(24, bool)
TRUE_CARD = Chart(centre=(12.0, -2.0, 4.0), pitch=1.7, yaw=8.0, tilt=-6.0, turn=95.0)


def bent(linear: FloatArray) -> FloatArray:
    """A camera: mixed channels, a cast of 15 % in red, half a stop less light, an S-shaped tone curve."""
    mixed = np.maximum(linear @ np.array([[0.9, 0.06, 0.0], [0.1, 0.9, 0.12], [0.0, 0.04, 0.88]]), 1e-3)
    coded = srgb_encode(mixed * np.array([1.15, 1.0, 0.9]) * 0.7)
    coded = coded + 0.4 * coded * (1 - coded) * (2 * coded - 1)
    return np.where(coded <= 0.04045, coded / 12.92, ((coded + 0.055) / 1.055) ** 2.4)


# ---- the correction


def test_the_reference_is_the_published_chart() -> None:
    assert np.abs(rendered_chart.reference_lab() - CHART_LAB).max() < 0.0051


def test_greys_are_grey_and_in_order() -> None:
    lightness, a, b = CHART_LAB[GREYS].T
    assert (np.diff(lightness) < 0).all()
    assert np.hypot(a, b).max() < 3.5  # the white patch is a little yellow


def test_a_true_photo_needs_no_correction() -> None:
    fit = fit_chart(LINEAR, ALL)
    skin = np.array([[0.5, 0.3, 0.22], [0.12, 0.07, 0.05]])
    assert delta_e_2000(linear_to_lab(correct(skin, fit)), linear_to_lab(skin)).max() < 0.5


def test_a_camera_is_undone_also_between_the_patches() -> None:
    fit = fit_chart(bent(LINEAR), ALL)
    skin = np.array([[0.55, 0.36, 0.27], [0.33, 0.19, 0.13], [0.10, 0.055, 0.04]])
    before = delta_e_2000(linear_to_lab(bent(skin)), linear_to_lab(skin))
    after = delta_e_2000(linear_to_lab(correct(bent(skin), fit)), linear_to_lab(skin))
    assert before.min() > 6
    assert after.max() < 1.5


def test_residual_is_of_patches_the_fit_has_not_seen() -> None:
    seen = bent(LINEAR)
    assert float(np.median(chart_errors(seen, ALL))) < 2.5
    seen[8] = seen[13]  # a red patch that is green
    errors = chart_errors(seen, ALL)
    assert int(np.argmax(errors)) == 8
    assert errors[8] > 20


def test_what_is_not_usable_has_no_say() -> None:
    usable = ALL.copy()
    usable[[3, 15, 18]] = False
    seen = bent(LINEAR)
    broken = seen.copy()
    broken[~usable] = np.nan
    np.testing.assert_array_equal(fit_chart(broken, usable).matrix, fit_chart(seen, usable).matrix)
    assert np.isnan(chart_errors(broken, usable)[~usable]).all()


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(-1.0, 10.0), min_size=3, max_size=3))
def test_any_color_gives_a_color(colour: list[float]) -> None:
    fixed = correct(np.array(colour), fit_chart(bent(LINEAR), ALL))
    assert np.isfinite(fixed).all()
    assert (fixed >= 0).all()


# ---- finding it


@cache
def taken(chart: Chart | None) -> Rendered:
    """A head under a window and a lamp by a camera with a cast and a curve, holding the card."""
    light = replace(shot().light, share=0.0)
    camera = draw_camera(light, np.random.default_rng(3))
    camera = replace(camera, balance=np.array([1.08, 1.0, 0.93]), contrast=0.4, exposure=0.8, quality=95)
    portrait = shot(camera=camera, width=840, chart=chart, meter=True)
    return render(subject(), portrait, np.random.default_rng(0))


@cache
def scan_of(chart: Chart | None) -> Scan:
    return Scanner("cpu").scan(taken(chart).jpeg)


def seen_with(chart: Chart | None) -> tuple[Photo, Face]:
    opened = open_photo(taken(chart).jpeg)
    return opened, find_face(opened)


def found(chart: Chart) -> Card:
    card = find_card(*seen_with(chart))
    assert card is not None
    return card


@pytest.mark.parametrize("turn", [3.0, 95.0, 178.0, 268.0])
@pytest.mark.parametrize("mirrored", [False, True])
def test_a_card_is_found_however_it_is_held(turn: float, mirrored: bool) -> None:
    card = found(replace(TRUE_CARD, turn=turn, mirrored=mirrored))
    assert card.fault is None
    assert card.fit is not None
    assert card.residual is not None
    assert card.residual < 2.5
    assert card.patches >= 18


def test_the_card_is_where_it_was_drawn() -> None:
    card = found(TRUE_CARD)
    middle = card.corners.mean(axis=0)
    per_cm = 110.0 / 6.3
    assert middle[0] == pytest.approx(420 + 12 * per_cm, abs=40)
    assert middle[1] == pytest.approx(350 + 2 * per_cm, abs=40)


def test_no_card_no_finding() -> None:
    assert find_card(*seen_with(None)) is None
    assert scan_of(None).light.card is None


def wall_of_squares(colors: FloatArray, size: int = 22) -> Photo:
    """Six columns and four rows of squares on black beside an empty picture."""
    pixels = np.full((500, 500, 3), 90, np.uint8)
    for number, colour in enumerate(colors):
        row, column = divmod(number, 6)
        y, x = 60 + row * (size + 8), 280 + column * (size + 8)
        pixels[y - 4 : y + size + 4, x - 4 : x + size + 4] = 10
        pixels[y : y + size, x : x + size] = colour
    return photo(pixels)


def test_a_grid_of_other_colors_is_no_card() -> None:
    known = np.round(255 * srgb_encode(np.clip(LINEAR, 0, 1)))
    near = face(interocular_px=60.0)
    assert find_card(wall_of_squares(known), near) is not None
    shuffled = np.random.default_rng(1).permutation(known)
    assert find_card(wall_of_squares(shuffled), near) is None
    assert find_card(wall_of_squares(np.full((24, 3), 200.0)), near) is None


def test_a_covered_card_is_named_and_not_used() -> None:
    """Fingers over two of six columns: seen, said, and not used in part."""
    card = find_card(*seen_with(replace(TRUE_CARD, covered=0.42)))
    if card is not None:  # too little of it may also not be taken for a card
        assert card.fit is None
        assert card.fault == "covered"


def overexposed() -> Photo:
    """The card in the beam of a lamp that misses the face."""
    corners = found(TRUE_CARD).corners
    (left, top), (right, bottom) = corners.min(axis=0).astype(int) - 8, corners.max(axis=0).astype(int) + 8
    pixels = taken(TRUE_CARD).photo.copy()
    lit = pixels[top:bottom, left:right].astype(np.float64) * 1.9
    pixels[top:bottom, left:right] = np.minimum(lit, 255).astype(np.uint8)
    return photo(pixels)


def test_a_glaring_card_is_named_and_not_used() -> None:
    card = find_card(overexposed(), seen_with(TRUE_CARD)[1])
    assert card is not None
    assert card.fit is None
    assert card.fault == "clipped"


def test_a_card_on_the_edge_of_the_photo_raises_nothing() -> None:
    opened, there = seen_with(TRUE_CARD)
    right = int(find_card(opened, there).corners[:, 0].mean())  # type: ignore[union-attr]
    cut = photo(np.ascontiguousarray(opened.pixels[:, :right]))
    card = find_card(cut, there)
    assert card is None or card.fit is None


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6), step=st.integers(1, 40), high=st.integers(1, 255))
def test_hostile_pictures_raise_nothing(seed: int, step: int, high: int) -> None:
    rng = np.random.default_rng(seed)
    small = rng.integers(0, high + 1, (400 // step + 1, 400 // step + 1, 3)).astype(np.uint8)
    pixels = cv2.resize(small, (400, 400), interpolation=cv2.INTER_NEAREST)
    card = find_card(photo(pixels), face(interocular_px=float(rng.uniform(5, 200))))
    assert card is None or card.fit is None


@real_photos
def test_real_photos_show_no_card() -> None:
    for path in sorted(PHOTOS.glob("*.jpg"))[::4]:
        opened = open_photo(path)
        assert find_card(opened, face(landmarks=_in_the_middle(opened), interocular_px=120.0)) is None


def _in_the_middle(opened: Photo) -> FloatArray:
    return np.full((478, 3), (opened.pixels.shape[1] / 2, opened.pixels.shape[0] / 2, 0), np.float32)


# ---- what it is worth


def test_a_card_makes_the_skin_true() -> None:
    """The camera's cast and curve are in the plain texture and gone from the corrected one."""
    picture = taken(TRUE_CARD)
    opened, there = seen_with(TRUE_CARD)
    skin = load_canonical().skin & picture.valid
    true = linear_srgb(picture.subject.skin.reflectance[skin])

    def error(card: Card | None) -> float:
        texture = unwrap(opened, there, card)
        seen = skin & texture.inside
        rg = [100 * np.log10(np.median(rgb[:, 0] / rgb[:, 1])) for rgb in (texture.rgb[seen], true)]
        return abs(float(rg[0] - rg[1]))

    assert error(find_card(opened, there)) < 0.5 * error(None)


def test_a_card_narrows_intervals_and_is_reported() -> None:
    plain, carded = scan_of(None), scan_of(TRUE_CARD)
    assert plain.light.white_balance.reference != "chart24"
    assert carded.light.white_balance.reference == "chart24"
    for zone in ("forehead", "left_cheek"):
        wide, narrow = (scan.zones[zone].erythema_index for scan in (plain, carded))
        assert narrow.high - narrow.low < 0.9 * (wide.high - wide.low)
    assert plain.tone.lab is not None
    assert carded.tone.lab is not None
    wide, narrow = plain.tone.lab[0], carded.tone.lab[0]
    assert narrow.high - narrow.low < 0.75 * (wide.high - wide.low)
    light = scan_to_dict(carded)["light"]
    assert light["card"]["usable"] is True
    assert light["card"]["residual_de00"] < 2.5
    assert scan_to_dict(plain)["light"]["card"] is None


def test_the_truth_lies_in_the_narrow_intervals() -> None:
    scan, picture = scan_of(TRUE_CARD), taken(TRUE_CARD)
    for zone in ("forehead", "left_cheek", "right_cheek", "chin"):
        mask = load_canonical().zones[zone] & picture.valid
        measure = scan.zones[zone].erythema_index
        assert measure.low <= float(np.median(picture.erythema[mask])) <= measure.high


def test_a_useless_card_is_advised_about_and_changes_nothing_else() -> None:
    scan = Scanner("cpu").scan(np.asarray(overexposed().pixels))
    check = next(check for check in scan.quality.checks if check.name == "colour_card")
    assert not check.ok
    assert check.code == "CARD_UNUSABLE"
    assert check.disables == ()
    assert scan.light.white_balance.reference != "chart24"
    assert "card" in check.advice.en


def test_a_pair_is_compared_by_its_cards_only_if_both_photos_hold_one() -> None:
    plain, carded = scan_of(None), scan_of(TRUE_CARD)
    scanner = Scanner("cpu", identity=False)
    mixed = scanner.compare(plain, carded, allow_copies=True)
    both = scanner.compare(carded, carded, allow_copies=True)
    assert not any(scan.light.white_balance.by_card for scan in (*mixed.before, *mixed.after))
    assert all(scan.light.white_balance.by_card for scan in (*both.before, *both.after))
