"""Reports in a real browser: nothing sticks out, nothing is faint, nothing is loaded, all keys work."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from skinscan.casework import work_case
from skinscan.claims import load_claim, load_policy
from skinscan.claims.claim import ReactionClaim
from skinscan.output.report import report_claim
from skinscan.scanner import Scanner
from skinscan.texts.visible_text import visible
from tests.browser import CHROMIUM, Tab, browse
from tests.paths import SAMPLES
from tests.reports import PAGES, hostile_claim, page

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here")

AUDIT = (Path(__file__).parent / "audit.js").read_text(encoding="utf-8")
WIDTHS = (1280, 390)


@pytest.fixture(scope="module")
def tab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tab]:
    with browse(tmp_path_factory.mktemp("profile")) as tab:
        yield tab


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pages")


def saved(name: str, folder: Path) -> Path:
    path = folder / f"{name}.html"
    if not path.exists():
        path.write_bytes(page(name).encode())
    return path


def speak(tab: Tab, language: str) -> None:
    tab.run(f"document.getElementById('language-{language}').click()")


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", PAGES)
def test_a_page_can_be_read(name: str, width: int, tab: Tab, folder: Path) -> None:
    for dark in (False, True):
        tab.open(saved(name, folder), width, dark=dark)
        for language in ("zh", "en"):
            speak(tab, language)
            assert tab.run(AUDIT) == [], (language, dark)
    assert tab.complaints() == []
    assert tab.requests() == []


@pytest.mark.parametrize("name", ["compare", "scan"])
def test_a_page_can_be_read_without_scripts(name: str, tab: Tab, folder: Path) -> None:
    tab.open(saved(name, folder), 390, scripts=False)
    side_by_side = (
        "[...document.querySelectorAll('.body-zh .pair img')].map(i => i.getBoundingClientRect().left)"
    )
    tab("Emulation.setScriptExecutionDisabled", value=False)
    lefts = tab.run(side_by_side)
    assert len(lefts) == (2 if name == "compare" else 0)
    assert len(set(lefts)) == len(lefts)
    assert tab.run("document.querySelector('.pair label')?.checkVisibility() ?? false") is False
    assert tab.run("document.documentElement.scrollWidth") == 390


def test_the_slider_follows_the_keyboard(tab: Tab, folder: Path) -> None:
    tab.open(saved("compare", folder), 1280)
    at = "getComputedStyle(document.querySelector('.body-zh .pair .after img')).clipPath"
    assert "50%" in tab.run(at)
    tab.run("document.querySelector('.body-zh .pair input').focus()")
    for _ in range(10):
        tab.press("ArrowRight", 39)
    assert "60%" in tab.run(at)
    tab.press("Home", 36)
    assert "0%" in tab.run(at)


def test_the_language_is_switched_by_keyboard(tab: Tab, folder: Path) -> None:
    tab.open(saved("compare", folder), 1280)
    tab.run("document.getElementById('language-zh').focus()")
    tab.press("ArrowRight", 39)
    assert tab.run("document.documentElement.lang") == "en"
    assert tab.run("document.title") == "Before and after"
    assert tab.run("document.querySelector('.body-zh').checkVisibility()") is False
    assert tab.run("document.querySelector('.body-en').checkVisibility()") is True


def test_on_paper_both_photos_stand_side_by_side(tab: Tab, folder: Path) -> None:
    tab.open(saved("compare", folder), 1280, dark=True)
    tab.media("print", dark=True)
    boxes = tab.run(
        "[...document.querySelectorAll('.body-zh .pair img')].map(i => "
        "[i.getBoundingClientRect().left, i.getBoundingClientRect().right, getComputedStyle(i).clipPath])"
    )
    (_, right, clip), (left, _, other) = boxes
    assert right <= left
    assert (clip, other) == ("none", "none")
    assert tab.run("getComputedStyle(document.querySelector('main')).backgroundColor") == "rgb(255, 255, 255)"
    assert tab.run("document.querySelector('.languages').checkVisibility()") is False


def test_hostile_text_is_shown_and_not_run(tab: Tab, folder: Path) -> None:
    claim, texts = hostile_claim(ReactionClaim)
    case = work_case(load_claim(claim), folder=SAMPLES, policy=load_policy(), scanner=Scanner("cpu"))
    for made in report_claim(case):
        path = folder / f"hostile_{made.name}"
        path.write_bytes(made.encode())
        tab.open(path, 390)
        assert tab.run(AUDIT) == []
        assert tab.complaints() == []
        assert tab.requests() == []
        assert tab.run("document.scripts.length") == 1
        assert tab.run("[...document.images].every(i => i.src.startsWith('data:'))") is True
    shown = tab.run("document.querySelector('.body-zh').innerText")  # of the board's, the last one
    for text in texts:
        assert visible(text) in shown, text.split()[0]


def test_the_audit_notices(tab: Tab) -> None:
    bad = (
        "<html lang='en'><header class='bar'></header><main><article lang='en'>"
        "<h1 style='color:%23bbb'>faint</h1><div style='width:3000px'>wide</div>"
        "<img src='data:,'><svg></svg><input></article></main>"
    )
    tab.open(f"data:text/html,{bad}", 390)
    said = " ".join(tab.run(AUDIT))
    for fault in ("contrast", "sticks out", "without alt", "does not load", "svg without", "without label"):
        assert fault in said


def test_rows_of_a_batch_are_found_chosen_and_sorted_by_keyboard(tab: Tab, folder: Path) -> None:
    tab.open(saved("index", folder), 1280)
    every = "[...document.querySelectorAll('.body-zh tbody tr')]"
    rows = f"{every}.filter(r => r.checkVisibility()).map(r => r.dataset.index)"
    assert tab.run(rows) == ["0", "1", "2", "3"]
    control = "document.querySelectorAll('.body-zh .controls input, .body-zh .controls select')"
    assert tab.run(f"[...{control}].every(c => c.checkVisibility() && c.tabIndex === 0)") is True

    def choose(number: int, value: str, event: str) -> list[str]:
        act = f"c.value = '{value}'; c.dispatchEvent(new Event('{event}'))"
        tab.run(f"{{ const c = {control}[{number}]; {act} }}")
        shown = tab.run(rows)
        assert isinstance(shown, list)
        return shown

    assert choose(2, "redness -1", "change") == ["1", "0", "2", "3"]
    assert choose(2, "redness 1", "change") == ["0", "1", "2", "3"]
    assert choose(1, "person", "change") == ["3"]
    assert choose(1, "refused", "change") == ["2"]
    assert choose(1, "", "change") == ["0", "1", "2", "3"]
    assert choose(0, "B.JPG", "input") == ["1"]
    assert tab.run("document.querySelector('.body-zh .count').textContent") == "1"


def test_a_zone_on_a_phone_is_two_lines_and_its_chart(tab: Tab, folder: Path) -> None:
    tab.open(saved("scan", folder), 390)
    rows = "[...document.querySelectorAll('.body-zh .dense tbody tr')]"
    tallest = max(tab.run(f"{rows}.map(r => r.getBoundingClientRect().height)"))
    assert tallest < 160
