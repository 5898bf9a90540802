import json
from datetime import date
from pathlib import Path
from typing import Any, get_args

import pytest

from skinscan.claims import ReactionClaim, claim_schema, load_claim
from skinscan.claims.consumer_words import find_codes
from skinscan.claims.reported_times import hours_between
from skinscan.claims.tables import STATUSES, read_table
from skinscan.claims.vocabulary import Alarm, Area, Damage, SeriousBox, Sign, Symptom
from skinscan.errors import DataError
from tests.claims.cases import CLEAR_REACTION, changed


def test_words_of_the_report_form_are_taken_in_chinese_english_or_as_codes() -> None:
    for word in ("红斑", "redness", "erythema", " Erythema "):
        claim = load_claim(changed(CLEAR_REACTION, signs=[{"sign": word, "areas": ["颊"]}]))
        assert isinstance(claim, ReactionClaim)
        assert claim.signs[0].sign == "erythema"
        assert claim.signs[0].areas == ("cheek",)


@pytest.mark.parametrize(
    ("group", "codes"),
    [
        ("symptom", Symptom),
        ("sign", Sign),
        ("alarm", Alarm),
        ("damage", Damage),
        ("seriousness", SeriousBox),
        ("area", Area),
    ],
)
def test_vocabulary_table_and_types_agree(group: Any, codes: Any) -> None:
    rows = [row for row in read_table("vocabulary") if row["group"] == group]
    assert {row["code"] for row in rows} == set(get_args(codes))
    for row in rows:
        assert row["zh"]
        assert row["en"]
        assert row["status"] in STATUSES
        assert find_codes(group, row["zh"]) == (row["code"],)


def test_every_bad_field_is_named_at_once_in_one_line() -> None:
    bad = changed(
        CLEAR_REACTION, timeline__onset="yesterday", product__areas=[], symptoms=["sneezing"], color="red"
    )
    with pytest.raises(DataError) as caught:
        load_claim(bad)
    text = str(caught.value)
    assert caught.value.exit_code == 7
    assert "\n" not in text
    for field in ("timeline.onset: give a date", "product.areas: ", "symptoms.0: ", "color: "):
        assert field in text
    assert "reaction." not in text


@pytest.mark.parametrize("kind", [None, "allergy"])
def test_kind_must_be_one_of_three(kind: str | None) -> None:
    with pytest.raises(DataError, match='kind: must be "reaction", "shade" or "texture"'):
        load_claim(changed(CLEAR_REACTION, kind=kind))


def test_received_at_needs_a_zone() -> None:
    with pytest.raises(DataError, match=r"received_at: .*timezone"):
        load_claim(changed(CLEAR_REACTION, received_at="2026-11-20T10:00:00"))


@pytest.mark.parametrize("field", ["received_at", "timeline__onset"])
@pytest.mark.parametrize("year", ["0001", "9999"])
def test_impossible_years_are_refused(field: str, year: str) -> None:
    with pytest.raises(DataError, match="the year must lie between"):
        load_claim(changed(CLEAR_REACTION, **{field: f"{year}-12-31T23:59:59+08:00"}))


@pytest.mark.parametrize("data", [b"", b"\xff\xfe", b"[]", b"{", b'{"kind": NaN}', b"[" * 100_000])
def test_garbage_is_a_bad_claim(data: bytes) -> None:
    with pytest.raises(DataError):
        load_claim(data)


def test_reads_paths_bytes_and_objects_alike(tmp_path: Path) -> None:
    text = json.dumps(CLEAR_REACTION)
    path = tmp_path / "claim.json"
    path.write_text(text, encoding="utf-8")
    assert (
        load_claim(path) == load_claim(str(path)) == load_claim(text.encode()) == load_claim(CLEAR_REACTION)
    )


def test_unreadable_path_says_so(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="Cannot read claim"):
        load_claim(tmp_path / "nothing.json")
    with pytest.raises(DataError, match="limit"):
        load_claim(b" " * 2_000_000)


def test_schema_is_published_with_every_kind() -> None:
    schema = claim_schema()
    assert schema["$id"] == "skinscan.claim/1"
    assert set(schema["discriminator"]["mapping"]) == {"reaction", "shade", "texture"}


def test_a_bare_date_is_a_whole_day() -> None:
    assert hours_between(date(2026, 11, 1), date(2026, 11, 1)) == (-24, 24)
    assert hours_between(date(2026, 11, 1), date(2026, 11, 3)) == (24, 72)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_claim_is_read_with_and_without_a_mark(encoding: str) -> None:
    text = json.dumps(CLEAR_REACTION, ensure_ascii=False)
    assert load_claim(text.encode(encoding)) == load_claim(CLEAR_REACTION)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('{"case_id": "S-1", "case_id": "S-99"}', 'the key "case_id" is given twice'),
        ('{"product": {"sku": 1, "sku": 2}}', 'the key "sku" is given twice'),
        ('{"a": ', "line 1, column"),
        ("[" * 100_000, "nested too deeply"),
        ('{"a": ' + "9" * 5000 + "}", "too many digits"),
    ],
)
def test_a_claim_that_says_two_things_or_none_is_refused_by_name(text: str, fault: str) -> None:
    with pytest.raises(DataError, match=fault):
        load_claim(text.encode())


@pytest.mark.parametrize(
    "field",
    [
        "case_id", "order__id", "product__sku", "product__name", "product__brand", "product__batch",
        "product__ingredients",
    ],
)  # fmt: skip
def test_every_free_text_is_limited(field: str) -> None:
    with pytest.raises(DataError, match=field.replace("__", ".")):
        load_claim(changed(CLEAR_REACTION, **{field: "<" * 20_001}))


@pytest.mark.parametrize("allergies", [["<" * 20_000], ["x"] * 1_000])
def test_allergies_are_limited_as_ingredients_are(allergies: list[str]) -> None:
    with pytest.raises(DataError, match=r"person\.allergies"):
        load_claim(changed(CLEAR_REACTION, person__allergies=allergies))


def test_a_sku_is_what_can_be_seen_of_it() -> None:
    assert load_claim(changed(CLEAR_REACTION, product__sku="LIN-30W\u200b")).product.sku == "LIN-30W"
