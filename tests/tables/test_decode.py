import codecs

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skinscan.errors import DataError
from skinscan.tables import decode

WORDS = {
    "gb18030": "粉底液 遮瑕膏 丝绒 花西子 完美日记 珀莱雅 自然 象牙白 小麦色 哑光 唇釉 豆沙 橘色 照片 防晒",
    "cp950": "絲絨 粉底液 遮瑕膏 氣墊 水光 象牙白 小麥色 霧面 唇釉 豆沙 使用後 保濕 防曬 修護 檀木 蜜桃",
    "cp932": "ファンデーション リップ カネボウ ナチュラル ベージュ 明るい 自然な 口紅 化粧水 しっとり",
    "cp949": "쿠션 파운데이션 립스틱 내추럴 베이지 핑크 아이보리 라네즈 설화수 이니스프리 촉촉한 피부",
    "cp1252": "Élise Légère Crème Lumière Rosé Pêche Schön Größe Señora Piña Naïve L’Oréal Beige® Brûlée",
}
NEVER = "Крем для лица|Пудра компактная|Κρέμα προσώπου ενυδάτωση"


def table(words: list[str]) -> str:
    return "sku,brand,shade\n" + "".join(f"A{n},{word},{n}\n" for n, word in enumerate(words))


def read_or_refused(text: str, encoding: str) -> str:
    try:
        return decode(text.encode(encoding), "c.csv").text
    except DataError as error:
        return "refused" if "UTF-8" in error.advice else str(error)


@pytest.mark.parametrize("encoding", WORDS)
def test_a_table_in_an_encoding_of_the_trade_is_read_as_it_was_written(encoding: str) -> None:
    text = table(WORDS[encoding].split())
    found = decode(text.encode(encoding), "c.csv")
    assert (found.text, found.encoding, found.guessed) == (text, encoding, True)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(sorted(set(WORDS) - {"cp949"})), st.data())
def test_a_guess_is_right_or_not_made(encoding: str, data: st.DataObject) -> None:
    """Never noise: for any handful of words the text comes back, or is refused with what to do."""
    text = table(data.draw(st.lists(st.sampled_from(WORDS[encoding].split()), min_size=1, max_size=12)))
    assert read_or_refused(text, encoding) in (text, "refused")


@pytest.mark.parametrize(
    ("words", "encoding"),
    list(zip(NEVER.split("|"), ("cp1251", "cp1251", "cp1253"), strict=True)),
)
def test_encodings_that_are_not_known_are_refused_and_can_be_named(words: str, encoding: str) -> None:
    text = table(words.split())
    with pytest.raises(DataError, match="not clear"):
        decode(text.encode(encoding), "c.csv")
    assert decode(text.encode(encoding), "c.csv", encoding).text == text


@pytest.mark.parametrize("mark", [codecs.BOM_UTF8, b""])
def test_utf8_with_and_without_a_mark(mark: bytes) -> None:
    assert decode(mark + "照片,ü\n".encode(), "c").text == "照片,ü\n"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_wide_encodings_are_read_marked_or_not(encoding: str) -> None:
    text = table(["Élise", "照片"])
    assert decode(text.encode(encoding), "c").text == text


def test_two_letters_of_gbk_that_are_utf8_by_chance_are_not_taken_for_it() -> None:
    text = table(["檀木"])
    assert "檀木".encode("gb18030").decode("utf-8")  # it decodes, into a tilde on nothing and a Slovak l
    assert read_or_refused(text, "gb18030") in (text, "refused")


@pytest.mark.parametrize(
    ("data", "line"), [(b"a,b\n1,\x002\n", 2), (b"\x01", 1), (b"a\nb\n\x7f", 3), (b"x\x08y", 1)]
)
def test_control_characters_are_told_by_line(data: bytes, line: int) -> None:
    with pytest.raises(DataError, match=f"line {line} has"):
        decode(data, "c.csv")


@pytest.mark.parametrize("encoding", ["klingon", "rot13", "hex", "utf-8\0"])
def test_what_is_no_encoding_is_refused_by_name(encoding: str) -> None:
    with pytest.raises(DataError):
        decode(b"a,b\n1,2\n", "c.csv", encoding)


def test_an_encoding_that_does_not_fit_is_refused() -> None:
    with pytest.raises(DataError, match="is not in utf-8"):
        decode(b"\xff", "c.csv", "utf-8")


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_are_text_or_a_data_error(data: bytes) -> None:
    try:
        text = decode(data, "c").text
    except DataError:
        return
    assert "\0" not in text


@pytest.mark.parametrize("name", ["象牙白", "自然色", "暖米", "豆沙", "肉桂", "枫叶红", "口红", "粉底液"])
def test_one_name_of_a_shade_is_enough_to_tell_gbk(name: str) -> None:
    found = decode(f"sku,shade\nA1,{name}\n".encode("gbk"), "a.csv")
    assert (found.text.split(",")[-1].strip(), found.guessed) == (name, True)


@pytest.mark.parametrize(("name", "encoding"), [("한국", "cp949"), ("標準", "euc_jp"), ("白", "euc_jp")])
def test_a_few_characters_that_nobody_writes_are_no_reading(name: str, encoding: str) -> None:
    """As GBK they would be 茄惫, 筛洁 and 球."""
    try:
        found = decode(f"sku,shade\nA1,{name}\n".encode(encoding), "a.csv")
    except DataError as error:
        assert "not clear" in error.message  # noqa: PT017
    else:
        assert name in found.text
