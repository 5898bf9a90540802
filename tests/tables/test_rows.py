import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skinscan.tables import decimal, fold_head, lines_of, parse_json, read_table, tidy

ROWS = [{"before": "a.jpg", "after": "b.jpg"}]


def cells(text: str) -> list[dict[str, str]]:
    return [row for _, row in read_table(text).rows if isinstance(row, dict)]


@pytest.mark.parametrize(
    "text",
    [
        "before,after\na.jpg,b.jpg\n",
        "before;after\na.jpg;b.jpg\n",
        "before\tafter\na.jpg\tb.jpg",
        "before|after\ra.jpg|b.jpg\r",
        "sep=,\r\nbefore,after\r\na.jpg,b.jpg\r\n",
        "sep=;\r\nbefore;after\r\na.jpg;b.jpg\r\n",
        '"sep=;"\r\nbefore;after\r\na.jpg;b.jpg\r\n',
        "before, after\na.jpg, b.jpg\n",
        "before,after\n\u200ba.jpg\u00a0,b.jpg\ufeff\n",
        "\n\nbefore,after\na.jpg,b.jpg\n,\n,\n\n",
        "before,after,\na.jpg,b.jpg,\n",
        '"before","after"\n"a.jpg","b.jpg"\n',
    ],
)
def test_tables_are_read_as_they_are_meant(text: str) -> None:
    assert cells(text) == ROWS


def test_a_row_ends_where_the_csv_says() -> None:
    text = 'before,after,note\na,b,itchy\u2028since Monday\nc,d,"two\nlines"\ne,f,\u0085x\n'
    assert [row["before"] for row in cells(text)] == ["a", "c", "e"]
    assert [line for line, _ in read_table(text).rows] == [2, 4, 5]


def test_short_rows_have_empty_cells_and_long_ones_say_so() -> None:
    table = read_table("a,b,c\n1\n1,2,3,\n1,2,3,4\n")
    assert [row for _, row in table.rows[:2]] == [
        {"a": "1", "b": "", "c": ""},
        {"a": "1", "b": "2", "c": "3"},
    ]
    line, fault = table.rows[2]
    assert (line, str(fault)) == (4, "4 cells where the head has 3")


@pytest.mark.parametrize("text", ["", "\n\n", "a,a\n1,2\n", ",\n", 'a,b\n"x,y\n'])
def test_what_is_no_table_is_told(text: str) -> None:
    with pytest.raises(ValueError, match=r"empty|twice|line"):
        read_table(text)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("69,1", "69.1"), ("-8,2", "-8.2"), ("−8.2", "-8.2"), ("69.1", "69.1"), ("1,2,3", "1,2,3"),
        ("", ""), ("a,b", "a,b"),
    ],
)  # fmt: skip
def test_a_decimal_comma_is_a_point(written: str, meant: str) -> None:
    assert decimal(written) == meant


@pytest.mark.parametrize(
    "head", ["Advertised Hex", "advertised_hex", " ADVERTISED-HEX\u200b", "ａdvertised hex"]
)
def test_heads_are_one_whatever_their_case_and_blanks(head: str) -> None:
    assert fold_head(head) == "advertised_hex"


def test_lines_end_at_line_ends_only() -> None:
    assert list(lines_of("a\u2028b\r\n\r\nc\x0bd\re\n")) == ["a\u2028b", "c\x0bd", "e"]


CELL = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.lists(CELL, min_size=3, max_size=3), max_size=6), st.sampled_from(",;\t"))
def test_what_a_csv_writer_wrote_is_read_back(rows: list[list[str]], delimiter: str) -> None:
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=delimiter)
    writer.writerows([["one", "two", "three"], *rows])
    expected = [tidied for row in rows if any(tidied := [tidy(cell) for cell in row])]
    assert [list(row.values()) for row in cells(file.getvalue())] == expected


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('{"a": 1, "b": {"c": 1, "c": 2}}', 'the key "c" is given twice'),
        ('{"a": ', "line 1, column 7"),
        ("[" * 100_000, "nested too deeply"),
        ("9" * 5_000, "too many digits"),
    ],
)
def test_json_that_says_two_things_or_nothing_is_refused(text: str, fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        parse_json(text)


def test_json_with_a_mark_is_json() -> None:
    assert parse_json('\ufeff{"a": [1]}') == {"a": [1]}
