"""A Chinese page is Chinese: no English words, no raw codes, on any kind of page."""

import re
from html.parser import HTMLParser

import pytest

from skinscan.output.terminal.scan import summarise
from skinscan.texts.bilingual import Texts, capital
from tests.faces import scanned
from tests.reports import PAGES, page

LATIN = re.compile(r"(?<![#\w])[^\W\d_][\w]*[A-Za-z]\w*")
NAMES = {
    "EI", "MI", "OD", "dE00", "ITA", "Monk", "WHO", "UMC", "JSON", "sRGB", "cm", "cm²", "skinscan",
    "Bégaud", "Benjamini", "Hochberg", "make", "card",
}  # fmt: skip
"""Units, scales and names that Chinese readers of the field write in Latin letters, and one command."""
FOREIGN = ("bdi", "code", "pre")
"""Elements that hold what others wrote or what a machine reads."""
VOID = ("img", "br", "input", "meta", "link")


class _Chinese(HTMLParser):
    """Texts of the Chinese half of a page, those of drawings and pictures too, and what it quotes."""

    def __init__(self) -> None:
        super().__init__()
        self.own, self.quoted = "", ""
        self._open: list[tuple[str, bool, bool]] = []  # element; in the Chinese half; own text

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        _, inside, own = self._open[-1] if self._open else ("", False, True)
        inside = inside or (tag == "article" and said.get("lang") == "zh-CN")
        own = own and tag not in FOREIGN and said.get("lang") in (None, "zh-CN")
        if inside and own:
            self.own += " ".join(said.get(name) or "" for name in ("alt", "aria-label", "data-label")) + " "
        if tag not in VOID:
            self._open.append((tag, inside, own))

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        _, inside, own = self._open[-1] if self._open else ("", False, True)
        if inside and own:
            self.own += data + " "
        elif inside:
            self.quoted += data + " "


def foreign_words(html: str) -> set[str]:
    """Latin words of two letters or more in the Chinese half, but for those that it quotes."""
    parser = _Chinese()
    parser.feed(html)
    assert parser.own
    return set(LATIN.findall(parser.own)) - set(LATIN.findall(parser.quoted))


@pytest.mark.parametrize("name", PAGES)
def test_a_chinese_page_has_no_english(name: str) -> None:
    assert foreign_words(page(name).html) <= NAMES


def test_the_search_notices() -> None:
    html = "<article lang='zh-CN'><p>红 DATA_INVALID</p><img alt='not zh'><code>own</code> own</article>"
    assert foreign_words(html) == {"DATA_INVALID", "not", "zh"}


def test_a_score_has_one_name_on_the_page_and_in_the_terminal() -> None:
    scan = scanned("face_red_cheek")
    for language in ("zh", "en"):
        texts = Texts(language)
        told = summarise(scan, language)
        body = page("scan").html.split(f'class="body-{language}"')[1]
        for name in scan.scores:
            assert texts[name] in told
            assert f"<strong>{capital(texts[name])}</strong>" in body
