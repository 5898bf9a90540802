"""The strict YAML reader on what people and attackers write."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skinscan.texts.strict_yaml import YamlFaultsError, read_yaml

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-999, 999) | st.text("ab 好:#{}[]'\"\\,&*!|>-?%@", max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", max_size=2), inner, max_size=3)
    ),
    max_leaves=12,
)


def faults(text: str) -> list[tuple[int, str]]:
    with pytest.raises(YamlFaultsError) as caught:
        read_yaml(text)
    return caught.value.faults


def test_values_know_their_lines() -> None:
    document = read_yaml("a: 1\nb:\n  - x\n  - {c: 2.5, 'no': null}\n")
    assert document.data == {"a": 1, "b": ["x", {"c": 2.5, "no": None}]}
    assert [document.line(path) for path in ((), ("a",), ("b",), ("b", 1, "c"))] == [1, 1, 2, 4]
    assert document.line(("b", 7, "nothing")) == 2


@given(PLAIN)
def test_what_json_says_is_read_as_json_says_it(data: object) -> None:
    assert read_yaml(json.dumps(data)).data == data


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("a: 1\nb: 2\na: 3\n", 3, 'key "a" is given twice'),
        ("a: &x [1]\nb: *x\n", 2, "aliases are not allowed"),
        ("a: &x {b: *x}\n", 1, "aliases are not allowed"),
        ("&x a: 1\n*x : 2\n", 2, "a key must be a word"),
        ("? [a, b]\n: 1\n", 1, "a key must be a word"),
        ("a: 1\n---\nb: 2\n", 2, "but found another document"),
        ("a: no\n", 1, "no reads as a bool: put it in quotes"),
        ("a: 1\nb: 2026-12-01\n", 2, "2026-12-01 reads as a date: put it in quotes"),
        ("a: !!python/name:os.system x\n", 1, "python/name:os.system are not allowed"),
        ("a: !!int x\n", 1, "tags such as tag:yaml.org,2002:int are not allowed"),
        ('a: 1\nb: !!timestamp "x"\n', 2, "are not allowed"),
        ("a: !!map {b: 1}\n", 1, "are not allowed"),
        ("a: [1\n", 2, ""),
        ("a: 1\nb: \x01\n", 2, "U+0001 may not stand here"),
        ("a: 1\n# \x1b[31m\n", 2, "U+001B may not stand here"),
        ("a: 1\n\nb: \x00\n", 3, "U+0000 may not stand here"),
        ("a: 1:30\n", 1, "1:30 reads as a number: put it in quotes"),
        ("a: " + ":".join(["59"] * 3000), 1, "reads as a number: put it in quotes"),
        ("a: 010\n", 1, "010 reads as a number: put it in quotes"),
        ("a: 0x1F\n", 1, "0x1F reads as a number: put it in quotes"),
        ("a: .inf\n", 1, ".inf reads as a number: put it in quotes"),
        ("a: " + "9" * 5000, 1, "reads as a number: put it in quotes"),
        ("a: 1\nb: 2026-02-30\n", 2, "2026-02-30 reads as a timestamp: put it in quotes"),
        ("a: " + "[" * 3000 + "]" * 3000, 1, "nested too deeply"),
        ("".join(" " * n + "a:\n" for n in range(1200)), 51, "nested too deeply"),
        ("a: [" + "1," * 60_000 + "]", 1, "more than 50,000 values"),
    ],
)
def test_every_fault_has_its_line(text: str, line: int, message: str) -> None:
    found = faults(text)
    assert found[0][0] == line
    assert message in found[0][1]


def test_all_equal_keys_are_found_at_once() -> None:
    assert [line for line, _ in faults("a: 1\na: 2\nb: {c: 1, c: 2}\n")] == [2, 3]


def test_an_empty_text_is_no_data() -> None:
    assert read_yaml("").data is None
    assert read_yaml("# nothing\n").data is None


@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "? "])
def test_no_depth_ends_the_process(opening: str) -> None:
    assert faults(opening * 100_000)


def test_fifty_levels_are_read_and_no_more() -> None:
    assert read_yaml("[" * 50 + "]" * 50).data
    assert faults("[" * 51 + "]" * 51) == [(1, "nested too deeply")]


@given(st.text(max_size=60))
def test_any_text_is_data_or_faults_with_lines(text: str) -> None:
    try:
        read_yaml(text)
    except YamlFaultsError as error:
        assert all(line >= 1 for line, _ in error.faults)  # noqa: PT017  (both ways are right)
