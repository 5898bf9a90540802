"""Pages: what gets in stays text, nothing gets out, the same input gives the same bytes."""

import dataclasses
import json
import os
import re
import sys
import unicodedata
from collections.abc import Callable
from html import unescape
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import escape

from skinscan.casework import work_case
from skinscan.claims import load_claim, load_policy
from skinscan.claims.claim import ReactionClaim, ShadeClaim, TextureClaim
from skinscan.errors import DeviceError, UsageError
from skinscan.output import report
from skinscan.output.report.change import in_steps, show_pair
from skinscan.output.report.page import Page, make_page
from skinscan.output.report.parts import hex_of
from skinscan.scanner import Scanner
from skinscan.texts.visible_text import visible
from tests.conftest import Run
from tests.faces import scanned
from tests.paths import SAMPLES
from tests.reports import HOSTILE, PAGES, course, hostile_claim, page, red_cheek, text_fields, worked

TEMPLATES = Path(report.__file__).parent / "templates"
TEXTS: dict[str, dict[str, str]] = yaml.safe_load(
    (files("skinscan.texts") / "report.yaml").read_text(encoding="utf-8")
)
MEGABYTE = 1_000_000


# ---- text that cannot be seen


@given(st.text())
def test_nothing_invisible_is_left(text: str) -> None:
    for letter in visible(text):
        assert letter in "\u200c\u200d" or letter.isprintable() or unicodedata.category(letter) == "Zs"
    visible(text).encode("utf-8")


@given(st.text(st.characters(categories=["L", "N", "P", "S"]), max_size=40))
def test_what_can_be_seen_is_left_alone(text: str) -> None:
    assert visible(text) == text


@pytest.mark.parametrize(
    ("given_", "shown"),
    [
        ("a\u202eb", "a⟨U+202E⟩b"),
        ("a\x00\x1b[31m", "a␀␛[31m"),
        ("x\x7f\x9b", "x␡⟨U+009B⟩"),
        ("one\ttwo\nthree", "one two three"),
        ("\ud800", "⟨U+D800⟩"),
        ("e" + "\u0301" * 50, "e" + "\u0301" * 3),
        ("\u2028\ufeff\u200b", "⟨U+2028⟩⟨U+FEFF⟩⟨U+200B⟩"),
        ("👩\u200d⚕️", "👩\u200d⚕️"),
    ],
)
def test_invisible_characters_are_named(given_: str, shown: str) -> None:
    assert visible(given_) == shown


# ---- every text of a claim


@pytest.fixture(scope="module")
def hostile() -> Callable[
    [type[ReactionClaim | ShadeClaim | TextureClaim]], tuple[list[str], tuple[Page, ...]]
]:
    def make(model: type[ReactionClaim | ShadeClaim | TextureClaim]) -> tuple[list[str], tuple[Page, ...]]:
        claim, texts = hostile_claim(model)
        case = work_case(load_claim(claim), folder=SAMPLES, policy=load_policy(), scanner=Scanner("cpu"))
        return texts, report.report_claim(case, replay=["claim", f"{HOSTILE}.json"])

    return make


@pytest.mark.parametrize("model", [ReactionClaim, ShadeClaim, TextureClaim])
def test_every_text_of_a_claim_stays_text(model: Any, hostile: Any) -> None:
    texts, pages = hostile(model)
    board = pages[1].html
    for text in texts:
        assert str(escape(visible(text))) in board, text.split()[0]
    for made in pages:
        assert made.html.count("<script") == 1
        assert "onerror=alert(1)>" not in made.html
        assert "\u202e" not in made.html
        assert "\x07" not in made.html
        assert "49{" not in made.html


def test_the_fields_are_found_by_looking() -> None:
    found = text_fields(ReactionClaim)
    assert len(found) == len(set(found)) >= 15
    known = {"case_id", "order.id", "product.ingredients", "usage.co_used.name", "doctor.other_cause"}
    assert known <= set(found)


def test_a_file_name_stays_text() -> None:
    scan = Scanner("cpu").scan((SAMPLES / "face_light.jpg").read_bytes(), name=HOSTILE)
    made = report.report_scan(scan).html
    assert made.count("<script") == 1
    assert str(escape(visible(scan.photo.name))) in made


