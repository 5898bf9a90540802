"""Sheet and parcel card as files: read back by the detector, at true size, the same bytes each time."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from skinscan.cards.layout import COVERAGES, Layout, parcel_layout, sheet_layout
from skinscan.cards.print_run import design_table, load_run
from skinscan.cli.entry_point import run
from skinscan.measure.photo import open_photo
from skinscan.measure.sheet import find_sheet
from skinscan.output.pictures.card import draw_parcel_card, draw_sheet, save_card
from skinscan.types import RgbPixels

DPI = 600


def drawn(path: Path) -> RgbPixels:
    return np.asarray(Image.open(io.BytesIO(path.read_bytes())).convert("RGB"))


def inked(pixels: RgbPixels, layout: Layout) -> list[tuple[float, float]]:
    """Share that each step should have inked, and has."""
    scale = DPI / 25.4
    found = []
    for level, (left, top, width, height) in layout.steps:
        box = pixels[
            round(scale * (top + 0.2 * height)) : round(scale * (top + 0.8 * height)),
            round(scale * (left + 0.2 * width)) : round(scale * (left + 0.8 * width)),
            1,
        ]
        found.append((COVERAGES[level], 1 - float(box.mean()) / 255))
    return found


@pytest.mark.parametrize("what", ["sheet", "parcel"])
def test_what_is_drawn_is_found_and_has_its_steps(what: str, tmp_path: Path) -> None:
    table = tmp_path / "run.csv"
    table.write_text(design_table(21))
    layout = sheet_layout("A6") if what == "sheet" else parcel_layout(21)
    drawing = draw_sheet("A6") if what == "sheet" else draw_parcel_card(load_run(table, measured=False))
    save_card(drawing, tmp_path / "card.png")
    pixels = drawn(tmp_path / "card.png")
    assert pixels.shape[1] / DPI * 25.4 == pytest.approx(layout.width, abs=0.1)
    assert all(abs(wanted - seen) < 0.06 for wanted, seen in inked(pixels, layout))
    card = find_sheet(open_photo(np.ascontiguousarray(pixels[::3, ::3])), None)
    assert card is not None
    assert card.run == (21 if what == "parcel" else None)


def test_pdf_and_svg_have_true_size_and_the_same_bytes(tmp_path: Path) -> None:
    for name in ("card.pdf", "card.svg"):
        save_card(draw_sheet("A5"), tmp_path / name)
        first = (tmp_path / name).read_bytes()
        save_card(draw_sheet("A5"), tmp_path / name)
        assert (tmp_path / name).read_bytes() == first
    svg = (tmp_path / "card.svg").read_text()
    assert 'width="148.00mm"' in svg
    assert "<text" not in svg  # letters are outlines: no font is needed


@pytest.mark.parametrize(
    "arguments",
    [
        ["card", "make", "--out", "card.doc"],
        ["card", "make", "--out", "nowhere/card.pdf"],
        ["card", "patches", "3"],
        ["guide", "--out", "guide.txt"],
        ["scan", "face.jpg", "--white", "1,2,3"],
    ],
)
def test_bad_requests_are_refused_as_usage(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(arguments) == 2
    assert capsys.readouterr().err.startswith("skinscan: ")


def test_the_guide_is_one_page_in_both_languages(tmp_path: Path) -> None:
    assert run(["guide", "--out", str(tmp_path / "guide.html"), "--quiet"]) == 0
    page = (tmp_path / "guide.html").read_text(encoding="utf-8")
    assert page.count('src="data:image/webp;base64,') == 2 * (5 * 2 + 4)
    assert "http" not in page.replace("http-equiv", "")
    assert "停用" in page
    assert "before first use" in page
