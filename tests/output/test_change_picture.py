"""The sheet of a comparison and its text: what is coloured, hatched, written; that no letter is missing."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from importlib.resources import files

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.change import inject
from skinscan.change.compare import compare
from skinscan.change.types import Change
from skinscan.output.pictures.canvas import COLOR, WIDTH
from skinscan.output.pictures.change import draw_change, laid_on, open_view, paint_change
from skinscan.output.pictures.fonts import fold, typeface
from skinscan.output.terminal.change import summarise_change
from skinscan.texts.bilingual import Language
from skinscan.texts.strict_yaml import read_yaml
from skinscan.types import RgbPixels
from tests.sittings import patch, scanned

CHEEK = patch(0.72, 0.57, 0.08)  # the person's own left, right in the picture


@cache
def redder() -> Change:
    return compare([scanned("home")], [inject(scanned("home_again"), 6 * CHEEK)], "left_cheek,chin")


@cache
def sheet(language: Language) -> RgbPixels:
    return draw_change(redder(), language)


def colored(panel: RgbPixels) -> RgbPixels:
    """Where a picture is not grey."""
    return np.asarray(np.ptp(panel.astype(int), axis=-1) > 24)


def test_color_stands_where_skin_changed_and_nowhere_else() -> None:
    view = open_view(scanned("home"), 504)
    painted = colored(paint_change(redder(), view))
    inside = view.to_photo(CHEEK) > 0.9
    outside = view.to_photo((patch(0.72, 0.57, 0.14) < 0.5).astype(np.float32)) > 0.9
    assert painted[inside].mean() > 0.8
    assert (
        painted[outside].mean() < 0.05
    )  # colour sets in at two sigmas, which chance reaches in one of twenty


def test_the_after_photo_lies_on_the_before_photo() -> None:
    view = open_view(scanned("home"), 504)
    on_mesh = view.column >= 0
    apart = np.abs(laid_on(scanned("home"), scanned("home_again"), view).astype(int) - view.photo)[on_mesh]
    shifted = np.abs(np.roll(view.photo, 20, axis=1).astype(int) - view.photo)[on_mesh]
    assert apart.mean() < shifted.mean()


def test_the_sheet_is_as_wide_as_a_phone_and_ends_with_its_text() -> None:
    languages: tuple[Language, ...] = ("zh", "en")
    for language in languages:
        page = sheet(language)
        assert page.shape[1] == WIDTH
        assert (page[-20:] == 255).all()
        assert (page[-70:-24] < 200).any()


def test_the_headline_has_the_color_of_the_verdict() -> None:
    head = sheet("en")[:80].reshape(-1, 3)
    assert (head == COLOR[redder().verdict]).all(axis=1).any()


def test_a_refused_comparison_has_no_picture() -> None:
    with pytest.raises(ValueError, match="refused"):
        draw_change(compare([scanned("home")], [scanned("home")]))


# ---- text


@pytest.mark.parametrize("width", [60, 80, 100])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_summary_cuts_no_number_and_keeps_its_marks(language: Language, width: int) -> None:
    text = summarise_change(redder(), language, width)
    assert "…" not in text
    for zone in redder().zones.values():
        d = zone.erythema_index
        assert f"{d.delta:+.1f}" in text
        assert f"[{d.low:+.1f}, {d.high:+.1f}]" in text
    assert "▲" in text
    assert "left_cheek" not in text


def test_zones_that_could_not_be_measured_are_named() -> None:
    zones = {name: zone for name, zone in redder().zones.items() if name != "forehead"}
    partly = replace(redder(), zones=zones)
    assert "额头" in summarise_change(partly, "zh").split("未测")[1]


# ---- the font


def test_the_font_has_every_letter_of_the_vocabulary() -> None:
    font = typeface(24)
    box = bytes(font.getmask("\uffff"))  # what is drawn for a letter that is not there
    drawn = [files("skinscan.texts") / f"{name}.yaml" for name in ("names", "screen", "pairs")]
    read = [read_yaml(path.read_text(encoding="utf-8")).data for path in drawn]
    texts = [text for texts in read for pair in texts.values() for text in pair.values()]
    letters = {letter for text in texts for letter in text} - {"\n"}
    missing = {letter for letter in letters if bytes(font.getmask(letter)) == box}
    assert bytes(font.getmask("\u9f98")) == box  # a rare one, to be sure that the test can fail
    assert missing == set()


def test_chinese_letters_are_drawn_apart() -> None:
    glyphs = {bytes(typeface(24).getmask(letter)) for letter in "脸颊额头鼻部下巴"}
    assert len(glyphs) == 8


@given(st.text(alphabet="abc 变红。，（）x1", max_size=60), st.integers(60, 400))
def test_folding_loses_nothing(text: str, width: int) -> None:
    lines = fold(text, 20, width)
    assert "".join("".join(lines).split()) == "".join(text.split())
    longest = max((len(word) for word in text.replace("。", " ").split()), default=0)
    for line in lines:
        assert typeface(20).getlength(line) <= width or len(line) <= max(longest, 8)