def test_an_unknown_name_in_a_template_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    from jinja2 import UndefinedError

    with pytest.raises(UndefinedError):
        make_page("compare", lambda t: {}, "zh")


# ---- the page itself


@pytest.mark.parametrize("name", PAGES)
def test_a_page_asks_for_nothing(name: str) -> None:
    html = page(name).html
    assert re.findall(r"(?:https?:|//)[\w.-]+\.[a-z]{2,}", html) == []
    assert set(re.findall(r'(?:src|href)="([a-z]+:[a-z/]*)', html)) <= {"data:image/webp", "data:"}
    assert "default-src 'none'" in unescape(html)
    assert "unsafe" not in html
    assert " style=" not in html
    assert not re.search(r"\son[a-z]+=", html.split("<script>")[0])


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_small(name: str) -> None:
    assert len(page(name).encode()) < 1.5 * MEGABYTE


def test_the_same_input_gives_the_same_bytes() -> None:
    assert report.report_scan(scanned("face_red_cheek")).encode() == page("scan").encode()
    assert report.report_change(red_cheek()).encode() == page("compare").encode()


def test_the_language_only_chooses_what_is_seen_first() -> None:
    zh, en = page("refused").html, report.report_change(page_change(), "en").html
    assert '<html lang="zh-CN">' in zh
    assert '<html lang="en">' in en
    assert sorted(re.findall(r"<h1.*?</h1>", zh)) == sorted(re.findall(r"<h1.*?</h1>", en))


def page_change() -> Any:
    from skinscan.change.compare import compare

    return compare([scanned("face_medium")], [scanned("face_medium")])


def test_the_first_thing_is_the_verdict() -> None:
    for name, words in (("compare", "照片显示皮肤变红了"), ("refused", "这两张照片不能比较")):
        body = page(name).html.split("<article")[1]
        assert words in body.split("</h1>")[0]


def test_a_warning_comes_before_everything_else() -> None:
    from tests.claims.cases import CLEAR_REACTION, changed

    claim = load_claim(changed(CLEAR_REACTION, photos=[], alarms=["breathing_difficulty"]))
    case = work_case(claim, folder=SAMPLES, policy=load_policy(), scanner=Scanner("cpu"))
    for made in report.report_claim(case):
        for body in made.html.split("<article")[1:]:
            assert body.index('class="alarm"') < body.index("<h1")


def test_colors_of_swatches() -> None:
    assert hex_of(100, 0, 0) == "#ffffff"
    assert hex_of(0, 0, 0) == "#000000"
    assert hex_of(53.24, 80.09, 67.2) == "#ff0000"  # sRGB red in CIELAB, D65
    assert hex_of(50, 200, 0).startswith("#ff00")  # beyond sRGB: the nearest end


# ---- texts


def test_no_text_promises_or_diagnoses() -> None:
    for key, text in TEXTS.items():
        assert not re.search(r"过敏|正常|没有问题|无异常|确诊", text["zh"]), key
        assert not re.search(r"allerg|normal|all clear|nothing wrong|diagnosed|healthy", text["en"], re.I), (
            key
        )


# ---- files


