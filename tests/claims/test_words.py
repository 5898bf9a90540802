"""The trade's own words: every one maps to a term that exists, and an error helps in its language."""

import json
from typing import Any, cast, get_args

import pytest

from skinscan.claims import ReactionClaim, load_claim
from skinscan.claims.claim import Category, PromiseKind, SkinType, Texture
from skinscan.claims.consumer_words import (
    GROUPS,
    Group,
    find_codes,
    fold,
    labels,
    meanings,
    nearest,
    other_group,
)
from skinscan.claims.tables import read_table
from skinscan.claims.vocabulary import Area, Sign, Symptom
from skinscan.errors import DataError
from tests.claims.cases import CLEAR_REACTION, changed

ROWS = read_table("consumer_words")


def test_every_word_maps_to_a_term_that_exists_and_is_found() -> None:
    for row in ROWS:
        if row["group"] == "unclear":
            for group, code in meanings(row["word"]):
                assert code in labels(group), row
            continue
        group = cast(Group, row["group"])
        assert group in GROUPS
        assert find_codes(group, row["word"]) == tuple(row["codes"].split("|")), row
        assert set(row["codes"].split("|")) <= set(labels(group)), row


def test_there_are_several_hundred_words_in_both_languages() -> None:
    chinese = [row for row in ROWS if not row["word"].isascii()]
    assert len(chinese) > 600
    assert len(ROWS) - len(chinese) > 400


@pytest.mark.parametrize("group", GROUPS)
def test_every_term_has_both_languages_and_is_known_by_each(group: Group) -> None:
    for code, row in labels(group).items():
        assert not row["zh"].isascii()
        assert row["en"].isascii()
        assert all(find_codes(group, word) == (code,) for word in (code, row["zh"], row["en"])), code


@pytest.mark.parametrize(
    ("group", "codes"),
    [
        ("sign", Sign), ("symptom", Symptom), ("area", Area), ("category", Category),
        ("promise", PromiseKind), ("skin_type", SkinType), ("texture", Texture),
    ],
)  # fmt: skip
def test_terms_and_types_agree(group: Group, codes: Any) -> None:
    assert set(labels(group)) == set(get_args(codes))


def test_no_word_stands_twice_in_a_group() -> None:
    folded = [(row["group"], fold(row["word"])) for row in ROWS]
    assert len(folded) == len(set(folded))


@pytest.mark.parametrize(
    ("group", "word", "codes"),
    [
        ("sign", "泛红", ("erythema",)),
        ("sign", "臉紅", ("erythema",)),  # traditional characters
        ("sign", "范红", ("erythema",)),  # the wrong character of the same sound
        ("sign", "有点发红了", ("erythema",)),
        ("sign", "红肿脱皮", ("erythema", "oedema", "scale")),
        ("sign", " Red and FLAKY ", ("erythema", "scale")),
        ("symptom", "干痒", ("itch", "dryness")),
        ("symptom", "很痒、刺痛", ("itch", "burning")),
        ("area", "全脸", ("forehead", "cheek", "nose", "perioral", "chin")),
        ("area", "脸颊和额头", ("cheek", "forehead")),
        ("category", "護臀膏", ("baby_nappy_cream",)),
        ("category", "婴儿面霜", ("baby_cream",)),
        ("category", "洗发沐浴", ("baby_wash",)),
        ("skin_type", "干敏皮", ("dry_sensitive",)),
        ("texture", "卡粉", ("caking",)),
    ],
)
def test_words_as_people_write_them(group: Group, word: str, codes: tuple[str, ...]) -> None:
    assert set(find_codes(group, word)) == set(codes)


@pytest.mark.parametrize(
    ("group", "word"),
    [("symptom", "不痒"), ("sign", "没有红肿"), ("symptom", "no itch"), ("sign", "not red"), ("sign", "")],
)
def test_what_is_denied_or_empty_is_never_found(group: Group, word: str) -> None:
    assert find_codes(group, word) == ()


def test_a_long_text_costs_no_time_and_is_no_word() -> None:
    for unit in ("红", "and ", "了", "very "):
        assert find_codes("sign", unit * 20_000) == ()
        assert nearest("sign", unit * 20_000)


def test_the_claim_of_everyday_words_is_understood() -> None:
    claim = load_claim(
        changed(
            CLEAR_REACTION, product__category="面霜", product__areas=["全脸"], symptoms=["刺痛"],
            signs=[{"sign": "红肿", "areas": ["脸颊"]}], person__skin_type="干敏皮", usage__season="换季",
        )
    )  # fmt: skip
    assert isinstance(claim, ReactionClaim)
    assert (claim.product.category, claim.symptoms) == ("cream", ("burning",))
    assert [(seen.sign, seen.areas) for seen in claim.signs] == [
        ("erythema", ("cheek",)),
        ("oedema", ("cheek",)),
    ]
    assert "forehead" in claim.product.areas
    assert (claim.person.skin_type, claim.usage.season) == ("dry_sensitive", "season_change")
    assert load_claim(json.loads(claim.model_dump_json())) == claim


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("zh", ["symptoms.0：", "不认识“麻酥酥的”", "最接近的是", "请写到“皮损", "没有说明是哪一种表现"]),
        (
            "en",
            ["symptoms.0: ", "“麻酥酥的” is not known", "nearest:", "put it under signs", "which of these"],
        ),
    ],
)
def test_an_unknown_word_is_named_with_the_nearest_in_the_language_asked_for(
    language: Any, told: list[str]
) -> None:
    bad = changed(CLEAR_REACTION, symptoms=["麻酥酥的", "泛红"], signs=[{"sign": "过敏", "areas": ["颊"]}])
    with pytest.raises(DataError) as caught:
        load_claim(bad, language)
    assert [words for words in told if words not in str(caught.value)] == []
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "changes",
    [
        {"timeline__onset": "yesterday"}, {"product__areas": []}, {"color": "red"}, {"kind": "x"},
        {"product__stays_on": "maybe"}, {"person__age": 200}, {"case_id": ""}, {"order__id": "x" * 300},
        {"order__streamer": "13812345678"}, {"product__advertised": [{}]}, {"signs": "红"},
    ],
    ids=str,
)  # fmt: skip
def test_every_fault_of_a_field_is_told_in_chinese(changes: dict[str, Any]) -> None:
    with pytest.raises(DataError) as caught:
        load_claim(changed(CLEAR_REACTION, **changes), "zh")
    assert "Input should" not in str(caught.value)
    assert "内容不符合要求" not in str(caught.value)


def test_a_word_of_another_field_is_recognised() -> None:
    assert other_group("symptom", "泛红") == "sign"
    assert other_group("sign", "刺痛") == "symptom"
    assert other_group("sign", "qwertz") is None


@pytest.mark.parametrize("value", ["13812345678", "+8613812345678", "11010519491231002X", "a.b@example.com"])
@pytest.mark.parametrize("field", ["order__id", "order__channel", "order__streamer"])
def test_an_id_that_finds_a_person_is_refused(field: str, value: str) -> None:
    with pytest.raises(DataError, match="an id of your own"):
        load_claim(changed(CLEAR_REACTION, **{field: value}))
