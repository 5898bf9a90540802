"""What a buyer sees first, and that Chinese pages are Chinese throughout."""

import html
import json
import re
from functools import cache

import pytest

from skinscan.casework import CaseFile, work_case
from skinscan.claims import load_claim, load_policy
from skinscan.claims.help.products import load_products
from skinscan.output.report import report_claim
from skinscan.output.terminal.claim import summarise_case
from skinscan.scanner import Scanner
from tests.paths import SAMPLES
from tests.reports import worked

CASES = ("spots_oily_cream_en", "nappy_cream_zh", "lipstick_lips_zh", "texture_pilling_zh")
WORDS = {
    "skinscan", "default", "WHO", "UMC", "Benjamini", "Hochberg", "JSON", "CPUExecutionProvider",
    "face_landmarker", "skinmaps", "scores", "Bégaud", "SPF", "AHA", "BHA",
}  # fmt: skip
"""Names that have no Chinese form on a page; INCI names stand beside the Chinese ones."""


@cache
def case(name: str) -> CaseFile:
    folder = SAMPLES / "claims" / name
    shop = folder / "products.csv"
    filed = json.loads((folder / "claim.json").read_text(encoding="utf-8"))
    if shop.exists():
        filed["photos"] = []  # what could stand in does not depend on them
    return work_case(
        load_claim(filed),
        folder=folder,
        policy=load_policy(),
        scanner=Scanner("cpu"),
        products=load_products(shop) if shop.exists() else None,
    )


def body(page: str, tag: str) -> str:
    found = re.search(rf'<article lang="{tag}".*?</article>', page, re.DOTALL)
    assert found
    return found[0]


def foreign(page: str) -> set[str]:
    """Latin words of a Chinese body that are not marked as English, code, or somebody's own text."""
    text = body(page, "zh-CN")
    marked = r'<(\w+)[^>]*\blang="en"[^>]*>.*?</\1>|<code>.*?</code>|<pre.*?</pre>|<bdi>.*?</bdi>'
    plain = html.unescape(re.sub(r"<[^>]+>", " ", re.sub(marked, " ", text, flags=re.DOTALL)))
    return set(re.findall(r"[A-Za-zé_]{3,}", plain)) - WORDS


@pytest.mark.parametrize("name", [*CASES, "worked"])
def test_chinese_pages_are_chinese_throughout(name: str) -> None:
    shown = worked() if name == "worked" else case(name)
    consumer, board = report_claim(shown)
    assert foreign(consumer.html) == set()
    inci = {word for found in shown.verdict.ingredients for word in re.findall(r"[A-Za-z]{3,}", found.inci)}
    assert foreign(board.html) - inci == set()


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize(
    ("tag", "heads"),
    [
        ("zh-CN", ("查到了什么", "您可以得到", "还需要您提供")),
        ("en", ("What was found", "What you get", "What we still need")),
    ],
)
def test_a_buyer_sees_found_gets_tonight_and_needed_before_anything_else(
    name: str, tag: str, heads: tuple[str, ...]
) -> None:
    text = body(report_claim(case(name))[0].html, tag)
    first = text[: text.index("<section>\n<h2>" + ("理由" if tag == "zh-CN" else "Why"))]
    assert all(head in first for head in heads)
    care = case(name).verdict.care
    assert care
    tonight = next(line for line in care.lines if line.step in ("stop", "use"))
    assert html.escape(tonight.zh if tag == "zh-CN" else tonight.en, quote=False) in html.unescape(first)


def test_no_shade_of_a_few_per_cent_is_called_the_best() -> None:
    from skinscan.shades import load_catalog

    folder = SAMPLES / "claims" / "shade_none_fits_en"
    shown = work_case(
        load_claim(folder / "claim.json"), folder=folder, policy=load_policy(), scanner=Scanner("cpu"),
        catalog=load_catalog(folder / "catalog.csv"),
    )  # fmt: skip
    assert shown.better_shades
    assert shown.better_shades.shades == ()
    for page in report_claim(shown):
        assert "so none is named" in page.html
        assert "best" not in body(page.html, "en")
    assert "so none is named" in " ".join(summarise_case(shown, "en", 120).split())


def test_products_that_could_stand_in_are_on_both_pages_and_in_the_terminal() -> None:
    shown = case("known_trigger_zh")
    assert shown.replacements
    assert [item.sku for item in shown.replacements.products] == ["cream-20", "cream-21"]
    for page in report_claim(shown):
        assert "无香保湿霜" in page.html
        assert "花香霜" not in page.html
    assert "无香保湿霜" in summarise_case(shown, "zh", 120)


@pytest.mark.parametrize("name", ["child_no_guardian_en", "consent_refused_zh"])
def test_without_consent_no_photo_is_opened(name: str) -> None:
    shown = case(name)
    assert [photo.code for photo in shown.photos] == ["NO_CONSENT"]
    assert not [photo for photo in shown.photos if photo.sha256 or photo.scan]