def test_pages_are_written_whole_into_a_new_folder(tmp_path: Path) -> None:
    made = Page(name="a.html", html="<p>ü</p>")
    folder = tmp_path / "new" / "folder"
    assert report.save_pages([made], folder) == [folder / "a.html"]
    assert (folder / "a.html").read_bytes() == made.encode()
    assert [path.name for path in folder.iterdir()] == ["a.html"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_a_usage_error(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(UsageError, match="cannot be written"):
        report.save_pages([Page(name="a.html", html="")], tmp_path / "out")


def test_a_failed_write_leaves_the_old_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    report.save_pages([Page(name="a.html", html="old")], tmp_path)

    def full(self: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(UsageError, match="No space left"):
        report.save_pages([Page(name="a.html", html="new")], tmp_path)
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("a.html", "old")]


def test_without_weasyprint_one_line_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    with pytest.raises(DeviceError, match=r"pip install 'skinscan\[pdf\]'") as caught:
        report.save_pages([page("refused")], tmp_path / "out", pdf=True)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "out").exists()


def test_pdf(tmp_path: Path) -> None:
    try:
        import weasyprint  # noqa: F401
    except (ImportError, OSError):
        pytest.skip("WeasyPrint or Pango is not here")
    first = report.save_pages([page("refused")], tmp_path / "a", pdf=True)
    second = report.save_pages([page("refused")], tmp_path / "b", pdf=True)
    assert [path.name for path in first] == ["compare.html", "compare.pdf"]
    assert first[1].read_bytes().startswith(b"%PDF-")
    assert first[1].read_bytes() == second[1].read_bytes()


# ---- on the command line


def test_scan_writes_its_report(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    code, out, err = run(
        "scan", SAMPLES / "face_red_cheek.jpg", "--device", "cpu", "--report", folder, "--json"
    )
    assert code == 0
    assert out.startswith("{")
    assert err == f"report written to {folder / 'scan.html'}\n"
    assert (folder / "scan.html").read_text(encoding="utf-8").endswith("</html>")


def test_a_refused_comparison_has_a_report_too(run: Run, tmp_path: Path) -> None:
    face = SAMPLES / "face_medium.jpg"
    code, _, err = run("compare", face, face, "--report", tmp_path, "-q")
    assert (code, err.count("\n")) == (4, 1)
    assert "这两张照片不能比较" in (tmp_path / "compare.html").read_text(encoding="utf-8")


def test_claim_writes_both_reports(run: Run, tmp_path: Path) -> None:
    from skinscan.output.records.common import to_json
    from tests.claims.cases import WRONG_SHADE

    claim = tmp_path / "claim.json"
    claim.write_text(to_json(WRONG_SHADE), encoding="utf-8")
    code, _, err = run("claim", claim, "--report", tmp_path / "out", "--lang", "en")
    assert code == 0
    assert re.findall(r"(\w+)\.html", err) == ["consumer", "arbitration"]
    consumer, board = (
        (tmp_path / "out" / f"{name}.html").read_text(encoding="utf-8")
        for name in ("consumer", "arbitration")
    )
    assert "skinscan claim claim.json" in board
    assert not re.search("skinscan claim claim.json|[0-9a-f]{64}", consumer)  # of no use to who complained


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--pdf"], "--pdf goes with --report"),
        (["--report", SAMPLES / "face_dark.jpg"], "is not a folder"),
        (["--report", SAMPLES / "face_dark.jpg" / "below"], "is not a folder"),
    ],
)
def test_a_bad_folder_is_refused_before_any_work(run: Run, options: list[object], said: str) -> None:
    for command in (["scan", "gone.jpg"], ["compare", "gone.jpg", "gone2.jpg"], ["claim", "gone.json"]):
        code, out, err = run(*command, *options)
        assert (code, out, err.count("\n")) == (2, "", 1)
        assert said in err


def test_a_claim_report_says_what_the_verdict_took_from_the_photos() -> None:
    """One red zone counts in a claim, though the mean over the whole area of complaint may show nothing."""
    filed = json.loads((SAMPLES / "claims/clear_reaction_zh/claim.json").read_text(encoding="utf-8"))
    photos = {"before": "face_shiny.jpg", "after": "face_red_cheek.jpg"}
    filed["photos"] = [{"path": path, "role": role} for role, path in photos.items()]
    case = work_case(load_claim(filed), folder=SAMPLES, policy=load_policy(), scanner=Scanner("cpu"))
    assert case.verdict.causality
    assert case.verdict.causality.image == "increase"
    consumer, _ = report.report_claim(case)
    body = consumer.html.split("<article")[1]
    assert "照片显示皮肤变红了" in body
    assert "还不能下结论" not in body
    assert "<strong>左脸颊</strong>：很明显地变红" in body


@pytest.mark.parametrize(
    ("rise", "key"),
    [(0.2, "step faint"), (1.8, "step just"), (-4.0, "step clear"), (7.5, "step strong")],
)
def test_sizes_in_words_follow_the_just_visible_step(rise: float, key: str) -> None:
    assert in_steps(rise) == key


def test_the_largest_change_is_never_talked_small_by_a_mean() -> None:
    change = red_cheek()
    assert change.affected
    cheek = change.zones["left_cheek"].erythema_index
    weak = dataclasses.replace(cheek, delta=0.4)
    area = dataclasses.replace(change.zones["left_cheek"], erythema_index=weak)
    pair = show_pair(dataclasses.replace(change, area=area, area_name="cheeks"))
    assert pair
    assert pair.steps == in_steps(cheek.delta) != "step faint"


def test_doubts_stand_above_the_pictures() -> None:
    doubts = course().points[2].findings
    assert doubts
    change = dataclasses.replace(red_cheek(), findings=doubts)
    made = report.report_change(change).html
    for body in made.split("<article")[1:]:
        reason = getattr(change.findings[0].reason, "zh" if 'lang="zh-CN"' in body[:40] else "en")
        assert body.index(str(escape(reason))) < body.index("<img")
    for body in page("trend").html.split("<article")[1:]:
        assert body.index('class="next"') < body.index("<img")


def test_two_people_are_not_laid_on_each_other() -> None:
    doubtful = dataclasses.replace(worked().image, person="unsure")
    for made in report.report_claim(dataclasses.replace(worked(), image=doubtful)):
        body = made.html.split("<article")[1]
        assert "不能确定照片是同一个人" in body
        assert "<img" not in body
        assert 'class="pair"' not in body


def test_no_map_is_shown_of_a_pair_in_doubt() -> None:
    doubt = dataclasses.replace(course().points[2].findings[0], code="MAYBE_ANOTHER_PERSON", refuses=False)
    change = dataclasses.replace(red_cheek(), verdict="inconclusive", findings=(doubt,))
    body = report.report_change(change).html.split("<article")[1]
    assert "不作判断" in body
    assert "红斑变化图" not in body
    assert "红斑变化图" in page("compare").html


def test_a_course_shows_each_date_and_a_map_where_it_is_compared() -> None:
    body = page("trend").html.split("<article")[1].split("</article>")[0]
    assert body.split("<h1")[1].split("</h1>")[0]
    assert body.count("的面部皮肤，眼部已遮盖") == 3
    assert body.count("较首次的红斑变化图") == 1  # the third date is a copy of the first
    assert body.count("未与首次比较。") == 1
    assert "skinscan trend a_before.jpg a_strong.jpg a_before.jpg --dates" in body


def test_a_shade_page_begins_with_the_verdict_and_a_tryon_page_shows_the_bare_face() -> None:
    shade, tryon = (page(name).html.split("<article")[1] for name in ("shade", "tryon"))
    assert re.search(r"<h1>(不合适|无法判定|合适)", shade)
    assert "skinscan shade face_medium --catalog catalog_foundations.csv --purchased LIN-10C" in shade
    assert tryon.index("素颜的面部皮肤") < tryon.index("试妆图：Linden Silk Veil 10C")
    assert "--sku LIN-10C" in tryon


def test_trend_shade_and_tryon_write_their_reports(run: Run, tmp_path: Path) -> None:
    catalog = SAMPLES / "catalog_foundations.csv"
    face, pair = SAMPLES / "face_medium.jpg", SAMPLES / "pairs"
    for command in (
        ["trend", pair / "a_before.jpg", pair / "a_strong.jpg"],
        ["shade", face, "--catalog", catalog],
        ["tryon", face, "--catalog", catalog, "--sku", "LIN-10C"],
    ):
        told = run(*command, "--device", "cpu", "--report", tmp_path, "--lang", "en", "--json")
        target = tmp_path / f"{command[0]}.html"
        assert (told.code, told.err) == (0, f"report written to {target}\n")
        assert '<html lang="en">' in target.read_text("utf-8")


def test_a_tryon_needs_somewhere_to_draw(run: Run) -> None:
    code, _, err = run("tryon", "gone.jpg", "--catalog", "gone.csv", "--sku", "A")
    assert (code, err.count("\n")) == (2, 1)
    assert "-o PNG, --report DIR" in err


def test_a_page_over_a_batch_shows_skin_from_the_pages_of_its_rows() -> None:
    found = re.findall(r'<meta name="thumbnail" content="(data:image/webp;base64,[^"]+)">', page("scan").html)
    assert len(found) == 1
    assert len(found[0]) < 6000
    assert page("index").html.count('alt="第 0 行的面部皮肤，眼部已遮盖"') == 1
